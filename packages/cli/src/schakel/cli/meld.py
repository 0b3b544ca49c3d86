"""``schakel meld``: report something."""

import asyncio
import sys
from typing import Annotated, Any
from uuid import uuid4

import typer

from schakel.contracts.melding import Kanaal, Meldersoort
from schakel.contracts.werkstromen import PROCES_VAN, Meldingsoort
from schakel.kern.grond.weigering import Ongeldig

from .uitvoer import Formaat, Uitvoer, als_json, kaart, zijlijn


def meld(
    soort: Annotated[Meldingsoort, typer.Argument(help="Wat voor melding het is.")],
    dienst: Annotated[str, typer.Option(help="Over welke dienst, als code.")],
    tekst: Annotated[
        str | None, typer.Option(help="Wat de melder zegt; zonder deze optie van stdin.")
    ] = None,
    kanaal: Annotated[Kanaal, typer.Option(help="Hoe de melding binnenkwam.")] = Kanaal.BALIE,
    melder: Annotated[
        Meldersoort, typer.Option(help="In welke hoedanigheid gemeld wordt.")
    ] = Meldersoort.BURGER,
    naam: Annotated[str | None, typer.Option(help="Naam van de melder.")] = None,
    contact: Annotated[str | None, typer.Option(help="Hoe de melder te bereiken is.")] = None,
    namens: Annotated[str | None, typer.Option(help="Naam van wie vertegenwoordigd wordt.")] = None,
    machtiging: Annotated[str | None, typer.Option(help="Grond daarvoor, als code.")] = None,
    volgens_melder: Annotated[
        Meldingsoort | None, typer.Option(help="Hoe de melder het zelf noemt.")
    ] = None,
    sleutel: Annotated[
        str | None,
        typer.Option(help="Eigen kenmerk: nog eens met hetzelfde kenmerk meldt niet dubbel."),
    ] = None,
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Meld iets bij het proces dat deze soort behandelt."""
    if machtiging and not namens:
        raise Ongeldig("machtiging-zonder-namens", "--machtiging hoort bij --namens")
    inhoud: dict[str, Any] = {
        "dienst": dienst,
        "kanaal": kanaal.value,
        "melder": _zonder_leeg(soort=melder.value, naam=naam, contact=contact),
        "tekst": tekst if tekst is not None else _van_stdin(),
    }
    if namens:
        inhoud["namens"] = _zonder_leeg(naam=namens, machtiging=machtiging)
    if volgens_melder:
        inhoud["soortVolgensMelder"] = volgens_melder.value
    antwoord = asyncio.run(_stuur(soort, inhoud, sleutel or uuid4().hex))
    if uitvoer is Formaat.JSON:
        als_json(antwoord)
    else:
        kaart({naam: antwoord[naam] for naam in ("volgnummer", "meldingId", "status")})
        zijlijn().print(f"volgen kan met: schakel volg {antwoord['meldingId']}", soft_wrap=True)


async def _stuur(soort: Meldingsoort, inhoud: dict[str, Any], sleutel: str) -> dict[str, Any]:
    from .verbinding import mijn_klanten  # noqa: PLC0415 - help needs none of this

    async with mijn_klanten() as bij:
        antwoord: dict[str, Any] = await bij[PROCES_VAN[soort]].stuur("/meldingen", inhoud, sleutel)
        return antwoord


def _van_stdin() -> str:
    if sys.stdin.isatty():
        zijlijn().print("wat is de melding? (eindig met Ctrl-D)")
    return sys.stdin.read().strip()


def _zonder_leeg(**velden: str | None) -> dict[str, str]:
    return {naam: waarde for naam, waarde in velden.items() if waarde is not None}
