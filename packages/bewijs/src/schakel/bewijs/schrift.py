"""How bytes and names are written: one way for each value, so that equal texts are equal bytes."""

import base64
import re
from typing import Final

from .fout import BewijsFout, Code

BLAD_MAX: Final = 65_536
NAAM_MAX: Final = 255

_NIET_IN_NAAM: Final = re.compile(r"[\s+\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def als_base64(ruw: bytes) -> str:
    """RFC 4648 section 4, with padding."""
    return base64.b64encode(ruw).decode()


def uit_base64(tekst: str, code: Code = "vorm") -> bytes:
    """The bytes; refused unless writing them again gives the same text."""
    try:
        ruw = base64.b64decode(tekst)
    except ValueError:
        ruw = b""
    if als_base64(ruw) != tekst:
        raise BewijsFout(code, "geen base64 zoals RFC 4648 het schrijft")
    return ruw


def als_base64url(ruw: bytes) -> str:
    """RFC 4648 section 5, without padding: only in what is signed apart from a log."""
    return base64.urlsafe_b64encode(ruw).rstrip(b"=").decode()


def uit_base64url(tekst: str, code: Code = "vorm") -> bytes:
    """The bytes; refused unless writing them again gives the same text."""
    try:
        ruw = base64.b64decode(tekst + "=" * (-len(tekst) % 4), altchars=b"-_")
    except ValueError:
        ruw = b""
    if als_base64url(ruw) != tekst:
        raise BewijsFout(code, "geen base64url zoals RFC 7515 het schrijft")
    return ruw


def lees_blad(tekst: str) -> bytes:
    """A leaf of a grenslogboek as it travels, back to its bytes: some, and not too many."""
    if len(tekst) > 4 * -(-BLAD_MAX // 3):
        raise BewijsFout("te-groot", f"een blad heeft hoogstens {BLAD_MAX} bytes")
    blad = uit_base64(tekst)
    if not blad:
        raise BewijsFout("vorm", "een blad is niet leeg")
    if len(blad) > BLAD_MAX:
        raise BewijsFout("te-groot", f"een blad heeft hoogstens {BLAD_MAX} bytes")
    return blad


def keur_naam(naam: str, code: Code = "vorm") -> None:
    """The name of a key is also an origin: one word, without plus."""
    if not 0 < len(naam) <= NAAM_MAX:
        raise BewijsFout(code, f"een naam heeft 1 tot {NAAM_MAX} tekens")
    if _NIET_IN_NAAM.search(naam):
        raise BewijsFout(code, "een naam heeft geen spatie, plusteken of stuurteken")
