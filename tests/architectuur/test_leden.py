"""Every tool sees every member of the workspace, and every list of services is the one list.

A tool that goes by a pattern says nothing about what the pattern misses. So each is asked what it
sees, or what it goes by is read as it reads it; and each is tried on a copy in which it must miss
something.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any, get_args

import pytest
import yaml
from tests.architectuur.boom import (
    PAKKETTEN,
    WORTEL,
    beschreven_mappen,
    bestanden,
    lees_toml,
)

from schakel.cli import alles
from schakel.cli.start import Wat
from schakel.contracts.organisatie import BASISPOORT, DIENSTEN, GRENS, ORCHESTRATOR
from schakel.contracts.topics import HISTORIE, historie_van, topics_van
from schakel.contracts.werkstromen import Proces
from schakel.historie.mapping.gebeurtenissen import Procesnaam

OIN = "00000099000000001000"
NIEUW = "elders/nieuw"
"""A member where no tool looks."""

Ziener = Callable[[Path], set[str]]


@pytest.fixture(scope="module")
def kopie(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository without its tests, and with a member that no tool knows of."""
    wortel = tmp_path_factory.mktemp("kopie")
    for bestand in bestanden():
        naar = wortel / bestand.relative_to(WORTEL)
        if naar.relative_to(wortel).parts[0] != "tests":
            naar.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(bestand, naar)
    shutil.copytree(wortel / "packages" / "klant", wortel / NIEUW)
    return wortel


# What each tool sees of the members


def uv(wortel: Path) -> set[str]:
    patronen = lees_toml(wortel / "pyproject.toml")["tool"]["uv"]["workspace"]["members"]
    return {map_.name for patroon in patronen for map_ in wortel.glob(patroon)}


def make(wortel: Path, *vraag: str) -> str:
    """What it says; of the make that runs this test, if any, it must not know."""
    eigen = {naam: waarde for naam, waarde in os.environ.items() if not naam.startswith("MAKE")}
    opdracht = ["make", f"PYTHON={sys.executable}", *vraag]
    gelopen = subprocess.run(
        opdracht, cwd=wortel, env=eigen, check=False, capture_output=True, text=True
    )
    return gelopen.stdout


def mypy(wortel: Path) -> set[str]:
    return set(re.findall(r" -p schakel\.(\w+)", make(wortel, "--dry-run", "types")))


def installatie(wortel: Path) -> set[str]:
    """The members whose pyproject makes the environment out of date."""
    regels = make(wortel, "--dry-run", "--question", "--print-data-base", "install")
    (eisen,) = re.findall(r"^\.venv/\.ready: (.*) \| ", regels, re.MULTILINE)
    return {PurePosixPath(eis).parent.name for eis in eisen.split()}


def ruff(wortel: Path) -> set[str]:
    vraag = [Path(sys.executable).with_name("ruff"), "check", "--show-settings"]
    gezegd = subprocess.check_output(vraag, cwd=wortel, text=True)
    (mappen,) = re.findall(r"^linter\.src = \[\n(.*?)^\]", gezegd, re.MULTILINE | re.DOTALL)
    return {Path(map_).parent.name for map_ in re.findall('"(.*)"', mappen)}


def import_linter(wortel: Path) -> set[str]:
    """The layers, which are exhaustive: it refuses a package outside them."""
    ingesteld = lees_toml(wortel / "pyproject.toml")["tool"]["importlinter"]
    lagen = next(een for een in ingesteld["contracts"] if een["id"] == "lagen")
    assert ingesteld["root_package"] == "schakel"
    assert (lagen["containers"], lagen["exhaustive"]) == (["schakel"], True)
    return {naam for laag in lagen["layers"] for naam in laag.split(" | ")}


def documentatie(wortel: Path) -> set[str]:
    return {PurePosixPath(map_).name for map_ in beschreven_mappen(wortel)}


def beeld(wortel: Path) -> set[str]:
    """The members of which docker gets all that it builds from."""
    regels = (wortel / ".dockerignore").read_text().splitlines()
    return {
        eigen.parent.name
        for diepte in ("*", "*/*")
        for eigen in wortel.glob(f"{diepte}/pyproject.toml")
        if all(
            komt_mee(regels, PurePosixPath(bestand.relative_to(wortel)))
            for bestand in (eigen, *eigen.parent.glob("src/**/*.py"))
        )
    }


def komt_mee(regels: list[str], pad: PurePosixPath) -> bool:
    """Whether .dockerignore lets a file through: the last line that fits it, or a folder of it."""
    weg = False
    for regel in regels:
        patroon = als_regex(regel.removeprefix("!").strip("/"))
        if any(patroon.fullmatch(str(deel)) for deel in (pad, *pad.parents[:-1])):
            weg = not regel.startswith("!")
    return not weg


def als_regex(patroon: str) -> re.Pattern[str]:
    tekens = {"**/": "(.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    delen = re.findall(r"\*\*/|\*\*|.", patroon)
    return re.compile("".join(tekens.get(deel, re.escape(deel)) for deel in delen))


GEREEDSCHAP = [uv, mypy, installatie, ruff, import_linter, documentatie, beeld]


@pytest.mark.parametrize("ziet", GEREEDSCHAP)
def test_elk_gereedschap_ziet_elk_lid(ziet: Ziener) -> None:
    assert set(PAKKETTEN) - ziet(WORTEL) == set()


@pytest.mark.parametrize("ziet", GEREEDSCHAP)
def test_een_lid_dat_een_gereedschap_niet_ziet_valt_op(ziet: Ziener, kopie: Path) -> None:
    nieuw = PurePosixPath(NIEUW).name
    assert {*PAKKETTEN, nieuw} - ziet(kopie) == {nieuw}


# The services, in files that cannot ask for the list


def lees_yaml(bestand: Path) -> Any:
    return yaml.safe_load(bestand.read_text())


def topics(wortel: Path) -> set[str]:
    gelezen = lees_yaml(wortel / "deploy" / "kafka" / "topics.yaml")
    return {gelezen["naam"].format(oin=OIN, dienst=dienst) for dienst in gelezen["diensten"]}


def rechten(wortel: Path) -> set[str]:
    return set(lees_yaml(wortel / "deploy" / "kafka" / "acls.yaml")["diensten"])


def compose(wortel: Path) -> set[tuple[str, int]]:
    return {
        (dienst["build"]["args"]["DIENST"], int(dienst["environment"]["SCHAKEL_POORT"]))
        for dienst in lees_yaml(wortel / "compose.yaml")["services"].values()
        if "ports" in dienst
    }


def prometheus(wortel: Path) -> set[tuple[str, int]]:
    bestand = wortel / "deploy" / "prometheus" / "prometheus.yaml"
    met_grens = bestand.read_text().replace("# - {targets", "- {targets")
    (werk,) = yaml.safe_load(met_grens)["scrape_configs"]
    return {
        (doel["labels"]["dienst"], int(adres.rpartition(":")[2]))
        for doel in werk["static_configs"]
        for adres in doel["targets"]
    }


POORTEN = {(dienst, BASISPOORT + nummer) for dienst, nummer in DIENSTEN.items()}
BESTANDEN: list[tuple[Callable[[Path], set[Any]], set[Any]]] = [
    (topics, {*topics_van(OIN), historie_van(OIN)[0]}),
    (rechten, {*DIENSTEN, HISTORIE}),
    (compose, POORTEN),
    (prometheus, POORTEN),
]


@pytest.mark.parametrize(("noemt", "lijst"), BESTANDEN)
def test_elk_bestand_noemt_elke_dienst(noemt: Callable[[Path], set[Any]], lijst: set[Any]) -> None:
    assert noemt(WORTEL) == lijst


@pytest.mark.parametrize(("noemt", "lijst"), BESTANDEN)
def test_een_dienst_die_een_bestand_niet_noemt_valt_op(
    noemt: Callable[[Path], set[Any]], lijst: set[Any], kopie: Path
) -> None:
    for bestand in (kopie / "compose.yaml", *kopie.glob("deploy/**/*.yaml")):
        bestand.write_text(bestand.read_text().replace("verbeteren", "verbeterd"))
    assert len(lijst - noemt(kopie)) == 1


def test_ieder_schrijft_op_zijn_eigen_topic_en_leest_die_van_de_anderen() -> None:
    allen = [*Proces, GRENS, HISTORIE]
    bedoeld = {
        **{
            een: {"schrijft": [een], "leest": [*(p for p in Proces if p != een), GRENS]}
            for een in Proces
        },
        GRENS: {"schrijft": [GRENS], "leest": [*Proces]},
        ORCHESTRATOR: {"schrijft": [], "leest": allen},
        HISTORIE: {"schrijft": [HISTORIE], "leest": []},
    }
    assert lees_yaml(WORTEL / "deploy" / "kafka" / "acls.yaml")["diensten"] == bedoeld


def test_wat_in_code_elke_dienst_noemt_is_dezelfde_lijst() -> None:
    """Types have to be written out, and the parts of the whole are modules."""
    assert {*Wat} == {Wat.ALLES, *DIENSTEN}
    assert [dienst.proces for dienst in alles.DIENSTEN] == list(Proces)
    assert get_args(Procesnaam) == tuple(Proces)
