"""Builds and starts the grens."""

import os
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI

from schakel.contracts.organisatie import GRENS, poort_van
from schakel.kern.start import start as start_dienst

from .dienst import Grens
from .instellingen import Instellingen
from .tabellen import TABELLEN


def app() -> FastAPI:
    """The application with settings from the environment, for any ASGI server (one process)."""
    return _bouw(instellingen_voor())


def start(argumenten: Sequence[str] | None = None) -> None:
    """The command ``schakel-grens``; see ``schakel.kern.start``."""
    start_dienst(GRENS, TABELLEN, instellingen_voor, _bouw, argumenten)


def instellingen_voor(**waarden: Any) -> Instellingen:
    """Settings from the environment, with the port of the grens unless another is chosen."""
    if "SCHAKEL_POORT" not in os.environ:
        waarden.setdefault("poort", poort_van(GRENS))
    return Instellingen(**waarden)


def _bouw(instellingen: Instellingen) -> FastAPI:
    return Grens(instellingen).app
