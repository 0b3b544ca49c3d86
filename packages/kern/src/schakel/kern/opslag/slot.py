"""A lock on a store: the embedded edition is exactly one process (SQLite before 3.51.3)."""

import fcntl
import os
from pathlib import Path

from schakel.kern.grond.weigering import StartFout


class Slot:
    """Holds ``<store>.slot`` until it is given up or the process dies."""

    def __init__(self, bestand: Path) -> None:
        """Take the lock; raises StartFout when another process holds it or the disk refuses."""
        try:
            self._nummer = os.open(bestand, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fout:
            raise StartFout(
                "opslag-onbereikbaar", f"kan {bestand} niet openen: {fout.strerror}"
            ) from fout
        try:
            fcntl.flock(self._nummer, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as fout:
            os.close(self._nummer)
            raise StartFout(
                "opslag-in-gebruik",
                f"{bestand.with_suffix('')} is in gebruik door een ander proces;"
                " stop dat proces of kies een andere SCHAKEL_GEGEVENSMAP",
            ) from fout

    def geef_vrij(self) -> None:
        """Let another process have it."""
        os.close(self._nummer)
