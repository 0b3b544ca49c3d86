"""The folders are those the documentation names, and every service is built the same way."""

import re
from collections.abc import Set as AbstractSet

import pytest
from tests.architectuur.boom import (
    MAP_VAN,
    PAKKETTEN,
    WORTEL,
    beschreven_mappen,
    bestanden,
    bron_van,
    hoofdstuk,
    kort,
    lees_toml,
    modules,
    project,
)

from schakel.contracts.organisatie import DIENSTEN
from schakel.contracts.werkstromen import Proces

MODULES_VAN_EEN_DIENST = {"__init__", "__main__", "app", "domein", "uitgaand"}
LANGSTE_MODULE = 400


def mappen_op_schijf() -> AbstractSet[str]:
    """Every top-level folder, and every folder directly below packages, services and tests."""
    gevonden = set()
    for bestand in bestanden():
        top, *rest = bestand.relative_to(WORTEL).parts
        if rest:
            gevonden.add(f"{top}/")
        if top in {"packages", "services", "tests"} and len(rest) > 1:
            gevonden.add(f"{top}/{rest[0]}/")
    return gevonden


def test_de_mappen_zijn_die_van_de_documentatie() -> None:
    assert beschreven_mappen(WORTEL) == mappen_op_schijf()


def test_de_kamers_van_kern_staan_in_de_documentatie_in_hun_volgorde() -> None:
    beschreven = re.findall(
        r"^\| `([a-z]+)` \|", hoofdstuk(WORTEL, "The rooms of kern"), re.MULTILINE
    )
    ingesteld = lees_toml(WORTEL / "pyproject.toml")["tool"]["importlinter"]
    (kamers,) = (c["layers"] for c in ingesteld["contracts"] if c["id"] == "kamers")
    naast = [laag.split(" | ") for laag in reversed(kamers)]
    assert beschreven == [kamer for laag in naast for kamer in laag]


@pytest.mark.parametrize("proces", Proces)
def test_elke_dienst_heeft_dezelfde_modules(proces: str) -> None:
    assert {p.relative_to(bron_van(proces)).as_posix()[:-3] for p in modules(proces)} == (
        MODULES_VAN_EEN_DIENST
    )


@pytest.mark.parametrize("pakket", PAKKETTEN)
def test_een_woord_voor_een_ding(pakket: str) -> None:
    """Folder, import name, distribution and start command carry one word."""
    beschrijving = project(pakket)
    assert beschrijving["name"] == f"schakel-{pakket}"
    assert bron_van(pakket).is_dir()
    assert (bron_van(pakket) / "py.typed").is_file()
    assert (MAP_VAN[pakket].parent.name == "services") == (pakket in DIENSTEN)
    if pakket in DIENSTEN:
        assert beschrijving["scripts"] == {f"schakel-{pakket}": f"schakel.{pakket}.app:start"}


def test_geen_enkele_module_is_te_lang_om_te_overzien() -> None:
    """A list of tests reads from top to bottom, so it may be a quarter longer than code."""
    lengte = {p: p.read_text().count("\n") for p in bestanden() if p.suffix == ".py"}
    grens = {p: LANGSTE_MODULE * (5 if "tests" in p.parts else 4) // 4 for p in lengte}
    assert {kort(p): n for p, n in lengte.items() if n > grens[p]} == {}
