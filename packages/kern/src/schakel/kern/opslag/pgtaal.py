"""Our SQL in the words of PostgreSQL: placeholders, and many rows in one statement.

``executemany`` of psycopg uses pipeline mode, in which client and server can wait for each other
for ever over large values; row by row costs a round trip each. So an INSERT of many rows becomes
one ``INSERT ... SELECT FROM unnest`` with an array per column; and those of several tables, one
behind the other, become one statement too.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
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
    """One INSERT: with a row, over arrays, and the columns that say which row it updates."""

    rij: str
    reeksen: str
    tabel: str
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

    def voer_uit(self, c: Wijzer, opdrachten: Iterable[tuple[str, Sequence[Rij]]]) -> None:
        """Each statement with all its rows, in order, in as few round trips as that can be done."""
        samen: dict[str, tuple[Bulk, Sequence[Rij]]] = {}
        for sql, rijen in opdrachten:
            bulk = self._bulk_van(c, sql)
            for ronde in [rijen] if bulk is None else bulk.ronden(rijen):
                if bulk is None or bulk.tabel in samen:
                    _stuur(c, list(samen.values()))
                    samen = {}
                if bulk is not None:
                    samen[bulk.tabel] = (bulk, ronde)
                    continue
                for rij in ronde:
                    c.execute(vertaal(sql), rij, prepare=True)
        _stuur(c, list(samen.values()))

    def _bulk_van(self, c: Wijzer, sql: str) -> Bulk | None:
        if sql not in self._bulk:
            delen = _INSERT.fullmatch(sql)
            self._bulk[sql] = None if delen is None else _maak_bulk(c, sql, delen)
        return self._bulk[sql]


def _maak_bulk(c: Wijzer, sql: str, delen: re.Match[str]) -> Bulk:
    typen: dict[str, str] = dict(c.execute(_KOLOMMEN, (delen["tabel"],)).fetchall())
    # A later version may have added columns behind those that we know.
    aantal = delen["waarden"].count("?")
    kolommen = _namen(delen["kolommen"]) if delen["kolommen"] else list(typen)[:aantal]
    reeksen = ", ".join(f"%b::{typen[kolom]}[]" for kolom in kolommen)
    over_reeksen = (
        f"INSERT INTO {delen['tabel']} ({', '.join(kolommen)})"  # noqa: S608 - names, no values
        f" SELECT * FROM unnest({reeksen}){vertaal(delen['rest'])}"
    )
    sleutel = _SLEUTEL.match(delen["rest"])
    plekken = tuple(map(kolommen.index, _namen(sleutel["kolommen"]))) if sleutel else ()
    return Bulk(vertaal(sql), over_reeksen, delen["tabel"], plekken)


def _stuur(c: Wijzer, opdrachten: Sequence[tuple[Bulk, Sequence[Rij]]]) -> None:
    """Rows of different tables: the order in which they are written means nothing."""
    if not opdrachten:
        return
    if all(len(rijen) == 1 for _, rijen in opdrachten):
        sql = _als_een(tuple(bulk.rij for bulk, _ in opdrachten))
        waarden = [waarde for _, (rij,) in opdrachten for waarde in rij]
    else:
        sql = _als_een(tuple(bulk.reeksen for bulk, _ in opdrachten))
        waarden = [_reeks(kolom) for _, rijen in opdrachten for kolom in zip(*rijen, strict=True)]
    c.execute(sql, waarden, prepare=True)


@lru_cache(maxsize=1024)
def _als_een(opdrachten: tuple[str, ...]) -> str:
    """Several INSERTs as one statement."""
    *eerst, laatst = opdrachten
    delen = ", ".join(f"s{nummer} AS ({sql})" for nummer, sql in enumerate(eerst))
    return f"WITH {delen} {laatst}" if delen else laatst


def _reeks(kolom: Sequence[Any]) -> list[Any]:
    """A column as an array, of which psycopg wants all values of exactly one type."""
    return [str(waarde) if isinstance(waarde, str) else waarde for waarde in kolom]


def _namen(lijst: str) -> list[str]:
    return [naam.strip() for naam in lijst.split(",")]
