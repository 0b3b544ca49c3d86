"""The figures: what is drawn is what the table under it says."""

import re
from pathlib import Path

import duckdb
import pytest
from tests.historie.uitvoer.bladzijde import Bladzijde, getal
from tests.historie.uitvoer.vulling import samenvatting

from schakel.historie.uitvoer.cijfers import MEESTE_PERIODEN, Duur, verloop
from schakel.historie.uitvoer.figuur_duur import schaal_voor


@pytest.fixture
def rapport(db: duckdb.DuckDBPyConnection, tmp_path: Path) -> Bladzijde:
    return Bladzijde(db, samenvatting(db), tmp_path / "rapport.html")


def test_elke_staaf_is_zo_lang_als_zijn_getal(rapport: Bladzijde) -> None:
    staven = rapport.sectie("werkstromen").xpath(".//rect[@class='staaf']")
    aantallen = [getal(rij[4]) for rij in rapport.rijen("werkstromen")]
    langste = max(float(s.get("width")) for s in staven)
    assert [float(s.get("width")) for s in staven] == pytest.approx(
        [langste * n / max(aantallen) for n in aantallen], abs=0.1
    )
    woorden = [t.text_content() for t in rapport.sectie("werkstromen").xpath(".//text")]
    assert [getal(w) for w in woorden[1::2]] == aantallen


def test_elke_gestapelde_staaf_is_samen_alles_en_elk_deel_zijn_aandeel(rapport: Bladzijde) -> None:
    vlakken = rapport.sectie("verloop").xpath(".//rect[@class='vlak']")
    rijen = rapport.rijen("verloop")
    nummers = len(rapport.koppen("verloop")) - 2
    kolommen: dict[str, list[float]] = {}
    for vlak in vlakken[nummers:]:  # the first ones are the legend
        kolommen.setdefault(vlak.get("x"), []).append(float(vlak.get("height")))
    assert len(kolommen) == len(rijen) == 3
    for hoogten, (_, totaal, *cellen) in zip(kolommen.values(), rijen, strict=True):
        delen = [getal(cel) for cel in cellen if getal(cel)]
        assert sum(delen) == getal(totaal)
        assert hoogten == pytest.approx([280 * n / getal(totaal) for n in delen], abs=0.1)


def test_een_gat_in_de_tijd_is_te_zien_en_wat_geen_begin_heeft_wordt_genoemd(
    rapport: Bladzijde,
) -> None:
    sectie = rapport.sectie("verloop")
    assert [rij[0] for rij in rapport.rijen("verloop")] == ["jan 2023", "feb 2023", "mei 2023"]
    assert len(sectie.xpath(".//line[@class='onderbreking']")) == 1
    assert "niet bekend is wanneer zij begonnen: 1." in sectie.text_content()


def test_de_mediaan_in_de_figuur_is_die_van_de_tabel(rapport: Bladzijde) -> None:
    woorden = [t.text_content() for t in rapport.sectie("doorlooptijd").xpath(".//text")]
    medianen = [w.removeprefix("mediaan ") for w in woorden if w.startswith("mediaan ")]
    assert medianen == [rij[3] for rij in rapport.rijen("doorlooptijd")]
    assert len(medianen) == 6


def test_bij_elke_pijl_staat_het_getal_van_de_tabel(rapport: Bladzijde) -> None:
    rijen = rapport.rijen("overdrachten")
    getallen = rapport.woorden("overdrachten", "getal")
    assert [getal(g) for g in getallen] == [getal(rij[2]) for rij in rijen]
    assert [g.endswith("*") for g in getallen] == [rij[3] == "nee" for rij in rijen]
    pijlen = rapport.sectie("overdrachten").xpath(".//g/@class")
    assert pijlen.count("pijl vreemd") == [rij[3] for rij in rijen].count("nee") > 0
    letters = rapport.woorden("overdrachten", "letter")
    assert sorted(letters) == ["A", "H", "U", "V", "W"]


def test_een_overdracht_naar_zichzelf_of_naar_onbekend_breekt_niets(
    db: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    db.execute(
        "INSERT INTO gebeurtenissen (zaak, n, gebeurtenis, proces, naar) VALUES"
        " ('Z-01', 5, 'overdracht', 'uitvoeren', 'uitvoeren'),"
        " ('Z-01', 6, 'overdracht', 'uitvoeren', NULL), ('Z-01', 7, 'overdracht', '<x>', 'ergens')"
    )
    rapport = Bladzijde(db, samenvatting(db), tmp_path / "rapport.html")
    rijen = {(van, naar): model for van, naar, _, model in rapport.rijen("overdrachten")}
    assert rijen["uitvoeren", "uitvoeren"] == "nee"
    assert rijen["uitvoeren", "onbekend"] == rijen["<x>", "ergens"] == "niet te zeggen"
    assert len(rapport.woorden("overdrachten", "getal")) == len(rijen) - 2


@pytest.mark.parametrize(
    ("dagen", "aantal", "eenheid", "laatste"),
    [
        (30.4375, 40, "maand", "apr 2023"),
        (30.4375, 41, "kwartaal", "2023 K2"),
        (365.25, 40, "jaar", "2059"),
        (365.25, 41, "decennium", "2060\N{EN DASH}2069"),
        (3652.5, 40, "decennium", "2410\N{EN DASH}2419"),
        (3652.5, 41, "eeuw", "2400\N{EN DASH}2499"),
    ],
)
def test_de_eenheid_is_de_fijnste_met_hoogstens_veertig_perioden(
    leeg: duckdb.DuckDBPyConnection, dagen: float, aantal: int, eenheid: str, laatste: str
) -> None:
    leeg.execute(
        "INSERT INTO zaken (zaak, werkstroom, begin) SELECT i, 5,"
        " TIMESTAMP '2020-01-15' + to_days(CAST(i * ? AS INTEGER)) FROM range(?) r(i)",
        [dagen, aantal],
    )
    reeks = verloop(leeg)
    assert (reeks.eenheid, reeks.perioden[-1].naam) == (eenheid, laatste)
    assert len(reeks.perioden) <= MEESTE_PERIODEN
    assert sum(periode.totaal for periode in reeks.perioden) == aantal


def test_een_verdwaald_jaar_maakt_de_eenheid_niet_grover(leeg: duckdb.DuckDBPyConnection) -> None:
    leeg.execute(
        "INSERT INTO zaken (zaak, werkstroom, begin) SELECT i, 5, begin FROM (VALUES"
        " (1, TIMESTAMP '1900-01-01'), (2, '2023-01-01'), (3, '2023-02-01')) t(i, begin)"
    )
    perioden = verloop(leeg).perioden
    assert [p.naam for p in perioden] == ["jan 1900", "jan 2023", "feb 2023"]
    assert [p.sluit_aan for p in perioden] == [False, False, True]


def duur(van: float, tot: float) -> Duur:
    return Duur(5, 1, van, van, tot, tot)


def test_de_as_loopt_in_gelijke_stappen_tot_voorbij_de_langste() -> None:
    schaal = schaal_voor([duur(3 * 3600, 9 * 3600), duur(4 * 3600, 5 * 3600)])
    assert not schaal.logaritmisch
    assert [re.sub(r"\s", " ", naam) for naam, _ in schaal.strepen] == [
        "0 uur",
        "2 uur",
        "4 uur",
        "6 uur",
        "8 uur",
        "10 uur",
    ]
    assert schaal.x(5 * 3600) == pytest.approx((schaal.x(0) + schaal.x(10 * 3600)) / 2)


def test_bij_grote_spreiding_telt_de_as_in_veelvouden() -> None:
    schaal = schaal_voor([duur(90, 3600), duur(86_400, 40 * 86_400)])
    assert schaal.logaritmisch
    assert [naam for naam, _ in schaal.strepen] == [
        "1 min",
        "10 min",
        "1 uur",
        "1 dag",
        "10 dagen",
        "100 dagen",
    ]
    assert schaal.x(0) == schaal.x(60) < schaal.x(90) < schaal.x(40 * 86_400)


@pytest.mark.parametrize("seconden", [0.0, 0.4, 1.0, 1e12])
def test_ook_de_kortste_en_de_langste_duur_krijgt_een_as(seconden: float) -> None:
    schaal = schaal_voor([duur(seconden, seconden)])
    assert schaal.x(seconden) <= schaal.x(schaal.strepen[-1][1])
    assert schaal.x(seconden) >= schaal.x(0)
