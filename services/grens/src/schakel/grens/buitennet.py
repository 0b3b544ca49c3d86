"""The way out: to the hosts of contracts only, and to no address that is not of the open network.

A name is looked up once per connection, and what was looked at is what is connected to: a name that
answers something else the next time gains nothing.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterable
from contextlib import AsyncExitStack
from typing import Any, Final

import httpcore
import httpx
import structlog

from schakel.kern.http.tlsfout import waarom

from .certificaat import oin_in

log = structlog.get_logger()

_VERTAALD: Final = (
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("64:ff9b:1::/48"),
)
"""NAT64 (RFC 6052, RFC 8215): an IPv4 address stands in the last 32 bits."""

VERBINDEN: Final = 10.0
"""Seconds to get a connection."""


class Bereik:
    """Whether one partner can be called: each reason why not is told once, until it can."""

    def __init__(self, oin: str) -> None:
        """Nothing is known yet."""
        self._oin = oin
        self._redenen: set[str] = set()

    def mis(self, reden: str) -> None:
        """It cannot, and why."""
        if reden not in self._redenen:
            self._redenen.add(reden)
            log.warning("partner_onbereikbaar", partner=self._oin, reden=reden)

    def goed(self) -> None:
        """It answers."""
        self._redenen.clear()


class _Gesprek(httpcore.AsyncNetworkStream):
    """A connection over TLS, until the other says something: only then are we let in."""

    def __init__(self, stroom: httpcore.AsyncNetworkStream, bereik: Bereik) -> None:
        self._stroom = stroom
        self._bereik = bereik
        self._gehoord = False
        self.aclose = stroom.aclose  # type: ignore[method-assign]
        self.get_extra_info = stroom.get_extra_info  # type: ignore[method-assign]

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """See ``AsyncNetworkStream``; raises ReadError, also for what only TLS knows."""
        try:
            gelezen = await self._stroom.read(max_bytes, timeout)
        except (ssl.SSLError, httpcore.ReadError) as fout:
            self._af(fout)
            raise httpcore.ReadError(str(fout)) from fout
        if gelezen:
            self._gehoord = True
        else:
            self._af(None)
        return gelezen

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """See ``AsyncNetworkStream``; raises WriteError, also for what only TLS knows."""
        try:
            await self._stroom.write(buffer, timeout)
        except (ssl.SSLError, httpcore.WriteError) as fout:
            self._af(fout)
            raise httpcore.WriteError(str(fout)) from fout

    def _af(self, fout: Exception | None) -> None:
        if not self._gehoord:
            reden = None if fout is None else waarom(fout)
            self._bereik.mis(reden or "verbroken-zonder-antwoord")


class _Stroom(httpcore.AsyncNetworkStream):
    """A connection on which nothing is said before the other has shown who it is."""

    def __init__(self, stroom: httpcore.AsyncNetworkStream, oin: str, bereik: Bereik) -> None:
        self._stroom = stroom
        self._oin = oin
        self._bereik = bereik
        self.read = stroom.read  # type: ignore[method-assign]
        self.write = stroom.write  # type: ignore[method-assign]
        self.aclose = stroom.aclose  # type: ignore[method-assign]
        self.get_extra_info = stroom.get_extra_info  # type: ignore[method-assign]

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore asks it
    ) -> httpcore.AsyncNetworkStream:
        """See ``AsyncNetworkStream``; raises ConnectError when it is somebody else."""
        async with AsyncExitStack() as bij_fout:
            # Also when who calls gives up on one that never answers: no library closes it then.
            bij_fout.push_async_callback(self._stroom.aclose)
            try:
                stroom = await self._stroom.start_tls(ssl_context, server_hostname, timeout)
            except httpcore.ConnectError as fout:
                if reden := waarom(fout):
                    self._bereik.mis(reden)
                raise
            certificaat = stroom.get_extra_info("ssl_object").getpeercert()
            if oin_in(certificaat) != self._oin:
                self._bereik.mis("certificaat-van-ander-oin")
                raise httpcore.ConnectError("dit certificaat is niet van deze partner")
            bij_fout.pop_all()
        return _Gesprek(stroom, self._bereik)


class _Netwerk(httpcore.AsyncNetworkBackend):
    """Connects to an address that was looked at."""

    def __init__(
        self, oin: str, hosts: Collection[str], eigen: Collection[str], bereik: Bereik
    ) -> None:
        self._oin = oin
        self._bereik = bereik
        self._hosts = frozenset(hosts)
        self._eigen = frozenset(eigen)
        self._net = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore asks it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """See ``AsyncNetworkBackend``; raises ConnectError where we may not go."""
        if host not in self._hosts:
            raise httpcore.ConnectError("deze host staat in geen overeenkomst")
        adres = await self._adres_van(host, port)
        net = self._net
        stroom = await net.connect_tcp(adres, port, timeout, local_address, socket_options)
        return _Stroom(stroom, self._oin, self._bereik)

    async def _adres_van(self, host: str, poort: int) -> str:
        lus = asyncio.get_running_loop()
        try:
            gevonden = await lus.getaddrinfo(host, poort, type=socket.SOCK_STREAM)
        except OSError as fout:
            self._bereik.mis("host-onbekend")
            raise httpcore.ConnectError(f"deze host is niet te vinden: {fout.strerror}") from None
        for *_, plek in gevonden:
            adres = str(plek[0])
            if host in self._eigen or is_open_net(adres.partition("%")[0]):
                return adres
        self._bereik.mis("host-niet-van-het-open-net")
        raise httpcore.ConnectError("deze host heeft geen adres op het open net")

    async def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise httpcore.ConnectError("hier gaat alles over TCP")

    async def sleep(self, seconds: float) -> None:
        """See ``AsyncNetworkBackend``."""
        await self._net.sleep(seconds)


def is_open_net(adres: str) -> bool:
    """Whether this IP address is that of somebody out there, also as it is wrapped in another."""
    gelezen = ipaddress.ip_address(adres)
    if isinstance(gelezen, ipaddress.IPv6Address):
        binnenin = gelezen.ipv4_mapped or gelezen.sixtofour
        for net in _VERTAALD:
            if gelezen in net:
                binnenin = ipaddress.IPv4Address(int(gelezen) & 0xFFFF_FFFF)
        if gelezen.teredo is not None:
            binnenin = gelezen.teredo[1]
        if binnenin is not None:
            return is_open_net(str(binnenin))
    return gelezen.is_global and not gelezen.is_multicast


class _Transport(httpx.AsyncHTTPTransport):
    def __init__(self, tls: ssl.SSLContext, netwerk: _Netwerk) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=4,
            keepalive_expiry=60,
            network_backend=netwerk,
        )


def maak_klant(
    tls: ssl.SSLContext, oin: str, hosts: Collection[str], eigen: Collection[str] = ()
) -> httpx.AsyncClient:
    """A client for the partner ``oin`` at ``hosts``; those in ``eigen`` may be private.

    ``tls`` says whom to trust, and has our certificate. Redirects are not followed.
    """
    bereik = Bereik(oin)

    async def kijk(antwoord: httpx.Response) -> None:
        bereik.mis("omleiding") if antwoord.is_redirect else bereik.goed()

    return httpx.AsyncClient(
        transport=_Transport(tls, _Netwerk(oin, hosts, eigen, bereik)),
        headers={"accept-encoding": "identity"},
        event_hooks={"response": [kijk]},
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(VERBINDEN),
    )
