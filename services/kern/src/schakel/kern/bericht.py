"""A message as the inbox sees it: the envelope decoded, the data still raw.

The published envelope is a pydantic model in the contracts; this msgspec struct reads the same
structured JSON on the hot path. A test holds the two against each other.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

MAX_BERICHT = 65_536
"""Bytes on the wire (D6)."""

Koppen = Sequence[tuple[str, bytes]]
_TYPE = re.compile(r"^(?P<naam>[a-z0-9.-]+)\.v(?P<versie>[1-9][0-9]*)$")


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record of the bus: its number in the source, key, headers and bytes."""

    nummer: int
    sleutel: bytes | None
    koppen: tuple[tuple[str, bytes], ...]
    waarde: bytes


class Levering(msgspec.Struct, frozen=True):
    """Consecutive records of one source (a topic and partition), and who may write there."""

    bron: str
    eigenaar: str
    records: Sequence[Record]


class Bericht(msgspec.Struct, frozen=True, gc=False):
    """A CloudEvent of which only the envelope was read."""

    id: str
    source: str
    type: str
    specversion: str
    subject: str
    time: datetime
    partitionkey: str
    data: msgspec.Raw
    datacontenttype: str = "application/json"
    sequence: str | None = None
    traceparent: str | None = None

    @property
    def digest(self) -> bytes:
        """What was said, apart from how it was transported."""
        return hashlib.sha256(f"{self.type}\n".encode() + bytes(self.data)).digest()

    def lees(self, soort: Any) -> Any:
        """The data as ``soort`` (a msgspec struct); raises Onleesbaar naming the field."""
        try:
            return msgspec.json.decode(self.data, type=soort)
        except (msgspec.DecodeError, UnicodeDecodeError) as fout:
            raise Onleesbaar("ongeldige-inhoud", f"{self.type}: {fout}") from fout


class Onleesbaar(Exception):
    """Why a message cannot be read: a code and an explanation. It is parked, never dropped."""

    def __init__(self, code: str, uitleg: str) -> None:
        """``code`` is for programs, ``uitleg`` for people; neither quotes personal data."""
        super().__init__(f"{code}: {uitleg}")
        self.code = code
        self.uitleg = uitleg


_LEZER = msgspec.json.Decoder(Bericht)


def lees_bericht(record: Record, eigenaar: str, typen: frozenset[str]) -> Bericht:
    """Read one record; raises Onleesbaar.

    Checks in this order: size, form, who may write here, known type, key.
    """
    if len(record.waarde) > MAX_BERICHT:
        raise Onleesbaar("te-groot", f"{len(record.waarde)} bytes, hoogstens {MAX_BERICHT}")
    bericht = _lees_omslag(record)
    if bericht.specversion != "1.0" or not bericht.id or not bericht.subject:
        raise Onleesbaar("geen-cloudevent", "id, subject of specversion 1.0 ontbreekt")
    if bericht.source != eigenaar:
        raise Onleesbaar("verkeerde-bron", f"hier schrijft alleen {eigenaar}")
    if bericht.type not in typen:
        raise _onbekend(bericht.type, typen)
    if record.sleutel is not None and record.sleutel != bericht.partitionkey.encode():
        raise Onleesbaar("verkeerde-sleutel", "de sleutel van het record is niet partitionkey")
    return bericht


def _lees_omslag(record: Record) -> Bericht:
    inhoudstype = next((w for k, w in record.koppen if k.lower() == "content-type"), b"")
    if not inhoudstype.lower().startswith(b"application/cloudevents"):
        return _lees_binair(record, inhoudstype)
    try:
        return _LEZER.decode(record.waarde)
    except (msgspec.ValidationError, UnicodeDecodeError) as fout:
        raise Onleesbaar("geen-cloudevent", str(fout)) from fout
    except msgspec.DecodeError as fout:
        raise Onleesbaar("geen-json", str(fout)) from fout


def _lees_binair(record: Record, inhoudstype: bytes) -> Bericht:
    """Binary mode: attributes in ``ce_`` headers, the data is the value."""
    try:
        omslag: dict[str, Any] = {
            kop[3:].lower(): waarde.decode()
            for kop, waarde in record.koppen
            if kop[:3].lower() == "ce_"
        }
    except UnicodeDecodeError as fout:
        raise Onleesbaar("geen-cloudevent", "een kop is geen UTF-8") from fout
    if not omslag:
        raise Onleesbaar("geen-cloudevent", "geen CloudEvent: koppen noch inhoudstype wijzen erop")
    if not inhoudstype.lower().startswith(b"application/json"):
        raise Onleesbaar("geen-json", "de inhoud is geen application/json")
    try:
        msgspec.json.decode(record.waarde)
        omslag["data"] = msgspec.Raw(record.waarde)
        return msgspec.convert(omslag, Bericht)
    except (msgspec.ValidationError, UnicodeDecodeError) as fout:
        raise Onleesbaar("geen-cloudevent", str(fout)) from fout
    except msgspec.DecodeError as fout:
        raise Onleesbaar("geen-json", str(fout)) from fout


def _onbekend(type_: str, typen: frozenset[str]) -> Onleesbaar:
    delen = _TYPE.match(type_)
    bekend = [t for t in typen if delen and t.startswith(f"{delen['naam']}.v")]
    if bekend:
        return Onleesbaar("nieuwere-versie", f"{type_} is nieuwer dan {', '.join(sorted(bekend))}")
    return Onleesbaar("onbekend-type", f"{type_[:200]!r} staat niet in het contract")
