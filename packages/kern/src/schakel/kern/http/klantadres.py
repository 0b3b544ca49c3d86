"""Which client a request comes from, also behind a proxy that the settings trust."""

import ipaddress
from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final

Netwerk = ipaddress.IPv4Network | ipaddress.IPv6Network

ONBEKEND: Final = "onbekend"
_DOORGESTUURD: Final = b"x-forwarded-for"


class Klantadressen:
    """Tells clients apart by their address; a proxy only speaks for others when it is trusted."""

    def __init__(self, vertrouwd: Collection[Netwerk]) -> None:
        """``vertrouwd`` are the networks of proxies."""
        self._vertrouwd = frozenset(vertrouwd)
        self.is_vertrouwd = lru_cache(maxsize=4096)(self._is_vertrouwd)
        """Whether this address is a proxy's that may speak for others."""

    def van(self, adres: str, koppen: Iterable[tuple[bytes, bytes]]) -> str:
        """The nearest address that is no trusted proxy: what stands behind it may be made up."""
        if not self._vertrouwd or not self.is_vertrouwd(adres):
            return adres
        regels = [waarde for naam, waarde in koppen if naam == _DOORGESTUURD]
        for deel in reversed(b",".join(regels).decode("latin-1").split(",")):
            genoemd = _zonder_poort(deel.strip())
            if _ip(genoemd) is None:
                return adres
            adres = genoemd
            if not self.is_vertrouwd(adres):
                return adres
        return adres

    def _is_vertrouwd(self, adres: str) -> bool:
        ip = _ip(adres)
        return ip is not None and any(ip in netwerk for netwerk in self._vertrouwd)


def _zonder_poort(adres: str) -> str:
    if adres.startswith("["):
        return adres[1:].partition("]")[0]
    return adres.partition(":")[0] if adres.count(":") == 1 else adres


@lru_cache(maxsize=4096)
def netwerk_van(adres: str) -> str:
    """Whose budget an address draws on: one IPv4 address, or what one household has of IPv6."""
    ip = _ip(adres)
    if ip is None or ip.version == 4:  # noqa: PLR2004
        return str(ip or ONBEKEND)
    return str(ipaddress.ip_network((ip, 64), strict=False))


@lru_cache(maxsize=4096)
def omgeving_van(adres: str) -> str:
    """What is written down of it: enough to trace an attack, not enough to point out a person."""
    ip = _ip(adres)
    if ip is None:
        return ONBEKEND
    if ip.is_loopback:
        return "loopback"
    return str(ipaddress.ip_network((ip, 24 if ip.version == 4 else 48), strict=False))  # noqa: PLR2004


@lru_cache(maxsize=4096)
def _ip(adres: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        ip = ipaddress.ip_address(adres.partition("%")[0])
    except ValueError:
        return None
    return getattr(ip, "ipv4_mapped", None) or ip
