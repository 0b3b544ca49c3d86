"""``schakel herbouw``: let the orchestrator derive everything again from what it saw."""

import asyncio
from typing import Any
from uuid import uuid4

import typer
from rich.progress import Progress

from .uitvoer import Formaat, Uitvoer, als_json, console, zijlijn


def herbouw(uitvoer: Uitvoer = Formaat.TEKST) -> None:
    """Leid alle werkstromen opnieuw af; eindigt met 1 als er iets anders uitkwam dan er stond."""
    stand = asyncio.run(_herbouw())
    if uitvoer is Formaat.JSON:
        als_json(stand)
    elif stand["fout"]:
        console().print(f"afgebroken: {stand['fout']}")
    else:
        console().print(f"{stand['gedaan']} bomen opnieuw afgeleid, {stand['veranderd']} veranderd")
    if stand["fout"] or stand["veranderd"]:
        raise typer.Exit(1)


async def _herbouw() -> dict[str, Any]:
    from .verbinding import mijn_klanten  # noqa: PLC0415 - help needs none of this

    async with mijn_klanten() as bij:
        orchestrator = bij["orchestrator"]
        stand: dict[str, Any] = await orchestrator.stuur("/herbouw", {}, uuid4().hex)
        with Progress(console=zijlijn(), transient=True) as balk:
            taak = balk.add_task("herbouw", total=None)
            while stand["bezig"]:
                balk.update(taak, total=stand["bomen"] or None, completed=stand["gedaan"])
                await asyncio.sleep(0.1)
                stand = await orchestrator.haal("/herbouw")
    return stand
