"""Background work that lives as long as its service, and is never silently dead."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog

from schakel.kern.grond.weigering import Fout
from schakel.kern.opslag import PersistenceError

from .logboek import meld_onverwacht, plaatsen

log = structlog.get_logger()

EERSTE_WACHT = 0.25
LANGSTE_WACHT = 2.0
"""Seconds; what was away is back within this time after it can be."""
GEDULD = 30.0
"""Seconds of good work after which the first wait is short again."""

Goed = Callable[[], None]
"""Called by the work whenever it has just done what it is there for."""
Werk = Callable[[Goed], Coroutine[Any, Any, None]]


def niemand() -> None:
    """For work that nobody watches."""


@asynccontextmanager
async def blijvend(naam: str, werk: Werk) -> AsyncIterator[None]:
    """Run ``werk`` inside the block; when it fails it is begun again, ever later.

    Logged once per reason until the work says that it goes well, and then that it does.
    """
    taak = asyncio.create_task(_telkens_opnieuw(werk, _Verloop(naam)), name=naam)
    try:
        yield
    finally:
        taak.cancel()
        with suppress(asyncio.CancelledError):
            await taak


class _Verloop:
    """What the log was told about one task: changes, not every attempt."""

    def __init__(self, naam: str) -> None:
        self._naam = naam
        self._redenen: set[str] = set()
        self._pogingen = 0
        self._sinds = 0.0

    def mis(self, fout: BaseException) -> None:
        """It stopped."""
        if not self._pogingen:
            self._sinds = asyncio.get_running_loop().time()
        self._pogingen += 1
        is_verwacht = isinstance(fout, Fout | PersistenceError | asyncio.CancelledError)
        reden = fout.code if isinstance(fout, Fout) else type(fout).__name__
        kenmerk = reden if is_verwacht else f"{reden} {plaatsen(fout)}"
        if kenmerk in self._redenen:
            return
        self._redenen.add(kenmerk)
        if is_verwacht:
            log.warning("taak_hervat", taak=self._naam, reden=reden)
        else:
            meld_onverwacht(self._naam, fout)

    def goed(self) -> None:
        """It works."""
        if self._pogingen:
            duur = asyncio.get_running_loop().time() - self._sinds
            log.info("taak_hersteld", taak=self._naam, pogingen=self._pogingen, duur_s=round(duur))
            self._pogingen = 0
            self._redenen.clear()


async def _telkens_opnieuw(werk: Werk, verloop: _Verloop) -> None:
    wacht = EERSTE_WACHT
    loop = asyncio.get_running_loop()
    while True:
        begonnen = loop.time()
        try:
            await werk(verloop.goed)
        except asyncio.CancelledError as fout:
            if _wordt_beeindigd():
                raise
            verloop.mis(fout)  # a library cancelled what we awaited: nobody asked us to stop
        except Exception as fout:  # noqa: BLE001 - the service goes on; the fault is logged
            verloop.mis(fout)
        if loop.time() - begonnen > GEDULD:
            wacht = EERSTE_WACHT
        await asyncio.sleep(wacht)
        wacht = min(LANGSTE_WACHT, wacht * 2)


def _wordt_beeindigd() -> bool:
    taak = asyncio.current_task()
    return taak is not None and taak.cancelling() > 0
