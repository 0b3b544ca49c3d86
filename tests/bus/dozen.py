"""Services of boxes on Kafka, as many replicas of each as are wanted."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Self
from uuid import UUID

from deploy.lokaal.toegang import Toegang
from tests.kern.kafkabus import KafkaTopic
from tests.kern.proef import Dienst, geprojecteerd, inhoud, tot, verzending

from schakel.kern.bezorging.relais import Relais
from schakel.kern.opslag import Opslag
from schakel.kern.zicht.taken import blijvend


class Replica:
    """One process of a service: it can take part, let go and take part again."""

    def __init__(self, opslag: Opslag) -> None:
        self.opslag = opslag
        self.dienst = Dienst(opslag, na_commit=self._wek)
        self._einde = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self.verbind()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.laat_los()
        await self.dienst.sluit()

    async def verbind(self) -> None:
        """Take part from here on."""

    async def laat_los(self) -> None:
        """Leave the bus; others take over."""
        await self._einde.aclose()

    def _wek(self) -> None:
        """Something was written."""


class Zender(Replica):
    """Tells what happens in its boxes, or stands ready to take that over."""

    def __init__(self, opslag: Opslag, topic: KafkaTopic) -> None:
        super().__init__(opslag)
        self.relais = Relais(opslag, verzending, topic.uitgang)

    async def verbind(self) -> None:
        await self._einde.enter_async_context(blijvend("relais", self.relais.draai))

    def _wek(self) -> None:
        self.relais.wek()

    async def vul(self, kisten: Sequence[UUID], getallen: Iterable[int]) -> None:
        """Each number into the next box."""
        await asyncio.gather(*(self.dienst.vul(kisten[wat % len(kisten)], wat) for wat in getallen))


class Ontvanger(Replica):
    """Does the same with its own boxes."""

    def __init__(self, opslag: Opslag, topic: KafkaTopic) -> None:
        super().__init__(opslag)
        self._topic = topic

    async def verbind(self) -> None:
        draai = partial(self.dienst.ontvanger.draai, self._topic.ingang)
        await self._einde.enter_async_context(blijvend("ontvangst", draai))

    async def is_geplaatst(self) -> None:
        """Until it has its share of the topic."""
        await tot(lambda: self.dienst.ontvanger.is_verbonden, 30)


async def is_bezorgd(zender: Opslag, ontvanger: Opslag, seconden: float = 30) -> None:
    """Until the receiver has what the sender has: each number once, per box in order."""
    verzonden = inhoud(zender)
    await tot(lambda: geprojecteerd(ontvanger) == verzonden, seconden)
    assert inhoud(ontvanger) == verzonden


@asynccontextmanager
async def topic_op(
    kafka: Toegang, *, kopieen: int = 1, partities: int = 3
) -> AsyncIterator[KafkaTopic]:
    """A topic that exists for the duration of the block."""
    topic = KafkaTopic(kafka, partities=partities)
    await topic.maak(kopieen)
    yield topic
    await topic.verwijder()
