"""Who asks, and the head of what is asked: the same whichever way it came in."""

import msgspec

from .rollen import Rol


class Identiteit(msgspec.Struct, frozen=True):
    """Who asks: a pseudonym, never personal data, and the roles that were granted."""

    wie: str
    rollen: frozenset[Rol]


class Kop(msgspec.Struct, frozen=True):
    """The head of a command: what makes it safe to repeat, and who gives it."""

    sleutel: str
    digest: bytes
    als_versie: int | None
    door: Identiteit
    rol: Rol
    traceparent: str | None = None
