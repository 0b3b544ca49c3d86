"""A record that the client library cannot open: kept with its bytes, and the reading goes on."""

import asyncio
import struct
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import Toegang
from tests.bus.dozen import Ontvanger, topic_op
from tests.bus.ruw import (
    GEEN,
    GZIP,
    LZ4,
    SNAPPY,
    ZSTD,
    Inhoud,
    met_kop,
    partij,
    zend_ruw,
)
from tests.kern.kafkabus import KafkaTopic
from tests.kern.proef import DOOR, TABELLEN, bericht, geprojecteerd, tot

from schakel.kern.bus.kafka.partijen import MAX_UITGEPAKT
from schakel.kern.opslag.sqlite import SqliteOpslag

ONLEESBAAR = "record-onleesbaar"
KAPOT = b"content\xff\xfeype"
SOORTEN = {"geen": GEEN, "gzip": GZIP, "snappy": SNAPPY, "lz4": LZ4, "zstd": ZSTD}
Kisten = Mapping[UUID, list[int]]


def berichten(*wat: int) -> tuple[UUID, list[Inhoud]]:
    """Messages about a box of their own."""
    kist = uuid4()
    return kist, [(str(kist).encode(), bericht(kist, een)) for een in wat]


def lezer(topic: KafkaTopic, map_: Path) -> Ontvanger:
    return Ontvanger(SqliteOpslag(map_ / "lezer.db", TABELLEN), topic)


def redenen(een: Ontvanger) -> list[str]:
    return [reden for _, reden in een.dienst.geparkeerd()]


async def gevuld(een: Ontvanger, verwacht: Kisten, geparkeerd: int = 0) -> None:
    await tot(
        lambda: (
            geprojecteerd(een.opslag) == verwacht and len(een.dienst.geparkeerd()) == geparkeerd
        ),
        30,
    )


@pytest.mark.parametrize("soort", SOORTEN)
async def test_wat_ingepakt_is_wordt_gelezen(kafka: Toegang, tmp_path: Path, soort: str) -> None:
    async with topic_op(kafka, partities=1) as topic, lezer(topic, tmp_path) as een:
        (kist, records), (ander, meer) = berichten(*range(20, 60)), berichten(3)
        await zend_ruw(kafka, topic.naam, partij(records, SOORTEN[soort]))
        await zend_ruw(kafka, topic.naam, partij(meer))
        await gevuld(een, {kist: [*range(20, 60)], ander: [3]})


async def test_een_kop_die_geen_utf_8_is_kost_alleen_haar_eigen_record(
    kafka: Toegang, tmp_path: Path
) -> None:
    """And what follows in its tree, which waits for it."""
    async with topic_op(kafka, partities=1) as topic, lezer(topic, tmp_path) as een:
        (kist, goed), (vreemd, kapot), (ander, later) = (berichten(n) for n in (1, 2, 3))
        await zend_ruw(kafka, topic.naam, partij(goed))
        await gevuld(een, {kist: [1]})
        await zend_ruw(kafka, topic.naam, met_kop(partij([*kapot, *later]), KAPOT))
        await gevuld(een, {kist: [1], ander: [3]}, 1)
        geparkeerd, bytes_ = een.dienst.parkeerplaats.toon(1)
        assert (geparkeerd.reden, geparkeerd.positie) == (ONLEESBAAR, 2)
        assert geparkeerd.boom == str(vreemd)
        assert KAPOT in bytes_
        assert kapot[0][1] in bytes_
        await zend_ruw(kafka, topic.naam, partij([*kapot, *goed, *berichten(4)[1]], ZSTD))
        await tot(lambda: redenen(een) == [ONLEESBAAR, "achter-geparkeerd"], 30)
        meting = een.dienst.meting("schakel_berichten_geparkeerd_total", reden=ONLEESBAAR)
        assert meting == 1
        assert await een.dienst.ontvanger.geef_vrij(1, DOOR) == 0  # it still cannot be read
        await tot(lambda: len(geprojecteerd(een.opslag)) == 3, 30)


async def test_wie_net_begint_verliest_niets_om_een_kapotte_kop_heen(
    kafka: Toegang, tmp_path: Path
) -> None:
    """Nor from the partitions that the library had read when it came to that record."""
    partities = 4
    async with topic_op(kafka, partities=partities) as topic:
        verwacht = {}
        for partitie in range(partities):
            (kist, goed), (_, kapot), (ander, later) = (berichten(n) for n in (1, 2, 3))
            verwacht |= {kist: [1], ander: [3]}
            await zend_ruw(kafka, topic.naam, partij(goed), partitie)
            if partitie % 2:
                await zend_ruw(kafka, topic.naam, met_kop(partij(kapot), KAPOT), partitie)
            await zend_ruw(kafka, topic.naam, partij(later), partitie)
        async with lezer(topic, tmp_path) as een:
            await gevuld(een, verwacht, partities // 2)
            assert een.dienst.geparkeerd() == [(2, ONLEESBAAR)] * (partities // 2)


@pytest.mark.parametrize("soort", ["gzip", "snappy", "lz4", "zstd"])
async def test_een_bom_wordt_niet_uitgepakt(kafka: Toegang, tmp_path: Path, soort: str) -> None:
    """A broker looks at how large it is before."""
    async with topic_op(kafka, partities=1) as topic, lezer(topic, tmp_path) as een:
        kist, records = berichten(1)
        bom = partij([(None, bytes(MAX_UITGEPAKT))], SOORTEN[soort])
        await zend_ruw(kafka, topic.naam, bom)
        await zend_ruw(kafka, topic.naam, partij(records))
        await gevuld(een, {kist: [1]}, 1)
        assert redenen(een) == [ONLEESBAAR]


Schade = Callable[[bytearray, int, int], None]
"""What becomes of the bytes of a log from ``plek`` to ``slot``, where one batch stands."""


def kop(waar: int, hoe: str, waarde: int) -> Schade:
    def doe(log: bytearray, plek: int, _slot: int) -> None:
        struct.pack_into(hoe, log, plek + waar, waarde)

    return doe


def inhoud(log: bytearray, plek: int, _slot: int) -> None:
    log[plek + 200] ^= 1


def te_lang(log: bytearray, plek: int, slot: int) -> None:
    struct.pack_into(">i", log, plek + 8, slot - plek - 12 + 300)


def gescheurd(log: bytearray, plek: int, slot: int) -> None:
    """Half of it never reached the disk."""
    log[plek + 60 : slot] = bytes(slot - plek - 60)


SCHADE: Mapping[str, Schade] = {
    "een bit in de inhoud": inhoud,
    "nullen": gescheurd,
    "een te grote lengte": kop(8, ">i", 50_000_000),
    "een te kleine lengte": kop(8, ">i", 10),
    "een lengte onder nul": kop(8, ">i", -5),
    "een te lange partij": te_lang,
    "een verre basis": kop(0, ">q", 1 << 40),
    "een groot verschil": kop(23, ">i", 1_000_000),
    "een andere versie": kop(16, ">b", 77),
}
PARTIJEN, PER_PARTIJ, STUK = 8, 5, 3


async def test_schade_op_de_schijf_van_de_broker_kost_een_partij(
    breekbaar: Kafka, tmp_path: Path
) -> None:
    """Stopped in an orderly way, so that it does not look at its logs when it starts."""
    toegang = breekbaar.toegang()
    async with AsyncExitStack() as einde:
        topics = {
            soort: await einde.enter_async_context(topic_op(toegang, partities=1))
            for soort in SCHADE
        }
        kisten = {soort: uuid4() for soort in SCHADE}
        for soort, topic in topics.items():
            for nummer in range(PARTIJEN):
                await zend_ruw(toegang, topic.naam, partij(groot(kisten[soort], nummer)))
        breekbaar.stop()
        for soort, topic in topics.items():
            beschadig(breekbaar.brokers[0].data, topic.naam, SCHADE[soort])
        await asyncio.to_thread(breekbaar.start)
        over = [20 + n for n in range(PARTIJEN * PER_PARTIJ) if n // PER_PARTIJ != STUK]
        for soort, topic in topics.items():
            een = await einde.enter_async_context(lezer(topic, tmp_path / soort))
            await gevuld(een, {kisten[soort]: over}, 1)
            assert redenen(een) == [ONLEESBAAR], soort
            await zend_ruw(toegang, topic.naam, partij([(None, bericht(kisten[soort], 9))]))
            await gevuld(een, {kisten[soort]: [*over, 9]}, 1)


def groot(kist: UUID, nummer: int) -> list[Inhoud]:
    """Large enough for an entry of its own in the index of the broker."""
    reeks = range(nummer * PER_PARTIJ, (nummer + 1) * PER_PARTIJ)
    return [(str(kist).encode(), bericht(kist, 20 + n, vulling="x" * 1_500)) for n in reeks]


def beschadig(data: Path, topic: str, schade: Schade) -> None:
    (bestand,) = data.glob(f"{topic}-0/*.log")
    log = bytearray(bestand.read_bytes())
    plekken = [0]
    while plekken[-1] < len(log):
        plekken.append(plekken[-1] + 12 + struct.unpack_from(">i", log, plekken[-1] + 8)[0])
    schade(log, plekken[STUK], plekken[STUK + 1])
    bestand.write_bytes(log)
