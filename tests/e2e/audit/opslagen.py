"""Reads what stands in the stores of a whole set, past all code that is under test."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import psycopg

from schakel.contracts.organisatie import ORCHESTRATOR
from schakel.contracts.werkstromen import Proces

PROCESSEN = tuple(proces.value for proces in Proces)
ALLEN = (ORCHESTRATOR, *PROCESSEN)

Lees = Callable[[str], list[tuple[Any, ...]]]


class Plek(msgspec.Struct, rename="camel"):
    """Which melding is meant, and where it is (to be)."""

    melding_id: str
    naar: str


class Overdracht(msgspec.Struct, rename="camel"):
    """What was handed over."""

    kind_id: str
    naar: str


class Herkomst(msgspec.Struct, rename="camel"):
    """What a melding came forth from."""

    melding_id: str


class Inhoud(msgspec.Struct, rename="camel"):
    """The part of a message that says what must come of it."""

    melding_id: str
    wortel_id: str
    proces: str
    versie: int
    ouder_id: str | None = None
    ouder_proces: str | None = None
    kind_id: str | None = None
    andere_id: str | None = None
    andere_proces: str | None = None
    overdracht: Overdracht | None = None
    nieuwe_meldingen: tuple[Plek, ...] = ()
    nieuwe_melding: Plek | None = None
    voortgekomen_uit: Herkomst | None = None
    gekoppeld: tuple[str, ...] = ()
    uitkomst: str | None = None
    aanleiding: str | None = None
    volgnummer: str | None = None
    resultaat: str | None = None


class Bericht(msgspec.Struct):
    """A message as the orchestrator kept it."""

    id: str
    source: str
    type: str
    partitionkey: str
    data: Inhoud

    @property
    def soort(self) -> str:
        """What it says, e.g. ``overgedragen``."""
        return self.type.split(".")[-2]


_LEES = msgspec.json.Decoder(Bericht)


@dataclass(frozen=True)
class Gebeurtenis:
    """A row of the event log: its number there is the order in which it was committed."""

    nummer: int
    melding: str
    versie: int

    @property
    def bericht(self) -> str:
        """The id of its one message."""
        return f"{self.melding}.{self.versie}"


class Opslagen:
    """The stores of one set, at rest."""

    def __init__(self, lees: Mapping[str, Lees], volgorde: str, keuring: str) -> None:
        """``volgorde`` is the column with the order of commit, ``keuring`` asks if it is whole."""
        self.lees = lees
        self.keuring = keuring
        self._volgorde = volgorde

    @cached_property
    def gebeurtenissen(self) -> Mapping[str, Sequence[Gebeurtenis]]:
        """Of each process, in order."""
        sql = (
            f"SELECT {self._volgorde}, originator_id, originator_version"
            f" FROM stored_events ORDER BY {self._volgorde}"
        )
        return {
            proces: [
                Gebeurtenis(nr, str(UUID(str(id_))), v) for nr, id_, v in self.lees[proces](sql)
            ]
            for proces in PROCESSEN
        }

    @cached_property
    def berichten(self) -> Sequence[Bericht]:
        """Everything that the orchestrator saw."""
        return [_LEES.decode(waarde) for waarde in self.waarden]

    @property
    def waarden(self) -> Iterator[bytes]:
        """The same as it came over the bus."""
        for (waarde,) in self.lees["orchestrator"]("SELECT waarde FROM gezien ORDER BY volgorde"):
            yield bytes(waarde)

    @cached_property
    def nummers(self) -> Mapping[str, int]:
        """Where each message stands in the log of its source."""
        return {een.bericht: een.nummer for log in self.gebeurtenissen.values() for een in log}


@contextmanager
def in_map(map_: Path) -> Iterator[Opslagen]:
    """SQLite files in one folder."""
    with ExitStack() as opruimen:
        lees = {}
        for naam in ALLEN:
            adres = f"file:{map_ / naam}.db?mode=ro"
            verbinding = opruimen.enter_context(closing(sqlite3.connect(adres, uri=True)))
            lees[naam] = _sqlite(verbinding)
        yield Opslagen(lees, "rowid", "PRAGMA integrity_check")


def _sqlite(verbinding: sqlite3.Connection) -> Lees:
    return lambda sql: verbinding.execute(sql).fetchall()


@contextmanager
def op_postgres(urls: Mapping[str, str]) -> Iterator[Opslagen]:
    """A PostgreSQL database for each."""
    with ExitStack() as opruimen:
        lees = {}
        for naam, url in urls.items():
            verbinding = opruimen.enter_context(psycopg.connect(url, autocommit=True))
            lees[naam] = _postgres(verbinding)
        yield Opslagen(lees, "notification_id", "SELECT 'ok'")


def _postgres(verbinding: psycopg.Connection[tuple[Any, ...]]) -> Lees:
    return lambda sql: verbinding.execute(sql).fetchall()
