"""What every peer is asked to do: steps of which the state is kept, and nothing more."""

import json
import sys
from collections.abc import Callable, Sequence

WEG = ("herstellen", "wijzigen", "uitvoeren", "wijzigen", "herstellen")
"""Werkstroom 3, HWUWH: there and back."""

TEKST = "x" * 380
"""What a step leaves behind: as much as an event of ours holds."""

Draai = Callable[[str, int, int, Sequence[str]], float]
"""Where to keep the state, how many workflows, how many at a time, and who takes each of the steps;
the seconds that it took."""


def weg(stappen: int) -> Sequence[str]:
    """Werkstroom 3 in so many steps: each stretch has its share of them."""
    return [WEG[nummer * len(WEG) // stappen] for nummer in range(stappen)]


def main(draai: Draai) -> None:
    """Run as a program: one JSON object on standard output."""
    waar, *getallen = sys.argv[1:]
    aantal, tegelijk, stappen = map(int, getallen)
    seconden = draai(waar, aantal, tegelijk, weg(stappen))
    sys.stdout.write(f"{json.dumps({'seconden': seconden})}\n")
