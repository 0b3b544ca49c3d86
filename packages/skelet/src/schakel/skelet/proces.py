"""One process as a running service: its parts built from a description, closed in the lifespan."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, Generic, TypeVar

from fastapi import FastAPI

from schakel.contracts.envelop import bron_van
from schakel.contracts.topics import processen_van, topic_van, topics_van
from schakel.contracts.werkstromen import SOORT_VAN, Proces
from schakel.kern.bezorging.ontvanger import Ontvanger
from schakel.kern.bezorging.parkeren import maak_parkeerrouter
from schakel.kern.bus import Bronlog, Topic, open_bus
from schakel.kern.deelnemer import Deelnemer
from schakel.kern.geheim.antwoorden import Antwoorden
from schakel.kern.geheim.hoofdsleutel import Hoofdsleutels, hoofdsleutels_voor
from schakel.kern.geheim.kluis import Kluis
from schakel.kern.grond.weigering import StartFout
from schakel.kern.http import maak_app
from schakel.kern.opslag import open_opslag
from schakel.kern.vastlegging.audit import BEZIG, Handeling
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis, Register
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.vastlegging.werk import Voorraad
from schakel.kern.zicht.taken import Goed, blijvend

from .codes import Codes
from .dienst import Dienst
from .http import maak_router
from .inhoud import IN_DELEN, elders_bewaard
from .instellingen import Instellingen
from .melding import ACTIES, Melding
from .overzicht import TABELLEN, projecteer
from .reacties import Reacties
from .routering import Routering
from .stappen.opdracht import Actie
from .uitgaand import Uitgaand, VertaalEigen

M = TypeVar("M", bound=Melding)

VERSIE = "1.0.0"
"""Of the API of the processes (semantic versioning)."""

_NOG_SAMEN = 60.0
"""Seconds after which is looked again whether a former version is still there."""


@dataclass(frozen=True)
class Omschrijving(Generic[M]):
    """What makes a process this process."""

    soort: type[M]
    gebeurtenissen: tuple[type[Gebeurtenis], ...]
    vertaal: VertaalEigen
    acties: tuple[Actie[Any], ...] = field(default=())

    @property
    def proces(self) -> Proces:
        """Which of the five."""
        return self.soort.PROCES


def klok() -> datetime:
    """The one clock of a running service."""
    return datetime.now(UTC)


class Procesdienst(Deelnemer, Generic[M]):
    """A process at work: store, writer, inbox, terms and HTTP.

    Opening may raise StartFout. ``app`` serves it; its lifespan starts and closes everything.
    """

    instellingen: Instellingen

    def __init__(
        self,
        omschrijving: Omschrijving[M],
        instellingen: Instellingen,
        *,
        klok: Callable[[], datetime] = klok,
    ) -> None:
        """Open the store and put the parts together; nothing runs yet."""
        super().__init__(omschrijving.proces.value, VERSIE)
        self.proces = omschrijving.proces
        self.instellingen = instellingen
        self._klok = klok
        catalogus = instellingen.lees_catalogus()
        codes = Codes(catalogus, instellingen.lees_codes())
        self.routering = Routering(instellingen.oin, instellingen.routering)
        register = Register(omschrijving.gebeurtenissen)
        self.opslag = open_opslag(instellingen, self.proces.value, TABELLEN)
        sleutels = self._open_kluis()
        self.antwoorden = Antwoorden(self.opslag, self.kluis, sleutels)
        self.voorraad = Voorraad(omschrijving.soort, register, self.opslag, projecteer=projecteer)
        self.schrijver = Schrijver(
            self.voorraad,
            klok,
            wachtrij=instellingen.wachtrij,
            na_commit=self._wek,
            meten=self.meten,
            antwoorden=self.antwoorden,
        )
        self.dienst = Dienst(
            self.voorraad,
            self.schrijver,
            self.kluis,
            self.antwoorden,
            catalogus,
            codes,
            instellingen.publieke_url,
            self.routering,
        )
        bron = bron_van(instellingen.oin, f"schakel-{self.proces}")
        self.uitgaand = Uitgaand(self.proces, bron, register, omschrijving.vertaal)
        self.log = Bronlog(
            topic_van(instellingen.oin, self.proces), bron, self.opslag, self.uitgaand
        )
        self.ontvanger = self.lezer = Ontvanger(
            self.schrijver,
            self.opslag,
            Reacties(
                omschrijving.soort,
                self.dienst.opening,
                self.dienst.wis,
                processen_van(instellingen.oin),
            ),
            meten=self.meten,
            sporen=self.sporen,
            grenzen=instellingen,
        )
        self._acties = (*ACTIES, *omschrijving.acties)
        ingang, uitgang = open_bus(
            instellingen,
            self.proces,
            [
                Topic(*een)
                for een in topics_van(instellingen.oin).items()
                if een[0] != self.log.bron
            ],
            self.log.bron,
        )
        if ingang is not None and uitgang is not None:
            self.verbind(ingang)
            self.zend_naar(uitgang, self.uitgaand)

    def _open_kluis(self) -> Hoofdsleutels:
        try:
            sleutels = Hoofdsleutels(partial(hoofdsleutels_voor, self.instellingen))
            self.kluis = Kluis(self.opslag, sleutels, self.meten)
            self.kluis.keur()
        except StartFout:
            self.opslag.sluit()
            raise
        return sleutels

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
            levensloop=self.levensloop,
            gezondheid=self.staat,
            toelichting=self.toelichting,
            meten=self.meten,
            sporen=self.sporen,
            boek=self.schrijver.boek,
        )

    async def _begin(self, opruimen: AsyncExitStack) -> None:
        opruimen.callback(self.log.sluit)
        await opruimen.enter_async_context(blijvend("termijnen", self._bewaak_termijnen))
        if self.instellingen.routering is not None:
            await opruimen.enter_async_context(blijvend("routering", self._volg_routering))
        await opruimen.enter_async_context(blijvend("hoofdsleutel", self._herpak))
        await opruimen.enter_async_context(blijvend("overzetten", self._zet_over))

    async def _volg_routering(self, goed: Goed) -> None:
        """What cannot be used is told in the log; what was read before holds until it can."""
        while True:
            await asyncio.to_thread(self.routering.ververs)
            goed()
            await asyncio.sleep(self.instellingen.wekker.total_seconds())

    async def _herpak(self, goed: Goed) -> None:
        """Once; what others still wrap in an older key, they see to when they start again."""
        BEZIG.set(Handeling("schakel", "systeem", "hoofdsleutel vervangen", None, "proces", None))
        await self.kluis.herpak(self.schrijver)
        goed()
        await asyncio.Event().wait()

    async def _zet_over(self, goed: Goed) -> None:
        """Once, when no former version can be at work on this store any more."""
        await self.kluis.ruim_wezen(self.schrijver)
        while await asyncio.to_thread(self.opslag.kan_terug):
            goed()
            await asyncio.sleep(_NOG_SAMEN)
            await self.kluis.ruim_wezen(self.schrijver)
        await self.kluis.zet_over(self.schrijver, *IN_DELEN)
        await self.antwoorden.zet_over(self.schrijver, partial(elders_bewaard, self.voorraad))
        goed()
        await asyncio.Event().wait()

    async def _bewaak_termijnen(self, goed: Goed) -> None:
        interval = self.instellingen.wekker.total_seconds()
        while True:
            await self.dienst.bewaak_termijnen(self._klok())
            goed()
            await asyncio.sleep(interval)
