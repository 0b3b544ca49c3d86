"""Characters of a foreign log that XML and HTML cannot hold."""

import re

_ONTOELAATBAAR = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_BEELD = 0x2400
_SPATIE = 0x20


def toonbaar(tekst: str) -> str:
    """The text with its control characters as their pictures, so that none of them is lost.

    What has no picture (half a surrogate pair, from a file name that is no UTF-8) becomes U+FFFD.
    """
    return _ONTOELAATBAAR.sub(_beeld, tekst)


def _beeld(gevonden: re.Match[str]) -> str:
    teken = ord(gevonden[0])
    return chr(_BEELD + teken) if teken < _SPATIE else "\N{REPLACEMENT CHARACTER}"
