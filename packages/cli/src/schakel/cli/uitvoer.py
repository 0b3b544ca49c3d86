"""What commands print: for people in tables, for programs as one JSON value on stdout."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table


class Formaat(StrEnum):
    """How to print."""

    TEKST = "tekst"
    JSON = "json"


Uitvoer = Annotated[
    Formaat, typer.Option("--uitvoer", "-o", help="Voor mensen (tekst) of voor programma's (json).")
]


def als_json(waarde: Any) -> None:
    """One JSON value, and nothing else on stdout."""
    sys.stdout.write(json.dumps(waarde, ensure_ascii=False, indent=2) + "\n")


def als_regel(waarde: Any) -> None:
    """One JSON value on a line of its own: for what goes on."""
    sys.stdout.write(json.dumps(waarde, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def console() -> Console:
    """Where results go."""
    return Console(highlight=False)


def zijlijn() -> Console:
    """Where progress and remarks go, so that stdout holds the result alone."""
    return Console(stderr=True, highlight=False)


def tabel(kolommen: Sequence[str], regels: Iterable[Sequence[Any]]) -> None:
    """A table; where nobody looks on, wide enough for every cell."""
    inhoud = [[str(cel) if cel not in (None, "") else "-" for cel in regel] for regel in regels]
    getoond = Table(*kolommen, header_style="bold")
    for regel in inhoud:
        getoond.add_row(*regel)
    uit = console()
    if not uit.is_terminal:
        per_kolom = zip(kolommen, *inhoud, strict=True)
        uit.width = sum(max(map(len, cellen)) + 3 for cellen in per_kolom) + 1
    uit.print(getoond)


def kaart(velden: Mapping[str, Any]) -> None:
    """A few fields, one to a line."""
    breedte = max(map(len, velden), default=0)
    for naam, waarde in velden.items():
        getoond = ", ".join(map(str, waarde)) if isinstance(waarde, list | tuple) else waarde
        console().print(f"{naam:<{breedte}}  {'-' if getoond in (None, '') else getoond}")
