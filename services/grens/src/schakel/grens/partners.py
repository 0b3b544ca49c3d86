"""The partners with whom a contract holds now: their links, and who calls them.

A contract that comes, changes or goes counts within seconds, without a restart.
"""

import asyncio
import ssl
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

from schakel.bewijs import Ondertekenaar
from schakel.contracts.schakels.jws import Jws
from schakel.contracts.schakels.overeenkomst import oorsprong_van
from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.zicht.taken import Goed, blijvend

from .beller import Beller, Tekstbode
from .buitennet import maak_klant
from .kanaal import Partnerkanaal
from .lijn import Lijn
from .overeenkomsten import TIJDIG, Overeenkomsten, Partner
from .overzicht import met_open_schakels
from .porties import Gevolgen, met_ongehoorde_bladen
from .rondgang import Rondgang
from .verkeer import Verkeer

log = structlog.get_logger()

KIJK: Final = 2.0
"""Seconds after which is looked again what contracts there are."""
CONTROLEPUNTEN: Final = 60.0
"""Seconds after which is looked again whether a partner has to be told of heads."""


@dataclass
class _Band:
    """A partner, as long as a contract holds."""

    partner: Partner
    kanaal: Partnerkanaal
    beller: Beller | None = None
    opruimen: AsyncExitStack = field(default_factory=AsyncExitStack)
    is_gewaarschuwd: bool = False
    """Whether was told that this contract ends."""
    is_nieuw: bool = True
    """Whether what the house said while there was no contract still has to be looked at."""
    controlepunten_op: float = 0.0
    """When to look again whether it is time to tell of heads, on the clock of the loop."""


class Partners:
    """See ``Kanalen``: asked by the listener, the writer and the API."""

    def __init__(
        self,
        overeenkomsten: Overeenkomsten,
        opslag: Opslag,
        schrijver: Schrijver[Any],
        sleutels: Callable[[str], list[Ondertekenaar]],
        *,
        tls: ssl.SSLContext | None = None,
        eigen_hosts: frozenset[str] = frozenset(),
    ) -> None:
        """``sleutels`` gives who signs a log, by its origin. Without ``tls`` nobody is called."""
        self._overeenkomsten = overeenkomsten
        self._opslag = opslag
        self._schrijver = schrijver
        self._sleutels = sleutels
        self._tls = tls
        self._eigen_hosts = eigen_hosts
        self._banden: dict[str, _Band] = {}
        self._rondgang = Rondgang(schrijver)
        self.gevolgen: Gevolgen | None = None
        """What is done with what they say; set before anything runs."""
        self.bode: Tekstbode | None = None
        """Who fetches and brings texts; as above."""

    def van(self, oin: str) -> Partnerkanaal | None:
        """The link with ``oin``: whoever asks for it on its behalf shows that it lives."""
        band = self._banden.get(oin)
        if band is None:
            return None
        if band.beller is not None:
            band.beller.geef_teken()
        return band.kanaal

    def lijn_naar(self, oin: str) -> Lijn | None:
        """The same for the writer: the contract and the logs. From any thread."""
        band = self._banden.get(oin)
        return None if band is None else Lijn(band.partner, band.kanaal.verkeer)

    @property
    def alle(self) -> Mapping[str, Lijn]:
        """Every partner there is now."""
        banden = dict(self._banden)
        return {oin: Lijn(band.partner, band.kanaal.verkeer) for oin, band in banden.items()}

    async def start_weer(self, oin: str) -> str | None:
        """A person looked at why the link stood still: gives that, None if it ran.

        Raises NietGevonden.
        """
        band = self._band(oin)
        reden = await band.kanaal.start_weer()
        if reden is not None:
            log.info("verbinding_hervat", partner=oin, reden=reden)
            if band.beller is not None:
                band.beller.geef_teken()
        return reden

    async def blokkeer(self, oin: str, *, geldt: bool) -> bool:
        """Set a blokkade, or lift it; whether that changed something. Raises NietGevonden."""
        is_anders = await self._band(oin).kanaal.blokkeer(geldt=geldt)
        if is_anders:
            log.warning("blokkade_veranderd", partner=oin, geldt=geldt)
        return is_anders

    async def beeindig(self, oin: str) -> bool:
        """Offer nothing new from now on; False when that was so. Raises NietGevonden."""
        is_anders = await self._band(oin).kanaal.beeindig()
        if is_anders:
            log.info("uitloop_begonnen", partner=oin)
        return is_anders

    async def zeg_sleutels(self, oin: str, verklaring: Jws) -> int:
        """Other keys for our log; gives their leaf. Raises NietGevonden, Weigering."""
        band = self._band(oin)
        blad = await band.kanaal.zeg_sleutels(verklaring)
        if band.beller is not None:
            band.beller.geef_teken()
        return blad

    def zonder_bewijs(self) -> list[str]:
        """Those whose receipts, or to whom ours, could not be verified for an hour."""
        banden = dict(self._banden)
        return [oin for oin, een in banden.items() if een.beller and een.beller.mist_bewijs]

    def zonder_logsleutel(self) -> list[str]:
        """Those to whom nobody here can sign what is said: an operator says another key first."""
        return [oin for oin, lijn in self.alle.items() if lijn.verkeer.mist_logsleutel()]

    def eerste_einde(self) -> datetime | None:
        """When first no contract will hold with somebody with whom one holds now."""
        return min((lijn.partner.einde for lijn in self.alle.values()), default=None)

    def loopt_af(self, nu: datetime) -> list[str]:
        """Those whose contract ends within ``TIJDIG``, and none that is signed follows on it."""
        return [oin for oin, lijn in self.alle.items() if lijn.partner.einde <= nu + TIJDIG]

    def zonder_overeenkomst(self) -> list[str]:
        """Those with whom no contract holds now, and work is open: what is said to them waits."""
        return [oin for oin in met_open_schakels(self._opslag) if oin not in self._banden]

    def _band(self, oin: str) -> _Band:
        if (band := self._banden.get(oin)) is None:
            uitleg = f"met {oin} geldt nu geen overeenkomst"
            raise NietGevonden("onbekende-partner", uitleg)
        return band

    async def draai(self, goed: Goed) -> None:
        """Follow the contracts until cancelled; then nobody is called any more."""
        try:
            while True:
                await self.ververs()
                goed()
                await asyncio.sleep(KIJK)
        finally:
            for band in self._banden.values():
                await band.opruimen.aclose()
                band.beller = None

    async def zeg(self, goed: Goed) -> None:
        """Say by ourselves what has to be, until cancelled; who calls does not wait for that."""
        while True:
            await self.zeg_eens()
            goed()
            await asyncio.sleep(KIJK)

    async def zeg_eens(self) -> None:
        """What waited and nobody asks for, and how both logs stand where it is time for that."""
        nu = asyncio.get_running_loop().time()
        achter = await asyncio.to_thread(met_ongehoorde_bladen, self._opslag)
        banden = tuple(self._banden.values())
        await asyncio.gather(*(_werk_bij(band, achter) for band in banden))
        for band in banden:
            if nu >= band.controlepunten_op:
                if await asyncio.to_thread(band.kanaal.verkeer.mist_logsleutel):
                    log.error("geen_logsleutel", partner=band.partner.zij)
                await band.kanaal.zeg_controlepunten()
                band.controlepunten_op = nu + CONTROLEPUNTEN

    async def ververs(self, *, bel: bool = True) -> None:
        """Look at the contracts once; with ``bel`` whoever is to be called is called from now."""
        nu = await asyncio.to_thread(self._overeenkomsten.partners)
        for oin in self._banden.keys() - nu.keys():
            band = self._banden.pop(oin)
            await band.opruimen.aclose()
            log.warning("overeenkomst_voorbij", partner=oin)
        for oin, partner in nu.items():
            band = self._banden.get(oin) or self._begin(oin, partner)
            loopt_af = partner.einde <= self._overeenkomsten.nu() + TIJDIG
            if loopt_af and not band.is_gewaarschuwd:
                log.warning("overeenkomst_verloopt", partner=oin, tot=partner.einde.isoformat())
            band.is_gewaarschuwd = loopt_af
            is_anders = band.partner.kenmerken != partner.kenmerken
            if is_anders or band.partner.tot != partner.tot:
                band.partner = band.kanaal.verkeer.partij = partner
            if is_anders:
                await band.opruimen.aclose()
                band.beller = None
            if bel and band.beller is None:
                await self._bel(band)

    def _begin(self, oin: str, partner: Partner) -> _Band:
        ondertekenaars = self._sleutels(oorsprong_van(partner.wij, oin))
        verkeer = Verkeer(self._opslag, partner, ondertekenaars)
        band = _Band(
            partner, Partnerkanaal(self._schrijver, verkeer, self.gevolgen, self._rondgang)
        )
        self._banden[oin] = band
        log.info("overeenkomst_geldt", partner=oin)
        return band

    async def _bel(self, band: _Band) -> None:
        partner = band.partner
        if self._tls is None or partner.adres is None:
            return
        if not (partner.wij_sturen or partner.wij_halen):
            return
        host = urlsplit(partner.adres).hostname or ""
        klant = maak_klant(self._tls, partner.zij, {host}, self._eigen_hosts)
        beller = Beller(partner, band.kanaal, klant, bode=self.bode)
        await band.opruimen.enter_async_context(klant)

        async def werk(goed: Goed) -> None:
            goed()
            await beller.draai()

        await band.opruimen.enter_async_context(blijvend(f"partner {partner.zij}", werk))
        band.beller = beller


async def _werk_bij(band: _Band, achter: Collection[str]) -> None:
    """What waited for a contract; and what whoever began with it did not come to, or was killed."""
    if band.is_nieuw or band.kanaal.loopt_achter(achter):
        await band.kanaal.zeg_wat_wacht()
        band.is_nieuw = False
