"""A log in a file: the way from one process to the embedded bus of another, on the same disk.

SQLite keeps it whole whatever is killed: a reader sees a batch, or nothing of it.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path
from threading import Lock
from typing import Any

from schakel.kern.grond.weigering import BusFout

from .bericht import KOPPEN, Levering, Record
from .ingebed import MAX_RECORDS
from .poorten import Busverbinding, Topic, Verzending

_TABEL = """
    CREATE TABLE IF NOT EXISTS berichten
    (nummer INTEGER PRIMARY KEY AUTOINCREMENT, sleutel BLOB NOT NULL, waarde BLOB NOT NULL)
"""
_IS_ER = "SELECT 1 FROM sqlite_master WHERE name = 'berichten'"
_LEES = "SELECT nummer, sleutel, waarde FROM berichten WHERE nummer > ? ORDER BY nummer LIMIT ?"
_EINDE = "SELECT coalesce(max(nummer), 0) FROM berichten"
_GEDULD = 10.0
"""Seconds to wait for who is writing."""


class Bestandslog:
    """The log as the embedded bus reads it; empty for as long as nobody wrote one."""

    def __init__(self, bron: Topic, pad: Path) -> None:
        """``bron`` is what it stands for."""
        self.bron, self.schrijver = bron
        self._pad = pad
        self._db: sqlite3.Connection | None = None
        self._slot = Lock()
        self._is_gesloten = False

    def lees(self, na: int) -> Levering:
        """The records after ``na``, at most 500; raises BusFout."""
        rijen = self._vraag(_LEES, (na, MAX_RECORDS))
        records = [Record(nummer, sleutel, KOPPEN, waarde) for nummer, sleutel, waarde in rijen]
        return Levering(self.bron, self.schrijver, records)

    def achterstand(self, na: int) -> int:
        """How much there is after ``na``; raises BusFout."""
        ((einde,),) = self._vraag(_EINDE) or [(0,)]
        return max(0, int(einde) - na)

    def sluit(self) -> None:
        """Nobody reads it from here on."""
        with self._slot:
            self._is_gesloten = True
            if self._db is not None:
                self._db.close()

    def _vraag(self, sql: str, waarden: Sequence[int] = ()) -> list[Any]:
        with self._slot:
            try:
                if self._is_gesloten or (db := self._verbonden()) is None:
                    return []
                return db.execute(sql, waarden).fetchall()
            except sqlite3.Error as fout:
                raise _onbruikbaar(self._pad, fout) from fout

    def _verbonden(self) -> sqlite3.Connection | None:
        """None as long as nobody wrote a log."""
        if self._db is None and self._pad.exists():
            with ExitStack() as opruimen:
                db = opruimen.enter_context(closing(_verbind(self._pad)))
                if db.execute(_IS_ER).fetchone() is not None:
                    opruimen.pop_all()
                    self._db = db
        return self._db


class Bestandsuitgang:
    """The way out for who writes the log: one process at a time."""

    wijze = ""

    def __init__(self, pad: Path) -> None:
        """The file is made where it is not there yet; the folder must be."""
        self._pad = pad

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Busverbinding]:
        """See ``Uitgang``."""
        with closing(_Bestandskanaal(self._pad)) as kanaal:
            await asyncio.to_thread(kanaal.open)
            yield kanaal


class _Bestandskanaal:
    """See ``Kanaal``: what was sent is on disk."""

    merk = ""

    def __init__(self, pad: Path) -> None:
        self._pad = pad
        self._slot = Lock()
        try:
            self._db = _verbind(pad)
        except sqlite3.Error as fout:
            raise _onbruikbaar(pad, fout) from fout

    def open(self) -> None:
        """Make the log where it is not there yet."""
        try:
            with self._slot:
                self._db.execute("PRAGMA journal_mode = WAL")
                self._db.execute("PRAGMA synchronous = FULL")
                self._db.execute(_TABEL)
        except sqlite3.Error as fout:
            raise _onbruikbaar(self._pad, fout) from fout

    def close(self) -> None:
        """Wait for who still writes: a thread does not end when its task is cancelled."""
        with self._slot:
            self._db.close()

    async def zend(self, verzendingen: Sequence[Verzending]) -> Mapping[str, int]:
        """See ``Kanaal``."""
        return {self._pad.name: await asyncio.to_thread(self._schrijf, verzendingen)}

    async def keur(self, einden: Mapping[str, int]) -> bool:  # noqa: ARG002 - it is never emptied
        """See ``Kanaal``."""
        return True

    def _schrijf(self, verzendingen: Sequence[Verzending]) -> int:
        rijen = [(v.sleutel, v.waarde) for v in verzendingen]
        try:
            with self._slot, self._db:
                self._db.execute("BEGIN IMMEDIATE")
                self._db.executemany("INSERT INTO berichten (sleutel, waarde) VALUES (?, ?)", rijen)
                ((einde,),) = self._db.execute(_EINDE).fetchall()
        except sqlite3.Error as fout:
            raise _onbruikbaar(self._pad, fout) from fout
        return int(einde)


def _verbind(pad: Path) -> sqlite3.Connection:
    return sqlite3.connect(pad, timeout=_GEDULD, isolation_level=None, check_same_thread=False)


def _onbruikbaar(pad: Path, fout: sqlite3.Error) -> BusFout:
    return BusFout("bestand-onbruikbaar", f"{pad.name} is niet te gebruiken: {fout}")
