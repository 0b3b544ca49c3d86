"""The orchestrator as a running service: its parts, closed in the lifespan."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI

from schakel.kern.aggregaat import Aggregaat
from schakel.kern.bus import Ingang
from schakel.kern.gebeurtenis import Register
from schakel.kern.http import Staat, maak_app
from schakel.kern.http.parkeren import maak_parkeerrouter
from schakel.kern.instellingen import Instellingen
from schakel.kern.opslag import open_opslag
from schakel.kern.schrijver import Schrijver
from schakel.kern.taken import blijvend
from schakel.kern.werk import Voorraad

from .herbouw import Herbouw
from .http import maak_router
from .stroom import Wijzigingen
from .tabellen import TABELLEN
from .verzamelaar import Verzamelaar
from .vragen import Vragen

NAAM = "orchestrator"
POORT = 8100
VERSIE = "1.0.0"


class Orchestrator:
    """Sees the messages of all services and names the werkstroom of every melding.

    Opening may raise StartFout. ``app`` serves it; its lifespan starts and closes everything.
    """

    def __init__(self, instellingen: Instellingen) -> None:
        """Open the store and put the parts together; nothing runs yet."""
        self.instellingen = instellingen
        self.opslag = open_opslag(instellingen, NAAM, TABELLEN)
        self.vragen = Vragen(self.opslag)
        self.wijzigingen = Wijzigingen(self.vragen)
        # It records what others said and nothing of its own: there are no aggregates here.
        voorraad = Voorraad(Aggregaat, Register(()), self.opslag)
        self.schrijver = Schrijver(
            voorraad,
            lambda: datetime.now(UTC),
            wachtrij=instellingen.wachtrij,
            na_commit=self.wijzigingen.wek,
        )
        self.verzamelaar = Verzamelaar(self.schrijver, self.opslag)
        self.herbouw = Herbouw(self.schrijver, self.opslag)
        self._ingang: Ingang | None = None
        self.app = maak_app(
            dienst=NAAM,
            titel="Schakel orchestrator",
            omschrijving="Leidt uit de berichten alleen af welke werkstroom elke melding volgt.",
            versie=VERSIE,
            routers=[
                maak_router(self.vragen, self.wijzigingen, self.herbouw),
                maak_parkeerrouter(self.verzamelaar),
            ],
            instellingen=instellingen,
            levensloop=self._levensloop,
            gezondheid=self._staat,
        )

    def verbind(self, ingang: Ingang) -> None:
        """Receive from ``ingang`` once the service runs."""
        self._ingang = ingang

    def _staat(self) -> Mapping[str, Staat]:
        """Runs in a thread; a store that does not answer is reported as gone."""
        geparkeerd = self.verzamelaar.parkeerplaats.aantal()
        return {
            "opslag": Staat.GOED,
            "bus": Staat.GOED if self._ingang is not None else Staat.GESTOORD,
            "ontvangst": Staat.GESTOORD if geparkeerd else Staat.GOED,
        }

    @asynccontextmanager
    async def _levensloop(self, _app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opruimen:
            opruimen.callback(self.opslag.sluit)
            opruimen.push_async_callback(self.schrijver.sluit)
            opruimen.push_async_callback(self.herbouw.stop)
            if self._ingang is not None:
                ingang = self._ingang
                await opruimen.enter_async_context(
                    blijvend("ontvangst", lambda: self.verzamelaar.draai(ingang))
                )
            yield
