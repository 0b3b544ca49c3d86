"""``schakel leid-af``: which werkstromen did the meldingen in an existing log follow?"""

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from schakel.contracts.werkstromen import WERKSTROMEN
from schakel.kern.grond.weigering import Ongeldig

from .uitvoer import Formaat, Uitvoer, als_json, kaart, tabel, zijlijn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_WAT = {
    "ongesorteerd": "rijen terug in de tijd",
    "gelijktijdig": "met een gedeelde tijd",
    "dubbel": "dubbel",
    "onmogelijkeTijden": "met een onmogelijke tijd",
    "zonderTijd": "zonder tijd",
}
Scheiding = Annotated[
    str | None, typer.Option(help="Wat cellen scheidt; anders zoekt schakel dat uit.")
]
Codering = Annotated[str | None, typer.Option(help="Zoals cp1252; anders zoekt schakel dat uit.")]
Objecttype = Annotated[str | None, typer.Option(help="Welk soort object de zaak is, bij OCEL.")]


def leid_af(
    bestanden: Annotated[
        list[Path],
        typer.Argument(
            metavar="BESTAND...",
            help="CSV, XES, OCEL 2.0, Parquet of berichten van schakel (.jsonl).",
        ),
    ],
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", "-m", help="Hoe de rijen worden gelezen (TOML)."),
    ] = None,
    uit: Annotated[
        Path | None,
        typer.Option(help="Map voor de uitkomst per zaak, de exports en het rapport."),
    ] = None,
    scheiding: Scheiding = None,
    codering: Codering = None,
    objecttype: Objecttype = None,
    geheugen: Annotated[
        str, typer.Option(help="Wat er in het geheugen mag; de rest gaat naar schijf.")
    ] = "1GB",
    uitvoer: Uitvoer = Formaat.TEKST,
) -> None:
    """Leid van elke zaak in een logboek af welke werkstroom hij volgde, en waarom."""
    from schakel.historie.analyse import Hoe, analyseer  # noqa: PLC0415 - help needs none of this
    from schakel.historie.eigen import zijn_berichten  # noqa: PLC0415
    from schakel.historie.mapping import lees_mapping  # noqa: PLC0415
    from schakel.historie.uitvoer import schrijf_alles, schrijf_geweigerd  # noqa: PLC0415

    if mapping is None and not zijn_berichten(bestanden):
        raise Ongeldig(
            "mapping-ontbreekt",
            "geef met --mapping hoe de rijen worden gelezen;"
            f" een eerste versie maakt: schakel mapping voorstel {bestanden[0]}",
        )
    gelezen = None if mapping is None else lees_mapping(mapping)
    with (
        _voortgang() as meld,
        analyseer(
            bestanden, gelezen, Hoe(scheiding, codering, objecttype, geheugen, meld)
        ) as analyse,
    ):
        samenvatting = {**analyse.samenvatting, "mapping": str(mapping or "")}
        if uit is not None:
            meld("uitkomst per zaak samenstellen")
            analyse.leg_vast()
            schrijf_alles(analyse.db, samenvatting, uit, meld)
        geweigerd = samenvatting["rijen"]["geweigerd"]
        waar = (uit or Path()) / "geweigerd.csv"
        if geweigerd:
            schrijf_geweigerd(analyse.db, waar)
    if uitvoer is Formaat.JSON:
        als_json(samenvatting)
    else:
        _toon(samenvatting)
        if uit is not None:
            zijlijn().print(f"uitkomst in {uit}; begin bij {uit / 'rapport.html'}")
    if geweigerd:
        zijlijn().print(f"{geweigerd} rijen zijn geweigerd; de reden per rij staat in {waar}")
        raise typer.Exit(1)


@contextmanager
def _voortgang() -> "Iterator[Callable[[str], None]]":
    """A line that moves in a terminal, and nothing elsewhere."""
    with zijlijn().status("") as status:
        yield status.update


def _toon(s: "Mapping[str, Any]") -> None:
    """What matters most, on one screen."""
    rijen, vuil = s["rijen"], s["vuil"]
    kaart(
        {
            "zaken": _getal(s["zaken"]),
            "onbeslist": _getal(s["onbeslist"]),
            "verplaatst": _getal(s["verplaatst"]),
            "rijen": f"{_getal(rijen['gelezen'])} gelezen: {_getal(rijen['gebruikt'])} gebruikt,"
            f" {_getal(rijen['notities'])} notities, {_getal(rijen['geweigerd'])} geweigerd",
            "vuil": ", ".join(f"{_getal(n)} {_WAT[wat]}" for wat, n in vuil.items() if n) or "geen",
            "kanalen": ", ".join(f"{kanaal} {_getal(n)}" for kanaal, n in s["kanalen"].items()),
        }
    )
    acht = {w.nummer: w for w in WERKSTROMEN}
    tabel(
        ("werkstroom", "woord", "melding", "zaken", "deel"),
        [
            (
                nummer,
                acht[int(nummer)].woord,
                acht[int(nummer)].meldingsoort,
                _getal(n),
                _deel(n, s),
            )
            for nummer, n in s["werkstromen"].items()
        ],
    )
    _tabel(("onbeslist omdat", "zaken"), s["onbeslistRedenen"].items())
    _tabel(("gelopen pad", "zaken"), s["woorden"])
    _tabel(("afwijking", "uitleg", "zaken"), s["afwijkingen"])
    _tabel(("door geen regel geraakt", "rijen"), s["onaangeraakt"])
    _tabel(("regel die niets raakte",), [(regel,) for regel in s["ongebruikteRegels"]])


def _tabel(koppen: tuple[str, ...], regels: Iterable[Sequence[Any]]) -> None:
    if regels := [(*regel[:-1], _getal(regel[-1])) for regel in regels]:
        tabel(koppen, regels)


def _getal(n: Any) -> str:
    return f"{n:,}".replace(",", ".") if isinstance(n, int) else str(n)


def _deel(n: int, s: "Mapping[str, Any]") -> str:
    return f"{100 * n / s['zaken']:.1f} %".replace(".", ",")
