"""The unit of work: what a batch of tasks reads, changes and will write in one transaction."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from eventsourcing.persistence import EventStore

from .aggregaat import Aggregaat
from .gebeurtenis import Door, GebeurtenisMapper, Register, Vastgelegd
from .opslag import Lading, Opslag, Rij
from .weigering import NietGevonden

A = TypeVar("A", bound=Aggregaat)

_ZET_TELLER = (
    "INSERT INTO tellers VALUES (?, ?) ON CONFLICT (naam) DO UPDATE SET stand = excluded.stand"
)


class Voorraad(Generic[A]):
    """Aggregates of one kind: read through the event store, the recent ones kept in memory.

    Only the writer's thread uses it. What is kept is what is stored: after a failed transaction
    the writer lets go of it, because pending events of a failed save are gone (5, R7).
    """

    def __init__(
        self,
        soort: type[A],
        register: Register,
        opslag: Opslag,
        *,
        projecteer: Callable[["Werk[A]", A], None] | None = None,
        ruimte: int = 10_000,
    ) -> None:
        """``projecteer`` writes the side rows of a changed aggregate, once per batch."""
        self.soort = soort
        self.opslag = opslag
        self.mapper = GebeurtenisMapper(register)
        self.projecteer = projecteer
        self._events: EventStore[UUID] = EventStore(self.mapper, opslag)  # type: ignore[arg-type]
        self._ruimte = ruimte
        self._recent: OrderedDict[UUID, A] = OrderedDict()

    def lees(self, id_: UUID) -> A | None:
        """Rebuild from the store, past the memory."""
        return self.soort.herbouw(self.geschiedenis(id_))

    def geschiedenis(self, id_: UUID) -> list[Vastgelegd]:
        """The recorded events of one aggregate, in order."""
        return [g for g in self._events.get(id_) if isinstance(g, Vastgelegd)]

    def zoek(self, id_: UUID) -> A | None:
        """From memory, else from the store."""
        if (gevonden := self._recent.get(id_)) is not None:
            self._recent.move_to_end(id_)
            return gevonden
        if (gevonden := self.lees(id_)) is not None:
            self.onthoud(gevonden)
        return gevonden

    def onthoud(self, aggregaat: A) -> None:
        """Keep it as recent; the least recent one makes room."""
        self._recent[aggregaat.id] = aggregaat
        if len(self._recent) > self._ruimte:
            self._recent.popitem(last=False)

    def vergeet(self, ids: Sequence[UUID] | None = None) -> None:
        """Let go of ``ids``, or of everything."""
        if ids is None:
            self._recent.clear()
            return
        for id_ in ids:
            self._recent.pop(id_, None)


@dataclass(frozen=True)
class Punt:
    """A place to go back to within a batch."""

    vastgelegd: int
    rijen: dict[str, int]
    posities: dict[str, int]


class Werk(Generic[A]):
    """What one batch does. A task gets it, asks aggregates, and leaves; saving follows."""

    def __init__(self, voorraad: Voorraad[A], nu: datetime) -> None:
        """``nu`` is the one time of everything that this batch records."""
        self.nu = nu
        self.vastgelegd: list[Vastgelegd] = []
        self.lading = Lading()
        self._voorraad = voorraad
        self._tellers: dict[str, int] = {}
        self._geladen: dict[UUID, A] = {}
        self._aangeraakt: dict[UUID, A] = {}

    def haal(self, id_: UUID) -> A:
        """The aggregate to ask something of; raises NietGevonden."""
        if (gevonden := self.zoek(id_)) is None:
            raise NietGevonden("niet-gevonden", f"er is hier niets met id {id_}")
        return gevonden

    def zoek(self, id_: UUID) -> A | None:
        """The same, or None."""
        gevonden = self._geladen.get(id_) or self._voorraad.zoek(id_)
        if gevonden is not None:
            self._geladen[id_] = self._aangeraakt[id_] = gevonden
        return gevonden

    def voeg_toe(self, aggregaat: A) -> None:
        """A new aggregate takes part from here on."""
        self._geladen[aggregaat.id] = self._aangeraakt[aggregaat.id] = aggregaat

    def geladen(self) -> list[A]:
        """The aggregates that take part in this batch so far."""
        return list(self._geladen.values())

    def tel(self, naam: str) -> int:
        """The next number of a counter, written in the transaction of this batch."""
        stand = self._tellers.get(naam)
        if stand is None:
            rijen = self.vraag("SELECT stand FROM tellers WHERE naam = ?", (naam,))
            stand = int(rijen[0][0]) if rijen else 0
        self._tellers[naam] = stand + 1
        return stand + 1

    def rij(self, sql: str, waarden: Rij) -> None:
        """Write a side row in the transaction of this batch."""
        self.lading.rijen.setdefault(sql, []).append(waarden)

    def positie(self, bron: str, nummer: int) -> None:
        """Record how far ``bron`` was read, in the transaction of this batch."""
        self.lading.posities[bron] = nummer

    def vraag(self, sql: str, waarden: Sequence[Any] = ()) -> list[Rij]:
        """Rows as they were before this batch."""
        return self._voorraad.opslag.vraag(sql, waarden)

    def leg_vast(self, door: Door, spoor: str | None = None) -> None:
        """Record what happened to the aggregates touched since the last call, done by ``door``."""
        for id_, aggregaat in self._aangeraakt.items():
            versie = aggregaat.versie - len(aggregaat.nieuw)
            for feit in aggregaat.nieuw:
                versie += 1
                self.vastgelegd.append(
                    Vastgelegd(id_, versie, self.nu, door, aggregaat.plaats, feit, spoor)
                )
            aggregaat.nieuw.clear()
        self._aangeraakt.clear()

    def punt(self) -> Punt:
        """Remember this place, to return to when the next task is refused."""
        self._aangeraakt.clear()
        return Punt(
            len(self.vastgelegd),
            {sql: len(rijen) for sql, rijen in self.lading.rijen.items()},
            dict(self.lading.posities),
        )

    def terug(self, punt: Punt) -> None:
        """Undo everything since ``punt``: a refused task leaves nothing behind."""
        geraakt = {g.originator_id for g in self.vastgelegd[punt.vastgelegd :]}
        geraakt |= {a.id for a in self._aangeraakt.values() if a.nieuw}
        del self.vastgelegd[punt.vastgelegd :]
        for sql, rijen in self.lading.rijen.items():
            del rijen[punt.rijen.get(sql, 0) :]
        self.lading.rijen = {sql: rijen for sql, rijen in self.lading.rijen.items() if rijen}
        self.lading.posities = dict(punt.posities)
        for id_ in geraakt:
            self._herstel(id_)
        self._aangeraakt.clear()

    def _herstel(self, id_: UUID) -> None:
        """Rebuild an aggregate as the earlier tasks of this batch left it."""
        self._voorraad.vergeet([id_])
        self._geladen.pop(id_, None)
        eerder = [g for g in self.vastgelegd if g.originator_id == id_]
        geschiedenis = self._voorraad.geschiedenis(id_) + eerder
        if (aggregaat := self._voorraad.soort.herbouw(geschiedenis)) is not None:
            self._geladen[id_] = aggregaat

    def sluit_af(self) -> Lading:
        """Encode the events and write the side rows of every changed aggregate."""
        naar_opslag = self._voorraad.mapper.to_stored_event
        self.lading.gebeurtenissen = [naar_opslag(g) for g in self.vastgelegd]
        if self._voorraad.projecteer is not None:
            for id_ in {g.originator_id: None for g in self.vastgelegd}:
                self._voorraad.projecteer(self, self._geladen[id_])
        for teller in self._tellers.items():
            self.rij(_ZET_TELLER, teller)
        return self.lading

    def is_geschreven(self) -> None:
        """The transaction is durable: its aggregates are the recent ones now."""
        for aggregaat in self._geladen.values():
            self._voorraad.onthoud(aggregaat)

    def is_mislukt(self) -> None:
        """The transaction failed: nothing in memory can be trusted."""
        self._voorraad.vergeet(list(self._geladen))
