"""A first melding that does a part of the work of another organisation (domain, section 6.10)."""

from collections.abc import Iterator

from msgspec import Struct

from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces

from .afwijkingen import NIET_TOEGESTAAN, TEGENSTRIJDIG
from .knoop import Knoop, herhaalt
from .uitkomst import Afwijking
from .waarneming import Deelplaats, Waarneming, volgorde


class Deelname(Struct, frozen=True):
    """What the messages of a first melding say of the work that it is a part of.

    ``plaats`` is what its first one says. ``mag`` is False when no one of them may be so by the
    model (domain, section 2): then it has no number, no kandidaten, and walks nothing.
    """

    plaats: Deelplaats
    mag: bool
    gezegd: tuple[Waarneming, ...]


def deelname_van(wortel: Knoop) -> Deelname | None:
    """Any message of it says so; None when none does."""
    gezegd = [w for w in wortel.gezien.values() if w.data.deel_van is not None]
    gezegd += [w for w in wortel.los if w.data.deel_van is not None and _is_nieuw(w, wortel)]
    if not gezegd:
        return None
    gezegd.sort(key=volgorde)
    waarden = [w.data.deel_van for w in gezegd if w.data.deel_van is not None]
    mag = any(_mag(waarde.proces, wortel.proces) for waarde in waarden)
    return Deelname(waarden[0], mag, tuple(gezegd))


def _is_nieuw(w: Waarneming, wortel: Knoop) -> bool:
    """A repeat without a versie of a fact that has one moves nothing (domain, section 6.5)."""
    eerder = wortel.gezien.values()
    return not any(w.type == zo.type and herhaalt(w, zo) for zo in eerder)


def _mag(van: Proces, naar: Proces | None) -> bool:
    return naar in OVERDRACHT_NAAR[van]


def afwijkingen_van(wortel: Knoop, deel: Deelname) -> Iterator[Afwijking]:
    """Each message is judged by itself, so that no other one takes an afwijking away."""
    buiten = [
        (w.data.deel_van.proces, w.data.proces, w)
        for w in deel.gezegd
        if w.data.deel_van is not None and not _mag(w.data.deel_van.proces, w.data.proces)
    ]
    if buiten:
        van, naar, _ = buiten[0]
        doelen = tuple(p.value for p in OVERDRACHT_NAAR[van])
        yield Afwijking(
            code=NIET_TOEGESTAAN,
            melding_id=wortel.id,
            kind_id=None,
            uitleg=f"{van.value} van een andere organisatie droeg over aan {naar.value};"
            f" toegestaan is een overdracht naar {' of '.join(doelen) or 'niets'}",
            toegestaan=doelen,
            vast=any(w.data.versie is not None for *_, w in buiten),
            gebeurtenissen=tuple(w.id for *_, w in buiten),
        )
    per_waarde = {w.data.deel_van: w.id for w in reversed(deel.gezegd)}
    if len(per_waarde) > 1:
        yield Afwijking(
            code=TEGENSTRIJDIG,
            melding_id=wortel.id,
            kind_id=None,
            uitleg=f"deze melding zegt {len(per_waarde)} keer iets anders over de schakel waar zij"
            " deel van is; toegestaan is een schakel",
            toegestaan=(),
            vast=len({w.data.deel_van for w in deel.gezegd if w.data.versie is not None}) > 1,
            gebeurtenissen=tuple(sorted(per_waarde.values())),
        )
