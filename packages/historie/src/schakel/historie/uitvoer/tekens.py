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


def veilig(uitdrukking: str) -> str:
    """In SQL: the text of an expression as it stands between double quotes in XML."""
    slecht = [teken for teken in map(chr, range(0x10000)) if _ONTOELAATBAAR.match(teken)]
    slecht = [teken for teken in slecht if not "\ud800" <= teken <= "\udfff"]
    van = " || ".join(f"chr({ord(teken)})" for teken in slecht)
    naar = "".join(map(toonbaar, slecht))
    sql = f"translate({uitdrukking}, {van}, '{naar}')"
    for teken in '&<>"\t\n\r':
        sql = f"replace({sql}, chr({ord(teken)}), '&#{ord(teken)};')"
    return sql
