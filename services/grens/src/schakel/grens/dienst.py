"""The grens as a running service: its parts, closed in the lifespan."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import cached_property, partial
from math import inf

from fastapi import FastAPI

from schakel.contracts.envelop import bron_van
from schakel.contracts.organisatie import GRENS
from schakel.contracts.topics import processen_van, topic_van, topics_van
from schakel.kern.bezorging.ontvanger import Ontvanger
from schakel.kern.bezorging.parkeren import maak_parkeerrouter
from schakel.kern.bus import Bronlog, Topic, open_bus
from schakel.kern.deelnemer import Deelnemer
from schakel.kern.geheim.hoofdsleutel import Hoofdsleutels, hoofdsleutels_voor
from schakel.kern.geheim.kluis import Kluis
from schakel.kern.grond.weigering import StartFout
from schakel.kern.http import Server, Staat, maak_app
from schakel.kern.opslag import open_opslag
from schakel.kern.vastlegging.audit import BEZIG, Handeling
from schakel.kern.vastlegging.gebeurtenis import Register
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.werk import Voorraad
from schakel.kern.zicht.taken import Goed, blijvend

from .beheer import maak_beheerrouter, maak_wissingsrouter
from .certificaat import oin_van_certificaat
from .gebeurtenissen import GEBEURTENISSEN
from .gesprek import Gesprek
from .http import maak_router
from .huis import Huisreacties
from .huisteksten import Huisteksten
from .inhoud import Inhouden
from .inhoudbode import Inhoudbode
from .inhoudlijst import Inhoudlijst
from .inhoudroutes import maak_inhoudrouter
from .instellingen import Instellingen
from .kanaal import SYSTEEM
from .luisteraar import Luisteraar, maak_server
from .overeenkomsten import Overeenkomsten
from .partners import Partners
from .schakel import Schakel
from .tabellen import TABELLEN
from .uitgaand import NAMEN, Grensuitgaand
from .verbinding import vergeet_sessies

VERSIE = "1.0.0"


def klok() -> datetime:
    """The clock of a running service."""
    return datetime.now(UTC)


def _regel(wat: str, wie: Sequence[str]) -> str:
    return f"{wat}: {', '.join(wie)}" if wie else ""


class Grens(Deelnemer):
    """All that talks to other organisations, and stands in for them in the house.

    Opening may raise StartFout. ``app`` serves the own organisation; its lifespan starts and closes
    everything, the partner listener too.
    """

    instellingen: Instellingen

    def __init__(self, instellingen: Instellingen, *, klok: Callable[[], datetime] = klok) -> None:
        """Open the store and put the parts together; nothing runs yet."""
        super().__init__(GRENS, VERSIE)
        self.instellingen = instellingen
        self._klok = klok
        oin = instellingen.oin
        tls = instellingen.tls_voor_partners()
        self._tls_binnen = tls[0] if tls else None
        instellingen.lees_logsleutels("schakel/proef/proef")  # what cannot be used shows at start
        register = Register(GEBEURTENISSEN)
        self.opslag = open_opslag(instellingen, GRENS, TABELLEN)
        kluis = self._open_kluis()
        lijst = Inhoudlijst(kluis)
        self.voorraad = Voorraad(Schakel, register, self.opslag, projecteer=lijst)
        self.schrijver = Schrijver(
            self.voorraad,
            klok,
            wachtrij=instellingen.wachtrij,
            na_commit=self._wek,
            meten=self.meten,
        )
        self.partners = Partners(
            Overeenkomsten(instellingen.partnermap, oin, klok),
            self.opslag,
            self.schrijver,
            instellingen.lees_logsleutels,
            tls=tls[1] if tls else None,
            eigen_hosts=instellingen.eigen_hosts,
        )
        lijn_naar, adres = self.partners.lijn_naar, instellingen.publieke_url
        self.partners.gevolgen = self.gesprek = gesprek = Gesprek(oin, lijn_naar, adres)
        huisteksten = Huisteksten(instellingen.adressen, instellingen.tokenbestand)
        self.inhouden = Inhouden(oin, lijn_naar, self.schrijver, kluis, huisteksten)
        self.partners.bode = bode = Inhoudbode(self.inhouden, self.opslag, klok)
        lijst.wek = bode.wek
        bron = bron_van(oin, f"schakel-{GRENS}")
        uitgaand = Grensuitgaand(bron, register)
        self.log = Bronlog(topic_van(oin, GRENS), bron, self.opslag, uitgaand, namen=NAMEN)
        self.ontvanger = self.lezer = Ontvanger(
            self.schrijver,
            self.opslag,
            Huisreacties(gesprek, processen_van(oin)),
            meten=self.meten,
            sporen=self.sporen,
            grenzen=instellingen,
        )
        topics = [Topic(*een) for een in topics_van(oin).items() if een[0] != self.log.bron]
        ingang, uitgang = open_bus(instellingen, GRENS, topics, self.log.bron)
        if ingang is not None and uitgang is not None:
            self.verbind(ingang)
            self.zend_naar(uitgang, uitgaand, NAMEN)
        self.partnerserver = self._maak_partnerserver()

    def _open_kluis(self) -> Kluis:
        try:
            sleutels = Hoofdsleutels(partial(hoofdsleutels_voor, self.instellingen))
            self.kluis = Kluis(self.opslag, sleutels, self.meten)
            self.kluis.keur()
        except StartFout:
            self.opslag.sluit()
            raise
        return self.kluis

    def _maak_partnerserver(self) -> Server | None:
        """None without a certificate: then nobody can come in, and nobody is called."""
        if self._tls_binnen is None:
            return None
        luisteraar = Luisteraar(self.partners, oin_van_certificaat, self.inhouden)
        poort = self.instellingen.luisterpoort
        instellingen = self.instellingen.model_copy(update={"poort": poort})
        return maak_server(luisteraar, instellingen, self._tls_binnen)

    @cached_property
    def app(self) -> FastAPI:
        """The HTTP side for the own organisation, built when it is first asked for."""
        return maak_app(
            dienst=GRENS,
            titel="Schakel grens",
            omschrijving="Wat over de grens van deze organisatie gaat, en wat daarvan bekend is.",
            versie=VERSIE,
            routers=[
                maak_router(self.opslag, self.partners),
                maak_beheerrouter(self.partners),
                maak_wissingsrouter(self.schrijver, self.gesprek),
                maak_inhoudrouter(self.opslag, self.inhouden),
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

    def staat(self) -> Mapping[str, Staat]:
        """See ``Deelnemer``; a link that stands still, or waits for a key, is seen here too."""
        lijnen = self.partners.alle.values()
        stil = any(lijn.verkeer.verbinding().gestopt for lijn in lijnen)
        is_dicht = self.partnerserver is None and bool(lijnen)
        is_gestoord = stil or is_dicht or self._over_partners()
        partners = Staat.GESTOORD if is_gestoord else Staat.GOED
        staat = {**super().staat(), "partners": partners}
        return staat | {"overeenkomsten": Staat.GESTOORD} if self._over_overeenkomsten() else staat

    def toelichting(self) -> Mapping[str, str]:
        """See ``Deelnemer``; with whom the contract ends soon, and which log nobody can sign."""
        eigen = {
            "partners": self._over_partners(),
            "overeenkomsten": self._over_overeenkomsten(),
        }
        return {**super().toelichting(), **{deel: tekst for deel, tekst in eigen.items() if tekst}}

    def _over_partners(self) -> str:
        """What an operator has to do about links that go on; empty when that is nothing."""
        regels = (
            _regel("geen-logsleutel", self.partners.zonder_logsleutel()),
            _regel("geen ontvangstbewijs", self.partners.zonder_bewijs()),
        )
        return "; ".join(filter(None, regels))

    def _over_overeenkomsten(self) -> str:
        """What an operator has to agree with others; empty when that is nothing."""
        regels = (
            _regel("voorbij, met werk dat open is", self.partners.zonder_overeenkomst()),
            _regel("verloopt binnenkort", self.partners.loopt_af(self._klok())),
        )
        return "; ".join(filter(None, regels))

    def _peil(self) -> None:
        super()._peil()

        def resterend() -> float:
            if self.partners.zonder_overeenkomst():
                return 0.0
            einde = self.partners.eerste_einde()
            return inf if einde is None else (einde - self._klok()).total_seconds()

        self.meten.peil("schakel_overeenkomst_resterend_seconds", resterend)
        self.meten.peil(
            "schakel_partners_zonder_logsleutel", lambda: len(self.partners.zonder_logsleutel())
        )

    async def vergeet_sessies(self) -> None:
        """At every start of a store: nothing is said or taken before a resumption."""
        await self.schrijver.voer_uit(Taak(vergeet_sessies, object, SYSTEEM))

    async def _begin(self, opruimen: AsyncExitStack) -> None:
        opruimen.callback(self.log.sluit)
        await self.vergeet_sessies()
        await self.partners.ververs(bel=False)
        if self.partnerserver is not None:
            await self.partnerserver.start()
            opruimen.push_async_callback(self.partnerserver.stop)
        await opruimen.enter_async_context(blijvend("partners", self.partners.draai))
        await opruimen.enter_async_context(blijvend("partners zeggen", self.partners.zeg))
        await opruimen.enter_async_context(blijvend("hoofdsleutel", self._herpak))

    async def _herpak(self, goed: Goed) -> None:
        """Once: what is kept under an older master key goes under the newest."""
        BEZIG.set(Handeling("schakel", "systeem", "hoofdsleutel vervangen", None, "proces", None))
        await self.kluis.herpak(self.schrijver)
        goed()
        await asyncio.Event().wait()
