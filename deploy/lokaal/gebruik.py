"""Using a folder of servers: for as long as at least one process does, they stay."""

import fcntl
import subprocess
import sys
from io import TextIOWrapper
from pathlib import Path

from deploy.lokaal import bewaker

WORTEL = Path(__file__).parents[2]


class Gebruik:
    """A hold on a folder; the last one to let go, or to die, takes the servers along."""

    def __init__(self, slot: TextIOWrapper) -> None:
        self._slot = slot

    @classmethod
    def begin(cls, map_: Path, *, ruim_op: bool) -> "Gebruik":
        """Be the first user of a folder: from now on it is watched."""
        slot = (map_ / bewaker.GEBRUIK).open("w")
        fcntl.flock(slot, fcntl.LOCK_SH)
        opdracht = [sys.executable, "-m", bewaker.__name__, str(map_)]
        subprocess.run(
            [*opdracht, "--ruim-op"] if ruim_op else opdracht,
            check=True,
            cwd=WORTEL,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return cls(slot)

    @classmethod
    def sluit_aan(cls, map_: Path) -> "Gebruik | None":
        """Use what another process started; None when that is over, or never began."""
        try:
            slot = (map_ / bewaker.GEBRUIK).open("r+")
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(slot, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            slot.close()
            return None
        return cls(slot)

    def einde(self) -> None:
        """Let go."""
        self._slot.close()
