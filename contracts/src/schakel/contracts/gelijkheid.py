"""When two messages are one and the same (domain, section 6.7): the one place that says so.

Two messages of one (source, id) are one when their type and their data are equal, the data as JSON
values. The order of keys, white space, escapes and the spelling of a number mean nothing. A number
is compared as what it is, however big: 1 and 1.0 are equal, 2**53 and 2**53 + 1 are not. What is
not strict JSON (``strikt``) is no value that all programs see alike, so it equals its own bytes
only.
"""

import hashlib
import re
from typing import Any, Final

import msgspec

from .strikt import DIEPSTE, Jsonfout, lees_json, maak_lezer

_UITGESCHREVEN: Final = 18
"""Digits of a number that is written out; ``1e60000`` never is."""

_LANGSTE_MACHT: Final = 1_000
"""Digits of a power of ten that is worked out."""

_GETAL: Final = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?", re.ASCII)


def inhoud(type_: str, data: bytes) -> bytes:
    """What was said, in its one spelling; ``data`` is the JSON text of the data, as it came."""
    return f"{type_}\n".encode() + spel(data)


def digest(type_: str, data: bytes) -> bytes:
    """The same, for whoever does not keep the message."""
    return hashlib.sha256(inhoud(type_, data)).digest()


def is_zelfde(eerder: bytes, type_: str, data: bytes) -> bool:
    """Whether the digest ``eerder`` is of an equal message.

    A store of the version before this rule kept the digest of the bytes as they came. Of those a
    repeat in the same bytes is known.
    """
    if eerder == digest(type_, data):
        return True
    return eerder == hashlib.sha256(f"{type_}\n".encode() + data).digest()


def spel(ruw: bytes) -> bytes:
    """The one spelling of a JSON value; what is not strict JSON stays as it is."""
    if ruw.count(b"[") + ruw.count(b"{") <= DIEPSTE and _GROOT not in ruw.translate(_CIJFERS):
        try:
            waarde = _LEES(ruw)
        except (_Breuk, msgspec.DecodeError, UnicodeDecodeError):
            pass
        else:
            # In the spelling that most programs have: no key twice, nothing to work out.
            if _SCHRIJF(waarde) == ruw:
                return _SCHRIJF_GEORDEND(waarde)
    try:
        return _schrijf(lees_json(ruw, _PRECIES))
    except Jsonfout:
        return ruw


class _Getal(bytes):
    """A number in its one spelling."""

    __slots__ = ()


class _Breuk(Exception):
    """A number that the quick way cannot read as what it is."""


def _geen_breuk(_: str) -> Any:
    raise _Breuk


def _getal(tekst: str) -> _Getal:
    """All digits that count, with zeros behind them or a power of ten."""
    gevonden = _GETAL.fullmatch(tekst)
    if gevonden is None or len(gevonden[4] or "") > _LANGSTE_MACHT:
        raise Jsonfout("json-geen-getal", "dit is geen JSON-getal dat te lezen is")
    teken, heel, deel, macht = gevonden.groups(default="")
    cijfers = (heel + deel).lstrip("0")
    if not cijfers:
        return _Getal(b"0")
    kort = cijfers.rstrip("0")
    nullen = int(macht or 0) - len(deel) + len(cijfers) - len(kort)
    is_klein = nullen >= 0 and len(kort) + nullen <= _UITGESCHREVEN
    return _Getal(f"{teken}{kort}{'0' * nullen if is_klein else f'e{nullen}'}".encode())


def _schrijf(waarde: Any) -> bytes:
    """As ``_SCHRIJF_GEORDEND`` does, but for the numbers."""
    if isinstance(waarde, dict):
        delen = (_SCHRIJF(naam) + b":" + _schrijf(waarde[naam]) for naam in sorted(waarde))
        return b"{" + b",".join(delen) + b"}"
    if isinstance(waarde, list):
        return b"[" + b",".join(map(_schrijf, waarde)) + b"]"
    return waarde if isinstance(waarde, _Getal) else _SCHRIJF(waarde)


_CIJFERS: Final = bytes.maketrans(b"0123456789", b"0" * 10)
_GROOT: Final = b"0" * (_UITGESCHREVEN + 1)
_LEES: Final = msgspec.json.Decoder(float_hook=_geen_breuk).decode
_SCHRIJF: Final = msgspec.json.Encoder().encode
_SCHRIJF_GEORDEND: Final = msgspec.json.Encoder(order="sorted").encode
_PRECIES: Final = maak_lezer(parse_int=_getal, parse_float=_getal)
