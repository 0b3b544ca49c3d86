"""What every peer is asked to do: five steps of which the state is kept, and nothing more."""

import json
import sys
from collections.abc import Callable

WEG = ("herstellen", "wijzigen", "uitvoeren", "wijzigen", "herstellen")
"""Werkstroom 3, HWUWH: there and back."""

TEKST = "x" * 380
"""What a step leaves behind: as much as an event of ours holds."""

Draai = Callable[[str, int, int], float]
"""Where to keep the state, how many workflows, how many at a time; the seconds that it took."""


def main(draai: Draai) -> None:
    """Run as a program: one JSON object on standard output."""
    waar, aantal, tegelijk = sys.argv[1:]
    seconden = draai(waar, int(aantal), int(tegelijk))
    sys.stdout.write(f"{json.dumps({'seconden': seconden})}\n")
