"""Builds and starts uitvoeren."""

from fastapi import FastAPI

from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor
from schakel.skelet.start import start as start_proces

from .dienst import DIENST


def app() -> FastAPI:
    """The application with settings from the environment, for any ASGI server (one process)."""
    return Procesdienst(DIENST, instellingen_voor(DIENST)).app


def start() -> None:
    """The command ``schakel-uitvoeren``."""
    start_proces(DIENST)
