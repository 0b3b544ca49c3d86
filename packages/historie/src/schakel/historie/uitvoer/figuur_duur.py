"""How long zaken took: per werkstroom the middle half, the median and the slowest tenth."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .cijfers import Duur
from .figuren import figuur, lijn, tekst
from .getallen import HARDE_SPATIE, duur, kort
from .opmaak import Element, el
from .werkstroomtekst import naam

_LINKS, _RECHTS, _BOVEN, _RIJ, _BALK = 130.0, 760.0, 16.0, 40.0, 18.0
_GROTE_SPREIDING = 50
_MINUUT, _UUR, _DAG, _JAAR = 60.0, 3600.0, 86400.0, 365.25 * 86400.0
_EENHEDEN = ((_JAAR, "jaar"), (_DAG, "dagen"), (_UUR, "uur"), (_MINUUT, "min"), (1.0, "s"))
_STREPEN = 5
_LOGARITMISCH = {
    "1 s": 1.0,
    "10 s": 10.0,
    "1 min": _MINUUT,
    "10 min": 10 * _MINUUT,
    "1 uur": _UUR,
    "1 dag": _DAG,
    "10 dagen": 10 * _DAG,
    "100 dagen": 100 * _DAG,
    "3 jaar": 3 * _JAAR,
    "30 jaar": 30 * _JAAR,
    "300 jaar": 300 * _JAAR,
}


@dataclass(frozen=True)
class Schaal:
    """Where a length of time stands, and the marks along the axis."""

    strepen: tuple[tuple[str, float], ...]
    logaritmisch: bool

    def x(self, seconden: float) -> float:
        """The place of a length; what is shorter than the first mark stands at that mark."""
        van, tot = self.strepen[0][1], self.strepen[-1][1]
        waarde = max(seconden, van)
        if self.logaritmisch:
            van, tot, waarde = math.log(van), math.log(tot), math.log(waarde)
        return _LINKS + (_RECHTS - _LINKS) * (waarde - van) / (tot - van)


def schaal_voor(duren: Sequence[Duur]) -> Schaal:
    """Even steps, or equal factors when the longest is very much longer than the shortest."""
    langste = max(1.0, *(d.p90 for d in duren))
    kortste = max(1.0, min(d.p25 for d in duren))
    if langste / kortste < _GROTE_SPREIDING:
        return Schaal(tuple(_gelijke_stappen(langste)), logaritmisch=False)
    strepen = list(_LOGARITMISCH.items())
    eerste = max(n for n, (_, s) in enumerate(strepen) if s <= kortste)
    laatste = next((n for n, (_, s) in enumerate(strepen) if s >= langste), len(strepen) - 1)
    return Schaal(tuple(strepen[eerste : laatste + 1]), logaritmisch=True)


def figuur_duur(duren: Sequence[Duur]) -> Element:
    """A bar for each werkstroom; raises ValueError when there is none."""
    schaal = schaal_voor(duren)
    onder = _BOVEN + len(duren) * _RIJ
    return figuur(
        "duur",
        "Doorlooptijd per werkstroom",
        _omschrijving(duren, schaal),
        onder + 34,
        *_as(schaal, onder),
        *(d for n, een in enumerate(duren) for d in _rij(_BOVEN + n * _RIJ, een, schaal)),
    )


def _gelijke_stappen(langste: float) -> Iterator[tuple[str, float]]:
    lengte, eenheid = next(e for e in _EENHEDEN if langste >= e[0])
    ruw = langste / lengte / _STREPEN
    tiental = 10 ** math.floor(math.log10(ruw))
    stap = next(f * tiental for f in (1, 2, 5, 10) if f * tiental >= ruw)
    for n in range(math.ceil(langste / lengte / stap) + 1):
        yield f"{kort(n * stap)}{HARDE_SPATIE}{eenheid}", n * stap * lengte


def _omschrijving(duren: Sequence[Duur], schaal: Schaal) -> str:
    langzaamste = max(duren, key=lambda d: d.mediaan)
    soort = (
        "Elke streep op de as is vele malen langer dan de vorige. " if schaal.logaritmisch else ""
    )
    return (
        f"Liggende balken. {soort}De langste mediaan heeft {naam(langzaamste.werkstroom)}:"
        f" {duur(langzaamste.mediaan)}. Dezelfde getallen staan in de tabel eronder."
    )


def _as(schaal: Schaal, onder: float) -> Iterator[Element]:
    for woorden, seconden in schaal.strepen:
        x = schaal.x(seconden)
        yield lijn(x, _BOVEN - 8, x, onder + 6, "raster")
        yield tekst(x, onder + 24, woorden, "middle", "klein")


def _rij(boven: float, een: Duur, schaal: Schaal) -> Iterator[Element]:
    midden = boven + _RIJ / 2
    balk = midden - _BALK / 2
    p25, mediaan, p75, p90 = map(schaal.x, (een.p25, een.mediaan, een.p75, een.p90))
    yield tekst(_LINKS - 14, midden + 5, naam(een.werkstroom), "end")
    yield lijn(p75, midden, p90, midden, "staart")
    yield lijn(p90, midden - 6, p90, midden + 6, "staart")
    yield el("rect", x=p25, y=balk, width=max(p75 - p25, 2), height=_BALK, class_="balk")
    yield lijn(mediaan, balk - 4, mediaan, balk + _BALK + 4, "mediaan")
    yield tekst(_RECHTS + 24, midden + 5, f"mediaan {duur(een.mediaan)}")
