"""Calling a partner: resume, bring what we say, fetch what they say, as the contract divides that.

Nothing is ever given up. What goes over by itself is tried again, later each time; what somebody
has to mend is told of, and tried again as rarely as that goes.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from random import Random, SystemRandom
from time import monotonic
from typing import Any, Final, TypeVar

import httpx
import msgspec
import structlog

from .fouten import Golffout
from .kanaal import Partnerkanaal
from .oproep import GEDULD, LANGST, Roep, Weer, roep
from .overeenkomsten import Partner
from .verbinding import Verbindingsstand
from .vormen import Bijgehaald, Bladen, Golfvorm, Logboekhervatting, Ontvangst, Pagina

log = structlog.get_logger()
V = TypeVar("V", bound=Golfvorm)
Stap = Callable[[], Awaitable[None]]

WACHT: Final = 20
"""Seconds that a fetch may wait for news at the other side."""
RUIMTE: Final = 10.0
"""Seconds that is waited for a fetch on top of what it asked."""
EERST: Final = 1.0
"""Seconds between two tries: from the first, doubling, to ``LANGST``."""
_RUST: Final = 1.0
"""Seconds after which is looked whether another replica said something."""
_BEWIJS: Final = 60.0
"""Seconds after which is looked whether a receipt is still to be asked for; and that pages wait
for one."""
ALARM: Final = 3600.0
"""Seconds that a receipt may fail to be one before somebody is told."""
_MEESTE: Final = 30
"""So often at most is counted: from there on it is the longest anyway."""


Tekstbode = Callable[[str, Roep], Awaitable[None]]
"""Does what there is to do about texts with the partner of this OIN; see ``Inhoudbode``."""


class Beller:
    """Makes the calls to one partner, for as long as it runs."""

    def __init__(
        self,
        partner: Partner,
        kanaal: Partnerkanaal,
        klant: httpx.AsyncClient,
        *,
        bode: Tekstbode | None = None,
        toeval: Random | None = None,
        slaap: Callable[[float], Awaitable[None]] = asyncio.sleep,
        klok: Callable[[], float] = monotonic,
    ) -> None:
        """``klant`` reaches the address of the contract, and nothing else; ``bode`` does texts."""
        self._partner = partner
        self._kanaal = kanaal
        self._klant = klant
        self._bode = bode
        self._toeval = toeval or SystemRandom()
        self._slaap = slaap
        self._klok = klok
        self._basis = f"{partner.adres}/v1/logboeken/{partner.wij}"
        self._leven = asyncio.Event()
        self._beurt = asyncio.Lock()
        self._sessies: tuple[str | None, str | None] = (None, None)
        """As ``_rond`` last saw them."""
        self._voorbij: tuple[str | None, str | None] | None = None
        """The sessions that the other refused: while the store has no others, it is resumed."""
        self._geeft_bewijs = True
        """Whether a receipt may be outstanding: at a start too, of what was taken in before it."""
        self._onbewezen = asyncio.Event()
        """Set when the last page was taken in, and its receipt proves nothing yet."""
        self._slecht_sinds: dict[Stap, float] = {}
        """Since when a receipt, ours or theirs, fails to be one."""

    def geef_teken(self) -> None:
        """They showed a sign of life: try at once."""
        self._leven.set()

    async def draai(self) -> None:
        """Call until cancelled."""
        async with asyncio.TaskGroup() as groep:
            if self._partner.wij_sturen:
                groep.create_task(self._steeds(self._stuur), name="stuur")
                groep.create_task(self._steeds(self._zoek_bewijs), name="zoek bewijs")
            if self._partner.wij_halen:
                groep.create_task(self._steeds(self._haal), name="haal")
            if self._bode is not None:
                bode = partial(self._bode, self._partner.zij, self._roep_om_tekst)
                groep.create_task(self._steeds(bode), name="teksten")

    async def _steeds(self, stap: Stap) -> None:
        mislukt = 0
        while True:
            try:
                await stap()
                mislukt = 0
                self._slecht_sinds.pop(stap, None)
            except Golffout as fout:
                if fout.code == "slecht-bewijs":
                    self._slecht_sinds.setdefault(stap, self._klok())
                mislukt = await self._wacht(mislukt, self._weeg(fout, mislukt))
            except (Weer, httpx.TransportError, TimeoutError) as fout:
                na = fout.na if isinstance(fout, Weer) else 0.0
                mislukt = await self._wacht(mislukt, na)

    def _weeg(self, fout: Golffout, mislukt: int) -> float | None:
        """How long to wait at least after a refusal; None: not at all, it is resumed first."""
        match fout.code:
            case "sessie-onbekend" | "andere-positie" | "achterop":
                return self._hervat_eerst(mislukt)
            case "slecht-bewijs":
                if self.mist_bewijs:
                    log.error("ontvangstbewijs_ontbreekt", partner=self._partner.zij)
                return 0.0
        log.error("partner_weigert", partner=self._partner.zij, code=fout.code)
        if fout.code == "niet-achterop":  # what we lost they lost too, after they said they had it
            return self._hervat_eerst(mislukt)
        return LANGST

    def _hervat_eerst(self, mislukt: int) -> float | None:
        """These sessions are over; unless another replica has resumed by then, we do."""
        self._voorbij = self._sessies
        return 0.0 if mislukt else None

    async def _wacht(self, mislukt: int, minstens: float | None) -> int:
        """Later each time, at random, ended by any sign of life; how often it went wrong now."""
        if minstens is None:
            return 1
        seconden = min(LANGST, EERST * 2.0**mislukt) * self._toeval.uniform(0.5, 1)
        self._leven.clear()
        slaap = asyncio.ensure_future(self._slaap(max(seconden, minstens)))
        teken = asyncio.ensure_future(self._leven.wait())
        klaar, nog = await asyncio.wait({slaap, teken}, return_when=asyncio.FIRST_COMPLETED)
        for een in nog:
            een.cancel()
        return 0 if teken in klaar else min(mislukt + 1, _MEESTE)

    # What is done

    async def _stuur(self) -> None:
        """Bring what we say, page by page; without news, wait for it."""
        verbinding, kanaal = await self._rond(), self._kanaal
        if self._onbewezen.is_set():
            await asyncio.sleep(_RUST)
            return
        kanaal.let_op()
        try:
            pagina = await kanaal.volgende_pagina(verbinding) or await kanaal.wacht_op_nieuws(_RUST)
            if pagina is not None:
                await self._breng(pagina)
        except Golffout as fout:
            if not await self._is_van_eerder(fout, verbinding.sessie_uit):
                raise

    async def _breng(self, pagina: Pagina) -> None:
        ontvangst = await self._vraag("POST", "paginas", Ontvangst, pagina)
        try:
            await self._kanaal.neem_ontvangst(ontvangst, pagina.sessie)
        except Golffout as fout:
            if fout.code != "slecht-bewijs":
                raise
            self._onbewezen.set()

    async def _zoek_bewijs(self) -> None:
        """Ask again for a receipt that could not be verified yet, with its key still to come.

        So too after a resumption, in which the text of a receipt is a position and no proof. One is
        made when the proof does not come: the key of each may stand behind what waits for it.
        """
        verkeer = self._kanaal.verkeer
        sinds = self._slecht_sinds.get(self._zoek_bewijs, self._klok())
        if self._onbewezen.is_set() and self._klok() - sinds >= _BEWIJS:
            self._voorbij = self._sessies
            self._onbewezen.clear()
        if not (self._onbewezen.is_set() or await asyncio.to_thread(verkeer.mist_bewijs)):
            with suppress(TimeoutError):
                async with asyncio.timeout(_BEWIJS):
                    await self._onbewezen.wait()
            return
        verbinding = await self._rond()
        ontvangst = await self._vraag("GET", "ontvangstbewijzen", Ontvangst, None)
        await self._kanaal.neem_ontvangst(ontvangst, verbinding.sessie_uit)
        self._onbewezen.clear()
        if await asyncio.to_thread(verkeer.mist_bewijs):
            raise Golffout("slecht-bewijs", "geen ontvangstbewijs van waar zij zijn")

    @property
    def mist_bewijs(self) -> bool:
        """Whether for ``ALARM`` by now a receipt, theirs or ours, could not be verified."""
        return any(self._klok() - sinds >= ALARM for sinds in self._slecht_sinds.values())

    async def _haal(self) -> None:
        """Fetch what they say, and give the receipt for it."""
        verbinding = await self._rond()
        try:
            await self._haal_in(verbinding)
        except Golffout as fout:
            if not await self._is_van_eerder(fout, *verbinding.sessies):
                raise

    async def _is_van_eerder(self, fout: Golffout, *sessies: str | None) -> bool:
        """Whether this refuses a session that was replaced while the call was under way.

        They resumed, or another replica of ours did: to resume again would undo that, and so on.
        """
        if fout.code != "sessie-onbekend":
            return False
        return not {*sessies} <= {*(await self._kanaal.verbinding()).sessies}

    async def _haal_in(self, verbinding: Verbindingsstand) -> None:
        stand = await asyncio.to_thread(self._kanaal.verkeer.stand_in)
        wacht = 0 if self._geeft_bewijs else WACHT
        vragen = {"vanaf": stand.omvang, "sessie": verbinding.sessie_in, "wacht": wacht}
        ruw = await self._roep("GET", "paginas", None, vragen, wacht + RUIMTE)
        if ruw:
            await self._kanaal.neem_pagina(ruw)
            self._geeft_bewijs = True
        if self._geeft_bewijs:  # also of what was taken in before, if that was not heard
            ontvangst = await self._kanaal.ontvangst()
            if ontvangst.omvang:
                await self._vraag("POST", "ontvangstbewijzen", None, ontvangst)
            self._geeft_bewijs = False

    async def _rond(self) -> Verbindingsstand:
        """The link as it stands, resumed if that is still to be done."""
        bezie = self._kanaal.verkeer.bezie
        async with self._beurt:
            verbinding, mist_bladen = await asyncio.to_thread(bezie)
            self._sessies = verbinding.sessies
            if None in self._sessies or self._sessies == self._voorbij:
                vraag = await self._kanaal.begin_hervatting()
                antwoord = await self._hervat(vraag)
                self._sessies = (await self._kanaal.rond_hervatting(antwoord)).sessies
                await self._geef_terug(antwoord.gezegd.omvang)
                verbinding, mist_bladen = await asyncio.to_thread(bezie)
            while mist_bladen:
                await self._neem_terug()
                verbinding, mist_bladen = await asyncio.to_thread(bezie)
            return verbinding

    async def _hervat(self, vraag: Logboekhervatting) -> Logboekhervatting:
        """Under the contract that holds here; where they have not taken that in yet, the former."""
        *_, laatste = kenmerken = self._partner.kenmerken
        for kenmerk in kenmerken:
            gezegd = msgspec.structs.replace(vraag, overeenkomst=kenmerk)
            try:
                antwoord: Logboekhervatting = await self._vraag(
                    "POST", "hervattingen", Logboekhervatting, gezegd
                )
            except Golffout as fout:
                if fout.code != "andere-overeenkomst" or kenmerk == laatste:
                    raise
            else:
                return antwoord
        raise AssertionError("er is altijd een overeenkomst")

    async def _neem_terug(self) -> None:
        """Leaves of ours that we lost."""
        stand = await asyncio.to_thread(self._kanaal.verkeer.stand_uit)
        vragen = {"vanaf": stand.omvang}
        ruw = await self._roep("GET", "bladen", None, vragen, GEDULD)
        if await self._kanaal.neem_bladen(Bladen.lees(ruw)) <= stand.omvang:
            raise Weer("geen nieuwe bladen")

    async def _geef_terug(self, omvang: int) -> None:
        """Leaves of theirs that they lost and cannot come for."""
        hier = (await asyncio.to_thread(self._kanaal.verkeer.stand_in)).omvang
        if self._partner.zij_bellen:
            return
        while omvang < hier:
            bladen = await self._kanaal.geef_bladen(omvang)
            gehaald = await self._vraag("POST", "bladen", Bijgehaald, bladen)
            if gehaald.omvang <= omvang:
                raise Weer("de ander neemt zijn bladen niet")
            omvang = gehaald.omvang

    # Over HTTP

    async def _roep_om_tekst(self, methode: str, pad: str, ruw: bytes | None) -> bytes:
        return await roep(self._klant, methode, f"{self._partner.adres}{pad}", ruw)

    async def _vraag(
        self, methode: str, wat: str, soort: type[Any] | None, inhoud: msgspec.Struct | None
    ) -> Any:
        ruw = await self._roep(methode, wat, inhoud, {}, GEDULD)
        if soort is None:
            return None
        return _leesbaar(soort, ruw)

    async def _roep(
        self,
        methode: str,
        wat: str,
        inhoud: msgspec.Struct | None,
        vragen: Mapping[str, Any],
        geduld: float,
    ) -> bytes:
        """One call, bounded in time and size; raises Golffout for what they refuse, else Weer.

        A page of ours that they call bad stops the link here too: it is kept at both.
        """
        ruw = None if inhoud is None else msgspec.json.encode(inhoud)
        try:
            return await roep(
                self._klant, methode, f"{self._basis}/{wat}", ruw, vragen=vragen, geduld=geduld
            )
        except Golffout as fout:
            if fout.code == "slechte-pagina":
                await self._kanaal.sta_stil(fout, ruw or b"")
            raise


def _leesbaar(soort: type[V], ruw: bytes) -> V:
    try:
        return soort.lees(ruw)
    except Golffout:
        raise Weer("onbegrijpelijk antwoord") from None
