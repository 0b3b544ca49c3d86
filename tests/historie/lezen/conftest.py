"""Every test opens files as `schakel leid-af` does: through open_bron, and asks DuckDB."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from schakel.historie.lezen import Bron, Leesopties, open_bron

ECHT = Path(__file__).resolve().parents[3] / "../shared/data"


@dataclass(frozen=True)
class Geopend:
    """What came out: the view and the table of refusals, as a caller sees them."""

    db: duckdb.DuckDBPyConnection
    bron: Bron

    def vraag(self, query: str) -> list[tuple[Any, ...]]:
        return self.db.execute(query).fetchall()

    @property
    def rijen(self) -> list[tuple[Any, ...]]:
        """The row number and the values of the file, in the order of the files."""
        kolommen = ", ".join(f'"{k}"' for k in self.bron.kolommen)
        return self.vraag(f"SELECT _rij, {kolommen} FROM logboek ORDER BY _bestand, _rij")

    @property
    def geweigerd(self) -> list[tuple[Any, ...]]:
        return self.vraag(
            f"SELECT rij, reden, inhoud FROM {self.bron.geweigerd} ORDER BY bestand, rij"
        )


Openen = Callable[..., Geopend]


@pytest.fixture
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    """Two threads: what only holds in one is not good enough."""
    with duckdb.connect(config={"threads": 2}) as verbinding:
        yield verbinding


@pytest.fixture
def opties(tmp_path: Path) -> Callable[..., Leesopties]:
    """The options of a call, with a scratch folder that is there."""

    def maak(**anders: Any) -> Leesopties:
        werkmap = tmp_path / "werkmap"
        werkmap.mkdir(exist_ok=True)
        return Leesopties(tijdelijk=werkmap, **anders)

    return maak


@pytest.fixture
def openen(
    tmp_path: Path, db: duckdb.DuckDBPyConnection, opties: Callable[..., Leesopties]
) -> Openen:
    """Open files by their path, or make them first from a name and what is in it."""

    def doe(*bestanden: Path | tuple[str, bytes], **anders: Any) -> Geopend:
        paden = []
        for bestand in bestanden:
            if isinstance(bestand, Path):
                paden.append(bestand)
            else:
                naam, inhoud = bestand
                paden.append(tmp_path / naam)
                paden[-1].write_bytes(inhoud)
        return Geopend(db, open_bron(db, paden, "logboek", opties(**anders)))

    return doe


@pytest.fixture
def echt() -> Path:
    """The folder with real logs, which is not part of the repository."""
    if not ECHT.is_dir():
        pytest.skip(f"de map met echte logboeken ontbreekt: {ECHT}")
    return ECHT
