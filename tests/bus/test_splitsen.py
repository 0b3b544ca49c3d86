"""What a reader gets of the batches that the library fetched, and what it is spared."""

from collections import Counter
from collections.abc import Iterable, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from deploy.lokaal.toegang import Toegang
from tests.kern.kafkabus import KafkaTopic

from schakel.kern.bus import Verzending
from schakel.kern.bus.bericht import TYPE_KOP
from schakel.kern.bus.kafka.splitsen import splits_zelf

TP = TopicPartition("t", 0)
STIL, LUID = "nl.proef.stil.v1", "nl.proef.luid.v1"
WEG = frozenset({STIL.encode()})


def partij(basis: int, typen: Sequence[str]) -> bytes:
    bouwer = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=False,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=1_000_000,
    )
    for n, type_ in enumerate(typen):
        koppen = [("content-type", b"json"), (TYPE_KOP, type_.encode())]
        bouwer.append(n, timestamp=1, key=b"k", value=b"%d" % (basis + n), headers=koppen)
    ruw = bytearray(bouwer.build())
    ruw[:8] = basis.to_bytes(8)
    return bytes(ruw)


class Plek:
    """How far the library says to be in one partition."""

    active, paused = True, False

    def __init__(self, position: int) -> None:
        self.position = position

    def state_value(self, _tp: TopicPartition) -> "Plek":
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def gehaald(
    ruw: bytes, vanaf: int, per_keer: int, stil: frozenset[bytes]
) -> tuple[list[Any], int, int]:
    """All records, how far was read, and how many were left out."""
    over: Counter[TopicPartition] = Counter()
    consument = SimpleNamespace(_fetcher=SimpleNamespace(_records=None))
    splits_zelf(consument, stil, lambda tp: over.update([tp]))
    plek = Plek(vanaf)
    records = PartitionRecords(TP, MemoryRecords(ruw), None, vanaf, None, None, False, 0)
    rekken = consument._fetcher._records
    rekken[TP] = FetchResult(TP, assignment=plek, partition_records=records, backoff=0)
    uit: list[Any] = []
    while rekken[TP].has_more():
        deel = rekken[TP].getall(per_keer)
        assert len(deel) <= per_keer
        uit += deel
        # Whoever stops here goes on behind the last that it got, at least.
        assert not deel or plek.position >= deel[-1].offset + 1
    return uit, plek.position, over[TP]


def partijen(typen: Iterable[Sequence[str]]) -> tuple[bytes, list[str]]:
    ruw, alle = b"", list[str]()
    for een in typen:
        ruw += partij(len(alle), een)
        alle += een
    return ruw, alle


@pytest.mark.parametrize("zaad", range(30))
def test_wat_luid_is_komt_en_van_het_stille_alleen_het_laatste_van_een_partij(zaad: int) -> None:
    toeval = Random(zaad)
    soorten = [
        [toeval.choice((STIL, STIL, LUID)) for _ in range(toeval.randint(1, 9))] for _ in range(6)
    ]
    ruw, alle = partijen(soorten)
    laatste = {sum(map(len, soorten[: n + 1])) - 1 for n in range(len(soorten))}
    vanaf = toeval.randint(0, len(soorten[0]) - 1)
    uit, tot, over = gehaald(ruw, vanaf, toeval.randint(1, 5), WEG)
    verwacht = [n for n in range(vanaf, len(alle)) if alle[n] == LUID or n in laatste]
    assert [een.offset for een in uit] == verwacht
    assert [een.value for een in uit] == [b"%d" % n for n in verwacht]
    assert (tot, over) == (len(alle), len(alle) - vanaf - len(verwacht))


def test_zonder_stille_typen_komt_alles() -> None:
    ruw, alle = partijen([[STIL, LUID, STIL], [STIL]])
    uit, tot, over = gehaald(ruw, 0, 2, frozenset())
    assert ([een.offset for een in uit], tot, over) == ([0, 1, 2, 3], len(alle), 0)


async def test_over_een_echte_bus_komt_de_positie_ook_met_alleen_stille_berichten_vooruit(
    kafka: Toegang,
) -> None:
    topic = KafkaTopic(kafka)
    await topic.maak()
    aantal = 700
    async with topic.uitgang.open() as kanaal:
        for n in range(0, aantal, 100):
            rij = [
                Verzending(nr, b"k%d" % (nr % 7), b"{}", LUID if nr % 50 == 0 else STIL)
                for nr in range(n, n + 100)
            ]
            await kanaal.zend(rij)
    luid, geteld, overgeslagen = 0, 0, 0
    async with topic.ingang.open(dict, stil=WEG) as aanvoer:
        while sum(aanvoer.achterstand().values()):
            for levering in await aanvoer.haal():
                luid += sum((TYPE_KOP, LUID.encode()) in een.koppen for een in levering.records)
                geteld += len(levering.records)
                overgeslagen += levering.overgeslagen
                nummers = [een.nummer for een in levering.records]
                assert nummers == sorted(nummers)
    assert luid == aantal // 50
    assert geteld + overgeslagen == aantal
    assert geteld < aantal // 2
    await topic.verwijder()
