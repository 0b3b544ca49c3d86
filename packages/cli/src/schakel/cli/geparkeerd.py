"""``schakel geparkeerd``: messages that could not be handled, and what waits behind them."""

import asyncio
import base64
from collections.abc import Callable, Iterable
from typing import Annotated, Any
from uuid import uuid4

import typer

from schakel.contracts.organisatie import DIENSTEN

from .nederlands import Commando, Opdrachten
from .uitvoer import Formaat, Uitvoer, als_json, console, kaart, tabel

Nummer = Annotated[int, typer.Argument(help="Het nummer uit de lijst.", min=1)]
Dienst = Annotated[str, typer.Option(help="Bij welke dienst: " + ", ".join(DIENSTEN) + ".")]


def registreer(app: typer.Typer) -> None:
    """Add the group of commands."""
    groep = typer.Typer(
        cls=Opdrachten,
        no_args_is_help=True,
        help="Berichten die niet verwerkt konden worden: bekijken, vrijgeven, verwerpen.",
        epilog="Voorbeeld: schakel geparkeerd lijst",
    )
    voorbeelden: tuple[tuple[Callable[..., None], str], ...] = (
        (lijst, "lijst --dienst uitvoeren"),
        (toon, "toon 3 --dienst uitvoeren"),
        (vrijgeven, "vrijgeven 3 --dienst uitvoeren"),
        (verwerpen, "verwerpen 3 --dienst uitvoeren --reden dubbel-bericht"),
    )
    for opdracht, voorbeeld in voorbeelden:
        uitleg = f"Voorbeeld: schakel geparkeerd {voorbeeld}"
        groep.command(voorbeeld.split()[0], cls=Commando, epilog=uitleg)(opdracht)
    app.add_typer(groep, name="geparkeerd")


def lijst(
    dienst: Annotated[
        str | None, typer.Option(help="Alleen bij deze dienst; anders bij alle.")
    ] = None,
    uitvoer: Uitvoer = Formaat.TEKST,
    *,
    alles: Annotated[
        bool, typer.Option("--alles", help="Ook wat al is vrijgegeven of verworpen.")
    ] = False,
) -> None:
    """Toon wat er wacht en waarom; eindigt met 1 als er iets wacht."""
    gevonden = asyncio.run(_haal_lijst([_bestaand(dienst)] if dienst else DIENSTEN, alles=alles))
    if uitvoer is Formaat.JSON:
        als_json(gevonden)
    elif gevonden:
        kolommen = ("dienst", "nummer", "reden", "boom", "bron", "op", "afloop")
        tabel(kolommen, [[een[kolom] for kolom in kolommen] for een in gevonden])
    else:
        console().print("er staat niets geparkeerd")
    if any(een["klaar"] is None for een in gevonden):
        raise typer.Exit(1)


def toon(nummer: Nummer, dienst: Dienst, uitvoer: Uitvoer = Formaat.TEKST) -> None:
    """Toon een geparkeerd bericht met zijn inhoud."""
    bericht = asyncio.run(_haal(_bestaand(dienst), f"/geparkeerd/{nummer}"))
    bericht["waarde"] = base64.b64decode(bericht["waarde"]).decode("utf-8", "replace")
    if uitvoer is Formaat.JSON:
        als_json(bericht)
    else:
        kaart(bericht)


def vrijgeven(nummer: Nummer, dienst: Dienst, uitvoer: Uitvoer = Formaat.TEKST) -> None:
    """Verwerk een bericht en wat erachter wacht alsnog; eindigt met 1 als dat niet gaat."""
    antwoord = asyncio.run(_stuur(_bestaand(dienst), f"/geparkeerd/{nummer}/vrijgaven", {}))
    if uitvoer is Formaat.JSON:
        als_json(antwoord)
    elif antwoord["verwerkt"]:
        console().print(f"verwerkt: {antwoord['verwerkt']}")
    else:
        console().print(
            f"nog niet te verwerken: zie schakel geparkeerd toon {nummer} --dienst {dienst}"
        )
    if not antwoord["verwerkt"]:
        raise typer.Exit(1)


def verwerpen(
    nummer: Nummer,
    dienst: Dienst,
    reden: Annotated[str, typer.Option(help="Waarom, als code.")],
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Geef een bericht op; wat erachter wacht blijft staan tot het wordt vrijgegeven."""
    pad = f"/geparkeerd/{nummer}/verwerpingen"
    antwoord = asyncio.run(_stuur(_bestaand(dienst), pad, {"reden": reden}))
    if uitvoer is Formaat.JSON:
        als_json(antwoord)
    else:
        console().print("verworpen")


def _bestaand(dienst: str) -> str:
    if dienst not in DIENSTEN:
        raise typer.BadParameter(f"kies uit {', '.join(DIENSTEN)}", param_hint="--dienst")
    return dienst


async def _haal_lijst(diensten: Iterable[str], *, alles: bool) -> list[dict[str, Any]]:
    from .verbinding import mijn_klanten  # noqa: PLC0415 - help needs none of this

    gevonden: list[dict[str, Any]] = []
    async with mijn_klanten() as bij:
        for dienst in diensten:
            na = 0
            while bladzij := (
                await bij[dienst].haal("/geparkeerd", alles=alles, na=na, limiet=200)
            )["geparkeerd"]:
                gevonden += [{"dienst": dienst, **een} for een in bladzij]
                na = bladzij[-1]["nummer"]
    return gevonden


async def _haal(dienst: str, pad: str) -> dict[str, Any]:
    from .verbinding import mijn_klanten  # noqa: PLC0415

    async with mijn_klanten() as bij:
        antwoord: dict[str, Any] = await bij[dienst].haal(pad)
        return antwoord


async def _stuur(dienst: str, pad: str, inhoud: dict[str, Any]) -> dict[str, Any]:
    from .verbinding import mijn_klanten  # noqa: PLC0415

    async with mijn_klanten() as bij:
        antwoord: dict[str, Any] = await bij[dienst].stuur(pad, inhoud, uuid4().hex)
        return antwoord
