"""Two whole borders under a scheduler that enumerates what happens in which order.

A case is one interleaving of what the houses at both sides do, what pages bring or lose, kills and
restores (tests/grens/beurten). After each transaction of either the work must be with exactly one;
in the end all comes to rest, and the invariants of the design must hold of both stores, logs and
houses.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.grens.beurten.kant import Klaar, vlot
from tests.grens.beurten.rooster import Geval, geval, ruimte
from tests.grens.beurten.spel import speel
from tests.proef import Proef, Tegenvoorbeeld

IN_GEHEUGEN = Path("/dev/shm")
"""A store that is written so often need not outlive the machine."""


def beproef(van: int, tot: int) -> None:
    """Try the cases from ``van`` up to ``tot``."""
    speel_af(map(geval, range(van, tot)))


def speel_af(gevallen: Iterable[Geval]) -> None:
    """Play these, each on stores of its own; raises Tegenvoorbeeld."""
    waar = IN_GEHEUGEN if IN_GEHEUGEN.is_dir() else None
    with TemporaryDirectory(prefix="beurten-", dir=waar) as map_, vlot():
        asyncio.run(_speel_af(gevallen, Klaar.maak(Path(map_))))


async def _speel_af(gevallen: Iterable[Geval], klaar: Klaar) -> None:
    for een in gevallen:
        try:
            await speel(een, klaar)
        except Exception as fout:
            uitleg = f"{type(fout).__name__} {fout}; {een}"
            raise Tegenvoorbeeld(een.getal, uitleg) from fout


PROEF = Proef(aantal=100_000, per_portie=500, beproef=beproef, ruimte=ruimte)
