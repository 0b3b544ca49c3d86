"""Two organisations that call each other over TLS, each with a store, keys and a certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from schakel.grens.beller import Beller
from schakel.grens.buitennet import maak_klant
from schakel.grens.certificaat import oin_van_certificaat
from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.luisteraar import Luisteraar, maak_app
from schakel.grens.overeenkomsten import Partner, lees_getekend
from schakel.grens.tabellen import TABELLEN
from schakel.grens.verbinding import vergeet_sessies
from schakel.grens.verkeer import Verkeer
from schakel.grens.vormen import INHOUD_MAX
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http.server import Server
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import AlleenRijen

from .zijden import ondertekenaar


class Uitgever:
    """An authority, and certificates with an OIN as the serial number of their subject."""

    def __init__(self, map_: Path) -> None:
        self._map = map_
        self._sleutel = ec.generate_private_key(ec.SECP256R1())
        self._naam = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "proef")])
        grens = x509.BasicConstraints(ca=True, path_length=0)
        ca = self._bouw(self._naam, self._sleutel.public_key(), grens).sign(
            self._sleutel, hashes.SHA256()
        )
        self.ca = map_ / "ca.pem"
        self.ca.write_bytes(ca.public_bytes(serialization.Encoding.PEM))

    def _bouw(
        self, naam: x509.Name, sleutel: ec.EllipticCurvePublicKey, grens: x509.BasicConstraints
    ) -> x509.CertificateBuilder:
        nu = datetime.now(UTC)
        teken = x509.KeyUsage(
            *(not grens.ca, False, False, False, False, grens.ca, grens.ca, False, False)
        )
        uitgever = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._sleutel.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(naam)
            .issuer_name(self._naam)
            .public_key(sleutel)
            .serial_number(x509.random_serial_number())
            .not_valid_before(nu - timedelta(hours=1))
            .not_valid_after(nu + timedelta(days=1))
            .add_extension(grens, critical=True)
            .add_extension(teken, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(sleutel), critical=False)
            .add_extension(uitgever, critical=False)
        )

    def certificaat(self, oin: str) -> Path:
        """Key and certificate in one file."""
        sleutel = ec.generate_private_key(ec.SECP256R1())
        delen = [(NameOID.COMMON_NAME, "localhost"), (NameOID.SERIAL_NUMBER, oin)]
        naam = x509.Name([x509.NameAttribute(soort, waarde) for soort, waarde in delen])
        host = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        grens = x509.BasicConstraints(ca=False, path_length=None)
        getekend = (
            self._bouw(naam, sleutel.public_key(), grens)
            .add_extension(host, critical=False)
            .sign(self._sleutel, hashes.SHA256())
        )
        pad = self._map / f"{oin}.pem"
        pad.write_bytes(
            sleutel.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + getekend.public_bytes(serialization.Encoding.PEM)
        )
        return pad

    def server(self, oin: str) -> ssl.SSLContext:
        """Asks who comes for a certificate of this authority."""
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(self.ca))
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_cert_chain(self.certificaat(oin))
        return tls

    def klant(self, oin: str) -> ssl.SSLContext:
        tls = ssl.create_default_context(cafile=str(self.ca))
        tls.load_cert_chain(self.certificaat(oin))
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
    taken: Mapping[str, Partnerkanaal] = field(default_factory=dict)

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
    map_: Path, wie: str, getekend: bytes, uitgever: Uitgever, poort: int, *, belt: bool = True
) -> AsyncIterator[Organisatie]:
    """Open its store, listen, and call as the contract says."""
    inhoud = lees_getekend(getekend)
    oins = [partij.oin for partij in inhoud.inhoud.partijen]
    wij, zij = oins if wie == "A" else oins[::-1]
    partner = Partner(wij, zij, inhoud)
    opslag = SqliteOpslag(map_ / f"{wie}.db", TABELLEN)
    schrijver = Schrijver(AlleenRijen(opslag), lambda: datetime.now(UTC))
    kanaal = Partnerkanaal(schrijver, Verkeer(opslag, partner, [ondertekenaar(wie)]))
    await schrijver.voer_uit(Taak(vergeet_sessies, object, kanaal.DOOR))
    kanalen = {zij: kanaal}

    class Kanalen:
        def van(self, oin: str) -> Partnerkanaal | None:
            return kanalen.get(oin)

    instellingen = Instellingen(poort=poort, gegevensmap=map_)
    app = maak_app(Luisteraar(Kanalen(), oin_van_certificaat))
    server = Server(app, instellingen, tls=uitgever.server(wij), max_body=INHOUD_MAX)
    klant = maak_klant(uitgever.klant(wij), zij, {"localhost"}, {"localhost"})
    beller = Beller(partner, kanaal, klant, toeval=Random(1), slaap=_kort)
    async with AsyncExitStack() as opruimen:
        opruimen.callback(opslag.sluit)
        opruimen.push_async_callback(schrijver.sluit)
        await server.start()
        opruimen.push_async_callback(server.stop)
        await opruimen.enter_async_context(klant)
        if belt and partner.adres is not None:
            taak = asyncio.create_task(beller.draai())
            opruimen.push_async_callback(partial(_eindig, taak))
        yield Organisatie(wie, kanaal, opslag, server, partner, beller)


async def _kort(seconden: float) -> None:
    """A test does not wait for minutes."""
    await asyncio.sleep(min(seconden, 0.2))


async def _eindig(taak: "asyncio.Task[None]") -> None:
    taak.cancel()
    await asyncio.wait([taak])
    if not taak.cancelled():
        taak.result()
