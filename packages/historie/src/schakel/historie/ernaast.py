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

    Who leaves the block by an error, Ctrl-C among them, breaks the work off. The database is idle
    after the block; DuckDB refuses to close one that is not.
    """
    with db.cursor() as eigen, ThreadPoolExecutor(1) as draad:
        bezig = draad.submit(werk, eigen)
        try:
            yield bezig.result
        except BaseException:
            while wait([bezig], _OPNIEUW).not_done:
                eigen.interrupt()
            raise
