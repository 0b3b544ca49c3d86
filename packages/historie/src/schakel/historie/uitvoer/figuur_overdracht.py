"""The five processes with an arrow for every pair that handed over."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schakel.contracts.werkstromen import Proces, mag_overdragen

from .cijfers import Overdrachtscijfer
from .figuren import BREEDTE, figuur, tekst
from .getallen import aantal
from .opmaak import Element, el

_HOOGTE = 580.0
_MIDDEN = (BREEDTE / 2, 275.0)
_HALVE_ASSEN = (330.0, 190.0)
_STRAAL = 50.0
_BOCHT = 0.1
_HALVE_LUS = math.radians(38)
_DUNST, _DIKST = 1.5, 7.0

# In this order round the circle none of the hand-overs of the model crosses another.
_RONDOM = (
    Proces.UITVOEREN,
    Proces.VERBETEREN,
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
)


@dataclass(frozen=True)
class _Punt:
    x: float
    y: float

    def naar(self, ander: "_Punt", afstand: float) -> "_Punt":
        """The point at a distance from here, in the direction of another."""
        lengte = math.hypot(ander.x - self.x, ander.y - self.y)
        deel = afstand / lengte
        return _Punt(self.x + deel * (ander.x - self.x), self.y + deel * (ander.y - self.y))


def _plek(nummer: int) -> _Punt:
    hoek = math.pi / 2 + 2 * math.pi * nummer / len(_RONDOM)
    return _Punt(
        _MIDDEN[0] + _HALVE_ASSEN[0] * math.cos(hoek),
        _MIDDEN[1] + _HALVE_ASSEN[1] * math.sin(hoek),
    )


_PLEK = {proces: _plek(nummer) for nummer, proces in enumerate(_RONDOM)}


def staat_in_het_model(overdracht: Overdrachtscijfer) -> bool | None:
    """Whether the model allows it; None when the log does not tell from whom or to whom it was."""
    return next((pijl.in_model for pijl in _pijlen([overdracht])), None)


@dataclass(frozen=True)
class _Pijl:
    """A hand-over between two processes that are known."""

    van: Proces
    naar: Proces
    aantal: int

    @property
    def in_model(self) -> bool:
        return mag_overdragen(self.van, self.naar)


def _pijlen(overdrachten: Sequence[Overdrachtscijfer]) -> list[_Pijl]:
    bekend = {p.value: p for p in Proces}
    return [
        _Pijl(bekend[o.van], bekend[o.naar], o.aantal)
        for o in overdrachten
        if o.van in bekend and o.naar in bekend
    ]


def figuur_overdracht(overdrachten: Sequence[Overdrachtscijfer]) -> Element:
    """The graph. Hand-overs of which the log lacks an end stand in the table only."""
    bekend = _pijlen(overdrachten)
    meeste = max((pijl.aantal for pijl in bekend), default=1)
    return figuur(
        "overdrachten",
        "Overdrachten tussen de vijf processen",
        _omschrijving(bekend),
        _HOOGTE,
        *(_teken(pijl, meeste) for pijl in bekend),
        *(deel for proces in _RONDOM for deel in _knoop(proces)),
        *(deel for pijl in bekend for deel in _getal(pijl)),
    )


def _omschrijving(pijlen: Sequence[_Pijl]) -> str:
    if not pijlen:
        return "De vijf processen. Er is geen overdracht tussen hen gezien."
    meest = max(pijlen, key=lambda een: een.aantal)
    return (
        "De vijf processen in een kring, met pijlen. De meeste overdrachten gaan van"
        f" {meest.van} naar {meest.naar}: {aantal(meest.aantal)}."
        " Dezelfde getallen staan in de tabel eronder."
    )


def _knoop(proces: Proces) -> Iterator[Element]:
    plek = _PLEK[proces]
    yield el("circle", cx=plek.x, cy=plek.y, r=_STRAAL, class_="proces")
    yield tekst(plek.x, plek.y + 2, proces.letter, "middle", "letter")
    yield tekst(plek.x, plek.y + 22, proces.value, "middle", "klein")


def _bocht(pijl: _Pijl) -> tuple[_Punt, _Punt, _Punt]:
    """Where an arrow leaves, where it bends to, and where it ends."""
    van, naar = _PLEK[pijl.van], _PLEK[pijl.naar]
    if van == naar:
        return _lus(van)
    # Always to the same hand, so that there and back lie apart.
    bij = _Punt(
        (van.x + naar.x) / 2 + _BOCHT * (naar.y - van.y),
        (van.y + naar.y) / 2 - _BOCHT * (naar.x - van.x),
    )
    return van.naar(bij, _STRAAL), bij, naar.naar(bij, _STRAAL + 2)


def _lus(plek: _Punt) -> tuple[_Punt, _Punt, _Punt]:
    """From a process to itself: round its outer side."""
    hoek = math.atan2(plek.y - _MIDDEN[1], plek.x - _MIDDEN[0])
    hoeken = (hoek - _HALVE_LUS, hoek, hoek + _HALVE_LUS)
    begin, bij, eind = (
        _Punt(plek.x + straal * math.cos(h), plek.y + straal * math.sin(h))
        for h, straal in zip(hoeken, (_STRAAL, 3 * _STRAAL, _STRAAL + 2), strict=True)
    )
    return begin, bij, eind


def _teken(pijl: _Pijl, meeste: int) -> Element:
    begin, bij, eind = _bocht(pijl)
    dikte = _DUNST + (_DIKST - _DUNST) * math.sqrt(pijl.aantal / meeste)
    lengte = 10 + 1.5 * dikte
    voet = eind.naar(bij, lengte)
    hoek = math.atan2(eind.y - voet.y, eind.x - voet.x)
    opzij_x, opzij_y = math.sin(hoek) * lengte / 2, math.cos(hoek) * lengte / 2
    links, rechts = (voet.x + opzij_x, voet.y - opzij_y), (voet.x - opzij_x, voet.y + opzij_y)
    punten = (links, (eind.x, eind.y), rechts)
    return el(
        "g",
        el(
            "path",
            d=f"M{begin.x:.1f} {begin.y:.1f}Q{bij.x:.1f} {bij.y:.1f} {voet.x:.1f} {voet.y:.1f}",
            stroke_width=dikte,
        ),
        el("polygon", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in punten)),
        class_="pijl" if pijl.in_model else "pijl vreemd",
    )


def _getal(pijl: _Pijl) -> Iterator[Element]:
    begin, bij, eind = _bocht(pijl)
    x, y = (begin.x + 2 * bij.x + eind.x) / 4, (begin.y + 2 * bij.y + eind.y) / 4
    ster = "" if pijl.in_model else " *"
    woorden = aantal(pijl.aantal) + ster
    breedte = 6 + 9 * len(woorden)
    yield el("rect", x=x - breedte / 2, y=y - 10, width=breedte, height=20, class_="achter")
    yield tekst(x, y + 5, woorden, "middle", "getal")
