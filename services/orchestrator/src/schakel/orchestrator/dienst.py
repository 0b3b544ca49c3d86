"""The orchestrator as a running service: its parts, closed in the lifespan."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

from schakel.contracts.organisatie import ORCHESTRATOR
from schakel.contracts.topics import historie_van, processen_van, topics_van
from schakel.kern.bezorging.parkeren import maak_parkeerrouter
from schakel.kern.bus import Topic, open_bus
from schakel.kern.deelnemer import Deelnemer
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http import maak_app
from schakel.kern.opslag import open_opslag
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.vastlegging.transactie import AlleenRijen

from .herbouw import Herbouw
from .http import maak_router
from .stroom import Wijzigingen
from .tabellen import TABELLEN
from .verzamelaar import Verzamelaar
from .vragen import Vragen

VERSIE = "1.0.0"


class Orchestrator(Deelnemer):
    """Sees the messages of all services and names the werkstroom of every melding.

    Opening may raise StartFout. ``app`` serves it; its lifespan starts and closes everything.
    """

    def __init__(self, instellingen: Instellingen) -> None:
        """Open the store and put the parts together; nothing runs yet."""
        super().__init__(ORCHESTRATOR, VERSIE)
        self.instellingen = instellingen
        self.opslag = open_opslag(instellingen, ORCHESTRATOR, TABELLEN)
        self.vragen = Vragen(self.opslag)
        self.wijzigingen = Wijzigingen(self.vragen)
        self.schrijver = Schrijver(
            AlleenRijen(self.opslag),
            lambda: datetime.now(UTC),
            wachtrij=instellingen.wachtrij,
            na_commit=self._wek,
            meten=self.meten,
        )
        self.na_commit.append(self.wijzigingen.wek)
        self.verzamelaar = self.lezer = Verzamelaar(
            self.schrijver,
            self.opslag,
            processen_van(instellingen.oin),
            meten=self.meten,
            sporen=self.sporen,
            grenzen=instellingen,
        )
        self.herbouw = Herbouw(self.schrijver, self.opslag)
        topics = [*topics_van(instellingen.oin).items(), historie_van(instellingen.oin)]
        ingang, _ = open_bus(
            instellingen, ORCHESTRATOR, [Topic(*een) for een in topics], eigen=None
        )
        if ingang is not None:
            self.verbind(ingang)
        self.app = maak_app(
            dienst=ORCHESTRATOR,
            titel="Schakel orchestrator",
            omschrijving="Leidt uit de berichten alleen af welke werkstroom elke melding volgt.",
            versie=VERSIE,
            routers=[
                maak_router(self.vragen, self.wijzigingen, self.herbouw),
                maak_parkeerrouter(self.verzamelaar),
            ],
            instellingen=instellingen,
            levensloop=self.levensloop,
            gezondheid=self.staat,
            toelichting=self.toelichting,
            meten=self.meten,
            sporen=self.sporen,
            boek=self.schrijver.boek,
        )

    async def _begin(self, opruimen: AsyncExitStack) -> None:
        opruimen.push_async_callback(self.herbouw.stop)
