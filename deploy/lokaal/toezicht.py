"""Starts processes in the order that they ask, watches them, and stops them: what compose does."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import psutil
from deploy.lokaal.compose import GEZOND, KLAAR, Onderdeel
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.processen import leeft

T = TypeVar("T")

GEDULD_START = 60.0
"""Seconds in which a service must be healthy, and a job done."""
GEDULD_STOP = 8.0
"""Seconds after which what was asked to stop is killed."""
KIJK = 0.2
LAATSTE_REGELS = 15
GEZOND_PROEF = Path(__file__).parents[1] / "gezond.py"


class Gevallen(InfraFout):
    """A process ended that should not have."""


@dataclass(frozen=True)
class Verbruik:
    """What a process used."""

    naam: str
    geheugen: int
    """Bytes; of memory that is shared its part."""
    processor: float
    """Seconds."""


@dataclass(frozen=True)
class Gast:
    """A process that others start and stop, watched here all the same."""

    proces: psutil.Process
    log: Path


class Toezicht:
    """The processes of one chain."""

    def __init__(self, onderdelen: Sequence[Onderdeel], map_: Path) -> None:
        """``map_`` gets a log and an empty working folder for each."""
        self._onderdelen = onderdelen
        self._map = map_
        self._lopend: dict[str, asyncio.subprocess.Process] = {}
        self._gasten: dict[str, Gast] = {}
        self._gebeurd: dict[tuple[str, str], asyncio.Event] = {}
        self._begin = time.monotonic()

    async def kom_op(self, *anderen: Coroutine[None, None, None]) -> None:
        """Start everything, each after what it waits for; raises Gevallen when one cannot."""
        try:
            async with asyncio.TaskGroup() as groep:
                for werk in (*anderen, *map(self._breng_op, self._onderdelen)):
                    groep.create_task(werk)
        except ExceptionGroup as fouten:
            # What one of them ran into is the news; the others were only called off.
            raise fouten.exceptions[0] from None

    def verwelkom(self, naam: str, gast: Gast) -> None:
        """A process that is healthy: others wait for it."""
        self._gasten[naam] = gast
        self._meld(naam, GEZOND)

    async def terwijl_alles_draait(self, werk: Coroutine[None, None, T]) -> T:
        """The result of ``werk``, unless a process ends before: then Gevallen."""
        taak = asyncio.create_task(werk)
        wacht = asyncio.create_task(self.tot_er_een_valt())
        try:
            await asyncio.wait({taak, wacht}, return_when=asyncio.FIRST_COMPLETED)
            if wacht.done():
                await wacht
            return await taak
        finally:
            for een in (taak, wacht):
                een.cancel()
            await asyncio.wait({taak, wacht})

    async def tot_er_een_valt(self) -> None:
        """Never returns; raises Gevallen as soon as a process ends."""
        while True:
            for naam, proces in self._lopend.items():
                if proces.returncode is not None:
                    raise self._gevallen(naam)
            for naam, gast in self._gasten.items():
                if not leeft(gast.proces):
                    raise Gevallen(f"{naam} is gestopt{laatste_regels(gast.log)}")
            await asyncio.sleep(KIJK)

    async def stop(self) -> None:
        """Ask all to stop, at once; kill what has not stopped after a while."""
        lopend = {n: p for n, p in self._lopend.items() if p.returncode is None}
        for proces in lopend.values():
            proces.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(GEDULD_STOP):
                await asyncio.gather(*(proces.wait() for proces in lopend.values()))
        for naam, proces in lopend.items():
            if proces.returncode is None:
                sys.stderr.write(f"{naam} stopt niet en wordt afgebroken\n")
                proces.kill()
                await proces.wait()

    def verbruik(self) -> Sequence[Verbruik]:
        """Of every process that runs now."""
        pids = {naam: gast.proces.pid for naam, gast in self._gasten.items()}
        pids |= {naam: proces.pid for naam, proces in self._lopend.items()}
        return [_verbruik(naam, pid) for naam, pid in pids.items() if psutil.pid_exists(pid)]

    async def _breng_op(self, onderdeel: Onderdeel) -> None:
        for naam, eis in onderdeel.wacht_op.items():
            await self._teken(naam, eis).wait()
        proces = await self._start(onderdeel)
        try:
            async with asyncio.timeout(GEDULD_START):
                if onderdeel.eenmalig:
                    await self._tot_klaar(onderdeel.naam, proces)
                else:
                    await self._tot_gezond(onderdeel, proces)
        except TimeoutError:
            log = laatste_regels(self._log(onderdeel.naam))
            raise Gevallen(
                f"{onderdeel.naam} is na {GEDULD_START:.0f} s nog niet zover{log}"
            ) from None

    async def _start(self, onderdeel: Onderdeel) -> asyncio.subprocess.Process:
        werkmap = self._map / "werk" / onderdeel.naam
        werkmap.mkdir(parents=True)
        log = self._log(onderdeel.naam)
        log.parent.mkdir(exist_ok=True)
        programma, *argumenten = onderdeel.opdracht
        with log.open("wb") as uit:
            proces = await asyncio.create_subprocess_exec(
                Path(sys.executable).with_name(programma),
                *argumenten,
                env=omgeving(onderdeel.omgeving),
                cwd=werkmap,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=uit,
                stderr=asyncio.subprocess.STDOUT,
                # Ctrl-C is for us; we tell them, in order.
                start_new_session=True,
            )
        (self._map / f"dienst-{onderdeel.naam}.pid").write_text(f"{proces.pid}\n")
        self._lopend[onderdeel.naam] = proces
        return proces

    async def _tot_klaar(self, naam: str, proces: asyncio.subprocess.Process) -> None:
        if await proces.wait() != 0:
            raise self._gevallen(naam)
        del self._lopend[naam]
        self._meld(naam, KLAAR)

    async def _tot_gezond(self, onderdeel: Onderdeel, proces: asyncio.subprocess.Process) -> None:
        while proces.returncode is None:
            proef = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                GEZOND_PROEF,
                env=omgeving(onderdeel.omgeving),
                stderr=asyncio.subprocess.DEVNULL,
            )
            if await proef.wait() == 0:
                self._meld(onderdeel.naam, GEZOND)
                return
            await asyncio.sleep(KIJK)
        raise self._gevallen(onderdeel.naam)

    def _meld(self, naam: str, gebeurtenis: str) -> None:
        self._teken(naam, gebeurtenis).set()
        wat = {GEZOND: "draait", KLAAR: "is klaar"}[gebeurtenis]
        sys.stderr.write(f"{time.monotonic() - self._begin:5.1f} s  {naam} {wat}\n")

    def _teken(self, naam: str, gebeurtenis: str) -> asyncio.Event:
        return self._gebeurd.setdefault((naam, gebeurtenis), asyncio.Event())

    def _log(self, naam: str) -> Path:
        return self._map / "logs" / f"{naam}.log"

    def _gevallen(self, naam: str) -> Gevallen:
        code = self._lopend[naam].returncode
        return Gevallen(f"{naam} is gestopt met code {code}{laatste_regels(self._log(naam))}")


def omgeving(eigen: Mapping[str, str]) -> Mapping[str, str]:
    """What a container has besides its own settings: nothing of the one who starts it."""
    paden = f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}"
    return {"PATH": paden, "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", **eigen}


def laatste_regels(log: Path) -> str:
    """How a log ends, and where it is."""
    regels = log.read_text(errors="replace").splitlines()[-LAATSTE_REGELS:]
    return "".join(f"\n  {regel}" for regel in regels) + f"\nmeer staat in {log}"


def _verbruik(naam: str, pid: int) -> Verbruik:
    """Of a process and all that it started."""
    geheugen, processor = 0, 0.0
    eerste = psutil.Process(pid)
    for proces in (eerste, *eerste.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):
            deel = proces.memory_full_info()
            # Linux knows how many share a page; elsewhere what is shared counts for each.
            geheugen += getattr(deel, "pss", deel.rss)
            tijd = proces.cpu_times()
            processor += tijd.user + tijd.system
    return Verbruik(naam, geheugen, processor)
