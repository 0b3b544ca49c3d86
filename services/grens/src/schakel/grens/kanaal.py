"""The link with one partner at work: one call at a time, each in the turn of the writer."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Any, Final, TypeVar

import structlog

from schakel.contracts.schakels.jws import Jws
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import Transactie

from .fouten import Golffout, SlechtePagina, Vork, reden_van
from .paginaverkeer import Inname
from .porties import KLEIN, PORTIE, Gevolgen, Porties
from .rondgang import Ganger, Rondgang
from .verbinding import Verbindingsstand
from .verkeer import Verkeer
from .vormen import Bladen, Logboekhervatting, Ontvangst, Pagina

log = structlog.get_logger()
T = TypeVar("T")

SYSTEEM = Door("schakel", "systeem", "grens")
GROOT: Final = 16_384
"""Bytes of a page from which on it is read before its turn."""
GEDULD: Final = 10.0
"""Seconds that who asks waits for what follows: well below what a call may take."""


class Partnerkanaal:
    """What either side of a link may ask, whoever makes the call.

    A page or a history that no honest partner has stops the link: kept as evidence, told of, and
    raised to whoever has to answer.
    """

    DOOR = SYSTEEM

    def __init__(
        self,
        schrijver: Schrijver[Any],
        verkeer: Verkeer,
        gevolgen: Gevolgen | None = None,
        rondgang: Rondgang | None = None,
    ) -> None:
        """``verkeer`` is only asked in the turn of ``schrijver``, and read in threads.

        Without ``gevolgen`` leaves are only kept. ``rondgang`` is that of all partners.
        """
        self.verkeer = verkeer
        self._gevolgen = gevolgen
        self._porties = Porties(verkeer, gevolgen) if gevolgen is not None else None
        self._rondgang = rondgang or Rondgang(schrijver)
        self._ganger = Ganger()
        self._schrijver = schrijver
        # Two pages in one transaction would not see each other.
        self._beurt = asyncio.Lock()
        self._inname = asyncio.Lock()
        """One page after the other, each with what its leaves do."""
        self._is_onaf = False
        """Whether more waited than could be done while somebody waited for that."""
        self.nieuws = asyncio.Event()
        """Set when there may be more to hand out."""
        self._lus = asyncio.get_running_loop()
        self._klaar: Pagina | None = None
        verkeer.na_zeggen = self._wek

    def _wek(self, klaar: Pagina | None) -> None:
        # Who waits for another partner is not woken: with fifty of them that is most of the work.
        self._lus.call_soon_threadsafe(self._meld, klaar)

    def _meld(self, klaar: Pagina | None) -> None:
        self._klaar = self._klaar or klaar
        self.nieuws.set()

    @property
    def partner(self) -> str:
        """The OIN of the other."""
        return self.verkeer.partij.zij

    def loopt_achter(self, ongehoord: Collection[str]) -> bool:
        """Whether something waits that nobody is doing.

        ``ongehoord`` are the logs of which leaves wait for their effect.
        """
        wacht = self._is_onaf or self.verkeer.in_.oorsprong in ongehoord
        return wacht and not self._inname.locked()

    def let_op(self) -> None:
        """Before the log is read: what is said after that is seen by ``wacht_op_nieuws``."""
        self.nieuws.clear()
        self._klaar = None

    async def wacht_op_nieuws(self, seconden: float) -> Pagina | None:
        """Until something was said here, or so long; as a page, if who had all needs only that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconden):
                await self.nieuws.wait()
        return self._klaar

    async def verbinding(self) -> Verbindingsstand:
        """How the link stands."""
        return await asyncio.to_thread(self.verkeer.verbinding)

    async def zeg(self, bladen: list[bytes]) -> None:
        """Say something; raises ``sessie-onbekend`` before the resumption."""
        await self._doe(lambda werk: self.verkeer.zeg(werk, bladen))

    async def pagina(self, sessie: str, vanaf: int) -> Pagina | None:
        """What there is to hand out."""
        pagina, is_klaar = await asyncio.to_thread(self.verkeer.klare_pagina, sessie, vanaf)
        if is_klaar:
            return pagina
        return await self._doe(lambda werk: self.verkeer.pagina(werk, sessie, vanaf))

    async def volgende_pagina(self, verbinding: Verbindingsstand) -> Pagina | None:
        """What they do not have yet, in the session that held at that moment."""
        return await self.pagina(verbinding.sessie_uit or "", verbinding.vanaf)

    async def neem_pagina(self, ruw: bytes) -> Inname:
        """Take in what they said, and do what follows from it: for ``GEDULD`` at most."""
        porties = self._porties
        if porties is None:
            return await self._doe(lambda werk: self.verkeer.neem_pagina(werk, ruw), ruw)
        async with self._inname:
            bereid = None
            if len(ruw) > GROOT:  # in the turn of the writer all others would wait for it
                bereid = await asyncio.to_thread(self.verkeer.bereid, ruw)

            def neem(werk: Transactie) -> Inname | None:
                return porties.neem_pagina(werk, ruw, bereid)

            while (inname := await self._doe(neem, ruw)) is None:
                await self._in_porties(porties.hoor_verder)
            if len(inname.bladen) > KLEIN:
                await self._in_porties(porties.hoor_verder)
            return inname

    async def _in_porties(self, portie: Callable[[Transactie, int], bool]) -> bool:
        """One after the other, in the round of all partners; True: there is more of it."""

        async def doe(hoogstens: int) -> bool:
            return await self._doe(lambda werk: portie(werk, hoogstens))

        tot, is_meer = self._lus.time() + GEDULD, True
        while is_meer and self._lus.time() < tot:
            is_meer = await self._rondgang.doe(self._ganger, doe)
        return is_meer

    async def neem_ontvangst(self, ontvangst: Ontvangst, sessie: str | None = None) -> None:
        """They took in what we said, in a page of this session."""
        bewijs = ontvangst.schrijf()
        await self._doe(lambda werk: self.verkeer.neem_ontvangst(werk, ontvangst, sessie), bewijs)

    async def ontvangst(self) -> Ontvangst:
        """How far we took theirs in."""
        return await self._doe(self.verkeer.ontvangst)

    async def begin_hervatting(self) -> Logboekhervatting:
        """We call: say how far we are."""
        return await self._doe(self.verkeer.begin_hervatting)

    async def hervat(self, zij: Logboekhervatting) -> Logboekhervatting:
        """They call."""
        wij = await self._doe(lambda werk: self.verkeer.hervat(werk, zij), zij.schrijf())
        await self.zeg_wat_wacht()
        return wij

    async def rond_hervatting(self, zij: Logboekhervatting) -> Verbindingsstand:
        """They answered."""
        stand = await self._doe(lambda werk: self.verkeer.rond_hervatting(werk, zij), zij.schrijf())
        await self.zeg_wat_wacht()
        return stand

    async def zeg_wat_wacht(self) -> None:
        """What was said here and there and could not be done yet: for ``GEDULD`` at most."""
        porties, self._is_onaf = self._porties, True
        self._is_onaf = (
            porties is not None
            and await self._doe(lambda werk: porties.hervat(werk, PORTIE))
            and await self._in_porties(porties.hervat)
        )
        self.nieuws.set()

    async def zeg_controlepunten(self) -> None:
        """Tell how both logs stand here, if it is time for that."""
        await self._doe(self.verkeer.zeg_controlepunten)

    async def geef_bladen(self, vanaf: int) -> Bladen:
        """What they lost."""
        return await asyncio.to_thread(self.verkeer.geef_bladen, vanaf)

    async def neem_bladen(self, bladen: Bladen) -> int:
        """What we lost; gives how long our log is now."""

        def doe(werk: Transactie) -> None:
            terug = self.verkeer.neem_bladen(werk, bladen)
            if self._gevolgen is not None:
                self._gevolgen.herkregen(werk, self.partner, terug)

        await self._doe(doe, bladen.schrijf())
        await self.zeg_wat_wacht()
        stand = await asyncio.to_thread(self.verkeer.stand_uit)
        return stand.omvang

    async def sta_stil(self, fout: Golffout, bewijsstuk: bytes) -> None:
        """They found a page of ours that no honest log has: a person has to look at it."""
        async with self._beurt:
            await self._stop(fout, bewijsstuk)

    async def start_weer(self) -> str | None:
        """A person looked at what stopped the link; gives what that was."""
        return await self._doe(self.verkeer.start_weer)

    async def blokkeer(self, *, geldt: bool) -> bool:
        """Set a blokkade, or lift it; whether that changed something."""
        gevolgen = self._gevolgen
        assert gevolgen is not None  # noqa: S101 - who asks for this has a house
        is_anders = await self._doe(lambda w: gevolgen.blokkeer(w, self.partner, geldt=geldt))
        await self.zeg_wat_wacht()
        return is_anders

    async def beeindig(self) -> bool:
        """Offer nothing new from now on; whether that changed something."""
        gevolgen = self._gevolgen
        assert gevolgen is not None  # noqa: S101 - as above
        is_anders = await self._doe(lambda w: gevolgen.beeindig(w, self.partner))
        await self.zeg_wat_wacht()
        return is_anders

    async def zeg_sleutels(self, verklaring: Jws) -> int:
        """Say which keys of our log come and go; gives the leaf. Raises Weigering."""
        blad = await self._doe(lambda werk: self.verkeer.zeg_sleutels(werk, verklaring))
        await self.zeg_wat_wacht()  # what a restore without a key kept waiting
        return blad

    async def _doe(self, doe: Callable[[Transactie], T], bewijsstuk: bytes = b"") -> T:
        async with self._beurt:
            try:
                return await self._voer_uit(doe)
            except (SlechtePagina, Vork) as fout:
                await self._stop(fout, bewijsstuk)
                raise

    async def _stop(self, fout: Golffout, bewijsstuk: bytes) -> None:
        await self._voer_uit(lambda werk: self.verkeer.stop(werk, fout, bewijsstuk))
        log.error("verbinding_gestopt", partner=self.partner, reden=reden_van(fout))

    async def _voer_uit(self, doe: Callable[[Transactie], T]) -> T:
        # The answer of a task without a key is never read back: its type has no say.
        soort: type[Any] = object
        try:
            return await self._schrijver.voer_uit(Taak(doe, soort, SYSTEEM))
        finally:
            self._ganger.taken += 1
