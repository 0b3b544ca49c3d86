"""The tables: read again by another reader, with every cell as it was."""

import csv
from pathlib import Path

import duckdb
from tests.historie.uitvoer.vulling import AKELIG, EINDELOOS

from schakel.historie.uitvoer.tabellen import schrijf_csv, schrijf_geweigerd, schrijf_parquet


def lees(pad: Path) -> list[dict[str, str]]:
    with pad.open(encoding="utf-8", newline="") as bestand:
        return list(csv.DictReader(bestand))


def test_csv_heeft_een_rij_per_zaak_en_per_gebeurtenis(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    zaken, gebeurtenissen = map(lees, schrijf_csv(db, tmp_path))
    assert [z["zaak"] for z in zaken] == [
        zaak for (zaak,) in db.execute("SELECT zaak FROM zaken ORDER BY zaak").fetchall()
    ]
    assert {AKELIG, EINDELOOS} < {z["zaak"] for z in zaken}
    verwacht = db.execute("SELECT zaak, n FROM gebeurtenissen ORDER BY zaak, n").fetchall()
    assert [(g["zaak"], int(g["n"])) for g in gebeurtenissen] == verwacht
    assert {g["bijzonderheid"] for g in gebeurtenissen} == {AKELIG, ""}


def test_geneste_kolommen_zijn_in_csv_leesbare_tekst(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    zaken = {z["zaak"]: z for z in lees(schrijf_csv(db, tmp_path)[0])}
    verplaatst = zaken["Z-10"]
    assert verplaatst["geschiedenis"] == "4 (log.csv:7, 2023-02-10T08:00:00Z); 3 (log.csv:7)"
    assert verplaatst["afwijkingen"] == (
        f"overdracht-niet-toegestaan (vast): mag niet: {AKELIG} [log.csv:99]; "
        f"overdracht-niet-toegestaan (vermoedelijk): mag niet: {AKELIG} [log.csv]"
    )
    assert zaken["Z-11"]["kandidaten"] == "3; 4"
    assert zaken["Z-12"]["kandidaten"] == zaken["Z-12"]["geschiedenis"] == ""


def test_tijden_in_csv_zijn_utc_en_net_zo_precies_als_zij_waren(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    zaken = {z["zaak"]: z for z in lees(schrijf_csv(db, tmp_path)[0])}
    assert zaken["Z-01"]["begin"] == "2023-01-02T08:00:00Z"
    assert zaken["Z-03"]["begin"] == "2023-02-01T10:00:00.25Z"
    assert zaken["Z-12"]["begin"] == ""


def test_parquet_houdt_elk_type_en_alles_wat_genest_is(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for pad in schrijf_parquet(db, tmp_path):
        gelezen = f"read_parquet('{pad}')"
        assert (
            db.execute(f"DESCRIBE FROM {gelezen}").fetchall()
            == db.execute(f"DESCRIBE FROM {pad.stem}").fetchall()
        )
        for een, ander in ((gelezen, pad.stem), (pad.stem, gelezen)):
            assert db.execute(f"FROM {een} EXCEPT ALL FROM {ander}").fetchall() == []


def test_lege_tabellen_geven_bestanden_met_alleen_een_kop(
    leeg: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    zaken, gebeurtenissen = schrijf_csv(leeg, tmp_path)
    assert zaken.read_text().splitlines() == [
        "zaak,proces,werkstroom,kandidaten,geschiedenis,woord,pad,compleet,afwijkingen,status,"
        "uitkomst,begin,einde,duur_s,reden,kanaal"
    ]
    assert len(gebeurtenissen.read_text().splitlines()) == 1
    for pad in schrijf_parquet(leeg, tmp_path):
        assert leeg.execute(f"SELECT count(*) FROM '{pad}'").fetchall() == [(0,)]


def test_geweigerde_rijen_staan_er_met_hun_reden(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    rijen = [("b.csv", 2, "geen zaak", AKELIG), ("a.csv", 9, "tijd onleesbaar", "31-02-2023")]
    db.executemany("INSERT INTO geweigerd VALUES (?, ?, ?, ?)", rijen)
    (pad,) = schrijf_geweigerd(db, tmp_path / "geweigerd.csv")
    gelezen = [(r["bestand"], int(r["rij"]), r["reden"], r["inhoud"]) for r in lees(pad)]
    assert gelezen == sorted(rijen)
