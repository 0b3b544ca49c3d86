"""Reads something small from an address or a file, whole and in time, whatever the other side does.

A time limit on each read of a socket is none on the whole: who sends a byte now and then keeps a
thread for hours. So there is a thread of its own, and when time is up its connection is cut.
"""

import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPConnection, HTTPMessage, HTTPSConnection
from pathlib import Path
from typing import IO, Any, Final

PER_STAP: Final = 3.0
"""Seconds for a connection, and for each read of it."""
TERMIJN: Final = 6.0
"""Seconds for all of it."""


def is_adres(plaats: str) -> bool:
    """Whether this is an address; else it is a file."""
    return plaats.startswith(("http://", "https://"))


class Ophaler:
    """One thread at a time; who asks while it still hangs is told that it takes too long."""

    def __init__(self, plaats: str, grootste: int) -> None:
        """``grootste`` is how many bytes it may be."""
        self._plaats = plaats
        self._grootste = grootste
        self._uitslag: Future[bytes] | None = None
        self._contact: socket.socket | None = None

    async def haal(self) -> bytes:
        """All of it; raises OSError (TimeoutError too), ValueError or HTTPException."""
        if self._uitslag is not None and not self._uitslag.done():
            self._verbreek()  # it may have connected after its time
            raise TimeoutError
        draad = ThreadPoolExecutor(1, thread_name_prefix="ophalen")
        self._uitslag = draad.submit(self.lees)
        draad.shutdown(wait=False)  # it ends when this is done
        try:
            async with asyncio.timeout(TERMIJN):
                return await asyncio.wrap_future(self._uitslag)
        finally:
            self._verbreek()

    def lees(self) -> bytes:
        """The same, here and now."""
        if not is_adres(self._plaats):
            return Path(self._plaats).read_bytes()
        opener = urllib.request.build_opener(_GeenOmleiding, *_openers(self._verbind))
        # The scheme is checked with the settings: https, or http on loopback.
        try:
            with opener.open(self._plaats, timeout=PER_STAP) as bron:
                gelezen: bytes = bron.read(self._grootste + 1)
        except urllib.error.HTTPError as fout:
            fout.close()  # it is the answer too
            raise
        if len(gelezen) > self._grootste:
            raise ValueError("dit is te groot")
        return gelezen

    def _verbind(self, *waar: Any, **hoe: Any) -> socket.socket:
        contact = socket.create_connection(*waar, **hoe)
        # A second handle on it: TLS takes the first one over.
        self._contact = contact.dup()
        return contact

    def _verbreek(self) -> None:
        contact, self._contact = self._contact, None
        if contact is None:
            return
        with contact:
            try:
                contact.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it ended by itself


def _openers(verbind: Callable[..., socket.socket]) -> tuple[urllib.request.BaseHandler, ...]:
    """Those of urllib, with another way to connect."""

    def maak(soort: type[HTTPConnection]) -> Callable[..., HTTPConnection]:
        def gemaakt(*waarden: Any, **opties: Any) -> HTTPConnection:
            verbinding = soort(*waarden, **opties)
            verbinding._create_connection = verbind  # type: ignore[attr-defined]  # noqa: SLF001
            return verbinding

        return gemaakt

    class Http(urllib.request.HTTPHandler):
        def http_open(self, req: urllib.request.Request) -> Any:
            return self.do_open(maak(HTTPConnection), req)

    class Https(urllib.request.HTTPSHandler):
        def https_open(self, req: urllib.request.Request) -> Any:
            opties = {"context": self._context}  # type: ignore[attr-defined]
            return self.do_open(maak(HTTPSConnection), req, **opties)

    return Http(), Https()


class _GeenOmleiding(urllib.request.HTTPRedirectHandler):
    """What is fetched comes from the address that was set, not from where it points to."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Raises, whatever the answer."""
        del msg, newurl
        raise urllib.error.HTTPError(req.full_url, code, "omleiding geweigerd", headers, fp)
