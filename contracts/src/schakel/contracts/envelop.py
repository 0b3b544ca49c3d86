"""The envelope of every public message: CloudEvents 1.0, NL GOV profile 1.1, structured JSON (D6).

Written strictly: ``verpak`` gives the same bytes for the same input, whatever the settings, so one
byte string is what is stored, sent, signed and audited. Read tolerantly: ``lees`` takes both modes,
keeps extensions that it does not know, and needs no more than the profile does.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

import msgspec
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    StringConstraints,
    ValidationError,
)

from .catalogus import CATALOGUS, VAN_GRENS, berichten_van
from .cloudevents import MAX_BYTES, Kopregels, Leesfout, OnleesbaarBericht, is_json, ontleed
from .feit import Feit
from .organisatie import OIN, Oin
from .snelschrift import als_tekst

CONTENT_TYPE = "application/cloudevents+json; charset=UTF-8"

_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_BRON = rf"urn:nld:oin:{OIN}:systeem:[a-z0-9-]+"
_TRACEPARENT = r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"
_VOLGNUMMER = r"[0-9]{20}"
_HEEL = len('"2026-11-30T12:34:56.123456Z"')
_SCHRIJF = msgspec.json.Encoder().encode

# What others may write: the profile lets a system name have capitals, and RFC 3339 any offset.
_VREEMDE_BRON = re.compile(rf"urn:nld:oin:({OIN}):systeem:[A-Za-z0-9._~%-]+")
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII
)


def _bestaand_tijdstip(tijdstip: str) -> str:
    datetime.fromisoformat(tijdstip)
    return tijdstip


class Envelop(BaseModel):
    """A whole event as we write it: each attribute with the rule of the profile and of D6."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    specversion: Literal["1.0"]
    id: Annotated[str, StringConstraints(pattern=rf"^{_UUID}\.[1-9][0-9]*$")]
    source: Annotated[str, StringConstraints(pattern=f"^{_BRON}$")]
    type: Annotated[
        str, StringConstraints(pattern=r"^nl(\.[a-z0-9]+(-[a-z0-9]+)*){2,}\.v[1-9][0-9]*$")
    ]
    subject: Annotated[str, StringConstraints(pattern=f"^{_UUID}$")]
    time: Annotated[
        str,
        StringConstraints(
            pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$"
        ),
        AfterValidator(_bestaand_tijdstip),
    ]
    """When the event was logged; the real-world time stands in the data."""
    datacontenttype: Literal["application/json"]
    sequence: Annotated[str, StringConstraints(pattern=f"^{_VOLGNUMMER}$")]
    """Rising per source, with gaps; never a count."""
    partitionkey: Annotated[str, StringConstraints(pattern=f"^{_UUID}$")]
    """The first melding of the tree; also the key of the Kafka record."""
    traceparent: Annotated[str, StringConstraints(pattern=f"^{_TRACEPARENT}$")] | None = None
    tracestate: Annotated[str, StringConstraints(pattern=r"^[!-~ ]{1,512}$")] | None = None
    data: dict[str, Any]


def bron_van(oin: Oin, systeem: str) -> str:
    """The ``source`` of a system of an organisation; ValueError if either is not well formed."""
    bron = f"urn:nld:oin:{oin}:systeem:{systeem}"
    return _gekeurd(bron, _BRON, "bron: een OIN heeft 20 cijfers, een systeem kleine letters")


def oin_van(bron: str) -> Oin:
    """The OIN of the organisation that a ``source`` names; ValueError if it names none."""
    gevonden = _VREEMDE_BRON.fullmatch(bron)
    if gevonden is None:
        raise ValueError("bron noemt geen OIN")
    return gevonden.group(1)


def schrijf_tijdstip(tijdstip: datetime) -> str:
    """The ``time`` of an event: always in UTC, always six digits."""
    geschreven = _SCHRIJF(tijdstip)  # the quickest way there is; without a part of a second, none
    if len(geschreven) == _HEEL and geschreven.endswith(b'Z"'):
        return geschreven[1:-1].decode()
    return f"{tijdstip.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def verpak(
    feit: Feit, *, bron: str, volgnummer: int, tijdstip: datetime, traceparent: str | None = None
) -> bytes:
    """Give the one byte string of this message. ValueError if it cannot be a proper event.

    Its ``id`` is one per melding and versie, so that a repeat has the same.
    The text is put together by hand because a relay does little else; nothing needs escaping,
    because every attribute is checked against a pattern or is made here. ``Envelop`` accepts all
    that comes out (a test holds the two together).
    """
    if not 0 < volgnummer < 10**20:
        raise ValueError("volgnummer past niet in 20 cijfers")
    if tijdstip.tzinfo is None:
        raise ValueError("tijdstip heeft geen tijdzone")
    melding_id, spoor = als_tekst(feit.melding_id), ""
    is_eerste = feit.wortel_id == feit.melding_id
    if traceparent is not None:
        spoor = f'"traceparent":"{_gekeurd(traceparent, _TRACEPARENT, "traceparent")}",'
    bericht = (
        f'{{"specversion":"1.0","id":"{melding_id}.{feit.versie}",'
        f'"source":"{_gekeurde_bron(bron)}","type":"{feit.type}",'
        f'"subject":"{melding_id}","time":"{schrijf_tijdstip(tijdstip)}","datacontenttype":"application/json",'
        f'"sequence":"{volgnummer:020d}",'
        f'"partitionkey":"{melding_id if is_eerste else als_tekst(feit.wortel_id)}",{spoor}"data":'
    ).encode() + b"%b}" % feit.in_json()
    if len(bericht) > MAX_BYTES:
        raise ValueError(f"bericht is {len(bericht)} bytes; hoogstens {MAX_BYTES}")
    return bericht


@dataclass(frozen=True, slots=True)
class Ontvangen:
    """An event as it was read: what the profile leaves open may be absent."""

    id: str
    source: str
    type: str
    subject: str | None
    time: datetime | None
    sequence: str | None
    partitionkey: str | None
    traceparent: str | None
    tracestate: str | None
    uitbreidingen: Mapping[str, str]
    """The attributes that this version does not know, as they came."""
    data: Mapping[str, Any]

    @property
    def oin(self) -> Oin:
        """The organisation that says so."""
        return oin_van(self.source)

    @property
    def volgnummer(self) -> int | None:
        """The producer's own order, if it wrote one that can be compared."""
        if self.sequence is None or not re.fullmatch(_VOLGNUMMER, self.sequence):
            return None
        return int(self.sequence)


def lees(
    kopregels: Kopregels,
    body: bytes,
    sleutel: bytes | None = None,
    *,
    verwachte_bron: str | None = None,
) -> Ontvangen:
    """Read one event of the profile; OnleesbaarBericht says what is wrong with any other.

    ``sleutel`` is the key of a Kafka record and must be the partitionkey; ``verwachte_bron`` is the
    only writer of the topic or the partner that was authenticated (D12).
    """
    gebeurtenis = ontleed(kopregels, body)
    attributen = dict(gebeurtenis.attributen)
    del attributen["specversion"]
    _keur_bron(attributen["source"], verwachte_bron)
    partitionkey = attributen.get("partitionkey")
    if None not in (sleutel, partitionkey) and sleutel != str(partitionkey).encode():
        raise OnleesbaarBericht(
            Leesfout.VERKEERDE_SLEUTEL, "de sleutel van het bericht is niet zijn partitionkey"
        )
    if not is_json(attributen.pop("datacontenttype", None)):
        raise OnleesbaarBericht(Leesfout.GEEN_JSON, "datacontenttype is geen JSON")
    if not isinstance(gebeurtenis.data, dict):
        raise _ongeldig("data", "is geen JSON-object")
    return Ontvangen(
        id=attributen.pop("id"),
        source=attributen.pop("source"),
        type=attributen.pop("type"),
        subject=attributen.pop("subject", None),
        time=_tijdstip(attributen.pop("time", None)),
        sequence=attributen.pop("sequence", None),
        partitionkey=attributen.pop("partitionkey", None),
        traceparent=attributen.pop("traceparent", None),
        tracestate=attributen.pop("tracestate", None),
        uitbreidingen=attributen,
        data=gebeurtenis.data,
    )


def feit_uit(bericht: Ontvangen) -> Feit:
    """The message in an event. What the envelope says about it must be what the data say."""
    feit = feit_van(bericht.type, json.dumps(bericht.data, ensure_ascii=False).encode())
    if bericht.subject not in (None, str(feit.melding_id)):
        raise _ongeldig("subject", "is niet data.meldingId")
    if bericht.partitionkey not in (None, str(feit.wortel_id)):
        raise _ongeldig("partitionkey", "is niet data.wortelId")
    return feit


def feit_van(type_: str, data: bytes) -> Feit:
    """The message of this type in these JSON bytes; unknown fields are ignored."""
    klasse = CATALOGUS.get(type_)
    if klasse is None:
        raise _onbekend(type_)
    try:
        feit = klasse.model_validate_json(data, strict=True)
    except ValidationError as fout:
        eerste = fout.errors(include_input=False, include_url=False)[0]
        pad = ".".join(("data", *map(str, eerste["loc"])))
        reden = "ontbreekt" if eerste["type"] == "missing" else f"is ongeldig ({eerste['type']})"
        raise _ongeldig(pad, reden) from None  # the original quotes what was sent
    if klasse not in berichten_van(feit.proces) and klasse not in VAN_GRENS:
        raise _ongeldig("data.proces", "zegt dit niet: het bericht hoort bij een ander proces")
    return feit


@lru_cache(maxsize=64)
def _gekeurde_bron(bron: str) -> str:
    """A process writes under one source only."""
    return _gekeurd(bron, _BRON, "bron")


def _gekeurd(waarde: str, patroon: str, naam: str) -> str:
    if not re.fullmatch(patroon, waarde):
        raise ValueError(f"{naam} is niet goed gevormd")
    return waarde


def _keur_bron(bron: str, verwacht: str | None) -> None:
    if not _VREEMDE_BRON.fullmatch(bron):
        raise OnleesbaarBericht(
            Leesfout.VERKEERDE_BRON, "source is geen urn:nld:oin:<20 cijfers>:systeem:<naam>"
        )
    if verwacht is not None and bron != verwacht:
        raise OnleesbaarBericht(
            Leesfout.VERKEERDE_BRON, f"source is niet {verwacht}, de enige die hier schrijft"
        )


def _tijdstip(tekst: str | None) -> datetime | None:
    if tekst is None:
        return None
    try:
        if _RFC3339.fullmatch(tekst):
            return datetime.fromisoformat(tekst.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise OnleesbaarBericht(Leesfout.GEEN_CLOUDEVENT, "time is geen tijdstip volgens RFC 3339")


def _onbekend(type_: str) -> OnleesbaarBericht:
    naam, _, versie = type_.rpartition(".v")
    bekend = [int(t.rpartition(".v")[2]) for t in CATALOGUS if t.rpartition(".v")[0] == naam]
    if bekend and re.fullmatch("[1-9][0-9]{0,8}", versie) and int(versie) > max(bekend):
        uitleg = f"{naam} is hier bekend tot en met v{max(bekend)}; dit is v{versie}"
        return OnleesbaarBericht(Leesfout.NIEUWERE_VERSIE, uitleg)
    return OnleesbaarBericht(Leesfout.ONBEKEND_TYPE, "dit type staat niet in de catalogus")


def _ongeldig(veld: str, reden: str) -> OnleesbaarBericht:
    return OnleesbaarBericht(Leesfout.ONGELDIGE_INHOUD, f"{veld} {reden}")
