"""The command: what it prints and writes, how it ends, and what it says about bad input."""

import csv
import gzip
import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from lxml import html
from tests.cli.conftest import Gezegd
from tests.historie.proef import WORTEL, schrijf, verloop

VOORBEELD = WORTEL / "docs" / "mappings" / "voorbeeld.csv"
MAPPING = WORTEL / "docs" / "mappings" / "voorbeeld.toml"
NUMMERS = {"2": 9, "3": 5, "4": 27, "5": 28, "6": 1, "7": 4, "8": 3}
Schakel = Callable[..., Gezegd]
EENVOUDIG = """
[zaak]
sleutel = "zaak"
[tijd]
kolom = "tijd"
[[regels]]
als = { kolom = "wat", is = "aanvraag" }
dan = { gebeurtenis = "aangenomen", proces = "uitvoeren" }
"""


@pytest.fixture(autouse=True)
def eigen_map(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    (tmp_path / "m.toml").write_text(EENVOUDIG)
    return tmp_path / "m.toml"


def test_json_is_een_object_met_alle_tellingen(schakel: Schakel) -> None:
    gezegd = schakel("leid-af", VOORBEELD, "--mapping", MAPPING, "-o", "json")
    assert gezegd.code == 0
    s = json.loads(gezegd.uit)
    assert (s["zaken"], s["werkstromen"], s["onbeslist"], s["verplaatst"]) == (80, NUMMERS, 3, 5)
    rijen = {"gelezen": 308, "gebruikt": 265, "notities": 43, "geweigerd": 0}
    assert s["rijen"] == rijen
    assert s["onbeslistRedenen"] == {"geen regel zegt bij welk proces de melding binnenkwam": 3}


def test_voor_mensen_staat_het_op_een_scherm(schakel: Schakel) -> None:
    gezegd = schakel("leid-af", VOORBEELD, "--mapping", MAPPING)
    assert gezegd.code == 0
    for regel in ("zaken       80", "308 gelezen: 265 gebruikt, 43 notities", "VAWUWAV", "35,0 %"):
        assert regel in gezegd.uit


def test_uit_schrijft_alles_op_en_alles_telt_gelijk(schakel: Schakel, tmp_path: Path) -> None:
    gezegd = schakel("leid-af", VOORBEELD, "--mapping", MAPPING, "--uit", "uit")
    assert gezegd.code == 0
    uit = tmp_path / "uit"
    with (uit / "zaken.csv").open(newline="") as bestand:
        assert len(list(csv.DictReader(bestand))) == 80
    gelezen = duckdb.sql(
        f"SELECT werkstroom, count(*) FROM '{uit}/zaken.parquet'"
        " WHERE werkstroom IS NOT NULL GROUP BY ALL"
    ).fetchall()
    assert {str(nummer): n for nummer, n in gelezen} == NUMMERS
    assert gzip.decompress((uit / "log.xes.gz").read_bytes()).count(b"<trace>") == 80
    ocel = json.loads((uit / "log.ocel.json").read_text())
    assert sum(een["type"] == "zaak" for een in ocel["objects"]) == 80
    rapport = html.parse(uit / "rapport.html").getroot()
    assert rapport.get("lang") == "nl"
    assert "Welke werkstroom" in rapport.text_content()
    assert not (uit / "geweigerd.csv").exists()


def test_rijen_die_niet_kunnen_worden_geweigerd_met_reden_en_tellen_mee(
    schakel: Schakel, tmp_path: Path, mapping: Path
) -> None:
    rijen = verloop("aanvraag", "notitie")
    rijen += [{"zaak": "", "tijd": "2026-01-01", "wat": "x"}]
    rijen += [{"zaak": "Z3", "tijd": "gisteren", "wat": "aanvraag"}]
    log = schrijf(tmp_path / "log.csv", rijen)
    gezegd = schakel("leid-af", log, "-m", mapping, "-o", "json")
    assert gezegd.code == 1
    assert "2 rijen zijn geweigerd; de reden per rij staat in geweigerd.csv" in gezegd.fout
    s = json.loads(gezegd.uit)["rijen"]
    assert s == {"gelezen": 4, "gebruikt": 1, "notities": 1, "geweigerd": 2}
    with (tmp_path / "geweigerd.csv").open(newline="") as bestand:
        geweigerd = [(rij["rij"], rij["reden"]) for rij in csv.DictReader(bestand)]
    assert geweigerd == [
        ("3", "de zaak is leeg (zaak)"),
        ("4", "de tijd is niet te lezen (tijd)"),
    ]


FORMULE = '=HYPERLINK("http://a")'


def test_wat_een_formule_zou_zijn_is_in_csv_tekst_en_in_parquet_zoals_het_was(
    schakel: Schakel, tmp_path: Path, mapping: Path
) -> None:
    log = schrijf(tmp_path / "log.csv", verloop("aanvraag", zaak=FORMULE))
    assert schakel("leid-af", log, "-m", mapping, "--uit", "uit").code == 0
    for naam in ("zaken", "gebeurtenissen"):
        with (tmp_path / "uit" / f"{naam}.csv").open(newline="") as bestand:
            assert {rij["zaak"] for rij in csv.DictReader(bestand)} == {f"'{FORMULE}"}
        gelezen = duckdb.sql(f"SELECT * FROM '{tmp_path}/uit/{naam}.parquet'")
        assert gelezen.fetchall()[0][0] == FORMULE
        assert {"rijen", "tijden", "nummer"}.isdisjoint(gelezen.columns)


@pytest.mark.parametrize(
    ("argumenten", "uitleg"),
    [
        (["log.csv"], "geef met --mapping hoe de rijen worden gelezen"),
        (["weg.csv", "-m", "m.toml"], "weg.csv: dit bestand bestaat niet"),
        (["log.csv", "-m", "weg.toml"], "weg.toml: is niet te lezen"),
        (["ander.csv", "-m", "m.toml"], "de mapping noemt wat, maar het bestand heeft zaak, tijd"),
        (["leeg.csv", "-m", "m.toml"], "leeg.csv: dit bestand is leeg"),
        (["half.csv.gz", "-m", "m.toml"], "half.csv.gz: "),
        (["log.csv", "-m", "m.toml", "--geheugen", "veel"], "--geheugen"),
    ],
)
def test_verkeerd_gebruik_eindigt_met_2_en_zegt_wat_te_doen(
    schakel: Schakel, tmp_path: Path, mapping: Path, argumenten: list[str], uitleg: str
) -> None:
    log = schrijf(tmp_path / "log.csv", verloop("aanvraag"))
    schrijf(tmp_path / "ander.csv", [{"zaak": "Z1", "tijd": "2026-01-01"}])
    (tmp_path / "leeg.csv").touch()
    (tmp_path / "half.csv.gz").write_bytes(gzip.compress(log.read_bytes() * 1000)[:-20])
    gezegd = schakel("leid-af", *argumenten)
    assert (gezegd.code, gezegd.uit) == (2, "")
    assert uitleg in gezegd.fout
    assert "Traceback" not in gezegd.fout


@pytest.mark.parametrize("naam", ["log.csv", "log.parquet"])
def test_te_weinig_geheugen_ligt_niet_aan_het_bestand(
    schakel: Schakel, tmp_path: Path, mapping: Path, naam: str
) -> None:
    log = tmp_path / naam
    duckdb.execute(
        "COPY (SELECT 'Z' || i AS zaak, '2026-01-01' AS tijd, repeat('aanvraag ', 100) AS wat"
        f" FROM range(100000) r(i)) TO '{log}'"
    )
    gezegd = schakel("leid-af", log, "-m", mapping, "--geheugen", "2MB")
    assert gezegd.code == 1
    assert "2MB geheugen is te weinig" in gezegd.fout
    assert "--geheugen, of met TMPDIR een ruimere map" in gezegd.fout


def test_een_mapping_wordt_voorgesteld_en_is_meteen_te_gebruiken(
    schakel: Schakel, tmp_path: Path
) -> None:
    gezegd = schakel("mapping", "voorstel", VOORBEELD)
    assert gezegd.code == 0
    assert "#   Status: 6 verschillend, 0 leeg" in gezegd.uit
    (tmp_path / "voorstel.toml").write_text(gezegd.uit)
    assert schakel("mapping", "controleer", "voorstel.toml", VOORBEELD).code == 0
    zonder_klok = (tmp_path / "voorstel.toml").read_text()
    met_klok = zonder_klok.replace(
        'kolom = "Tijdstip"\n', 'kolom = "Tijdstip"\nformaat = "%d-%m-%Y %H:%M"\n'
    )
    (tmp_path / "voorstel.toml").write_text(met_klok)
    afgeleid = schakel("leid-af", VOORBEELD, "-m", "voorstel.toml", "-o", "json")
    assert json.loads(afgeleid.uit)["werkstromen"] == {"5": 80}


def test_controleer_zegt_welke_kolom_ontbreekt(schakel: Schakel, tmp_path: Path) -> None:
    log = schrijf(tmp_path / "log.csv", verloop("x"))
    gezegd = schakel("mapping", "controleer", MAPPING, log)
    assert gezegd.code == 2
    assert "de mapping noemt Meldingnummer, Tijdstip" in gezegd.fout


def test_het_schema_is_json(schakel: Schakel) -> None:
    gezegd = schakel("mapping", "schema")
    assert json.loads(gezegd.uit)["title"] == "Mapping"
