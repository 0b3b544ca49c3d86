"""What to do and where, and the clock that it is measured with."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

TEGELIJK = 256


class Plek(msgspec.Struct, frozen=True):
    """What to do, how much of it, and where."""

    wortel: str
    """The folder of the version that should be the one at work."""
    weg: str
    aantal: int
    map: str
    databases: Sequence[str] = ()
    """Addresses of empty ones."""
    gever: str = ""
    """The database of the first service, with a history to tell."""
    kafka: str = ""
    oin: str = ""
    bomen: str = ""
    """A file of messages per tree."""


class Klok:
    """Microseconds of processor of this process, all threads together."""

    def __init__(self) -> None:
        self.us = 0.0

    @contextmanager
    def loopt(self) -> Iterator[None]:
        """While this is measured."""
        begin = time.process_time()
        try:
            yield
        finally:
            self.us += (time.process_time() - begin) * 1e6


async def gemeten(doe: Callable[[], Awaitable[object]], aantal: int) -> float:
    """Microseconds per time, with so many callers that batches form; a tenth goes before."""
    await _samen(doe, aantal // 10)
    klok = Klok()
    with klok.loopt():
        await _samen(doe, aantal)
    return klok.us / aantal


async def _samen(doe: Callable[[], Awaitable[object]], aantal: int) -> None:
    nog = iter(range(aantal))

    async def roep() -> None:
        for _ in nog:
            await doe()

    await asyncio.gather(*(roep() for _ in range(TEGELIJK)))
