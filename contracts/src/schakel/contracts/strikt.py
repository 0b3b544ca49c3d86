"""Strict JSON: what programs read differently is refused, each with the rule it breaks.

Plain ``json.loads`` takes NaN, keeps the last of two equal keys and lets half characters through
to where they do harm.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final, NoReturn

DIEPSTE: Final = 32
"""Levels of lists and objects: no parser has to survive more."""

_HAAKJES: Final = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?$)|[\[{\]}]', re.DOTALL)
HALF_TEKEN: Final = re.compile("[\ud800-\udfff]")
"""Half of a character: no text has one, and UTF-8 cannot write it."""


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


def plek_van(waarde: Any, zoek: Callable[[str], object]) -> str | None:
    """The path of the first key or text in which ``zoek`` finds something; None without one.

    A path is only written for what is found: a long name may stand above many texts.
    """
    if isinstance(waarde, str):
        return "" if zoek(waarde) else None
    delen: Iterable[tuple[str, Any]] = ()
    if isinstance(waarde, dict):
        if (gevonden := next(filter(zoek, waarde), None)) is not None:
            return str(gevonden)
        delen = waarde.items()
    elif isinstance(waarde, list):
        delen = ((f"[{nummer}]", inhoud) for nummer, inhoud in enumerate(waarde))
    for deel, inhoud in delen:
        if (onder := plek_van(inhoud, zoek)) is not None:
            return f"{deel}.{onder}" if onder and not onder.startswith("[") else deel + onder
    return None


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
    # Without an escape no text can have half a character.
    if b"\\u" in ruw and (plek := plek_van(waarde, HALF_TEKEN.search)) is not None:
        raise Jsonfout("json-half-teken", "de tekst bevat een half Unicode-teken", plek)
    return waarde
