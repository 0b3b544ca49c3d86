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

from .certificaat import oin_in

_VERTAALD: Final = (
    ipaddress.IPv6Network("64:ff9b::/96"),
    ipaddress.IPv6Network("64:ff9b:1::/48"),
)
"""NAT64 (RFC 6052, RFC 8215): an IPv4 address stands in the last 32 bits."""

VERBINDEN: Final = 10.0
"""Seconds to get a connection."""


class _Stroom(httpcore.AsyncNetworkStream):
    """A connection on which nothing is said before the other has shown who it is."""

    def __init__(self, stroom: httpcore.AsyncNetworkStream, oin: str) -> None:
        self._stroom = stroom
        self._oin = oin
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
            stroom = await self._stroom.start_tls(ssl_context, server_hostname, timeout)
            certificaat = stroom.get_extra_info("ssl_object").getpeercert()
            if oin_in(certificaat) != self._oin:
                raise httpcore.ConnectError("dit certificaat is niet van deze partner")
            bij_fout.pop_all()
        return stroom


class _Netwerk(httpcore.AsyncNetworkBackend):
    """Connects to an address that was looked at."""

    def __init__(self, oin: str, hosts: Collection[str], eigen: Collection[str]) -> None:
        self._oin = oin
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
        return _Stroom(stroom, self._oin)

    async def _adres_van(self, host: str, poort: int) -> str:
        lus = asyncio.get_running_loop()
        try:
            gevonden = await lus.getaddrinfo(host, poort, type=socket.SOCK_STREAM)
        except OSError as fout:
            raise httpcore.ConnectError(f"deze host is niet te vinden: {fout.strerror}") from None
        for *_, plek in gevonden:
            adres = str(plek[0])
            if host in self._eigen or is_open_net(adres.partition("%")[0]):
                return adres
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
    return httpx.AsyncClient(
        transport=_Transport(tls, _Netwerk(oin, hosts, eigen)),
        headers={"accept-encoding": "identity"},
        follow_redirects=False,
        trust_env=False,
        timeout=httpx.Timeout(VERBINDEN),
    )
