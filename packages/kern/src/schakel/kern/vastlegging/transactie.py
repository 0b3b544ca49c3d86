"""What a batch of tasks will write in one transaction: rows, positions, counters."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from schakel.kern.opslag import Lading, Opslag, Rij

from .gebeurtenis import Door

ZET_TELLER = (
    "INSERT INTO tellers VALUES (?, ?) ON CONFLICT (naam) DO UPDATE SET stand = excluded.stand"
)

GEWIST = "gewist"
"""The counter of what was erased: what is left of it in the files is wiped after that."""


_VERBEN: Final = ("INSERT", "UPDATE", "DELETE")


def _beurt_van(sql: str) -> int:
    return _VERBEN.index(sql.partition(" ")[0])


T = TypeVar("T")


class Punt(NamedTuple):
    """A place to go back to within a batch: how far each list was."""

    rijen: int
    posities: int
    daarna: int
    vastgelegd: int = 0
    standen: Mapping[str, Any] = MappingProxyType({})


class Transactie:
    """What one batch does. A task gets it and leaves; saving follows."""

    def __init__(self, opslag: Opslag, nu: datetime) -> None:
        """``nu`` is the one time of everything that this batch records."""
        self.nu = nu
        self._opslag = opslag
        self._rijen: list[tuple[str, Rij]] = []
        self._posities: list[tuple[str, int]] = []
        self._daarna: list[Callable[[], None]] = []
        self._tellers: dict[str, int] = {}
        self.standen: dict[str, Any] = {}
        """What earlier tasks of this batch made of something that is stored, by name: a value that
        is replaced, never changed. Who reads it looks here before it looks in the store."""
        self._gelezen: dict[str, Any] = {}
        self.geheim: dict[str, bytes] = {}
        """The keys under which the task at hand put something away, by their place."""

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
        self._rijen.append((sql, waarden))

    def wis(self, sql: str, waarden: Rij) -> None:
        """Erase or replace a side row, of which nothing may be left in the files either."""
        self.rij(sql, waarden)
        self.tel(GEWIST)

    def rijen(self, sql: str) -> list[Rij]:
        """The side rows that this batch will write with ``sql``."""
        return [waarden for opdracht, waarden in self._rijen if opdracht == sql]

    def positie(self, bron: str, nummer: int) -> None:
        """Record how far ``bron`` was read, in the transaction of this batch."""
        self._posities.append((bron, nummer))

    def daarna(self, doe: Callable[[], None]) -> None:
        """Call ``doe`` once this batch is durable, in the writer's thread: to tell, not to do."""
        self._daarna.append(doe)

    def vraag(self, sql: str, waarden: Sequence[Any] = ()) -> list[Rij]:
        """Rows as they were before this batch."""
        return self._opslag.vraag(sql, waarden)

    def eenmaal(self, naam: str, lees: Callable[[], T]) -> T:
        """What is stored under this name, read once: during its turn no one else changes it."""
        try:
            gelezen: T = self._gelezen[naam]
        except KeyError:
            gelezen = self._gelezen[naam] = lees()
        return gelezen

    def leg_vast(self, door: Door, spoor: str | None = None) -> None:
        """Record what happened since the last call, done by ``door``: of rows alone, nothing."""

    def punt(self) -> Punt:
        """Remember this place, to return to when the next task is refused."""
        self.geheim.clear()
        return self._punt(0)

    def _punt(self, vastgelegd: int) -> Punt:
        lengtes = (len(self._rijen), len(self._posities), len(self._daarna))
        return Punt(*lengtes, vastgelegd, dict(self.standen))

    def terug(self, punt: Punt) -> None:
        """Undo everything since ``punt``: a refused task leaves nothing behind."""
        del self._rijen[punt.rijen :]
        del self._posities[punt.posities :]
        del self._daarna[punt.daarna :]
        self.standen = dict(punt.standen)

    def sluit_af(self) -> Lading:
        """All that is to be written."""
        for teller in self._tellers.items():
            self.rij(ZET_TELLER, teller)
        lading = Lading(posities=dict(self._posities))
        rijen: dict[str, list[Rij]] = {}
        for sql, waarden in self._rijen:
            rijen.setdefault(sql, []).append(waarden)
        # A statement runs once, with all its rows. What a batch adds may be changed in it, and what
        # is erased must stay erased: so by what they do, and only then in the order of first use.
        lading.rijen = {sql: rijen[sql] for sql in sorted(rijen, key=_beurt_van)}
        return lading

    def is_geschreven(self) -> None:
        """The transaction is durable."""
        for doe in self._daarna:
            doe()

    def is_mislukt(self) -> None:
        """The transaction failed."""


W_co = TypeVar("W_co", bound=Transactie, covariant=True)


class Transacties(Protocol[W_co]):
    """Where the writer gets its batches from, one at a time."""

    opslag: Opslag

    def beurt(self) -> AbstractContextManager[Any]:
        """A turn at the store: see ``Opslag``."""

    def begin(self, nu: datetime) -> W_co:
        """A batch that records at ``nu``."""


class AlleenRijen:
    """For whoever records what others said, and nothing of its own."""

    def __init__(self, opslag: Opslag) -> None:
        """``opslag`` is where all of it is written."""
        self.opslag = opslag
        self.beurt = opslag.beurt

    def begin(self, nu: datetime) -> Transactie:
        """See ``Transacties``."""
        return Transactie(self.opslag, nu)
