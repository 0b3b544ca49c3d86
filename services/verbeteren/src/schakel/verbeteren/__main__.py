"""``python -m schakel.verbeteren``."""

from .app import start

start()
