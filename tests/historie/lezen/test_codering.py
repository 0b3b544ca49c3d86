"""Text in any encoding arrives as the same text."""

import codecs
import random

import pytest
from tests.historie.lezen.conftest import Openen

from schakel.historie.lezen import Bestandsfout

TEKST = "naam;plaats\nZoë;€ 12\nRené;Súdwest-Fryslân\n"
RIJEN = [(1, "Zoë", "€ 12"), (2, "René", "Súdwest-Fryslân")]


@pytest.mark.parametrize(
    "inhoud",
    [
        pytest.param(TEKST.encode(), id="utf-8"),
        pytest.param(TEKST.encode("utf-8-sig"), id="utf-8 met merk"),
        pytest.param(TEKST.encode("cp1252"), id="cp1252"),
        pytest.param(TEKST.encode("utf-16"), id="utf-16 met merk"),
        pytest.param(codecs.BOM_UTF16_BE + TEKST.encode("utf-16-be"), id="utf-16-be met merk"),
        pytest.param(TEKST.encode("utf-16-le"), id="utf-16-le"),
        pytest.param(TEKST.encode("utf-16-be"), id="utf-16-be"),
        pytest.param(TEKST.encode("utf-32"), id="utf-32"),
    ],
)
def test_de_codering_wordt_gevonden(openen: Openen, inhoud: bytes) -> None:
    geopend = openen(("a.csv", inhoud))
    assert geopend.bron.kolommen == ("naam", "plaats")
    assert geopend.rijen == RIJEN
    assert geopend.geweigerd == []


@pytest.mark.parametrize("codering", ["cp850", "CP1252", "latin-1", "utf_16_le", "utf-8-sig"])
def test_een_gezegde_codering_gaat_voor(openen: Openen, codering: str) -> None:
    tekst = TEKST.replace("€", "EUR")
    geopend = openen(("a.csv", tekst.encode(codering)), codering=codering)
    assert geopend.rijen == [(1, "Zoë", "EUR 12"), RIJEN[1]]


@pytest.mark.parametrize("codering", ["utf-9", "rot13", "hex", "undefined"])
def test_een_codering_die_niet_bestaat_wordt_geweigerd(openen: Openen, codering: str) -> None:
    with pytest.raises(Bestandsfout, match=rf"'{codering}' bestaat niet; kies") as fout:
        openen(("a.csv", TEKST.encode()), codering=codering)
    assert fout.value.code == "onbekende-codering"


def test_een_byte_die_in_de_codering_niet_bestaat_kost_haar_rij(openen: Openen) -> None:
    geopend = openen(("a.csv", b"a;b\n1;Zo\xeb\n2;x\x81y\n3;Ren\xe9\n"))
    assert geopend.rijen == [(1, "1", "Zoë"), (3, "3", "René")]
    assert geopend.geweigerd == [(2, "er staan bytes in die geen cp1252 zijn", "2;x\\x81y")]


def test_een_half_teken_in_utf_16_kost_zijn_rij(openen: Openen) -> None:
    inhoud = "a;b\n1;x\n2;".encode("utf-16") + b"\x00\xd8" + "\n3;y\n".encode("utf-16-le")
    geopend = openen(("a.csv", inhoud))
    assert geopend.rijen == [(1, "1", "x"), (3, "3", "y")]
    assert [rij for rij, *_ in geopend.geweigerd] == [2]


def test_een_afgebroken_utf_16_bestand_wordt_gemeld(openen: Openen) -> None:
    with pytest.raises(Bestandsfout, match="geen utf-16, of het bestand is afgebroken") as fout:
        openen(("a.csv", TEKST.encode("utf-16")[:-1]))
    assert fout.value.code == "verkeerde-codering"


def test_een_kop_in_een_andere_codering_dan_gezegd_wordt_gemeld(openen: Openen) -> None:
    with pytest.raises(Bestandsfout, match="kopregel is geen utf-8") as fout:
        openen(("a.csv", b"Priorit\xe9;b\n1;2\n"), codering="utf-8")
    assert fout.value.code == "verkeerde-codering"


def test_een_teken_over_de_grens_van_twee_brokken_blijft_heel(openen: Openen) -> None:
    waarde = "é" * 700_000
    rijen = "".join(f"{nummer},{waarde[:1000]}\n" for nummer in range(700))
    geopend = openen(("a.csv", f"a,b\n{rijen}".encode()))
    assert geopend.vraag("SELECT count(*), min(length(b)), max(length(b)) FROM logboek") == [
        (700, 1_000, 1_000)
    ]


def test_een_binair_bestand_wordt_geweigerd(openen: Openen) -> None:
    with pytest.raises(Bestandsfout, match="binair bestand; geef een export als CSV") as fout:
        openen(("a.csv", random.Random(1).randbytes(20_000)))
    assert fout.value.code == "geen-tekst"
