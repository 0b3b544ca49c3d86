"""``schakel vernieuw-hoofdsleutel``: another key for what people wrote."""

from pathlib import Path
from typing import Annotated

import typer

from .uitvoer import Formaat, Uitvoer, als_json, zijlijn


def vernieuw(
    bestand: Annotated[
        Path | None, typer.Argument(help="Het sleutelbestand; anders SCHAKEL_SLEUTELBESTAND.")
    ] = None,
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Zet een nieuwe hoofdsleutel voor de vorige, waarmee alles leesbaar blijft."""
    from schakel.kern.geheim.hoofdsleutel import vernieuw_hoofdsleutel  # noqa: PLC0415

    from .instellingen import Instellingen  # noqa: PLC0415

    bestand = bestand or Instellingen().sleutelbestand
    aantal = vernieuw_hoofdsleutel(bestand)
    if uitvoer is Formaat.JSON:
        als_json({"bestand": str(bestand), "sleutels": aantal})
        return
    zijlijn().print(
        f"{bestand} heeft nu {aantal} sleutels, de nieuwste voorop. Zet het bij elke replica van"
        " de dienst, bewaar er een kopie van, en herstart de processen een voor een: die pakken"
        " alles opnieuw in en melden hoofdsleutel_vervangen"
    )
