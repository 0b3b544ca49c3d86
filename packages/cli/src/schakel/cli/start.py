"""``schakel start``: one service, or several in one process."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Annotated

import typer

from .uitvoer import zijlijn


class Wat(StrEnum):
    """What can be started."""

    ALLES = "alles"
    AFSPREKEN = "afspreken"
    WIJZIGEN = "wijzigen"
    HERSTELLEN = "herstellen"
    UITVOEREN = "uitvoeren"
    VERBETEREN = "verbeteren"
    ORCHESTRATOR = "orchestrator"
    GRENS = "grens"


def start(
    wat: Annotated[list[Wat], typer.Argument(help="Een dienst, of meer (of alles) in een proces.")],
) -> None:
    """Start een dienst, of meer dan een in een proces, tot Ctrl-C.

    Met "alles" zijn het de vijf en de orchestrator, en de grens zodra er een overeenkomst is.
    """
    diensten = list(dict.fromkeys(wat))
    if len(diensten) > 1 or Wat.ALLES in diensten:
        import asyncio  # noqa: PLC0415 - help and usage errors need none of this

        asyncio.run(_draai_samen(diensten))
    elif diensten == [Wat.ORCHESTRATOR]:
        from schakel.orchestrator.app import start as start_orchestrator  # noqa: PLC0415

        start_orchestrator(())
    elif diensten == [Wat.GRENS]:
        from schakel.grens.app import start as start_grens  # noqa: PLC0415

        start_grens(())
    else:
        from schakel.skelet.start import start as start_proces  # noqa: PLC0415

        from .alles import DIENSTEN  # noqa: PLC0415

        start_proces(next(d for d in DIENSTEN if d.proces.value == diensten[0]), ())


async def _draai_samen(wat: Collection[Wat]) -> None:
    from schakel.kern.zicht.logboek import stel_in  # noqa: PLC0415

    from .alles import bouw_geheel, draai  # noqa: PLC0415
    from .instellingen import Instellingen, eigen_diensten  # noqa: PLC0415

    instellingen = Instellingen()
    stel_in(instellingen.logformaat, instellingen.logniveau)
    alles = Wat.ALLES in wat
    diensten = eigen_diensten(instellingen.gegevensmap, wat) if alles else wat
    async with draai(bouw_geheel(instellingen.gegevensmap, diensten)) as samen:
        toon_adressen(samen.adressen)
        await samen.tot_stop()


def toon_adressen(adressen: Mapping[str, str]) -> None:
    """Where to look, and three lines to try if the services for them are there."""
    zeg = zijlijn()
    zeg.print("\nEr draait, tot Ctrl-C:")
    for naam, adres in adressen.items():
        zeg.print(f"  {naam:<13}{adres}/v1/openapi.json", soft_wrap=True)
    if not {"herstellen", "orchestrator"} <= adressen.keys():
        return
    zeg.print("\nOm te proberen: melden, een stap die (nog) niet mag, en wat ervan bekend is:")
    for regel in probeer(adressen):
        zeg.print(f"  {regel}", soft_wrap=True, markup=False)


def probeer(adressen: Mapping[str, str]) -> tuple[str, str, str]:
    """Three lines for a shell: one that works, one that is refused, one that tells the result."""
    herstellen = f"{adressen['herstellen']}/v1/meldingen"
    orchestrator = f"{adressen['orchestrator']}/v1/meldingen"
    json_ = "-H 'Content-Type: application/json'"
    melding = (
        '{"dienst":"straatverlichting","kanaal":"web","melder":{"soort":"burger"},'
        '"tekst":"de lantaarn is uit"}'
    )
    neem_id = r"""sed 's/.*"meldingId":"\([^"]*\)".*/\1/'"""
    return (
        f'ID=$(curl -s {herstellen} {json_} -H "Idempotency-Key: proef-$(date +%s)"'
        f" -d '{melding}' | {neem_id}); echo $ID",
        f'curl -s {herstellen}/$ID/overdrachten {json_} -H "Idempotency-Key: proef-$ID"'
        """ -d '{"naar":"uitvoeren"}'""",
        f"curl -s {orchestrator}/$ID",
    )
