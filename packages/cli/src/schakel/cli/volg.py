"""``schakel volg``: follow one melding live, as the orchestrator sees it."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import typer

from .uitvoer import Formaat, Uitvoer, als_json, als_regel, console, kaart

GEDULD = 3.0
"""Seconds that the orchestrator gets to see a melding that was only just reported."""


def volg(
    melding: Annotated[UUID, typer.Argument(help="Het id van een melding, eerste of genest.")],
    uitvoer: Uitvoer = Formaat.TEKST,
    *,
    eenmaal: Annotated[bool, typer.Option("--eenmaal", help="Toon hoe het nu is en stop.")] = False,
) -> None:
    """Volg een melding tot ze is gesloten: elke verandering een regel (of een regel json)."""
    asyncio.run(_volg(str(melding), uitvoer, eenmaal=eenmaal))


async def _volg(melding: str, uitvoer: Formaat, *, eenmaal: bool) -> None:
    from schakel.contracts.melding import Status  # noqa: PLC0415 - help needs none of this

    from .verbinding import mijn_klanten  # noqa: PLC0415

    async with mijn_klanten() as bij:
        orchestrator = bij["orchestrator"]
        nu = await _eerste(orchestrator, melding)
        if eenmaal:
            _toon_geheel(nu, uitvoer)
            return
        vorige = ""
        volgend = orchestrator.luister("/wijzigingen", na=0, wortelId=nu["wortelId"])
        async for afleiding in volgend:
            if uitvoer is Formaat.JSON:
                als_regel(afleiding)
            elif (regel := _regel(afleiding)) != vorige:
                console().print(regel, soft_wrap=True)
                vorige = regel
            if afleiding["status"] == Status.GESLOTEN:
                return


async def _eerste(orchestrator: Any, melding: str) -> dict[str, Any]:
    from schakel.klant import Geweigerd  # noqa: PLC0415

    tot = asyncio.get_running_loop().time() + GEDULD
    while True:
        try:
            nu: dict[str, Any] = await orchestrator.haal(f"/meldingen/{melding}")
        except Geweigerd as fout:
            if fout.status != 404 or asyncio.get_running_loop().time() > tot:  # noqa: PLR2004
                raise
            await asyncio.sleep(0.1)
        else:
            return nu


def _letters(afleiding: dict[str, Any]) -> str:
    return "".join(proces[0].upper() for proces in afleiding["pad"])


def _verwacht(afleiding: dict[str, Any]) -> list[str]:
    return [f"{een['proces'] or '?'}: {een['verwacht']}" for een in afleiding["posities"]]


def _regel(afleiding: dict[str, Any]) -> str:
    """Where it is, on one line."""
    nummer = afleiding["werkstroom"] or f"een van {afleiding['kandidaten']}"
    delen = [f"werkstroom {nummer}", f"pad {_letters(afleiding) or '-'}", afleiding["status"]]
    if afleiding["uitkomst"]:
        delen.append(afleiding["uitkomst"])
    if verwacht := _verwacht(afleiding):
        delen.append("verwacht " + "; ".join(verwacht))
    if afleiding["afwijkingen"]:
        delen.append(f"{len(afleiding['afwijkingen'])} afwijking(en)")
    return ", ".join(delen)


def _toon_geheel(afleiding: dict[str, Any], uitvoer: Formaat) -> None:
    if uitvoer is Formaat.JSON:
        als_json(afleiding)
        return
    kaart(
        {
            "melding": afleiding["wortelId"],
            "soort": afleiding["meldingsoort"],
            "kandidaten": afleiding["kandidaten"],
            "werkstroom": afleiding["werkstroom"],
            "woord": afleiding["woord"],
            "pad": _letters(afleiding),
            "status": afleiding["status"],
            "uitkomst": afleiding["uitkomst"],
            "verwacht": _verwacht(afleiding),
            "afwijkingen": [een["uitleg"] for een in afleiding["afwijkingen"]],
        }
    )
