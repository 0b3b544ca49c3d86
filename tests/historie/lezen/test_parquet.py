"""Parquet becomes text that reads the same as a CSV of it would."""

from pathlib import Path

import duckdb
import pytest
from tests.historie.lezen.conftest import Openen

from schakel.historie.lezen import Bestandsfout


@pytest.fixture
def parquet(tmp_path: Path, db: duckdb.DuckDBPyConnection) -> Path:
    """One column of every kind that an export has."""
    pad = tmp_path / "a.parquet"
    db.execute(
        "COPY (SELECT i AS nummer, 'Zoë' AS naam, '' AS leeg, NULL::VARCHAR AS niets,"
        " TIMESTAMP '2024-01-02 03:04:05.678' AS tijd,"
        " TIMESTAMPTZ '2024-07-02 03:04:05+02' AS zone,"
        " TIMESTAMP_NS '2024-01-02 03:04:05.123456789' AS fijn, DATE '2024-02-03' AS dag,"
        " 3.10::DECIMAL(5, 2) AS bedrag, true AS waar, [1, 2] AS lijst"
        f" FROM range(1, 300001) r(i)) TO '{pad}' (FORMAT parquet, ROW_GROUP_SIZE 20480)"
    )
    return pad


def test_elke_waarde_wordt_tekst_en_een_tijd_iso_8601(openen: Openen, parquet: Path) -> None:
    geopend = openen(parquet)
    geopend.vraag("SET timezone = 'America/New_York'")
    assert geopend.vraag("SELECT COLUMNS(* EXCLUDE _bestand) FROM logboek WHERE _rij = 7") == [
        (
            "7",
            "Zoë",
            None,
            None,
            "2024-01-02T03:04:05.678000",
            "2024-07-02T01:04:05.000000+00:00",
            "2024-01-02T03:04:05.123456789",
            "2024-02-03",
            "3.10",
            "true",
            "[1, 2]",
            7,
        )
    ]


def test_het_rijnummer_is_dat_van_het_bestand(openen: Openen, parquet: Path) -> None:
    geopend = openen(parquet)
    assert geopend.vraag(
        "SELECT count(*), count(*) FILTER (nummer::BIGINT <> _rij) FROM logboek"
    ) == [(300_000, 0)]


def test_parquet_en_csv_met_dezelfde_kolommen_gaan_samen(
    openen: Openen, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    db.execute(f"COPY (SELECT 1 AS a, 'x' AS b) TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)")
    geopend = openen(tmp_path / "a.parquet", ("b.csv", b"b,a\ny,2\n"))
    assert geopend.rijen == [(1, "1", "x"), (1, "2", "y")]


@pytest.mark.parametrize("stuk", [slice(4, 4_000), slice(-20, None), slice(-9_000, -8_000)])
def test_een_beschadigd_parquet_bestand_wordt_gemeld(
    openen: Openen, parquet: Path, stuk: slice
) -> None:
    inhoud = bytearray(parquet.read_bytes())
    inhoud[stuk] = b"\xff" * len(inhoud[stuk])
    with pytest.raises(Bestandsfout, match=r"b\.parquet: dit is geen gaaf Parquet-bestand") as fout:
        openen(("b.parquet", bytes(inhoud)))
    assert fout.value.code == "parquet-onleesbaar"


def test_een_parquet_bestand_zonder_rijen_wordt_gemeld(
    openen: Openen, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    db.execute(f"COPY (SELECT 1 AS a WHERE false) TO '{tmp_path / 'a.parquet'}' (FORMAT parquet)")
    with pytest.raises(Bestandsfout) as fout:
        openen(tmp_path / "a.parquet")
    assert fout.value.code == "geen-rijen"
