"""What is written appears whole, in the place of what stood there, or not at all."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.historie.uitvoer.vulling import samenvatting

from schakel.historie.uitvoer import schrijf_alles
from schakel.historie.uitvoer.ocel import schrijf_ocel
from schakel.historie.uitvoer.rapport import schrijf_rapport
from schakel.historie.uitvoer.tabellen import schrijf_csv, schrijf_geweigerd, schrijf_parquet
from schakel.historie.uitvoer.xes import schrijf_xes

Schrijver = Callable[[duckdb.DuckDBPyConnection, Path], Any]
SCHRIJVERS: Mapping[str, Schrijver] = {
    "csv": schrijf_csv,
    "parquet": schrijf_parquet,
    "xes": lambda db, map_: schrijf_xes(db, map_ / "log.xes"),
    "xes.gz": lambda db, map_: schrijf_xes(db, map_ / "log.xes.gz"),
    "ocel": lambda db, map_: schrijf_ocel(db, map_ / "log.ocel.json"),
    "rapport": lambda db, map_: schrijf_rapport(db, LEGE_SAMENVATTING, map_ / "rapport.html"),
    "geweigerd": lambda db, map_: schrijf_geweigerd(db, map_ / "geweigerd.csv"),
}
LEGE_SAMENVATTING = {
    "zaken": 0,
    "werkstromen": {},
    "onbeslist": 0,
    "onbeslistRedenen": {},
    "verplaatst": 0,
    "rijen": {},
    "kanalen": {},
    "woorden": [],
    "afwijkingen": [],
    "onaangeraakt": [],
    "vuil": {},
    "bestanden": [],
    "mapping": "mapping.toml",
}


def inhoud(map_: Path) -> Mapping[str, bytes]:
    return {str(p.relative_to(map_)): p.read_bytes() for p in map_.rglob("*") if p.is_file()}


def maak_stuk(db: duckdb.DuckDBPyConnection) -> None:
    """Rows are given until one cannot be."""
    for tabel, kolom in (("gebeurtenissen", "gebeurtenis"), ("geweigerd", "reden")):
        db.execute(f"INSERT INTO {tabel} ({kolom}) VALUES ('stuk')")
        db.execute(f"ALTER TABLE {tabel} RENAME TO heel_{tabel}")
        db.execute(
            f"CREATE VIEW {tabel} AS SELECT * REPLACE (CASE WHEN {kolom} = 'stuk'"
            f" THEN error('rij is stuk') ELSE {kolom} END AS {kolom}) FROM heel_{tabel}"
        )


@pytest.mark.parametrize("soort", SCHRIJVERS)
def test_mislukt_het_schrijven_dan_blijft_de_map_zoals_hij_was(
    soort: str, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    oud = "zaken.csv zaken.parquet log.xes log.xes.gz log.ocel.json rapport.html geweigerd.csv"
    for naam in oud.split():
        (tmp_path / naam).write_text("van gisteren")
    vooraf = inhoud(tmp_path)
    maak_stuk(db)
    with pytest.raises(duckdb.Error, match="rij is stuk"):
        SCHRIJVERS[soort](db, tmp_path)
    assert inhoud(tmp_path) == vooraf
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(oud.split())


@pytest.mark.parametrize("soort", SCHRIJVERS)
def test_wat_er_stond_wordt_vervangen_en_er_blijft_niets_achter(
    soort: str, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    SCHRIJVERS[soort](db, tmp_path)
    eerste = inhoud(tmp_path)
    for naam in eerste:
        (tmp_path / naam).write_text("van gisteren")
    SCHRIJVERS[soort](db, tmp_path)
    assert inhoud(tmp_path) == eerste
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(eerste)


@pytest.mark.parametrize("soort", SCHRIJVERS)
def test_de_volgorde_van_de_rijen_in_de_tabellen_maakt_niets_uit(
    soort: str, db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    gewoon, omgekeerd = tmp_path / "gewoon", tmp_path / "omgekeerd"
    gewoon.mkdir()
    omgekeerd.mkdir()
    SCHRIJVERS[soort](db, gewoon)
    for tabel in ("zaken", "gebeurtenissen"):
        db.execute(f"CREATE OR REPLACE TABLE {tabel} AS FROM {tabel} ORDER BY rowid DESC")
    SCHRIJVERS[soort](db, omgekeerd)
    assert inhoud(gewoon) == inhoud(omgekeerd)


def test_alles_staat_in_een_map_die_er_nog_niet_was(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    map_ = tmp_path / "een 'rare' naam" / "uit"
    geschreven = schrijf_alles(db, samenvatting(db), map_)
    assert set(geschreven) == set(map_.iterdir())
    assert [pad.name for pad in geschreven] == [
        "zaken.csv",
        "gebeurtenissen.csv",
        "zaken.parquet",
        "gebeurtenissen.parquet",
        "log.xes.gz",
        "log.ocel.json",
        "rapport.html",
    ]
    assert all(pad.stat().st_size for pad in geschreven)
