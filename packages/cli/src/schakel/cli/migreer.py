"""``schakel migreer``: the tables of services on PostgreSQL, made or brought up to date."""

from typing import Annotated

import typer

from schakel.kern.grond.weigering import Ongeldig

from .start import Wat
from .uitvoer import Formaat, Uitvoer, als_json, console


def migreer(
    diensten: Annotated[list[Wat], typer.Argument(help="Een of meer diensten, of alles.")],
    *,
    rond_af: Annotated[
        bool,
        typer.Option(
            "--rond-af",
            help="Er draait niets meer van een vorige versie, en er komt niets van terug.",
        ),
    ] = False,
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Maak de tabellen in de database van SCHAKEL_OPSLAG, of werk ze bij terwijl alles draait.

    Bij alles hoort de grens zodra er een overeenkomst is.
    """
    from schakel.grens.tabellen import TABELLEN as GRENSTABELLEN  # noqa: PLC0415
    from schakel.kern import onderhoud  # noqa: PLC0415
    from schakel.kern.opslag import heeft_eigen_adres_per_dienst  # noqa: PLC0415
    from schakel.orchestrator.tabellen import TABELLEN as WAARNEMER  # noqa: PLC0415
    from schakel.skelet.overzicht import TABELLEN as PROCES  # noqa: PLC0415

    from .instellingen import Instellingen, eigen_diensten  # noqa: PLC0415

    instellingen = Instellingen()
    gekozen = list(dict.fromkeys(diensten))
    if Wat.ALLES in diensten:
        # As start alles does: who links with nobody has no grens, nor a database for it.
        gekozen = [Wat(naam) for naam in eigen_diensten(instellingen.gegevensmap, diensten)]
    anders = {Wat.ORCHESTRATOR: WAARNEMER, Wat.GRENS: GRENSTABELLEN}
    if len(gekozen) > 1 and not heeft_eigen_adres_per_dienst(instellingen):
        raise Ongeldig(
            "een-database-per-dienst",
            "elke dienst heeft een eigen database: zet {dienst} in SCHAKEL_OPSLAG, zoals in"
            " postgresql://db/schakel-{dienst}, of noem een dienst",
        )
    versies = []
    for dienst in gekozen:
        tabellen = anders.get(dienst, PROCES)
        versie = onderhoud.migreer(instellingen, dienst.value, tabellen, rond_af=rond_af)
        versies.append({"dienst": dienst.value, "versie": versie})
        if uitvoer is Formaat.TEKST:
            console().print(f"{dienst.value}: de tabellen zijn van versie {versie}")
    if uitvoer is Formaat.JSON:
        als_json(versies)
