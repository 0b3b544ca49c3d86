"""The parts that every section of the report is made of."""

from collections.abc import Collection, Iterable, Sequence

from .opmaak import Element, Inhoud, el

_LANGST = 300
_LANGSTE_WOORD = 25


def alinea(*inhoud: Inhoud, klasse: str = "") -> Element:
    """A paragraph."""
    return el("p", *inhoud, class_=klasse) if klasse else el("p", *inhoud)


def ingekort(tekst: str) -> str:
    """A text of somebody else: cut where it would push everything else off the page."""
    return tekst if len(tekst) <= _LANGST else tekst[:_LANGST] + "\N{HORIZONTAL ELLIPSIS}"


def sectie(sleutel: str, kop: str, *inhoud: Inhoud | Iterable[Inhoud]) -> Element:
    """A section that can be linked to, named by its heading."""
    return el(
        "section",
        el("h2", kop, id=f"{sleutel}-kop"),
        *inhoud,
        id=sleutel,
        aria_labelledby=f"{sleutel}-kop",
    )


def tabel(
    bijschrift: str,
    koppen: Sequence[str],
    rijen: Iterable[Sequence[str]],
    *,
    tekstkolommen: Collection[int] = (0,),
) -> Element:
    """A table whose first cell names the row. Numbers stand to the right, so that they compare.

    It stands in a frame that scrolls by itself, also with the keyboard, when the screen is narrow.
    """

    def cel(naam: str, kolom: int, inhoud: str, bereik: str = "") -> Element:
        klasse = _klasse(inhoud) if kolom in tekstkolommen else "getal"
        eigen = {"class_": klasse} if klasse else {}
        scope = {"scope": bereik} if bereik else {}
        return el(naam, ingekort(inhoud), **eigen, **scope)

    hoofd = el("tr", (cel("th", n, kop, "col") for n, kop in enumerate(koppen)))
    romp = (
        el(
            "tr",
            cel("th", 0, rij[0], "row"),
            (cel("td", n, inhoud) for n, inhoud in enumerate(rij[1:], start=1)),
        )
        for rij in rijen
    )
    inhoud = el("table", el("caption", bijschrift), el("thead", hoofd), el("tbody", romp))
    return el("div", inhoud, class_="breed", role="group", tabindex="0", aria_label=bijschrift)


def _klasse(inhoud: str) -> str:
    """A cell with a word that no column can hold may break it anywhere."""
    return "lang" if any(len(woord) > _LANGSTE_WOORD for woord in inhoud.split()) else ""


def tabel_of(
    anders: str,
    bijschrift: str,
    koppen: Sequence[str],
    rijen: Sequence[Sequence[str]],
    *,
    tekstkolommen: Collection[int] = (0,),
) -> Element:
    """A table, or a sentence when there is nothing to put in it."""
    if not rijen:
        return alinea(anders)
    return tabel(bijschrift, koppen, rijen, tekstkolommen=tekstkolommen)


def beeld(titel: str, svg: Element, bijschrift: str, cijfers: Element) -> Element:
    """A figure with how to read it, and right under it the table with the same numbers."""
    kader = el(
        "div", svg, class_="breed", role="group", tabindex="0", aria_label=f"Figuur: {titel}"
    )
    return el("figure", el("figcaption", bijschrift), kader, cijfers)


def uitklap(kop: str, inhoud: Element) -> Element:
    """What is there for who wants it, closed at first; works with the keyboard by itself."""
    return el("details", el("summary", kop), inhoud)
