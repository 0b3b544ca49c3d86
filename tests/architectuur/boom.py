"""The repository as the tests of this folder see it: files, packages, modules, imports."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

WORTEL = Path(__file__).resolve().parents[2]


@cache
def bestanden() -> tuple[Path, ...]:
    """Every file that is committed or would be: what git ignores does not count."""
    lijst = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=WORTEL,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return tuple(sorted(p for n in lijst.split("\0") if n and (p := WORTEL / n).is_file()))


MAP_VAN: Mapping[str, Path] = {
    bestand.parent.name: bestand.parent
    for bestand in bestanden()
    if bestand.name == "pyproject.toml" and bestand.parent != WORTEL
}
"""The folder of each member of the workspace, wherever it stands."""

PAKKETTEN = tuple(MAP_VAN)


def bron_van(pakket: str) -> Path:
    """The folder of the importable package ``schakel.<pakket>``."""
    return MAP_VAN[pakket] / "src" / "schakel" / pakket


def modules(pakket: str) -> Iterator[Path]:
    """The Python files of a package."""
    bron = bron_van(pakket)
    return (p for p in bestanden() if p.suffix == ".py" and p.is_relative_to(bron))


def modulenaam(pakket: str, bestand: Path) -> str:
    """The dotted name under which a file of a package is imported."""
    delen = bestand.relative_to(bron_van(pakket)).with_suffix("").parts
    return ".".join(["schakel", pakket, *(d for d in delen if d != "__init__")])


def ingevoerd(bestand: Path) -> Iterator[str]:
    """The dotted names that a file imports, wherever in the file it does so."""
    for knoop in ast.walk(ast.parse(bestand.read_text())):
        if isinstance(knoop, ast.Import):
            yield from (naam.name for naam in knoop.names)
        elif isinstance(knoop, ast.ImportFrom) and knoop.module and not knoop.level:
            yield from (f"{knoop.module}.{naam.name}" for naam in knoop.names)


def lees_toml(bestand: Path) -> dict[str, Any]:
    """What a file in TOML says."""
    return tomllib.loads(bestand.read_text())


def hoofdstuk(wortel: Path, kop: str) -> str:
    """One chapter of the page about the architecture."""
    _, _, rest = (wortel / "docs" / "architectuur.md").read_text().partition(f"## {kop}\n")
    return rest.split("\n## ")[0]


def beschreven_mappen(wortel: Path) -> set[str]:
    """The folders that the documentation names."""
    return set(re.findall(r"^\| `([a-z0-9./]+/)` \|", hoofdstuk(wortel, "Folders"), re.MULTILINE))


def project(pakket: str) -> dict[str, Any]:
    """The ``project`` table of a distribution's pyproject."""
    tabel: dict[str, Any] = lees_toml(MAP_VAN[pakket] / "pyproject.toml")["project"]
    return tabel


def kort(bestand: Path) -> str:
    """A file's path as the reader of a failing test wants it: from the root of the repository."""
    return str(bestand.relative_to(WORTEL))
