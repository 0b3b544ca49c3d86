"""Texts between two houses: each listener without a network, and who makes the calls."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
from tests.keten.proefketen import Ref
from tests.skelet.geval import EIGEN_VOOR

from schakel.contracts.werkstromen import Proces
from schakel.grens.inhoudbode import Inhoudbode
from schakel.grens.luisteraar import Luisteraar
from schakel.grens.oproep import Roep, Weer, roep

from .huizen import OINS, Huis, TweeHuizen

TEKST = "bel Testpersoon van Proef: de lantaarn aan de Proefweg hangt los"
H, W = Proces.HERSTELLEN, Proces.WIJZIGEN


def klant(naar: Huis, als: str) -> httpx.AsyncClient:
    """Calls the listener of a house, as the organisation of this OIN."""
    luisteraar = Luisteraar(naar.grens.partners, lambda _: als, naar.grens.inhouden)
    vervoer = httpx.ASGITransport(luisteraar)
    return httpx.AsyncClient(transport=vervoer, base_url="http://grens.example")


async def vraag(
    naar: Huis, methode: str, pad: str, als: str | None = None, **opties: Any
) -> tuple[int, Any]:
    """One call at a house by its partner, or by ``als``: the status, and the text or the code."""
    ander = als or next(oin for oin in OINS.values() if oin != naar.oin)
    async with klant(naar, ander) as http:
        antwoord = await http.request(methode, f"/v1/schakels/{pad}", **opties)
    assert antwoord.headers["cache-control"] == "no-store"
    if antwoord.status_code == 204:
        return 204, antwoord.content.decode()
    gelezen = antwoord.json()
    return antwoord.status_code, gelezen.get("code") or gelezen


def roep_bij(naar: Huis, als: Huis) -> Roep:
    """How the grens of ``als`` calls that of ``naar``."""

    async def een(methode: str, pad: str, ruw: bytes | None) -> bytes:
        async with klant(naar, als.oin) as http:
            return await roep(http, methode, f"http://grens.example{pad}", ruw)

    return een


async def weg(methode: str, pad: str, ruw: bytes | None) -> bytes:
    """Nobody answers."""
    del methode, pad, ruw
    raise httpx.ConnectError("proef")


async def druk(methode: str, pad: str, ruw: bytes | None) -> bytes:
    """They are busy."""
    del methode, pad, ruw
    raise Weer("te-druk", 7)


def antwoordt(inhoud: bytes) -> Roep:
    """They answer this, whatever is asked."""

    async def een(methode: str, pad: str, ruw: bytes | None) -> bytes:
        del methode, pad, ruw
        return inhoud

    return een


async def doe(huis: Huis, ander: Huis, hoe: Callable[..., Awaitable[bytes]] | None = None) -> None:
    """One turn of who fetches and brings the texts of this house."""
    bode = Inhoudbode(huis.grens.inhouden, huis.grens.opslag, huis.klok)
    await bode(ander.oin, hoe or roep_bij(ander, huis))


async def draag_over(
    huizen: TweeHuizen, tekst: str | None = TEKST, *, over: bool = True
) -> tuple[Ref, UUID]:
    """A first melding at A that hands wijzigen to B, with a text; and its schakelId."""
    keten = huizen.a.keten
    wortel = await keten.meld(H)
    await keten.beoordeel(wortel)
    await keten.stappen(wortel, *EIGEN_VOOR[H])
    anders = {} if tekst is None else {"opdracht": tekst}
    await keten.doe(wortel, "overdrachten", naar=W, **anders)
    await huizen.volg(over=over)
    return wortel, keten.kinderen(wortel)[-1].id


def boeken(huis: Huis) -> list[tuple[str, str, str]]:
    """What is written down of texts in this house: who, what, of which message."""
    rijen = huis.grens.opslag.vraag("SELECT inhoud FROM audit ORDER BY nummer")
    gelezen = [json.loads(bytes(inhoud)) for (inhoud,) in rijen]
    return [(een["wie"], een["wat"], een["waarop"]) for een in gelezen if "inhoud" in een["waarop"]]


def standen(huis: Huis) -> list[tuple[str, str]]:
    """Each text that there is, and how it is with it."""
    rijen = huis.grens.opslag.vraag(
        "SELECT kant, nummer, stand FROM inhouden ORDER BY kant, nummer"
    )
    return [(f"{kant}/{nummer}", stand) for kant, nummer, stand in rijen]


async def lees(huis: Huis, adres: str) -> tuple[int, Any]:
    """What somebody of this house reads there."""
    vervoer = httpx.ASGITransport(huis.grens.app)
    async with httpx.AsyncClient(transport=vervoer, base_url="http://127.0.0.1") as http:
        antwoord = await http.get(httpx.URL(adres).path)
    gelezen = antwoord.json()
    return antwoord.status_code, gelezen.get("inhoud") or gelezen.get("code")
