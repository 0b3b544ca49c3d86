"""What came of meldingen, as a table for people."""

from collections.abc import Iterable

from schakel.contracts.melding import Uitkomst
from schakel.proefspel.uitslag import Uitslagregel

from .uitvoer import tabel

KOLOMMEN = ("melding", "soort", "kandidaten", "werkstroom", "woord", "pad", "status")


def toon_meldingen(regels: Iterable[Uitslagregel]) -> None:
    """Print a row for each."""
    tabel(
        KOLOMMEN,
        [
            (
                regel["id"],
                regel["meldingsoort"],
                " ".join(map(str, regel["kandidaten"])),
                regel["werkstroom"],
                regel["woord"],
                "".join(proces[0].upper() for proces in regel["pad"]),
                _status(regel),
            )
            for regel in regels
        ],
    )


def _status(regel: Uitslagregel) -> str:
    """The status, with the uitkomst where that is not the ordinary one."""
    gewoon = regel["uitkomst"] in {None, Uitkomst.VOLTOOID}
    return regel["status"] if gewoon else f"{regel['status']}, {regel['uitkomst']}"
