"""A row: what one side said on a schakel, laid in the order of its log, up to its break and behind.

What is behind the break is held, but for what passes it. So many are held; those above it stand in
the log alone, and the row remembers the first of them.
"""

from dataclasses import dataclass, field
from typing import ClassVar, Final, NamedTuple

from .berichten import Schakelbericht, SchakelOnbegrepen
from .codes import Leescode
from .lezen import OnleesbaarBlad
from .woorden import Kant

DOORGAAND: Final = frozenset({"geweigerd", "afgesloten", "ingetrokken"})
"""What passes a break: nobody may wait for ever."""

VASTGEHOUDEN_MAX: Final = 100
"""So many messages behind a break are held in a row; those above it stand in the log alone."""

EERSTE: Final = 1
"""The number of what a side says first."""

Rijdeel = Schakelbericht | OnleesbaarBlad
"""What stands in a row: a message, or a leaf that cannot be read and of which the ``id`` can."""


class Noot(NamedTuple):
    """A message that changes nothing."""

    kant: Kant
    nummer: int
    feit: str


@dataclass(frozen=True, slots=True)
class Breuk:
    """Where a row ends to be dense, and why.

    ``antwoord`` is what the other side says about it, once: ``onbegrepen``, or ``geweigerd`` where
    it is the first of the vrager.
    """

    nummer: int
    code: Leescode
    antwoord: str


@dataclass(frozen=True, slots=True)
class OngelezenAanbod:
    """The first of a vrager that cannot be read: an offer all the same, so it is refused."""

    FEIT: ClassVar[str] = "aangeboden"
    nummer: ClassVar[int] = EERSTE
    bij: ClassVar[int] = 0


@dataclass(frozen=True, slots=True)
class OngelezenOnbegrepen:
    """An ``onbegrepen`` that cannot be read: never answered, so nothing waits for it."""

    FEIT: ClassVar[str] = "onbegrepen"
    nummer: int
    bij: ClassVar[int] = 0


Zet = Schakelbericht | OngelezenAanbod | OngelezenOnbegrepen


@dataclass(slots=True)
class Rij:
    """A row made ready: what is folded, and what is not."""

    kant: Kant
    ruw: list[Rijdeel] = field(default_factory=list)
    niet_gelezen: dict[int, Leescode] = field(default_factory=dict)
    """The numbers that the other side could not read, by its own word."""
    had: int = 0
    """The highest ``bij`` of it: so much of the other it said that it had."""
    zetten: list[Zet] = field(default_factory=list)
    noten: list[Noot] = field(default_factory=list)
    vastgehouden: list[int] = field(default_factory=list)
    gezien: set[int] = field(default_factory=set)
    dicht_tot: int = 0
    breuk: Breuk | None = None
    boven: int | None = None
    """The first number that would have to be held where there was no room."""
    ruimte: int | None = None
    """How many are held at most, where somebody has room for fewer."""

    def maak_leeg(self) -> None:
        """To be laid anew; what was said of it stays."""
        self.zetten, self.noten, self.vastgehouden, self.gezien = [], [], [], set()
        self.dicht_tot, self.breuk, self.boven = 0, None, None

    def leg(self, deel: Rijdeel) -> Zet | None:
        """Lay the next; None where it has no turn."""
        nummer, feit = wat(deel)
        if nummer in self.gezien:
            self.noten.append(Noot(self.kant, nummer, feit))
            return None
        zet_ = self.als_zet(deel, nummer, feit)
        if zet_ is None and self.is_vol and self.achter_breuk(nummer):
            if self.boven is None and feit != SchakelOnbegrepen.FEIT:  # that is never answered
                self.boven = nummer
            return None
        self.gezien.add(nummer)
        if zet_ is None:
            self.vastgehouden.append(nummer)
        else:
            self.zetten.append(zet_)
        return zet_

    def achter_breuk(self, nummer: int) -> bool:
        """Whether this is not what broke the row itself: that is kept, and told of."""
        return self.breuk is not None and nummer != self.breuk.nummer

    @property
    def is_vol(self) -> bool:
        """Whether no more is held."""
        return self._achter >= (VASTGEHOUDEN_MAX if self.ruimte is None else self.ruimte)

    @property
    def _achter(self) -> int:
        eerste = self.vastgehouden[0] if self.vastgehouden else 0
        return len(self.vastgehouden) - (not self.achter_breuk(eerste) and bool(eerste))

    def sluit(self) -> None:
        """Hold no more than now."""
        self.ruimte = self._achter

    def als_zet(self, deel: Rijdeel, nummer: int, feit: str) -> Zet | None:
        """What takes a turn; None is held."""
        code = self._leescode(deel, nummer)
        if self.breuk is None and code is None and nummer != self.dicht_tot + 1:
            code = Leescode.GAT
        if self.breuk is None and code is None:
            self.dicht_tot = nummer
            return deel if isinstance(deel, Schakelbericht) else OngelezenOnbegrepen(nummer)
        is_eerste = self.kant is Kant.VRAGER and nummer == EERSTE and self.breuk is None
        if self.breuk is None and code is not None:
            self.breuk = Breuk(nummer, code, "geweigerd" if is_eerste else SchakelOnbegrepen.FEIT)
        if is_eerste:
            return deel if isinstance(deel, Schakelbericht) else OngelezenAanbod()
        gaat_door = feit in DOORGAAND and code in (None, Leescode.GAT)
        return deel if isinstance(deel, Schakelbericht) and gaat_door else None

    def _leescode(self, deel: Rijdeel, nummer: int) -> Leescode | None:
        if isinstance(deel, OnleesbaarBlad):
            return None if deel.feit == SchakelOnbegrepen.FEIT else deel.code
        return self.niet_gelezen.get(nummer)


def wat(deel: Rijdeel) -> tuple[int, str]:
    """Its number, and what it is; raises ValueError where its ``id`` cannot be read."""
    if isinstance(deel, Schakelbericht):
        return deel.nummer, deel.FEIT
    if deel.plek is None:
        raise ValueError("een blad zonder leesbaar id staat in geen rij")
    return deel.plek.nummer, deel.feit or "onleesbaar"
