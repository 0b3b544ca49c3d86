"""``python -m schakel.cli``: the same as the ``schakel`` command."""

from .app import main

main()
