"""Everything in one process: the five, the orchestrator and the grens, straight from logs.

The only place that knows all services by name (composition root, D5).
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schakel.afspreken.app import DIENST as AFSPREKEN
from schakel.contracts.organisatie import GRENS, ORCHESTRATOR
from schakel.contracts.topics import historie_van
from schakel.grens.dienst import Grens
from schakel.grens.instellingen import Instellingen as GrensInstellingen
from schakel.grens.overeenkomsten import PATROON
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
    """The six, and the grens where there is a contract, opened and linked; nothing runs yet."""

    processen: Sequence[Procesdienst[Any]]
    orchestrator: Orchestrator
    historie: Bestandslog
    """What ``schakel importeer`` brings in."""
    grens: Grens | None = None

    def sluit(self) -> None:
        """Close the stores of what never ran."""
        self.historie.sluit()
        for een in (*self.processen, self.orchestrator, *self._grenzen):
            een.opslag.sluit()

    @property
    def _grenzen(self) -> tuple[Grens, ...]:
        return () if self.grens is None else (self.grens,)

    def servers(self) -> Mapping[str, Server]:
        """A server for each, by name."""
        van = len(self.processen) + 1 + len(self._grenzen)
        eigen = {p.proces.value: Server(p.app, p.instellingen, van=van) for p in self.processen}
        waarnemer = Server(self.orchestrator.app, self.orchestrator.instellingen, van=van)
        servers = {ORCHESTRATOR: waarnemer, **eigen}
        if self.grens is not None:
            servers[GRENS] = Server(self.grens.app, self.grens.instellingen, van=van)
        return servers


def bouw_geheel(gegevensmap: Path, *, vrije_poorten: bool = False) -> Geheel:
    """Open the six, and the grens once there is a contract, and link them.

    Raises StartFout, and then nothing stays open.

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
        opruimen.callback(orchestrator.opslag.sluit)
        instellingen_grens = GrensInstellingen(**waarden(GRENS))
        heeft_partner = any(instellingen_grens.partnermap.glob(PATROON))
        grens = Grens(instellingen_grens) if heeft_partner else None
        opruimen.pop_all()
    bron = Topic(*historie_van(orchestrator.instellingen.oin))
    historie = Bestandslog(bron, historiebestand(gegevensmap))
    geheel = Geheel(processen, orchestrator, historie, grens)
    verbind(geheel)
    return geheel


def verbind(geheel: Geheel) -> None:
    """Let each listen to all the others and the orchestrator to all, woken by writes."""
    orchestrator = geheel.orchestrator
    grenzen = () if geheel.grens is None else (geheel.grens,)
    sprekers: tuple[Procesdienst[Any] | Grens, ...] = (*geheel.processen, *grenzen)
    lezers: tuple[Procesdienst[Any] | Grens | Orchestrator, ...] = (*sprekers, orchestrator)
    for lezer in lezers:
        anderen = [een for een in sprekers if een is not lezer]
        invoer = [geheel.historie] if lezer is orchestrator else []
        ingang = IngebedeIngang([*(een.log for een in anderen), *invoer])
        lezer.verbind(ingang)
        for een in anderen:
            een.na_commit.append(ingang.wek)


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
