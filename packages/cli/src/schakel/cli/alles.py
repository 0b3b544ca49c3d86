"""Everything in one process: the five services and the orchestrator, delivery straight from logs.

The only place that knows all services by name (composition root, D5).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schakel.afspreken.app import DIENST as AFSPREKEN
from schakel.contracts.organisatie import ORCHESTRATOR
from schakel.contracts.topics import historie_van
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

from .instellingen import Instellingen, historiebestand

DIENSTEN: tuple[Omschrijving[Any], ...] = (AFSPREKEN, WIJZIGEN, HERSTELLEN, UITVOEREN, VERBETEREN)


@dataclass(frozen=True)
class Geheel:
    """The six, opened and linked; nothing runs yet."""

    processen: Sequence[Procesdienst[Any]]
    orchestrator: Orchestrator
    historie: Bestandslog
    """What ``schakel importeer`` brings in."""

    def sluit(self) -> None:
        """Close the stores of what never ran."""
        self.historie.sluit()
        for opslag in (*(proces.opslag for proces in self.processen), self.orchestrator.opslag):
            opslag.sluit()

    def servers(self) -> Mapping[str, Server]:
        """A server for each, by name."""
        van = len(self.processen) + 1
        eigen = {p.proces.value: Server(p.app, p.instellingen, van=van) for p in self.processen}
        waarnemer = Server(self.orchestrator.app, self.orchestrator.instellingen, van=van)
        return {ORCHESTRATOR: waarnemer, **eigen}


def bouw_geheel(gegevensmap: Path, *, vrije_poorten: bool = False) -> Geheel:
    """Open the six and link them; raises StartFout, and then nothing stays open.

    With ``vrije_poorten`` any free port will do, but meldingen refer to the standard ones: on
    those their texts are found when the same data is served later.
    """
    poorten = Instellingen()

    def waarden(naam: str) -> dict[str, Any]:
        poort = poorten.poort_van(naam)
        vrij = {"poort": 0, "publieke_url": f"http://127.0.0.1:{poort}"}
        return {"gegevensmap": gegevensmap, **(vrij if vrije_poorten else {"poort": poort})}

    with ExitStack() as opruimen:
        processen: list[Procesdienst[Any]] = []
        for omschrijving in DIENSTEN:
            instellingen = ProcesInstellingen(**waarden(omschrijving.proces.value))
            proces = Procesdienst(omschrijving, instellingen)
            opruimen.callback(proces.opslag.sluit)
            processen.append(proces)
        orchestrator = Orchestrator(KernInstellingen(**waarden(ORCHESTRATOR)))
        opruimen.pop_all()
    bron = Topic(*historie_van(orchestrator.instellingen.oin))
    geheel = Geheel(processen, orchestrator, Bestandslog(bron, historiebestand(gegevensmap)))
    verbind(geheel)
    return geheel


def verbind(geheel: Geheel) -> None:
    """Let every process listen to all the others and the orchestrator to all, woken by writes."""
    processen, orchestrator = geheel.processen, geheel.orchestrator
    lezers: tuple[Procesdienst[Any] | Orchestrator, ...] = (*processen, orchestrator)
    for lezer in lezers:
        anderen = [proces for proces in processen if proces is not lezer]
        invoer = [geheel.historie] if lezer is orchestrator else []
        ingang = IngebedeIngang([*(proces.log for proces in anderen), *invoer])
        lezer.verbind(ingang)
        for proces in anderen:
            proces.na_commit.append(ingang.wek)


@dataclass(frozen=True)
class Draaiend:
    """The six at work: where they answer."""

    adressen: Mapping[str, str]
    servers: Sequence[Server]

    async def tot_stop(self) -> None:
        """Returns at SIGINT or SIGTERM, or when one of the six breaks."""
        with stopsein() as stoppen:
            await tot_stop(stoppen, self.servers)


@asynccontextmanager
async def draai(geheel: Geheel) -> AsyncIterator[Draaiend]:
    """Start the six, and stop them last first; raises StartFout when a port is taken."""
    async with AsyncExitStack() as opruimen:
        opruimen.callback(geheel.sluit)
        servers = geheel.servers()
        for server in servers.values():
            await server.start()
            opruimen.push_async_callback(server.stop)
        adressen = {naam: server.adres for naam, server in servers.items()}
        yield Draaiend(adressen, list(servers.values()))
