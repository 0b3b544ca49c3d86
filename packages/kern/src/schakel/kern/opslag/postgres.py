"""PostgreSQL behind the port: the library's recorder, with a whole batch in one transaction.

Who writes holds the store's lock, a batch from its first read on. So ids become visible in the
order in which they were given, and a reader that goes on after the last id never misses one; and
no replica of a service judges on what another is changing. It is an advisory lock: one on the table
would wait for VACUUM, ANALYZE and the building of an index, and all writers behind it.

Nothing notifies inside the transaction: NOTIFY serialises the commits of the whole server.
Services never make tables: ``migreer`` does, once.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from threading import local
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from eventsourcing.persistence import DataError, Notification, StoredEvent, Tracking
from eventsourcing.postgres import PostgresDatastore, PostgresProcessRecorder
from psycopg.errors import DuplicatePreparedStatement, LockNotAvailable
from psycopg.rows import DictRow, tuple_row

from .bezetting import Bezetting
from .migratie import keur, migreer
from .pgalleen import PgAlleenrecht
from .pgtaal import Taal, Wijzer, vertaal
from .pgverbinding import (
    MEESTE_LEZERS,
    SLOT_MS,
    Verbinding,
    Verbindingen,
    verbind,
    vertaalde_fouten,
)
from .poort import HERSCHRIJFBAAR, MAX_STAAT, SCHUIF_POSITIE, Lading, Rij
from .tabellen import WISBAAR, Tabellen

if TYPE_CHECKING:
    import psycopg

__all__ = ["PostgresOpslag", "migreer"]

_BEGIN = "BEGIN; SELECT pg_advisory_xact_lock(7241653920118)"
_MEESTE_GEWIJZIGD = 1_000
"""Changed events that are looked through one by one; above it everything may have changed."""
_BEREID_BEURT = (
    # Planned once per connection: each time it would cost as much as all else of a turn.
    "PREPARE gewijzigd (bigint, bigint) AS SELECT notification_id, originator_id FROM stored_events"
    " WHERE notification_id >= $1 ORDER BY notification_id DESC LIMIT $2"
)
_GEWIJZIGD = "EXECUTE gewijzigd ({}, {})"
_VOEG_EEN_IN = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
    " VALUES (%b, %b, %b, %b) RETURNING notification_id"
)
_VOEG_IN = (
    "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
    " SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[])"
    " RETURNING notification_id"
)
_NOTIFICATIES = (
    "SELECT notification_id, originator_id, originator_version, topic, state FROM stored_events"
    " WHERE notification_id >= %s ORDER BY notification_id LIMIT %s"
)
_GEBEURTENISSEN = (
    "SELECT originator_id, originator_version, topic, state FROM stored_events"
    " WHERE originator_id = %s AND originator_version > %s AND originator_version <= %s"
    " ORDER BY originator_version"
)
_VAN_ALLE = (
    "SELECT originator_id, originator_version, topic, state FROM stored_events"
    " WHERE originator_id = ANY(%b::uuid[]) ORDER BY originator_id, originator_version"
)
_WISBAAR = "SELECT relname FROM pg_stat_user_tables WHERE relname = ANY(%s) AND "
_KORT_MS = 200
"""Whoever comes after us waits as long for a table as we do."""
_HOOGSTE = 2**63 - 1


class _Database(PostgresDatastore):
    """The library's datastore over connections of our own."""

    def __init__(self, url: str) -> None:
        # The pool that the library makes here is never opened.
        super().__init__("", "", "", "", "", lock_timeout=SLOT_MS // 1000)
        self._lezers = Verbindingen(url, MEESTE_LEZERS)
        self._schrijver = Verbindingen(url, 1)
        self._bezetting = Bezetting()
        self._beurt = local()

    @contextmanager
    def get_connection(self) -> Iterator[Verbinding]:
        """That of this thread's turn, if it has one."""
        if self.is_aan_de_beurt:
            with vertaalde_fouten():
                yield self._beurt.verbinding
            return
        with self._bezetting.gebruik(), vertaalde_fouten(), self._lezers.leen() as verbinding:
            yield verbinding

    @contextmanager
    def beurt(self, vanaf: int) -> Iterator[list[tuple[int, UUID]]]:
        """A turn of this thread: gives the last events from ``vanaf`` on, the newest first."""
        with self._bezetting.gebruik(), vertaalde_fouten(), self._schrijver.leen() as verbinding:
            rijen = _begin_beurt(verbinding, vanaf)
            self._beurt.verbinding = verbinding
            try:
                yield rijen
                # Nothing was written, or it is done. A rollback would forget all that is prepared.
                verbinding.commit()
            finally:
                del self._beurt.verbinding

    @property
    def is_aan_de_beurt(self) -> bool:
        """Whether this thread has the turn."""
        return hasattr(self._beurt, "verbinding")

    @contextmanager
    def wijzer(self) -> Iterator[Wijzer]:
        """For one statement, which is its own transaction."""
        with (
            self.get_connection() as verbinding,
            verbinding.cursor(binary=True, row_factory=tuple_row) as c,
        ):
            yield c

    @contextmanager
    def schrijvend(self) -> Iterator[Wijzer]:
        """The transaction of this thread's turn, else one of its own; all of it or nothing."""
        with (
            self.get_connection() as verbinding,
            verbinding.cursor(binary=True, row_factory=tuple_row) as c,
        ):
            if verbinding.is_vrij:
                c.execute(_BEGIN, prepare=False, binary=False)
            try:
                yield c
                verbinding.commit()
            finally:
                verbinding.maak_ongedaan()

    def register_type_adapters(self) -> None:
        """None: events go over as arrays of plain columns."""

    def close(self) -> None:
        if hasattr(self, "_bezetting") and self._bezetting.sluit():
            self._lezers.sluit()
            self._schrijver.sluit()


class PostgresOpslag(PostgresProcessRecorder):
    """The library's PostgreSQL recorder with whole batches, side rows and bounded waits.

    Other than the library's it does not try ten times: the writer knows better what to repeat.
    """

    datastore: _Database

    def __init__(self, url: str, tabellen: Tabellen, naam: str = "") -> None:
        """Open the migrated database of ``naam``; raises StartFout with one clear line."""
        keur(url, tabellen, naam)
        super().__init__(_Database(url), tracking_table_name="tracking")
        self._url = url
        self._afgerond = tabellen.afgerond
        self._taal = Taal()
        self._laatste: tuple[int, UUID | str] = (0, "")

    @contextmanager
    def beurt(self) -> Iterator[Collection[UUID] | None]:
        """See ``Opslag``."""
        bekend = self._laatste
        with self.datastore.beurt(bekend[0]) as rijen:
            if rijen:
                self._laatste = rijen[0]
            # Where the last one that was known is not found, there is no telling what changed.
            yield ({id_ for _, id_ in rijen[: rijen.index(bekend)]} if bekend in rijen else None)

    def schrijf(self, lading: Lading) -> Sequence[int]:
        """See ``Opslag``."""
        _weiger_te_groot(lading.gebeurtenissen)
        with self.datastore.schrijvend() as c:
            nummers = _voeg_in(c, lading.gebeurtenissen)
            posities = [(SCHUIF_POSITIE, list(lading.posities.items()))] if lading.posities else []
            self._taal.voer_uit(c, [*lading.rijen.items(), *posities])
        if nummers and self.datastore.is_aan_de_beurt:
            self._laatste = (nummers[-1], lading.gebeurtenissen[-1].originator_id)
        return nummers

    def insert_events(
        self, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        """The library's own way in, under the same lock and with its tracking."""
        _weiger_te_groot(stored_events)
        tracking: Tracking | None = kwargs.get("tracking")
        with self.datastore.schrijvend() as c:
            if tracking is not None:
                self._insert_tracking(cast("psycopg.Cursor[DictRow]", c), tracking)
            return _voeg_in(c, stored_events)

    def vraag(self, sql: str, waarden: Sequence[Any] = ()) -> list[Rij]:
        """See ``Opslag``."""
        with self.datastore.wijzer() as c:
            return c.execute(vertaal(sql), waarden, prepare=True).fetchall()

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> Sequence[StoredEvent]:
        """See ``Opslag``."""
        with self.datastore.wijzer() as c:
            grenzen = (originator_id, gt or 0, _HOOGSTE if lte is None else lte)
            rijen = c.execute(_GEBEURTENISSEN, grenzen, prepare=True).fetchall()
        return [StoredEvent(*rij) for rij in (rijen[::-1] if desc else rijen)[:limit]]

    def select_events_van(self, ids: Collection[UUID]) -> Sequence[StoredEvent]:
        """See ``Opslag``."""
        with self.datastore.wijzer() as c:
            return [StoredEvent(*rij) for rij in c.execute(_VAN_ALLE, [list(ids)], prepare=True)]

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> Sequence[Notification]:
        """See ``Opslag``."""
        if stop is not None or topics:
            gevonden: Sequence[Notification] = super().select_notifications(
                start, limit, stop, topics, inclusive_of_start=inclusive_of_start
            )
            return gevonden
        vanaf = (start or 0) + (not inclusive_of_start)
        with self.datastore.wijzer() as c:
            rijen = c.execute(_NOTIFICATIES, (vanaf, limit), prepare=True).fetchall()
        return [
            Notification(uuid, versie, naam, staat, nr) for nr, uuid, versie, naam, staat in rijen
        ]

    def ruim_op(self) -> bool:
        """See ``Opslag``."""
        with (
            vertaalde_fouten(),
            verbind(self._url, statement_timeout=0, lock_timeout=_KORT_MS) as v,
        ):
            v.geduld = None
            try:
                for tabel in _tabellen(v):
                    v.execute(f"VACUUM {tabel}")
                if _tabellen(v, "n_dead_tup > 0"):
                    return False  # somebody can still see them
                # A row that is gone goes on standing in the room that it left, until another comes.
                for tabel in _tabellen(v, f"pg_total_relation_size(relid) <= {HERSCHRIJFBAAR}"):
                    v.execute(f"VACUUM FULL {tabel}")
            except LockNotAvailable:
                return False
        return True

    def kan_terug(self) -> bool:
        """See ``Opslag``."""
        return bool(self.vraag("SELECT 1 FROM schema_versie WHERE oudste < ?", (self._afgerond,)))

    def alleenrecht(self, naam: str) -> PgAlleenrecht:
        """See ``Opslag``."""
        return PgAlleenrecht(self._url, naam)

    def sluit(self) -> None:
        """See ``Opslag``."""
        self.datastore.close()


def _begin_beurt(verbinding: Verbinding, vanaf: int) -> list[tuple[int, UUID]]:
    if not verbinding.is_bereid:
        with suppress(DuplicatePreparedStatement):
            verbinding.execute(_BEREID_BEURT, prepare=False)
        verbinding.is_bereid = True
    with verbinding.cursor(row_factory=tuple_row) as c:
        gewijzigd = _GEWIJZIGD.format(vanaf, _MEESTE_GEWIJZIGD + 1)
        c.execute(f"{_BEGIN}; {gewijzigd}", prepare=False)  # without values it is one message
        while c.nextset():
            pass
        return c.fetchall()


def _voeg_in(c: Wijzer, gebeurtenissen: Sequence[StoredEvent]) -> Sequence[int]:
    if not gebeurtenissen:
        return ()
    if len(gebeurtenissen) == 1:
        een = gebeurtenissen[0]
        waarden = (een.originator_id, een.originator_version, een.topic, een.state)
        return [nr for (nr,) in c.execute(_VOEG_EEN_IN, waarden, prepare=True).fetchall()]
    kolommen = [
        [s.originator_id for s in gebeurtenissen],
        [s.originator_version for s in gebeurtenissen],
        [s.topic for s in gebeurtenissen],
        [s.state for s in gebeurtenissen],
    ]
    return [nummer for (nummer,) in c.execute(_VOEG_IN, kolommen, prepare=True).fetchall()]


def _tabellen(verbinding: Verbinding, waar: str = "true") -> list[str]:
    """Those from which something is erased, as far as they are here and ``waar`` holds."""
    rijen = verbinding.execute(f"{_WISBAAR}{waar}", (list(WISBAAR),)).fetchall()
    return [rij["relname"] for rij in rijen]


def _weiger_te_groot(gebeurtenissen: Sequence[StoredEvent]) -> None:
    for s in gebeurtenissen:
        if len(s.state) > MAX_STAAT:
            raise DataError(f"{s.topic} is {len(s.state)} bytes, hoogstens {MAX_STAAT}")
