"""Record batches as nobody should write them: made by hand, sent as they are."""

import asyncio
import struct
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiokafka.protocol.api import Request
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from deploy.lokaal.toegang import Toegang
from tests.kern.kafkabus import toegang_voor

from schakel.kern.bus.bericht import KOPPEN
from schakel.kern.bus.kafka.draad import SchrijfVraag
from schakel.kern.bus.kafka.topics import lees_topics

GEEN, GZIP, SNAPPY, LZ4, ZSTD = range(5)
NAAM = "content-type"

_KOMT_NOG = {3, 5, 6, 100}
"""What a broker says of a topic that was made a moment ago."""

Inhoud = tuple[bytes | None, bytes]
"""Key and value."""


class _Schrijf(Request[SchrijfVraag]):
    API_KEY = 0

    def __init__(self, topic: UUID, partitie: int, ruw: bytes) -> None:
        self._wat: list[Any] = [(topic, [(partitie, ruw, {})], {})]

    def prepare(self, versions: dict[int, tuple[int, int]]) -> SchrijfVraag:  # noqa: ARG002
        return self.build(SchrijfVraag)

    def build(self, request_struct_class: type[SchrijfVraag]) -> SchrijfVraag:
        return request_struct_class(None, -1, 5_000, self._wat, {})


async def zend_ruw(kafka: Toegang, topic: str, ruw: bytes, partitie: int = 0) -> int:
    """The offset at which the broker kept it; it refuses what it finds fault with."""
    async with toegang_voor(kafka, "ruw").vrager() as vrager:
        merk = (await lees_topics(vrager, [topic]))[topic].merk
        for _ in range(100):
            antwoord: Any = await vrager.send(1, _Schrijf(UUID(merk), partitie, ruw))
            _, fout, offset, *_ = antwoord.topics[0][1][0]
            if fout not in _KOMT_NOG:
                break
            await asyncio.sleep(0.1)
    assert fout == 0
    return int(offset)


def partij(records: Sequence[Inhoud], soort: int = GEEN, basis: int = 0) -> bytes:
    """A batch of these records in our own mode."""
    bouwer = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=soort,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=8_000_000,
    )
    for nummer, (sleutel, waarde) in enumerate(records):
        bouwer.append(nummer, 1_767_225_600_000, sleutel, waarde, list(KOPPEN))
    return struct.pack(">q", basis) + bytes(bouwer.build())[8:]


def met_kop(ruw: bytes, kop: bytes, *, keer: int = 1) -> bytes:
    """The same with another name for the header of its first records, valid in all else."""
    assert len(kop) == len(NAAM)
    return met_crc(ruw.replace(NAAM.encode(), kop, keer))


def met_crc(ruw: bytes) -> bytes:
    """As if it was meant so."""
    return ruw[:17] + struct.pack(">I", calc_crc32c(ruw[21:])) + ruw[21:]
