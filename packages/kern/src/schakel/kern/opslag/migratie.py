"""The tables of a PostgreSQL store: made, and brought up to date while services run on them.

A step expands: it adds tables, indexes, and columns that may be empty or have a default. So who
runs the former version goes on, may start again, and may be gone back to. Only what ``Tabellen``
calls ``oudste`` ends that, or an operator who says that it is over (``rond_af``). An index on a
table with rows is a step of its own: it is built without holding up who writes.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict

from schakel.kern.grond.weigering import StartFout

from .pgtaal import TYPEN
from .pgverbinding import Verbinding, is_van_tls, reden, verbind
from .tabellen import Tabellen

GEDULD = 300.0
"""Seconds to wait for a table that is in use, or for another that migrates."""

_MIGRATIESLOT = 7_241_653_920_117
"""The advisory lock under which one process at a time migrates a database."""

_TABELSLOT_MS = 1_000
"""Whoever waits for a table holds up all who come after: give up soon, and try again."""

_WACHT = 0.25
_ONGEBRUIKT_MS = 15_000
"""A migration that is frozen gives way to another."""

_GROND = (
    # As the library makes them, without its composite types and functions.
    "CREATE TABLE stored_events (originator_id uuid NOT NULL, originator_version bigint NOT NULL,"
    " topic text NOT NULL, state bytea NOT NULL, notification_id bigserial,"
    " PRIMARY KEY (originator_id, originator_version))",
    "CREATE UNIQUE INDEX stored_events_notification_id_idx ON stored_events (notification_id)",
    "CREATE TABLE tracking (application_name text PRIMARY KEY, notification_id bigint NOT NULL)",
    "CREATE TABLE schema_versie"
    " (versie integer NOT NULL, oudste integer NOT NULL, dienst text NOT NULL)",
    "INSERT INTO schema_versie VALUES (0, 0, '')",
)
_ROND_AF = "UPDATE schema_versie SET oudste = greatest(oudste, %s)"
_INDEX = re.compile(r"CREATE (?P<uniek>UNIQUE )?INDEX (?P<naam>\w+) (?P<rest>ON .*)", re.DOTALL)


class _Stand(NamedTuple):
    """What a database says of its tables: nothing is version 0."""

    versie: int = 0
    oudste: int = 0
    dienst: str = ""


def migreer(url: str, tabellen: Tabellen, naam: str = "") -> int:
    """Make the tables of ``naam`` up to date; return the version that they have then.

    Safe when many start at once and while services run; every step is taken whole or not at all.
    Of a newer store that still serves this version nothing is changed. Raises StartFout.
    """
    # A statement may take as long as it takes: an index on a large table.
    with _geopend(
        url,
        _MAAKT_GEEN_DATABASE,
        statement_timeout=0,
        lock_timeout=_TABELSLOT_MS,
        idle_session_timeout=_ONGEBRUIKT_MS,
    ) as verbinding:
        verbinding.geduld = None
        _telkens(lambda: _neem_slot(verbinding))
        stand = _lees_stand(verbinding)
        _keur_eigenaar(url, stand, naam)
        if stand.versie > tabellen.versie:
            _keur_oudste(url, stand, tabellen)
            return stand.versie
        if stand.versie == 0:
            alles = [opdracht for stap in tabellen.stappen for opdracht in stap]
            _telkens(lambda: _zet(verbinding, tabellen, naam, tabellen.versie, [*_GROND, *alles]))
            verbinding.execute(_ROND_AF, (tabellen.afgerond,))  # nobody worked with it yet
        for versie in range(stand.versie or tabellen.versie, tabellen.versie):
            _zet_stap(verbinding, tabellen, naam, versie + 1)
    return tabellen.versie


def rond_af(url: str, tabellen: Tabellen, naam: str = "") -> None:
    """From now on nobody of before ``Tabellen.afgerond`` starts on this database any more.

    Whoever calls it knows that none of them runs. Raises StartFout.
    """
    keur(url, tabellen, naam)
    with _geopend(url) as verbinding:
        verbinding.execute(_ROND_AF, (tabellen.afgerond,))


def keur(url: str, tabellen: Tabellen, naam: str = "") -> None:
    """Whether ``naam`` can work with this database; raises StartFout with one clear line."""
    with _geopend(url) as verbinding:
        stand = _lees_stand(verbinding)
    if stand.versie < tabellen.versie:
        raise StartFout(
            "opslag-niet-gemigreerd",
            f"{_waar(url)} is van versie {stand.versie}, deze software vraagt versie"
            f" {tabellen.versie}: voer eerst `schakel{naam and f'-{naam}'} migreer` uit",
        )
    _keur_eigenaar(url, stand, naam)
    _keur_oudste(url, stand, tabellen)


def _neem_slot(verbinding: Verbinding) -> None:
    """Take the lock or raise; to wait inside a statement would hold up the building of an index."""
    rij = verbinding.execute("SELECT pg_try_advisory_lock(%s) AS vrij", (_MIGRATIESLOT,)).fetchone()
    if rij is None or not rij["vrij"]:
        raise psycopg.errors.LockNotAvailable("een ander migreert deze database nog")


def _zet_stap(verbinding: Verbinding, tabellen: Tabellen, naam: str, versie: int) -> None:
    """Take the step to ``versie`` on tables that are in use."""
    stap = tabellen.stappen[versie - 1]
    index = _INDEX.fullmatch(stap[0]) if len(stap) == 1 else None
    if index is not None:
        _bouw_index(verbinding, index)
        stap = ()
    _telkens(lambda: _zet(verbinding, tabellen, naam, versie, stap))


def _bouw_index(verbinding: Verbinding, index: re.Match[str]) -> None:
    """Outside a transaction, while everyone goes on; what a killed build left is built anew."""
    half = verbinding.execute(
        "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid",
        (index["naam"],),
    ).fetchall()
    with _zonder_slotgrens(verbinding):
        if half:
            verbinding.execute(f"DROP INDEX CONCURRENTLY {index['naam']}", prepare=False)
        verbinding.execute(
            f"CREATE {index['uniek'] or ''}INDEX CONCURRENTLY IF NOT EXISTS"
            f" {index['naam']} {index['rest']}",
            prepare=False,
        )


@contextmanager
def _zonder_slotgrens(verbinding: Verbinding) -> Iterator[None]:
    """It waits for who is reading, but nobody waits for it."""
    verbinding.execute("SET lock_timeout = 0")
    yield
    verbinding.execute(f"SET lock_timeout = {_TABELSLOT_MS}")


def _zet(
    verbinding: Verbinding, tabellen: Tabellen, naam: str, versie: int, opdrachten: Sequence[str]
) -> None:
    """Statements and the version that they make, in one transaction."""
    with verbinding.transaction():
        for opdracht in opdrachten:
            verbinding.execute(opdracht.format(**TYPEN), prepare=False)
        verbinding.execute(
            "UPDATE schema_versie SET versie = %s, oudste = greatest(oudste, %s),"
            " dienst = CASE dienst WHEN '' THEN %s ELSE dienst END",
            (versie, tabellen.vraagt, naam),
        )


def _telkens(doe: Callable[[], None]) -> None:
    """Try until it is not in somebody's way; raises what it raises in the end."""
    eind = time.monotonic() + GEDULD
    while True:
        try:
            return doe()
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            if time.monotonic() > eind:
                raise
        time.sleep(_WACHT)


def _lees_stand(verbinding: Verbinding) -> _Stand:
    if not verbinding.execute("SELECT to_regclass('schema_versie') AS tabel").fetchall()[0][
        "tabel"
    ]:
        return _Stand()
    rij = verbinding.execute("SELECT versie, oudste, dienst FROM schema_versie").fetchall()[0]
    return _Stand(**rij)


def _keur_eigenaar(url: str, stand: _Stand, naam: str) -> None:
    if naam and stand.dienst and stand.dienst != naam:
        raise StartFout(
            "opslag-van-een-ander",
            f"{_waar(url)} is van {stand.dienst}, niet van {naam}: elke dienst heeft een eigen"
            " database; er is niets gewijzigd",
        )


def _keur_oudste(url: str, stand: _Stand, tabellen: Tabellen) -> None:
    if stand.oudste > tabellen.versie:
        raise StartFout(
            "opslag-nieuwer",
            f"{_waar(url)} is van versie {stand.versie} en vraagt software die minstens versie"
            f" {stand.oudste} kent, deze kent versie {tabellen.versie}:"
            " werk de software bij; er is niets gewijzigd",
        )


_TLS = (
    " (over een netwerk bewijst een database wie zij is: noem haar CA in SCHAKEL_OPSLAG met"
    " sslrootcert=, of kies daar zelf een sslmode)"
)
_MAAKT_GEEN_DATABASE = (
    " (een database en haar eigenaar maakt de beheerder; migreren maakt alleen de tabellen)"
)


@contextmanager
def _geopend(url: str, uitleg: str = "", **grenzen: int) -> Iterator[Verbinding]:
    """A connection for one use, whose troubles are one clear line without the password."""
    try:
        with verbind(url, **grenzen) as verbinding:
            yield verbinding
    except psycopg.Error as fout:
        waarom = f"{reden(fout)}{_TLS if is_van_tls(fout) else uitleg}"
        raise StartFout("opslag-onbereikbaar", f"{_waar(url)}: {waarom}") from fout


def _waar(url: str) -> str:
    delen = conninfo_to_dict(url)
    plek = ":".join(str(delen[naam]) for naam in ("host", "port") if delen.get(naam))
    return f"database {delen.get('dbname') or ''} op {plek or 'deze machine'}"
