"""A server of a test, of which nothing is left when the test is over."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ssl import SSLContext

Bedien = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def luistert(bedien: Bedien, tls: SSLContext | None = None) -> AsyncIterator[int]:
    """Gives its port. Who goes away halfway is no trouble."""
    taken: list[asyncio.Task[None]] = []
    schrijvers: list[asyncio.StreamWriter] = []

    async def een(lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        schrijvers.append(schrijver)
        try:
            await bedien(lezer, schrijver)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            if not schrijver.is_closing():  # twice over TLS, and it cannot be aborted any more
                schrijver.close()

    def neem_aan(lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        taken.append(asyncio.ensure_future(een(lezer, schrijver)))

    server = await asyncio.start_server(neem_aan, "localhost", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for taak in taken:
            taak.cancel()
        await asyncio.gather(*taken, return_exceptions=True)
        for schrijver in schrijvers:  # to say goodbye over TLS takes the other to be there
            schrijver.transport.abort()
