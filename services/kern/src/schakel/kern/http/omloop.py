"""What one request carries with it from the door to the endpoint and back to the log."""

from typing import Any, Protocol

import msgspec

from schakel.kern.rollen import Rol


class Identiteit(msgspec.Struct, frozen=True):
    """Who asks: a pseudonym, never personal data, and the roles that were granted."""

    wie: str
    rollen: frozenset[Rol]


class Poortwachter(Protocol):
    """Tells who asks, from the headers of the request."""

    async def herken(self, koppen: dict[bytes, bytes]) -> Identiteit:
        """The identity, or NietAangemeld."""
        ...


class Omloop(msgspec.Struct):
    """Stands in ``scope["schakel"]``; the door makes it, the route fills it."""

    poortwachter: Poortwachter
    max_body: int
    correlatie: str
    koppen: dict[bytes, bytes]
    ruw: bytes = b""
    inhoud: Any = None
    identiteit: Identiteit | None = None
    rol: Rol | None = None
    code: str | None = None
    status: int = 499


def omloop_van(scope: Any) -> Omloop:
    """The Omloop of this request."""
    omloop: Omloop = scope["schakel"]
    return omloop
