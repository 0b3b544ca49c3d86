"""The files themselves: what is not there, what may not be read, and several together."""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from tests.historie.lezen.conftest import Openen

from schakel.historie.lezen import Bestandsfout, Leesopties, open_bron
from schakel.kern.grond.weigering import Ongeldig

NIEMAND = 65_534


def test_een_leesfout_zegt_welk_bestand_en_welke_rij() -> None:
    fout = Bestandsfout("voorbeeld", Path("map/a.csv"), "dit klopt niet", rij=12)
    assert isinstance(fout, Ongeldig)
    assert fout.uitleg == "map/a.csv, rij 12: dit klopt niet"
    assert Bestandsfout("voorbeeld", "a.csv", "dit ook niet").uitleg == "a.csv: dit ook niet"


def test_een_bestand_dat_niet_bestaat_wordt_genoemd(openen: Openen, tmp_path: Path) -> None:
    with pytest.raises(Bestandsfout, match=r"weg\.csv: dit bestand bestaat niet") as fout:
        openen(tmp_path / "weg.csv")
    assert fout.value.code == "bestaat-niet"


def test_een_map_is_geen_bestand(openen: Openen, tmp_path: Path) -> None:
    with pytest.raises(Bestandsfout, match="noem de bestanden die erin staan") as fout:
        openen(tmp_path)
    assert fout.value.code == "is-een-map"


def test_op_een_pijp_wordt_niet_gewacht(openen: Openen, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pijp.csv")
    with pytest.raises(Bestandsfout, match="geen gewoon bestand"):
        openen(tmp_path / "pijp.csv")


@contextmanager
def als_niemand() -> Iterator[None]:
    """Root may read all, so it is nobody for a while."""
    if os.geteuid():
        yield
        return
    os.seteuid(NIEMAND)
    try:
        yield
    finally:
        os.seteuid(0)


def test_een_bestand_zonder_leesrechten_wordt_genoemd(
    tmp_path: Path, db: duckdb.DuckDBPyConnection, opties: Callable[..., Leesopties]
) -> None:
    pad = tmp_path / "gesloten.csv"
    pad.write_bytes(b"a,b\n1,2\n")
    pad.chmod(stat.S_IWUSR)
    keuzes = opties()
    with als_niemand(), pytest.raises(Bestandsfout, match=r"gesloten\.csv: .* leesrechten") as fout:
        open_bron(db, [pad], "logboek", keuzes)
    assert fout.value.code == "geen-rechten"


def test_zonder_bestand_is_er_niets_te_lezen(openen: Openen) -> None:
    with pytest.raises(Bestandsfout, match="geef er ten minste een"):
        openen()


def test_meer_bestanden_staan_onder_elkaar_met_hun_eigen_nummers(openen: Openen) -> None:
    geopend = openen(("1.csv", b"a,b\n1,2\n3,4\n"), ("2.csv", b"b;a\n6;5\n7\n9;8\n"))
    assert [Path(naam).name for naam in geopend.bron.bestanden] == ["1.csv", "2.csv"]
    assert geopend.vraag("SELECT _bestand, _rij, a, b FROM logboek ORDER BY 1, 2") == [
        (0, 1, "1", "2"),
        (0, 2, "3", "4"),
        (1, 1, "5", "6"),
        (1, 3, "8", "9"),
    ]
    assert geopend.vraag("SELECT bestand, rij FROM logboek_geweigerd") == [
        (geopend.bron.bestanden[1], 2)
    ]


def test_bestanden_met_andere_kolommen_horen_niet_bij_elkaar(openen: Openen) -> None:
    with pytest.raises(
        Bestandsfout, match=r"2\.csv: .*1\.csv \(mist 'b'; heeft extra 'c', 'd'\)"
    ) as fout:
        openen(("1.csv", b"a,b\n1,2\n"), ("2.csv", b"a,c,d\n1,2,3\n"))
    assert fout.value.code == "andere-kolommen"


def test_een_map_met_een_isteken_in_haar_naam_is_geen_kolom(
    openen: Openen, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    map_ = tmp_path / "jaar=2024"
    map_.mkdir()
    for soort in ("csv", "parquet"):
        db.execute(f"COPY (SELECT 1 AS a, 2 AS b) TO '{map_}/x.{soort}' (FORMAT {soort})")
    geopend = openen(map_ / "x.csv", map_ / "x.parquet")
    assert geopend.bron.kolommen == ("a", "b")
    assert geopend.rijen == [(1, "1", "2"), (1, "1", "2")]


def test_na_een_fout_blijft_er_niets_achter(openen: Openen, tmp_path: Path) -> None:
    with pytest.raises(Bestandsfout):
        openen(("1.csv", "a;b\n1;é\n".encode("utf-16")), tmp_path / "weg.csv")
    assert list((tmp_path / "werkmap").iterdir()) == []


def test_twee_bronnen_naast_elkaar_storen_elkaar_niet(
    tmp_path: Path, db: duckdb.DuckDBPyConnection, opties: Callable[..., Leesopties]
) -> None:
    for naam in ("een", "twee"):
        (tmp_path / f"{naam}.csv").write_bytes(f"a;{naam}\n1;é\nkort\n".encode("utf-16"))
        open_bron(db, [tmp_path / f"{naam}.csv"], naam, opties())
    assert db.execute("SELECT een, twee FROM een JOIN twee USING (a)").fetchall() == [("é", "é")]
    assert db.execute("SELECT rij FROM een_geweigerd").fetchall() == [(2,)]


def test_een_volle_schijf_is_een_leesfout(openen: Openen, monkeypatch: pytest.MonkeyPatch) -> None:
    def vol(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("schakel.historie.lezen.uitpakken.gzip.open", vol)
    with pytest.raises(Bestandsfout, match=r"a\.csv\.gz: .*No space left") as fout:
        openen(("a.csv.gz", b"\x1f\x8b\x08\x00"))
    assert fout.value.code == "schijf"
