"""Servers by their pid file: also who another process started, and never somebody else's."""

import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil
from deploy.lokaal.fouten import InfraFout

STOPTIJD = 60.0


def vind(pidbestand: Path, map_: Path) -> psutil.Process | None:
    """The living process that this file names, if it works in this folder: pids come back."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        proces = psutil.Process(int(pidbestand.read_text().split()[0]))
        plaatsen = (proces.cwd(), *proces.cmdline())
        if any(str(map_) in plaats for plaats in plaatsen) and leeft(proces):
            return proces
    return None


def leeft(proces: psutil.Process) -> bool:
    """Whether it does or holds something still: whoever must bury it may take seconds."""
    try:
        proces.wait(0)  # buries it when it was a child of ours
    except psutil.TimeoutExpired:
        with suppress(psutil.NoSuchProcess):
            # Its first thread is dead at once; until the last one is, its ports are taken.
            return proces.status() != psutil.STATUS_ZOMBIE or proces.num_threads() > 1
    except psutil.NoSuchProcess:
        pass
    return False


def beeindig(
    processen: Iterable[psutil.Process], sein: signal.Signals, geduld: float = STOPTIJD
) -> None:
    """Send each of these a signal and see them go, with their children; then kill who stayed."""
    hoofden = list(processen)
    over = [*hoofden, *(kind for hoofd in hoofden for kind in _kinderen(hoofd))]
    for hoofd in hoofden:
        _stuur(hoofd, sein)
    for proces in over:
        _stuur(proces, signal.SIGCONT)  # who is paused hears nothing, nor sees that its parent died
    for proces in _wacht(over, geduld):
        _stuur(proces, signal.SIGKILL)
    if over := _wacht(over, STOPTIJD):
        pids = ", ".join(str(proces.pid) for proces in over)
        raise InfraFout(f"proces {pids} gaat ook met kill -9 niet weg: wacht het op een schijf?")


def _kinderen(proces: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return proces.children()
    return []


def _stuur(proces: psutil.Process, sein: signal.Signals) -> None:
    with suppress(psutil.NoSuchProcess):
        proces.send_signal(sein)


def _wacht(processen: list[psutil.Process], geduld: float) -> list[psutil.Process]:
    """Who is left after a while."""
    einde = time.monotonic() + geduld
    over = processen
    while (over := [proces for proces in over if leeft(proces)]) and time.monotonic() < einde:
        time.sleep(0.01)
    return over
