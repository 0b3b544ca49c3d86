"""Builds and starts the orchestrator."""

import os
from collections.abc import Sequence

from fastapi import FastAPI

from schakel.contracts.organisatie import ORCHESTRATOR, poort_van
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.start import start as start_dienst

from .dienst import Orchestrator
from .tabellen import TABELLEN


def app() -> FastAPI:
    """The application with settings from the environment, for any ASGI server (one process)."""
    return _bouw(_instellingen())


def start(argumenten: Sequence[str] | None = None) -> None:
    """The command ``schakel-orchestrator``; see ``schakel.kern.start``."""
    start_dienst(ORCHESTRATOR, TABELLEN, _instellingen, _bouw, argumenten)


def _bouw(instellingen: Instellingen) -> FastAPI:
    return Orchestrator(instellingen).app


def _instellingen() -> Instellingen:
    if "SCHAKEL_POORT" in os.environ:
        return Instellingen()
    return Instellingen(poort=poort_van(ORCHESTRATOR))
