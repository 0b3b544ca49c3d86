"""Starts the product; all that is said to it, ``vreemde`` says."""

from base64 import b64decode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.grens.huizen import Huis, TweeHuizen
from tests.grens.organisaties import Organisatie, Uitgever, klant_tls, organisatie, server_tls
from tests.grens.zijden import VECTOREN

from schakel.grens.certificaat import oin_van_certificaat
from schakel.grens.instellingen import Instellingen
from schakel.grens.luisteraar import Luisteraar, maak_server

from .vreemde import A, B, Logsleutel, Sleutelbos, Vreemde, b64url, compact


def logsleutel(wie: str) -> Logsleutel:
    """One of the published test keys: the product has that of B."""
    gegeven = VECTOREN["sleutels"][wie]
    privaat = Ed25519PrivateKey.from_private_bytes(b64decode(gegeven["ed25519"]))
    return Logsleutel(gegeven["vkey"].split("+")[0], privaat)


@pytest.fixture(scope="session")
def uitgever(tmp_path_factory: pytest.TempPathFactory) -> Uitgever:
    return Uitgever(tmp_path_factory.mktemp("uitgever"))


@pytest.fixture(scope="session")
def sleutels() -> Sleutelbos:
    return Sleutelbos(a=logsleutel("A"), b=logsleutel("B"))


@dataclass
class Proef:
    """The stranger A, and B that runs the product: its store shows what a call left behind."""

    a: Vreemde
    b: Organisatie

    @property
    def ingenomen(self) -> int:
        """How much of the log of A stands at B."""
        return self.b.kanaal.verkeer.stand_in().omvang

    @property
    def gestopt(self) -> str | None:
        return self.b.kanaal.verkeer.verbinding().gestopt

    @property
    def bewijsstukken(self) -> list[tuple[str, bytes]]:
        rijen = self.b.opslag.vraag("SELECT reden, inhoud FROM bewijsstukken ORDER BY nummer")
        return [(reden, bytes(inhoud)) for reden, inhoud in rijen]


@pytest.fixture
async def proef(tmp_path: Path, uitgever: Uitgever, sleutels: Sleutelbos) -> AsyncIterator[Proef]:
    payload = compact(sleutels.inhoud())
    getekend = sleutels.onderteken(payload)
    async with organisatie(tmp_path, "B", getekend, uitgever, 0, belt=False) as b:
        kenmerk = b64url(sha256(payload).digest())
        yield Proef(Vreemde(b.server.poort, klant_tls(uitgever, A), kenmerk, sleutels), b)


@dataclass
class Huisproef:
    """The stranger A, and the whole house of B."""

    a: Vreemde
    b: Huis


@pytest.fixture
async def huisproef(
    huizen: TweeHuizen, tmp_path: Path, uitgever: Uitgever, sleutels: Sleutelbos
) -> AsyncIterator[Huisproef]:
    grens = huizen.b.grens
    server = maak_server(
        Luisteraar(grens.partners, oin_van_certificaat, grens.inhouden),
        Instellingen(poort=0, gegevensmap=tmp_path / "B"),
        server_tls(uitgever, B),
    )
    await server.start()
    kenmerk = huizen.b.kanaal.verkeer.partij.kenmerken[0]
    yield Huisproef(Vreemde(server.poort, klant_tls(uitgever, A), kenmerk, sleutels), huizen.b)
    await server.stop()
