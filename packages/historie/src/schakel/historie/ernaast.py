"""Work that DuckDB does on a connection of its own, next to what Python does meanwhile."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import TypeVar

import duckdb

_OPNIEUW = 0.05
"""Seconds between two interrupts: between two of its questions DuckDB does not hear one."""
T = TypeVar("T")


@contextmanager
def ernaast(
    db: duckdb.DuckDBPyConnection, werk: Callable[[duckdb.DuckDBPyConnection], T]
) -> Iterator[Callable[[], T]]:
    """Begin the work and yield what waits for its outcome; ask for that within the block.

    What is not done at the end of the block is broken off, after Ctrl-C too. The database is idle
    after it; DuckDB refuses to close one that is not.
    """
    with db.cursor() as eigen, ThreadPoolExecutor(1) as draad:
        bezig = draad.submit(werk, eigen)
        try:
            yield bezig.result
        finally:
            while not bezig.done():
                eigen.interrupt()
                wait([bezig], _OPNIEUW)
