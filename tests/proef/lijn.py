"""The line between two organisations: it passes on what comes, and is cut when a trial says so.

What passes is encrypted, so that it cuts by bytes: in the middle of a page, of an answer, or of a
handshake.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random

STUK = 65_536
KEREN = 3
"""Connections that break, each time that the line is bad."""
TOT = 4_096
"""Bytes after which such a one breaks, at most."""


class Lijn:
    """Where one organisation is called: in front of where it listens."""

    def __init__(self, van: int, naar: int, toeval: Random) -> None:
        """Two ports of this machine: the one that others know, and the one behind it."""
        self._van, self._naar, self._toeval = van, naar, toeval
        self._nog = 0
        self.geknipt = 0
        """The connections that were cut with something on its way."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Listens meanwhile."""
        server = await asyncio.start_server(self._verbind, "localhost", self._van)
        try:
            yield
        finally:
            server.close()
            await server.wait_closed()

    def knip(self) -> None:
        """The next connections that carry something break off halfway, so many of them.

        Not more when it was bad already: each makes who calls wait twice as long as before.
        """
        self._nog = KEREN

    async def _verbind(self, lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        try:
            daar_lezer, daar = await asyncio.open_connection("localhost", self._naar)
        except OSError:  # nobody listens there now
            schrijver.transport.abort()
            return
        beide = (schrijver, daar)
        await asyncio.gather(
            self._pomp(lezer, daar, beide), self._pomp(daar_lezer, schrijver, beide)
        )

    async def _pomp(
        self,
        van: asyncio.StreamReader,
        naar: asyncio.StreamWriter,
        beide: tuple[asyncio.StreamWriter, asyncio.StreamWriter],
    ) -> None:
        over = self._toeval.randrange(TOT)
        with suppress(OSError):
            while stuk := await van.read(STUK):
                if self._nog and len(stuk) > over:
                    self._nog -= 1
                    self.geknipt += 1
                    naar.write(stuk[:over])
                    await naar.drain()
                    for een in beide:
                        een.transport.abort()
                    return
                over -= len(stuk) if self._nog else 0
                naar.write(stuk)
                await naar.drain()
        naar.close()
