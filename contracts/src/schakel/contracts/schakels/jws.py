"""What is signed apart from the log: a JSON Web Signature (RFC 7515), its form only.

Whether a signature holds, ``schakel.bewijs`` knows.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType


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
