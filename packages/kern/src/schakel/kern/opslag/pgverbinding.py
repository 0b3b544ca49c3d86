"""Connections to PostgreSQL: bounded in number and in time, tried before use after a rest.

The pool of psycopg backs off ever longer while a database is away, and hides why. This one connects
when it is asked, so that the first request after a restart of the database succeeds.
"""

import os
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import BoundedSemaphore
from typing import Any

import psycopg
from eventsourcing import persistence as p
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row

from schakel.kern.grond.instellingen import is_loopback

VERBIND_SECONDEN = 2
ANTWOORD_SECONDEN = 12
"""A server that is frozen does not keep its own limits: after this the client gives up on it."""

MEESTE_LEZERS = 9
"""Connections beside the writer's own: it never waits for who reads."""

SLOT_MS = 8_000
_GRENZEN = {
    "statement_timeout": 10_000,
    # Longer than a frozen writer may keep the turn.
    "lock_timeout": SLOT_MS,
    # A frozen writer is thrown out; whatever it did is undone, and its late commit refused.
    "idle_in_transaction_session_timeout": 5_000,
    # The same for one that freezes while it takes in an answer; of sockets PostgreSQL cannot know.
    "tcp_user_timeout": 5_000,
    # What is acknowledged is kept, also where somebody made the database faster.
    "synchronous_commit": "on",
}
_RUST = 0.5
"""Seconds of rest after which a connection is tried before it is used."""


class Verbinding(psycopg.Connection[DictRow]):
    """A connection that does not wait for ever for a server that says nothing."""

    geduld: float | None = ANTWOORD_SECONDEN
    is_bereid = False
    """Whether this session knows the statements that were prepared by name."""

    @property
    def is_vrij(self) -> bool:
        """Whether it works and no transaction is open."""
        return self.pgconn.transaction_status == TransactionStatus.IDLE

    def maak_ongedaan(self) -> None:
        """End a transaction that went wrong halfway; without one nothing happens."""
        if not self.is_vrij:
            self.is_bereid = False  # psycopg may let go of all that is prepared
            with suppress(psycopg.Error):
                self.rollback()

    def wait(self, *delen: Any, **anders: Any) -> Any:
        """See ``psycopg.Connection``; raises ZwijgendeDatabase, and then it is closed."""
        anders.setdefault("timeout", self.geduld)
        try:
            return super().wait(*delen, **anders)
        except psycopg.errors._WaitTimeout as fout:  # noqa: SLF001 - it has no public name
            self.pgconn.finish()  # what the server still sends is no answer to the next question
            raise ZwijgendeDatabase("de database antwoordt niet") from fout


class ZwijgendeDatabase(psycopg.OperationalError):
    """Connected, and no answer in time: what was asked may still be done."""


_FAMILIE: tuple[tuple[type[psycopg.Error], type[p.PersistenceError]], ...] = (
    (psycopg.InterfaceError, p.InterfaceError),
    (psycopg.DataError, p.DataError),
    (psycopg.OperationalError, p.OperationalError),
    (psycopg.IntegrityError, p.IntegrityError),
    (psycopg.InternalError, p.InternalError),
    (psycopg.ProgrammingError, p.ProgrammingError),
    (psycopg.NotSupportedError, p.NotSupportedError),
    (psycopg.DatabaseError, p.DatabaseError),
    (psycopg.Error, p.PersistenceError),
)


def reden(fout: psycopg.Error) -> str:
    """What went wrong in one line, without the values that PostgreSQL quotes in its details."""
    return fout.diag.message_primary or (str(fout) or type(fout).__name__).splitlines()[0]


@contextmanager
def vertaalde_fouten() -> Iterator[None]:
    """Errors of psycopg come out as the library's PersistenceError family."""
    try:
        yield
    except psycopg.Error as fout:
        soort = next(eigen for vreemd, eigen in _FAMILIE if isinstance(fout, vreemd))
        raise soort(reden(fout)) from fout


def is_van_tls(fout: psycopg.Error) -> bool:
    """Whether there is no connection because nobody proves who the server is.

    Only the text tells: of an attempt that failed libpq gives no code.
    """
    return any(teken in str(fout) for teken in ("certificate", "SSL error", "does not support SSL"))


def verbind(url: str, **grenzen: str | int) -> Verbinding:
    """A connection in autocommit with our limits; ``grenzen`` change them. Raises psycopg.Error."""
    waar = conninfo_to_dict(url)
    eigen = str(waar.get("options") or "")
    opties = " ".join(f"-c {naam}={waarde}" for naam, waarde in (_GRENZEN | grenzen).items())
    return Verbinding.connect(
        url,
        autocommit=True,
        row_factory=dict_row,
        connect_timeout=VERBIND_SECONDEN,
        client_encoding="UTF8",  # otherwise that of the database, which somebody else made
        options=f"{opties} {eigen}".strip(),
        sslmode=versleuteling(waar),
    )


def versleuteling(waar: Mapping[str, Any]) -> str | None:
    """What ``sslmode`` to ask for where neither the address ``waar`` nor PGSSLMODE says it.

    Over a network the server has to prove by a certificate that it is who was asked for: what
    libpq does by itself goes on without, unseen (https://www.postgresql.org/docs/18/libpq-ssl.html).
    """
    if waar.get("sslmode") or os.environ.get("PGSSLMODE"):
        return None
    namen = [*_genoemd(waar, "host"), *_genoemd(waar, "hostaddr")]
    if not namen and _genoemd(waar, "service"):
        return "verify-full"  # what that file says is not known here
    is_hier = all(naam[0] in "/@" or is_loopback(naam) for naam in namen)
    return None if is_hier else "verify-full"


def _genoemd(waar: Mapping[str, Any], wat: str) -> list[str]:
    """What the address says of ``wat``, or else the environment, as libpq looks for it."""
    gezegd = waar.get(wat) or os.environ.get(f"PG{wat.upper()}") or ""
    return [naam for naam in str(gezegd).split(",") if naam]


class Verbindingen:
    """A bounded number of connections, each lent to one thread at a time."""

    def __init__(self, url: str, meeste: int) -> None:
        """Connects when first asked."""
        self._url = url
        self._plaats = BoundedSemaphore(meeste)
        self._vrij: deque[tuple[Verbinding, float]] = deque()
        self._is_open = True

    @contextmanager
    def leen(self) -> Iterator[Verbinding]:
        """A connection that works, outside a transaction; raises psycopg.Error."""
        if not self._plaats.acquire(timeout=VERBIND_SECONDEN):
            raise psycopg.OperationalError("alle verbindingen met de database zijn bezet")
        try:
            verbinding = self._pak()
            try:
                yield verbinding
            finally:
                self._leg_terug(verbinding)
        finally:
            self._plaats.release()

    def _pak(self) -> Verbinding:
        while self._vrij:
            with suppress(IndexError):  # another thread was first
                verbinding, sinds = self._vrij.pop()
                if time.monotonic() - sinds < _RUST or _werkt(verbinding):
                    return verbinding
                verbinding.close()
        if not self._is_open:
            raise psycopg.OperationalError("de opslag is gesloten")
        return verbind(self._url)

    def _leg_terug(self, verbinding: Verbinding) -> None:
        verbinding.maak_ongedaan()
        if self._is_open and verbinding.is_vrij:
            self._vrij.append((verbinding, time.monotonic()))
        else:
            verbinding.close()

    def sluit(self) -> None:
        """Close what is not lent; what is lent closes on its return."""
        self._is_open = False
        while self._vrij:
            self._vrij.pop()[0].close()


def _werkt(verbinding: Verbinding) -> bool:
    """Whether it can be used; a server that says nothing is not asked again on the next one."""
    geduld, verbinding.geduld = verbinding.geduld, VERBIND_SECONDEN
    try:
        verbinding.execute("SELECT 1", prepare=False)
    except ZwijgendeDatabase:
        raise
    except psycopg.Error:
        return False
    finally:
        verbinding.geduld = geduld
    return True
