"""Runs applications on a socket: bounded in everything, several in one loop, stopped in order."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from typing import Final

import structlog
import uvicorn
from fastapi import FastAPI

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout
from schakel.kern.zicht.logboek import plek

from .protocol import Protocol

log = structlog.get_logger()

LANGSTE_KOP: Final = 16_384
GEDULD_VERZOEKEN: Final = 7
"""Seconds that requests get to finish when the server stops."""
GEDULD_STOPPEN: Final = 10.0
"""Seconds after which stopping, the lifespan included, is cut off."""


class Server:
    """One application on one port.

    ``start`` returns when requests are answered and raises StartFout when that cannot be;
    ``stop`` takes at most ten seconds. ``app.state.stopt`` is an event that long answers watch.
    """

    def __init__(self, app: FastAPI, instellingen: Instellingen) -> None:
        """Nothing happens yet."""
        self._app = app
        self._host = instellingen.host
        self._gevraagd = instellingen.poort
        self._max_verbindingen = instellingen.max_verbindingen
        self._stop = asyncio.Event()
        self._taak: asyncio.Task[None] | None = None
        self._poort: int | None = None
        app.state.stopt = self._stop

    @property
    def poort(self) -> int:
        """The port it listens on; known after ``start``."""
        if self._poort is None:
            raise RuntimeError("deze server is nog niet gestart")
        return self._poort

    @property
    def adres(self) -> str:
        """Where it answers, as seen from this machine."""
        return f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{self.poort}"

    async def start(self) -> None:
        """Bind, enter the lifespan of the application, listen: in that order."""
        begonnen = asyncio.Event()
        # One task enters and leaves the lifespan: task groups inside it want that.
        self._taak = asyncio.create_task(self._draai(begonnen))
        wacht = asyncio.create_task(begonnen.wait())
        await asyncio.wait({wacht, self._taak}, return_when=asyncio.FIRST_COMPLETED)
        wacht.cancel()
        if self._taak.done():
            await self._taak

    async def stop(self) -> None:
        """Take no more requests, let the present ones finish, leave the lifespan."""
        self._stop.set()
        await self.klaar()

    async def klaar(self) -> None:
        """Returns when the server has stopped, and raises if it broke."""
        if self._taak is not None:
            await asyncio.shield(self._taak)

    async def _draai(self, begonnen: asyncio.Event) -> None:
        plek.set((getattr(self._app.state, "dienst", None), None))
        loop = asyncio.get_running_loop()
        with _gebonden(self._host, self._gevraagd) as contact:
            begin = 0.0
            try:
                async with asyncio.timeout(None) as grens:
                    async with self._app.router.lifespan_context(self._app):
                        luisteraar = await self._luister(contact)
                        begonnen.set()
                        await self._wacht_op_stop(luisteraar)
                        begin = loop.time()
                        grens.reschedule(begin + GEDULD_STOPPEN)
                        await luisteraar.shutdown(sockets=[contact])
            except TimeoutError:
                if not begin:
                    raise
                log.warning("stoppen_afgebroken", duur_ms=round((loop.time() - begin) * 1000))
                return
        log.info("dienst_gestopt", duur_ms=round((loop.time() - begin) * 1000))

    async def _luister(self, contact: socket.socket) -> uvicorn.Server:
        """Only the parts of uvicorn's server that leave signals and the process alone."""
        instelling = uvicorn.Config(
            self._app,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=self._max_verbindingen,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=GEDULD_VERZOEKEN,
            h11_max_incomplete_event_size=LANGSTE_KOP,
            backlog=1024,
        )
        instelling.load()
        luisteraar = uvicorn.Server(instelling)
        luisteraar.lifespan = instelling.lifespan_class(instelling)
        await luisteraar.on_tick(0)
        try:
            await luisteraar.startup(sockets=[contact])
        except OSError as fout:
            raise _niet_te_binden(self._host, self._gevraagd, fout) from None
        self._poort = contact.getsockname()[1]
        log.info("dienst_luistert", host=self._host, poort=self._poort)
        return luisteraar

    async def _wacht_op_stop(self, luisteraar: uvicorn.Server) -> None:
        """Once a second uvicorn puts its Date header right."""
        while not self._stop.is_set():
            await luisteraar.on_tick(0)
            try:
                async with asyncio.timeout(1):
                    await self._stop.wait()
            except TimeoutError:
                continue


@contextmanager
def stopsein() -> Iterator[asyncio.Event]:
    """Set at SIGINT or SIGTERM, as long as the block lasts."""
    loop = asyncio.get_running_loop()
    stoppen = asyncio.Event()
    for sein in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sein, stoppen.set)
    try:
        yield stoppen
    finally:
        for sein in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(sein)


async def tot_stop(stoppen: asyncio.Event, servers: Sequence[Server]) -> None:
    """Returns when ``stoppen`` is set or one of the servers ends."""
    sein = asyncio.create_task(stoppen.wait())
    einden = [asyncio.create_task(server.klaar()) for server in servers]
    await asyncio.wait({sein, *einden}, return_when=asyncio.FIRST_COMPLETED)
    sein.cancel()


async def draai(servers: Sequence[Server]) -> None:
    """Start all, in order; stop all, last first, at SIGINT, SIGTERM or when one of them breaks."""
    with stopsein() as stoppen:
        async with AsyncExitStack() as opruimen:
            for server in servers:
                await server.start()
                opruimen.push_async_callback(server.stop)
            await tot_stop(stoppen, servers)


def serveer(app: FastAPI, instellingen: Instellingen) -> None:
    """Run one service until it is told to stop; what prevents a start is one line and exit 2."""
    try:
        asyncio.run(draai([Server(app, instellingen)]))
    except StartFout as fout:
        sys.stderr.write(f"{fout.uitleg}\n")
        raise SystemExit(2) from None


def _gebonden(host: str, poort: int) -> socket.socket:
    """Bound before anything else is opened, so that a port in use damages nothing."""
    try:
        familie, soort, protocol, _, adres = socket.getaddrinfo(
            host, poort, type=socket.SOCK_STREAM
        )[0]
        # With the protocol named, asyncio sets TCP_NODELAY; without, an answer may wait 40 ms.
        contact = socket.socket(familie, soort, protocol)
    except OSError as fout:
        raise _niet_te_binden(host, poort, fout) from None
    try:
        contact.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        contact.bind(adres)
    except OSError as fout:
        contact.close()
        raise _niet_te_binden(host, poort, fout) from None
    return contact


def _niet_te_binden(host: str, poort: int, fout: OSError) -> StartFout:
    return StartFout(
        "poort-bezet",
        f"kan niet luisteren op {host}:{poort} ({fout.strerror});"
        " is de dienst al gestart? Kies anders een andere SCHAKEL_POORT",
    )
