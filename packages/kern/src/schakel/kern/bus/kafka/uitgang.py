"""Sending to Kafka: one record batch per partition, acknowledged by all replicas in sync."""

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from zlib import crc32

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient

from schakel.kern.bus.bericht import koppen_van
from schakel.kern.bus.poorten import Verzending
from schakel.kern.grond.weigering import BusFout, BusIngekort

from .klanten import Klanten, fouten_van_de_bus
from .topics import lees_topics
from .uitgave import OP_NAAM, AndereUitgave, bind_zender, wijze_van

_BEVESTIGD_SECONDEN = 30
"""Futures of an idempotent producer never expire: after this we begin again from the store."""

log = structlog.get_logger()


class KafkaUitgang:
    """The topic of one service, which is its only writer."""

    def __init__(self, klanten: Klanten, topic: str) -> None:
        """The topic must exist: services never make one."""
        self._klanten = klanten
        self._topic = topic
        self.wijze = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["_Verbinding"]:
        """See ``Uitgang``."""
        async with self._klanten.vrager() as vrager, self._klanten.producent() as producent:
            topic = (await lees_topics(vrager, [self._topic])).get(self._topic)
            if topic is None:
                raise BusFout(
                    "topic-ontbreekt", f"{self._topic} bestaat niet: voer `schakel topics` uit"
                )
            self._meld(wijze_van(vrager))
            bind_zender(producent, {self._topic: topic.merk}, self._meld)
            yield _Verbinding(self._klanten, vrager, producent, self._topic, *topic)

    def _meld(self, wijze: str) -> None:
        """Told when it changes: a broker may be replaced while we are connected."""
        if wijze == OP_NAAM != self.wijze:
            log.warning("bus_zonder_topic_id", topic=self._topic)
        self.wijze = wijze


class _Verbinding:
    """A producer on one incarnation of the topic."""

    def __init__(
        self,
        klanten: Klanten,
        vrager: AIOKafkaClient,
        producent: AIOKafkaProducer,
        topic: str,
        merk: str,
        partities: int,
    ) -> None:
        self.merk = merk
        self._klanten = klanten
        self._vrager = vrager
        self._producent = producent
        self._topic = topic
        self._partities = partities
        self._einden: dict[int, int] = {}

    async def keur(self, einden: Mapping[str, int]) -> bool:
        """See ``Kanaal``: a broker may acknowledge what is not yet on its disk, and crash."""
        await self._is_dezelfde()
        plekken = {TopicPartition(self._topic, int(p)): einde for p, einde in einden.items()}
        if not plekken:
            return True
        async with self._klanten.consument() as kijker, fouten_van_de_bus():
            aanwezig = await kijker.end_offsets(list(plekken))
        self._einden = {int(p): einde for p, einde in einden.items()}
        return all(aanwezig[plek] >= einde for plek, einde in plekken.items())

    async def zend(self, verzendingen: Sequence[Verzending]) -> Mapping[str, int]:
        """See ``Kanaal``."""
        partijen = self._verdeel(verzendingen)
        async with fouten_van_de_bus(), asyncio.timeout(_BEVESTIGD_SECONDEN):
            try:
                await self._stuur_alle(partijen)
            except AndereUitgave as fout:
                raise self._vernieuwd() from fout
        return {str(partitie): self._einden[partitie] for partitie, _ in partijen}

    async def _stuur_alle(self, partijen: Sequence[tuple[int, Any]]) -> None:
        toezeggingen = [
            (partitie, partij.record_count(), await self._stuur(partij, partitie))
            for partitie, partij in partijen
        ]
        for partitie, aantal, toezegging in toezeggingen:
            self._einden[partitie] = self._na(partitie, (await toezegging).offset) + aantal

    async def _stuur(self, partij: Any, partitie: int) -> asyncio.Future[Any]:
        toezegging: asyncio.Future[Any] = await self._producent.send_batch(
            partij, self._topic, partition=partitie
        )
        # When one fails all are given up, and nobody asks any more how the others ended.
        toezegging.add_done_callback(_vergeet_de_fout)
        return toezegging

    def _na(self, partitie: int, plaats: int) -> int:
        """Where a batch was kept. The only writer sees this rise, or else the log lost its end."""
        if plaats < self._einden.get(partitie, 0):
            raise BusIngekort("topic-ingekort", f"{self._topic} is korter dan wat was bevestigd")
        return plaats

    async def _is_dezelfde(self) -> None:
        """Asked when there is nothing to send: a topic made anew is to be filled at once."""
        topic = (await lees_topics(self._vrager, [self._topic])).get(self._topic)
        if topic is None or topic.merk != self.merk:
            raise self._vernieuwd()

    def _vernieuwd(self) -> BusFout:
        return BusFout("topic-vernieuwd", f"{self._topic} is weg of opnieuw gemaakt")

    def _verdeel(self, verzendingen: Sequence[Verzending]) -> Sequence[tuple[int, Any]]:
        """Record batches with their partitions, in order; one that is full is followed by another.

        The partition follows from the key alone, so that one tree keeps its order.
        """
        per_partitie: dict[int, list[Verzending]] = defaultdict(list)
        for verzending in verzendingen:
            per_partitie[crc32(verzending.sleutel) % self._partities].append(verzending)
        nu = time.time_ns() // 1_000_000
        partijen = []
        for partitie, rij in per_partitie.items():
            partij = None
            for v in rij:
                if partij is None or not _past(partij, v, nu):
                    partij = self._producent.create_batch()
                    partijen.append((partitie, partij))
                    if not _past(partij, v, nu):
                        raise BusFout("bericht-te-groot", f"nummer {v.nummer} past niet op de bus")
        return partijen


def _vergeet_de_fout(toezegging: asyncio.Future[Any]) -> None:
    if not toezegging.cancelled():
        toezegging.exception()


def _past(partij: Any, v: Verzending, nu: int) -> bool:
    koppen = list(koppen_van(v.type))
    return partij.append(timestamp=nu, key=v.sleutel, value=v.waarde, headers=koppen) is not None
