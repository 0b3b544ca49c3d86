"""A load generator that costs little: bare HTTP/1.1 over asyncio, each connection one at a time.

It has to run in another process than the server, so that the two do not share an interpreter.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

_LENGTE = b"content-length: "


@dataclass
class Opbrengst:
    """What one round brought: the answers that were right, in seconds each, and the rest."""

    seconden: float = 0.0
    wachttijden: list[float] = field(default_factory=list)
    inhoud: list[bytes] = field(default_factory=list)
    fouten: list[bytes] = field(default_factory=list)

    @property
    def per_seconde(self) -> float:
        """Right answers per second."""
        return len(self.wachttijden) / self.seconden

    def percentiel(self, deel: float) -> float:
        """Latency in milliseconds that ``deel`` of the requests stayed under."""
        gesorteerd = sorted(self.wachttijden)
        return gesorteerd[min(len(gesorteerd) - 1, int(len(gesorteerd) * deel))] * 1e3


def verzoek(pad: str, sleutel: str, inhoud: bytes) -> bytes:
    """The bytes of one command."""
    kop = (
        f"POST /v1{pad} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"idempotency-key: {sleutel}\r\ncontent-length: {len(inhoud)}\r\n\r\n"
    )
    return kop.encode() + inhoud


class _Verbinding(asyncio.Protocol):
    """Sends the next request as soon as the former is answered."""

    def __init__(self, werk: Iterator[bytes], opbrengst: Opbrengst) -> None:
        self._werk = werk
        self._opbrengst = opbrengst
        self._buffer = b""
        self._begin = 0.0
        self.klaar: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def zend(self) -> None:
        volgende = next(self._werk, None)
        if volgende is None:
            self.klaar.set_result(None)
            self._transport.close()
            return
        self._begin = time.perf_counter()
        self._transport.write(volgende)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        kop, gevonden, inhoud = self._buffer.partition(b"\r\n\r\n")
        if not gevonden:
            return
        lengte = int(kop.partition(_LENGTE)[2].partition(b"\r\n")[0])
        if len(inhoud) < lengte:
            return
        if kop.startswith(b"HTTP/1.1 201"):
            self._opbrengst.wachttijden.append(time.perf_counter() - self._begin)
            self._opbrengst.inhoud.append(inhoud)
        else:
            self._opbrengst.fouten.append(self._buffer)
        self._buffer = b""
        self.zend()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.klaar.done():
            self.klaar.set_exception(exc or ConnectionError("de server verbrak de verbinding"))


async def belast(poort: int, verzoeken: Sequence[bytes], verbindingen: int) -> Opbrengst:
    """Send all ``verzoeken`` over so many connections, each as soon as it can."""
    opbrengst = Opbrengst()
    werk = iter(verzoeken)
    lus = asyncio.get_running_loop()
    open_ = [
        (await lus.create_connection(lambda: _Verbinding(werk, opbrengst), "127.0.0.1", poort))[1]
        for _ in range(verbindingen)
    ]
    begin = time.perf_counter()
    for verbinding in open_:
        verbinding.zend()
    await asyncio.gather(*(verbinding.klaar for verbinding in open_))
    opbrengst.seconden = time.perf_counter() - begin
    return opbrengst


class _Aanvraag(asyncio.Protocol):
    """One request at a time, answered through a future."""

    def __init__(self) -> None:
        self._buffer = b""
        self._antwoord: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def vraag(self, verzoek: bytes) -> asyncio.Future[bytes]:
        self._antwoord = asyncio.get_running_loop().create_future()
        self.transport.write(verzoek)
        return self._antwoord

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        kop, gevonden, inhoud = self._buffer.partition(b"\r\n\r\n")
        if not gevonden or len(inhoud) < int(kop.partition(_LENGTE)[2].partition(b"\r\n")[0] or 0):
            return
        assert self._antwoord is not None
        if kop.startswith(b"HTTP/1.1 201"):
            self._antwoord.set_result(inhoud)
        else:
            self._antwoord.set_exception(RuntimeError(self._buffer.decode()))
        self._buffer = b""

    def connection_lost(self, exc: Exception | None) -> None:
        if self._antwoord is not None and not self._antwoord.done():
            self._antwoord.set_exception(exc or ConnectionError("de server verbrak de verbinding"))


class Klant:
    """Sends single commands to one server, so many at once."""

    def __init__(self, poort: int, tegelijk: int) -> None:
        self._poort = poort
        self._tegelijk = tegelijk
        self._vrij: asyncio.LifoQueue[_Aanvraag] = asyncio.LifoQueue()

    async def open(self, geduld: float) -> None:
        """Connect, as soon as the server is there."""
        async with asyncio.timeout(geduld):
            while self._vrij.qsize() < self._tegelijk:
                try:
                    self._vrij.put_nowait(await self._verbind())
                except ConnectionRefusedError:
                    await asyncio.sleep(0.1)

    async def _verbind(self) -> _Aanvraag:
        lus = asyncio.get_running_loop()
        return (await lus.create_connection(_Aanvraag, "127.0.0.1", self._poort))[1]

    async def stuur(self, pad: str, sleutel: str, inhoud: bytes) -> bytes:
        """The body of the answer; raises when it is not 201."""
        een = await self._vrij.get()
        if een.transport.is_closing():  # the server closes what rests
            een = await self._verbind()
        antwoord = await een.vraag(verzoek(pad, sleutel, inhoud))
        self._vrij.put_nowait(een)
        return antwoord

    def sluit(self) -> None:
        """Let go of the connections that are free."""
        while not self._vrij.empty():
            self._vrij.get_nowait().transport.close()
