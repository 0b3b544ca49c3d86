"""CSV in the forms in which service desks really export it."""

import pytest
from tests.historie.lezen.conftest import Openen

from schakel.historie.lezen import Bestandsfout


def test_elke_kolom_is_tekst_onder_haar_eigen_naam(openen: Openen) -> None:
    geopend = openen(("a.csv", b"Zaak nr,tijd\n007,2024-01-02\n8,NULL\n"))
    assert geopend.bron.kolommen == ("Zaak nr", "tijd")
    assert geopend.vraag("SELECT * FROM logboek ORDER BY _rij") == [
        ("007", "2024-01-02", 0, 1),
        ("8", "NULL", 0, 2),
    ]
    assert geopend.vraag("SELECT DISTINCT typeof(COLUMNS(*)) FROM logboek") == [
        ("VARCHAR", "VARCHAR", "INTEGER", "BIGINT")
    ]
    assert geopend.bron.geweigerd == "logboek_geweigerd"
    assert geopend.geweigerd == []


@pytest.mark.parametrize("teken", [";", ",", "\t", "|"])
def test_het_scheidingsteken_wordt_gevonden(openen: Openen, teken: str) -> None:
    inhoud = 'id|tekst|x\n1|"a;b,c"|1\n2|d|2\n'.replace("|", teken)
    assert openen(("a.txt", inhoud.encode())).rijen == [(1, "1", "a;b,c", "1"), (2, "2", "d", "2")]


@pytest.mark.parametrize(
    ("gezegd", "teken"), [("~", "~"), ("tab", "\t"), ("\\t", "\t"), (":", ":")]
)
def test_een_gezegd_scheidingsteken_gaat_voor(openen: Openen, gezegd: str, teken: str) -> None:
    inhoud = f"a{teken}b,c\n1{teken}2,3\n".encode()
    geopend = openen(("a.csv", inhoud), scheiding=gezegd)
    assert geopend.bron.kolommen == ("a", "b,c")
    assert geopend.rijen == [(1, "1", "2,3")]


@pytest.mark.parametrize("gezegd", ["ab", "", '"', "\n"])
def test_wat_geen_scheidingsteken_kan_zijn_wordt_geweigerd(openen: Openen, gezegd: str) -> None:
    with pytest.raises(Bestandsfout, match="een enkel teken") as fout:
        openen(("a.csv", b"a,b\n1,2\n"), scheiding=gezegd)
    assert fout.value.code == "scheiding-onmogelijk"


def test_een_rijnummer_telt_records_en_geen_regels(openen: Openen) -> None:
    geopend = openen(("a.csv", b'id;tekst\r\n1;"een\r\ntwee\r\ndrie"\r\n2;"zei ""ja"""\r\n3;x\r\n'))
    assert geopend.rijen == [(1, "1", "een\r\ntwee\r\ndrie"), (2, "2", 'zei "ja"'), (3, "3", "x")]


def test_een_lege_waarde_is_null_met_en_zonder_aanhalingstekens(openen: Openen) -> None:
    assert openen(("a.csv", b'a,b,c\n,"", \n1,2,3\n')).rijen == [
        (1, None, None, " "),
        (2, "1", "2", "3"),
    ]


def test_lege_regels_zijn_geen_rijen(openen: Openen) -> None:
    geopend = openen(("a.csv", b"\n\na,b\n\n1,2\n\n3,4\n\n"))
    assert geopend.rijen == [(1, "1", "2"), (2, "3", "4")]


def test_een_kop_over_meer_regels_is_een_kop(openen: Openen) -> None:
    geopend = openen(("a.csv", b'\xef\xbb\xbf"a\nx",b\n1,2\n'))
    assert geopend.bron.kolommen == ("a\nx", "b")
    assert geopend.rijen == [(1, "1", "2")]


def test_een_spatie_na_elk_scheidingsteken_hoort_niet_bij_de_naam(openen: Openen) -> None:
    geopend = openen(("a.csv", b'"a", "b"\n"1", "x, y"\n"2", "z"\n'))
    assert geopend.bron.kolommen == ("a", "b")
    assert geopend.rijen == [(1, "1", "x, y"), (2, "2", "z")]


def test_een_kolom_zonder_naam_heet_naar_haar_plaats(openen: Openen) -> None:
    geopend = openen(("a.csv", b",b,\n1,2,\n3,4,\n"))
    assert geopend.bron.kolommen == ("kolom_1", "b", "kolom_3")
    assert geopend.rijen == [(1, "1", "2", None), (2, "3", "4", None)]


def test_een_scheidingsteken_aan_het_eind_van_de_rijen_hindert_niet(openen: Openen) -> None:
    assert openen(("a.csv", b"a;b\n1;2;\n3;4;\n")).rijen == [(1, "1", "2"), (2, "3", "4")]


def test_een_streep_ontsnapt_een_aanhalingsteken_als_het_bestand_zo_schrijft(
    openen: Openen,
) -> None:
    geopend = openen(("a.csv", b'id,tekst\n1,"een \\"citaat\\", zegt men"\n2,"x"\n'))
    assert geopend.rijen == [(1, "1", 'een "citaat", zegt men'), (2, "2", "x")]


def test_de_naam_van_het_bestand_is_nooit_een_patroon_of_een_opdracht(openen: Openen) -> None:
    namen = ("x[1]*.csv", "x1y.csv", "o'x\".csv")
    geopend = openen(*((naam, f"a,b\n{nr},x\n".encode()) for nr, naam in enumerate(namen)))
    assert [rij[1] for rij in geopend.rijen] == ["0", "1", "2"]


def test_aanhalingstekens_in_een_kolomnaam_blijven_staan(openen: Openen) -> None:
    geopend = openen(("a.csv", b'"zei ""ja""",o\'x\n1,2\n'))
    assert geopend.bron.kolommen == ('zei "ja"', "o'x")
    assert geopend.vraag('SELECT "zei ""ja""", "o\'x" FROM logboek') == [("1", "2")]


@pytest.mark.parametrize(
    ("inhoud", "code", "woorden"),
    [
        (b"", "leeg-bestand", "leeg"),
        (b"\n\r\n\n", "leeg-bestand", "maak de export opnieuw"),
        (b"a,b\n", "geen-rijen", "geen enkele rij"),
        (b"a,b,a\n1,2,3\n", "dubbele-kolom", "'a' en 'a'"),
        (b"Status,x,status\n1,2,3\n", "dubbele-kolom", "'Status' en 'status'"),
        (b"a,_rij\n1,2\n", "kolomnaam-bezet", "_rij"),
        (b"Export van vandaag\na;b\n1;2\n", "een-kolom", "titel boven de kopregel"),
        (b'a,"b\n1,2\n3,4\n', "kop-onleesbaar", "geen kopregel"),
    ],
)
def test_een_bestand_zonder_bruikbare_kop_of_rij_wordt_geweigerd(
    openen: Openen, inhoud: bytes, code: str, woorden: str
) -> None:
    with pytest.raises(Bestandsfout, match=woorden) as fout:
        openen(("a.csv", inhoud))
    assert fout.value.code == code
    assert "a.csv: " in fout.value.uitleg


def test_een_bestand_met_duizenden_kolommen_wordt_geweigerd(openen: Openen) -> None:
    kop = ",".join(f"k{nummer}" for nummer in range(5_000))
    with pytest.raises(Bestandsfout, match="5000 kolommen") as fout:
        openen(("a.csv", f"{kop}\n{kop}\n".encode()))
    assert fout.value.code == "te-veel-kolommen"
