"""Two organisations that call each other over TLS, each with a store, keys and a certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Protocol

import httpx

from schakel.bewijs import Ondertekenaar
from schakel.cli.proefcertificaat import Uitgever
from schakel.grens.beller import Beller
from schakel.grens.buitennet import maak_klant
from schakel.grens.certificaat import oin_van_certificaat
from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.luisteraar import Luisteraar, maak_server
from schakel.grens.overeenkomsten import Partner, lees_getekend
from schakel.grens.tabellen import TABELLEN
from schakel.grens.verbinding import vergeet_sessies
from schakel.grens.verkeer import Verkeer
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http.server import Server
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import AlleenRijen

from .zijden import ondertekenaar


class Papieren(Protocol):
    """Whom to trust, and who we are; ``Uitgever`` is one."""

    @property
    def ca(self) -> Path:
        """The authority."""

    def certificaat(self, oin: str) -> Path:
        """Key and certificate of this organisation."""


def server_tls(uitgever: Papieren, oin: str) -> ssl.SSLContext:
    """Asks who comes for a certificate of this authority."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(uitgever.ca))
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_cert_chain(uitgever.certificaat(oin))
    return tls


def klant_tls(uitgever: Papieren, oin: str) -> ssl.SSLContext:
    tls = ssl.create_default_context(cafile=str(uitgever.ca))
    tls.load_cert_chain(uitgever.certificaat(oin))
    return tls


@dataclass
class Organisatie:
    """One of the two, while it runs."""

    wie: str
    kanaal: Partnerkanaal
    opslag: SqliteOpslag
    server: Server
    partner: Partner
    beller: Beller
    klant: httpx.AsyncClient
    """With which it calls."""
    beltaak: "asyncio.Task[None] | None" = None
    """That does so, if it does."""

    def bladen(self, richting: str) -> tuple[bytes, ...]:
        verkeer = self.kanaal.verkeer
        return (verkeer.uit if richting == "uit" else verkeer.in_).bladen(0, 1_000_000)

    async def zeg(self, *bladen: bytes) -> None:
        """As soon as the link is resumed."""
        async with asyncio.timeout(20):
            while not (await self.kanaal.verbinding()).is_hervat:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await self.kanaal.zeg(list(bladen))


@asynccontextmanager
async def organisatie(
    map_: Path,
    wie: str,
    getekend: bytes,
    uitgever: Papieren,
    poort: int,
    *,
    belt: bool = True,
    tekent: Ondertekenaar | None = None,
) -> AsyncIterator[Organisatie]:
    """Open its store, listen, and call as the contract says.

    It is the first party of the contract as A, and signs with a key of the vectors but for
    ``tekent``.
    """
    inhoud = lees_getekend(getekend)
    oins = [partij.oin for partij in inhoud.inhoud.partijen]
    wij, zij = oins if wie == "A" else oins[::-1]
    partner = Partner(wij, zij, inhoud)
    opslag = SqliteOpslag(map_ / f"{wie}.db", TABELLEN)
    schrijver = Schrijver(AlleenRijen(opslag), lambda: datetime.now(UTC))
    kanaal = Partnerkanaal(schrijver, Verkeer(opslag, partner, [tekent or ondertekenaar(wie)]))
    await schrijver.voer_uit(Taak(vergeet_sessies, object, kanaal.DOOR))
    kanalen = {zij: kanaal}

    class Kanalen:
        def van(self, oin: str) -> Partnerkanaal | None:
            return kanalen.get(oin)

    instellingen = Instellingen(poort=poort, gegevensmap=map_)
    luisteraar = Luisteraar(Kanalen(), oin_van_certificaat)
    server = maak_server(luisteraar, instellingen, server_tls(uitgever, wij))
    klant = maak_klant(klant_tls(uitgever, wij), zij, {"localhost"}, {"localhost"})
    beller = Beller(partner, kanaal, klant, toeval=Random(1), slaap=_kort)
    async with AsyncExitStack() as opruimen:
        opruimen.callback(opslag.sluit)
        opruimen.push_async_callback(schrijver.sluit)
        await server.start()
        opruimen.push_async_callback(server.stop)
        await opruimen.enter_async_context(klant)
        taak = None
        if belt and partner.adres is not None:
            taak = asyncio.create_task(beller.draai())
            opruimen.push_async_callback(partial(_eindig, taak))
        yield Organisatie(wie, kanaal, opslag, server, partner, beller, klant, taak)


async def _kort(seconden: float) -> None:
    """A test does not wait for minutes."""
    await asyncio.sleep(min(seconden, 0.2))


async def _eindig(taak: "asyncio.Task[None]") -> None:
    taak.cancel()
    await asyncio.wait([taak])
    if not taak.cancelled():
        taak.result()


__all__ = ["Organisatie", "Papieren", "Uitgever", "klant_tls", "organisatie", "server_tls"]
