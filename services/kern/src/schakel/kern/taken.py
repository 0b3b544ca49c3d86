"""Background work that lives as long as its service, and is never silently dead."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import structlog
from eventsourcing.persistence import PersistenceError

from .logboek import meld_onverwacht
from .weigering import Fout

log = structlog.get_logger()

EERSTE_WACHT = 0.25
LANGSTE_WACHT = 2.0
"""Seconds; what was away is back within this time after it can be."""
GEDULD = 30.0
"""Seconds of good work after which the first wait is short again."""


@asynccontextmanager
async def blijvend(naam: str, werk: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """Run ``werk`` inside the block; when it fails it is logged and begun again, ever later."""
    taak = asyncio.create_task(_telkens_opnieuw(naam, werk), name=naam)
    try:
        yield
    finally:
        taak.cancel()
        with suppress(asyncio.CancelledError):
            await taak


async def _telkens_opnieuw(naam: str, werk: Callable[[], Coroutine[Any, Any, None]]) -> None:
    wacht = EERSTE_WACHT
    loop = asyncio.get_running_loop()
    while True:
        begonnen = loop.time()
        try:
            await werk()
        except (Fout, PersistenceError) as fout:
            reden = fout.code if isinstance(fout, Fout) else type(fout).__name__
            log.warning("taak_hervat", taak=naam, reden=reden, wacht=wacht)
        except Exception as fout:  # noqa: BLE001 - the service goes on; the fault is logged
            meld_onverwacht(naam, fout)
        if loop.time() - begonnen > GEDULD:
            wacht = EERSTE_WACHT
        await asyncio.sleep(wacht)
        wacht = min(LANGSTE_WACHT, wacht * 2)
