"""Builds and starts the orchestrator."""

import os
import sys

from fastapi import FastAPI

from schakel.kern.http import serveer
from schakel.kern.instellingen import Instellingen
from schakel.kern.logboek import stel_in
from schakel.kern.tempo import stel_af
from schakel.kern.weigering import StartFout

from .dienst import POORT, Orchestrator


def app() -> FastAPI:
    """The application with settings from the environment, for any ASGI server (one process)."""
    return Orchestrator(_instellingen()).app


def start() -> None:
    """The command ``schakel-orchestrator``; what prevents a start is one line and exit 2."""
    try:
        instellingen = _instellingen()
        stel_in(instellingen.logformaat, instellingen.logniveau)
        orchestrator = Orchestrator(instellingen)
    except StartFout as fout:
        sys.stderr.write(f"{fout.uitleg}\n")
        raise SystemExit(2) from None
    stel_af()
    serveer(orchestrator.app, instellingen)


def _instellingen() -> Instellingen:
    return Instellingen() if "SCHAKEL_POORT" in os.environ else Instellingen(poort=POORT)
