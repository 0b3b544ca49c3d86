"""``schakel importeer``: the history of a log, into the orchestrator that runs."""

from pathlib import Path
from typing import Annotated

import typer

from .leid_af import Codering, Objecttype, Scheiding
from .uitvoer import Formaat, Uitvoer, als_json, console


def importeer(
    bestanden: Annotated[
        list[Path], typer.Argument(metavar="BESTAND...", help="Het logboek, zoals bij leid-af.")
    ],
    mapping: Annotated[
        Path, typer.Option("--mapping", "-m", help="Hoe de rijen worden gelezen (TOML).")
    ],
    naam: Annotated[
        str,
        typer.Option(
            help="Hoe deze invoer heet: nog eens onder dezelfde naam is hetzelfde.",
            show_default="de naam van de mapping",
        ),
    ] = "",
    scheiding: Scheiding = None,
    codering: Codering = None,
    objecttype: Objecttype = None,
    uitvoer: Uitvoer = Formaat.TEKST,
    *,
    opnieuw: Annotated[
        bool, typer.Option("--opnieuw", help="Stuur alles nog eens, ook wat al was gestuurd.")
    ] = False,
) -> None:
    """Breng een logboek naar de orchestrator; twee keer is hetzelfde als een keer."""
    from schakel.historie.analyse import Hoe  # noqa: PLC0415 - help needs none of this

    from .invoeren import Opgave, voer_in  # noqa: PLC0415

    opgave = Opgave(bestanden, mapping, naam or mapping.stem, Hoe(scheiding, codering, objecttype))
    gedaan = voer_in(opgave, opnieuw=opnieuw)
    if uitvoer is Formaat.JSON:
        als_json(gedaan._asdict())
        return
    console().print(
        f"{gedaan.zaken} zaken met {gedaan.berichten} berichten gestuurd,"
        f" {gedaan.overgeslagen} zaken waren al gestuurd,"
        f" {gedaan.zonderBegin} zeggen niet waar ze binnenkwamen en gaan niet mee"
    )
