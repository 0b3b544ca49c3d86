"""The report: complete, safe with whatever stood in the log, and silent about single cases."""

import re
from pathlib import Path

import duckdb
import pytest
from tests.historie.uitvoer.bladzijde import Bladzijde, getal
from tests.historie.uitvoer.vulling import AKELIG, EINDELOOS, samenvatting

from schakel.contracts.werkstromen import WERKSTROMEN

# As a reader sees the nasty text: control characters as pictures, no turned direction of writing.
GETOOND = (
    AKELIG.replace("\x01", "\N{SYMBOL FOR START OF HEADING}")
    .replace("\x1b", "\N{SYMBOL FOR ESCAPE}")
    .replace("\N{RIGHT-TO-LEFT OVERRIDE}", "\N{REPLACEMENT CHARACTER}")
    .replace("\r\n", "\n")
)
SECTIES = [
    "kerncijfers",
    "werkstromen",
    "verloop",
    "doorlooptijd",
    "overdrachten",
    "onbeslist",
    "verplaatst",
    "paden",
    "onaangeraakt",
    "rijen",
    "verantwoording",
]


@pytest.fixture
def rapport(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> Bladzijde:
    return Bladzijde(db, samenvatting(db), tmp_path / "rapport.html")


def test_het_bestand_haalt_nergens_iets_vandaan(rapport: Bladzijde) -> None:
    assert "http://" not in rapport.bron
    assert "https://" not in rapport.bron
    assert set(re.findall(r"url\((.)", rapport.bron)) == {"#"}
    assert "@import" not in rapport.bron
    assert rapport.boom.xpath("//script|//link|//img|//iframe|//object|//embed|//form") == []
    assert rapport.boom.xpath("//@src|//@style|//@srcset") == []
    assert rapport.boom.xpath("//@*[starts-with(name(), 'on')]") == []
    assert all(doel.startswith("#") for doel in rapport.boom.xpath("//@href"))


def test_het_beleid_verbiedt_alles_behalve_de_eigen_stijl(rapport: Bladzijde) -> None:
    (beleid,) = rapport.boom.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert beleid.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert "script" not in beleid


def test_wat_er_in_de_bron_stond_is_tekst_en_niets_anders(rapport: Bladzijde) -> None:
    assert "<script" not in rapport.bron
    assert "<b>" not in rapport.bron
    assert [rij[0] for rij in rapport.rijen("onaangeraakt")] == [GETOOND, EINDELOOS[:300] + "…"]
    assert GETOOND in [rij[0] for rij in rapport.rijen("kerncijfers")]
    assert rapport.rijen("paden", 1) == [
        ["overdracht-niet-toegestaan", f"mag niet: {GETOOND}", "2"]
    ]
    bestanden = [dd.text_content() for dd in rapport.sectie("verantwoording").xpath(".//dd")]
    assert bestanden[:3] == [
        f"log {GETOOND}.csv",
        "bestand\N{REPLACEMENT CHARACTER}.csv",
        "mapping <b>.toml",
    ]


def test_er_staat_geen_zaaknummer_in_en_dat_staat_er_ook(
    rapport: Bladzijde, db: duckdb.DuckDBPyConnection
) -> None:
    zaken = [zaak for (zaak,) in db.execute("SELECT zaak FROM zaken").fetchall()]
    assert [zaak for zaak in zaken if zaak in rapport.boom.text_content()] == []
    assert "staan geen zaaknummers" in rapport.sectie("verantwoording").text_content()


def test_elk_onderdeel_is_er_en_staat_in_de_inhoudsopgave(rapport: Bladzijde) -> None:
    assert rapport.boom.xpath("//main/section/@id") == SECTIES
    assert rapport.boom.xpath("//nav//a/@href") == [f"#{sleutel}" for sleutel in SECTIES]
    koppen = [kop.text_content() for kop in rapport.boom.xpath("//main//h2")]
    assert [a.text_content() for a in rapport.boom.xpath("//nav//a")] == koppen


def test_de_kerncijfers_kloppen(rapport: Bladzijde) -> None:
    regels = {
        deel[0].text_content(): (deel[1].text_content(), deel[2].text_content())
        for deel in rapport.sectie("kerncijfers").xpath("./dl/div")
    }
    assert regels["Zaken"] == ("12", "van 02-01-2023 tot en met 06-06-2024")
    assert regels["Werkstroom bekend"] == ("10", "83,3\N{NO-BREAK SPACE}% van de zaken")
    assert regels["Onbeslist"][0] == "2"
    assert regels["Verplaatst"][0] == "1"
    assert regels["Hele weg gezien"][0] == "8"
    assert regels["Met een afwijking"][0] == "1"
    assert regels["Afgerond"][0] == "9"
    assert regels["Doorlooptijd"][0] == "3\N{NO-BREAK SPACE}dagen"


def test_elke_werkstroom_staat_er_met_woord_en_uitleg(rapport: Bladzijde) -> None:
    rijen = rapport.rijen("werkstromen")
    assert [(rij[0], rij[1]) for rij in rijen[:-1]] == [
        (str(w.nummer), w.woord) for w in WERKSTROMEN
    ]
    assert all(len(rij[3]) > 40 for rij in rijen)
    assert sum(getal(rij[4]) for rij in rijen) == 12
    assert rijen[-1][0] == "onbeslist"


def test_onbeslist_en_verplaatst_staan_er_met_reden_en_nummers(rapport: Bladzijde) -> None:
    assert rapport.rijen("onbeslist") == [
        ["geen regel zegt waar de zaak begon", "1", "50,0\N{NO-BREAK SPACE}%"],
        ["nog geen overdracht gezien; mogelijk is 3 of 4", "1", "50,0\N{NO-BREAK SPACE}%"],
    ]
    assert rapport.rijen("verplaatst") == [["4 → 3", "1"]]


def test_bij_elk_pad_staat_of_het_een_werkstroom_is(rapport: Bladzijde) -> None:
    assert [rij[:2] for rij in rapport.rijen("paden")] == [
        ["U", "ja, 5"],
        ["HUH", "ja, 4"],
        ["HUHWUWH", "nee"],
        ["(leeg)", "nee"],
    ]


def test_rijen_en_vuil_staan_er_in_nederlandse_getallen(rapport: Bladzijde) -> None:
    assert rapport.rijen("rijen")[0] == ["Gelezen", "1.434", "100,0\N{NO-BREAK SPACE}%"]
    assert rapport.rijen("rijen", 1)[-1] == ["Rijen met een onmogelijke tijd", "1"]


def test_regels_die_niets_raakten_staan_er_als_ze_er_zijn(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    gegeven = {**samenvatting(db), "ongebruikteRegels": ["regel 3 (<i>)"]}
    rapport = Bladzijde(db, gegeven, tmp_path / "r.html")
    assert [li.text_content() for li in rapport.sectie("onaangeraakt").xpath(".//li")] == [
        "regel 3 (<i>)"
    ]


def test_een_lege_afleiding_geeft_een_heel_rapport_met_nullen(
    leeg: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    leeg_rapport = Bladzijde(leeg, samenvatting(leeg), tmp_path / "rapport.html")
    assert leeg_rapport.boom.xpath("//main/section/@id") == SECTIES
    assert {getal(rij[4]) for rij in leeg_rapport.rijen("werkstromen")} == {0}
    for sleutel in ("verloop", "doorlooptijd", "overdrachten"):
        assert leeg_rapport.sectie(sleutel).xpath(".//svg") == []
    assert "Er zijn geen onbesliste zaken." in leeg_rapport.sectie("onbeslist").text_content()
