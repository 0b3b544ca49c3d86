"""A service at work on the bus: its parts, what they tell of their state, started and closed."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

from fastapi import FastAPI

from schakel.kern.bezorging.lezer import Lezer
from schakel.kern.bezorging.parkeerbeheer import Parkeerbeheer
from schakel.kern.bezorging.relais import Relais
from schakel.kern.bus import Ingang, Uitgang, Verzending
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http import Staat
from schakel.kern.opslag import Notification, Opslag
from schakel.kern.vastlegging.opruiming import Opruiming
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.zicht.meten import Meten
from schakel.kern.zicht.sporen import uit_omgeving
from schakel.kern.zicht.taken import blijvend

GEDULD = 10.0
"""Seconds after which a batch that is not written yet is told of."""


class Deelnemer:
    """Reads the bus, and relays what it has to tell itself, if anything."""

    instellingen: Instellingen
    opslag: Opslag
    schrijver: Schrijver[Any]
    lezer: Lezer[Any, Any]

    def __init__(self, naam: str, versie: str) -> None:
        """Not connected to any bus; ``versie`` is that of the API. Raises StartFout."""
        self.naam = naam
        self.meten = Meten(naam, versie)
        self.sporen = uit_omgeving(naam, versie)
        self.na_commit: list[Callable[[], None]] = []
        self._ingang: Ingang | None = None
        self._uitgang: Uitgang | None = None
        self._relais: Relais | None = None

    @cached_property
    def _opruiming(self) -> Opruiming:
        return Opruiming(self.opslag)

    def _peil(self) -> None:
        peil = self.meten.peil
        peil("schakel_wachtrij_taken", lambda: self.schrijver.aantal_wachtend)
        peil("schakel_wachtrij_grens_taken", lambda: self.instellingen.wachtrij)
        peil("schakel_geparkeerd_berichten", self.lezer.parkeerplaats.aantal)
        peil("schakel_parkeerplaats_vulling_ratio", self.lezer.parkeerplaats.ruimte.vulling)
        peil("schakel_gestopte_bronnen", lambda: len(self.lezer.gestopt))
        peil("schakel_achterstand_berichten", self.lezer.achterstand)
        peil("schakel_wissing_rijen", self._opruiming.aantal)

    def verbind(self, ingang: Ingang) -> None:
        """Receive from ``ingang`` once the service runs."""
        self._ingang = ingang

    def zend_naar(
        self,
        uitgang: Uitgang,
        vertaal: Callable[[Notification], Verzending],
        namen: Sequence[str] = (),
    ) -> None:
        """Relay the own log to ``uitgang`` once the service runs: all of it, or ``namen``."""
        self._uitgang = uitgang
        relais = self._relais = Relais(
            self.opslag, vertaal, uitgang, meten=self.meten, sporen=self.sporen, namen=namen
        )
        self.na_commit.append(relais.wek)

        def leeftijd() -> float:
            oudste = relais.oudste_onverzonden()
            return 0 if oudste is None else (datetime.now(UTC) - oudste).total_seconds()

        self.meten.peil("schakel_oudste_onverzonden_seconds", leeftijd)

    def _wek(self) -> None:
        for wek in self.na_commit:
            wek()

    def staat(self) -> Mapping[str, Staat]:
        """Runs in a thread; a store that does not answer is reported as gone."""
        self.opslag.vraag("SELECT 1")
        geparkeerd = self.lezer.parkeerplaats.aantal()
        is_verbonden = self.lezer.is_verbonden and (
            self._relais is None or self._relais.is_verbonden
        )
        staat = {
            "opslag": Staat.GOED,
            "schrijver": self._staat_van_de_schrijver(),
            "bus": Staat.GOED if is_verbonden else Staat.GESTOORD,
            "ontvangst": Staat.GESTOORD if geparkeerd else Staat.GOED,
        }
        # Only there while something that was erased still stands in a file.
        return staat | {"wissing": Staat.GESTOORD} if self._opruiming.aantal() else staat

    def toelichting(self) -> Mapping[str, str]:
        """What there is to know of a part besides its state."""
        wijze = self._uitgang.wijze if self._uitgang is not None else ""
        gestopt = ", ".join(sorted(self.lezer.gestopt))
        vol = f"parkeerplaats vol, niet verder gelezen: {gestopt}" if gestopt else ""
        return {deel: tekst for deel, tekst in (("bus", wijze), ("ontvangst", vol)) if tekst}

    def _staat_van_de_schrijver(self) -> Staat:
        if self.schrijver.is_dood:
            return Staat.WEG
        return Staat.GESTOORD if self.schrijver.bezig_seconden > GEDULD else Staat.GOED

    @asynccontextmanager
    async def levensloop(self, _app: FastAPI) -> AsyncIterator[None]:
        """Everything that runs, and in which order it is closed."""
        self._peil()
        async with AsyncExitStack() as opruimen:
            if self.sporen is not None:
                opruimen.push_async_callback(asyncio.to_thread, self.sporen.sluit)
            opruimen.callback(self.opslag.sluit)
            opruimen.push_async_callback(self.schrijver.sluit)
            if self._relais is not None:
                await opruimen.enter_async_context(blijvend("relais", self._relais.draai))
            await opruimen.enter_async_context(blijvend("wissing", self._opruiming.draai))
            await self._begin(opruimen)
            if (ingang := self._ingang) is not None:
                await opruimen.enter_async_context(
                    blijvend("ontvangst", partial(self.lezer.draai, ingang))
                )
            bewaren = self.instellingen.parkeer_bewaren
            ruim_op = partial(Parkeerbeheer(self.lezer).ruim_op, bewaren)
            await opruimen.enter_async_context(blijvend("parkeerplaats", ruim_op))
            yield

    async def _begin(self, opruimen: AsyncExitStack) -> None:
        """What else belongs to this service: begun after the relay, before the reader."""
