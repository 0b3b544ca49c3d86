"""Rows that pass by in batches: memory does not grow with the log."""

from collections.abc import Iterator
from typing import Any

from duckdb import DuckDBPyConnection


def stroom(db: DuckDBPyConnection, sql: str, partij: int = 10_000) -> Iterator[tuple[Any, ...]]:
    """Every row of a query; fewer at a time where a row is much."""
    bron = db.cursor().execute(sql)
    while rijen := bron.fetchmany(partij):
        yield from rijen
