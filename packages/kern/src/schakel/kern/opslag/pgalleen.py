"""An exclusive right on a PostgreSQL database: an advisory lock that lives with its connection.

Positions are written over that same connection, so who has lost the right cannot move one.
"""

from collections.abc import Mapping
from contextlib import suppress
from threading import Lock

import psycopg
from eventsourcing.persistence import OperationalError

from .pgverbinding import Verbinding, verbind, vertaalde_fouten

_ONGEBRUIKT_MS = 15_000
"""A frozen holder loses the right: the server ends its session."""
_NEEM = "SELECT pg_try_advisory_lock(hashtext(%s)) AS gelukt"
_BEWAAR = (
    "INSERT INTO tracking SELECT * FROM unnest(%s::text[], %s::bigint[])"
    " ON CONFLICT (application_name) DO UPDATE SET notification_id = excluded.notification_id"
)


class PgAlleenrecht:
    """Holds the lock from ``neem`` until it is given up or the connection ends."""

    def __init__(self, url: str, naam: str) -> None:
        """Nothing is connected yet."""
        self._url = url
        self._naam = naam
        self._verbinding: Verbinding | None = None
        # A cancelled task leaves its thread running: giving up waits for it.
        self._beurt = Lock()

    def neem(self) -> bool:
        """See ``Alleenrecht``."""
        with self._beurt, vertaalde_fouten():
            # Not waiting for the disk: a position that is lost only makes something repeated.
            verbinding = verbind(
                self._url, synchronous_commit="off", idle_session_timeout=_ONGEBRUIKT_MS
            )
            self._verbinding = verbinding
            rij = verbinding.execute(_NEEM, (self._naam,)).fetchone()
            if rij is not None and rij["gelukt"]:
                return True
            self._sluit()
            return False

    def bewaar(self, posities: Mapping[str, int]) -> None:
        """See ``Alleenrecht``; also without positions it shows that we are there."""
        with self._beurt, vertaalde_fouten():
            if self._verbinding is None:
                raise OperationalError("dit recht is opgegeven")
            if posities:
                self._verbinding.execute(_BEWAAR, [list(posities), list(posities.values())])
            else:
                self._verbinding.execute("SELECT 1")

    def geef_op(self) -> None:
        """See ``Alleenrecht``."""
        with self._beurt:
            self._sluit()

    def _sluit(self) -> None:
        if self._verbinding is not None:
            with suppress(psycopg.Error):
                self._verbinding.close()
            self._verbinding = None
