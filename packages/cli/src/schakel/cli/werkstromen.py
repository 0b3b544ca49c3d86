"""``schakel werkstromen``: the eight, and on request how many follow them."""

import asyncio
from typing import Annotated, Any

import typer

from schakel.contracts.werkstromen import WERKSTROMEN

from .uitvoer import Formaat, Uitvoer, als_json, tabel


def werkstromen(
    uitvoer: Uitvoer = Formaat.TEKST,
    *,
    aantallen: Annotated[
        bool, typer.Option("--aantallen", help="Vraag de orchestrator hoeveel ze er volgen.")
    ] = False,
) -> None:
    """Toon de acht werkstromen met hun nummer, woord en pad."""
    acht: list[dict[str, Any]] = [
        {
            "nummer": w.nummer,
            "woord": w.woord,
            "pad": [proces.value for proces in w.pad],
            "meldingsoort": w.meldingsoort.value,
        }
        for w in WERKSTROMEN
    ]
    if aantallen:
        acht = asyncio.run(_met_aantallen())
    if uitvoer is Formaat.JSON:
        als_json(acht)
        return
    kolommen = ["nummer", "woord", "meldingsoort", "pad", *(["aantal"] if aantallen else [])]
    tabel(
        kolommen,
        [[" - ".join(w[k]) if k == "pad" else w[k] for k in kolommen] for w in acht],
    )


async def _met_aantallen() -> list[dict[str, Any]]:
    from .verbinding import mijn_klanten  # noqa: PLC0415 - without counts no service is asked

    async with mijn_klanten() as bij:
        antwoord = await bij["orchestrator"].haal("/werkstromen")
    acht: list[dict[str, Any]] = antwoord["werkstromen"]
    return acht
