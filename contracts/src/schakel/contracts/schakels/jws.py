"""What is signed apart from the log: a JSON Web Signature (RFC 7515), its form only.

Whether a signature holds, ``schakel.bewijs`` knows.
"""

from typing import Annotated, Any, Final, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from schakel.contracts.strikt import Jsonfout

from .jsonregels import bouw, lees_waarde

T = TypeVar("T")

GROOTSTE: Final = 262_144
"""Bytes of a signed text."""


class Contractfout(ValueError):
    """A contract, or a statement under one, that does not say what it must: a Dutch reason."""


class JwsHandtekening(Struct, frozen=True, omit_defaults=True, gc=False):
    """One signature, base64url: over ``protected "." payload``."""

    protected: str
    signature: str
    header: UnsetType = UNSET
    """Never there: what it said would not be signed."""


class Jws(Struct, frozen=True, gc=False):
    """A JSON Web Signature in its general form, without unprotected headers."""

    payload: str
    signatures: Annotated[tuple[JwsHandtekening, ...], Meta(min_length=1, max_length=2)]

    @property
    def paren(self) -> tuple[tuple[str, str], ...]:
        """Each signature as (protected, signature)."""
        return tuple((een.protected, een.signature) for een in self.signatures)


def lees_jws(ruw: bytes) -> Jws:
    """The outside of a signed file, its form only; raises Contractfout."""
    return _lees(ruw, Jws, 2 * GROOTSTE)


def lees_ondertekend(payload: bytes, soort: type[T]) -> T:
    """What was signed, as what it should be; raises Contractfout."""
    return _lees(payload, soort, GROOTSTE)


def _lees(ruw: bytes, soort: type[T], grootste: int) -> T:
    if len(ruw) > grootste:
        raise Contractfout(f"wat ondertekend is heeft hoogstens {grootste} bytes")
    try:
        waarde: Any = lees_waarde(ruw)
        if not isinstance(waarde, dict):
            raise Contractfout("dit is geen JSON-object")
        return bouw(waarde, soort)
    except Jsonfout as fout:
        raise Contractfout(fout.uitleg) from None
    except ValueError as fout:
        raise Contractfout(str(fout)) from None
