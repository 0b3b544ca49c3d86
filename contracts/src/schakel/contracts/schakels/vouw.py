"""One fold over the rows of both sides: what was applied, what is a note, and what is now.

A row is what a side said on one schakel, in the order of its log. Both sides fold the same rows, so
both come to the same, whoever lies in them. A row is dense up to its *break*: the first message
that cannot be read, or that leaves a number out. What follows a break is held, but for last words
and ``ingetrokken``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, NamedTuple

from schakel.contracts.organisatie import Schakelsoort

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
class Vouw:
    """What two rows come to.

    ``beurten`` are in the order of the fold. ``vastgehouden`` are the numbers behind a break that
    wait. ``dicht_tot`` is the last number of each dense row: the ``bij`` of whoever speaks now.
    """

    stand: Schakelstand
    beurten: tuple[Beurt, ...]
    noten: tuple[Noot, ...]
    breuk: dict[Kant, Breuk]
    vastgehouden: dict[Kant, tuple[int, ...]]
    dicht_tot: dict[Kant, int]


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
    zetten: list[_Zet]
    noten: list[Noot]
    vastgehouden: list[int]
    dicht_tot: int = 0
    breuk: Breuk | None = None


def vouw(vrager: Sequence[Rijdeel], uitvoerder: Sequence[Rijdeel]) -> Vouw:
    """Fold the rows of the two sides, each in the order of its log. Pure; linear in their length.

    The next message of a side may go when its ``bij`` is at most the number of messages of the
    other side already folded; where both may go, or neither may, the uitvoerder goes first; a row
    that has run out binds nobody.
    """
    v = _maak_rij(Kant.VRAGER, vrager, _niet_gelezen(Kant.VRAGER, uitvoerder))
    u = _maak_rij(Kant.UITVOERDER, uitvoerder, _niet_gelezen(Kant.UITVOERDER, vrager))
    stand = Schakelstand(_soort_van(vrager))
    beurten, noten = [], v.noten + u.noten
    for kant, bericht in _om_beurten(v.zetten, u.zetten):
        toegepast = zet(stand, bericht)
        if not toegepast:
            noten.append(Noot(kant, bericht.nummer, bericht.FEIT))
        if isinstance(bericht, Schakelbericht):
            beurten.append(Beurt(kant, bericht, toegepast))
    return Vouw(
        stand,
        tuple(beurten),
        tuple(noten),
        {rij.kant: rij.breuk for rij in (v, u) if rij.breuk is not None},
        {rij.kant: tuple(rij.vastgehouden) for rij in (v, u)},
        {rij.kant: rij.dicht_tot for rij in (v, u)},
    )


def _om_beurten(v: Sequence[_Zet], u: Sequence[_Zet]) -> Iterator[tuple[Kant, _Zet]]:
    """The messages of both in the order in which they count."""
    i = j = 0
    while i < len(v) or j < len(u):
        v_mag = i < len(v) and (j == len(u) or v[i].bij <= j)
        u_mag = j < len(u) and (i == len(v) or u[j].bij <= i)
        if u_mag or not v_mag:
            yield Kant.UITVOERDER, u[j]
            j += 1
        else:
            yield Kant.VRAGER, v[i]
            i += 1


def _maak_rij(kant: Kant, delen: Sequence[Rijdeel], niet_gelezen: dict[int, Leescode]) -> _Rij:
    """``niet_gelezen`` are the numbers that the other side could not read, by its own word."""
    rij, gezien = _Rij(kant, [], [], []), set[int]()
    for deel in delen:
        nummer, feit = _wat(deel)
        if nummer in gezien:
            rij.noten.append(Noot(kant, nummer, feit))
            continue
        gezien.add(nummer)
        code = _leescode(deel, nummer, niet_gelezen)
        if rij.breuk is None and code is None and nummer != rij.dicht_tot + 1:
            code = Leescode.GAT
        if rij.breuk is None and code is None:
            rij.zetten.append(deel if isinstance(deel, Schakelbericht) else _Ongelezen(nummer))
            rij.dicht_tot = nummer
            continue
        is_eerste = kant is Kant.VRAGER and nummer == _EERSTE and rij.breuk is None
        if rij.breuk is None and code is not None:
            rij.breuk = Breuk(nummer, code, "geweigerd" if is_eerste else SchakelOnbegrepen.FEIT)
        if is_eerste:
            rij.zetten.append(deel if isinstance(deel, Schakelbericht) else _OngelezenAanbod())
        elif (
            isinstance(deel, Schakelbericht) and feit in DOORGAAND and code in (None, Leescode.GAT)
        ):
            rij.zetten.append(deel)
        else:
            rij.vastgehouden.append(nummer)
    return rij


def _wat(deel: Rijdeel) -> tuple[int, str]:
    if isinstance(deel, Schakelbericht):
        return deel.nummer, deel.FEIT
    if deel.plek is None:
        raise ValueError("een blad zonder leesbaar id staat in geen rij")
    return deel.plek.nummer, deel.feit or "onleesbaar"


def _leescode(deel: Rijdeel, nummer: int, niet_gelezen: dict[int, Leescode]) -> Leescode | None:
    if isinstance(deel, OnleesbaarBlad):
        return None if deel.feit == SchakelOnbegrepen.FEIT else deel.code
    return niet_gelezen.get(nummer)


def _niet_gelezen(kant: Kant, ander: Sequence[Rijdeel]) -> dict[int, Leescode]:
    """What the other side says that it could not read of this one.

    Believed as long as no ``bij`` of it said that it had it: nobody unsays what counted. The first
    of a vrager is not understood by a ``geweigerd`` with a reading code.
    """
    gevonden: dict[int, Leescode] = {}
    had = 0
    for deel in ander:
        if not isinstance(deel, Schakelbericht):
            continue
        had = max(had, deel.bij)
        if isinstance(deel, SchakelOnbegrepen) and deel.over > had:
            if (kant, deel.over) != (Kant.VRAGER, _EERSTE):
                gevonden.setdefault(deel.over, deel.code)
        elif (
            isinstance(deel, SchakelGeweigerd)
            and (kant, had) == (Kant.VRAGER, 0)
            and deel.reden in LEESCODES
        ):
            gevonden.setdefault(_EERSTE, Leescode(deel.reden))
    return gevonden


def _soort_van(vrager: Sequence[Rijdeel]) -> Schakelsoort | None:
    """The soort is of the schakel, whatever was folded of it: that of the first message."""
    for deel in vrager:
        if _wat(deel)[0] == _EERSTE:
            return deel.soort if isinstance(deel, SchakelAangeboden) else None
    return None
