"""CloudEvents 1.0 as it comes off the wire: structured and binary mode, over HTTP and over Kafka.

Only what CNCF says stands here; the NL GOV profile and our own messages are in ``envelop``.
An explanation never repeats what a sender wrote, because it ends up in logs.
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from .strikt import lees_json

MAX_BYTES = 65_536
"""What every intermediary must forward (NL GOV profile, Size Limits)."""

Kopregels = Mapping[str, str] | Sequence[tuple[str, bytes]]
"""Header lines: a mapping as HTTP frameworks give them, or pairs as Kafka clients do."""

_GESTRUCTUREERD = "application/cloudevents"
_KERN = {"specversion", "id", "source", "type"}
_OVERIG = {"subject", "time", "datacontenttype", "dataschema", "dataref"}
_UITBREIDING = {"sequence", "partitionkey", "traceparent", "tracestate"}
_TEKSTKENMERKEN = frozenset(_KERN | _OVERIG | _UITBREIDING)
_NAAM = re.compile(r"[a-z0-9]+")
_VERBODEN_TEKENS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_JSON_SOORT = re.compile(r"(application|text)/([a-z0-9.!#$&^_-]+\+)?json\s*(;.*)?", re.IGNORECASE)


class Leesfout(StrEnum):
    """Why a message cannot be read: the code under which it is parked."""

    RECORD_ONLEESBAAR = "record-onleesbaar"
    TE_GROOT = "te-groot"
    GEEN_JSON = "geen-json"
    GEEN_CLOUDEVENT = "geen-cloudevent"
    VERKEERDE_BRON = "verkeerde-bron"
    VERKEERDE_SLEUTEL = "verkeerde-sleutel"
    ONBEKEND_TYPE = "onbekend-type"
    NIEUWERE_VERSIE = "nieuwere-versie"
    ONGELDIGE_INHOUD = "ongeldige-inhoud"
    GEEN_EIGENAAR = "geen-eigenaar"


class OnleesbaarBericht(Exception):
    """A message that cannot be read, with a code for machines and an explanation for people."""

    def __init__(self, code: Leesfout, uitleg: str) -> None:
        super().__init__(f"{code}: {uitleg}")
        self.code = code
        self.uitleg = uitleg


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """The attributes as text; ``data`` is the JSON value, or bytes where it is not JSON."""

    attributen: Mapping[str, str]
    data: Any


def ontleed(kopregels: Kopregels, body: bytes) -> CloudEvent:
    """Read one CloudEvent. ``content-type`` decides the mode; repeated ``ce_`` headers do not."""
    koppen = dict(_eigen_koppen(kopregels))
    soort = koppen.pop("content-type", "").strip()
    if is_kaal(soort, koppen, body):
        soort = f"{_GESTRUCTUREERD}+json"
    gestructureerd = soort.casefold().startswith(_GESTRUCTUREERD)
    omvang = 0 if gestructureerd else sum(len(k) + len(w.encode()) for k, w in koppen.items())
    if omvang + len(body) > MAX_BYTES:
        raise OnleesbaarBericht(Leesfout.TE_GROOT, f"een bericht is hoogstens {MAX_BYTES} bytes")
    gebeurtenis = _gestructureerd(soort, body) if gestructureerd else _binair(soort, koppen, body)
    _keur_attributen(gebeurtenis.attributen)
    return gebeurtenis


def is_kaal(soort: str, koppen: Iterable[str], body: bytes) -> bool:
    """Whether this is a whole event to which nobody added what it is.

    CNCF leaves it open; a JSON text that says which version of CloudEvents it follows is read so.
    ``koppen`` are the attributes that stand in headers.
    """
    return not soort and not any(koppen) and b'"specversion"' in body


def is_json(datacontenttype: str | None) -> bool:
    """Whether the data are JSON; without a media type they are, says the JSON event format."""
    return datacontenttype is None or _JSON_SOORT.fullmatch(datacontenttype.strip()) is not None


def _als_json(body: bytes) -> Any:
    try:
        return lees_json(body)
    except ValueError as fout:
        raise OnleesbaarBericht(
            Leesfout.GEEN_JSON, "de inhoud is geen eenduidige JSON in UTF-8"
        ) from fout


def _eigen_koppen(kopregels: Kopregels) -> Iterator[tuple[str, str]]:
    """Yield content-type and the attributes that stand in headers, each under its plain name."""
    gezien = set()
    for kop, waarde in kopregels.items() if isinstance(kopregels, Mapping) else kopregels:
        kleine_kop = kop.lower()
        if kleine_kop != "content-type" and not kleine_kop.startswith(("ce_", "ce-")):
            continue
        naam = kleine_kop if kleine_kop == "content-type" else kleine_kop[3:]
        if naam in gezien:
            raise _geen_cloudevent("een kopregel staat er twee keer")
        gezien.add(naam)
        try:
            tekst = waarde if isinstance(waarde, str) else waarde.decode()
            yield naam, _uit_http(tekst) if kleine_kop.startswith("ce-") else tekst
        except UnicodeDecodeError as fout:
            raise _geen_cloudevent("een kopregel is geen UTF-8") from fout


def _uit_http(waarde: str) -> str:
    """Undo quoting and percent-encoding (HTTP binding, 3.1.3.2); Kafka knows neither."""
    if len(waarde) > 1 and waarde[0] == waarde[-1] == '"':
        waarde = re.sub(r"\\(.)", r"\1", waarde[1:-1])
    return unquote(waarde, errors="strict")


def _gestructureerd(soort: str, body: bytes) -> CloudEvent:
    if soort.partition(";")[0].strip().casefold() != f"{_GESTRUCTUREERD}+json":
        raise _geen_cloudevent("alleen application/cloudevents+json, een gebeurtenis per bericht")
    inhoud = _als_json(body)
    if not isinstance(inhoud, dict):
        raise _geen_cloudevent("de inhoud is geen JSON-object")
    attributen = dict(_attributen_uit(inhoud))
    if "data_base64" not in inhoud:
        return CloudEvent(attributen, inhoud.get("data"))
    if "data" in inhoud:
        raise _geen_cloudevent("data en data_base64 sluiten elkaar uit")
    try:
        rauw = base64.b64decode(inhoud["data_base64"], validate=True)
    except (ValueError, TypeError) as fout:
        raise _geen_cloudevent("data_base64 is geen base64") from fout
    return CloudEvent(attributen, _data_uit(rauw, attributen.get("datacontenttype")))


def _binair(soort: str, attributen: Mapping[str, str], body: bytes) -> CloudEvent:
    if not attributen:
        raise _geen_cloudevent("geen content-type application/cloudevents+json en geen ce-koppen")
    if "datacontenttype" in attributen:
        raise _geen_cloudevent("datacontenttype hoort in binaire vorm in content-type")
    if soort:
        attributen = {**attributen, "datacontenttype": soort}
    return CloudEvent(attributen, _data_uit(body, soort or None))


def _data_uit(rauw: bytes, datacontenttype: str | None) -> Any:
    if not is_json(datacontenttype):
        return rauw
    return _als_json(rauw) if rauw else None


def _attributen_uit(inhoud: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the attributes that are set; a name or kind of value CloudEvents lacks is ignored."""
    for naam, waarde in inhoud.items():
        if waarde is None or not _NAAM.fullmatch(naam) or naam == "data":
            continue
        if isinstance(waarde, str):
            yield naam, waarde
        elif naam in _TEKSTKENMERKEN:
            raise _geen_cloudevent(f"{naam} is geen tekst")
        elif isinstance(waarde, int):  # bool too: both have a canonical text in CloudEvents
            yield naam, str(waarde).lower()


def _keur_attributen(attributen: Mapping[str, str]) -> None:
    if attributen.get("specversion") != "1.0":
        raise _geen_cloudevent("specversion is niet 1.0")
    for naam in ("id", "source", "type"):
        if naam not in attributen:
            raise _geen_cloudevent(f"{naam} ontbreekt")
    for naam in sorted(_TEKSTKENMERKEN & attributen.keys()):
        if not attributen[naam]:
            raise _geen_cloudevent(f"{naam} is leeg")
    if any(_VERBODEN_TEKENS.search(waarde) for waarde in attributen.values()):
        raise _geen_cloudevent("een attribuut bevat een stuurteken")


def _geen_cloudevent(uitleg: str) -> OnleesbaarBericht:
    return OnleesbaarBericht(Leesfout.GEEN_CLOUDEVENT, uitleg)
