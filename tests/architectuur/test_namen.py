"""One word for one thing: a class has its name to itself, unless two are one by design."""

import ast
from collections import defaultdict
from functools import cache

import pytest
from tests.architectuur.boom import PAKKETTEN, modulenaam, modules

from schakel.contracts.werkstromen import Proces

SAMEN = {
    "Instellingen": "those of each layer, each a subclass of the one below",
    "Door": "kept in kern as in a message",
    "Aangenomen": "also a word of the mapping language",
    "Gesloten": "also a word of the mapping language",
    "Overdracht": "said, asked and derived: one hand-over; and a word of the mapping language",
    "Controle": "asked of a service; and a word of the mapping language",
    "Melder": "as a set writes it and as a service takes it",
    "Namens": "as a set writes it and as a service takes it",
    "SchakelIngetrokken": "said over the border, and by the grens in the house",
    "Planning": "of each process its own, and a name in its API",
}


@cache
def klassen() -> dict[str, set[str]]:
    """The public classes by name, each with the modules that define it."""
    gevonden = defaultdict(set)
    for pakket in PAKKETTEN:
        for bestand in modules(pakket):
            for knoop in ast.parse(bestand.read_text()).body:
                if isinstance(knoop, ast.ClassDef) and not knoop.name.startswith("_"):
                    gevonden[knoop.name].add(modulenaam(pakket, bestand))
    return gevonden


def is_paar(waar: set[str]) -> bool:
    """A private event, or a part of one, and its public message carry one name."""
    binnen = tuple(f"schakel.{p}." for p in ("skelet", *Proces))
    return sorted(m.startswith("schakel.contracts.") for m in waar) == [False, True] and any(
        m.startswith(binnen) for m in waar
    )


def test_een_klassenaam_staat_in_een_module() -> None:
    dubbel = {n: w for n, w in klassen().items() if len(w) > 1 and not is_paar(w)}
    assert {n: w for n, w in dubbel.items() if n not in SAMEN} == {}


@pytest.mark.parametrize("naam", SAMEN)
def test_wat_samen_mag_staat_ook_samen(naam: str) -> None:
    """What is no longer double leaves the list."""
    waar = klassen()[naam]
    assert len(waar) > 1
    assert not is_paar(waar)
