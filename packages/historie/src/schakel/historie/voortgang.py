"""How far a long piece of work is, for who waits for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import duckdb

ELKE = 0.5
"""Seconds between two looks."""
Voortgang = Callable[[str], None]


@contextmanager
def gevolgd(db: duckdb.DuckDBPyConnection, meld: Voortgang | None) -> Iterator[Voortgang]:
    """Yield what to tell each next stage; while DuckDB works on it, add how far that is."""
    if meld is None:
        yield lambda _: None
        return
    zeg, stap, klaar = meld, "", Event()

    def begin(naam: str) -> None:
        nonlocal stap
        stap = naam
        zeg(naam)

    def kijk() -> None:
        while not klaar.wait(ELKE):
            if (deel := db.query_progress()) > 0:
                zeg(f"{stap}: {deel:.0f} %")

    db.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
    kijker = Thread(target=kijk, daemon=True)
    kijker.start()
    try:
        yield begin
    finally:
        klaar.set()
        kijker.join()
