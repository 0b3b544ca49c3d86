"""``python -m schakel.orchestrator``."""

from .app import start

start()
