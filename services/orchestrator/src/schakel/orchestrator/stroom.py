"""Server-sent events: what changed, each tree once and as it is now; clients can resume."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from fastapi.sse import ServerSentEvent

from .vragen import Vragen

PARTIJ = 100


class Wijzigingen:
    """Lets any number of readers wait for the next change."""

    def __init__(self, vragen: Vragen) -> None:
        """Changes are read from the store; a wake-up is only a hint."""
        self._vragen = vragen
        self._gewekt = asyncio.Event()

    def wek(self) -> None:
        """Something was written: everyone looks."""
        self._gewekt.set()
        self._gewekt = asyncio.Event()

    async def stroom(
        self, na: int | None, wortel: str | None, stopt: asyncio.Event
    ) -> AsyncIterator[ServerSentEvent]:
        """Changes after number ``na`` (None: from now on), until reader or service stops."""
        if na is None:
            na = await asyncio.to_thread(self._vragen.laatste_wijziging)
        while not stopt.is_set():
            gewekt = self._gewekt
            rijen = await asyncio.to_thread(self._vragen.gewijzigd_na, na, PARTIJ, wortel)
            for na, afleiding in rijen:
                yield ServerSentEvent(raw_data=afleiding.decode(), event="afleiding", id=str(na))
            if not rijen:
                await _wacht(gewekt, stopt)


async def _wacht(*sein: asyncio.Event) -> None:
    taken = [asyncio.create_task(een.wait()) for een in sein]
    try:
        await asyncio.wait(taken, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for taak in taken:
            taak.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*taken)
