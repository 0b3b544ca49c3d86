"""One process as a running service: its parts built from a description, closed in the lifespan."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from fastapi import FastAPI

from schakel.contracts.envelop import bron_van
from schakel.contracts.werkstromen import SOORT_VAN, Proces
from schakel.kern.bus import Bronlog, Ingang
from schakel.kern.gebeurtenis import Gebeurtenis, Register
from schakel.kern.http import Staat, maak_app
from schakel.kern.http.parkeren import maak_parkeerrouter
from schakel.kern.kluis import Kluis, lees_hoofdsleutel
from schakel.kern.ontvanger import Ontvanger
from schakel.kern.opslag import open_opslag
from schakel.kern.schrijver import Schrijver
from schakel.kern.taken import blijvend
from schakel.kern.werk import Voorraad

from .dienst import Dienst
from .http import maak_router
from .instellingen import Instellingen
from .melding import Melding
from .opdrachten import ACTIES, Actie
from .overzicht import TABELLEN, projecteer
from .reacties import Reacties
from .uitgaand import Uitgaand, VertaalEigen

M = TypeVar("M", bound=Melding)

VERSIE = "1.0.0"
"""Of the API of the processes (semantic versioning)."""


@dataclass(frozen=True)
class Omschrijving(Generic[M]):
    """What makes a process this process."""

    soort: type[M]
    gebeurtenissen: tuple[type[Gebeurtenis], ...]
    vertaal: VertaalEigen
    poort: int
    acties: tuple[Actie[Any], ...] = field(default=())

    @property
    def proces(self) -> Proces:
        """Which of the five."""
        return self.soort.PROCES


def klok() -> datetime:
    """The one clock of a running service."""
    return datetime.now(UTC)


def onderwerp(oin: str, proces: str) -> str:
    """The topic on which a process of an organisation publishes (D6)."""
    return f"schakel.{oin}.{proces}.v1"


class Procesdienst(Generic[M]):
    """A process at work: store, writer, inbox, terms and HTTP.

    Opening may raise StartFout. ``app`` serves it; its lifespan starts and closes everything.
    """

    def __init__(
        self,
        omschrijving: Omschrijving[M],
        instellingen: Instellingen,
        *,
        klok: Callable[[], datetime] = klok,
    ) -> None:
        """Open the store and put the parts together; nothing runs yet."""
        self.proces = omschrijving.proces
        self.instellingen = instellingen
        self._klok = klok
        catalogus = instellingen.lees_catalogus()
        register = Register(omschrijving.gebeurtenissen)
        hoofdsleutel = lees_hoofdsleutel(instellingen.sleutelbestand)
        self.opslag = open_opslag(instellingen, self.proces.value, TABELLEN)
        self.kluis = Kluis(self.opslag, hoofdsleutel)
        self.voorraad = Voorraad(omschrijving.soort, register, self.opslag, projecteer=projecteer)
        self.na_commit: list[Callable[[], None]] = []
        self.schrijver = Schrijver(
            self.voorraad, klok, wachtrij=instellingen.wachtrij, na_commit=self._wek
        )
        self.dienst = Dienst(
            self.voorraad, self.schrijver, self.kluis, catalogus, instellingen.publieke_url
        )
        bron = bron_van(instellingen.oin, f"schakel-{self.proces}")
        self.uitgaand = Uitgaand(self.proces, bron, register, omschrijving.vertaal)
        self.log = Bronlog(
            onderwerp(instellingen.oin, self.proces), bron, self.opslag, self.uitgaand
        )
        self.ontvanger = Ontvanger(
            self.schrijver,
            self.opslag,
            Reacties(omschrijving.soort, self.dienst.opening, self.kluis.wis),
        )
        self._acties = (*ACTIES, *omschrijving.acties)
        self._ingang: Ingang | None = None

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP side, built when it is first asked for; its lifespan runs the service."""
        return maak_app(
            dienst=self.proces.value,
            titel=f"Schakel {self.proces}",
            omschrijving=f"Van het aannemen tot het sluiten van elke {SOORT_VAN[self.proces]}.",
            versie=VERSIE,
            routers=[
                maak_router(self.proces, self.dienst, self._acties),
                maak_parkeerrouter(self.ontvanger),
            ],
            instellingen=self.instellingen,
            levensloop=self._levensloop,
            gezondheid=self._staat,
        )

    def verbind(self, ingang: Ingang) -> None:
        """Receive from ``ingang`` once the service runs."""
        self._ingang = ingang

    def _wek(self) -> None:
        for wek in self.na_commit:
            wek()

    def _staat(self) -> Mapping[str, Staat]:
        """Runs in a thread; a store that does not answer is reported as gone."""
        self.opslag.vraag("SELECT 1")
        geparkeerd = self.ontvanger.parkeerplaats.aantal()
        return {
            "opslag": Staat.GOED,
            "bus": Staat.GOED if self._ingang is not None else Staat.GESTOORD,
            "ontvangst": Staat.GESTOORD if geparkeerd else Staat.GOED,
        }

    @asynccontextmanager
    async def _levensloop(self, _app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as opruimen:
            opruimen.callback(self.opslag.sluit)
            opruimen.callback(self.log.sluit)
            opruimen.push_async_callback(self.schrijver.sluit)
            await opruimen.enter_async_context(blijvend("termijnen", self._bewaak_termijnen))
            if self._ingang is not None:
                ingang = self._ingang
                await opruimen.enter_async_context(
                    blijvend("ontvangst", lambda: self.ontvanger.draai(ingang))
                )
            yield

    async def _bewaak_termijnen(self) -> None:
        interval = self.instellingen.wekker.total_seconds()
        while True:
            await self.dienst.bewaak_termijnen(self._klok())
            await asyncio.sleep(interval)
