"""Everything in one process: the five services on SQLite files, delivery straight from their logs.

The only place that knows all services by name (composition root, D5).
"""

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from schakel.afspreken.dienst import DIENST as AFSPREKEN
from schakel.herstellen.dienst import DIENST as HERSTELLEN
from schakel.kern.bus import IngebedeIngang
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.proces import Omschrijving, Procesdienst
from schakel.skelet.start import instellingen_voor
from schakel.uitvoeren.dienst import DIENST as UITVOEREN
from schakel.verbeteren.dienst import DIENST as VERBETEREN
from schakel.wijzigen.dienst import DIENST as WIJZIGEN

DIENSTEN: tuple[Omschrijving[Any], ...] = (AFSPREKEN, WIJZIGEN, HERSTELLEN, UITVOEREN, VERBETEREN)


def bouw_processen(**waarden: Any) -> list[Procesdienst[Any]]:
    """Open the five services and link them; raises StartFout, and then nothing stays open."""
    with ExitStack() as opruimen:
        processen: list[Procesdienst[Any]] = []
        for omschrijving in DIENSTEN:
            proces = Procesdienst(omschrijving, instellingen_voor(omschrijving, **waarden))
            opruimen.callback(proces.opslag.sluit)
            processen.append(proces)
        opruimen.pop_all()
    verbind(processen)
    return processen


def verbind(processen: Sequence[Procesdienst[Any]]) -> None:
    """Let every process listen to all the others, and wake them when one of them wrote."""
    for lezer in processen:
        anderen = [proces for proces in processen if proces is not lezer]
        ingang = IngebedeIngang([proces.log for proces in anderen])
        lezer.verbind(ingang)
        for proces in anderen:
            proces.na_commit.append(ingang.wek)


__all__ = ["DIENSTEN", "Instellingen", "bouw_processen", "verbind"]
