"""Rows that pass by in batches: memory does not grow with the log."""

from collections.abc import Iterator
from typing import Any

from duckdb import DuckDBPyConnection

PARTIJ = 10_000


def stroom(db: DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    """Every row of a query. Nothing else may be asked of the connection meanwhile."""
    bron = db.execute(sql)
    while rijen := bron.fetchmany(PARTIJ):
        yield from rijen
