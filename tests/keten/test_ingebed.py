"""The five services running together in one process, over HTTP and without a broker (D5)."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import httpx
from tests.keten.proefketen import BODY
from tests.skelet.geval import EIGEN_NA, EIGEN_VOOR, FEITEN, STRUCTURELE_STORING, als_body
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.bus import IngebedeIngang
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

W, H, U = Proces.WIJZIGEN, Proces.HERSTELLEN, Proces.UITVOEREN
T = TypeVar("T")
GEDULD = 20.0
_sleutels = count(1)


async def wacht_op(vraag: Callable[[], Awaitable[T | None]]) -> T:
    """What will be there soon; fails when it does not come."""
    uiterlijk = time.monotonic() + GEDULD
    while time.monotonic() < uiterlijk:
        if (antwoord := await vraag()) is not None:
            return antwoord
        await asyncio.sleep(0.01)
    raise AssertionError("het kwam niet")


class Samen:
    """All five at work, each behind its own address."""

    def __init__(self, klanten: dict[Proces, httpx.AsyncClient]) -> None:
        self._klanten = klanten

    async def post(self, proces: Proces, pad: str, **body: Any) -> dict[str, Any]:
        """A command that has to succeed."""
        koppen = {"Idempotency-Key": f"samen-{next(_sleutels)}"}
        antwoord = await self._klanten[proces].post(pad, json=body, headers=koppen)
        assert antwoord.status_code == 201, antwoord.text
        return dict(antwoord.json())

    async def toon(self, proces: Proces, id_: str) -> dict[str, Any]:
        """A melding, or an empty one as long as it is not there."""
        antwoord = await self._klanten[proces].get(f"/meldingen/{id_}")
        return dict(antwoord.json()) if antwoord.status_code == 200 else {}

    async def meld(self, proces: Proces) -> str:
        """A new melding of a burger."""
        melding = {"dienst": "verlichting", "kanaal": "web", "tekst": "de lantaarn is uit"}
        antwoord = await self.post(proces, "/meldingen", melder={"soort": "burger"}, **melding)
        return str(antwoord["meldingId"])

    async def stappen(self, proces: Proces, id_: str, *stappen: str, **body: Any) -> None:
        """These steps, one after the other."""
        for stap in stappen:
            await self.post(proces, f"/meldingen/{id_}/{stap}", **(BODY.get(stap, {}) | body))

    async def tot_overdracht(self, proces: Proces, id_: str) -> None:
        """Wait until it is there, judge it and do the own steps."""

        async def er() -> dict[str, Any] | None:
            return await self.toon(proces, id_) or None

        melding = await wacht_op(er)
        if "verhelderingen" in melding["mogelijkeStappen"]:
            await self.stappen(proces, id_, "verhelderingen")
        feiten = STRUCTURELE_STORING if proces is H else FEITEN[proces][0]
        oordeel = {"feiten": als_body(feiten), "impact": 2, "urgentie": 2}
        await self.stappen(proces, id_, "beoordelingen", **oordeel)
        await self.stappen(proces, id_, *EIGEN_VOOR[proces])

    async def draag_over(self, proces: Proces, id_: str, naar: Proces) -> str:
        """Hand over; the id of the child was drawn by the giver."""
        await self.stappen(proces, id_, "overdrachten", naar=naar)
        return str((await self.toon(proces, id_))["kinderen"][-1]["meldingId"])

    async def mogelijk(self, proces: Proces, id_: str, stap: str) -> None:
        """Wait until this step is possible."""

        async def nu() -> bool | None:
            return stap in (await self.toon(proces, id_))["mogelijkeStappen"] or None

        await wacht_op(nu)

    async def rond_af(self, proces: Proces, id_: str) -> None:
        """What comes back is good; the last steps."""
        await self.mogelijk(proces, id_, "controles")
        await self.stappen(proces, id_, "controles", *EIGEN_NA.get(proces, ()), "gereedmeldingen")


def bouw(map_: Path, **instellingen: Any) -> list[Procesdienst[Any]]:
    """All five on their stores, each listening to the others."""
    diensten = [
        Procesdienst(een, instellingen_voor(een, gegevensmap=map_, **instellingen))
        for een in OMSCHRIJVING.values()
    ]
    for dienst in diensten:
        anderen = [ander for ander in diensten if ander is not dienst]
        ingang = IngebedeIngang([ander.log for ander in anderen])
        dienst.verbind(ingang)
        for ander in anderen:
            ander.na_commit.append(ingang.wek)
    return diensten


@asynccontextmanager
async def samen(map_: Path, **instellingen: Any) -> AsyncIterator[Samen]:
    """Start all five, and end them as an operator does."""
    async with AsyncExitStack() as opruimen:
        klanten = {}
        for dienst in bouw(map_, **instellingen):
            app = dienst.app
            await opruimen.enter_async_context(app.router.lifespan_context(app))
            klant = httpx.AsyncClient(
                transport=httpx.ASGITransport(app), base_url="http://localhost/v1"
            )
            klanten[dienst.proces] = await opruimen.enter_async_context(klant)
        yield Samen(klanten)


async def test_een_storing_gaat_vanzelf_langs_wijzigen_en_uitvoeren_en_terug(
    tmp_path: Path,
) -> None:
    async with samen(tmp_path) as diensten:
        storing = await diensten.meld(H)
        await diensten.tot_overdracht(H, storing)
        wijziging = await diensten.draag_over(H, storing, W)
        await diensten.tot_overdracht(W, wijziging)
        aanvraag = await diensten.draag_over(W, wijziging, U)
        await diensten.tot_overdracht(U, aanvraag)
        await diensten.stappen(U, aanvraag, "gereedmeldingen", "sluitingen")
        await diensten.rond_af(W, wijziging)
        await diensten.rond_af(H, storing)
        await diensten.stappen(H, storing, "tevredenheidscontroles", "sluitingen")
        getoond = await diensten.toon(H, storing)
        assert (getoond["status"], getoond["uitkomst"]) == ("gesloten", "voltooid")
        (kind,) = getoond["kinderen"]
        assert (kind["naar"], kind["status"]) == ("wijzigen", "voltooid")


async def test_na_een_herstart_gaat_alles_verder_waar_het_was(tmp_path: Path) -> None:
    """What was said and not yet heard still stands in the log of the sender."""
    async with samen(tmp_path) as diensten:
        storing = await diensten.meld(H)
        await diensten.tot_overdracht(H, storing)
        kind = await diensten.draag_over(H, storing, U)
    async with samen(tmp_path) as diensten:
        await diensten.tot_overdracht(U, kind)
        await diensten.stappen(U, kind, "gereedmeldingen")
    async with samen(tmp_path) as diensten:
        await diensten.rond_af(H, storing)
        await diensten.stappen(H, storing, "tevredenheidscontroles")
        assert (await diensten.toon(H, storing))["uitkomst"] == "voltooid"


async def test_de_wekker_legt_een_verstreken_termijn_vanzelf_vast(tmp_path: Path) -> None:
    catalogus = tmp_path / "diensten.json"
    catalogus.write_text(json.dumps({"diensten": {"verlichting": {"antwoord": "PT0.05S"}}}))
    async with samen(tmp_path, dienstencatalogus=catalogus, wekker=0.05) as diensten:
        aanvraag = await diensten.meld(U)
        await diensten.tot_overdracht(U, aanvraag)
        await diensten.stappen(U, aanvraag, "gereedmeldingen")

        async def voltooid() -> dict[str, Any] | None:
            getoond = await diensten.toon(U, aanvraag)
            return getoond if getoond["uitkomst"] else None

        getoond = await wacht_op(voltooid)
        assert (getoond["uitkomst"], getoond["verstreken"]) == ("voltooid", ["antwoord"])


async def test_een_dienst_zonder_bus_werkt_en_zegt_dat_hij_niets_hoort(tmp_path: Path) -> None:
    omschrijving = OMSCHRIJVING[U]
    dienst = Procesdienst(omschrijving, instellingen_voor(omschrijving, gegevensmap=tmp_path))
    app = dienst.app
    klant = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost/v1")
    async with app.router.lifespan_context(app), klant:
        onderdelen = (await klant.get("http://localhost/klaar")).json()["onderdelen"]
        assert (onderdelen["opslag"], onderdelen["bus"]) == ("goed", "gestoord")
        await Samen({U: klant}).meld(U)
