"""``schakel demo``: the written set, played by simulated staff on everything in one process."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from schakel.kern.grond.weigering import Ongeldig

from .uitvoer import Formaat, Uitvoer, als_json, console, zijlijn

if TYPE_CHECKING:
    from schakel.proefspel.uitslag import Uitslagregel


def demo(
    uitvoer: Uitvoer = Formaat.TEKST,
    gegevensmap: Annotated[
        Path | None,
        typer.Option(help="Bewaar de gegevens hier; een afgebroken demo gaat daar verder."),
    ] = None,
    *,
    blijf: Annotated[
        bool, typer.Option("--blijf", help="Blijf na afloop draaien, op de vaste poorten.")
    ] = False,
    draaiend: Annotated[
        bool, typer.Option("--draaiend", help="Start niets: gebruik diensten die al draaien.")
    ] = False,
    organisaties: Annotated[
        bool,
        typer.Option(
            "--organisaties", help="Laat twee organisaties elkaars werk doen, elk apart gestart."
        ),
    ] = False,
) -> None:
    """Laat ruim vijftig meldingen door alle acht werkstromen gaan en toon wat ervan kwam."""
    import asyncio  # noqa: PLC0415 - help and usage errors need none of this

    if organisaties and draaiend:
        raise Ongeldig("kan-niet-samen", "--organisaties start zelf wat er draait")
    with _map(gegevensmap, blijf=blijf) as map_:
        if organisaties:
            from .organisaties import speel  # noqa: PLC0415

            fouten = asyncio.run(speel(map_, uitvoer, blijf=blijf))
        else:
            fouten = asyncio.run(_speel(map_, uitvoer, blijf=blijf, draaiend=draaiend))
    if fouten:
        for fout in fouten:
            zijlijn().print(fout)
        raise typer.Exit(1)


@contextmanager
def _map(gekozen: Path | None, *, blijf: bool) -> Iterator[Path]:
    """The folder for the data: a temporary one unless it should stay."""
    from .instellingen import Instellingen  # noqa: PLC0415

    if gekozen is not None or blijf:
        yield gekozen or Instellingen().gegevensmap
        return
    with tempfile.TemporaryDirectory(prefix="schakel-demo-") as tijdelijk:
        yield Path(tijdelijk)


async def _speel(map_: Path, uitvoer: Formaat, *, blijf: bool, draaiend: bool) -> list[str]:
    from .alles import bouw_geheel, draai  # noqa: PLC0415
    from .instellingen import Instellingen  # noqa: PLC0415
    from .logbestand import in_logbestand  # noqa: PLC0415
    from .start import toon_adressen  # noqa: PLC0415

    instellingen = Instellingen()
    if draaiend:
        return await speel_set(instellingen.alle_adressen, uitvoer, token=instellingen.token)
    with in_logbestand(map_, instellingen):
        async with draai(bouw_geheel(map_, vrije_poorten=not blijf)) as alles:
            fouten = await speel_set(alles.adressen, uitvoer, token=instellingen.token)
            if blijf and not fouten:
                toon_adressen(alles.adressen)
                await alles.tot_stop()
    return fouten


async def speel_set(adressen: Mapping[str, str], uitvoer: Formaat, *, token: str = "") -> list[str]:
    """Play the written set on running services, print the table, return what is not as written."""
    from schakel.contracts.werkstromen import Proces  # noqa: PLC0415
    from schakel.klant import klanten  # noqa: PLC0415
    from schakel.proefspel.dossier import Huis  # noqa: PLC0415
    from schakel.proefspel.medewerkers import Medewerkers  # noqa: PLC0415
    from schakel.proefspel.plan import kenmerk, lees_plannen  # noqa: PLC0415
    from schakel.proefspel.uitslag import lees_uitslag, uitslagvragen  # noqa: PLC0415

    from .voortgang import Voortgang  # noqa: PLC0415

    plannen = lees_plannen()
    async with klanten(adressen, token) as bij:
        with Voortgang(sum(1 for eerste in plannen for _ in eerste.alle()), Proces) as voortgang:
            ids = await Medewerkers([Huis(bij)], plannen, kenmerk(), voortgang).speel()
        regels, fouten = await lees_uitslag(bij["orchestrator"], uitslagvragen(plannen, ids))
    return fouten + _toon(regels, uitvoer)


def _toon(regels: "list[Uitslagregel]", uitvoer: Formaat) -> list[str]:
    """Print the table; return what is missing of the eight."""
    from .werkstroomtabel import toon_meldingen  # noqa: PLC0415

    gevolgd = {regel["werkstroom"] for regel in regels} - {None}
    if uitvoer is Formaat.JSON:
        als_json(regels)
    else:
        toon_meldingen(regels)
        console().print(f"{len(gevolgd)} van 8 werkstromen, {len(regels)} meldingen")
    return [] if len(gevolgd) == 8 else [f"{len(gevolgd)} van 8 werkstromen"]  # noqa: PLR2004
