"""``python -m schakel.herstellen``."""

from .app import start

start()
