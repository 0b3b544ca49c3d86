"""From the store of one service over a real Kafka to that of another, and what must hold of it."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from uuid import UUID

from aiokafka import TopicPartition
from eventsourcing.persistence import PersistenceError
from tests.kern.proef import BRON, REGISTER, TABELLEN, Dienst, tot, verzending

from schakel.kern.bezorging.relais import NAAM, Relais
from schakel.kern.bus import Topic
from schakel.kern.bus.kafka import KafkaIngang, KafkaUitgang, Klanten
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import BusFout
from schakel.kern.opslag import Opslag, lees_posities
from schakel.kern.opslag.postgres import PostgresOpslag

PARTITIES = 4


class Plaats(NamedTuple):
    """Where everything is; goes to the children too."""

    zender: str
    ontvanger: str
    kafka: str
    oin: str
    topic: str

    @property
    def toegang(self) -> Klanten:
        return Klanten(Instellingen(kafka=self.kafka, oin=self.oin), f"{self.oin}.proef")

    @property
    def uitgang(self) -> KafkaUitgang:
        return KafkaUitgang(self.toegang, self.topic)

    def ingang(self, groep: str) -> KafkaIngang:
        """Kafka waits six seconds for a dead member: so who dies is in a group of its own."""
        return KafkaIngang(self.toegang, f"{self.oin}.{groep}", [Topic(self.topic, BRON)])

    def open_zender(self) -> Dienst:
        return Dienst(PostgresOpslag(self.zender, TABELLEN))

    def open_ontvanger(self, weigert: set[int]) -> Dienst:
        dienst = Dienst(PostgresOpslag(self.ontvanger, TABELLEN))
        dienst.vuller.weigert = weigert
        return dienst


class Keten:
    """A sender and a receiver, in this process."""

    def __init__(self, plaats: Plaats) -> None:
        self.plaats = plaats
        self.zender = plaats.open_zender()
        self.ontvanger = plaats.open_ontvanger(set())

    async def vul(self, boom: UUID, watten: range) -> None:
        """One after the other, of one tree: a box, and more that hang under it."""
        for i, wat in enumerate(watten):
            await self.zender.vul(UUID(int=boom.int + i % 5), wat, boom=boom)

    async def stuur(self) -> None:
        """Relay until the position is that of the last event that can be seen."""
        log = self.zender.opslag.select_notifications(None, 100_000)
        laatste = log[-1].id if log else 0
        async with self.plaats.uitgang.open() as kanaal:
            merk = kanaal.merk

        def is_verstuurd() -> bool:
            return lees_posities(self.zender.opslag).get(f"{NAAM}@{merk}", 0) >= laatste

        relais = Relais(self.zender.opslag, verzending, self.plaats.uitgang)
        async with _lopend(relais.draai):
            await tot(is_verstuurd)

    async def ontvang(self) -> None:
        """Receive until the positions are those of the end of the topic."""
        plekken = [TopicPartition(self.plaats.topic, p) for p in range(PARTITIES)]
        async with self.plaats.toegang.consument() as kijker:
            einde = sum((await kijker.end_offsets(plekken)).values())
        async with self.plaats.uitgang.open() as kanaal:
            merk = kanaal.merk

        def is_ontvangen() -> bool:
            posities = lees_posities(self.ontvanger.opslag)
            return sum(n for naam, n in posities.items() if naam.endswith(f"@{merk}")) >= einde

        async with _lopend(lambda: self.ontvanger.ontvanger.draai(self.plaats.ingang("proef"))):
            await tot(is_ontvangen)

    def oordeel(self) -> set[str]:
        """What is wrong between the two stores: every effect once, per tree in order."""
        gezegd, gedaan = _per_boom(self.zender.opslag), _per_boom(self.ontvanger.opslag)
        mis = {"geparkeerd" for _ in self.ontvanger.geparkeerd()}
        for boom in gezegd.keys() | gedaan.keys():
            mis |= set(_verschil(gezegd[boom], gedaan[boom]))
        return mis

    async def sluit(self) -> None:
        await self.zender.sluit()
        await self.ontvanger.sluit()


def _per_boom(opslag: Opslag) -> dict[UUID, list[tuple[UUID, int]]]:
    """What happened in each tree, in the order in which it was stored."""
    bomen: dict[UUID, list[tuple[UUID, int]]] = defaultdict(list)
    for notificatie in opslag.select_notifications(None, 100_000):
        gebeurtenis = REGISTER.lees(notificatie)
        wat: int = gebeurtenis.gebeurtenis.wat  # type: ignore[attr-defined]
        bomen[gebeurtenis.plaats.boom].append((gebeurtenis.originator_id, wat))
    return bomen


def _verschil(gezegd: list[Any], gedaan: list[Any]) -> Iterator[str]:
    if Counter(gezegd) - Counter(gedaan):
        yield "verloren"
    if Counter(gedaan) - Counter(gezegd):
        yield "dubbel"
    eerste_keer = list(dict.fromkeys(gedaan))
    if eerste_keer != [een for een in gezegd if een in set(gedaan)]:
        yield "volgorde"


@asynccontextmanager
async def _lopend(draai: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Running inside the block, begun again when bus or store fail."""

    async def telkens() -> None:
        while True:
            try:
                await draai()
            except (BusFout, PersistenceError):
                await asyncio.sleep(0.1)

    taak = asyncio.create_task(telkens())
    try:
        yield
    finally:
        taak.cancel()
        await asyncio.wait([taak])
