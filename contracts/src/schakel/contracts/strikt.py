"""Strict JSON: what programs read differently is refused, each with the rule it breaks.

Plain ``json.loads`` takes NaN, keeps the last of two equal keys and lets half characters through
to where they do harm.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final, NoReturn

DIEPSTE: Final = 32
"""Levels of lists and objects: no parser has to survive more."""

_HAAKJES: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?$)|[\[{\]}]', re.DOTALL)


class Jsonfout(ValueError):
    """Not acceptable as JSON: ``code`` names the rule; ``veld`` says where, as far as known."""

    def __init__(self, code: str, uitleg: str, veld: str = "") -> None:
        """``uitleg`` is Dutch and repeats nothing of what was sent, but for names of fields."""
        super().__init__(f"{code}: {uitleg}")
        self.code = code
        self.uitleg = uitleg
        self.veld = veld


def maak_lezer(
    parse_int: Callable[[str], Any] = int, parse_float: Callable[[str], Any] | None = None
) -> json.JSONDecoder:
    """A decoder that knows numbers as given, and of keys and constants only what is JSON."""
    return json.JSONDecoder(
        object_pairs_hook=_uniek,
        parse_constant=_geen_getal,
        parse_float=parse_float or eindig,
        parse_int=parse_int,
    )


def eindig(cijfers: str) -> float:
    """A number that a float can hold."""
    waarde = float(cijfers)
    if not math.isfinite(waarde):
        _geen_getal("dit te grote getal")
    return waarde


def _uniek(paren: list[tuple[str, Any]]) -> dict[str, Any]:
    waarden = dict(paren)
    if len(waarden) != len(paren):
        aantal = Counter(naam for naam, _ in paren)
        dubbel = next(naam for naam in aantal if aantal[naam] > 1)
        raise Jsonfout("json-dubbele-sleutel", "deze sleutel staat er meer dan eens", dubbel)
    return waarden


def _geen_getal(naam: str) -> NoReturn:
    raise Jsonfout("json-geen-getal", f"{naam} is geen JSON-getal")


def _weiger_te_diep(ruw: bytes) -> None:
    """Counted before parsing, so that no parser has to survive the depth."""
    diepte = 0
    for gevonden in _HAAKJES.finditer(ruw):
        teken = gevonden.group()
        if teken in b"[{":
            diepte += 1
            if diepte > DIEPSTE:
                raise Jsonfout("json-te-diep", f"de inhoud is meer dan {DIEPSTE} niveaus diep")
        elif teken in b"]}":
            diepte -= 1


def _weiger_halve_tekens(waarde: Any) -> None:
    for pad, tekst in teksten(waarde):
        if any("\ud800" <= teken <= "\udfff" for teken in tekst):
            raise Jsonfout("json-half-teken", "de tekst bevat een half Unicode-teken", pad)


def teksten(waarde: Any, pad: str = "") -> Iterator[tuple[str, str]]:
    """Every key and text of a value, each with its path."""
    if isinstance(waarde, str):
        yield pad, waarde
    elif isinstance(waarde, dict):
        for naam, inhoud in waarde.items():
            hier = f"{pad}.{naam}" if pad else naam
            yield hier, naam
            yield from teksten(inhoud, hier)
    elif isinstance(waarde, list):
        for nummer, inhoud in enumerate(waarde):
            yield from teksten(inhoud, f"{pad}[{nummer}]")


_LEZER: Final = maak_lezer()


def lees_json(ruw: bytes, lezer: json.JSONDecoder = _LEZER) -> Any:
    """The value of one JSON text; raises Jsonfout."""
    if ruw.count(b"[") + ruw.count(b"{") > DIEPSTE:
        _weiger_te_diep(ruw)
    try:
        waarde = lezer.decode(ruw.decode())
    except UnicodeDecodeError:
        raise Jsonfout("json-geen-utf-8", "de inhoud is geen UTF-8") from None
    except json.JSONDecodeError as fout:
        raise Jsonfout(
            "json-ongeldig", f"de inhoud is geen JSON: regel {fout.lineno}, kolom {fout.colno}"
        ) from None
    if b"\\u" in ruw:  # without an escape no text can have half a character
        _weiger_halve_tekens(waarde)
    return waarde
