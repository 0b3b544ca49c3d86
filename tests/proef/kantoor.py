"""The five services and the orchestrator in one process, each asked as over HTTP."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from tests.keten.proefketen import Proefketen
from tests.proef.klant import Klant

from schakel.contracts.organisatie import ORCHESTRATOR
from schakel.contracts.werkstromen import Proces
from schakel.kern.bus.bericht import Levering
from schakel.kern.grond.instellingen import Instellingen
from schakel.orchestrator.dienst import Orchestrator


class Kantoor(Proefketen):
    """The five services and the orchestrator with their doors; messages go when they are let go."""

    def __init__(self, map_: Path) -> None:
        super().__init__(map_, wekker=3600)
        self.orchestrator = Orchestrator(Instellingen(gegevensmap=map_))
        self.apps = {p.value: dienst.app for p, dienst in self.diensten.items()}
        self.apps[ORCHESTRATOR] = self.orchestrator.app
        self.klanten = {naam: Klant(app) for naam, app in self.apps.items()}
        self.paren = [(naar, van) for naar in self.apps for van in Proces if naar != van]
        self.gelezen = dict.fromkeys(self.paren, 0)

    def lezer(self, naam: str) -> Any:
        return (
            self.orchestrator.lezer if naam == ORCHESTRATOR else self.diensten[Proces(naam)].lezer
        )

    async def geef(self, naar: str, van: Proces, hoogstens: int, nogmaals: int = 0) -> bool:
        """Hand out so much of what one has to say to another; some of what it had comes again."""
        log, gehad = self.diensten[van].log, self.gelezen[naar, van]
        nieuw = log.lees(gehad).records[:hoogstens]
        weer = log.lees(max(0, gehad - nogmaals)).records if nogmaals else ()
        records = [*(r for r in weer if r.nummer <= gehad), *nieuw]
        if records:
            await self.lezer(naar).ontvang(Levering(log.bron, log.schrijver, records))
            self.gelezen[naar, van] = max(gehad, records[-1].nummer)
        return bool(nieuw)

    async def geef_alles(self) -> None:
        """Until nobody has anything new to say."""
        while any([await self.geef(naar, van, 500) for naar, van in self.paren]):
            pass


@asynccontextmanager
async def kantoor(map_: Path) -> AsyncIterator[Kantoor]:
    """At work until the end of the block."""
    diensten = Kantoor(map_)
    async with AsyncExitStack() as einde:
        for app in diensten.apps.values():
            await einde.enter_async_context(app.router.lifespan_context(app))
        yield diensten
