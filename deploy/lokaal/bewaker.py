"""Ends the servers of a folder once nobody uses them any more, however their users came to an end.

Runs as a process of its own: a test run that is killed with -9 can do nothing any more. Who uses a
folder holds a shared lock on a file in it, and the kernel takes that lock away from whoever dies.
"""

import fcntl
import os
import shutil
import signal
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from deploy.lokaal.processen import beeindig, vind

GEBRUIK = "in-gebruik"

# Whoever uses a server goes before it. PostgreSQL clears its shared memory when it is told to stop
# at once; Java only writes its stacks.
SEINEN = {
    "dienst-*.pid": signal.SIGTERM,
    "postmaster.pid": signal.SIGQUIT,
    "broker.pid": signal.SIGKILL,
}


def bewaak(map_: Path, *, ruim_op: bool) -> None:
    """Wait until the last user is gone; then nothing of it stays."""
    with (map_ / GEBRUIK).open() as slot:
        fcntl.flock(slot, fcntl.LOCK_EX)
        if not _is_nog_van_ons(map_, slot):
            return
        beeindig_alles(map_)
        if ruim_op:
            shutil.rmtree(map_, ignore_errors=True)


def beeindig_alles(map_: Path) -> None:
    """End whatever works in this folder."""
    for naam, sein in SEINEN.items():
        gevonden = [vind(bestand, map_) for bestand in map_.rglob(naam)]
        beeindig([proces for proces in gevonden if proces], sein)


def _is_nog_van_ons(map_: Path, slot: TextIOWrapper) -> bool:
    """Whether the folder was not emptied and taken by another, whose servers are not ours."""
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(slot.fileno()), (map_ / GEBRUIK).stat())
    return False


if __name__ == "__main__":
    # The parent goes at once, so that whoever started this need not wait for it to end.
    if os.fork() == 0:
        os.setsid()
        bewaak(Path(sys.argv[1]), ruim_op="--ruim-op" in sys.argv)
