"""``schakel doctor``: what is wrong with this installation, and how to mend it."""

import asyncio
from dataclasses import asdict

import typer

from .uitvoer import Formaat, Uitvoer, als_json, console


def doctor(uitvoer: Uitvoer = Formaat.TEKST) -> None:
    """Onderzoek deze installatie; eindigt met 1 als er iets mis is."""
    from .onderzoek import onderzoek  # noqa: PLC0415 - help needs none of this

    bevindingen = asyncio.run(onderzoek())
    if uitvoer is Formaat.JSON:
        als_json([asdict(een) for een in bevindingen])
    else:
        breedte = max(len(een.wat) for een in bevindingen)
        for een in bevindingen:
            teken = "[green]goed[/]" if een.goed else "[red]mis [/]"
            console().print(f"{teken}  {een.wat:<{breedte}}  {een.uitleg}", soft_wrap=True)
            if een.herstel:
                console().print(f"      {'':<{breedte}}  -> {een.herstel}", soft_wrap=True)
    if not all(een.goed for een in bevindingen):
        raise typer.Exit(1)
