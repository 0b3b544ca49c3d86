"""``python -m schakel.uitvoeren``."""

from .app import start

start()
