"""Record batches as a broker gives them, opened as far as they can be.

What the library cannot open it fetches again for ever, and opening what is compressed has no end
there. So the batches of an answer are looked through first. In place of what is damaged comes a
record of our own with the raw bytes in it, and the positions go on. It is known by the name of its
header, which nobody else can know.

The format: https://kafka.apache.org/documentation/#recordbatch
"""

import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from uuid import uuid4

import cramjam
from aiokafka.errors import CorruptRecordException, UnsupportedCodecError
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.util import calc_crc32c, decode_varint, encode_varint

MAX_UITGEPAKT = 4 * 1024 * 1024
"""Bytes of one batch when it is opened: four times what a broker takes by default."""

ONLEESBAAR = (CorruptRecordException, UnsupportedCodecError, UnicodeDecodeError)
"""What the library raises for a record that it cannot open."""

_KOP = struct.Struct(">qiibIhiqqqhii")
_VOOR_DE_LENGTE = 12
_VOOR_DE_CRC = 21
_MAGIE = 2
_COMPRESSIE, _TIJD_VAN_BROKER, _BESTURING = 0x07, 0x08, 0x20
_UITPAKKERS = {
    1: cramjam.gzip.decompress_into,
    2: cramjam.snappy.decompress_raw_into,
    3: cramjam.lz4.decompress_into,
    4: cramjam.zstd.decompress_into,
}
_lees_getal: Callable[[bytes, int], tuple[int, int]] = decode_varint  # type: ignore[assignment]
_XERIAL = b"\x82SNAPPY\0"
_XERIAL_KOP = 16


class _Mis(Exception):
    """It cannot be opened; the text is for people."""


class _Partij(NamedTuple):
    """The head of a batch."""

    basis: int
    lengte: int
    tijdperk: int
    magie: int
    crc: int
    kenmerken: int
    verschil: int
    eerste_tijd: int
    laatste_tijd: int
    producent: int
    producenttijdperk: int
    reeks: int
    aantal: int

    @property
    def laatste(self) -> int:
        """The offset of its last record."""
        return self.basis + self.verschil


class Geopend(NamedTuple):
    """What the library can open, and what is damaged behind that, if anything."""

    goed: bytes
    mis: str = ""
    tot: int = 0
    """The offset at which the damage begins, and its bytes as far as they came."""
    rest: bytes = b""


class Opener:
    """Opens the batches for one reader."""

    def __init__(self) -> None:
        """Not careful yet: what is neither damaged nor compressed is left to the library."""
        self._merk = uuid4().hex
        self.is_nauwkeurig = False
        """Whether every record is opened; set once the library found one that it cannot."""

    def mis_van(self, koppen: Sequence[tuple[str, bytes | None]]) -> str | None:
        """Why a record with these headers could not be opened; None of any other record."""
        if len(koppen) != 1 or koppen[0][0] != self._merk:  # asked of every record
            return None
        return (koppen[0][1] or b"").decode()

    def open(self, ruw: bytes, van: int, einde: int, zeker: int | None = None) -> Geopend:
        """The batches in ``ruw`` from offset ``van`` on; the log goes up to ``einde``.

        Damage at offset ``zeker`` was seen before, so it is no accident of transport (nor did the
        log grow between the answer and what it says of its end).
        """
        uit: list[bytes] = []
        plek = 0
        while plek < len(ruw):
            try:
                partij = _keur(ruw, plek, van, einde)
            except _Mis as mis:
                if plek and not _is_geheel(ruw, plek):
                    break  # the broker cuts off the last one of many
                verder = _zoek(ruw, plek, van, einde) if van == zeker else None
                if verder is None:
                    return Geopend(b"".join(uit), str(mis), van, ruw[plek:])
                plek_na, basis = verder
                uit.append(self.vervang(van, basis - 1, ruw[plek:plek_na], str(mis)))
                plek, van = plek_na, basis
            else:
                slot = plek + _VOOR_DE_LENGTE + partij.lengte
                uit.append(self._open_een(partij, ruw[plek:slot]))
                plek, van = slot, partij.laatste + 1
        return Geopend(b"".join(uit))

    def vervang(
        self, van: int, tot: int, ruw: bytes, mis: str, sleutel: bytes | None = None
    ) -> bytes:
        """A batch in place of the offsets ``van`` up to and including ``tot``."""
        return _maak(van, tot - van, [self._vervanger(tot - van, ruw, mis, sleutel)])

    def _vervanger(self, verschil: int, ruw: bytes, mis: str, sleutel: bytes | None) -> bytes:
        uit = bytearray(1)  # attributes
        encode_varint(0, uit.append)
        encode_varint(verschil, uit.append)
        encode_varint(-1 if sleutel is None else len(sleutel), uit.append)
        uit += sleutel or b""
        encode_varint(len(ruw), uit.append)
        uit += ruw
        encode_varint(1, uit.append)
        for deel in (self._merk.encode(), mis.encode()):
            encode_varint(len(deel), uit.append)
            uit += deel
        lengte = bytearray()
        encode_varint(len(uit), lengte.append)
        return bytes(lengte + uit)

    def _open_een(self, partij: _Partij, ruw: bytes) -> bytes:
        """A whole batch, as the library can open it."""
        soort = partij.kenmerken & _COMPRESSIE
        if partij.kenmerken & _BESTURING or not (soort or self.is_nauwkeurig):
            return ruw
        try:
            inhoud = _pak_uit(soort, ruw[_KOP.size :]) if soort else ruw[_KOP.size :]
            records = list(_splits(inhoud, partij.aantal))
        except _Mis as mis:
            return self.vervang(partij.basis, partij.laatste, ruw, str(mis))
        if soort:
            ruw = _maak(partij.basis, partij.verschil, records, partij)
        if _is_leesbaar(ruw):
            return ruw
        heel = [
            record if _is_leesbaar(_maak(0, 0, [record])) else self._vervang_record(nummer, record)
            for nummer, record in enumerate(records)
        ]
        return _maak(partij.basis, partij.verschil, heel, partij)

    def _vervang_record(self, nummer: int, record: bytes) -> bytes:
        """It keeps its place, and its key where that can be found."""
        sleutel = None
        mis = "een record is niet te lezen"
        try:
            _, plek = _lees_getal(record, 0)
            _, plek = _lees_getal(record, plek + 1)
            nummer, plek = _lees_getal(record, plek)
            lengte, plek = _lees_getal(record, plek)
            sleutel = record[plek : plek + lengte] if lengte >= 0 else None
        except (IndexError, ValueError, CorruptRecordException):
            mis = "een record is beschadigd"
        return self._vervanger(nummer, record, mis, sleutel)


def _keur(ruw: bytes, plek: int, van: int, einde: int) -> _Partij:
    """The head of a batch that came whole and is what was written; raises _Mis."""
    if not _is_geheel(ruw, plek):
        raise _Mis("een partij is afgekapt, of haar lengte klopt niet")
    partij = _Partij(*_KOP.unpack_from(ruw, plek))
    slot = plek + _VOOR_DE_LENGTE + partij.lengte
    # A batch that was asked for halfway begins before it; none begins before the one ahead of it.
    past = (plek == 0 or partij.basis >= van) and van <= partij.laatste < einde
    if partij.magie != _MAGIE or partij.verschil < 0 or not past:
        raise _Mis("de kop van een partij klopt niet")
    if calc_crc32c(ruw[plek + _VOOR_DE_CRC : slot]) != partij.crc:
        raise _Mis("de CRC van een partij klopt niet")
    return partij


def _is_geheel(ruw: bytes, plek: int) -> bool:
    """Whether there are as many bytes as the batch that begins here says to have."""
    if len(ruw) - plek < _KOP.size:
        return False
    lengte = _KOP.unpack_from(ruw, plek)[1]
    minstens, hoogstens = _KOP.size - _VOOR_DE_LENGTE, len(ruw) - plek - _VOOR_DE_LENGTE
    return bool(minstens <= lengte <= hoogstens)


def _zoek(ruw: bytes, plek: int, van: int, einde: int) -> tuple[int, int] | None:
    """Where the first sound batch behind a damaged one begins, and at which offset."""
    for hier in _plekken(ruw, plek):
        try:
            partij = _keur(ruw, hier, van + 1, einde)
        except _Mis:
            continue
        return hier, partij.basis
    return None


def _plekken(ruw: bytes, plek: int) -> Iterator[int]:
    """Where a batch may begin: where this one says to end, else at any byte of its version."""
    if _is_geheel(ruw, plek):
        yield plek + _VOOR_DE_LENGTE + _KOP.unpack_from(ruw, plek)[1]
    ver = _KOP.size
    hier = plek
    while (gevonden := ruw.find(_MAGIE, hier + 1 + 16)) >= 0 and len(ruw) - hier > ver:
        hier = gevonden - 16
        yield hier


def _splits(inhoud: bytes, aantal: int) -> Iterator[bytes]:
    """The records, each with its length; raises _Mis unless that is all there is."""
    plek = 0
    for _ in range(aantal):
        try:
            lengte, na = _lees_getal(inhoud, plek)
        except (IndexError, ValueError, CorruptRecordException) as fout:
            raise _Mis("de records van een partij kloppen niet") from fout
        if not 0 < lengte <= len(inhoud) - na:
            raise _Mis("de records van een partij kloppen niet")
        yield inhoud[plek : na + lengte]
        plek = na + lengte
    if plek != len(inhoud):
        raise _Mis("een partij heeft meer of minder records dan zij zegt")


def _is_leesbaar(ruw: bytes) -> bool:
    """Whether the library can open all of it."""
    try:
        for _ in DefaultRecordBatch(ruw):
            pass
    except ONLEESBAAR:
        return False
    return True


def _maak(basis: int, verschil: int, records: Sequence[bytes], uit: _Partij | None = None) -> bytes:
    """A batch, not compressed; when it was written is what ``uit`` says."""
    inhoud = b"".join(records)
    lengte = _KOP.size - _VOOR_DE_LENGTE + len(inhoud)
    kop = _Partij(basis, lengte, -1, _MAGIE, 0, 0, verschil, 0, 0, -1, -1, -1, len(records))
    if uit is not None:
        kop = kop._replace(
            kenmerken=uit.kenmerken & _TIJD_VAN_BROKER,
            eerste_tijd=uit.eerste_tijd,
            laatste_tijd=uit.laatste_tijd,
        )
    ruw = _KOP.pack(*kop) + inhoud
    return _KOP.pack(*kop._replace(crc=calc_crc32c(ruw[_VOOR_DE_CRC:]))) + inhoud


def _pak_uit(soort: int, ingepakt: bytes) -> bytes:
    """Decompressed; raises _Mis, also when it would become too much."""
    pak_uit = _UITPAKKERS.get(soort)
    if pak_uit is None:
        raise _Mis("een partij is ingepakt op een wijze die Kafka niet kent")
    ruimte = bytearray(MAX_UITGEPAKT)
    delen = [ingepakt]
    if soort == 2 and ingepakt.startswith(_XERIAL):  # noqa: PLR2004 - snappy in blocks, as Java has it
        delen = list(_blokken(ingepakt))
    totaal = 0
    try:
        for deel in delen:
            totaal += pak_uit(deel, memoryview(ruimte)[totaal:])
    except cramjam.DecompressionError as fout:
        raise _Mis("een ingepakte partij is beschadigd, of wordt te groot") from fout
    return bytes(ruimte[:totaal])


def _blokken(ingepakt: bytes) -> Iterator[bytes]:
    plek = _XERIAL_KOP
    while plek < len(ingepakt):
        lengte = int.from_bytes(ingepakt[plek : plek + 4])
        plek += 4
        yield ingepakt[plek : plek + lengte]
        plek += lengte
