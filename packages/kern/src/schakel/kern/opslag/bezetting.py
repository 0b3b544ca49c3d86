"""Who is using a store: closing waits for them.

A cancelled task leaves its thread running. To close a connection under a thread that is reading
from it crashes the whole process, in SQLite's and in PostgreSQL's client alike.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from eventsourcing.persistence import OperationalError

GEDULD = 5.0
"""Seconds; every statement has a shorter limit of its own or is local."""


class Bezetting:
    """Counts the users of a store."""

    def __init__(self) -> None:
        """Nobody yet."""
        self._sein = Condition()
        self._aantal = 0
        self._dicht = False

    @contextmanager
    def gebruik(self) -> Iterator[None]:
        """Use the store; raises OperationalError once it closes."""
        with self._sein:
            if self._dicht:
                raise OperationalError("de opslag is gesloten")
            self._aantal += 1
        try:
            yield
        finally:
            with self._sein:
                self._aantal -= 1
                self._sein.notify_all()

    def sluit(self) -> bool:
        """Let nobody in any more and wait for those inside; False when they took too long."""
        with self._sein:
            self._dicht = True
            return self._sein.wait_for(lambda: self._aantal == 0, GEDULD)
