"""Rows that pass by in batches: memory does not grow with the log."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from duckdb import DuckDBPyConnection

PARTIJ = 10_000


def partijen(db: DuckDBPyConnection, sql: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a query. Nothing else may be asked of the connection meanwhile."""
    bron = db.execute(sql)
    while rijen := bron.fetchmany(PARTIJ):
        yield rijen


def stroom(db: DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    """The same, row by row."""
    return chain.from_iterable(partijen(db, sql))
