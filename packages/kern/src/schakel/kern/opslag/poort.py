"""The port that SQLite and PostgreSQL stand behind."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from eventsourcing.persistence import Notification, StoredEvent

Rij = tuple[Any, ...]

SCHUIF_POSITIE = (
    "INSERT INTO tracking VALUES (?, ?)"
    " ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id"
    " WHERE tracking.notification_id < excluded.notification_id"
)
"""On only: a replica that lost its share of the bus may still write how far it was."""
VERGEET_POSITIE = "DELETE FROM tracking WHERE application_name = ?"

MAX_STAAT = 60_000
"""Largest stored event in bytes: its public message must fit in 64 KB (D6)."""

HERSCHRIJFBAAR = 32 * 2**20
"""Bytes that are written anew in a moment: so much may be locked to wipe what was erased."""


@dataclass
class Lading:
    """What one transaction writes: all of it or nothing.

    ``rijen`` maps one SQL statement to the rows it is executed with; statements run in the order
    in which they were first used. Parameters are written as ``?`` for every database.
    """

    gebeurtenissen: list[StoredEvent] = field(default_factory=list)
    posities: dict[str, int] = field(default_factory=dict)
    rijen: dict[str, list[Rij]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.gebeurtenissen or self.posities or self.rijen)


class Alleenrecht(Protocol):
    """The exclusive right of one process to do something to a store, once it is taken.

    It is lost with the process or its connection, and when unused for a quarter of a minute.
    """

    def neem(self) -> bool:
        """Take it; False when another process has it."""

    def bewaar(self, posities: Mapping[str, int]) -> None:
        """Record positions, if the right still stands: raises OperationalError when it is lost.

        They may be lost in a crash of the database: then work is repeated.
        """

    def geef_op(self) -> None:
        """Another process may have it."""


class Opslag(Protocol):
    """An event store with side tables. Errors are the library's ``PersistenceError`` family."""

    def beurt(self) -> AbstractContextManager[Collection[UUID] | None]:
        """The turn of a batch: until it ends nobody else changes what this thread reads or writes.

        Gives the aggregates that others changed since the former turn, None when that may be any.
        ``schrijf`` makes it durable; without it nothing happened. For one thread: the writer's.
        """

    def schrijf(self, lading: Lading) -> Sequence[int]:
        """Write one transaction; return the notification ids of its events in order.

        Raises IntegrityError on a version conflict or a doubled row: then nothing was written.
        """

    def vraag(self, sql: str, waarden: Sequence[Any] = ()) -> list[Rij]:
        """Rows of a query."""

    def select_events(self, originator_id: UUID | str) -> Sequence[StoredEvent]:
        """The events of one aggregate, in order."""

    def select_events_van(self, ids: Collection[UUID]) -> Sequence[StoredEvent]:
        """The events of several aggregates: in order for each, one question for all."""

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """Events of all aggregates, in commit order, after ``start``. Ids may have gaps.

        ``topics`` are the stored names that are asked for; without them all.
        """

    def alleenrecht(self, naam: str) -> Alleenrecht:
        """The right, not yet taken, to be the only one on this store that does ``naam``."""

    def ruim_op(self) -> bool:
        """Wipe what erased and replaced rows left in the files; whether nothing of it is left.

        Somebody who still reads what was there is waited for by asking again. For any thread.
        """

    def kan_terug(self) -> bool:
        """Whether software of before ``Tabellen.afgerond`` may work, or start, on this store."""

    def max_notification_id(self) -> int | None:
        """The number of the last event of all."""

    def sluit(self) -> None:
        """Close all connections and give up the lock."""


def lees_posities(opslag: Opslag) -> dict[str, int]:
    """How far each source was handled, by the name under which that is recorded."""
    rijen = opslag.vraag("SELECT application_name, notification_id FROM tracking")
    return {naam: int(nummer) for naam, nummer in rijen}
