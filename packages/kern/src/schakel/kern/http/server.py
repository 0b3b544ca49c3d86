"""Runs applications on a socket: bounded in everything, several in one loop, stopped in order."""

import asyncio
import math
import signal
import socket
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from functools import partial
from ssl import SSLContext
from typing import Final

import structlog
import uvicorn
from starlette.applications import Starlette

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout
from schakel.kern.zicht.logboek import plek

from .deur import LANGSTE_KOP
from .doelvorm import Doelvorm
from .klantadres import Klantadressen
from .protocol import Protocol, Weigervorm
from .verbindingen import GEDULD, Aanname, Fase, Toeloop, plaatsen

log = structlog.get_logger()

ACHTERSTAND: Final = 1_024
"""Connections that wait in the system until there is room."""
ZENDRUIMTE: Final = 131_072
"""Bytes that the system keeps for who does not read: by itself it would be megabytes for each."""
GEDULD_VERZOEKEN: Final = 7
"""Seconds that requests get to finish when the server stops."""
_DEEL: Final = 0.75
"""Of the time that a connection may rest: after that it is closed, after all of it cut off."""
GEDULD_STOPPEN: Final = 10.0
"""Seconds after which stopping, the lifespan included, is cut off."""


class Server:
    """One application on one port.

    ``start`` returns when requests are answered and raises StartFout when that cannot be;
    ``stop`` takes at most ten seconds. ``app.state.stopt`` is an event that long answers watch.
    """

    def __init__(
        self,
        app: Starlette,
        instellingen: Instellingen,
        *,
        van: int = 1,
        tls: SSLContext | None = None,
        max_body: int | None = None,
        vorm: Weigervorm | None = None,
        geduld: Mapping[Fase, float] | None = None,
    ) -> None:
        """``van`` is how many servers there are in this process. Nothing happens yet.

        ``max_body`` is what the application takes, where that is not the setting, and ``vorm`` how
        a refusal below it looks, where that is not as everywhere. ``geduld`` is how many seconds a
        client may keep it waiting, in each phase, where that is not ``GEDULD``. With ``tls`` the
        certificate of who comes, if asked for, is ``peercert`` in the state of each request.
        """
        self._app = app
        self._instellingen = instellingen
        self._host = instellingen.host
        self._gevraagd = instellingen.poort
        self._van = van
        self._tls = tls
        self._max_body = max_body or instellingen.max_body
        self._vorm = vorm or Weigervorm()
        self._geduld = geduld or GEDULD
        self._stop = asyncio.Event()
        self._taak: asyncio.Task[None] | None = None
        self._poort: int | None = None
        self.verbindingen: Toeloop | None = None
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
        soort = "https" if self._tls else "http"
        return f"{soort}://{f'[{self._host}]' if ':' in self._host else self._host}:{self.poort}"

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
                        luisteraar, verbindingen, aanname = await self._luister(contact)
                        begonnen.set()
                        await self._wacht_op_stop(luisteraar, verbindingen)
                        await aanname.stop()
                        begin = loop.time()
                        grens.reschedule(begin + GEDULD_STOPPEN)
                        await luisteraar.shutdown(sockets=[contact])
            except TimeoutError:
                if not begin:
                    raise
                log.warning("stoppen_afgebroken", duur_ms=round((loop.time() - begin) * 1000))
                return
        log.info("dienst_gestopt", duur_ms=round((loop.time() - begin) * 1000))

    async def _luister(self, contact: socket.socket) -> tuple[uvicorn.Server, Toeloop, Aanname]:
        """Only the parts of uvicorn's server that leave signals and the process alone."""
        instelling = uvicorn.Config(
            Doelvorm(self._app),
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=math.ceil(_DEEL * self._geduld[Fase.RUST]),
            timeout_graceful_shutdown=GEDULD_VERZOEKEN,
            h11_max_incomplete_event_size=LANGSTE_KOP,
        )
        instelling.load()
        luisteraar = uvicorn.Server(instelling)
        luisteraar.lifespan = instelling.lifespan_class(instelling)
        luisteraar.servers = []
        await luisteraar.on_tick(0)
        lus, instellingen = asyncio.get_running_loop(), self._instellingen
        self.verbindingen = verbindingen = Toeloop(
            plaatsen(instellingen.max_verbindingen, self._van),
            instellingen.max_per_adres,
            Klantadressen(instellingen.vertrouwde_proxies).is_vertrouwd,
            lus.time,
        )
        maak = partial(
            Protocol,
            instelling,
            luisteraar.server_state,
            {},
            lus,
            verbindingen=verbindingen,
            max_body=self._max_body,
            vorm=self._vorm,
            geduld=self._geduld,
        )
        aanname = Aanname(contact, verbindingen, maak, self._tls)
        try:
            contact.listen(ACHTERSTAND)
        except OSError as fout:
            raise _niet_te_binden(self._host, self._gevraagd, fout) from None
        aanname.begin()
        self._poort = contact.getsockname()[1]
        log.info(
            "dienst_luistert",
            host=self._host,
            poort=self._poort,
            verbindingen=verbindingen.meeste,
        )
        return luisteraar, verbindingen, aanname

    async def _wacht_op_stop(self, luisteraar: uvicorn.Server, verbindingen: Toeloop) -> None:
        """Once a second uvicorn puts its Date header right, and who was waited for long goes."""
        while not self._stop.is_set():
            await luisteraar.on_tick(0)
            verbindingen.ruim_op()
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


def serveer(app: Starlette, instellingen: Instellingen) -> None:
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
        contact.settimeout(0)
        contact.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        contact.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ZENDRUIMTE)
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
