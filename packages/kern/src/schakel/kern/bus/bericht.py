"""A message as the inbox sees it: the envelope decoded, the data still raw.

The published envelope is a pydantic model in the contracts; this msgspec struct reads the same
structured JSON on the hot path. A test holds the two against each other. Binary mode is rare and
left to the contracts' own reader.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from schakel.contracts import gelijkheid
from schakel.contracts.cloudevents import (
    MAX_BYTES,
    Leesfout,
    OnleesbaarBericht,
    is_kaal,
    ontleed,
)
from schakel.contracts.decoders import decoder_van, zet_om

_GESTRUCTUREERD = b"application/cloudevents+json"
KOPPEN = (("content-type", _GESTRUCTUREERD + b"; charset=UTF-8"),)
"""The headers of every message that we write: the structured mode of CloudEvents."""
TYPE_KOP = "ce_type"


@lru_cache(maxsize=1_024)
def koppen_van(type_: str) -> tuple[tuple[str, bytes], ...]:
    """The same, and the type beside it: who has nothing to do with it does not read the rest."""
    return (*KOPPEN, (TYPE_KOP, type_.encode()))


def is_van_type(koppen: Sequence[tuple[str, bytes | None]], typen: frozenset[bytes]) -> bool:
    """Whether a record with these headers says of itself to be of one of these types."""
    for naam, waarde in koppen:  # noqa: SIM110 - all that comes in is asked this
        if naam == TYPE_KOP and waarde in typen:
            return True
    return False


_TYPE = re.compile(r"^(?P<naam>[a-z0-9.-]+)\.v(?P<versie>[1-9][0-9]*)$")
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_PLAATS = re.compile(r"at `\$?(?P<pad>[^`]*)`")
Kenmerk = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
"""An attribute; that no control character is in it is looked at for all of them at once."""
_STUURTEKEN = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record of the bus: its number in the source, key, headers and bytes.

    ``mis`` says why the bus could not open it; the bytes are then all of it, as they came.
    """

    nummer: int
    sleutel: bytes | None
    koppen: tuple[tuple[str, bytes], ...]
    waarde: bytes
    mis: str | None = None
    toegevoegd: int | None = None
    """When the bus took it in, in ms since 1970 by its own clock; None of one that does not say."""


class Levering(msgspec.Struct, frozen=True):
    """Records of one source (a topic and partition) in order, and who may write there.

    ``merk`` tells a source from one of the same name that was made anew: numbers begin again there.
    """

    bron: str
    schrijver: str
    records: Sequence[Record]
    merk: str = ""
    overgeslagen: int = 0
    """How many more there were, before the last of these, of types that were not asked for."""

    @property
    def positienaam(self) -> str:
        """Under which name is recorded how far this source was handled."""
        return f"{self.bron}@{self.merk}" if self.merk else self.bron


class Bericht(msgspec.Struct, frozen=True, gc=False):
    """A CloudEvent of which only the envelope was read."""

    id: Kenmerk
    source: Kenmerk
    type: Kenmerk
    specversion: str
    subject: Kenmerk
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    partitionkey: Kenmerk
    data: msgspec.Raw
    datacontenttype: Kenmerk | None = None
    sequence: Kenmerk | None = None
    traceparent: Kenmerk | None = None

    @property
    def digest(self) -> bytes:
        """What was said, apart from how it was spelled and transported."""
        return gelijkheid.digest(self.type, bytes(self.data))

    def is_zelfde(self, eerder: bytes) -> bool:
        """Whether the digest ``eerder`` is of an equal message."""
        return gelijkheid.is_zelfde(eerder, self.type, bytes(self.data))

    @property
    def spoor(self) -> str | None:
        """The trace that it is part of, if what stands there is one: it goes into an event."""
        spoor = self.traceparent
        return spoor if spoor is not None and _TRACEPARENT.fullmatch(spoor) else None

    def lees(self, soort: Any) -> Any:
        """The data as ``soort`` (a msgspec struct); raises OnleesbaarBericht naming the field.

        How it is spelled means nothing (domain, section 6.7): an integer may be written as 1.0.
        """
        lezer = decoder_van(soort)
        try:
            try:
                return lezer.decode(self.data)
            except msgspec.ValidationError:
                return lezer.decode(gelijkheid.spel(bytes(self.data)))
        except (msgspec.DecodeError, UnicodeDecodeError) as fout:
            raise onleesbare_inhoud(self.type, fout) from fout


def onleesbare_inhoud(type_: str, fout: Exception) -> OnleesbaarBericht:
    """The data of a known type cannot be read; names the field, never quotes what was sent."""
    return OnleesbaarBericht(Leesfout.ONGELDIGE_INHOUD, f"{type_}: {_waar(fout)}")


_LEZER = msgspec.json.Decoder(Bericht)


def lees_bericht(record: Record, schrijver: str, typen: frozenset[str]) -> Bericht:
    """Read one record; raises OnleesbaarBericht.

    Checks in this order: opened, size, form, who may write here, known type, key.
    """
    if record.mis is not None:
        raise OnleesbaarBericht(Leesfout.RECORD_ONLEESBAAR, record.mis)
    if len(record.waarde) > MAX_BYTES:
        raise OnleesbaarBericht(Leesfout.TE_GROOT, f"een bericht is hoogstens {MAX_BYTES} bytes")
    bericht = _lees_omslag(record) if is_gestructureerd(record) else _lees_anders(record)
    _keur_tekens(bericht)
    _keur_tijd(bericht)
    if bericht.specversion != "1.0":
        raise OnleesbaarBericht(Leesfout.GEEN_CLOUDEVENT, "specversion is niet 1.0")
    if bericht.source != schrijver:
        raise OnleesbaarBericht(Leesfout.VERKEERDE_BRON, f"hier schrijft alleen {schrijver}")
    if bericht.type not in typen:
        raise _onbekend(bericht.type, typen)
    if record.sleutel is not None and record.sleutel != bericht.partitionkey.encode():
        raise OnleesbaarBericht(
            Leesfout.VERKEERDE_SLEUTEL, "de sleutel van het record is niet partitionkey"
        )
    return bericht


def is_gestructureerd(record: Record) -> bool:
    """Whether envelope and data are one JSON text: its headers say so, or say nothing at all."""
    if record.koppen[:1] == KOPPEN:  # as every service of ours writes it
        return True
    inhoudstype = next((w for k, w in record.koppen if k.lower() == "content-type"), None)
    if inhoudstype is None:
        kenmerken = (k for k, _ in record.koppen if k.lower().startswith(("ce_", "ce-")))
        return is_kaal("", kenmerken, record.waarde)
    return inhoudstype.partition(b";")[0].strip().lower() == _GESTRUCTUREERD


def in_structuur(record: Record) -> bytes:
    """A message that came in binary mode, in structured mode, with all its attributes."""
    gelezen = ontleed(record.koppen, record.waarde)
    return msgspec.json.encode({**gelezen.attributen, "data": gelezen.data})


def _lees_omslag(record: Record) -> Bericht:
    try:
        return _LEZER.decode(record.waarde)
    except (msgspec.ValidationError, UnicodeDecodeError) as fout:
        raise OnleesbaarBericht(Leesfout.GEEN_CLOUDEVENT, _waar(fout)) from fout
    except (msgspec.DecodeError, RecursionError) as fout:
        raise OnleesbaarBericht(Leesfout.GEEN_JSON, "de inhoud is geen JSON") from fout


def _keur_tekens(bericht: Bericht) -> None:
    """A pattern per attribute took three quarters of reading; all that is printable is right."""
    b = bericht
    verplicht = f"{b.id}{b.source}{b.type}{b.subject}{b.partitionkey}"
    if f"{verplicht}{b.datacontenttype}{b.sequence}{b.traceparent}".isprintable():
        return
    for naam, waarde in msgspec.structs.asdict(bericht).items():
        if isinstance(waarde, str) and _STUURTEKEN.search(waarde):
            raise OnleesbaarBericht(Leesfout.GEEN_CLOUDEVENT, f"het veld {naam} klopt niet")


def _keur_tijd(bericht: Bericht) -> None:
    try:
        bericht.time.astimezone(UTC)
    except OverflowError as fout:
        uitleg = "time valt buiten de kalender"
        raise OnleesbaarBericht(Leesfout.GEEN_CLOUDEVENT, uitleg) from fout


def _lees_anders(record: Record) -> Bericht:
    """Binary mode, or none at all."""
    gelezen = ontleed(record.koppen, record.waarde)
    if isinstance(gelezen.data, bytes):
        raise OnleesbaarBericht(Leesfout.GEEN_JSON, "de inhoud is geen JSON")
    data = msgspec.Raw(msgspec.json.encode(gelezen.data))
    try:
        return zet_om({**gelezen.attributen, "data": data}, Bericht)
    except msgspec.ValidationError as fout:
        raise OnleesbaarBericht(Leesfout.GEEN_CLOUDEVENT, _waar(fout)) from fout


def _waar(fout: Exception) -> str:
    """Where it is wrong. What stands there is not repeated: explanations end up in logs."""
    gevonden = _PLAATS.search(str(fout))
    return f"het veld {gevonden['pad'].lstrip('.')} klopt niet" if gevonden else "vorm klopt niet"


def _onbekend(type_: str, typen: frozenset[str]) -> OnleesbaarBericht:
    delen = _TYPE.match(type_)
    bekend = sorted(t for t in typen if delen and t.startswith(f"{delen['naam']}.v"))
    if bekend:
        uitleg = f"nieuwer dan {', '.join(bekend)}: werk deze dienst bij"
        return OnleesbaarBericht(Leesfout.NIEUWERE_VERSIE, uitleg)
    return OnleesbaarBericht(Leesfout.ONBEKEND_TYPE, "dit type staat niet in het contract")
