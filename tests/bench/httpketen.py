"""The chain as an operator runs it: six processes, and one that plays the employees over HTTP.

The employees learn from the bus that there is something to do, as any listener does, and take each
of the twenty-five steps with a request of its own. All of it shares this machine with the broker
and the database server.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import count
from uuid import UUID

import msgspec
import psutil
from aiokafka import AIOKafkaConsumer

from schakel.contracts import melding as m
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.orchestrator.tabellen import TABELLEN as WAARNEMER
from schakel.skelet.stappen.begin import Aangenomen
from schakel.skelet.stappen.overdracht import Teruggekeerd

from .belasting import Klant
from .gang import DELEN, INTAKE, Handeling
from .infra import Bus, Postgres, vrije_poort
from .last import Last
from .verslag import Cel, Uitkomst, mediaan, percentiel, schone_map

EERSTE = Proces.HERSTELLEN
ORCHESTRATOR = "orchestrator"
VERBINDINGEN = 64
OPSTARTTIJD = 180.0
_BERICHT: Mapping[str, type[Gebeurtenis]] = {
    m.Aangenomen.type: Aangenomen,
    m.Teruggekeerd.type: Teruggekeerd,
}
_NA: Mapping[tuple[Proces, type[Gebeurtenis]], Sequence[Handeling]] = {
    (deel.proces, deel.na): deel.handelingen for deel in DELEN
}


@dataclass(frozen=True)
class Maat:
    """How much is measured: ``aantal`` with ``tegelijk`` under way, ``seconden`` at ``tempo``."""

    rondes: int
    warm: int
    aantal: int
    tegelijk: int
    tempo: int
    seconden: float


class _Feit(msgspec.Struct):
    melding_id: UUID = msgspec.field(name="meldingId")
    proces: Proces


class _Bericht(msgspec.Struct):
    type: str
    data: msgspec.Raw


@dataclass(frozen=True)
class Diensten:
    """Six processes: where they answer, and which they are."""

    oin: str
    poorten: Mapping[str, int]
    processen: Mapping[str, psutil.Process]

    def verbruik(self) -> tuple[float, float]:
        """Seconds of processor of all together, and the megabytes of the largest."""
        tijden = [p.cpu_times() for p in self.processen.values()]
        megabytes = max(p.memory_info().rss for p in self.processen.values()) / 2**20
        return sum(tijd.user + tijd.system for tijd in tijden), megabytes


@contextmanager
def diensten(pg: Postgres, bus: Bus) -> Iterator[Diensten]:
    """Start the six on fresh stores and topics; they are asked to stop in the end."""
    oin = bus.organisatie()
    namen = [*(proces.value for proces in Proces), ORCHESTRATOR]
    poorten = {naam: vrije_poort() for naam in namen}
    urls = {**pg.voor(namen[:-1]), ORCHESTRATOR: pg.met(WAARNEMER)}
    with schone_map() as map_, ExitStack() as opruimen:
        lopend: dict[str, subprocess.Popen[bytes]] = {}
        opruimen.callback(_stop, lopend)
        for naam in namen:
            omgeving = {
                "SCHAKEL_OIN": oin,
                "SCHAKEL_POORT": str(poorten[naam]),
                "SCHAKEL_OPSLAG": urls[naam],
                "SCHAKEL_KAFKA": bus.adres,
                "SCHAKEL_GEGEVENSMAP": str(map_ / naam),
                "SCHAKEL_SLEUTELBESTAND": str(map_ / "sleutel"),
                "SCHAKEL_LOGNIVEAU": "error",
            }
            lopend[naam] = subprocess.Popen(
                [sys.executable, "-m", f"schakel.{naam}"], env=os.environ | omgeving
            )
        yield Diensten(
            oin, poorten, {naam: psutil.Process(een.pid) for naam, een in lopend.items()}
        )


def _stop(lopend: "Mapping[str, subprocess.Popen[bytes]]") -> None:
    for proces in lopend.values():
        proces.terminate()
    for proces in lopend.values():
        proces.wait()


class Medewerkers:
    """Play the employees of the three services."""

    def __init__(self, klanten: Mapping[Proces, Klant], groep: asyncio.TaskGroup) -> None:
        self.last = Last(groep)
        """Hears what is finished."""
        self._klanten = klanten
        self._groep = groep
        self._sleutels = count()
        self.wachttijden: list[float] = []

    async def _stuur(self, proces: Proces, pad: str, inhoud: Mapping[str, object]) -> bytes:
        begin = time.perf_counter()
        sleutel = f"s{next(self._sleutels)}"
        antwoord = await self._klanten[proces].stuur(pad, sleutel, json.dumps(inhoud).encode())
        self.wachttijden.append(time.perf_counter() - begin)
        return antwoord

    async def begin(self) -> UUID:
        """Take one in, and bring it to its hand-over."""
        id_ = UUID(json.loads(await self._stuur(EERSTE, "/meldingen", INTAKE))["meldingId"])
        await self._werk(EERSTE, id_, _NA[EERSTE, Aangenomen])
        return id_

    async def _werk(self, proces: Proces, id_: UUID, handelingen: Sequence[Handeling]) -> None:
        for stap, inhoud in handelingen:
            await self._stuur(proces, f"/meldingen/{id_}/{stap}", inhoud)

    async def _rond_af(self, id_: UUID, handelingen: Sequence[Handeling]) -> None:
        await self._werk(EERSTE, id_, handelingen)
        self.last.is_klaar([id_], time.perf_counter())

    async def luister(self, lezer: AIOKafkaConsumer) -> None:
        """Whatever is opened elsewhere, or comes back, is work."""
        async for record in lezer:
            bericht = msgspec.json.decode(record.value, type=_Bericht)
            wat = _BERICHT.get(bericht.type)
            if wat is None:
                continue
            feit = msgspec.json.decode(bericht.data, type=_Feit)
            handelingen = _NA.get((feit.proces, wat))
            if feit.proces is not EERSTE and handelingen is not None:
                werk = self._werk(feit.proces, feit.melding_id, handelingen)
                self._groep.create_task(werk)
            elif wat is Teruggekeerd and handelingen is not None:
                self._groep.create_task(self._rond_af(feit.melding_id, handelingen))


@asynccontextmanager
async def medewerkers(
    bus: Bus, zes: Diensten, groep: asyncio.TaskGroup
) -> AsyncIterator[Medewerkers]:
    """At work, once all services answer."""
    processen = [proces for proces in Proces if any(p is proces for p, _ in _NA)]
    async with AsyncExitStack() as opruimen:
        klanten = {}
        for proces in processen:
            klanten[proces] = Klant(zes.poorten[proces.value], VERBINDINGEN)
            await klanten[proces].open(OPSTARTTIJD)
            opruimen.callback(klanten[proces].sluit)
        lezer = AIOKafkaConsumer(
            *(topic_van(zes.oin, proces) for proces in processen),
            bootstrap_servers=bus.adres,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=10,
        )
        await lezer.start()
        opruimen.push_async_callback(lezer.stop)
        zij = Medewerkers(klanten, groep)
        taak = groep.create_task(zij.luister(lezer))
        try:
            yield zij
        finally:
            taak.cancel()


async def _draai(bus: Bus, zes: Diensten, maat: Maat, tempo: int) -> dict[str, float]:
    async with asyncio.TaskGroup() as groep, medewerkers(bus, zes, groep) as zij:
        tegelijk = maat.tegelijk
        await zij.last.gesloten(zij.begin, maat.warm, tegelijk, 1)
        ervoor, _ = zes.verbruik()
        zij.wachttijden.clear()
        last = zij.last = Last(groep)
        if tempo:
            per_seconde = await last.open(zij.begin, tempo, maat.seconden)
        else:
            per_seconde = await last.gesloten(zij.begin, maat.aantal, tegelijk, tegelijk)
        erna, megabytes = zes.verbruik()
    return {
        "af per s": per_seconde,
        "p50 in ms": percentiel(last.verloop.wachttijden, 0.5),
        "p99 in ms": percentiel(last.verloop.wachttijden, 0.99),
        "verzoek p99, ms": percentiel(zij.wachttijden, 0.99) * 1e3,
        "rekentijd in us": (erna - ervoor) / len(last.verloop.klaar) * 1e6,
        "MB hoogste": megabytes,
    }


def meet_http(pg: Postgres, bus: Bus, maat: Maat) -> Uitkomst:
    """As fast as it goes, and at a given pace."""
    tempo = maat.tempo
    namen = {0: f"zo snel het gaat, {maat.tegelijk} tegelijk"}
    if tempo:
        namen[tempo] = f"{tempo}/s"
    gemeten: dict[int, list[dict[str, float]]] = {soort: [] for soort in namen}
    for _ in range(maat.rondes):
        for soort in namen:
            with diensten(pg, bus) as zes:
                gemeten[soort].append(asyncio.run(_draai(bus, zes, maat, soort)))
    rijen: list[dict[str, Cel]] = [
        {"wat": naam, **{k: mediaan([r[k] for r in gemeten[soort]]) for k in gemeten[soort][0]}}
        for soort, naam in namen.items()
    ]
    return Uitkomst("http", "werkstroom 3 met zes processen, elke stap een verzoek", rijen)
