"""Sending to Kafka with nothing but the client library: what ours is measured against."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

from aiokafka import AIOKafkaProducer

from schakel.kern.bus import Verzending
from schakel.kern.bus.bericht import KOPPEN

MAX_PARTIJ = 1_000_000
_KOPPEN = list(KOPPEN)


@asynccontextmanager
async def producent(adres: str) -> AsyncIterator[AIOKafkaProducer]:
    """As safe as ours: acknowledged by all, once and in order."""
    producent = AIOKafkaProducer(
        bootstrap_servers=adres,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_batch_size=MAX_PARTIJ,
        max_request_size=MAX_PARTIJ + 10_000,
    )
    await producent.start()
    try:
        yield producent
    finally:
        await producent.stop()


def partitie_van(sleutel: bytes, partities: int) -> int:
    """Where a key goes; the same tree always to the same place."""
    return crc32(sleutel) % partities


async def stuur(
    producent: AIOKafkaProducer,
    topic: str,
    verzendingen: Sequence[Verzending],
    partities: int,
    per_keer: int = 1_000,
) -> None:
    """One record batch per partition for each ``per_keer`` messages; returns at the last ack."""
    toezeggingen: list[asyncio.Future[Any]] = []
    for begin in range(0, len(verzendingen), per_keer):
        partijen: dict[int, Any] = defaultdict(producent.create_batch)
        for v in verzendingen[begin : begin + per_keer]:
            partij = partijen[partitie_van(v.sleutel, partities)]
            past = partij.append(timestamp=None, key=v.sleutel, value=v.waarde, headers=_KOPPEN)
            assert past is not None
        for partitie, partij in partijen.items():
            toezeggingen.append(await producent.send_batch(partij, topic, partition=partitie))
    await asyncio.gather(*toezeggingen)
