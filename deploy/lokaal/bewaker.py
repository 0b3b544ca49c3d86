"""Ends the servers of a folder once nobody uses them any more, however their users came to an end.

Runs as a process of its own: a test run that is killed with -9 can do nothing any more. Who uses a
folder holds a shared lock on a file in it, and the kernel takes that lock away from whoever dies.
"""

import fcntl
import os
import shutil
import signal
import sys
from pathlib import Path

from deploy.lokaal.processen import beeindig, vind

GEBRUIK = "in-gebruik"

# PostgreSQL clears its shared memory when it is told to stop at once; Java only writes its stacks.
SEINEN = {"postmaster.pid": signal.SIGQUIT, "broker.pid": signal.SIGKILL}


def bewaak(map_: Path, *, ruim_op: bool) -> None:
    """Wait until the last user is gone; then nothing of it stays."""
    with (map_ / GEBRUIK).open() as slot:
        fcntl.flock(slot, fcntl.LOCK_EX)
        for naam, sein in SEINEN.items():
            gevonden = [vind(bestand, map_) for bestand in map_.rglob(naam)]
            beeindig([proces for proces in gevonden if proces], sein)
        if ruim_op:
            shutil.rmtree(map_, ignore_errors=True)


if __name__ == "__main__":
    # The parent goes at once, so that whoever started this need not wait for it to end.
    if os.fork() == 0:
        os.setsid()
        bewaak(Path(sys.argv[1]), ruim_op="--ruim-op" in sys.argv)
