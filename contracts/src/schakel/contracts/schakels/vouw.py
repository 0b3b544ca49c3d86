"""One fold over the rows of both sides: what was applied, what is a note, and what is now.

A row is what a side said on one schakel, in the order of its log. Both sides fold the same rows, so
both come to the same, whoever lies in them. A row is dense up to its *break*: the first message
that cannot be read, or that leaves a number out. What follows a break is held, but for last words
and ``ingetrokken``; so many, and not more.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import merge
from itertools import chain
from typing import Any

from schakel.contracts.organisatie import Schakelsoort  # noqa: TC001 - as the others

from .berichten import SchakelAangeboden, Schakelbericht, SchakelGeweigerd, SchakelOnbegrepen
from .codes import LEESCODES, Leescode
from .rij import EERSTE, Breuk, Noot, Rij, Rijdeel, Zet, wat
from .toestand import Schakelstand, zet
from .woorden import Kant


@dataclass(frozen=True, slots=True)
class Beurt:
    """A message in its turn: whether it was applied."""

    kant: Kant
    bericht: Schakelbericht
    is_toegepast: bool


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
        self._rijen = {kant: Rij(kant) for kant in Kant}
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
        return (*past, self.breuk, self.vastgehouden, self.boven, self.dicht_tot)

    # What grows

    def leg_bij(self, kant: Kant, deel: Rijdeel) -> None:
        """The row of ``kant`` has one more; raises ValueError where its ``id`` cannot be read."""
        rij = self._rijen[kant]
        nummer, _ = wat(deel)
        rij.ruw.append(deel)
        moet_over = self._neem_oordeel(kant, deel)
        if kant is Kant.VRAGER and nummer == EERSTE and nummer not in rij.gezien:
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
        oordeel = self._oordeel(kant, deel)
        if oordeel is None:
            return False
        over, code = oordeel
        ander.niet_gelezen[over] = code
        return over in ander.gezien

    def _oordeel(self, kant: Kant, deel: Rijdeel) -> tuple[int, Leescode] | None:
        """The number of the other row that this says it could not read, if that is news."""
        if not isinstance(deel, Schakelbericht):
            return None
        ander = self._rijen[kant.overkant]
        had = max(self._rijen[kant].had, deel.bij)
        if isinstance(deel, SchakelOnbegrepen):
            over, code = deel.over, deel.code
            gelooft = over > had and (ander.kant, over) != (Kant.VRAGER, EERSTE)
        elif isinstance(deel, SchakelGeweigerd) and deel.reden in LEESCODES:
            over, code = EERSTE, Leescode(deel.reden)
            gelooft = (ander.kant, had) == (Kant.VRAGER, 0)
        else:
            return None
        return (over, code) if gelooft and over not in ander.niet_gelezen else None

    def sluit(self, kant: Kant) -> None:
        """Hold no more of this row than now: there is no room for it in what surrounds it."""
        self._rijen[kant].sluit()

    def zou_vasthouden(self, kant: Kant, deel: Rijdeel) -> bool:
        """Whether this would wait behind a break and change nothing else: it says nothing of us."""
        rij, (nummer, feit) = self._rijen[kant], wat(deel)
        if rij.breuk is None or nummer in rij.gezien:
            return False
        oordeel = self._oordeel(kant, deel)
        if oordeel is not None and oordeel[0] in self._rijen[kant.overkant].gezien:
            return False
        return rij.als_zet(deel, nummer, feit) is None

    def is_vol(self, kant: Kant) -> bool:
        """Whether no more of this row is held."""
        return self._rijen[kant].is_vol

    def _leg_over(self) -> None:
        self._begin()
        for rij in self._rijen.values():
            rij.maak_leeg()
            for deel in rij.ruw:
                rij.leg(deel)

    def _keur_los(self, kant: Kant, zet_: Zet) -> None:
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

    def _neem(self, kant: Kant, bericht: Zet) -> None:
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
    def boven(self) -> Mapping[Kant, int]:
        """Of each row that has one, the first number that was not held, for want of room."""
        return {k: rij.boven for k, rij in self._rijen.items() if rij.boven is not None}

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
