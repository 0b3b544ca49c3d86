"""Who may import what. The layers themselves stand in pyproject.toml, for import-linter."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.architectuur.boom import (
    WORTEL,
    bestanden,
    ingevoerd,
    kort,
    modules,
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


def test_de_lagen_houden() -> None:
    gelopen = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=WORTEL,
        check=False,
        capture_output=True,
        text=True,
    )
    assert gelopen.returncode == 0, gelopen.stdout + gelopen.stderr


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
