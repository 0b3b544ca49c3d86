"""Size: what is read does not have to fit in memory."""

import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from schakel.historie.lezen import Leesopties, open_bron

RIJEN = 2_000_000


@pytest.fixture(scope="module")
def groot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 100 MB whose first column is the row number."""
    pad = tmp_path_factory.mktemp("groot") / "groot.csv"
    with duckdb.connect() as db:
        db.execute(
            "COPY (SELECT i AS nummer, 'IM' || i // 5 AS zaak, 'Activiteit ' || i % 17 AS stap,"
            " '2024-01-02T10:11:12Z' AS tijd"
            f" FROM range(1, {RIJEN} + 1) r(i)) TO '{pad}' (FORMAT csv)"
        )
    return pad


@pytest.mark.parametrize("draden", [1, 8])
def test_twee_miljoen_rijen_gaan_door_tweehonderd_megabyte(
    groot: Path, opties: Callable[..., Leesopties], draden: int
) -> None:
    begin = time.monotonic()
    instellingen: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "200MB",
        "threads": draden,
    }
    with duckdb.connect(config=instellingen) as db:
        bron = open_bron(db, [groot], "logboek", opties())
        assert bron.kolommen == ("nummer", "zaak", "stap", "tijd")
        assert db.execute(
            "SELECT count(*), max(_rij), count(*) FILTER (nummer::BIGINT <> _rij) FROM logboek"
        ).fetchall() == [(RIJEN, RIJEN, 0)]
        assert db.execute("SELECT _rij FROM logboek WHERE zaak = 'IM399999'").fetchall() == [
            (nummer,) for nummer in range(RIJEN - 5, RIJEN)
        ]
        assert db.execute("SELECT count(*) FROM logboek_geweigerd").fetchall() == [(0,)]
    assert time.monotonic() - begin < 60


@pytest.mark.parametrize("draden", [1, 8])
def test_een_rij_over_meer_regels_houdt_haar_nummer_over_de_grens_van_elk_blok(
    tmp_path: Path, opties: Callable[..., Leesopties], draden: int
) -> None:
    pad = tmp_path / "regels.csv"
    instellingen: dict[str, str | bool | int | float | list[str]] = {"threads": draden}
    with duckdb.connect(config=instellingen) as db:
        db.execute(
            "COPY (SELECT i, repeat('een regel; \"en\"' || chr(10), 1 + i::INTEGER % 7) AS tekst"
            f" FROM range(1, 300001) r(i)) TO '{pad}' (FORMAT csv, DELIMITER ';')"
        )
        open_bron(db, [pad], "logboek", opties())
        assert db.execute(
            "SELECT count(*), max(_rij), count(*) FILTER (i::BIGINT <> _rij), max(length(tekst))"
            " FROM logboek"
        ).fetchall() == [(300_000, 300_000, 0, 7 * 16)]


def test_zes_bestanden_naast_elkaar_passen_ook(
    groot: Path, opties: Callable[..., Leesopties]
) -> None:
    instellingen: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "200MB",
        "threads": 2,
    }
    with duckdb.connect(config=instellingen) as db:
        open_bron(db, [groot] * 6, "logboek", opties())
        assert db.execute("SELECT count(*), max(_bestand), max(_rij) FROM logboek").fetchall() == [
            (6 * RIJEN, 5, RIJEN)
        ]


def test_een_view_leest_pas_bij_de_vraag(groot: Path, opties: Callable[..., Leesopties]) -> None:
    keuzes = opties()
    with duckdb.connect() as db:
        open_bron(db, [groot], "logboek", keuzes)
        assert db.execute(
            "SELECT count(*) FROM duckdb_tables() WHERE estimated_size > 0"
        ).fetchall() == [(0,)]
    assert sum(pad.stat().st_size for pad in keuzes.tijdelijk.rglob("*")) < 10_000
