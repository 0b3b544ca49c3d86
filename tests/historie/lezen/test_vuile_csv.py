"""Rows that cannot be read: each stays out of the view, with its reason and its right number."""

import csv
import io
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.historie.lezen.conftest import Geopend, Openen

from schakel.historie.lezen import Bestandsfout, Leesopties, open_bron


def test_een_rij_met_te_veel_of_te_weinig_waarden_wordt_geweigerd(openen: Openen) -> None:
    geopend = openen(("a.csv", b'a;b;c\n1;x;y\n2;x\n3;"x\nx";y\n4;x;y;z\n5;x;y\n6\n'))
    assert geopend.rijen == [(1, "1", "x", "y"), (3, "3", "x\nx", "y"), (5, "5", "x", "y")]
    assert geopend.geweigerd == [
        (2, "2 waarden in plaats van 3", "2;x"),
        (4, "4 waarden in plaats van 3", "4;x;y;z"),
        (6, "1 waarden in plaats van 3", "6"),
    ]
    assert geopend.vraag("SELECT DISTINCT bestand FROM logboek_geweigerd") == [
        (geopend.bron.bestanden[0],)
    ]


@pytest.mark.parametrize("kolommen", ["a", "b", "c", "count(*)", "a, c"])
def test_een_rijnummer_hangt_niet_af_van_de_vraag(openen: Openen, kolommen: str) -> None:
    geopend = openen(("a.csv", b"a,b,c\n\xc3\xa9,1,2\n\xc3\xa9,\xe9,3\n\xc3\xab,4,5\n"))
    geopend.vraag(f"SELECT {kolommen} FROM logboek")
    assert geopend.vraag("SELECT _rij FROM logboek WHERE c = '5'") == [(3,)]
    assert [rij for rij, *_ in geopend.geweigerd] == [2]


def test_bytes_in_een_andere_codering_kosten_alleen_hun_eigen_rij(openen: Openen) -> None:
    geopend = openen(("a.csv", "naam,x\nZoë,1\ncafé,2\n".encode() + b"caf\xe9,3\nz\xc3\xa9,4\n"))
    assert geopend.rijen == [(1, "Zoë", "1"), (2, "café", "2"), (4, "zé", "4")]
    assert geopend.geweigerd == [(3, "er staan bytes in die geen utf-8 zijn", "caf\\xe9,3")]


def test_een_aanhalingsteken_dat_niet_sluit_kost_alleen_zijn_eigen_rij(openen: Openen) -> None:
    rijen = [f"{nummer},x\n" for nummer in range(1, 2_001)]
    rijen[9] = '10,"x\n'
    rijen[1_999] = '2000,"x\n'
    geopend = openen(("a.csv", ("a,b\n" + "".join(rijen)).encode()))
    assert [rij for rij, *_ in geopend.geweigerd] == [10, 2_000]
    assert "aanhalingsteken" in geopend.geweigerd[0][1]
    assert geopend.vraag("SELECT count(*), sum(_rij - a::INTEGER) FROM logboek") == [(1_998, 0)]


def test_een_aanhalingsteken_midden_in_een_waarde_wordt_gemeld(openen: Openen) -> None:
    geopend = openen(("a.csv", b'a,b\n1,"zei "ja" hoor"\n2,x\n'))
    assert geopend.rijen == [(2, "2", "x")]
    assert geopend.geweigerd == [
        (1, "een aanhalingsteken staat verkeerd of wordt niet gesloten", '1,"zei "ja" hoor"')
    ]


def test_een_nulbyte_verderop_kost_alleen_haar_rij(openen: Openen) -> None:
    goed = b"".join(b"%d,x\n" % nummer for nummer in range(1, 20_001))
    geopend = openen(("a.csv", b"a,b\n" + goed + b"20001,x\0y\n20002,x\n"))
    assert geopend.geweigerd == [(20_001, "er staat een nulbyte in", "20001,x\0y")]
    assert geopend.vraag("SELECT max(_rij), count(*) FROM logboek") == [(20_002, 20_001)]


def test_verschillende_regeleinden_door_elkaar_kosten_geen_rij(openen: Openen) -> None:
    geopend = openen(("a.csv", b"a,b\n1,2\r\n3,4\n5,6\r7,8\n"))
    assert geopend.rijen == [(1, "1", "2"), (2, "3", "4"), (3, "5", "6"), (4, "7", "8")]
    assert geopend.geweigerd == []


def test_een_regel_zonder_einde_past_in_het_geheugen_en_wordt_geweigerd(openen: Openen) -> None:
    geopend = openen(("a.csv", b"a,b\n1,2\n" + b"z" * 5_000_000 + b"\n3,4\n"))
    assert geopend.rijen == [(1, "1", "2"), (3, "3", "4")]
    ((rij, reden, inhoud),) = geopend.geweigerd
    assert rij == 2
    assert "langer dan" in reden
    assert inhoud == "z" * 1_000


def test_een_bestand_waarvan_geen_rij_past_wordt_geweigerd(openen: Openen) -> None:
    with pytest.raises(Bestandsfout, match=r"rij 1: .*2 waarden in plaats van 3.*kopregel") as fout:
        openen(("a.csv", b"a,b,c\n1,2\n3,4\n"))
    assert fout.value.code == "geen-leesbare-rijen"


def test_ruim_een_half_miljoen_rijen_met_een_slechte_erin_houden_hun_nummer(
    openen: Openen, tmp_path: Path, db: duckdb.DuckDBPyConnection
) -> None:
    pad = tmp_path / "groot.csv"
    db.execute(f"COPY (SELECT i, 'x' || i AS x FROM range(1, 500001) r(i)) TO '{pad}' (FORMAT csv)")
    with pad.open("ab") as bestand:
        bestand.write(b"slecht\n500002,x\n")
    geopend = openen(pad)
    assert geopend.geweigerd == [(500_001, "1 waarden in plaats van 2", "slecht")]
    assert geopend.vraag("SELECT count(*), max(_rij) FROM logboek WHERE i::BIGINT = _rij") == [
        (500_001, 500_002)
    ]


TEKST = st.text(alphabet='ab1 ;,\t"\n\\éλ', max_size=6)
GOED = st.tuples(TEKST, TEKST, TEKST)
SLECHT = st.sampled_from([b"kort\n", b"1;2;3;4\n", b"1;x\xff;3\n"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(GOED, SLECHT), min_size=1, max_size=12))
def test_elke_rij_staat_op_precies_een_plaats_onder_haar_eigen_nummer(
    rijen: list[tuple[str, str, str] | bytes],
) -> None:
    rijen = [*rijen, ("laatste", "ë", "ë")]
    inhoud = b"a;b;c\n"
    for rij in rijen:
        if isinstance(rij, bytes):
            inhoud += rij
        else:
            regel = io.StringIO()
            csv.writer(regel, delimiter=";", lineterminator="\n").writerow(rij)
            inhoud += regel.getvalue().encode()
    with tempfile.TemporaryDirectory() as map_, duckdb.connect() as db:
        pad = Path(map_) / "a.csv"
        pad.write_bytes(inhoud)
        opties = Leesopties(scheiding=";", codering="utf-8", tijdelijk=Path(map_))
        geopend = Geopend(db, open_bron(db, [pad], "logboek", opties))
        assert geopend.rijen == [
            (nummer, *(waarde or None for waarde in rij))
            for nummer, rij in enumerate(rijen, 1)
            if not isinstance(rij, bytes)
        ]
        assert [rij for rij, *_ in geopend.geweigerd] == [
            nummer for nummer, rij in enumerate(rijen, 1) if isinstance(rij, bytes)
        ]
