"""When two messages are one and the same (domain, section 6.7): the one place that says so.

Two messages of one (source, id) are one when their type and their data are equal, the data as JSON
values. The order of keys, white space, escapes and the spelling of a number mean nothing. A number
is compared as what it is, however big: 1 and 1.0 are equal, 2**53 and 2**53 + 1 are not. What is
not strict JSON (``strikt``) is no value that all programs see alike, so it equals its own bytes
only.
"""

import hashlib
import json
import re
from typing import Any, Final

from .strikt import Jsonfout, lees_json, maak_lezer

_UITGESCHREVEN: Final = 18
"""Characters of a number that is written out; ``1e60000`` never is."""

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
    try:
        try:
            return _SCHRIJF(lees_json(ruw, _SNEL)).encode()
        except _Bijzonder:
            return _schrijf(lees_json(ruw, _PRECIES)).encode()
    except Jsonfout:
        return ruw


class _Getal(str):
    """A number in its one spelling."""

    __slots__ = ()


class _Bijzonder(Exception):
    """A number that the quick way cannot read or write as what it is."""


def _klein(cijfers: str) -> int:
    if len(cijfers) > _UITGESCHREVEN:
        raise _Bijzonder
    return int(cijfers)


def _breuk(_: str) -> Any:
    raise _Bijzonder


def _getal(tekst: str) -> _Getal:
    """All digits that count, with zeros behind them or a power of ten."""
    gevonden = _GETAL.fullmatch(tekst)
    if gevonden is None or len(gevonden[4] or "") > _LANGSTE_MACHT:
        raise Jsonfout("json-geen-getal", "dit is geen JSON-getal dat te lezen is")
    teken, heel, deel, macht = gevonden.groups(default="")
    cijfers = (heel + deel).lstrip("0")
    if not cijfers:
        return _Getal("0")
    kort = cijfers.rstrip("0")
    nullen = int(macht or 0) - len(deel) + len(cijfers) - len(kort)
    if nullen >= 0 and len(teken) + len(kort) + nullen <= _UITGESCHREVEN:
        return _Getal(teken + kort + "0" * nullen)
    return _Getal(f"{teken}{kort}e{nullen}")


def _schrijf(waarde: Any) -> str:
    """As ``_SCHRIJF`` does, but for the numbers."""
    if isinstance(waarde, dict):
        delen = (f"{_SCHRIJF(naam)}:{_schrijf(waarde[naam])}" for naam in sorted(waarde))
        return f"{{{','.join(delen)}}}"
    if isinstance(waarde, list):
        return f"[{','.join(map(_schrijf, waarde))}]"
    return waarde if isinstance(waarde, _Getal) else _SCHRIJF(waarde)


_SCHRIJF: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_SNEL: Final = maak_lezer(parse_int=_klein, parse_float=_breuk)
_PRECIES: Final = maak_lezer(parse_int=_getal, parse_float=_getal)
