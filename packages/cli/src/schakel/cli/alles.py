"""Several services in one process, straight from each other's logs.

The only place that knows all services by name (composition root, D5).
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from schakel.afspreken.app import DIENST as AFSPREKEN
from schakel.contracts.organisatie import GRENS, ORCHESTRATOR
from schakel.contracts.topics import historie_van
from schakel.grens.dienst import Grens
from schakel.grens.instellingen import Instellingen as GrensInstellingen
from schakel.herstellen.app import DIENST as HERSTELLEN
from schakel.kern.bus import Bestandslog, IngebedeIngang, Topic
from schakel.kern.grond.instellingen import Instellingen as KernInstellingen
from schakel.kern.http import Server, stopsein, tot_stop
from schakel.orchestrator.dienst import Orchestrator
from schakel.skelet.instellingen import Instellingen as ProcesInstellingen
from schakel.skelet.proces import Omschrijving, Procesdienst
from schakel.uitvoeren.app import DIENST as UITVOEREN
from schakel.verbeteren.app import DIENST as VERBETEREN
from schakel.wijzigen.app import DIENST as WIJZIGEN

from .instellingen import Instellingen, eigen_diensten, historiebestand

DIENSTEN: tuple[Omschrijving[Any], ...] = (AFSPREKEN, WIJZIGEN, HERSTELLEN, UITVOEREN, VERBETEREN)

Spreker = Procesdienst[Any] | Grens
"""Who says something on the bus; the orchestrator only listens."""


@dataclass(frozen=True)
class Geheel:
    """What runs in this process, opened and linked; nothing runs yet."""

    processen: Sequence[Procesdienst[Any]]
    orchestrator: Orchestrator | None = None
    grens: Grens | None = None
    historie: Bestandslog | None = None
    """What ``schakel importeer`` brings in, for the orchestrator."""

    def sluit(self) -> None:
        """Close the stores of what never ran."""
        if self.historie is not None:
            self.historie.sluit()
        for een in self.lezers:
            een.opslag.sluit()

    @property
    def sprekers(self) -> list[Spreker]:
        """Whose log others read."""
        return [*self.processen, *([] if self.grens is None else [self.grens])]

    @property
    def lezers(self) -> list[Spreker | Orchestrator]:
        """All of them: everybody reads others."""
        return [*([] if self.orchestrator is None else [self.orchestrator]), *self.sprekers]

    def servers(self) -> Mapping[str, Server]:
        """A server for each, by name."""
        lezers = self.lezers
        return {een.naam: Server(een.app, een.instellingen, van=len(lezers)) for een in lezers}


def bouw_geheel(
    gegevensmap: Path, diensten: Collection[str] | None = None, *, vrije_poorten: bool = False
) -> Geheel:
    """Open ``diensten``, or all that belong to this organisation, and link them.

    Raises StartFout, and then nothing stays open.

    With ``vrije_poorten`` any free port will do, but meldingen refer to the standard ones: on
    those their texts are found when the same data is served later.
    """
    namen = eigen_diensten(gegevensmap) if diensten is None else diensten
    poorten = Instellingen()

    def waarden(naam: str) -> dict[str, Any]:
        poort = poorten.poort_van(naam)
        vrij = {"poort": 0, "publieke_url": f"http://127.0.0.1:{poort}"}
        return {"gegevensmap": gegevensmap, **(vrij if vrije_poorten else {"poort": poort})}

    with ExitStack() as opruimen:
        processen: list[Procesdienst[Any]] = []
        for omschrijving in DIENSTEN:
            if (naam := omschrijving.proces.value) in namen:
                proces = Procesdienst(omschrijving, ProcesInstellingen(**waarden(naam)))
                opruimen.callback(proces.opslag.sluit)
                processen.append(proces)
        orchestrator = historie = None
        if ORCHESTRATOR in namen:
            orchestrator = Orchestrator(KernInstellingen(**waarden(ORCHESTRATOR)))
            opruimen.callback(orchestrator.opslag.sluit)
            bron = Topic(*historie_van(orchestrator.instellingen.oin))
            historie = Bestandslog(bron, historiebestand(gegevensmap))
            opruimen.callback(historie.sluit)
        grens = Grens(GrensInstellingen(**waarden(GRENS))) if GRENS in namen else None
        opruimen.pop_all()
    geheel = Geheel(processen, orchestrator, grens, historie)
    if not poorten.kafka:
        verbind(geheel)
    return geheel


def verbind(geheel: Geheel) -> None:
    """Let each listen to all the others and the orchestrator to all, woken by writes."""
    sprekers = geheel.sprekers
    for lezer in geheel.lezers:
        anderen = [een for een in sprekers if een is not lezer]
        historie = geheel.historie if lezer is geheel.orchestrator else None
        invoer = [] if historie is None else [historie]
        ingang = IngebedeIngang([*(een.log for een in anderen), *invoer])
        lezer.verbind(ingang)
        for een in anderen:
            een.na_commit.append(partial(ingang.wek, een.log))


@dataclass(frozen=True)
class Draaiend:
    """All of them at work: where they answer."""

    adressen: Mapping[str, str]
    servers: Sequence[Server]

    async def tot_stop(self) -> None:
        """Returns at SIGINT or SIGTERM, or when one of them breaks."""
        with stopsein() as stoppen:
            await tot_stop(stoppen, self.servers)


@asynccontextmanager
async def draai(geheel: Geheel) -> AsyncIterator[Draaiend]:
    """Start them, and stop them last first; raises StartFout when a port is taken."""
    async with AsyncExitStack() as opruimen:
        opruimen.callback(geheel.sluit)
        servers = geheel.servers()
        for server in servers.values():
            await server.start()
            opruimen.push_async_callback(server.stop)
        adressen = {naam: server.adres for naam, server in servers.items()}
        yield Draaiend(adressen, list(servers.values()))
