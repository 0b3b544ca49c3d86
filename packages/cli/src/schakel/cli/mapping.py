"""``schakel mapping``: a first mapping for a file, and whether a mapping is good."""

import json
from pathlib import Path
from typing import Annotated

import typer

from .leid_af import Codering, Objecttype, Scheiding
from .nederlands import Opdrachten, voeg_toe
from .uitvoer import console


def registreer(app: typer.Typer) -> None:
    """Add the group of commands."""
    groep = typer.Typer(
        cls=Opdrachten,
        no_args_is_help=True,
        help="Maak en controleer mappings.",
        epilog="Voorbeeld: schakel mapping voorstel export.csv",
    )
    opdrachten = (
        (voorstel, "voorstel export.csv"),
        (controleer, "controleer mapping.toml export.csv"),
        (schema, "schema"),
    )
    voeg_toe(groep, "schakel mapping", opdrachten)
    app.add_typer(groep, name="mapping")


def voorstel(
    bestand: Annotated[Path, typer.Argument(metavar="BESTAND", help="Het logboek.")],
    scheiding: Scheiding = None,
    codering: Codering = None,
    objecttype: Objecttype = None,
) -> None:
    """Schrijf een eerste mapping bij een bestand, met zijn kolommen en waarden als commentaar."""
    from schakel.historie.analyse import Hoe, stel_mapping_voor  # noqa: PLC0415 - not for help

    typer.echo(stel_mapping_voor(bestand, Hoe(scheiding, codering, objecttype)), nl=False)


def controleer(
    mapping: Annotated[Path, typer.Argument(metavar="MAPPING", help="De mapping (TOML).")],
    bestanden: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[BESTAND...]", help="Het logboek waar hij bij hoort."),
    ] = None,
    scheiding: Scheiding = None,
    codering: Codering = None,
    objecttype: Objecttype = None,
) -> None:
    """Kijk of een mapping klopt, en of het logboek heeft wat hij noemt; wijzig niets."""
    from schakel.historie.analyse import Hoe, keur_kolommen  # noqa: PLC0415 - not for help
    from schakel.historie.mapping import lees_mapping  # noqa: PLC0415

    gelezen = lees_mapping(mapping)
    if bestanden:
        keur_kolommen(bestanden, gelezen, Hoe(scheiding, codering, objecttype))
    aantal = len(gelezen.regels) + len(gelezen.zaakregels)
    console().print(f"{mapping} klopt: {aantal} regels")


def schema() -> None:
    """Toon het JSON Schema van een mapping, voor editors."""
    from schakel.historie.mapping import schema as mappingschema  # noqa: PLC0415 - not for help

    typer.echo(json.dumps(mappingschema(), ensure_ascii=False, indent=2))
