"""Where an address leads, as far as its text tells."""

import ipaddress
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether this name or address can only be reached from the machine itself."""
    kaal = host.strip("[]").lower()
    if kaal == "localhost":
        return True
    try:
        return ipaddress.ip_address(kaal).is_loopback
    except ValueError:
        return False


def host_van(url: str) -> str:
    """The host name in a URL; empty when there is none."""
    return urlsplit(url).hostname or ""
