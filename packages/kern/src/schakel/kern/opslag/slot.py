"""A lock on a store: the embedded edition is exactly one process (SQLite before 3.51.3)."""

import fcntl
import os
from pathlib import Path

from schakel.kern.grond.weigering import StartFout


class Slot:
    """Held until it is given up or the process dies.

    On the store itself, which is one whatever it is called: a link to it has another path, and a
    write-ahead log of its own. And on ``<store>.slot``, which is what former versions hold.
    """

    def __init__(self, opslag: Path) -> None:
        """Take the lock; raises StartFout when another process holds it or the disk refuses."""
        self._nummers: list[int] = []
        for bestand in (opslag.with_name(opslag.name + ".slot"), opslag):
            try:
                nummer = os.open(bestand, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as fout:
                self.geef_vrij()
                raise StartFout(
                    "opslag-onbereikbaar", f"kan {bestand} niet openen: {fout.strerror}"
                ) from fout
            self._nummers.append(nummer)
            try:
                fcntl.flock(nummer, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as fout:
                self.geef_vrij()
                raise StartFout(
                    "opslag-in-gebruik",
                    f"{opslag} is in gebruik door een ander proces;"
                    " stop dat proces of kies een andere SCHAKEL_GEGEVENSMAP",
                ) from fout

    def geef_vrij(self) -> None:
        """Let another process have it; only when this one has closed the store.

        Closing a file drops every lock that this process has on it, those of SQLite too.
        """
        while self._nummers:
            os.close(self._nummers.pop())
