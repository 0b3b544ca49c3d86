"""The log says what the catalogue lists, and nothing about anybody."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from tests.kern.logboekpagina import als_markdown

from schakel.kern.zicht import logboek
from schakel.kern.zicht.logregels import ALTIJD, KERN

WORTEL = Path(__file__).resolve().parents[2]
DOCUMENT = WORTEL / "docs" / "logboek.md"


@pytest.fixture
def uit() -> Iterator[io.StringIO]:
    uit = io.StringIO()
    logboek.stel_in(strikt=True, uit=uit)
    yield uit
    logboek.stel_in(strikt=True)


def regels(uit: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(regel) for regel in uit.getvalue().splitlines()]


def test_een_regel_heeft_de_vaste_velden_en_zijn_eigen(uit: io.StringIO) -> None:
    merk = logboek.plek.set(("proef", "a" * 32))
    structlog.get_logger().info("dienst_luistert", host="127.0.0.1", poort=8100)
    logboek.plek.reset(merk)
    (regel,) = regels(uit)
    assert regel.keys() == ALTIJD.keys() | {"host", "poort"}
    assert regel["tijdstip"].endswith("Z")
    assert (regel["dienst"], regel["correlatie"], regel["niveau"]) == ("proef", "a" * 32, "info")


@pytest.mark.parametrize(
    ("niveau", "naam", "velden"),
    [
        ("info", "bestaat_niet", {}),
        ("info", "dienst_luistert", {"naam": "Willemijn"}),
        ("error", "dienst_luistert", {}),
    ],
)
def test_wat_niet_in_de_catalogus_staat_mag_in_een_test_niet(
    uit: io.StringIO, niveau: str, naam: str, velden: dict[str, Any]
) -> None:
    with pytest.raises(logboek.OnbekendeLogregel):
        getattr(structlog.get_logger(), niveau)(naam, **velden)
    assert uit.getvalue() == ""


def test_in_bedrijf_vallen_onbekende_waarden_weg_en_dat_staat_er() -> None:
    uit = io.StringIO()
    logboek.stel_in(uit=uit)
    structlog.get_logger().info("bestaat_niet", naam="Willemijn")
    structlog.get_logger().info("dienst_luistert", naam="Willemijn", poort=1)
    logboek.stel_in(strikt=True)
    onbekend, bekend = regels(uit)
    assert (onbekend["gebeurtenis"], onbekend["naam"]) == ("onbekende_logregel", "bestaat_niet")
    assert bekend["poort"] == 1
    assert "Willemijn" not in uit.getvalue()


def test_een_niveau_lager_dan_ingesteld_wordt_niet_geschreven() -> None:
    uit = io.StringIO()
    logboek.stel_in(niveau="warning", strikt=True, uit=uit)
    structlog.get_logger().info("dienst_luistert", poort=1)
    logboek.noteer("dienst_luistert", {"poort": 1})
    structlog.get_logger().warning("taak_hervat", taak="a", reden="b")
    logboek.stel_in(strikt=True)
    assert [regel["gebeurtenis"] for regel in regels(uit)] == ["taak_hervat"]


def test_de_snelle_weg_schrijft_hetzelfde(uit: io.StringIO) -> None:
    structlog.get_logger().info("dienst_luistert", host="h", poort=1)
    logboek.noteer("dienst_luistert", {"host": "h", "poort": 1})
    een, ander = ({k: w for k, w in r.items() if k != "tijdstip"} for r in regels(uit))
    assert een == ander
    with pytest.raises(logboek.OnbekendeLogregel):
        logboek.noteer("dienst_luistert", {"naam": "Willemijn"})


@pytest.mark.parametrize("formaat", ["json", "tekst"])
def test_een_waarde_kan_geen_regel_van_zichzelf_beginnen(formaat: Any) -> None:
    uit = io.StringIO()
    logboek.stel_in(formaat, strikt=True, uit=uit)
    structlog.get_logger().info("dienst_luistert", host="a\n2026 error b" + "x" * 1000, poort=1)
    logboek.stel_in(strikt=True)
    (regel,) = uit.getvalue().splitlines()
    assert len(regel) < 500
    assert "dienst_luistert" in regel
    assert "poort" in regel


def test_een_andere_bibliotheek_komt_binnen_zonder_haar_waarden(uit: io.StringIO) -> None:
    logging.getLogger("vreemd").error("Willemijn belt %s", "06-12345678")
    logging.getLogger("vreemd").info("dit niet")
    try:
        {}["Willemijn"]
    except LookupError:
        logging.getLogger("uvicorn.error").exception("Exception in %s", "Willemijn")
    vreemd, bekend = regels(uit)
    assert (vreemd["bron"], vreemd["ernst"]) == ("vreemd", "error")
    assert vreemd["plaats"].startswith("test_logboek:")
    assert "sjabloon" not in vreemd
    assert (bekend["sjabloon"], bekend["soort"]) == ("Exception in %s", "KeyError")
    assert "Willemijn" not in uit.getvalue()
    assert "06-" not in uit.getvalue()


def test_een_onverwachte_fout_noemt_de_plaats_en_niet_de_tekst(uit: io.StringIO) -> None:
    try:
        int("Willemijn")
    except ValueError as fout:
        logboek.meld_onverwacht("proef", fout)
    (regel,) = regels(uit)
    assert regel["soort"] == "ValueError"
    assert regel["plaats"][0].startswith("test_logboek.py:")
    assert "Willemijn" not in uit.getvalue()


def test_opnieuw_instellen_verdubbelt_niets(uit: io.StringIO) -> None:
    logboek.stel_in(strikt=True, uit=uit)
    logging.getLogger("vreemd").warning("een keer")
    assert len(regels(uit)) == 1


def test_een_naam_heeft_een_betekenis() -> None:
    assert len({regel.naam for regel in KERN}) == len(KERN)


def gelogd(bestand: Path) -> Iterator[tuple[str, str]]:
    """Every call that logs a line by name: (method, name)."""
    for knoop in ast.walk(ast.parse(bestand.read_text())):
        if not (isinstance(knoop, ast.Call) and knoop.args):
            continue
        naam = knoop.args[0].value if isinstance(knoop.args[0], ast.Constant) else None
        wijze = getattr(knoop.func, "attr", getattr(knoop.func, "id", ""))
        if isinstance(naam, str) and wijze in {"debug", "info", "warning", "error", "noteer"}:
            yield wijze, naam


def test_alles_wat_kern_en_grens_loggen_staat_in_de_catalogus_en_omgekeerd() -> None:
    bronnen = [WORTEL / "packages" / "kern" / "src", WORTEL / "services" / "grens" / "src"]
    bestanden = [bestand for bron in bronnen for bestand in bron.rglob("*.py")]
    gevonden = {regel for bestand in bestanden for regel in gelogd(bestand)}
    bekend = {(regel.niveau, regel.naam) for regel in KERN} | {("noteer", "verzoek_afgehandeld")}
    assert gevonden <= bekend
    assert {naam for _, naam in bekend} - {naam for _, naam in gevonden} == {"onbekende_logregel"}


def test_namen_en_velden_zijn_snake_case_en_uitgelegd() -> None:
    for regel in KERN:
        for naam in (regel.naam, *regel.velden):
            assert naam.isascii()
            assert naam.isidentifier()
            assert naam == naam.lower()
        assert regel.uitleg.endswith(".")
        assert all(regel.velden.values())
        assert ALTIJD.keys().isdisjoint(regel.velden)


def test_de_documentatie_is_de_catalogus() -> None:
    verwacht = als_markdown(KERN)
    assert verwacht in DOCUMENT.read_text(), (
        "docs/logboek.md loopt achter: neem over wat als_markdown(KERN) geeft"
    )


def test_de_velden_die_bio2_vraagt_staan_in_de_regel_van_een_verzoek() -> None:
    velden = {regel.naam: regel.velden for regel in KERN}["verzoek_afgehandeld"]
    assert {"actie", "object", "resultaat", "oorsprong", "actor"} <= velden.keys()
    assert "tijdstip" in ALTIJD
