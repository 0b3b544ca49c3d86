"""Ends the servers of a folder once nobody uses them any more, however their users came to an end.

Runs as a process of its own: a test run that is killed with -9 can do nothing any more. Who uses a
folder holds a shared lock on a file in it, and the kernel takes that lock away from whoever dies.
"""

import fcntl
import os
import shutil
import sys
from contextlib import suppress
from pathlib import Path

import psutil

GEBRUIK = "in-gebruik"


def processen(map_: Path) -> list[psutil.Process]:
    """The servers that run from this folder: a pid may meanwhile be somebody else's."""
    gevonden = []
    for bestand in map_.rglob("*.pid"):
        with suppress(psutil.Error, ValueError, IndexError, OSError):
            proces = psutil.Process(int(bestand.read_text().split()[0]))
            if any(str(map_) in deel for deel in proces.cmdline()):
                gevonden.append(proces)
    return gevonden


def bewaak(map_: Path, *, ruim_op: bool) -> None:
    """Wait until the last user is gone; then nothing of it stays."""
    with (map_ / GEBRUIK).open() as slot:
        fcntl.flock(slot, fcntl.LOCK_EX)
        over = processen(map_)
        for proces in over:
            with suppress(psutil.Error):
                proces.kill()
        psutil.wait_procs(over, timeout=10)
        if ruim_op:
            shutil.rmtree(map_, ignore_errors=True)


if __name__ == "__main__":
    # The parent goes at once, so that whoever started this need not wait for it to end.
    if os.fork() == 0:
        os.setsid()
        bewaak(Path(sys.argv[1]), ruim_op="--ruim-op" in sys.argv)
