"""What one request carries with it from the door to the endpoint and back to the log."""

import re
from typing import Any, Final, Protocol

import msgspec

from schakel.kern.grond.kop import Identiteit
from schakel.kern.grond.rollen import Rol

from .drukte import Drukte

_TRACEPARENT: Final = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?"
)


class Poortwachter(Protocol):
    """Tells who asks, from the headers of the request."""

    async def herken(self, koppen: dict[bytes, bytes]) -> Identiteit:
        """The identity, or NietAangemeld."""
        ...


class Omloop(msgspec.Struct):
    """Stands in ``scope["schakel"]``; the door makes it, the route fills it."""

    poortwachter: Poortwachter
    drukte: Drukte
    adres: str
    max_body: int
    correlatie: str
    koppen: dict[bytes, bytes]
    traceparent: str | None = None
    ruw: bytes = b""
    inhoud: Any = None
    identiteit: Identiteit | None = None
    rol: Rol | None = None
    code: str | None = None
    status: int = 499
    volgt: bool = False

    def volg(self) -> None:
        """The answer is a stream: it has no end of its own. Raises Overbelast."""
        self.drukte.volg(self.adres)
        self.volgt = True


def traceparent_uit(koppen: dict[bytes, bytes]) -> str | None:
    """The caller's W3C trace context as version 00, if it is one."""
    gegeven = koppen.get(b"traceparent")
    if gegeven is None or not _TRACEPARENT.fullmatch(gegeven):
        return None
    return "00" + gegeven[2:55].decode()


def omloop_van(scope: Any) -> Omloop:
    """The Omloop of this request."""
    omloop: Omloop = scope["schakel"]
    return omloop
