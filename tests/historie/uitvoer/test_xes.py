"""The log as XES: parsed again, element by element."""

import gzip
from pathlib import Path
from typing import Any

import duckdb
from lxml import etree
from tests.historie.uitvoer.vulling import AKELIG, EINDELOOS

from schakel.historie.uitvoer.tekens import toonbaar
from schakel.historie.uitvoer.xes import schrijf_xes

XES = "{http://www.xes-standard.org/}"


def lees(db: duckdb.DuckDBPyConnection, pad: Path) -> Any:
    return etree.parse(schrijf_xes(db, pad)).getroot()


def attributen(element: Any) -> dict[str, str]:
    return {e.get("key"): e.get("value") for e in element if e.get("key")}


def sporen(log: Any) -> dict[str, Any]:
    return {attributen(spoor)["concept:name"]: spoor for spoor in log.iter(f"{XES}trace")}


def test_er_is_een_spoor_per_zaak_met_al_zijn_gebeurtenissen_op_volgorde(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    gevonden = sporen(lees(db, tmp_path / "log.xes"))
    zaken = [zaak for (zaak,) in db.execute("SELECT zaak FROM zaken").fetchall()]
    assert gevonden.keys() == set(map(toonbaar, zaken))
    for zaak in zaken:
        verwacht = db.execute(
            "SELECT gebeurtenis, rij FROM gebeurtenissen WHERE zaak = ? ORDER BY n", [zaak]
        ).fetchall()
        events = list(map(attributen, gevonden[toonbaar(zaak)].iter(f"{XES}event")))
        assert [(e["concept:name"], int(e["schakel:rij"])) for e in events] == verwacht


def test_een_spoor_vertelt_wat_er_is_afgeleid(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    spoor = sporen(lees(db, tmp_path / "log.xes"))["Z-10"]
    eigen = {e.get("key"): (e.tag.removeprefix(XES), e.get("value")) for e in spoor if e.get("key")}
    afwijkingen = eigen.pop("schakel:afwijkingen")[1]
    assert afwijkingen.count("overdracht-niet-toegestaan") == 2
    assert eigen == {
        "concept:name": ("string", "Z-10"),
        "schakel:proces": ("string", "herstellen"),
        "schakel:werkstroom": ("int", "3"),
        "schakel:kandidaten": ("string", "3"),
        "schakel:geschiedenis": (
            "string",
            "4 (log.csv:7, 2023-02-10T08:00:00Z); 3 (log.csv:7)",
        ),
        "schakel:woord": ("string", "HWUWH"),
        "schakel:pad": ("string", "HUHWUWH"),
        "schakel:compleet": ("boolean", "false"),
        "schakel:status": ("string", "gesloten"),
        "schakel:uitkomst": ("string", "voltooid"),
        "schakel:begin": ("date", "2023-02-10T08:00:00.000000Z"),
        "schakel:einde": ("date", "2023-03-02T08:00:00.000000Z"),
        "schakel:duur_s": ("float", "1728000.0"),
        "schakel:kanaal": ("string", "web"),
    }


def test_wat_niet_bekend_is_staat_er_niet(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    spoor = sporen(lees(db, tmp_path / "log.xes"))["Z-11"]
    assert "schakel:werkstroom" not in attributen(spoor)
    assert attributen(spoor)["schakel:reden"].startswith("nog geen overdracht")
    (event,) = spoor.iter(f"{XES}event")
    assert "time:timestamp" not in attributen(event)


def test_tekens_die_xml_niet_kent_blijven_zichtbaar(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    gevonden = sporen(lees(db, tmp_path / "log.xes"))
    naam = AKELIG.replace("\x01", "\N{SYMBOL FOR START OF HEADING}").replace(
        "\x1b", "\N{SYMBOL FOR ESCAPE}"
    )
    assert attributen(gevonden[naam])["schakel:kanaal"] == naam
    assert EINDELOOS in gevonden


def test_de_kop_noemt_de_norm_en_alleen_wat_elke_gebeurtenis_heeft(
    leeg: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    log = lees(leeg, tmp_path / "log.xes")
    assert (log.tag, log.get("xes.version")) == (f"{XES}log", "1849.2016")
    assert [(e.tag.removeprefix(XES), e.get("prefix") or e.get("scope")) for e in log] == [
        ("extension", "concept"),
        ("extension", "time"),
        ("global", "trace"),
        ("global", "event"),
        ("classifier", "event"),
        ("string", None),
    ]


def test_een_naam_op_gz_geeft_dezelfde_log_ingepakt(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    gewoon, ingepakt = (schrijf_xes(db, tmp_path / naam) for naam in ("log.xes", "log.xes.gz"))
    assert gzip.decompress(ingepakt.read_bytes()) == gewoon.read_bytes()


def test_gebeurtenissen_zonder_afgeleide_zaak_gaan_niet_verloren(
    leeg: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    leeg.execute("INSERT INTO gebeurtenissen (zaak, n, gebeurtenis) VALUES ('wees', 1, 'stap')")
    (spoor,) = sporen(lees(leeg, tmp_path / "log.xes")).values()
    assert [attributen(e) for e in spoor.iter(f"{XES}event")] == [{"concept:name": "stap"}]
