"""The report for who cannot see it, sees it without colour, or has no mouse (WCAG 2.2 AA)."""

import re
from collections import Counter
from collections.abc import Mapping
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from tests.historie.uitvoer.bladzijde import Bladzijde
from tests.historie.uitvoer.vulling import samenvatting

CSS = files("schakel.historie.uitvoer").joinpath("rapport.css").read_text(encoding="utf-8")
GENOEG = 4.5
GENOEG_VOOR_BEELD = 3.0


@pytest.fixture
def rapport(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> Bladzijde:
    return Bladzijde(db, samenvatting(db), tmp_path / "rapport.html")


def helderheid(kleur: str) -> float:
    kanalen = [int(kleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    rood, groen, blauw = (
        k / 12.92 if k <= 0.04045 else ((k + 0.055) / 1.055) ** 2.4 for k in kanalen
    )
    return 0.2126 * rood + 0.7152 * groen + 0.0722 * blauw


def contrast(een: str, ander: str) -> float:
    licht, donker = sorted((helderheid(een), helderheid(ander)), reverse=True)
    return (licht + 0.05) / (donker + 0.05)


def paletten() -> list[Mapping[str, str]]:
    blokken = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    return [dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", blok)) for blok in blokken]


def test_de_bladzijde_zegt_haar_taal_en_titel(rapport: Bladzijde) -> None:
    assert rapport.boom.get("lang") == "nl"
    assert rapport.boom.xpath("string(//title)").startswith("Welke werkstroom")
    assert rapport.bron.startswith("<!DOCTYPE html>\n")
    assert len(rapport.boom.xpath("//main")) == len(rapport.boom.xpath("//h1")) == 1


def test_koppen_slaan_geen_niveau_over(rapport: Bladzijde) -> None:
    niveaus = [int(k.tag[1]) for k in rapport.boom.xpath("//h1|//h2|//h3|//h4")]
    assert niveaus[0] == 1
    assert all(na <= voor + 1 for voor, na in pairwise(niveaus))


def test_de_eerste_schakel_springt_naar_de_inhoud(rapport: Bladzijde) -> None:
    eerste = rapport.boom.xpath("//a")[0]
    (doel,) = rapport.boom.xpath(f"//*[@id='{eerste.get('href')[1:]}']")
    assert (doel.tag, doel.get("tabindex")) == ("main", "-1")


def test_elke_naam_komt_een_keer_voor_en_elke_verwijzing_komt_uit(rapport: Bladzijde) -> None:
    namen = Counter(rapport.boom.xpath("//@id"))
    assert set(namen.values()) == {1}
    verwezen = rapport.boom.xpath("//@aria-labelledby|//@aria-describedby")
    verwezen += [doel[1:] for doel in rapport.boom.xpath("//@href")]
    verwezen += re.findall(r"url\(#([\w-]+)\)", rapport.bron)
    assert set(verwezen) <= namen.keys()


def test_elke_tabel_heeft_een_bijschrift_en_koppen_met_bereik(rapport: Bladzijde) -> None:
    tabellen = rapport.boom.xpath("//table")
    assert len(tabellen) >= 11
    for tabel in tabellen:
        assert tabel[0].tag == "caption"
        assert tabel[0].text_content()
        assert set(tabel.xpath("./thead//th/@scope")) == {"col"}
        assert not tabel.xpath("./thead//td")
        for rij in tabel.xpath("./tbody/tr"):
            assert [cel.tag for cel in rij] == ["th"] + ["td"] * (len(rij) - 1)
            assert rij[0].get("scope") == "row"
            assert len(rij) == len(tabel.xpath("./thead/tr/th"))


def test_elke_figuur_is_een_beeld_met_titel_uitleg_en_een_tabel(rapport: Bladzijde) -> None:
    figuren = rapport.boom.xpath("//svg")
    assert len(figuren) == 4
    for svg in figuren:
        assert svg.get("role") == "img"
        titel, uitleg = svg[0], svg[1]
        assert (titel.tag, svg.get("aria-labelledby")) == ("title", titel.get("id"))
        assert (uitleg.tag, svg.get("aria-describedby")) == ("desc", uitleg.get("id"))
        assert "tabel eronder" in uitleg.text_content()
        (figuur,) = svg.xpath("ancestor::figure")
        assert len(figuur.xpath(".//table")) == 1
        assert figuur[0].tag == "figcaption"


def test_wat_schuift_is_met_het_toetsenbord_te_bereiken_en_heeft_een_naam(
    rapport: Bladzijde,
) -> None:
    kaders = rapport.boom.xpath("//*[@class='breed']")
    assert len(kaders) == len(rapport.boom.xpath("//table|//svg"))
    assert {(k.get("tabindex"), k.get("role")) for k in kaders} == {("0", "group")}
    assert all(k.get("aria-label") for k in kaders)


@pytest.mark.parametrize("palet", paletten(), ids=("licht", "donker", "papier"))
def test_tekst_steekt_genoeg_af_bij_licht_bij_donker_en_op_papier(
    palet: Mapping[str, str],
) -> None:
    for grond in ("papier", "vak"):
        for tekst in ("inkt", "zacht", "accent"):
            assert contrast(palet[tekst], palet[grond]) >= GENOEG
    assert contrast(palet["lijn"], palet["papier"]) >= GENOEG_VOOR_BEELD


@pytest.mark.parametrize("nummer", range(9))
def test_het_cijfer_in_een_vlak_steekt_genoeg_af(nummer: int) -> None:
    (grond,) = re.findall(rf"\.grond-{nummer} \{{ fill: (#\w+)", CSS)
    (cijfer,) = re.findall(
        rf"^svg [^{{\n]*\.op-{nummer}\b[^{{\n]*\{{ fill: (#\w+)", CSS, re.MULTILINE
    )
    assert contrast(grond, cijfer) >= GENOEG


def test_vlakken_die_aan_elkaar_grenzen_verschillen_ook_zonder_kleur() -> None:
    gronden = dict(re.findall(r"\.grond-(\d) \{ fill: (#\w+)", CSS))
    for onder, boven in zip("12345678", "23456780", strict=True):
        if boven != "0":
            assert contrast(gronden[onder], gronden[boven]) >= GENOEG_VOOR_BEELD


def test_de_stijl_kent_donker_papier_en_een_zichtbare_plek_van_het_toetsenbord() -> None:
    for regel in ("prefers-color-scheme: dark", "@media print", ":focus-visible", "forced-colors"):
        assert regel in CSS
