"""What is made of the bytes of a broker, byte by byte: without one."""

import struct
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pytest
from aiokafka.record.memory_records import MemoryRecords
from tests.bus.ruw import GEEN, GZIP, LZ4, NAAM, SNAPPY, ZSTD, met_crc, partij

from schakel.kern.bus.kafka.ingang import _koppen
from schakel.kern.bus.kafka.partijen import Opener
from schakel.kern.bus.kafka.voorbij import PROEVEN, Lezing

KAPOT = b"content\xff\xfeype"
Gelezen = list[tuple[int, bytes | None, str | None]]
"""Offset, value where it could be opened, and else why not."""


def drie(basis: int, soort: int = GEEN) -> bytes:
    return partij([(b"k", b"waarde %d" % (basis + n)) for n in range(3)], soort, basis)


def goed(*offsets: int) -> Gelezen:
    return [(n, b"waarde %d" % n, None) for n in offsets]


LOG = b"".join(map(drie, (0, 3, 6, 9)))
EINDE, EEN = 12, len(drie(0))


def gelezen(opener: Opener, ruw: bytes) -> Gelezen:
    """As the library reads it."""
    partijen = MemoryRecords(ruw)
    uit: Gelezen = []
    while partijen.has_next():
        for record in partijen.next_batch():
            mis = opener.mis_van(record.headers)
            uit.append((record.offset, None if mis else record.value, mis))
    assert sum(map(len, _delen(ruw))) == len(ruw)
    return uit


def _delen(ruw: bytes) -> Sequence[bytes]:
    delen = []
    while ruw:
        lengte = 12 + struct.unpack_from(">i", ruw, 8)[0]
        delen.append(ruw[:lengte])
        ruw = ruw[lengte:]
    return delen


def veranderd(ruw: bytes, plek: int, nieuw: bytes) -> bytes:
    return ruw[:plek] + nieuw + ruw[plek + len(nieuw) :]


@pytest.mark.parametrize("soort", [GEEN, GZIP, SNAPPY, LZ4, ZSTD])
@pytest.mark.parametrize("nauwkeurig", [False, True])
def test_elke_wijze_van_inpakken_gaat_open(soort: int, nauwkeurig: bool) -> None:
    opener = Opener()
    opener.is_nauwkeurig = nauwkeurig
    geopend = opener.open(drie(0, soort) + drie(3), 0, 6)
    assert gelezen(opener, geopend.goed) == goed(*range(6))
    assert not geopend.mis


@pytest.mark.parametrize("soort", [GEEN, GZIP, ZSTD])
@pytest.mark.parametrize("van_broker", [False, True])
def test_wat_wordt_uitgepakt_houdt_de_tijd_die_het_had(soort: int, van_broker: bool) -> None:
    """By the clock of the broker nobody can claim what another spoke of first."""
    ruw = bytearray(drie(0, soort))
    struct.pack_into(">h", ruw, 21, soort | 0x08 * van_broker)
    struct.pack_into(">q", ruw, 35, 1_700_000_000_000)  # the latest of them
    opener = Opener()
    opener.is_nauwkeurig = True
    geopend = opener.open(met_crc(bytes(ruw)), 0, 3)
    (records,) = [list(p) for p in [MemoryRecords(geopend.goed).next_batch()]]
    assert {r.timestamp_type for r in records} == {int(van_broker)}
    if van_broker:
        assert {r.timestamp for r in records} == {1_700_000_000_000}


def test_wat_goed_is_blijft_zoals_het_kwam() -> None:
    assert Opener().open(LOG, 0, EINDE).goed == LOG


def test_wie_halverwege_begint_krijgt_de_hele_partij() -> None:
    assert Opener().open(LOG[EEN:], 4, EINDE).goed == LOG[EEN:]


def test_wat_de_broker_afkapte_komt_de_volgende_keer() -> None:
    geopend = Opener().open(LOG[: 2 * EEN + 50], 0, EINDE)
    assert (geopend.goed, geopend.mis) == (LOG[: 2 * EEN], "")


@pytest.mark.parametrize(
    "soort",
    [(5, b"\0"), (6, b"x"), (1, b"geen gzip"), (4, b"geen zstd"), (2, b"\x82SNAPPY\0" + b"x" * 30)],
    ids=["onbekend", "nog een", "gzip", "zstd", "snappy"],
)
def test_wat_niet_uit_te_pakken_is_gaat_in_zijn_geheel(soort: tuple[int, bytes]) -> None:
    codec, bytes_ = soort
    ruw = bytearray(drie(3)[:61] + bytes_)
    struct.pack_into(">i", ruw, 8, len(ruw) - 12)
    struct.pack_into(">h", ruw, 21, codec)
    vreemd = met_crc(bytes(ruw))
    opener = Opener()
    geopend = opener.open(drie(0) + vreemd + drie(6), 0, 9)
    (*voor, (offset, _, mis), een, twee, drie_) = gelezen(opener, geopend.goed)
    assert voor == goed(0, 1, 2)
    assert [een, twee, drie_] == goed(6, 7, 8)
    assert offset == 5
    assert mis
    assert vreemd in geopend.goed


@pytest.mark.parametrize("welke", [{0}, {1}, {2}, {0, 2}, {0, 1, 2}], ids=str)
def test_van_een_partij_gaat_alleen_het_record_dat_niet_open_kan(welke: set[int]) -> None:
    opener = Opener()
    opener.is_nauwkeurig = True
    delen = drie(0).split(NAAM.encode())
    ruw = delen[0]
    for nummer, deel in enumerate(delen[1:]):
        ruw += (KAPOT if nummer in welke else NAAM.encode()) + deel
    uit = gelezen(opener, opener.open(met_crc(ruw), 0, 3).goed)
    assert [een if een[2] is None else een[0] for een in uit] == [
        n if n in welke else goed(n)[0] for n in range(3)
    ]


def test_een_aantal_dat_niet_klopt_haalt_de_hele_partij_weg() -> None:
    opener = Opener()
    opener.is_nauwkeurig = True
    for aantal in (0, 2, 4, -1, 2**31 - 1):
        ruw = met_crc(veranderd(drie(0), 57, struct.pack(">i", aantal)))
        ((offset, _, mis),) = gelezen(opener, opener.open(ruw, 0, 3).goed)
        assert (offset, bool(mis)) == (2, True)


def test_niemand_kan_zelf_zeggen_dat_iets_niet_te_lezen_is() -> None:
    een, ander = Opener(), Opener()
    vervangen = een.vervang(0, 2, b"ruw", "stuk")
    assert gelezen(een, vervangen) == [(2, None, "stuk")]
    assert gelezen(ander, vervangen) == [(2, b"ruw", None)]


class Broker:
    """It gives one partition, from where it can."""

    def __init__(self, geef: Callable[[int], tuple[int, bytes]], einde: int = EINDE) -> None:
        self._geef = geef
        self._einde = einde
        self.gevraagd: list[int] = []

    async def haal(self, plek: int) -> Any:
        self.gevraagd.append(plek)
        fout, ruw = self._geef(plek) if plek <= self._einde else (1, b"")
        return (0, fout, -1 if fout else self._einde, 0, 0, [], -1, ruw)


async def lees_alles(broker: Broker, keren: int = 50) -> Gelezen:
    """As the library does: from where the former answer ended."""
    opener = Opener()
    lezing = Lezing(opener)
    uit: Gelezen = []
    van = 0
    for _ in range(keren):
        deel = await lezing.open(("t", 0), await broker.haal(van), van, broker.haal)
        uit += [een for een in gelezen(opener, deel[7]) if een[0] >= van]
        van = uit[-1][0] + 1 if uit else 0
        if van == EINDE:
            break
    return uit


async def test_schade_van_een_keer_is_geen_schade() -> None:
    """It came damaged over the network: asked again it is whole."""
    beurten = iter([veranderd(LOG, EEN + 80, b"\xff")] * (PROEVEN - 1))

    def geef(plek: int) -> tuple[int, bytes]:
        return 0, next(beurten, LOG)[plek // 3 * EEN :] if plek < EINDE else b""

    assert await lees_alles(Broker(geef)) == goed(*range(EINDE))


async def test_schade_die_blijft_kost_alleen_wat_beschadigd_is() -> None:
    ruw = veranderd(LOG, EEN + 80, b"\xff")
    uit = await lees_alles(Broker(lambda plek: (0, ruw[plek // 3 * EEN :])))
    assert [een[0] for een in uit] == [0, 1, 2, 5, *range(6, EINDE)]
    assert uit[3] == (5, None, "de CRC van een partij klopt niet")


async def test_wat_er_ook_beschadigd_is_de_rest_wordt_gelezen() -> None:
    """Any damage in what the CRC guards: the records of that batch are gone, and none made up."""
    toeval = Random(12)
    for _ in range(300):
        ruw = bytearray(LOG)
        for _ in range(toeval.choice([1, 1, 2, 8])):
            waar = EEN + toeval.choice([*range(8, 12), *range(16, EEN)])
            ruw[waar] ^= toeval.randrange(1, 256)
        if ruw == LOG:
            continue
        bytes_ = bytes(ruw)
        uit = await lees_alles(Broker(lambda plek, b=bytes_: (0, b[plek // 3 * EEN :])))
        assert [een for een in uit if een[2] is None] == goed(0, 1, 2, *range(6, EINDE))
        assert [een[0] for een in uit if een[2]] == [5]


async def test_een_afgekapte_laatste_partij_houdt_niets_op() -> None:
    uit = await lees_alles(Broker(lambda plek: (0, LOG[plek // 3 * EEN : -40])))
    assert uit[:9] == goed(*range(9))
    ((offset, _, mis),) = uit[9:]
    assert (offset, mis) == (11, "een partij is afgekapt, of haar lengte klopt niet")


@pytest.mark.parametrize("fout", [0, 2], ids=["zwijgt", "zegt het"])
@pytest.mark.parametrize("van", [0, 3, 6], ids=str)
@pytest.mark.parametrize("tot", [9, 11, 12], ids=str)
async def test_waar_de_broker_niet_kan_lezen_gaat_het_verderop_door(
    fout: int, van: int, tot: int
) -> None:
    """Its index knows one offset further on, which is in the middle of a batch."""

    def geef(plek: int) -> tuple[int, bytes]:
        if van <= plek < tot:
            return fout, b""
        slot = van // 3 * EEN if plek < van else len(LOG)
        return 0, LOG[plek // 3 * EEN : slot]

    uit = await lees_alles(Broker(geef))
    verder = tot // 3 * 3
    assert [een for een in uit if een[2] is None] == goed(*range(van), *range(verder, EINDE))
    assert [een[:2] for een in uit if een[2]] == [(verder - 1, None)]


async def test_wie_geen_plaats_had_in_een_vol_antwoord_is_niet_beschadigd() -> None:
    """Others took all the bytes that an answer may have: asked alone it comes."""
    beurten = iter([b""] * 20)
    alleen = Broker(lambda plek: (0, LOG[plek // 3 * EEN :]))
    opener = Opener()
    lezing = Lezing(opener)
    for _ in range(PROEVEN):
        vol = (0, 0, EINDE, 0, 0, [], -1, next(beurten))
        deel = await lezing.open(("t", 0), vol, 0, alleen.haal)
    assert gelezen(opener, deel[7]) == goed(*range(EINDE))


async def test_wat_de_library_zelf_afhandelt_blijft_zoals_het_is() -> None:
    lezing = Lezing(Opener())
    broker = Broker(lambda _: (0, b""))
    for fout in (1, 3, 6, 29):
        deel = (0, fout, -1, 0, 0, [], -1, None)
        for _ in range(2 * PROEVEN):
            assert await lezing.open(("t", 0), deel, 5, broker.haal) is deel
    leeg = (0, 0, 5, 0, 0, [], -1, b"")
    for _ in range(2 * PROEVEN):
        assert await lezing.open(("t", 0), leeg, 5, broker.haal) == leeg
    assert broker.gevraagd == []


def test_een_kop_zonder_waarde_is_leeg_en_de_andere_blijven_zoals_zij_kwamen() -> None:
    koppen = (("content-type", b"x"), ("ce_type", b"nl.proef.v1"))
    assert _koppen(koppen) is koppen
    assert _koppen((*koppen, ("eigen", None))) == (*koppen, ("eigen", b""))
