"""What the readers of one call of ``open_bron`` share."""

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import duckdb

from schakel.historie import sql

from . import taal
from .bron import Leesopties
from .fout import Bestandsfout
from .regels import Regels

MEESTE_INHOUD = 1_000
"""Characters of a refused row that are kept: enough to find it."""

_RIJEN_BIJEEN = 20_480
"""Small, for every thread of DuckDB holds so many rows in memory while it writes."""

_WEIGERINGEN = {
    "bestand": "VARCHAR",
    "rij": "BIGINT",
    "reden": "VARCHAR",
    "inhoud": "VARCHAR",
}


class Leesgang:
    """A connection, a scratch folder of its own, and the rows that were refused so far."""

    def __init__(self, db: duckdb.DuckDBPyConnection, opties: Leesopties) -> None:
        """Nothing is read yet."""
        self.db = db
        self.opties = opties
        self.over = opties.meeste_bytes
        self._map = Path(tempfile.mkdtemp(prefix="lezen-", dir=opties.tijdelijk))
        self._nummer = 0
        self._geweigerd = self.regels("geweigerd", "", _WEIGERINGEN)

    def nieuw(self, achtervoegsel: str) -> Path:
        """A path that nobody uses; no name from outside ever becomes a path."""
        self._nummer += 1
        return self._map / f"{self._nummer}-{achtervoegsel}"

    def regels(self, woord: str, bestand: str, soorten: Mapping[str, str]) -> Regels:
        """An empty file for rows."""
        return Regels(self.nieuw(f"{woord}.csv"), bestand, soorten)

    def veilig(self, pad: Path) -> Path:
        """The file under a path in which DuckDB sees no pattern."""
        volledig = pad.absolute()
        if not taal.GLOBTEKENS & set(str(volledig)) and taal.leesbaar(volledig) == str(volledig):
            return volledig
        schakel = self.nieuw("bestand")
        schakel.symlink_to(volledig)
        return schakel

    def weiger(self, bestand: str, rij: int, reden: str, inhoud: str) -> None:
        """Keep a row that will not be in the view."""
        self._geweigerd.schrijf(
            {"bestand": bestand, "rij": rij, "reden": reden, "inhoud": inhoud[:MEESTE_INHOUD]}
        )

    def bewaar_geweigerde(self, tabel: str) -> None:
        """Make the table of the rows that were refused."""
        self._geweigerd.sluit()
        self.db.execute(
            f"CREATE OR REPLACE TABLE {sql.naam(tabel)} AS SELECT * FROM {self._geweigerd.sql()}"
        )

    def bewaar(self, bestand: str, query: str) -> Path:
        """Write the answer to a query as Parquet: read often, and never in memory as a whole."""
        pad = self.nieuw("rijen.parquet")
        try:
            self.db.execute(
                f"COPY ({query}) TO {sql.tekst(pad)}"
                f" (FORMAT parquet, ROW_GROUP_SIZE {_RIJEN_BIJEEN})"
            )
        except duckdb.OutOfMemoryException:
            raise  # that says nothing about the file
        except duckdb.Error as fout:
            with suppress(OSError):
                pad.unlink()
            raise Bestandsfout(
                "niet-verwerkt", bestand, f"de rijen passen niet: {kort(fout)}"
            ) from fout
        return pad

    def ruim_op(self) -> None:
        """After a failure nothing of it stays behind."""
        self._geweigerd.sluit()
        shutil.rmtree(self._map, ignore_errors=True)


def kort(fout: Exception) -> str:
    """The first line of what a library says."""
    return str(fout).strip().partition("\n")[0]
