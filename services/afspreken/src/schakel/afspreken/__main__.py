"""``python -m schakel.afspreken``."""

from .app import start

start()
