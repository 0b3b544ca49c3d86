"""Our SQL in the words of PostgreSQL: placeholders, and many rows in one statement.

``executemany`` of psycopg uses pipeline mode, in which client and server can wait for each other
for ever over large values; row by row costs a round trip each. So an INSERT of many rows becomes
one ``INSERT ... SELECT FROM unnest`` with an array per column.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import psycopg

from .poort import Rij

TYPEN = {
    "blob": "bytea",
    "nummer": "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    "zonder_rowid": "",
}
"""What the templates of the side tables mean here."""

_DEEL = re.compile(r"'(?:[^']|'')*'|\?|%")
_INSERT = re.compile(
    r"INSERT INTO (?P<tabel>\w+)(?: \((?P<kolommen>[\w, ]+)\))?"
    r" VALUES \((?P<waarden>[?, ]+)\)(?P<rest>[^?]*)"
)
_SLEUTEL = re.compile(r" ON CONFLICT \((?P<kolommen>[\w, ]+)\) DO UPDATE ")
_KOLOMMEN = (
    "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute"
    " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
)

Wijzer = psycopg.Cursor[tuple[Any, ...]]


@lru_cache(maxsize=1024)
def vertaal(sql: str) -> str:
    """``?`` as psycopg writes it; every statement is our own text, values are never in it."""
    return _DEEL.sub(lambda m: "%s" if m[0] == "?" else m[0].replace("%", "%%"), sql)


class Bulk(NamedTuple):
    """One INSERT as a statement over arrays, and the columns that say which row it updates."""

    sql: str
    sleutel: tuple[int, ...]

    def ronden(self, rijen: Sequence[Rij]) -> Sequence[Sequence[Rij]]:
        """Cut so that no statement touches a row twice, which PostgreSQL refuses; order stays."""
        if not self.sleutel:
            return [rijen]
        ronden: list[list[Rij]] = []
        keren: Counter[Rij] = Counter()
        for rij in rijen:
            kenmerk = tuple(rij[plek] for plek in self.sleutel)
            if keren[kenmerk] == len(ronden):
                ronden.append([])
            ronden[keren[kenmerk]].append(rij)
            keren[kenmerk] += 1
        return ronden


class Taal:
    """Executes our statements; knows the columns of the tables it met."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._bulk: dict[str, Bulk | None] = {}

    def voer_uit(self, c: Wijzer, sql: str, rijen: Sequence[Rij]) -> None:
        """``sql`` with every row, in order."""
        bulk = self._bulk_van(c, sql) if len(rijen) > 1 else None
        if bulk is None:
            for rij in rijen:
                c.execute(vertaal(sql), rij, prepare=True)
            return
        for ronde in bulk.ronden(rijen):
            c.execute(bulk.sql, list(map(_reeks, zip(*ronde, strict=True))), prepare=True)

    def _bulk_van(self, c: Wijzer, sql: str) -> Bulk | None:
        if sql not in self._bulk:
            delen = _INSERT.fullmatch(sql)
            self._bulk[sql] = None if delen is None else _maak_bulk(c, delen)
        return self._bulk[sql]


def _maak_bulk(c: Wijzer, delen: re.Match[str]) -> Bulk:
    typen: dict[str, str] = dict(c.execute(_KOLOMMEN, (delen["tabel"],)).fetchall())
    # A later version may have added columns behind those that we know.
    aantal = delen["waarden"].count("?")
    kolommen = _namen(delen["kolommen"]) if delen["kolommen"] else list(typen)[:aantal]
    reeksen = ", ".join(f"%b::{typen[kolom]}[]" for kolom in kolommen)
    rest = vertaal(delen["rest"])
    sql = (
        f"INSERT INTO {delen['tabel']} ({', '.join(kolommen)})"  # noqa: S608 - names, no values
        f" SELECT * FROM unnest({reeksen}){rest}"
    )
    sleutel = _SLEUTEL.match(delen["rest"])
    plekken = tuple(map(kolommen.index, _namen(sleutel["kolommen"]))) if sleutel else ()
    return Bulk(sql, plekken)


def _reeks(kolom: Sequence[Any]) -> list[Any]:
    """A column as an array, of which psycopg wants all values of exactly one type."""
    return [str(waarde) if isinstance(waarde, str) else waarde for waarde in kolom]


def _namen(lijst: str) -> list[str]:
    return [naam.strip() for naam in lijst.split(",")]
