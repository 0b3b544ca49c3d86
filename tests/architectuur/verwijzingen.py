"""References of code and documentation, and whether they lead somewhere (``make references``).

A reference is a link between pages, the name of a page, a decision of docs/beslissingen.md (``D7``)
or a section of docs/domein.md (``section 3.6``). What looks like a reference to a text that is not
in the repository is wrong too: a comment says why in words.
"""

import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

from tests.architectuur.boom import WORTEL, bestanden, kort

SOORTEN = {".md", ".py", ".toml", ".yaml", ".yml"}

_NUMMER = r"\d+(?:\.\d+)?"
_BESLISSING = re.compile(r"\bD\d{1,2}[a-z]?\b")
_PARAGRAAF = re.compile(
    # A reference may go on in the next line of a comment.
    rf"(RFC \d+,? )?\bsections?[\s#]+({_NUMMER}(?:(?:,| and| or| to)[\s#]+{_NUMMER})*)( of RFC)?",
    re.IGNORECASE,
)
_BLADZIJDE = re.compile(r"(?<![\w./-])(?:[\w.-]+/)*[\w-]+\.md\b")
_LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")
_BUITEN = re.compile(
    r"\bR\d{1,2}\b|\b[FI]-\d{1,2}\b|\bstyle \d+|\b[Ii]ssue \d+|\bCONTRACT\b|\b[Dd]omain, \d+"
    r"|\bsection \d+, steps? \d+"
)


@cache
def _koppen(bestand: Path) -> tuple[str, ...]:
    return tuple(re.findall(r"^#+ (.+)$", bestand.read_text(), re.MULTILINE))


def _genummerd(bladzijde: str) -> frozenset[str]:
    """The numbers with which headings of a page begin."""
    return frozenset(kop.split()[0].rstrip(".") for kop in _koppen(WORTEL / "docs" / bladzijde))


def _ankers(bestand: Path) -> frozenset[str]:
    """What a link to a heading of a page ends in."""
    kaal = (re.sub(r"[^\w\- ]", "", kop.lower()) for kop in _koppen(bestand))
    return frozenset(kop.replace(" ", "-") for kop in kaal)


def dode_verwijzingen(bestand: Path, tekst: str) -> Iterator[str]:
    """Each reference in a file that leads nowhere: where it stands, and what it says."""
    for plek, verwijzing in chain(_nummers(tekst), _bladzijden(bestand, tekst)):
        regel = tekst.count("\n", 0, plek) + 1
        yield f"{kort(bestand)}:{regel}: {verwijzing} leads nowhere"


def _nummers(tekst: str) -> Iterator[tuple[int, str]]:
    for gevonden in _BUITEN.finditer(tekst):
        yield gevonden.start(), gevonden[0]
    for gevonden in _BESLISSING.finditer(tekst):
        if gevonden[0] not in _genummerd("beslissingen.md"):
            yield gevonden.start(), gevonden[0]
    for gevonden in _PARAGRAAF.finditer(tekst):
        van_ons = gevonden[1] is None and gevonden[3] is None
        for nummer in re.findall(_NUMMER, gevonden[2]) if van_ons else ():
            if nummer not in _genummerd("domein.md"):
                yield gevonden.start(), f"section {nummer}"


def _bladzijden(bestand: Path, tekst: str) -> Iterator[tuple[int, str]]:
    for gevonden in _BLADZIJDE.finditer(tekst):
        mappen = (WORTEL, WORTEL / "docs", bestand.parent)
        if not any((map_ / gevonden[0]).exists() for map_ in mappen):
            yield gevonden.start(), gevonden[0]
    for gevonden in _LINK.finditer(tekst) if bestand.suffix == ".md" else ():
        doel, anker = gevonden.groups()
        naar = (bestand.parent / doel).resolve() if doel else bestand
        if not naar.exists() or (anker and anker not in _ankers(naar)):
            yield gevonden.start(), f"({doel}#{anker})" if anker else f"({doel})"


def overal() -> Iterator[str]:
    """The dead references of the whole repository."""
    for bestand in bestanden():
        if bestand.suffix in SOORTEN or bestand.name == "Makefile":
            yield from dode_verwijzingen(bestand, bestand.read_text())


if __name__ == "__main__":
    sys.exit("\n".join(overal()) or None)
