"""One service and the orchestrator with their doors, on a bus that is there or not."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx
from deploy.lokaal.toegang import Toegang
from tests.kern.kafkabus import kafka_instellingen
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.zicht.logboek import plek
from schakel.orchestrator.dienst import Orchestrator
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

INTAKE = {
    "dienst": "verlichting",
    "kanaal": "web",
    "melder": {"soort": "burger", "naam": "Testpersoon van Proef"},
    "tekst": "de lantaarn is uit",
}
_sleutels = count()


class Deur(NamedTuple):
    """A service that runs, and a client of it."""

    dienst: Procesdienst[Any] | Orchestrator
    klant: httpx.AsyncClient

    async def meld(self) -> str:
        """A new melding; taken, or the test fails."""
        koppen = {"Idempotency-Key": f"deur-{next(_sleutels)}"}
        antwoord = await self.klant.post("/v1/meldingen", json=INTAKE, headers=koppen)
        assert antwoord.status_code == 201, antwoord.text
        return str(antwoord.json()["meldingId"])

    async def onderdelen(self) -> Mapping[str, str]:
        """What /klaar tells of the parts; it is ready whatever they are."""
        antwoord = await self.klant.get("/klaar")
        assert antwoord.status_code == 200, antwoord.text
        gelezen: Mapping[str, str] = antwoord.json()["onderdelen"]
        return gelezen

    async def op_de_bus(self, seconden: float = 30) -> None:
        """Until it both sends and reads: being let into a group takes a reader its time."""
        async with asyncio.timeout(seconden):
            while (await self.onderdelen())["bus"] != "goed":  # noqa: ASYNC110 - what is waited for sets no event
                await asyncio.sleep(0.05)

    def gezien(self) -> set[str]:
        """The meldingen that the orchestrator knows of."""
        return {melding for (melding,) in self.dienst.opslag.vraag("SELECT melding FROM gezien")}

    def geparkeerd(self) -> list[tuple[str, str]]:
        """From where, and why."""
        return [(g.bron, g.reden) for g in self.dienst.lezer.parkeerplaats.lijst(alles=True)]


@asynccontextmanager
async def deur(dienst: Procesdienst[Any] | Orchestrator) -> AsyncIterator[Deur]:
    """It runs until the end of the block."""
    app = dienst.app
    plek.set((app.state.dienst, None))  # as the server does
    async with AsyncExitStack() as einde:
        await einde.enter_async_context(app.router.lifespan_context(app))
        vervoer = httpx.ASGITransport(app)
        klant = httpx.AsyncClient(transport=vervoer, base_url="http://127.0.0.1")
        yield Deur(dienst, await einde.enter_async_context(klant))


def proces(soort: Proces, kafka: Toegang, oin: str, map_: Path, **anders: Any) -> Procesdienst[Any]:
    """One of the five, on a file."""
    waarden = {**kafka_instellingen(kafka), "oin": oin, "gegevensmap": map_, **anders}
    return Procesdienst(OMSCHRIJVING[soort], instellingen_voor(OMSCHRIJVING[soort], **waarden))


def orchestrator(kafka: Toegang, oin: str, map_: Path) -> Orchestrator:
    """On a file."""
    return Orchestrator(Instellingen(**kafka_instellingen(kafka), oin=oin, gegevensmap=map_))
