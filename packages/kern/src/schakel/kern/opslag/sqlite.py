"""SQLite behind the port: one process, one writer, few statements per transaction.

A statement with many rows is one step for SQLite, and so one hand-over of the interpreter lock;
with ``executemany`` every row would wait for it anew while the event loop is busy.
"""

import re
import sqlite3
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from functools import lru_cache
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import quote
from uuid import UUID

from eventsourcing.persistence import (
    IntegrityError,
    OperationalError,
    PersistenceError,
    StoredEvent,
)
from eventsourcing.sqlite import (
    SQLITE3_DEFAULT_LOCK_TIMEOUT,
    SQLiteConnection,
    SQLiteConnectionPool,
    SQLiteCursor,
    SQLiteDatastore,
    SQLiteProcessRecorder,
)

from schakel.kern.grond.weigering import StartFout

from .bezetting import Bezetting
from .poort import HERSCHRIJFBAAR, SCHUIF_POSITIE, Lading, Rij
from .slot import Slot
from .tabellen import Tabellen

_BROKKEN = tuple(1 << macht for macht in range(8, -1, -1))
_VOEG_IN = "INSERT INTO stored_events VALUES (?, ?, ?, ?)"
_VERSIE = (
    "CREATE TABLE IF NOT EXISTS schema_versie (versie INTEGER NOT NULL)",
    "DELETE FROM schema_versie",
)
_VRAAGT = "PRAGMA user_version"
_INSERT = re.compile(r"(INSERT INTO .+ VALUES )(\([?, ]+\))(.*)")
_TYPEN = {
    "blob": "BLOB",
    "nummer": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "zonder_rowid": " WITHOUT ROWID",
}
_VAN_ALLE = (
    "SELECT originator_id, originator_version, topic, state FROM stored_events"
    " WHERE originator_id IN ({}) ORDER BY originator_id, originator_version"
)
_ZET_POSITIE = (
    "INSERT INTO tracking VALUES (?, ?) ON CONFLICT (application_name)"
    " DO UPDATE SET notification_id = excluded.notification_id"
)
_RIJ = "SELECT 1 FROM {} LIMIT 1"
_MET_SLEUTEL = frozenset({"stored_events", "sleutels"})
_ZONDER_INHOUD = frozenset({"schema_versie", "sqlite_sequence", "tracking"})
_LEEG = "PRAGMA wal_checkpoint(TRUNCATE)"
_LEZERS = 10
"""Connections that are kept to read by."""
_KORT = 0.1
"""Seconds to wait for who reads: so long a checkpoint keeps who writes waiting too."""
_BEZET = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})

T = TypeVar("T")


def in_brokken(rijen: Sequence[T]) -> Iterator[Sequence[T]]:
    """Cut into runs of 256, 128 .. 1: few statements, and few different ones to prepare."""
    begin = 0
    for brok in _BROKKEN:
        while len(rijen) - begin >= brok:
            yield rijen[begin : begin + brok]
            begin += brok


@lru_cache(maxsize=1024)
def _meervoud(sql: str, aantal: int) -> str | None:
    """One INSERT of so many rows; None when ``sql`` is something else."""
    delen = _INSERT.fullmatch(sql)
    return delen and f"{delen[1]}{','.join([delen[2]] * aantal)}{delen[3]}"


def _voer_uit(c: SQLiteCursor, sql: str, rijen: Sequence[Rij]) -> None:
    """``sql`` with every row, in order."""
    if len(rijen) > 1 and _meervoud(sql, 1) is None:
        c.executemany(sql, rijen)
        return
    for brok in in_brokken(rijen):
        c.execute(_meervoud(sql, len(brok)) or sql, list(chain.from_iterable(brok)))


class _Verbindingen(SQLiteConnectionPool):
    """Connections that keep what is acknowledged and wipe what is deleted."""

    def _create_connection(self) -> SQLiteConnection:
        return SQLiteConnection(self.maak(), max_age=self.max_age)

    def maak(self) -> sqlite3.Connection:
        """One more, which is no longer of this pool."""
        # No super(): it leaves a connection open to a file that turns out to be no good.
        try:
            with ExitStack() as bij_fout:
                db = sqlite3.connect(
                    self.db_name,
                    uri=True,
                    check_same_thread=False,
                    isolation_level=None,
                    timeout=SQLITE3_DEFAULT_LOCK_TIMEOUT,
                )
                bij_fout.callback(db.close)
                if not self.is_sqlite_memory_mode:
                    db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA secure_delete = ON")
                db.row_factory = sqlite3.Row
                bij_fout.pop_all()
        except sqlite3.Error as fout:
            raise OperationalError(fout) from fout
        return db


class _Bestand(SQLiteDatastore):
    """The library's datastore over those connections."""

    def __init__(self, db_name: str) -> None:
        # No super().__init__: it would make the pool that we replace. Ten connections: one
        # writer and as many readers as may read at once.
        self.pool: _Verbindingen = _Verbindingen(db_name=db_name, pool_size=10)
        self.single_row_tracking = True
        self.originator_id_type = "uuid"
        self._bezetting = Bezetting()
        self._lezers: deque[sqlite3.Connection] = deque()

    @contextmanager
    def get_connection(self, *, commit: bool) -> Iterator[SQLiteConnection]:
        with self._bezetting.gebruik(), super().get_connection(commit=commit) as verbinding:
            yield verbinding

    def lees(self, sql: str, waarden: Sequence[Any]) -> list[Rij]:
        """The rows of one question, as they are now.

        One statement needs no transaction around it, nor a turn in the pool: that takes longer than
        to answer it.
        """
        with self._bezetting.gebruik():
            try:
                db = self._lezers.pop()
            except IndexError:
                db = self.pool.maak()
                db.row_factory = None
            try:
                return db.execute(sql, waarden).fetchall()
            except sqlite3.Error as fout:
                raise OperationalError(fout) from fout
            finally:
                if len(self._lezers) < _LEZERS:
                    self._lezers.append(db)
                else:
                    db.close()

    def close(self) -> None:
        if hasattr(self, "_bezetting") and self._bezetting.sluit():
            super().close()
            while self._lezers:
                self._lezers.pop().close()


class SqliteOpslag(SQLiteProcessRecorder):
    """The library's SQLite recorder with whole batches, side rows and a lock on the file."""

    def __init__(self, bestand: Path | None, tabellen: Tabellen) -> None:
        """Open and migrate ``bestand``, or a store in memory for None; raises StartFout."""
        self._slot = None
        if bestand is not None:
            try:
                bestand.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as fout:
                raise StartFout(
                    "opslag-onbereikbaar", f"kan {bestand.parent} niet maken: {fout.strerror}"
                ) from fout
            self._slot = Slot(bestand)
        self.bestand = bestand
        self._afgerond = tabellen.afgerond
        # Two connections that write or checkpoint at once can spoil the file (before 3.51.3).
        self._schrijft = Lock()
        uri = _uri(bestand) if bestand else f"file:{id(self)}?mode=memory&cache=shared"
        try:
            datastore = _Bestand(uri)
            self._lees = datastore.lees
            super().__init__(datastore)
            self._migreer(tabellen)
        except PersistenceError as fout:
            self.sluit()
            raise StartFout("opslag-onbruikbaar", f"{bestand}: {_reden(fout)}") from fout
        except StartFout:
            self.sluit()
            raise

    def _migreer(self, tabellen: Tabellen) -> None:
        with self.datastore.transaction(commit=False) as c:
            versie, vraagt = _lees_stand(c)
        if vraagt > tabellen.versie:
            raise StartFout(
                "opslag-nieuwer",
                f"{self.bestand} is van versie {versie} en vraagt software die minstens versie"
                f" {vraagt} kent, deze kent versie {tabellen.versie}: werk de software bij;"
                " er is niets gewijzigd",
            )
        # Steps and version go in one transaction: a crash leaves the former version. Without a
        # step it still shows whether this file can be written at all.
        with self.datastore.transaction(commit=True) as c:
            if vraagt == 0:
                self._create_table(c)
            if versie < tabellen.versie:
                for opdracht in (*_VERSIE, *chain.from_iterable(tabellen.stappen[versie:])):
                    c.execute(opdracht.format(**_TYPEN))
                c.execute("INSERT INTO schema_versie VALUES (?)", (tabellen.versie,))
                # With a new file nobody worked yet: there is nothing to go back to.
                vraagt = max(vraagt, tabellen.vraagt if versie else tabellen.afgerond)
            c.execute(f"{_VRAAGT} = {vraagt}")

    def beurt(self) -> AbstractContextManager[tuple[()]]:
        """See ``Opslag``: the file is this process's alone, and it has one writer."""
        return nullcontext(())

    def schrijf(self, lading: Lading) -> Sequence[int]:
        """See ``Opslag``."""
        with self._schrijft:
            with self.datastore.transaction(commit=True) as c:
                try:
                    nummers = self._schrijf(c, lading)
                except sqlite3.IntegrityError as fout:
                    raise IntegrityError(fout) from fout
                except sqlite3.OperationalError as fout:
                    raise OperationalError(fout) from fout
            if self.bestand and any(sql.startswith(("DELETE", "UPDATE")) for sql in lading.rijen):
                # Nearly always nobody reads, and then it is gone before it is answered.
                _leeg_journaal(self.bestand)
        return nummers

    def ruim_op(self) -> bool:
        """See ``Opslag``."""
        if self.bestand is None:
            return True
        # Where rows were moved within the file, a copy can be left between those of today.
        herschrijf = self.bestand.stat().st_size <= HERSCHRIJFBAAR
        with self._schrijft:
            return _leeg_journaal(self.bestand, herschrijf=herschrijf)

    def rond_af(self) -> None:
        """From now on nobody of before ``Tabellen.afgerond`` starts on this file any more."""
        with self._schrijft, self.datastore.transaction(commit=True) as c:
            c.execute(f"{_VRAAGT} = {max(_lees_stand(c)[1], self._afgerond)}")

    def kan_terug(self) -> bool:
        """See ``Opslag``."""
        return bool(self.vraag(_VRAAGT)[0][0] < self._afgerond)

    def _schrijf(self, c: SQLiteCursor, lading: Lading) -> Sequence[int]:
        nummers = self._insert_events(c, lading.gebeurtenissen) or ()
        for sql, rijen in lading.rijen.items():
            _voer_uit(c, sql, rijen)
        _voer_uit(c, SCHUIF_POSITIE, list(lading.posities.items()))
        return nummers

    def _insert_events(
        self, c: SQLiteCursor, stored_events: Sequence[StoredEvent], **kwargs: Any
    ) -> Sequence[int] | None:
        if kwargs.get("tracking") is not None:  # the library's own road stays whole
            return super()._insert_events(c, stored_events, **kwargs)
        rijen = [
            (_hex(s.originator_id), s.originator_version, s.topic, s.state) for s in stored_events
        ]
        _voer_uit(c, _VOEG_IN, rijen)
        # One writer and no deletes: the row ids of a transaction are consecutive.
        laatste = int(c.lastrowid) if stored_events else 0
        return range(laatste - len(stored_events) + 1, laatste + 1)

    def select_events_van(self, ids: Collection[UUID]) -> Sequence[StoredEvent]:
        """See ``Opslag``."""
        rijen: list[Rij] = []
        for brok in in_brokken([(_hex(id_),) for id_ in ids]):
            vragen = ",".join("?" * len(brok))
            rijen += self.vraag(_VAN_ALLE.format(vragen), [hex_ for (hex_,) in brok])
        return [StoredEvent(UUID(hex=hex_), *rij) for hex_, *rij in rijen]

    def vraag(self, sql: str, waarden: Sequence[Any] = ()) -> list[Rij]:
        """See ``Opslag``."""
        if self.bestand is not None:
            return self._lees(sql, waarden)
        with self.datastore.transaction(commit=False) as c:
            c.execute(sql, waarden)
            return [tuple(rij) for rij in c.fetchall()]

    def alleenrecht(self, naam: str) -> "_Alleen":  # noqa: ARG002 - there is no other process
        """See ``Opslag``."""
        return _Alleen(self)

    def sluit(self) -> None:
        """See ``Opslag``."""
        if hasattr(self, "datastore"):
            self.datastore.close()
        if self._slot is not None:
            self._slot.geef_vrij()
            self._slot = None


def _lees_stand(c: SQLiteCursor) -> tuple[int, int]:
    """Its version, and the one that it asks of software: what the first software called version."""
    c.execute(_VRAAGT)
    vraagt = int(c.fetchone()[0])
    c.execute("SELECT 1 FROM sqlite_master WHERE name = 'schema_versie'")
    if c.fetchone() is None:
        return vraagt, vraagt
    c.execute("SELECT versie FROM schema_versie")
    return int(c.fetchone()[0]), vraagt


class _Alleen:
    """The lock on the file gave this process every right there is."""

    def __init__(self, opslag: SqliteOpslag) -> None:
        self._opslag = opslag

    def neem(self) -> bool:
        return True

    def bewaar(self, posities: Mapping[str, int]) -> None:
        if posities:
            self._opslag.schrijf(Lading(rijen={_ZET_POSITIE: list(posities.items())}))

    def geef_op(self) -> None:
        """Nobody waits for it."""


def heeft_inhoud(bestand: Path, *, van_anderen: bool) -> bool:
    """Whether anything was ever recorded in this file, or it is no store at all.

    ``van_anderen``: also when that is only what others said.
    """
    try:
        with closing(sqlite3.connect(f"{_uri(bestand)}?mode=ro", uri=True)) as db:
            rijen = db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            tabellen = {naam for (naam,) in rijen}
            tabellen &= tabellen - _ZONDER_INHOUD if van_anderen else _MET_SLEUTEL
            return any(db.execute(_RIJ.format(een)).fetchone() for een in tabellen)
    except sqlite3.Error:
        return True


def _leeg_journaal(bestand: Path, *, herschrijf: bool = False) -> bool:
    """Empty the write-ahead log, if nobody needs what is in it; whether it is empty now."""
    # Not one of the pool: there who writes would wait for its return.
    with closing(
        sqlite3.connect(_uri(bestand), timeout=_KORT, uri=True, isolation_level=None)
    ) as db:
        try:
            db.execute("PRAGMA secure_delete = ON")
            leeg: tuple[int, ...] = db.execute(_LEEG).fetchone()
            if leeg[0] or not herschrijf:
                return not leeg[0]
            db.execute("PRAGMA temp_store = MEMORY")  # no copy in yet another file
            db.execute("VACUUM")
            leeg = db.execute(_LEEG).fetchone()
            return not leeg[0]
        except sqlite3.OperationalError as fout:
            if fout.sqlite_errorcode in _BEZET:
                return False
            raise OperationalError(fout) from fout


def _uri(bestand: Path) -> str:
    return f"file:{quote(str(bestand))}"


def _hex(id_: UUID | str) -> str:
    return id_.hex if isinstance(id_, UUID) else id_


def _reden(fout: PersistenceError) -> str:
    oorzaak = str(fout)
    uitleg: dict[str, str] = {
        "readonly": "het bestand is alleen-lezen",
        "disk is full": "de schijf is vol",
        "disk I/O error": "de schijf is vol of weigert",
        "not a database": "dit is geen opslag van schakel of ze is beschadigd",
        "unable to open": "het bestand kan niet worden geopend",
        "locked": "een ander programma houdt het bestand bezet",
    }
    return next((nl for en, nl in uitleg.items() if en in oorzaak), oorzaak)
