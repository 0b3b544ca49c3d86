"""The three that are compared: our writer, the raw limit of the store, and the library as it is."""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from uuid_utils.compat import uuid7

from schakel.kern.opslag import KERNTABELLEN, Opslag
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.vastlegging.aggregaat import Aggregaat
from schakel.kern.vastlegging.gebeurtenis import Door, Gebeurtenis, Plaats, Register
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.werk import Voorraad, Werk

from .verslag import mediaan

DOOR = Door("mw-0123456789abcdef0123", "behandelaar")
TEKST = "x" * 380
"""Makes a stored event of about 540 bytes, as those of a melding are."""


class Gezet(Gebeurtenis, frozen=True):
    """Something was put down."""

    NAAM: ClassVar[str] = "bench/gezet"
    tekst: str

    def pas_toe(self, op: "Vak") -> None:
        op.tekst = self.tekst


class Vak(Aggregaat):
    """The smallest aggregate that there is."""

    tekst = ""


def nu() -> datetime:
    return datetime.now(UTC)


def schrijver_op(opslag: Opslag) -> Schrijver[Vak]:
    return Schrijver(Voorraad(Vak, Register([Gezet]), opslag), nu)


def zet(id_: UUID, aantal: int = 1, tekst: str = TEKST) -> Taak[Vak, None]:
    """A task: a new aggregate to which something happens ``aantal`` times."""

    def doe(werk: Werk[Vak]) -> None:
        vak = Vak(id_, Plaats(id_))
        werk.voeg_toe(vak)
        for _ in range(aantal):
            vak.gebeurt(Gezet(tekst))

    return Taak(doe, type(None), DOOR)


@dataclass
class Duur:
    """How long a number of events took: on the clock, and of the processor."""

    aantal: int
    seconden: float
    rekenseconden: float
    wachttijden: Sequence[float] = ()

    @property
    def per_seconde(self) -> float:
        return self.aantal / self.seconden

    @property
    def rekentijd(self) -> float:
        """Processor time per event in microseconds: what noise of other work hurts least."""
        return self.rekenseconden / self.aantal * 1e6


def verhouding(teller: Sequence[Duur], noemer: Sequence[Duur]) -> float:
    """The median of the ratios within a round: a slow moment hurts both sides of it."""
    paren = zip(teller, noemer, strict=True)
    return mediaan([een.per_seconde / ander.per_seconde for een, ander in paren])


def meet(aantal: int, werk: Callable[[], None]) -> Duur:
    """Time ``werk``, which handles ``aantal`` events."""
    begin, rekenbegin = time.perf_counter(), time.process_time()
    werk()
    return Duur(aantal, time.perf_counter() - begin, time.process_time() - rekenbegin)


def ids(aantal: int) -> list[UUID]:
    """Drawn up front for everyone: drawing them is nobody's storing."""
    return [uuid7() for _ in range(aantal)]


def ons(map_: Path, aantal: int, in_vlucht: int) -> Duur:
    """Single durable events through the writer, with so many callers that wait for their own."""
    opslag = SqliteOpslag(map_ / "ons.db", KERNTABELLEN)
    try:
        return asyncio.run(laat_schrijven(opslag, aantal, in_vlucht))
    finally:
        opslag.sluit()


async def laat_schrijven(opslag: Opslag, aantal: int, in_vlucht: int) -> Duur:
    """So many callers, each with one event at a time, through the writer."""
    schrijver = schrijver_op(opslag)
    werk = iter([zet(id_) for id_ in ids(aantal)])
    wachttijden: list[float] = []

    async def roep() -> None:
        for taak in werk:
            begin = time.perf_counter()
            await schrijver.voer_uit(taak)
            wachttijden.append(time.perf_counter() - begin)

    begin, rekenbegin = time.perf_counter(), time.process_time()
    await asyncio.gather(*(roep() for _ in range(in_vlucht)))
    duur = Duur(aantal, time.perf_counter() - begin, time.process_time() - rekenbegin, wachttijden)
    await schrijver.sluit()
    return duur


def staat_van(opslag_map: Path) -> bytes:
    """What ours stores, so that the others store as much."""
    ons(opslag_map, 1, 1)
    with closing(sqlite3.connect(opslag_map / "ons.db")) as verbinding:
        return bytes(verbinding.execute("SELECT state FROM stored_events").fetchone()[0])


def ruw(map_: Path, aantal: int, per_commit: int, staat: bytes) -> Duur:
    """The limit: rows that are ready, in the same table and as durable, so many per commit."""
    verbinding = sqlite3.connect(map_ / "ruw.db", isolation_level=None)
    verbinding.execute("PRAGMA journal_mode = WAL")
    verbinding.execute("PRAGMA synchronous = FULL")
    verbinding.execute(
        "CREATE TABLE stored_events (originator_id TEXT, originator_version INTEGER, topic TEXT,"
        " state BLOB, PRIMARY KEY (originator_id, originator_version))"
    )
    rijen = [(id_.hex, 1, "bench/gezet", staat) for id_ in ids(aantal)]

    def schrijf() -> None:
        for begin in range(0, aantal, per_commit):
            verbinding.execute("BEGIN")
            verbinding.executemany(
                "INSERT INTO stored_events VALUES (?, ?, ?, ?)", rijen[begin : begin + per_commit]
            )
            verbinding.execute("COMMIT")

    try:
        return meet(aantal, schrijf)
    finally:
        verbinding.close()


class Gelijke(Aggregate):
    """The same with the library's own aggregate."""

    @event("Gezet")
    def __init__(self, tekst: str) -> None:
        self.tekst = tekst


def bibliotheek(map_: Path, aantal: int) -> Duur:
    """The peer: ``Application.save`` on its stock recorder, one event at a time."""
    app: Application[UUID] = Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(map_ / "bibliotheek.db"),
        }
    )

    def schrijf() -> None:
        for _ in range(aantal):
            app.save(Gelijke(TEKST))

    try:
        return meet(aantal, schrijf)
    finally:
        app.close()
