"""Stacked bars: which share each werkstroom had of what began in a period."""

from collections.abc import Iterator, Sequence

from .cijfers import Periode, Verloop
from .figuren import BREEDTE, figuur, lijn, tekst
from .getallen import HARDE_SPATIE
from .opmaak import Element, el
from .werkstroomtekst import naam

_LINKS, _BOVEN, _HOOGTE = 60.0, 46.0, 280.0
_ONDER = _BOVEN + _HOOGTE
_BREEDSTE, _VULLING = 64.0, 0.84
_LETTER_PAST = 13.0
_RECHTOP_TOT = 12
_VAK, _LETTER = 40.0, 9.0
_KWARTEN = 4


def volgorde(verloop: Verloop) -> list[int | None]:
    """The werkstromen that occur, from the bottom up; the undecided on top."""
    gezien = {nummer for periode in verloop.perioden for nummer in periode.aantallen}
    return sorted(gezien, key=lambda nummer: nummer or len(gezien) + 8)


def figuur_verloop(verloop: Verloop) -> Element:
    """The bars, with the number of the werkstroom in every part where it fits."""
    nummers = volgorde(verloop)
    stap = (BREEDTE - _LINKS) / max(len(verloop.perioden), 1)
    stap = min(stap, _BREEDSTE / _VULLING)
    scheef = len(verloop.perioden) > _RECHTOP_TOT
    return figuur(
        "verloop",
        f"Aandeel per werkstroom, per {verloop.eenheid}",
        _omschrijving(verloop, nummers),
        _ONDER + (78 if scheef else 30),
        _patronen(nummers),
        *_legenda(nummers),
        *_as(),
        *(
            deel
            for n, periode in enumerate(verloop.perioden)
            for deel in _kolom(_LINKS + n * stap, stap, periode, nummers, scheef=scheef)
        ),
    )


def _omschrijving(verloop: Verloop, nummers: Sequence[int | None]) -> str:
    if not verloop.perioden:
        return "Van geen enkele zaak is bekend wanneer hij begon."
    eerste, laatste = verloop.perioden[0].naam, verloop.perioden[-1].naam
    return (
        f"Gestapelde staven van {eerste} tot en met {laatste}, elk samen honderd procent."
        f" Van onder naar boven: {', '.join(map(naam, nummers))}."
        " Dezelfde getallen staan in de tabel eronder."
    )


def _sleutel(nummer: int | None) -> str:
    return str(nummer or 0)


def _patronen(nummers: Sequence[int | None]) -> Element:
    """A ground and a hatching each: they differ on paper without colour too."""
    tekening = {
        "0": "M0 4H8",
        "3": "M-2 2L2 -2M0 8L8 0M6 10L10 6",
        "4": "M-2 2L2 -2M0 8L8 0M6 10L10 6",
        "5": "M4 2V6M2 4H6",
        "6": "M4 2V6M2 4H6",
        "7": "M0 0L8 8M8 0L0 8",
        "8": "M0 0L8 8M8 0L0 8",
    }
    return el(
        "defs",
        (
            el(
                "pattern",
                el("rect", width=8, height=8, class_=f"grond-{s}"),
                el("path", d=tekening.get(s, ""), class_=f"arcering-{s}"),
                id=f"patroon-{s}",
                width=8,
                height=8,
                patternUnits="userSpaceOnUse",
            )
            for s in map(_sleutel, nummers)
        ),
    )


def _vlak(nummer: int | None, x: float, y: float, breedte: float, hoogte: float) -> Element:
    vulling = f"url(#patroon-{_sleutel(nummer)})"
    return el("rect", x=x, y=y, width=breedte, height=hoogte, fill=vulling, class_="vlak")


def _legenda(nummers: Sequence[int | None]) -> Iterator[Element]:
    x = _LINKS
    for nummer in nummers:
        yield _vlak(nummer, x, 8, 20, 14)
        yield tekst(x + 26, 20, naam(nummer), klasse="klein")
        x += _VAK + _LETTER * len(naam(nummer))


def _as() -> Iterator[Element]:
    for kwart in range(_KWARTEN + 1):
        y = _ONDER - _HOOGTE * kwart / _KWARTEN
        yield lijn(_LINKS - 6, y, BREEDTE, y, "raster")
        yield tekst(_LINKS - 10, y + 5, f"{25 * kwart}{HARDE_SPATIE}%", "end", "klein")


def _cijfer(x: float, y: float, nummer: int | None) -> Iterator[Element]:
    """The number on a patch without hatching, so that it can be read."""
    s = _sleutel(nummer)
    yield el("rect", x=x - 6, y=y - 7, width=12, height=14, class_=f"grond-{s}")
    yield tekst(x, y + 5, "?" if nummer is None else s, "middle", f"klein op-{s}")


def _kolom(
    x: float, stap: float, periode: Periode, nummers: Sequence[int | None], *, scheef: bool
) -> Iterator[Element]:
    breedte = stap * _VULLING
    links = x + (stap - breedte) / 2
    midden = x + stap / 2
    if not periode.sluit_aan and x > _LINKS:
        yield lijn(x, _BOVEN - 8, x, _ONDER + 8, "onderbreking")
    onder = _ONDER
    for nummer in nummers:
        hoogte = _HOOGTE * periode.aantallen.get(nummer, 0) / periode.totaal
        onder -= hoogte
        if hoogte:
            yield _vlak(nummer, links, onder, breedte, hoogte)
        if min(hoogte, breedte) >= _LETTER_PAST:
            yield from _cijfer(midden, onder + hoogte / 2, nummer)
    if not scheef:
        yield tekst(midden, _ONDER + 20, periode.naam, "middle", "klein")
        return
    draai = f"translate({midden + 4:.1f} {_ONDER + 14:.1f}) rotate(-60)"
    yield el("text", periode.naam, transform=draai, text_anchor="end", class_="klein")
