"""The JSON of the language: what two programs could read differently is no JSON here.

UTF-8 without a mark in front, no member twice, no NaN, at most 32 levels, no integer above 2**53-1.
"""

import re
from functools import cache
from typing import Any, Final, TypeVar, cast

import msgspec

from schakel.contracts.decoders import zet_om
from schakel.contracts.strikt import DIEPSTE, Jsonfout, lees_json, maak_lezer

from .woorden import GROOTSTE

T = TypeVar("T")

_CIJFERS: Final = len(str(GROOTSTE))
_GROOT: Final = re.compile(rb'(?:":|[,\[])-?[0-9]{%d}' % _CIJFERS)
_NULLEN: Final = [voor + b"0" * _CIJFERS for voor in (b":", b",", b"[", b"-")]
_ALS_NUL: Final = bytes.maketrans(b"123456789", b"0" * 9)
_PLEK: Final = re.compile(r" - at `\$\.?(.*)`$")
_ONTBREEKT: Final = re.compile(r"missing required field `(\w+)`")


def _geheel(cijfers: str) -> int:
    """Judged by its length first: of very long ones Python refuses to make a number."""
    if len(cijfers.lstrip("-")) <= _CIJFERS and abs(waarde := int(cijfers)) <= GROOTSTE:
        return waarde
    raise Jsonfout("json-te-groot-getal", "een geheel getal is hoogstens 2^53-1")


_LEZER: Final = maak_lezer(parse_int=_geheel)
_LEES: Final = msgspec.json.Decoder().decode
_SCHRIJF: Final = msgspec.json.Encoder().encode


def _kan_te_groot_zijn(ruw: bytes) -> bool:
    """Whether some integer has too many digits; a look where they could be is much the cheaper."""
    nullen = ruw.translate(_ALS_NUL)
    return any(reeks in nullen for reeks in _NULLEN) and _GROOT.search(ruw) is not None


def lees_waarde(ruw: bytes) -> Any:
    """The value of a JSON text; raises Jsonfout.

    What comes back in the same bytes when it is written again has no member twice. Most texts do,
    and are read so in a part of the time.
    """
    if ruw.count(b"[") + ruw.count(b"{") <= DIEPSTE and not _kan_te_groot_zijn(ruw):
        try:
            waarde = _LEES(ruw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        else:
            if _SCHRIJF(waarde) == ruw:
                return waarde
    return lees_json(ruw, _LEZER)


def bouw(waarde: Any, soort: type[T]) -> T:
    """The model of a value that was read; raises ValueError, which repeats nothing of the value.

    A member that may be left out is left out, and not null.
    """
    try:
        gebouwd = zet_om(waarde, soort)
    except msgspec.ValidationError as fout:
        raise ValueError(_uitleg(fout)) from None
    if None in waarde.values() and any(
        waarde.get(naam, "") is None for naam in _mag_weg(cast("Any", soort))
    ):
        raise ValueError("een veld is null")
    return gebouwd


def _uitleg(fout: msgspec.ValidationError) -> str:
    """What a rule of ours says; else only where it is wrong: the library quotes what was sent."""
    if isinstance(fout.__cause__, ValueError):
        return str(fout.__cause__)
    tekst = str(fout)
    plek = gevonden[1] if (gevonden := _PLEK.search(tekst)) else ""
    if ontbreekt := _ONTBREEKT.search(tekst):
        return f"{'.'.join(filter(None, (plek, ontbreekt[1])))} ontbreekt"
    return f"{plek or 'de inhoud'} is ongeldig"


@cache
def _mag_weg(soort: Any) -> frozenset[str]:
    velden = msgspec.structs.fields(soort)
    return frozenset(veld.encode_name for veld in velden if veld.default is None)
