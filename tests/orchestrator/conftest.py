"""An orchestrator on a store of its own, fed by hand; on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

import httpx
import pytest
from deploy.lokaal.postgres import PostgresServer

from schakel.contracts.envelop import CONTENT_TYPE
from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.opslag.postgres import migreer
from schakel.orchestrator.dienst import Orchestrator
from schakel.orchestrator.tabellen import TABELLEN

BRON = "urn:nld:oin:00000099000000001000:systeem:schakel-herstellen"
KOPPEN = (("content-type", CONTENT_TYPE.encode()),)


class Proef:
    """An orchestrator at work, and the hand that feeds it."""

    def __init__(self, orchestrator: Orchestrator, klant: httpx.AsyncClient) -> None:
        self.orchestrator = orchestrator
        self.klant = klant
        self._positie = 0

    async def voer(
        self, berichten: Iterable[bytes], koppen: Sequence[tuple[str, bytes]] = KOPPEN
    ) -> int:
        """Deliver in one go, each under the source that it names itself."""
        gezien = 0
        for bericht in berichten:
            self._positie += 1
            gezien += await self.lever(bericht, self._positie, koppen)
        return gezien

    async def lever(
        self,
        bericht: bytes,
        positie: int,
        koppen: Sequence[tuple[str, bytes]] = KOPPEN,
        schrijver: str | None = None,
        toegevoegd: int | None = None,
    ) -> int:
        bron = schrijver or bron_van(bericht)
        record = Record(positie, None, tuple(koppen), bericht, toegevoegd=toegevoegd)
        levering = Levering(bron.rpartition(":")[2], bron, [record])
        return await self.orchestrator.verzamelaar.ontvang(levering)

    async def haal(self, pad: str, **vragen: object) -> httpx.Response:
        return await self.klant.get(f"/v1{pad}", params=vragen)


def bron_van(bericht: bytes) -> str:
    begin = bericht.find(b'"source":"')
    return bericht[begin + 10 : bericht.find(b'"', begin + 10)].decode() if begin >= 0 else BRON


@pytest.fixture(params=["sqlite", "postgres"])
def instellingen(request: pytest.FixtureRequest, tmp_path: Path) -> Instellingen:
    opslag = "sqlite"
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        opslag = server.maak_database()
        migreer(opslag, TABELLEN)
    return Instellingen(gegevensmap=tmp_path, poort=8100, opslag=opslag)


@pytest.fixture
async def proef(instellingen: Instellingen) -> AsyncIterator[Proef]:
    orchestrator = Orchestrator(instellingen)
    async with (
        orchestrator.app.router.lifespan_context(orchestrator.app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(orchestrator.app), base_url="http://127.0.0.1:8100"
        ) as klant,
    ):
        yield Proef(orchestrator, klant)
