"""``schakel geparkeerd``: messages that could not be handled, and what waits behind them."""

import asyncio
import base64
from collections.abc import Iterable
from typing import Annotated, Any
from uuid import uuid4

import typer

from schakel.contracts.organisatie import DIENSTEN

from .nederlands import Opdrachten, voeg_toe
from .uitvoer import Formaat, Uitvoer, als_json, console, kaart, tabel

VELDEN = ("reden", "bron", "boom", "van", "tot")
Nummer = Annotated[int, typer.Argument(help="Het nummer uit de lijst.", min=1)]
Misschien = Annotated[
    int | None, typer.Argument(help="Het nummer uit de lijst; anders alles wat past.", min=1)
]
Dienst = Annotated[str, typer.Option(help="Bij welke dienst: " + ", ".join(DIENSTEN) + ".")]
Waar = Annotated[
    list[str],
    typer.Option(
        "--waar", help="Alleen wat hieraan voldoet: " + ", ".join(f"{v}=..." for v in VELDEN) + "."
    ),
]
Proef = Annotated[bool, typer.Option("--proef", help="Tel alleen wat past; doe niets.")]
NIETS: list[str] = []


def registreer(app: typer.Typer) -> None:
    """Add the group of commands."""
    groep = typer.Typer(
        cls=Opdrachten,
        no_args_is_help=True,
        help="Berichten die niet verwerkt konden worden: bekijken, vrijgeven, verwerpen, wissen.",
        epilog="Voorbeeld: schakel geparkeerd lijst",
    )
    opdrachten = (
        (lijst, "lijst --dienst uitvoeren"),
        (toon, "toon 3 --dienst uitvoeren"),
        (vrijgeven, "vrijgeven 3 --dienst uitvoeren"),
        (verwerpen, "verwerpen 3 --dienst uitvoeren --reden dubbel-bericht"),
        (wissen, "wissen --dienst uitvoeren --waar reden=geen-json --proef"),
    )
    voeg_toe(groep, "schakel geparkeerd", opdrachten)
    app.add_typer(groep, name="geparkeerd")


def lijst(
    dienst: Annotated[
        str | None, typer.Option(help="Alleen bij deze dienst; anders bij alle.")
    ] = None,
    waar: Waar = NIETS,
    uitvoer: Uitvoer = Formaat.TEKST,
    *,
    alles: Annotated[
        bool, typer.Option("--alles", help="Ook wat al is vrijgegeven of verworpen.")
    ] = False,
) -> None:
    """Toon wat er wacht en waarom; eindigt met 1 als er iets wacht."""
    diensten = [_bestaand(dienst)] if dienst else _eigen()
    gevonden = asyncio.run(_haal_lijst(diensten, alles=alles, **_filter(waar)))
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


def vrijgeven(
    dienst: Dienst,
    nummer: Misschien = None,
    waar: Waar = NIETS,
    uitvoer: Uitvoer = Formaat.TEKST,
    *,
    proef: Proef = False,
) -> None:
    """Verwerk een bericht, of alle die passen, alsnog; eindigt met 1 als dat niet gaat."""
    if nummer is None:
        _met_alle(dienst, "vrijgaven", _filter(waar), {"proef": proef}, "verwerkt", uitvoer)
        return
    _alleen_dit(waar, proef=proef)
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
    dienst: Dienst,
    reden: Annotated[str, typer.Option(help="Waarom, als code.")],
    nummer: Misschien = None,
    waar: Waar = NIETS,
    uitvoer: Uitvoer = Formaat.TEKST,
    *,
    proef: Proef = False,
) -> None:
    """Geef een bericht op, of alle die passen; wat erachter wacht blijft staan."""
    if nummer is None:
        body = {"proef": proef, "reden": reden}
        _met_alle(dienst, "verwerpingen", _filter(waar), body, "verworpen", uitvoer)
        return
    _alleen_dit(waar, proef=proef)
    pad = f"/geparkeerd/{nummer}/verwerpingen"
    antwoord = asyncio.run(_stuur(_bestaand(dienst), pad, {"reden": reden}))
    if uitvoer is Formaat.JSON:
        als_json(antwoord)
    else:
        console().print("verworpen")


def wissen(
    dienst: Dienst,
    waar: Waar = NIETS,
    uitvoer: Uitvoer = Formaat.TEKST,
    *,
    proef: Proef = False,
) -> None:
    """Wis de bytes van wat is vrijgegeven of verworpen; dat het er was blijft staan."""
    _met_alle(dienst, "wissingen", _filter(waar), {"proef": proef}, "gewist", uitvoer)


def _alleen_dit(waar: list[str], *, proef: bool) -> None:
    """Who names one message says nothing of others: a trial of it would be no trial."""
    if waar or proef:
        hoort = "--waar" if waar else "--proef"
        raise typer.BadParameter("dit hoort bij een filter, niet bij een nummer", param_hint=hoort)


def _filter(waar: list[str]) -> dict[str, str]:
    """As the services want it; they refuse to do something with all there is, unasked."""
    delen = dict(deel.partition("=")[::2] for deel in waar)
    if len(delen) < len(waar):
        raise typer.BadParameter("elk veld hoogstens een keer", param_hint="--waar")
    if not delen.keys() <= set(VELDEN) or not all(delen.values()):
        raise typer.BadParameter(
            f"kies uit {', '.join(VELDEN)}, zoals reden=geen-json", param_hint="--waar"
        )
    return delen


def _met_alle(
    dienst: str,
    wat: str,
    filter_: dict[str, Any],
    body: dict[str, Any],
    gedaan: str,
    uitvoer: Formaat,
) -> None:
    """Ask until all that fit were had; a service does some hundreds at a time."""
    gevonden, verwerkt = asyncio.run(_stuur_alle(_bestaand(dienst), wat, filter_, body))
    if uitvoer is Formaat.JSON:
        als_json({"gevonden": gevonden, "verwerkt": verwerkt})
    else:
        console().print(
            f"gevonden: {gevonden}" + ("" if body["proef"] else f", {gedaan}: {verwerkt}")
        )
    if gevonden and not verwerkt and not body["proef"]:
        raise typer.Exit(1)


async def _stuur_alle(
    dienst: str, wat: str, filter_: dict[str, Any], body: dict[str, Any]
) -> tuple[int, int]:
    gevonden, verwerkt, na = None, 0, 0
    while True:
        inhoud = {**body, "filter": {**filter_, "na": na}}
        antwoord = await _stuur(dienst, f"/geparkeerd/{wat}", inhoud)
        gevonden = antwoord["gevonden"] if gevonden is None else gevonden
        verwerkt += antwoord["verwerkt"]
        if antwoord["volgende"] is None:
            return gevonden, verwerkt
        na = antwoord["volgende"]


def _eigen() -> list[str]:
    from .instellingen import Instellingen, eigen_diensten  # noqa: PLC0415 - help needs none of this

    return eigen_diensten(Instellingen().gegevensmap)


def _bestaand(dienst: str) -> str:
    if dienst not in DIENSTEN:
        raise typer.BadParameter(f"kies uit {', '.join(DIENSTEN)}", param_hint="--dienst")
    return dienst


async def _haal_lijst(diensten: Iterable[str], **vragen: Any) -> list[dict[str, Any]]:
    from .verbinding import mijn_klanten  # noqa: PLC0415 - help needs none of this

    gevonden: list[dict[str, Any]] = []
    async with mijn_klanten() as bij:
        for dienst in diensten:
            na = 0
            while bladzij := (await bij[dienst].haal("/geparkeerd", **vragen, na=na, limiet=200))[
                "geparkeerd"
            ]:
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
