"""What people see of a chain; never on stdout, which holds the table alone."""

import difflib
import sys
from collections.abc import Sequence

from deploy.lokaal.toezicht import Verbruik
from rich.console import Console
from rich.table import Table

MB = 1_000_000
MEESTE_REGELS = 40


def zeg(regel: str) -> None:
    """One line, at once."""
    sys.stderr.write(f"{regel}\n")
    sys.stderr.flush()


def toon_verbruik(verbruik: Sequence[Verbruik]) -> None:
    """Memory and processor time of each process, and of all."""
    samen = Verbruik(
        "samen", sum(een.geheugen for een in verbruik), sum(een.processor for een in verbruik)
    )
    tabel = Table("proces", "geheugen", "processor", header_style="bold")
    for een in (*verbruik, samen):
        tabel.add_row(een.naam, f"{een.geheugen / MB:.0f} MB", f"{een.processor:.1f} s")
    Console(stderr=True, highlight=False).print(tabel)


def verschil(verwacht: bytes, gekregen: bytes) -> str:
    """Where the second differs from the first, in lines; empty when it does not at all."""
    if verwacht == gekregen:
        return ""
    regels = difflib.unified_diff(
        verwacht.decode().splitlines(), gekregen.decode().splitlines(), "ingebed", "keten", n=0
    )
    return "\n".join(["de tabellen verschillen:", *list(regels)[:MEESTE_REGELS]])
