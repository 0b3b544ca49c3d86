"""Strict JSON at the door: what programs read differently is refused, each with the rule it breaks.

Plain ``json.loads`` takes NaN, keeps the last of two equal keys and lets NUL and half characters
through to where they do harm.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from schakel.kern.grond.weigering import Ongeldig

DIEPSTE: Final = 32
GROOTSTE_GETAL: Final = 2**53 - 1
"""Above this, programs that read JSON numbers as floats see another number (RFC 8259, 6)."""

_LANGSTE_GETAL: Final = 17
_HAAKJES: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?$)|[\[{\]}]', re.DOTALL)


class Veldfout(Ongeldig):
    """The body is not acceptable JSON; ``veld`` says where, as far as that is known."""

    def __init__(self, code: str, uitleg: str, veld: str = "") -> None:
        """``code`` is also the name of the rule."""
        super().__init__(code, uitleg)
        self.veld = veld


def lees_json(ruw: bytes) -> Any:
    """The value of one JSON text, or a Veldfout that names the rule it breaks."""
    if b"\x00" in ruw:
        raise Veldfout("json-nul", "de inhoud bevat een NUL-teken")
    if ruw.count(b"[") + ruw.count(b"{") > DIEPSTE:
        _weiger_te_diep(ruw)
    try:
        waarde = _lezer.decode(ruw.decode("utf-8"))
    except UnicodeDecodeError:
        raise Veldfout("json-geen-utf-8", "de inhoud is geen UTF-8") from None
    except json.JSONDecodeError as fout:
        raise Veldfout(
            "json-ongeldig", f"de inhoud is geen JSON: regel {fout.lineno}, kolom {fout.colno}"
        ) from None
    if b"\\u" in ruw:
        _weiger_onbruikbare_tekens(waarde)
    return waarde


def _uniek(paren: list[tuple[str, Any]]) -> dict[str, Any]:
    waarden = dict(paren)
    if len(waarden) != len(paren):
        namen = [naam for naam, _ in paren]
        dubbel = next(naam for naam in namen if namen.count(naam) > 1)
        raise Veldfout("json-dubbele-sleutel", "deze sleutel staat er meer dan eens", dubbel)
    return waarden


def _geen_getal(naam: str) -> NoReturn:
    raise Veldfout("json-geen-getal", f"{naam} is geen JSON-getal")


def _breuk(cijfers: str) -> float:
    """JSON has one kind of number: 3.0 is the integer 3 (RFC 8259, and JSON Schema says so too)."""
    waarde = float(cijfers)
    if not math.isfinite(waarde):
        _geen_getal("dit te grote getal")
    return int(waarde) if waarde.is_integer() and abs(waarde) <= GROOTSTE_GETAL else waarde


def _geheel(cijfers: str) -> int:
    if len(cijfers) > _LANGSTE_GETAL or abs(waarde := int(cijfers)) > GROOTSTE_GETAL:
        raise Veldfout("json-getal-te-groot", "een getal mag hoogstens 2^53 - 1 zijn")
    return waarde


_lezer = json.JSONDecoder(
    object_pairs_hook=_uniek, parse_constant=_geen_getal, parse_float=_breuk, parse_int=_geheel
)


def _weiger_te_diep(ruw: bytes) -> None:
    """Counted before parsing, so that no parser has to survive the depth."""
    diepte = 0
    for gevonden in _HAAKJES.finditer(ruw):
        teken = gevonden.group()
        if teken in b"[{":
            diepte += 1
            if diepte > DIEPSTE:
                raise Veldfout("json-te-diep", f"de inhoud is meer dan {DIEPSTE} niveaus diep")
        elif teken in b"]}":
            diepte -= 1


def _weiger_onbruikbare_tekens(waarde: Any) -> None:
    for pad, tekst in _teksten(waarde, ""):
        if "\x00" in tekst:
            raise Veldfout("json-nul", "de tekst bevat een NUL-teken", toonbaar(pad))
        if any("\ud800" <= teken <= "\udfff" for teken in tekst):
            raise Veldfout(
                "json-half-teken", "de tekst bevat een half Unicode-teken", toonbaar(pad)
            )


def _teksten(waarde: Any, pad: str) -> Iterator[tuple[str, str]]:
    """Every key and text with its path; the depth is already bounded."""
    if isinstance(waarde, str):
        yield pad, waarde
    elif isinstance(waarde, dict):
        for naam, inhoud in waarde.items():
            hier = f"{pad}.{naam}" if pad else naam
            yield hier, naam
            yield from _teksten(inhoud, hier)
    elif isinstance(waarde, list):
        for nummer, inhoud in enumerate(waarde):
            yield from _teksten(inhoud, f"{pad}[{nummer}]")


def toonbaar(naam: str) -> str:
    """A name out of the request that can be written in an answer: short and whole characters."""
    return naam[:100].encode("utf-8", "replace").decode()


class Zoekvraag(BaseModel):
    """Query parameters as one model: camelCase and nothing unknown; there all values are text."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)
