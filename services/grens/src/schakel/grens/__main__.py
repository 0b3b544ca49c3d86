"""``python -m schakel.grens``."""

from .app import start

start()
