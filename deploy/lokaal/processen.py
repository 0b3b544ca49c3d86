"""Servers by their pid file: also who another process started, and never somebody else's."""

import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

STOPTIJD = 30.0


def vind(pidbestand: Path, map_: Path) -> psutil.Process | None:
    """The living process that this file names, if it works in this folder: pids come back."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        proces = psutil.Process(int(pidbestand.read_text().split()[0]))
        if any(str(map_) in deel for deel in proces.cmdline()) and leeft(proces):
            return proces
    return None


def leeft(proces: psutil.Process) -> bool:
    """Whether it still does something: whoever must bury it may take seconds."""
    with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        proces.wait(0)  # buries it when it was a child of ours
        return False
    with suppress(psutil.NoSuchProcess):
        return proces.status() != psutil.STATUS_ZOMBIE
    return False


def beeindig(processen: Iterable[psutil.Process], sein: signal.Signals) -> None:
    """Send each of these a signal and see them go; who does not listen is killed."""
    over = list(processen)
    for poging in (sein, signal.SIGKILL):
        for proces in over:
            with suppress(psutil.NoSuchProcess):
                proces.send_signal(poging)
        over = _wacht(over)


def _wacht(processen: list[psutil.Process]) -> list[psutil.Process]:
    einde = time.monotonic() + STOPTIJD
    over = processen
    while (over := [proces for proces in over if leeft(proces)]) and time.monotonic() < einde:
        time.sleep(0.01)
    return over
