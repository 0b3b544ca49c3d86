"""HTML and SVG as a tree. Text is escaped when it is written out: nobody can forget to."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from .tekens import toonbaar

_ZONDER_INHOUD = {"col", "link", "meta"}
# A foreign text that turns the direction of writing can make a sentence of ours say something else.
_SCHRIJFRICHTING = re.compile(r"[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Element:
    """An element with its attributes and what is in it."""

    naam: str
    attributen: tuple[tuple[str, str], ...]
    inhoud: "tuple[Element | str, ...]"


@dataclass(frozen=True)
class Stijlblad(Element):
    """The one element whose text a browser does not unescape; only ever our own style sheet."""


Inhoud = Element | str


def el(naam: str, *inhoud: Inhoud | Iterable[Inhoud], **attributen: str | float) -> Element:
    """An element. In attribute names ``_`` stands for a hyphen, and a last ``_`` falls off."""
    return Element(
        naam,
        tuple((n.rstrip("_").replace("_", "-"), _waarde(w)) for n, w in attributen.items()),
        tuple(_plat(inhoud)),
    )


def stijlblad(css: str) -> Stijlblad:
    """A style element; raises ValueError when the text would end it."""
    if "</" in css:
        raise ValueError("een stijlblad bevat geen </")
    return Stijlblad("style", (), (css,))


def schrijf(knoop: Inhoud) -> str:
    """The text of a tree."""
    return "".join(_stukken(knoop))


def _waarde(waarde: str | float) -> str:
    """Coordinates to a tenth: enough for the eye, and the same on every machine."""
    return waarde if isinstance(waarde, str) else f"{waarde:.1f}".removesuffix(".0")


def _plat(inhoud: Iterable[Inhoud | Iterable[Inhoud]]) -> Iterator[Inhoud]:
    for deel in inhoud:
        if isinstance(deel, Element | str):
            yield deel
        else:
            yield from deel


def _veilig(tekst: str) -> str:
    return _SCHRIJFRICHTING.sub("\N{REPLACEMENT CHARACTER}", toonbaar(tekst))


def _stukken(knoop: Inhoud) -> Iterator[str]:
    if isinstance(knoop, str):
        yield escape(_veilig(knoop), quote=False)
        return
    attributen = "".join(f' {n}="{escape(_veilig(w))}"' for n, w in knoop.attributen)
    yield f"<{knoop.naam}{attributen}>"
    if knoop.naam in _ZONDER_INHOUD:
        return
    for deel in knoop.inhoud:
        yield from (str(deel),) if isinstance(knoop, Stijlblad) else _stukken(deel)
    yield f"</{knoop.naam}>"
