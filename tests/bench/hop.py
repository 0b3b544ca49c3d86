"""One hop: from a hand-over stored in one service to the melding it opens, stored in another."""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from schakel.contracts.werkstromen import Proces
from schakel.herstellen.app import DIENST as HERSTELLEN
from schakel.kern.bus import IngebedeIngang
from schakel.kern.grond.kop import Kop
from schakel.kern.grond.rollen import Rol
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.melding import ACTIES
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.overdracht import Overdracht
from schakel.uitvoeren.app import DIENST as UITVOEREN

from .geheugen import INTAKE, LOKAAL
from .verslag import Cel, Uitkomst, percentiel, schone_map

PER_SECONDE = 200
FEITEN = {
    "proactief": False,
    "afwijking": True,
    "binnenAfspraken": True,
    "raaktBeheerdeInfrastructuur": False,
}
VOORAF: tuple[tuple[str, dict[str, Any]], ...] = (
    ("verhelderingen", {}),
    ("beoordelingen", {"feiten": FEITEN, "impact": 2, "urgentie": 2}),
    ("analyses", {}),
)


class Staat(msgspec.Struct):
    """Of a stored event: the tree it belongs to."""

    boom: UUID


def kop(rol: Rol, sleutel: str) -> Kop:
    return Kop(sleutel, b"", None, LOKAAL, rol)


async def maak_gereed(gever: Procesdienst[Any], nummer: int) -> UUID:
    """A melding of which the next step is the hand-over."""
    antwoord = await gever.dienst.neem_aan(INTAKE, kop(Rol.INTAKER, f"m{nummer}"))
    id_ = UUID(antwoord["meldingId"])
    acties = {actie.stap: actie.opdracht for actie in (*ACTIES, *HERSTELLEN.acties)}
    for stap, inhoud in VOORAF:
        opdracht = acties[stap].model_validate(inhoud)  # type: ignore[attr-defined]
        await gever.dienst.doe(id_, opdracht, kop(Rol.BEHANDELAAR, f"{stap}{nummer}"))
    return id_


async def _meet(map_: Path, aantal: int) -> list[float]:
    gever, nemer = (
        Procesdienst(dienst, Instellingen(gegevensmap=map_, poort=0))
        for dienst in (HERSTELLEN, UITVOEREN)
    )
    aan: dict[UUID, float] = {}
    positie = 0
    alles_aan = asyncio.Event()
    ingang = IngebedeIngang([gever.log])
    nemer.verbind(ingang)

    def kijk() -> None:
        """Called when the receiver has committed: what it opened stands there now."""
        nonlocal positie
        nu = time.perf_counter()
        for rij in nemer.opslag.select_notifications(positie, 1_000, inclusive_of_start=False):
            positie = rij.id
            aan[msgspec.json.decode(rij.state, type=Staat).boom] = nu
        if len(aan) == aantal:
            alles_aan.set()

    async with AsyncExitStack() as opruimen:
        for proces in (gever, nemer):
            await opruimen.enter_async_context(proces.app.router.lifespan_context(proces.app))
        bomen = await asyncio.gather(*(maak_gereed(gever, nummer) for nummer in range(aantal)))
        ingang.wek()
        gever.na_commit.append(ingang.wek)
        nemer.na_commit.append(kijk)
        await asyncio.sleep(0.5)  # what came before has been read
        uit: dict[UUID, float] = {}

        async def draag_over(boom: UUID, nummer: int) -> None:
            await asyncio.sleep(nummer / PER_SECONDE)
            bij = kop(Rol.BEHANDELAAR, f"o{nummer}")
            await gever.dienst.doe(boom, Overdracht(naar=Proces.UITVOEREN), bij)
            uit[boom] = time.perf_counter()

        await asyncio.gather(*(draag_over(boom, nummer) for nummer, boom in enumerate(bomen)))
        await asyncio.wait_for(alles_aan.wait(), 30)
    # Stored there may be known before stored here is: both are told through one event loop.
    return [max(0.0, aan[boom] - uit[boom]) * 1e3 for boom in bomen]


def meet_hop(aantal: int) -> Uitkomst:
    """Two services in one process, at 200 hand-overs per second."""
    with schone_map() as map_:
        wachttijden = asyncio.run(_meet(map_, aantal))
    p50, p99 = percentiel(wachttijden, 0.5), percentiel(wachttijden, 0.99)
    rij: dict[str, Cel] = {
        "wat": f"{PER_SECONDE}/s, {aantal} overdrachten",
        "p50 in ms": p50,
        "p99 in ms": p99,
    }
    return Uitkomst("hop", "bewaard in de ene dienst, gevolg bewaard in de andere", [rij])
