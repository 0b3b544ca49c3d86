"""Rows keep the number that they have in their file, however many cores read it."""

import tomllib
from pathlib import Path

import duckdb
import pytest

from schakel.historie import rijen
from schakel.historie.analyse import analyseer
from schakel.historie.lezen import Leesopties, open_bron
from schakel.historie.mapping import Mapping
from schakel.historie.namen import Namen

RIJEN = 400_000
"""More than DuckDB reads at once, and more than one thread takes."""
MAPPING = Mapping.model_validate(
    tomllib.loads("""
[zaak]
sleutel = "nummer"
[tijd]
kolom = "tijd"
zone = "UTC"
[[regels]]
als = { kolom = "stap", is = "Activiteit 3" }
dan = { gebeurtenis = "aangenomen", proces = "uitvoeren" }
""")
)


def _schrijf(pad: Path, vorm: str) -> Path:
    """A log whose first column is the row number, and whose rows run over several lines."""
    with duckdb.connect() as db:
        db.execute(
            "COPY (SELECT i::VARCHAR AS nummer, 'Activiteit ' || i % 17 AS stap,"
            " '2024-01-02T10:11:12Z' AS tijd,"
            " repeat('een \"regel\", en' || chr(10), i::INTEGER % 7) AS tekst"
            f" FROM range(1, {RIJEN} + 1) r(i)) TO '{pad}' (FORMAT {vorm})"
        )
    return pad


@pytest.mark.parametrize(
    "bestanden",
    [["a.csv"], ["a.csv", "b.csv"], ["a.parquet", "b.csv"], ["a.csv", "vuil.csv"]],
    ids=" ".join,
)
def test_elke_rij_houdt_haar_nummer(tmp_path: Path, bestanden: list[str]) -> None:
    paden = [_schrijf(tmp_path / naam, Path(naam).suffix[1:]) for naam in bestanden]
    vuil = [pad for pad in paden if pad.name == "vuil.csv"]
    for pad in vuil:
        with pad.open("a") as bestand:
            bestand.write("te,weinig\n")
    with duckdb.connect(config={"threads": 8}) as db:
        bron = open_bron(db, paden, "log", Leesopties(tijdelijk=tmp_path, keur=bool(vuil)))
        assert bron.op_volgorde == (not vuil)
        rijen.lees(db, Namen(MAPPING), bron)
        gevonden = db.execute(
            f"SELECT rij // {rijen.PER_BESTAND} AS b, count(*), min(rij % {rijen.PER_BESTAND}),"
            f" count(*) FILTER (zaak::BIGINT <> rij % {rijen.PER_BESTAND}) FROM rijen"
            " GROUP BY b ORDER BY b"
        ).fetchall()
    assert gevonden == [(i, RIJEN, 1, 0) for i in range(len(bestanden))]


def test_een_rij_die_halverwege_niet_te_lezen_is_kost_alleen_zichzelf(tmp_path: Path) -> None:
    log = _schrijf(tmp_path / "log.csv", "csv")
    begin = log.read_text()
    plek = begin.index(f"\n{RIJEN // 2},") + 1
    log.write_text(f"{begin[:plek]}te,weinig\n{begin[plek:]}")
    with analyseer([log], MAPPING) as analyse:
        s = analyse.samenvatting
        geweigerd = analyse.db.execute("SELECT rij, reden FROM geweigerd").fetchall()
    assert (s["zaken"], s["rijen"]["gelezen"]) == (RIJEN, RIJEN + 1)
    assert geweigerd == [(RIJEN // 2, "2 waarden in plaats van 4")]


def test_een_beschadigd_parquetbestand_wordt_genoemd_en_niet_half_gelezen(tmp_path: Path) -> None:
    goed, stuk = (_schrijf(tmp_path / naam, "parquet") for naam in ("a.parquet", "b.parquet"))
    inhoud = bytearray(stuk.read_bytes())
    inhoud[len(inhoud) // 2 : len(inhoud) // 2 + 5_000] = b"\xff" * 5_000
    stuk.write_bytes(inhoud)
    with (
        pytest.raises(Exception, match=r"b\.parquet.*geen gaaf Parquet-bestand"),
        analyseer([goed, stuk], MAPPING),
    ):
        pass
