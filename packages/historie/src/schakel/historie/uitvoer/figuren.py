"""What all figures share, and the bars of one number per werkstroom."""

from collections.abc import Iterable, Sequence

from .getallen import aantal, procent
from .opmaak import Element, Inhoud, el

BREEDTE = 960.0
_LINKS, _RECHTS, _RIJ, _STAAF = 130.0, 790.0, 30.0, 20.0


def figuur(sleutel: str, titel: str, omschrijving: str, hoogte: float, *inhoud: Element) -> Element:
    """An SVG that a screen reader reads as one picture, with its title and what it shows."""
    return el(
        "svg",
        el("title", titel, id=f"{sleutel}-titel"),
        el("desc", omschrijving, id=f"{sleutel}-uitleg"),
        *inhoud,
        role="img",
        aria_labelledby=f"{sleutel}-titel",
        aria_describedby=f"{sleutel}-uitleg",
        viewBox=f"0 0 {BREEDTE:.0f} {hoogte:.0f}",
    )


def tekst(x: float, y: float, inhoud: Inhoud, anker: str = "start", klasse: str = "") -> Element:
    """Words at a place, which is that of their baseline."""
    if klasse:
        return el("text", inhoud, x=x, y=y, text_anchor=anker, class_=klasse)
    return el("text", inhoud, x=x, y=y, text_anchor=anker)


def lijn(x1: float, y1: float, x2: float, y2: float, klasse: str) -> Element:
    """A straight line."""
    return el("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=klasse)


def staven(rijen: Sequence[tuple[str, int]]) -> Element:
    """One bar for each werkstroom, with its number behind it."""
    totaal = sum(n for _, n in rijen)
    meeste = max((n for _, n in rijen), default=0)
    hoogte = len(rijen) * _RIJ + 10
    return figuur(
        "aantallen",
        "Zaken per werkstroom",
        _omschrijving(rijen, totaal),
        hoogte,
        *(
            deel
            for nummer, (naam, n) in enumerate(rijen)
            for deel in _staaf(nummer * _RIJ + 8, naam, n, meeste, totaal)
        ),
        lijn(_LINKS, 2, _LINKS, hoogte - 4, "as"),
    )


def _omschrijving(rijen: Sequence[tuple[str, int]], totaal: int) -> str:
    if not totaal:
        return "Er zijn geen zaken."
    naam, n = max(rijen, key=lambda rij: rij[1])
    return (
        f"Liggende staven. De langste is {naam}: {aantal(n)} van {aantal(totaal)} zaken,"
        f" {procent(n, totaal)}. Dezelfde getallen staan in de tabel eronder."
    )


def _staaf(boven: float, naam: str, n: int, meeste: int, totaal: int) -> Iterable[Element]:
    lengte = (_RECHTS - _LINKS) * n / meeste if meeste else 0.0
    onderkant = boven + _STAAF - 5
    yield tekst(_LINKS - 10, onderkant, naam, "end")
    yield el("rect", x=_LINKS, y=boven, width=lengte, height=_STAAF, class_="staaf")
    waarde = f"{aantal(n)} ({procent(n, totaal)})"
    yield tekst(_LINKS + lengte + 8, onderkant, waarde)
