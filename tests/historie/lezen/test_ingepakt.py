"""Packed files: what comes out is bounded, and what is broken is said."""

import gzip
import io
import random
import zipfile
from pathlib import Path

import pytest
from tests.historie.lezen.conftest import Openen

from schakel.historie.lezen import Bestandsfout

CSV = b"a,b\n1,2\n3,4\n"
RIJEN = [(1, "1", "2"), (2, "3", "4")]


def zip_van(leden: dict[str, bytes]) -> bytes:
    inhoud = io.BytesIO()
    with zipfile.ZipFile(inhoud, "w", zipfile.ZIP_DEFLATED) as archief:
        for naam, lid in leden.items():
            archief.writestr(naam, lid)
    return inhoud.getvalue()


@pytest.mark.parametrize("naam", ["a.csv.gz", "a.gz", "A.CSV.GZ", "a.csv"])
def test_gzip_wordt_uitgepakt_hoe_het_ook_heet(openen: Openen, naam: str) -> None:
    assert openen((naam, gzip.compress(CSV))).rijen == RIJEN


def test_gzip_met_een_andere_codering_wordt_ook_gelezen(openen: Openen) -> None:
    inhoud = gzip.compress("a;b\n1;Zoë\n".encode("utf-16"))
    assert openen(("a.csv.gz", inhoud)).rijen == [(1, "1", "Zoë")]


def test_een_zip_met_een_lid_is_dat_bestand(openen: Openen) -> None:
    geopend = openen(("a.zip", zip_van({"map/": b"", "map/log.csv": CSV})))
    assert geopend.rijen == RIJEN
    assert geopend.bron.bestanden[0].endswith("a.zip/map/log.csv")


def test_een_zip_met_meer_csv_is_meer_bestanden(openen: Openen) -> None:
    leden = {"1.csv": CSV, "__MACOSX/._1.csv": b"\0", ".DS_Store": b"\0", "2.csv": b"b;a\n9;8\n"}
    geopend = openen(("a.zip", zip_van(leden)))
    assert geopend.rijen == [*RIJEN, (1, "8", "9")]
    assert [Path(naam).name for naam in geopend.bron.bestanden] == ["1.csv", "2.csv"]
    assert geopend.vraag("SELECT DISTINCT _bestand FROM logboek ORDER BY 1") == [(0,), (1,)]


def test_een_lid_kan_nergens_anders_heen_dan_de_werkmap(openen: Openen, tmp_path: Path) -> None:
    geopend = openen(("a.zip", zip_van({"../../buiten.csv": CSV})))
    assert geopend.rijen == RIJEN
    assert not list(tmp_path.parent.rglob("buiten.csv"))


def test_een_afgebroken_gzip_wordt_gemeld(openen: Openen) -> None:
    regels = "".join(f"{nummer},{random.Random(nummer).random()}\n" for nummer in range(5_000))
    inhoud = gzip.compress(b"a,b\n" + regels.encode())
    with pytest.raises(
        Bestandsfout, match=r"a\.csv\.gz: .* afgebroken na \d+ .* opnieuw op"
    ) as fout:
        openen(("a.csv.gz", inhoud[: len(inhoud) // 2]))
    assert fout.value.code == "afgebroken"


def test_een_afgebroken_zip_wordt_gemeld(openen: Openen) -> None:
    with pytest.raises(Bestandsfout, match="beschadigd; haal het opnieuw op"):
        openen(("a.zip", zip_van({"a.csv": CSV * 100})[:-30]))


@pytest.mark.parametrize("plaats", [-8, 15])
def test_een_beschadigde_gzip_wordt_gemeld(openen: Openen, plaats: int) -> None:
    inhoud = bytearray(gzip.compress(CSV * 50))
    inhoud[plaats] ^= 0xFF
    with pytest.raises(Bestandsfout) as fout:
        openen(("a.csv.gz", bytes(inhoud)))
    assert fout.value.code in {"beschadigd", "afgebroken"}


@pytest.mark.parametrize("soort", ["gzip", "zip"])
def test_een_bom_wordt_niet_uitgepakt(openen: Openen, tmp_path: Path, soort: str) -> None:
    groot = b"a,b\n" + b"0" * 40_000_000
    inhoud = gzip.compress(groot) if soort == "gzip" else zip_van({"a.csv": groot})
    with pytest.raises(Bestandsfout, match="meer dan 250 keer zo groot") as fout:
        openen((f"a.{soort}", inhoud))
    assert fout.value.code == "te-groot"
    assert not list((tmp_path / "werkmap").rglob("*"))


def test_veel_kleine_bommen_in_een_zip_tellen_bij_elkaar(openen: Openen) -> None:
    leden = {f"{nummer}.csv": b"a,b\n" + b"1,2\n" * 750_000 for nummer in range(8)}
    with pytest.raises(Bestandsfout) as fout:
        openen(("a.zip", zip_van(leden)))
    assert fout.value.code == "te-groot"


def test_er_komt_niet_meer_uit_dan_is_toegestaan(openen: Openen) -> None:
    with pytest.raises(
        Bestandsfout, match="meer uit dan de 1000 bytes die zijn toegestaan"
    ) as fout:
        openen(("a.csv.gz", gzip.compress(CSV * 200)), meeste_bytes=1_000)
    assert fout.value.code == "te-groot"


def test_wat_is_toegestaan_geldt_voor_alle_bestanden_samen(openen: Openen) -> None:
    een, twee = (gzip.compress(CSV * 50), gzip.compress(CSV * 50))
    assert openen(("1.csv.gz", een), meeste_bytes=1_000).rijen
    with pytest.raises(Bestandsfout, match=r"2\.csv\.gz.*toegestaan"):
        openen(("1.csv.gz", een), ("2.csv.gz", twee), meeste_bytes=1_000)


@pytest.mark.parametrize(
    ("naam", "inhoud", "code"),
    [
        ("a.zip", zip_van({}), "leeg-bestand"),
        ("a.zip", zip_van({"a.csv": b""}), "leeg-bestand"),
        ("a.csv.gz", gzip.compress(b"", mtime=0), "leeg-bestand"),
        ("a.zip", zip_van({"a.csv.gz": gzip.compress(CSV, mtime=0)}), "dubbel-ingepakt"),
        ("a.gz", gzip.compress(gzip.compress(CSV, mtime=0), mtime=0), "dubbel-ingepakt"),
        ("a.zip", zip_van({"a.csv": CSV, "lees.mij": b"x"}), "gemengde-inhoud"),
        ("a.zip", zip_van({f"{n}.csv": CSV for n in range(1_001)}), "te-veel-bestanden"),
        ("a.xlsx", zip_van({"[Content_Types].xml": b"<x/>", "xl/a.xml": b"<x/>"}), "excel"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "excel"),
    ],
)
def test_wat_niet_te_lezen_inpakwerk_is_wordt_gezegd(
    openen: Openen, naam: str, inhoud: bytes, code: str
) -> None:
    with pytest.raises(Bestandsfout) as fout:
        openen((naam, inhoud))
    assert fout.value.code == code


def test_een_versleutelde_zip_wordt_gemeld(openen: Openen) -> None:
    inhoud = bytearray(zip_van({"a.csv": CSV}))
    for merk, afstand in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        inhoud[inhoud.index(merk) + afstand] |= 1
    with pytest.raises(Bestandsfout, match="versleuteld") as fout:
        openen(("a.zip", bytes(inhoud)))
    assert fout.value.code == "versleuteld"
