"""The unit of work of whoever has aggregates: what a batch reads and changes of them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.opslag import Lading, Opslag

from .aggregaat import Aggregaat
from .gebeurtenis import Door, Register, Vastgelegd
from .transactie import Punt, Transactie

A = TypeVar("A", bound=Aggregaat)


class Voorraad(Generic[A]):
    """Aggregates of one kind: read through the event store, the recent ones kept in memory.

    Only the writer's thread uses it. What is kept is what is stored: after a failed transaction
    the writer lets go of it, because pending events of a failed save are gone.
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
        self.register = register
        self.projecteer = projecteer
        self._helft = ruimte // 2
        self._recent: dict[UUID, A] = {}
        self._eerder: dict[UUID, A] = {}

    def lees(self, id_: UUID) -> A | None:
        """Rebuild from the store, past the memory."""
        return self.soort.herbouw(self.geschiedenis(id_))

    def geschiedenis(self, id_: UUID) -> list[Vastgelegd]:
        """The recorded events of one aggregate, in order."""
        return [self.register.lees(rij) for rij in self.opslag.select_events(id_)]

    def zoek(self, id_: UUID) -> A | None:
        """From memory, else from the store."""
        return self._recent.get(id_) or self._eerder.get(id_) or self.lees(id_)

    def lees_alle(self, ids: Collection[UUID]) -> Mapping[UUID, A]:
        """Rebuild those of ``ids`` that exist, past the memory: one question for all of them."""
        gevonden: dict[UUID, list[Vastgelegd]] = {}
        for rij in self.opslag.select_events_van(ids):
            vastgelegd = self.register.lees(rij)
            gevonden.setdefault(vastgelegd.originator_id, []).append(vastgelegd)
        herbouwd = {id_: self.soort.herbouw(rijen) for id_, rijen in gevonden.items()}
        return {id_: een for id_, een in herbouwd.items() if een is not None}

    def kent(self, id_: UUID) -> bool:
        """Whether it is in memory."""
        return id_ in self._recent or id_ in self._eerder

    def onthoud(self, aggregaten: Mapping[UUID, A]) -> None:
        """Keep these as the most recent; what was long not used makes room."""
        self._recent.update(aggregaten)
        if len(self._recent) >= self._helft:  # no bookkeeping per use: half of it goes at once
            self._eerder, self._recent = self._recent, {}

    @contextmanager
    def beurt(self) -> Iterator[None]:
        """A turn at the store; what others changed since the former one is read anew."""
        with self.opslag.beurt() as gewijzigd:
            self.vergeet(gewijzigd)
            yield

    def begin(self, nu: datetime) -> "Werk[A]":
        """A batch that records at ``nu``."""
        return Werk(self, nu)

    def vergeet(self, ids: Collection[UUID] | None = None) -> None:
        """Let go of ``ids``, or of everything."""
        if ids is None:
            self._recent.clear()
            self._eerder.clear()
            return
        for id_ in ids:
            self._recent.pop(id_, None)
            self._eerder.pop(id_, None)


class Werk(Transactie, Generic[A]):
    """What one batch does. A task gets it, asks aggregates, and leaves; saving follows."""

    def __init__(self, voorraad: Voorraad[A], nu: datetime) -> None:
        """``nu`` is the one time of everything that this batch records."""
        super().__init__(voorraad.opslag, nu)
        self.vastgelegd: list[Vastgelegd] = []
        self._voorraad = voorraad
        self._geladen: dict[UUID, A] = {}
        self._aangeraakt: dict[UUID, A] = {}
        self._afwezig: set[UUID] = set()

    def laad(self, ids: Collection[UUID]) -> None:
        """Have these at hand before they are asked for one by one; not all of them need exist."""
        nieuw = {id_ for id_ in ids if not (id_ in self._geladen or self._voorraad.kent(id_))}
        if nieuw:
            gelezen = self._voorraad.lees_alle(nieuw)
            self._geladen |= gelezen
            self._afwezig |= nieuw - gelezen.keys()

    def haal(self, id_: UUID) -> A:
        """The aggregate to ask something of; raises NietGevonden."""
        if (gevonden := self.zoek(id_)) is None:
            raise NietGevonden("niet-gevonden", f"er is hier niets met id {id_}")
        return gevonden

    def zoek(self, id_: UUID) -> A | None:
        """The same, or None."""
        gevonden = self._geladen.get(id_)
        if gevonden is None and id_ not in self._afwezig:
            gevonden = self._voorraad.zoek(id_)
        if gevonden is not None:
            self._geladen[id_] = self._aangeraakt[id_] = gevonden
        return gevonden

    def voeg_toe(self, aggregaat: A) -> None:
        """A new aggregate takes part from here on."""
        self._geladen[aggregaat.id] = self._aangeraakt[aggregaat.id] = aggregaat

    def geladen(self) -> list[A]:
        """The aggregates that take part in this batch so far."""
        return list(self._geladen.values())

    def leg_vast(self, door: Door, spoor: str | None = None) -> None:
        """Record what happened to the aggregates touched since the last call."""
        for id_, aggregaat in self._aangeraakt.items():
            versie = aggregaat.versie - len(aggregaat.nieuw)
            for gebeurtenis in aggregaat.nieuw:
                versie += 1
                self.vastgelegd.append(
                    Vastgelegd(id_, versie, self.nu, door, aggregaat.plaats, gebeurtenis, spoor)
                )
            aggregaat.nieuw.clear()
        self._aangeraakt.clear()

    def punt(self) -> Punt:
        """See ``Transactie``."""
        self._aangeraakt.clear()
        self.geheim.clear()
        return self._punt(len(self.vastgelegd))

    def terug(self, punt: Punt) -> None:
        """See ``Transactie``."""
        geraakt = {g.originator_id for g in self.vastgelegd[punt.vastgelegd :]}
        # Also what was added and to which nothing happened: it does not exist.
        geraakt |= {a.id for a in self._aangeraakt.values() if a.nieuw or not a.versie}
        super().terug(punt)
        del self.vastgelegd[punt.vastgelegd :]
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
        projecteer = self._voorraad.projecteer
        if projecteer is not None:
            for id_ in {g.originator_id: None for g in self.vastgelegd}:
                projecteer(self, self._geladen[id_])
        lading = super().sluit_af()
        lading.gebeurtenissen = [self._voorraad.register.leg_weg(g) for g in self.vastgelegd]
        return lading

    def is_geschreven(self) -> None:
        """Its aggregates are the recent ones now."""
        self._voorraad.onthoud(self._geladen)
        super().is_geschreven()

    def is_mislukt(self) -> None:
        """Nothing in memory can be trusted."""
        self._voorraad.vergeet(list(self._geladen))
