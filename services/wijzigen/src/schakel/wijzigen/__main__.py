"""``python -m schakel.wijzigen``."""

from .app import start

start()
