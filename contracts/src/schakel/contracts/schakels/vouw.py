"""One fold over the rows of both sides: what was applied, what is a note, and what is now.

A row is what a side said on one schakel, in the order of its log. Both sides fold the same rows, so
both come to the same, whoever lies in them. A row is dense up to its *break*: the first message
that cannot be read, or that leaves a number out. What follows a break is held, but for last words
and ``ingetrokken``.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import merge
from itertools import chain
from typing import Any, ClassVar, Final, NamedTuple

from schakel.contracts.organisatie import Schakelsoort  # noqa: TC001 - as the others

from .berichten import SchakelAangeboden, Schakelbericht, SchakelGeweigerd, SchakelOnbegrepen
from .codes import LEESCODES, Leescode
from .lezen import OnleesbaarBlad
from .toestand import Schakelstand, zet
from .woorden import Kant

DOORGAAND: Final = frozenset({"geweigerd", "afgesloten", "ingetrokken"})
"""What passes a break: nobody may wait for ever."""

_EERSTE: Final = 1

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
class Beurt:
    """A message in its turn: whether it was applied."""

    kant: Kant
    bericht: Schakelbericht
    is_toegepast: bool


@dataclass(frozen=True, slots=True)
class _OngelezenAanbod:
    """The first of a vrager that cannot be read: an offer all the same, so it is refused."""

    FEIT: ClassVar[str] = "aangeboden"
    nummer: ClassVar[int] = _EERSTE
    bij: ClassVar[int] = 0


@dataclass(frozen=True, slots=True)
class _Ongelezen:
    """An ``onbegrepen`` that cannot be read: never answered, so nothing waits for it."""

    FEIT: ClassVar[str] = "onbegrepen"
    nummer: int
    bij: ClassVar[int] = 0


_Zet = Schakelbericht | _OngelezenAanbod | _Ongelezen


@dataclass(slots=True)
class _Rij:
    """A row made ready: what is folded, and what is not."""

    kant: Kant
    ruw: list[Rijdeel] = field(default_factory=list)
    niet_gelezen: dict[int, Leescode] = field(default_factory=dict)
    """The numbers that the other side could not read, by its own word."""
    had: int = 0
    """The highest ``bij`` of it: so much of the other it said that it had."""
    zetten: list[_Zet] = field(default_factory=list)
    noten: list[Noot] = field(default_factory=list)
    vastgehouden: list[int] = field(default_factory=list)
    gezien: set[int] = field(default_factory=set)
    dicht_tot: int = 0
    breuk: Breuk | None = None

    def maak_leeg(self) -> None:
        """To be laid anew; what was said of it stays."""
        self.zetten, self.noten, self.vastgehouden, self.gezien = [], [], [], set()
        self.dicht_tot, self.breuk = 0, None

    def leg(self, deel: Rijdeel) -> _Zet | None:
        """Lay the next; None where it has no turn."""
        nummer, feit = _wat(deel)
        if nummer in self.gezien:
            self.noten.append(Noot(self.kant, nummer, feit))
            return None
        self.gezien.add(nummer)
        if (zet_ := self._als_zet(deel, nummer, feit)) is None:
            self.vastgehouden.append(nummer)
        else:
            self.zetten.append(zet_)
        return zet_

    def _als_zet(self, deel: Rijdeel, nummer: int, feit: str) -> _Zet | None:
        """What takes a turn; None is held."""
        code = self._leescode(deel, nummer)
        if self.breuk is None and code is None and nummer != self.dicht_tot + 1:
            code = Leescode.GAT
        if self.breuk is None and code is None:
            self.dicht_tot = nummer
            return deel if isinstance(deel, Schakelbericht) else _Ongelezen(nummer)
        is_eerste = self.kant is Kant.VRAGER and nummer == _EERSTE and self.breuk is None
        if self.breuk is None and code is not None:
            self.breuk = Breuk(nummer, code, "geweigerd" if is_eerste else SchakelOnbegrepen.FEIT)
        if is_eerste:
            return deel if isinstance(deel, Schakelbericht) else _OngelezenAanbod()
        gaat_door = feit in DOORGAAND and code in (None, Leescode.GAT)
        return deel if isinstance(deel, Schakelbericht) and gaat_door else None

    def _leescode(self, deel: Rijdeel, nummer: int) -> Leescode | None:
        if isinstance(deel, OnleesbaarBlad):
            return None if deel.feit == SchakelOnbegrepen.FEIT else deel.code
        return self.niet_gelezen.get(nummer)


@dataclass(slots=True)
class _Los:
    """Turns that were taken while the other side had nothing: its next message may undo them.

    ``hoogste`` is the last of them, and the last that spoke of what was not folded: a lie.
    """

    op: Kant
    stand: Schakelstand
    i: int
    j: int
    beurten: int
    noten: int
    hoogste: int = -1
    hoogste_leugen: int = -1


class Vouw:
    """The fold of two rows as they grow: each message is judged once, unless a turn moves.

    The next message of a side may go when its ``bij`` is at most the number of messages of the
    other side already folded; where both may go, or neither may, the uitvoerder goes first; a row
    that has run out binds nobody. Read it whenever: what was laid since is folded then.
    """

    def __init__(self) -> None:
        """Of two empty rows."""
        self._rijen = {kant: _Rij(kant) for kant in Kant}
        self._soort: Schakelsoort | None = None
        self._begin()

    def _begin(self) -> None:
        self._stand = Schakelstand(self._soort)
        self._i = self._j = 0
        self._beurten: list[Beurt] = []
        self._plekken: dict[str, list[int]] = {}
        self._bezien = 0
        self._noten: list[Noot] = []
        self._los: _Los | None = None

    def __eq__(self, ander: object) -> bool:
        """Whether both come to the same, however they grew."""
        return isinstance(ander, Vouw) and self._uitkomst() == ander._uitkomst()

    __hash__ = None  # type: ignore[assignment]

    def _uitkomst(self) -> tuple[Any, ...]:
        past = (self.stand, list(self.beurten), self.noten)
        return (*past, self.breuk, self.vastgehouden, self.dicht_tot)

    # What grows

    def leg_bij(self, kant: Kant, deel: Rijdeel) -> None:
        """The row of ``kant`` has one more; raises ValueError where its ``id`` cannot be read."""
        rij = self._rijen[kant]
        nummer, _ = _wat(deel)
        rij.ruw.append(deel)
        moet_over = self._neem_oordeel(kant, deel)
        if kant is Kant.VRAGER and nummer == _EERSTE and nummer not in rij.gezien:
            # The soort is of the schakel, whatever was folded of it.
            self._soort = deel.soort if isinstance(deel, SchakelAangeboden) else None
            moet_over = moet_over or self._soort is not self._stand.soort
        if moet_over:
            self._leg_over()
        elif (zet_ := rij.leg(deel)) is not None:
            self._keur_los(kant, zet_)

    def _neem_oordeel(self, kant: Kant, deel: Rijdeel) -> bool:
        """What this says that it could not read of the other row; True: what is laid there moves.

        Believed as long as no ``bij`` of it said that it had it: nobody unsays what counted. The
        first of a vrager is not understood by a ``geweigerd`` with a reading code.
        """
        if not isinstance(deel, Schakelbericht):
            return False
        rij, ander = self._rijen[kant], self._rijen[kant.overkant]
        rij.had = max(rij.had, deel.bij)
        if isinstance(deel, SchakelOnbegrepen):
            over, code = deel.over, deel.code
            gelooft = over > rij.had and (ander.kant, over) != (Kant.VRAGER, _EERSTE)
        elif isinstance(deel, SchakelGeweigerd) and deel.reden in LEESCODES:
            over, code = _EERSTE, Leescode(deel.reden)
            gelooft = (ander.kant, rij.had) == (Kant.VRAGER, 0)
        else:
            return False
        if not gelooft or over in ander.niet_gelezen:
            return False
        ander.niet_gelezen[over] = code
        return over in ander.gezien

    def _leg_over(self) -> None:
        self._begin()
        for rij in self._rijen.values():
            rij.maak_leeg()
            for deel in rij.ruw:
                rij.leg(deel)

    def _keur_los(self, kant: Kant, zet_: _Zet) -> None:
        """A side that had run out goes on: turns that it would have had come back to it."""
        los = self._los
        if los is None or los.op is not kant:
            return
        self._los = None
        if kant is Kant.UITVOERDER:
            moet_terug = zet_.bij <= los.hoogste or los.hoogste_leugen >= 0
        else:
            moet_terug = zet_.bij <= los.hoogste_leugen
        if moet_terug:
            self._stand, self._i, self._j = los.stand, los.i, los.j
            del self._beurten[los.beurten :]
            for plekken in self._plekken.values():
                del plekken[bisect_left(plekken, los.beurten) :]
            self._bezien = min(self._bezien, los.beurten)
            del self._noten[los.noten :]

    def _vouw(self) -> None:
        v, u = self._rijen[Kant.VRAGER].zetten, self._rijen[Kant.UITVOERDER].zetten
        while self._i < len(v) or self._j < len(u):
            i, j = self._i, self._j
            v_op, u_op = i == len(v), j == len(u)
            v_past = not v_op and v[i].bij <= j
            u_past = not u_op and u[j].bij <= i
            if v_op or u_op:
                past, plek = (u_past, j) if v_op else (v_past, i)
                self._merk_los(Kant.VRAGER if v_op else Kant.UITVOERDER, plek, past=past)
            if u_past or v_op or not (v_past or u_op):
                self._neem(Kant.UITVOERDER, u[j])
                self._j += 1
            else:
                self._neem(Kant.VRAGER, v[i])
                self._i += 1

    def _merk_los(self, op: Kant, plek: int, *, past: bool) -> None:
        if self._los is None or self._los.op is not op:
            maten = (self._i, self._j, len(self._beurten), len(self._noten))
            toen = replace(self._stand, vragen=set(self._stand.vragen))
            self._los = _Los(op, toen, *maten)
        self._los.hoogste = plek
        if not past:
            self._los.hoogste_leugen = plek

    def _neem(self, kant: Kant, bericht: _Zet) -> None:
        toegepast = zet(self._stand, bericht)
        if not toegepast:
            self._noten.append(Noot(kant, bericht.nummer, bericht.FEIT))
        if isinstance(bericht, Schakelbericht):
            self._plekken.setdefault(bericht.FEIT, []).append(len(self._beurten))
            self._beurten.append(Beurt(kant, bericht, toegepast))

    # What it comes to

    @property
    def stand(self) -> Schakelstand:
        """What is now."""
        self._vouw()
        return self._stand

    @property
    def beurten(self) -> Sequence[Beurt]:
        """The messages in the order of the fold."""
        self._vouw()
        return self._beurten

    def beurten_met(self, *feiten: str) -> Iterator[Beurt]:
        """Those of these types, in the order of the fold; however long the rest is."""
        self._vouw()
        plekken = merge(*(self._plekken.get(feit, ()) for feit in feiten))
        return (self._beurten[plek] for plek in plekken)

    def laatste_beurten_met(self, hoogstens: int, *feiten: str) -> list[Beurt]:
        """The last of these types, in the order of the fold."""
        self._vouw()
        per_feit = (self._plekken.get(feit, [])[-hoogstens:] for feit in feiten)
        return [self._beurten[plek] for plek in sorted(chain(*per_feit))[-hoogstens:]]

    def nieuwe_beurten(self) -> Sequence[Beurt]:
        """Those since this was last asked, and those whose turn moved meanwhile."""
        self._vouw()
        vanaf, self._bezien = self._bezien, len(self._beurten)
        return self._beurten[vanaf:]

    @property
    def aantal_noten(self) -> int:
        """How many messages changed nothing."""
        self._vouw()
        return len(self._noten) + sum(len(rij.noten) for rij in self._rijen.values())

    @property
    def noten(self) -> tuple[Noot, ...]:
        """All of them: those that came twice, by side, and then the others in their turn."""
        self._vouw()
        v, u = self._rijen[Kant.VRAGER], self._rijen[Kant.UITVOERDER]
        return (*v.noten, *u.noten, *self._noten)

    def laatste_noten(self, hoogstens: int) -> list[Noot]:
        """The end of ``noten``."""
        self._vouw()
        v, u = self._rijen[Kant.VRAGER], self._rijen[Kant.UITVOERDER]
        delen = (v.noten, u.noten, self._noten)
        return [*chain.from_iterable(deel[-hoogstens:] for deel in delen)][-hoogstens:]

    @property
    def breuk(self) -> Mapping[Kant, Breuk]:
        """Of each row that has one, where it breaks."""
        return {k: rij.breuk for k, rij in self._rijen.items() if rij.breuk is not None}

    @property
    def vastgehouden(self) -> Mapping[Kant, tuple[int, ...]]:
        """The numbers behind a break that wait."""
        return {kant: tuple(rij.vastgehouden) for kant, rij in self._rijen.items()}

    @property
    def dicht_tot(self) -> Mapping[Kant, int]:
        """The last number of each dense row: the ``bij`` of whoever speaks now."""
        return {kant: rij.dicht_tot for kant, rij in self._rijen.items()}

    def rij(self, kant: Kant) -> Sequence[Rijdeel]:
        """What this side said, in the order of its log."""
        return self._rijen[kant].ruw

    def kent(self, kant: Kant, nummer: int) -> bool:
        """Whether something with this number stands in that row."""
        return nummer in self._rijen[kant].gezien


def vouw(vrager: Iterable[Rijdeel], uitvoerder: Iterable[Rijdeel]) -> Vouw:
    """Fold the rows of the two sides, each in the order of its log. Linear in their length."""
    gevouwen = Vouw()
    for kant, rij in ((Kant.VRAGER, vrager), (Kant.UITVOERDER, uitvoerder)):
        for deel in rij:
            gevouwen.leg_bij(kant, deel)
    return gevouwen


def _wat(deel: Rijdeel) -> tuple[int, str]:
    if isinstance(deel, Schakelbericht):
        return deel.nummer, deel.FEIT
    if deel.plek is None:
        raise ValueError("een blad zonder leesbaar id staat in geen rij")
    return deel.plek.nummer, deel.feit or "onleesbaar"
