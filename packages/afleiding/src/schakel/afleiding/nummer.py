"""Kandidaten, the number and its history, and the walked path (domain, section 6)."""

from collections.abc import Iterable, Mapping

from schakel.contracts.werkstromen import (
    OVERDRACHT_NAAR,
    RANG,
    WERKSTROMEN,
    Proces,
    beginnend_met,
    werkstroom_via,
)

from .knoop import Knoop
from .overdracht import Overdracht
from .uitkomst import Bepaling
from .waarneming import AFGEWEZEN, BEOORDEELD, Waarneming

Stapje = tuple[Proces, Overdracht | None]

_MOGELIJK: Mapping[Proces | None, tuple[int, ...]] = {
    None: tuple(w.nummer for w in WERKSTROMEN),
    **{p: tuple(w.nummer for w in beginnend_met(p)) for p in Proces},
}
_ONDER = {w.nummer: frozenset(w.heenweg[1:]) for w in WERKSTROMEN}
_NUMMER_VIA = {
    (van, naar): werkstroom_via(van, naar).nummer
    for van, doelen in OVERDRACHT_NAAR.items()
    for naar in doelen
}


def is_afgewezen_voor_oordeel(wortel: Knoop) -> bool:
    """Whether it was refused at intake: then there is no werkstroom at all."""
    return AFGEWEZEN in wortel.feiten and BEOORDEELD not in wortel.feiten


def kandidaten(wortel: Knoop, onder: Iterable[Proces]) -> tuple[int, ...]:
    """The werkstromen in whose word all processes seen below stand below the first letter."""
    gezien = frozenset(onder)
    return tuple(n for n in _MOGELIJK[wortel.proces] if gezien <= _ONDER[n])


def geschiedenis(wortel: Knoop) -> tuple[Bepaling, ...]:
    """How the number came to be: the running maximum over ``n``; the last one is the number."""
    if wortel.proces is None:
        return ()
    mogelijk = _MOGELIJK[wortel.proces]
    if len(mogelijk) == 1 and wortel.eerste is not None:
        return (_bepaling(mogelijk[0], [wortel.eerste], None, eigen_woord=True),)
    overdrachten = sorted(wortel.tellende_woorden(), key=_op_volgorde)
    if len(mogelijk) == 1:  # known by its children only
        return (_door_overdracht(mogelijk[0], overdrachten[0]),)
    hoogste = -1
    bepalingen = []
    for overdracht in overdrachten:
        if RANG[overdracht.naar] > hoogste:
            hoogste = RANG[overdracht.naar]
            nummer = _NUMMER_VIA[wortel.proces, overdracht.naar]
            bepalingen.append(_door_overdracht(nummer, overdracht))
    return tuple(bepalingen)


def _op_volgorde(overdracht: Overdracht) -> tuple[int, int, str]:
    return overdracht.volgorde


def _door_overdracht(nummer: int, overdracht: Overdracht) -> Bepaling:
    o = overdracht
    berichten = [*o.woorden, *[b for b in o.bewijzen if b.data.proces is o.naar]]
    return _bepaling(nummer, berichten, o.n, eigen_woord=bool(o.woorden))


def _bepaling(
    nummer: int, berichten: list[Waarneming], n: int | None, *, eigen_woord: bool
) -> Bepaling:
    w = berichten[0]
    vermoedelijk = w.data.versie is None and all(b.data.versie is None for b in berichten)
    return Bepaling(
        nummer, w.data.melding_id, w.data.versie, w.id, w.source, n, eigen_woord, vermoedelijk
    )


def gang(wortel: Knoop) -> list[Stapje]:
    """What was really walked: own process, then one excursion per ronde and back.

    With every letter stands the hand-over that it is the way into, if it is one.
    """
    gelopen: list[Stapje] = []
    if wortel.proces is not None:
        _loop(wortel, wortel.proces, None, gelopen)
    return gelopen


def _loop(knoop: Knoop, hier: Proces, uitstap: Overdracht | None, gelopen: list[Stapje]) -> None:
    """Walk a melding and what is below it; the relations have no circle, so this ends."""
    gelopen.append((hier, uitstap))
    if not knoop.overdrachten or knoop.is_plaatsvervanger:
        return
    for overdracht in _uitstapjes(knoop, hier):
        if overdracht.kind is None:
            gelopen.append((overdracht.naar, overdracht))
        else:
            _loop(overdracht.kind, overdracht.naar, overdracht, gelopen)
        if overdracht.terug is not None:
            gelopen.append((hier, None))


def _uitstapjes(knoop: Knoop, hier: Proces) -> Iterable[Overdracht]:
    """Per ronde the highest-ranked child; of equals the lowest ``n``, then the lowest id."""
    per_ronde: dict[int, Overdracht] = {}
    for overdracht in knoop.overdrachten.values():
        if overdracht.telt and overdracht.naar in OVERDRACHT_NAAR[hier]:
            beste = per_ronde.setdefault(overdracht.ronde, overdracht)
            if beste is not overdracht and _voorrang(overdracht) < _voorrang(beste):
                per_ronde[overdracht.ronde] = overdracht
    if len(per_ronde) == 1:
        return per_ronde.values()
    return [per_ronde[ronde] for ronde in sorted(per_ronde)]


def _voorrang(overdracht: Overdracht) -> tuple[int, tuple[int, int, str]]:
    return -RANG[overdracht.naar], overdracht.volgorde
