"""The start command of one process."""

import os
from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import FastAPI

from schakel.contracts.organisatie import poort_van
from schakel.kern.start import start as start_dienst

from .instellingen import Instellingen
from .overzicht import TABELLEN
from .proces import Omschrijving, Procesdienst


def instellingen_voor(omschrijving: Omschrijving[Any], **waarden: Any) -> Instellingen:
    """Settings from the environment, with the process's own port unless another is chosen."""
    if "SCHAKEL_POORT" not in os.environ:
        waarden.setdefault("poort", poort_van(omschrijving.proces))
    return Instellingen(**waarden)


def start(omschrijving: Omschrijving[Any], argumenten: Sequence[str] | None = None) -> None:
    """Run one process until it is told to stop, or make its tables; see ``schakel.kern.start``."""

    def bouw(instellingen: Instellingen) -> FastAPI:
        return Procesdienst(omschrijving, instellingen).app

    lees = partial(instellingen_voor, omschrijving)
    start_dienst(omschrijving.proces.value, TABELLEN, lees, bouw, argumenten)
