"""What may not stand in the repository, and what must."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from tests.architectuur.boom import PAKKETTEN, WORTEL, bestanden, kort, modules

from schakel.cli.instellingen import Instellingen as CliInstellingen
from schakel.kern.grond.instellingen import Instellingen as KernInstellingen
from schakel.skelet.instellingen import Instellingen as ProcesInstellingen

# Written so that this file does not match itself.
ONAF = re.compile(r"TO[D]O|FIXM[E]|XX[X]|NotImplemented[E]rror")
PAD_VAN_EEN_MACHINE = re.compile(r"/[t]mp/[a-z]|/[w]ork/|/[r]oot/|/[h]ome/|/[U]sers/")
BREED = {"Exception", "BaseException"}


def tekstbestanden() -> Iterator[tuple[Path, str]]:
    """Every file of the repository that is text; the lock file is written by uv."""
    for bestand in bestanden():
        inhoud = bestand.read_bytes()
        if b"\0" not in inhoud and bestand.name != "uv.lock":
            yield bestand, inhoud.decode()


def brede_vangsten(bestand: Path) -> Iterator[int]:
    """The lines of a file that catch everything."""
    for knoop in ast.walk(ast.parse(bestand.read_text())):
        if isinstance(knoop, ast.ExceptHandler):
            soorten = getattr(knoop.type, "elts", [knoop.type])
            if any(s is None or getattr(s, "id", "") in BREED for s in soorten):
                yield knoop.lineno


@pytest.mark.parametrize("pakket", [p for p in PAKKETTEN if p != "kern"])
def test_niemand_vangt_alles(pakket: str) -> None:
    assert [(kort(p), n) for p in modules(pakket) for n in brede_vangsten(p)] == []


def test_kern_vangt_alles_alleen_waar_ander_werk_door_moet_en_zegt_waarom() -> None:
    """Poison may not block others (D4): that asks for a wide net, in these four places."""
    breed = {p.name: list(brede_vangsten(p)) for p in modules("kern") if list(brede_vangsten(p))}
    assert breed.keys() == {"lezer.py", "ontvanger.py", "schrijver.py", "taken.py"}
    for bestand in modules("kern"):
        regels = bestand.read_text().splitlines()
        for nummer in breed.get(bestand.name, ()):
            assert "#" in regels[nummer - 1], f"{bestand.name}:{nummer}"


def leest_bij_eerste_gebruik(bestand: Path) -> Iterator[int]:
    """The lines that have msgspec work out a type when it is first read: see ``decoder_van``."""
    for knoop in ast.walk(ast.parse(bestand.read_text())):
        if (
            isinstance(knoop, ast.Call)
            and ast.unparse(knoop.func).startswith("msgspec.")
            and (
                (naam := ast.unparse(knoop.func)) == "msgspec.convert"
                or (
                    naam.endswith(".decode")
                    and any(woord.arg == "type" for woord in knoop.keywords)
                )
            )
        ):
            yield knoop.lineno


@pytest.mark.parametrize("pakket", PAKKETTEN)
def test_geen_twee_draden_lezen_een_soort_voor_het_eerst(pakket: str) -> None:
    alle = [p for p in modules(pakket) if p.name != "decoders.py"]
    assert [(kort(p), n) for p in alle for n in leest_bij_eerste_gebruik(p)] == []


def test_er_staat_niets_onafs_in_de_code() -> None:
    assert [
        kort(p) for p, tekst in tekstbestanden() if p.suffix == ".py" and ONAF.search(tekst)
    ] == []


def test_geen_bestand_noemt_een_pad_van_een_machine() -> None:
    assert [kort(p) for p, tekst in tekstbestanden() if PAD_VAN_EEN_MACHINE.search(tekst)] == []


def test_een_waarschuwing_is_een_fout() -> None:
    ingesteld = tomllib.loads((WORTEL / "pyproject.toml").read_text())["tool"]
    assert ingesteld["pytest"]["ini_options"]["filterwarnings"] == ["error"]
    assert ingesteld["mypy"]["strict"] is True
    assert ingesteld["ruff"]["lint"]["select"] == ["ALL"]


def test_elk_make_doel_in_de_documentatie_bestaat() -> None:
    doelen = set(re.findall(r"^([a-z-]+):", (WORTEL / "Makefile").read_text(), re.MULTILINE))
    for bestand, tekst in tekstbestanden():
        if bestand.suffix in {".md", ".yaml", ".yml"}:
            genoemd = set(re.findall(r"(?:`|^|\s\$ )make ([a-z-]+)", tekst, re.MULTILINE))
            assert genoemd <= doelen, kort(bestand)


def test_publiccode_heeft_de_verplichte_sleutels() -> None:
    kaart = yaml.safe_load((WORTEL / "publiccode.yml").read_text())
    assert kaart["publiccodeYmlVersion"] == "0.7.0"
    assert {"name", "url", "platforms", "developmentStatus", "softwareType"} <= kaart.keys()
    assert kaart["legal"]["license"] == "EUPL-1.2"
    assert kaart["maintenance"]["type"]
    assert kaart["localisation"].keys() == {"localisationReady", "availableLanguages"}
    for taal, tekst in kaart["description"].items():
        assert taal in {"nl-NL", "en-GB"}
        assert len(tekst["shortDescription"].strip()) <= 150
        assert 150 <= len(tekst["longDescription"].strip()) <= 10000
        assert tekst["features"]
    versie = tomllib.loads((WORTEL / "pyproject.toml").read_text())["project"]["version"]
    assert kaart["softwareVersion"] == versie
    assert f"## [{versie}]" in (WORTEL / "CHANGELOG.md").read_text()


def test_elke_instelling_staat_in_de_handleiding() -> None:
    handleiding = (WORTEL / "docs" / "eigen-dienst.md").read_text()
    beschreven = set(re.findall(r"^\| `SCHAKEL_([A-Z_]+)` \|", handleiding, re.MULTILINE))
    lagen = (KernInstellingen, ProcesInstellingen, CliInstellingen)
    assert beschreven == {naam.upper() for soort in lagen for naam in soort.model_fields}
