"""Who may import what. The layers themselves stand in pyproject.toml, for import-linter."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from tests.architectuur.boom import (
    PAKKETTEN,
    WORTEL,
    bestanden,
    ingevoerd,
    kort,
    modules,
    project,
)

DOMEINWOORDEN = (
    "afspreken",
    "wijzigen",
    "herstellen",
    "uitvoeren",
    "verbeteren",
    "werkstroom",
    "werkstromen",
    "melding",
    "wijzigingsverzoek",
    "foutmelding",
    "aanvraag",
    "verbetervoorstel",
)


def van_derden(pakket: str) -> Iterator[tuple[str, str]]:
    """Each import of a package that is neither the standard library nor schakel: (file, name)."""
    for bestand in modules(pakket):
        for naam in ingevoerd(bestand):
            top = naam.split(".")[0]
            if top not in sys.stdlib_module_names and top != "schakel":
                yield kort(bestand), top


def meegebracht(regels: Iterable[str]) -> dict[str, set[str]]:
    """The distributions that these requirements install, however deep, each with its extras."""
    gevonden: dict[str, set[str]] = {}
    te_doen = [Requirement(regel) for regel in regels]
    while te_doen:
        eis = te_doen.pop()
        naam = canonicalize_name(eis.name)
        nieuw = naam not in gevonden or not eis.extras <= gevonden[naam]
        if not nieuw:
            continue
        extras = gevonden.setdefault(naam, set())
        extras |= eis.extras
        for regel in eisen_van(naam):
            dieper = Requirement(regel)
            voor = [{"extra": extra} for extra in ("", *extras)]
            if dieper.marker is None or any(map(dieper.marker.evaluate, voor)):
                te_doen.append(dieper)
    return gevonden


def eisen_van(distributie: str) -> list[str]:
    """What a distribution asks: ours from the pyproject here, another's from its metadata."""
    if not distributie.startswith("schakel-"):
        return requires(distributie) or []
    beschrijving = project(distributie.removeprefix("schakel-"))
    extra = beschrijving.get("optional-dependencies", {}).values()
    return [*beschrijving.get("dependencies", ()), *(eis for eisen in extra for eis in eisen)]


def test_de_lagen_houden() -> None:
    gelopen = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=WORTEL,
        check=False,
        capture_output=True,
        text=True,
    )
    assert gelopen.returncode == 0, gelopen.stdout + gelopen.stderr


def test_alle_pakketten_vallen_onder_de_lagen() -> None:
    ingesteld = tomllib.loads((WORTEL / "pyproject.toml").read_text())["tool"]["importlinter"]
    lagen = next(c for c in ingesteld["contracts"] if c["type"] == "layers")["layers"]
    in_lagen = {naam.strip() for laag in lagen for naam in laag.split("|")}
    assert in_lagen == set(ingesteld["root_packages"]) == {f"schakel.{p}" for p in PAKKETTEN}


def test_de_contracten_vragen_niemand_iets_anders_dan_pydantic() -> None:
    assert {top for _, top in van_derden("contracts")} <= {"pydantic", "pydantic_core"}


@pytest.mark.parametrize("pakket", PAKKETTEN)
def test_wat_een_pakket_invoert_brengt_zijn_eigen_installatie_mee(pakket: str) -> None:
    """Without this a service works in the workspace and fails where it is installed alone."""
    aanbieders = packages_distributions()
    aanwezig = meegebracht([f"schakel-{pakket}"]).keys()
    zonder = {
        (bestand, top)
        for bestand, top in van_derden(pakket)
        if aanwezig.isdisjoint(map(canonicalize_name, aanbieders.get(top, ())))
    }
    assert zonder == set()


@pytest.mark.parametrize("woord", DOMEINWOORDEN)
def test_de_kern_kent_geen_domeinwoord(woord: str) -> None:
    # At the start of a word, also inside an identifier: aanmelding, signing in, is another word.
    begint = re.compile(rf"(?<![A-Za-z])(?i:{woord})|(?<=[a-z]){woord.capitalize()}")
    assert [kort(p) for p in modules("kern") if begint.search(p.read_text())] == []


def test_de_kern_kent_geen_proces_bij_naam_ook_niet_in_zijn_tests() -> None:
    """The tests of kern run on an aggregate of their own, so that kern can leave this house."""
    eigen = [p for p in bestanden() if p.is_relative_to(WORTEL / "tests" / "kern")]
    vreemd = {
        (kort(p), naam)
        for p in eigen
        if p.suffix == ".py"
        for naam in ingevoerd(p)
        if naam.startswith("schakel.") and naam.split(".")[1] not in {"kern", "contracts"}
    }
    assert vreemd == set()
