"""The report: one HTML file that needs no network, no script and no other file."""

from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from schakel.contracts.decoders import zet_om

from . import bevindingen, secties
from .onderdelen import alinea
from .opmaak import Element, Inhoud, el, schrijf, stijlblad
from .samenvatting import Samenvatting
from .vervanging import ineens

_TITEL = "Welke werkstroom volgde elke zaak?"
_BELEID = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def schrijf_rapport(db: DuckDBPyConnection, samenvatting: Mapping[str, Any], pad: Path) -> Path:
    """Write the report to ``pad``: the same bytes for the same derivation and summary."""
    bladzijde = _bladzijde(db, zet_om(samenvatting, Samenvatting, str_keys=True))
    with ineens(pad) as (tijdelijk,):
        tijdelijk.write_text(
            f"<!DOCTYPE html>\n{schrijf(bladzijde)}\n", encoding="utf-8", newline="\n"
        )
    return pad


def _bladzijde(db: DuckDBPyConnection, s: Samenvatting) -> Element:
    delen = (
        secties.kerncijfers(db, s),
        secties.per_werkstroom(s),
        secties.in_de_tijd(db),
        secties.doorlooptijd(db),
        secties.tussen_processen(db),
        bevindingen.onbeslist(s),
        bevindingen.verplaatst(db),
        bevindingen.paden_en_afwijkingen(s),
        bevindingen.zonder_regel(s),
        bevindingen.rijen_en_vuil(s),
        bevindingen.verantwoording(s, version("schakel-historie")),
    )
    return el(
        "html",
        _hoofd(),
        el(
            "body",
            el("a", "Direct naar de inhoud", href="#inhoud", class_="sprong"),
            el("header", _aanhef()),
            _inhoudsopgave(delen),
            el("main", delen, id="inhoud", tabindex="-1"),
        ),
        lang="nl",
    )


def _hoofd() -> Element:
    css = files(__package__).joinpath("rapport.css").read_text(encoding="utf-8")
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=_BELEID),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{_TITEL} \N{EN DASH} schakel"),
        stijlblad(css),
    )


def _aanhef() -> tuple[Inhoud, ...]:
    return (
        alinea("schakel leid-af", klasse="soort"),
        el("h1", _TITEL),
        alinea(
            "Een werkstroom is de weg die een melding aflegt door de vijf processen van een"
            " overheidsorganisatie: afspreken, wijzigen, herstellen, uitvoeren en verbeteren. Er"
            " zijn er acht. Dit rapport laat zien welke de zaken in de bron volgden.",
            klasse="inleiding",
        ),
    )


def _inhoudsopgave(delen: tuple[Element, ...]) -> Element:
    schakels = (
        el("li", el("a", _kop(deel), href=f"#{dict(deel.attributen)['id']}")) for deel in delen
    )
    return el("nav", el("ol", schakels), aria_label="Inhoud")


def _kop(deel: Element) -> str:
    kop = deel.inhoud[0]
    return kop if isinstance(kop, str) else _kop(kop)
