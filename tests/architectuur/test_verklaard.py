"""Each distribution declares what it imports itself, and nothing that it does not.

Without this a service works in the workspace and fails where it is installed alone, or on the day
that a library no longer brings along what we took from it. A name without a version leaves that to
the package below that has one.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.architectuur.boom import PAKKETTEN, ingevoerd, kort, modules, project

ONGEZIEN = {"klant": {"sniffio"}}
"""What a package needs and does not import; its pyproject says why."""


@cache
def aanbieders() -> Mapping[str, list[str]]:
    """The distributions that bring a top-level name."""
    return packages_distributions()


def van_wie(module: str) -> frozenset[str]:
    """The distributions that a module can come from."""
    top, _, rest = module.partition(".")
    if top == "schakel":
        return frozenset({f"schakel-{rest.partition('.')[0]}"})
    return frozenset(map(canonicalize_name, aanbieders().get(top, [top])))


@cache
def invoer(pakket: str) -> Sequence[tuple[str, str, frozenset[str]]]:
    """Each import of what is neither the package's own nor Python's: file, name, where from."""
    return [
        (kort(bestand), naam, van_wie(naam))
        for bestand in modules(pakket)
        for naam in ingevoerd(bestand)
        if naam.partition(".")[0] not in sys.stdlib_module_names
        if f"schakel-{pakket}" not in van_wie(naam)
    ]


def eisen_van(pakket: str) -> list[str]:
    """What a distribution asks for, also when it is asked to do more.

    An extra that asks for one of ours only passes on what that one offers.
    """
    beschrijving = project(pakket)
    keuzes: Iterable[list[str]] = beschrijving.get("optional-dependencies", {}).values()
    meer = [eis for keuze in keuzes for eis in keuze if not eis.startswith("schakel-")]
    return [*beschrijving["dependencies"], *meer]


def gevraagd(regels: Iterable[str]) -> set[str]:
    """The names of what is asked for."""
    return {canonicalize_name(Requirement(regel).name) for regel in regels}


def onverklaard(pakket: str, regels: Iterable[str]) -> set[tuple[str, str]]:
    """What is imported and not asked for: (file, name)."""
    bekend = gevraagd(regels)
    return {(bestand, naam) for bestand, naam, wie in invoer(pakket) if wie.isdisjoint(bekend)}


def overbodig(pakket: str, regels: Iterable[str]) -> set[str]:
    """What is asked for and not imported."""
    gebruikt = frozenset().union(*(wie for _, _, wie in invoer(pakket)))
    return gevraagd(regels) - gebruikt


@pytest.mark.parametrize("pakket", PAKKETTEN)
def test_een_pakket_verklaart_wat_het_invoert(pakket: str) -> None:
    assert onverklaard(pakket, eisen_van(pakket)) == set()


@pytest.mark.parametrize("pakket", PAKKETTEN)
def test_een_pakket_vraagt_niets_wat_het_niet_invoert(pakket: str) -> None:
    assert overbodig(pakket, eisen_van(pakket)) == ONGEZIEN.get(pakket, set())


@pytest.mark.parametrize("pakket", PAKKETTEN)
def test_een_eis_te_weinig_en_een_te_veel_vallen_op(pakket: str) -> None:
    eisen = project(pakket)["dependencies"]
    for weg in eisen:
        if Requirement(weg).name not in ONGEZIEN.get(pakket, ()):
            assert onverklaard(pakket, [eis for eis in eisen if eis != weg]), weg
    assert "pytest" in overbodig(pakket, [*eisen, "pytest"])


def test_de_contracten_vragen_niet_meer_dan_wat_berichten_leest() -> None:
    assert gevraagd(eisen_van("contracts")) == {"msgspec", "pydantic", "pydantic-core"}


def test_een_bewijs_vraagt_niet_meer_dan_cryptography() -> None:
    """Whoever checks a proof elsewhere takes this package alone."""
    assert gevraagd(eisen_van("bewijs")) == {"cryptography"}
