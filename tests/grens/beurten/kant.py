"""One organisation on a store of its own: the product's grens, whole, and the house behind it.

The grens is opened as a service opens it, on a file; only its writer runs in the caller's thread.
A kill closes the store without more and opens it again: what was committed stands, the rest is
gone. A restore puts back a copy of the store and of the house, both of one moment.
"""

import copy
import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple
from unittest.mock import patch
from uuid import UUID

from eventsourcing.persistence import OperationalError
from tests.grens.contract import overeenkomst
from tests.grens.huizen import AFSPRAKEN, OINS, zet_klaar

from schakel.bewijs import logsleutels
from schakel.grens import dienst, kanaal, overeenkomsten, porties, rondgang
from schakel.grens.instellingen import Instellingen
from schakel.grens.kanaal import Partnerkanaal
from schakel.grens.tabellen import TABELLEN
from schakel.kern.opslag import Lading, lees_posities
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.vastlegging.schrijver import Schrijver, Taak

from .huis import Huis

BEGIN: Final = datetime(2026, 11, 30, 12, tzinfo=UTC)
_MILLIS: Final = int(BEGIN.timestamp() * 1000)


class Klok:
    """A second for every time that somebody looks."""

    def __init__(self) -> None:
        self.nu = BEGIN

    def __call__(self) -> datetime:
        self.nu += timedelta(seconds=1)
        return self.nu


def _niemand() -> None:
    """Nobody looks."""


class Vlot(Schrijver[Any]):
    """The writer without a thread: each task in a transaction of its own, answered at once."""

    kijk: Callable[[], None] = staticmethod(_niemand)
    """Called after each."""

    async def voer_uit(self, taak: Taak[Any, Any]) -> Any:
        (uitslag,) = self._schrijf_of_herhaal([taak])
        self.aantal_taken += 1
        self.kijk()
        if isinstance(uitslag, Exception):
            raise uitslag
        return uitslag

    async def sluit(self) -> None:
        """There is no thread that waits."""


@contextmanager
def vlot() -> Iterator[None]:
    """Grenzen that are opened meanwhile have that writer; contract and keys are judged once.

    What a page of more than one leaf does is done a leaf at a time, so that a kill comes in
    between; and nobody rests.
    """
    lees = lru_cache(maxsize=8)(overeenkomsten.lees_getekend)
    vkey = lru_cache(maxsize=8)(logsleutels.lees_vkey)
    with (
        patch.object(dienst, "Schrijver", Vlot),
        patch.object(porties, "KLEIN", 1),
        patch.multiple(kanaal, KLEIN=1, PORTIE=1),
        patch.multiple(rondgang, PORTIE=1, ALLEEN=1, RUST=0.0),
        patch.object(overeenkomsten, "lees_getekend", lees),
        patch.object(logsleutels, "lees_vkey", vkey),
    ):
        yield


class Klaar(NamedTuple):
    """The folders of both, with contract, keys and an empty store: made once, copied for each."""

    map: Path
    leeg: Path
    instellingen: Mapping[str, Instellingen]

    @classmethod
    def maak(cls, map_: Path) -> "Klaar":
        getekend = overeenkomst(
            afspraken=AFSPRAKEN,
            geldigVanaf="2026-01-01T00:00:00Z",
            geldigTot="2028-01-01T00:00:00Z",
        )
        instellingen = {}
        for wie, oin in OINS.items():
            hier = map_ / wie
            zet_klaar(hier, wie, getekend, {})
            instellingen[wie] = Instellingen(
                oin=oin, gegevensmap=hier, logsleutels=(hier / "log.pem",)
            )
        leeg = map_ / "leeg.db"
        SqliteOpslag(leeg, TABELLEN).sluit()
        return cls(map_, leeg, instellingen)


class Kopie(NamedTuple):
    """A backup."""

    opslag: Path
    huis: Huis


class Kant:
    """See the module. ``ooit`` are the ids under which its grens ever asked for each schakel.

    ``is_teruggezet``: all of it was put back once; ``is_grens_teruggezet``: its grens alone;
    ``is_vergeetachtig``: either.
    """

    def __init__(self, klaar: Klaar, wie: str, huis: Huis, klok: Klok) -> None:
        self.wie, self.huis, self.klok = wie, huis, klok
        self.map = klaar.map / wie
        self.oin = OINS[wie]
        self.ooit: dict[UUID, set[UUID]] = {}
        self.is_teruggezet = False
        self.is_grens_teruggezet = False
        self.kopie: Kopie | None = None
        self.kijk: Callable[[], None] = _niemand
        self._klaar = klaar
        self._generatie = 0

    @property
    def is_vergeetachtig(self) -> bool:
        """Whether its grens may have lost an end."""
        return self.is_teruggezet or self.is_grens_teruggezet

    @property
    def bestand(self) -> Path:
        return self.map / "grens.db"

    @property
    def kanaal(self) -> Partnerkanaal:
        kanaal = self.grens.partners.van(self.huis.partner)
        if kanaal is None:
            raise LookupError("zonder overeenkomst is er geen kanaal")
        return kanaal

    async def begin(self) -> None:
        self._vervang(self._klaar.leeg)
        await self.open()

    async def open(self) -> None:
        """As a service starts."""
        self.grens = dienst.Grens(self._klaar.instellingen[self.wie], klok=self.klok)
        await self.grens.vergeet_sessies()
        await self.grens.partners.ververs(bel=False)
        self.posities = lees_posities(self.grens.opslag)
        self._gelezen_bij = 0
        self.grens.schrijver.kijk = self.kijk  # type: ignore[attr-defined]

    def kijk_met(self, kijk: Callable[[], None]) -> None:
        """Called from now on after every transaction here."""
        self.kijk = self.grens.schrijver.kijk = kijk  # type: ignore[attr-defined]

    def sluit(self) -> None:
        self.grens.opslag.sluit()

    async def dood(self) -> None:
        """Killed, and started again."""
        self.sluit()
        await self.open()

    @contextmanager
    def schrijft_niet(self, na: int = 0) -> Iterator[None]:
        """Meanwhile no transaction gets to its end: killed before it, as seen from outside.

        The first ``na`` of them still do.
        """
        schrijf, nog = self.grens.opslag.schrijf, iter(range(na))

        def faal(lading: Lading) -> Sequence[int]:
            if next(nog, None) is None:
                raise OperationalError("afgebroken")
            return schrijf(lading)

        with patch.object(self.grens.opslag, "schrijf", faal):
            yield

    def kopieer(self) -> None:
        """A backup, while all goes on."""
        naar = self.map / "kopie.db"
        naar.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.bestand)) as van, closing(sqlite3.connect(naar)) as db:
            van.backup(db)
        self.kopie = Kopie(naar, copy.deepcopy(self.huis))

    async def zet_terug(self, *, heel: bool = True) -> None:
        """What happened since the backup is gone; what the house does anew has new ids.

        Without ``heel`` only the grens is put back. What it says it says again then, and the house
        hears it again: as on a topic, where whoever was put back writes behind what it wrote.
        """
        if self.kopie is None:
            return
        self.sluit()
        self._vervang(self.kopie.opslag)
        if heel:
            self.huis = copy.deepcopy(self.kopie.huis)
            self.is_teruggezet = True
            self._generatie += 1
        await self.open()
        if not heel:
            self.is_grens_teruggezet = True
            laatste = self.grens.opslag.max_notification_id() or 0
            self.huis.gelezen = min(self.huis.gelezen, laatste)

    def _vervang(self, door: Path) -> None:
        for rest in self.map.glob("grens.db*"):
            rest.unlink()
        shutil.copyfile(door, self.bestand)

    # Within the house

    async def pak(self) -> bool:
        """The grens reads the bus of the house; whether there was anything."""
        leveringen = self.huis.leveringen(self.posities)
        for levering in leveringen:
            await self.grens.ontvanger.ontvang(levering)
            self.posities[levering.positienaam] = levering.records[-1].nummer
        return bool(leveringen)

    def hoor(self) -> bool:
        """The house reads what the grens says; whether there was anything."""
        geschreven = self.grens.schrijver.aantal_transacties
        if geschreven == self._gelezen_bij:
            return False
        self._gelezen_bij = geschreven
        records = self.grens.log.lees(self.huis.gelezen).records
        is_nieuw = self.huis.hoor(records, self.klok())
        for een in self.huis.werk.values():
            deel = een.ingekomen.deel_van
            if deel is not None:
                self.ooit.setdefault(deel.schakel_id, set()).add(een.id)
        return is_nieuw

    def geef(self) -> bool:
        """The giver does the next thing, knowing what came back so far."""
        self.hoor()
        return self.huis.geef(self._id_van, self.klok())

    def werk(self) -> bool:
        """The worker hears what is asked, or does its next step."""
        return self.hoor() or self.huis.werk_verder(self.klok())

    def _id_van(self, n: int) -> UUID:
        return schakel_id(self.wie, n, self._generatie)

    # What stands in the store, read apart from the product

    def bladen(self, van: str, naar: str) -> list[bytes]:
        """The leaves of a log as this side has it."""
        vraag = "SELECT blad FROM bladen WHERE logboek = ? ORDER BY nummer"
        return [bytes(b) for (b,) in self.vraag(vraag, f"schakel/{van}/{naar}")]

    def is_dicht(self, schakel: UUID) -> bool:
        """Whether the last word on work that this side was asked stands in its log."""
        sql = "SELECT dicht FROM schakels WHERE schakel = ? AND wij = 'u'"
        return any(dicht for (dicht,) in self.vraag(sql, schakel.hex))

    def vraag(self, sql: str, *waarden: Any) -> list[tuple[Any, ...]]:
        return self.grens.opslag.vraag(sql, waarden)


@lru_cache(maxsize=64)
def schakel_id(wie: str, n: int, generatie: int) -> UUID:
    """A UUIDv7 that follows from who gives, the how-manieth, and how often it was put back."""
    zaad = hashlib.sha256(f"{wie}.{n}.{generatie}".encode()).digest()
    bits = _MILLIS << 80 | int.from_bytes(zaad[:10])
    return UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 7 << 76 | 2 << 62)
