"""The five services and the orchestrator on Kafka, in one process; messages go by themselves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import count, cycle
from pathlib import Path
from typing import Any, Generic, TypeVar

from deploy.lokaal.postgres import Databases
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import maak_topics, verwijder_topics
from eventsourcing.persistence import Notification
from fastapi import FastAPI
from tests.kern.kafkabus import kafka_instellingen, toegang_voor
from tests.keten.proefketen import Proefketen, Ref, kop
from tests.keten.werkstroom import rond_af, voer_uit

from schakel.contracts.organisatie import ORCHESTRATOR
from schakel.contracts.topics import topic_van, topics_van
from schakel.contracts.werkstromen import Proces, Werkstroom
from schakel.kern.bus.kafka.topics import lees_topics
from schakel.kern.deelnemer import Deelnemer
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import NietGevonden, Overbelast, Weigering
from schakel.kern.opslag import Opslag, lees_posities
from schakel.kern.opslag.postgres import migreer
from schakel.orchestrator.dienst import Orchestrator
from schakel.orchestrator.tabellen import TABELLEN as TABELLEN_VAN_DE_ORCHESTRATOR
from schakel.skelet.antwoorden import Antwoord
from schakel.skelet.overzicht import TABELLEN
from schakel.skelet.proces import Procesdienst

PARTITIES = 4
GEDULD = 60.0
"""Seconds that a step may have to wait for what others have to say first."""

D = TypeVar("D", bound=Deelnemer)
T = TypeVar("T")
Stand = Mapping[str, list[Any]]

_GEDAAN = (
    "SELECT bron, bericht, digest FROM inbox ORDER BY bron, bericht",
    "SELECT bron, reden FROM geparkeerd ORDER BY nummer",
    "SELECT naam, stand FROM tellers ORDER BY naam",
)
_WAARGENOMEN = (
    "SELECT bron, bericht, digest FROM gezien ORDER BY bron, bericht, digest",
    "SELECT wortel, afleiding FROM bomen ORDER BY wortel",
    "SELECT bron, reden FROM geparkeerd ORDER BY nummer",
)


class Draaiend(Generic[D]):
    """A service that runs as in a process of its own; it can be ended and started again."""

    def __init__(self, maak: Callable[[], D]) -> None:
        self._maak = maak
        self._einde = AsyncExitStack()
        self.dienst = maak()

    async def begin(self) -> None:
        await self._einde.enter_async_context(self.dienst.levensloop(FastAPI()))

    async def einde(self) -> None:
        await self._einde.aclose()

    async def herstart(self) -> None:
        """End it in an orderly way, and begin again with what is in its store."""
        await self.einde()
        self.dienst = self._maak()
        await self.begin()


class Beurtelings(Mapping[Proces, Procesdienst[Any]]):
    """Whoever asks for a service gets its next replica."""

    def __init__(self, replicas: Mapping[Proces, list[Draaiend[Procesdienst[Any]]]]) -> None:
        self._beurt = {proces: cycle(rij) for proces, rij in replicas.items()}

    def __getitem__(self, proces: Proces) -> Procesdienst[Any]:
        return next(self._beurt[proces]).dienst

    def __iter__(self) -> Iterator[Proces]:
        return iter(self._beurt)

    def __len__(self) -> int:
        return len(self._beurt)


class Bedrijf(Proefketen):
    """Who works here takes a step as soon as it can be taken, wherever the messages are."""

    def __init__(
        self,
        kafka: Toegang,
        oin: str,
        map_: Path,
        databases: Mapping[str, str] | None = None,
        *,
        replicas: int = 1,
    ) -> None:
        """``databases`` by name of the service; without them every store is a file."""
        self.oin = oin
        self.topics = topics_van(oin)
        self._kafka = kafka
        self._databases = databases or {}
        self._aantal = replicas
        self._sleutels = count()
        super().__init__(map_, oin=oin, **kafka_instellingen(kafka))
        self.waarnemers = [Draaiend(self._open_waarnemer) for _ in range(replicas)]

    def _open_alle(self) -> Mapping[Proces, Procesdienst[Any]]:
        self.replicas = {
            proces: [Draaiend(partial(self.open, proces)) for _ in range(self._aantal)]
            for proces in Proces
        }
        return Beurtelings(self.replicas)

    def open(self, proces: Proces, **anders: Any) -> Procesdienst[Any]:
        """See ``Proefketen``."""
        return super().open(proces, **self._opslag_van(proces), **anders)

    def _open_waarnemer(self) -> Orchestrator:
        opslag = self._opslag_van(ORCHESTRATOR)
        return Orchestrator(Instellingen(**self._instellingen, **opslag))

    def _opslag_van(self, dienst: str) -> dict[str, str]:
        return {"opslag": self._databases[dienst]} if self._databases else {}

    # Work

    async def meld(self, proces: Proces, **anders: Any) -> Ref:
        """See ``Proefketen``."""
        return await _geduldig(partial(super().meld, proces, **anders))

    async def doe(self, melding: Ref, stap: str, **body: Any) -> Antwoord:
        """See ``Proefketen``; asked again with the same key as long as it cannot be done yet."""
        vast = kop(f"bus-{next(self._sleutels)}")
        return await _geduldig(partial(self._doe, melding, stap, body, vast))

    async def draag_over(self, melding: Ref, naar: Proces, **body: Any) -> Ref:
        """See ``Proefketen``."""
        kind = await super().draag_over(melding, naar, **body)
        await _geduldig(partial(asyncio.to_thread, self.toon, kind))
        return kind

    async def bezorg(self) -> None:
        """Nobody here hands out messages: they go by themselves."""

    async def loop(self, werkstroom: Werkstroom) -> Ref:
        """A melding from intake to closing."""
        melding = await self.meld(werkstroom.eerste)
        await voer_uit(self, melding, werkstroom.heenweg)
        await rond_af(self, melding)
        return melding

    # What became of it

    def opslag_van(self, proces: Proces) -> Opslag:
        return self.replicas[proces][0].dienst.opslag

    @property
    def waarneming(self) -> Opslag:
        return self.waarnemers[0].dienst.opslag

    def stand(self) -> Mapping[str, Stand]:
        """All that was done or seen, by service; how it got there does not count."""
        standen = {ORCHESTRATOR: _lees(self.waarneming, _WAARGENOMEN)}
        for proces in Proces:
            opslag = self.opslag_van(proces)
            standen[proces.value] = [_log(opslag), *_lees(opslag, _GEDAAN)]
        return standen

    async def is_rustig(self, seconden: float = GEDULD) -> None:
        """Until all that happened was sent, and all that was sent was handled."""
        async with asyncio.timeout(seconden):
            async with toegang_voor(self._kafka, "toeschouwer").vrager() as vrager:
                while True:
                    if await self._is_rustig(await lees_topics(vrager, self.topics)):
                        return
                    await asyncio.sleep(0.05)

    async def _is_rustig(self, topics: Mapping[str, Any]) -> bool:
        voor = self._laatste()
        merk_per_topic = {naam: topic.merk for naam, topic in topics.items()}
        if merk_per_topic.keys() != self.topics.keys():
            return False
        for proces in Proces:
            topic = topic_van(self.oin, proces)
            merk = merk_per_topic[topic]
            uit = lees_posities(self.opslag_van(proces))
            if uit.get(f"relais@{merk}", 0) != voor[proces]:
                return False
            lezers = [self.opslag_van(p) for p in Proces if p is not proces] + [self.waarneming]
            for lezer in lezers:
                gehad = lees_posities(lezer)
                if any(  # a stranger may have written more there
                    gehad.get(f"{topic}/{p}@{merk}", 0) < uit.get(f"relais@{merk}/{p}", 0)
                    for p in range(PARTITIES)
                ):
                    return False
        return self._laatste() == voor

    def _laatste(self) -> dict[Proces, int]:
        logs = {proces: _log(self.opslag_van(proces)) for proces in Proces}
        return {proces: log[-1].id if log else 0 for proces, log in logs.items()}

    # The bus

    async def maak_topics(self, kopieen: int = 1) -> None:
        maak = partial(maak_topics, self._kafka, self.topics, partities=PARTITIES)
        await asyncio.to_thread(maak, kopieen=kopieen)

    async def verwijder_topics(self) -> None:
        await asyncio.to_thread(verwijder_topics, self._kafka, self.topics)


def _log(opslag: Opslag) -> Sequence[Notification]:
    return opslag.select_notifications(None, 100_000)


def _lees(opslag: Opslag, vragen: tuple[str, ...]) -> list[Any]:
    return [[tuple(map(_vergelijkbaar, rij)) for rij in opslag.vraag(vraag)] for vraag in vragen]


def _vergelijkbaar(waarde: Any) -> Any:
    return bytes(waarde) if isinstance(waarde, memoryview) else waarde


async def _geduldig(doe: Callable[[], Awaitable[T]]) -> T:
    async with asyncio.timeout(GEDULD):
        while True:
            try:
                return await doe()
            except (Weigering, NietGevonden, Overbelast):
                await asyncio.sleep(0.02)


def maak_databases(server: Databases) -> Mapping[str, str]:
    """An empty database for every service, migrated."""
    urls = {naam: server.maak_database() for naam in (ORCHESTRATOR, *Proces)}
    for naam, url in urls.items():
        migreer(url, TABELLEN_VAN_DE_ORCHESTRATOR if naam == ORCHESTRATOR else TABELLEN)
    return urls


@asynccontextmanager
async def aan_het_werk(bedrijf: Bedrijf, *, kopieen: int = 1) -> AsyncIterator[Bedrijf]:
    """With its topics, and everything running, until the end of the block."""
    await bedrijf.maak_topics(kopieen)
    draaiend = [*bedrijf.waarnemers, *(d for rij in bedrijf.replicas.values() for d in rij)]
    async with AsyncExitStack() as einde:
        einde.push_async_callback(bedrijf.verwijder_topics)
        for een in draaiend:
            einde.push_async_callback(een.einde)
            await een.begin()
        yield bedrijf
