"""What rules see in the rows of a case, and what follows from it."""

import random
from pathlib import Path
from typing import Any

import pytest
from tests.historie.proef import geanalyseerd, verloop, zaken

BASIS = """
[[regels]]
als = { kolom = "wat", is = "storing" }
dan = { gebeurtenis = "aangenomen", meldingsoort = "foutmelding" }
[[regels]]
als = { kolom = "wat", is = "aanvraag" }
dan = { gebeurtenis = "aangenomen", proces = "uitvoeren" }
[[regels]]
als = { kolom = "wat", is = "naar uitvoering" }
dan = { gebeurtenis = "overdracht", naar = "uitvoeren" }
[[regels]]
als = { kolom = "wat", is = "naar wijziging" }
dan = { gebeurtenis = "overdracht", naar = "wijzigen" }
[[regels]]
als = { kolom = "wat", is = "naar beleid" }
dan = { gebeurtenis = "overdracht", naar = "afspreken" }
[[regels]]
als = { kolom = "wat", is = "terug" }
dan = { gebeurtenis = "terugkeer" }
[[regels]]
als = { kolom = "wat", is = "afgekeurd" }
dan = { gebeurtenis = "controle", goed = false }
[[regels]]
als = { kolom = "wat", is = "klaar" }
dan = { gebeurtenis = "gereedgemeld" }
[[regels]]
als = { kolom = "wat", is = "dicht" }
dan = { gebeurtenis = "gesloten" }
[[regels]]
als = { kolom = "wat", is = "open" }
dan = { gebeurtenis = "heropend" }
[[regels]]
als = { kolom = "wat", is = "ingetrokken" }
dan = { gebeurtenis = "ingetrokken" }
"""


def een(map_: Path, *stappen: str) -> Any:
    (zaak,) = zaken(map_, verloop(*stappen), BASIS)
    return zaak


def test_een_overdracht_bepaalt_de_werkstroom_en_een_hogere_verplaatst_hem(tmp_path: Path) -> None:
    zaak = een(tmp_path, "storing", "naar uitvoering", "notitie", "naar wijziging")
    assert (zaak["werkstroom"], zaak["woord"], zaak["pad"]) == (3, "HWUWH", "HW")
    assert zaak["geschiedenis"] == [[4, 2], [3, 4]]


def test_een_latere_lagere_overdracht_verplaatst_niets(tmp_path: Path) -> None:
    assert een(tmp_path, "storing", "naar wijziging", "naar uitvoering")["geschiedenis"] == [[3, 2]]


def test_wie_terugkomt_heeft_zijn_woord_uitgelopen(tmp_path: Path) -> None:
    zaak = een(tmp_path, "storing", "naar uitvoering", "terug", "klaar", "dicht")
    assert (zaak["woord"], zaak["pad"]) == ("HUH", "HUH")
    assert (zaak["status"], zaak["uitkomst"], zaak["afwijkingen"]) == ("gesloten", "voltooid", [])


def test_na_een_afkeuring_is_een_overdracht_een_nieuwe_ronde(tmp_path: Path) -> None:
    stappen = ["storing", "naar uitvoering", "terug", "afgekeurd", "naar uitvoering", "terug"]
    assert een(tmp_path, *stappen)["pad"] == "HUHUH"
    zonder = [stap for stap in stappen if stap != "afgekeurd"]
    assert een(tmp_path, *zonder)["pad"] == "HUH"


def test_wie_heropend_is_is_niet_meer_gesloten(tmp_path: Path) -> None:
    assert een(tmp_path, "storing", "naar uitvoering", "dicht", "open")["status"] == "overgedragen"
    assert een(tmp_path, "storing", "dicht", "open", "dicht")["status"] == "gesloten"


def test_een_zaak_eindigt_waar_hij_sloot_en_een_open_zaak_heeft_geen_einde(tmp_path: Path) -> None:
    zaak = een(tmp_path, "storing", "naar uitvoering", "dicht", "een late notitie")
    assert (zaak["begin"].minute, zaak["einde"].minute) == (0, 2)
    assert een(tmp_path, "storing", "naar uitvoering", "klaar")["einde"] is None
    assert een(tmp_path, "storing", "dicht", "open")["einde"] is None


def test_een_overdracht_die_het_model_niet_kent_is_een_afwijking(tmp_path: Path) -> None:
    zaak = een(tmp_path, "storing", "naar beleid")
    assert zaak["afwijkingen"] == ["overdracht-niet-toegestaan"]
    assert zaak["werkstroom"] is None
    assert zaak["kandidaten"] == [3, 4]
    assert zaak["reden"] == "de overdracht is er geen van het model; mogelijk blijft 3 of 4"


def test_een_terugkeer_waar_niets_was_overgedragen_is_een_afwijking(tmp_path: Path) -> None:
    assert een(tmp_path, "storing", "terug")["afwijkingen"] == ["terugkeer-zonder-overdracht"]


ALLE = [1, 2, 3, 4, 5, 6, 7, 8]
GEEN_OVERDRACHT = "nog geen overdracht gezien; mogelijk is 3 of 4"
GEEN_BEGIN = "geen regel zegt bij welk proces de melding binnenkwam"


@pytest.mark.parametrize(
    ("stappen", "kandidaten", "reden"),
    [
        (["storing"], [3, 4], GEEN_OVERDRACHT),
        (["storing", "ingetrokken"], [3, 4], GEEN_OVERDRACHT),
        (["dicht"], ALLE, GEEN_BEGIN),
        (["naar wijziging"], [1, 3, 6, 7], GEEN_BEGIN),
        (
            ["storing", "aanvraag"],
            ALLE,
            "regels spreken elkaar tegen: binnengekomen bij herstellen en uitvoeren",
        ),
    ],
)
def test_wat_niet_te_beslissen_is_blijft_onbeslist_met_de_reden(
    tmp_path: Path, stappen: list[str], kandidaten: list[int], reden: str
) -> None:
    zaak = een(tmp_path, *stappen)
    assert zaak["werkstroom"] is None
    assert (zaak["kandidaten"], zaak["reden"]) == (kandidaten, reden)


@pytest.mark.parametrize("zaad", range(20))
def test_de_volgorde_van_de_rijen_en_dubbele_rijen_doen_er_niet_toe(
    tmp_path: Path, zaad: int
) -> None:
    toeval = random.Random(zaad)
    stappen = ["storing", "naar uitvoering", "naar wijziging", "terug", "afgekeurd", "klaar"]
    stappen += ["dicht", "open", "naar beleid", "ingetrokken", "notitie"]
    rijen = [
        rij
        for nummer in range(20)
        for rij in verloop(*toeval.choices(stappen, k=toeval.randint(1, 9)), zaak=f"Z{nummer:02}")
    ]
    for rij in rijen:  # some share their time
        rij["tijd"] = rij["tijd"][:15] + "0:00Z" if toeval.random() < 0.3 else rij["tijd"]
    verwacht = [_zonder_rijnummers(z) for z in zaken(tmp_path, rijen, BASIS)]
    door_elkaar = [*rijen, *toeval.sample(rijen, k=10)]
    toeval.shuffle(door_elkaar)
    assert [_zonder_rijnummers(z) for z in zaken(tmp_path, door_elkaar, BASIS)] == verwacht


def _zonder_rijnummers(zaak: dict[str, Any]) -> dict[str, Any]:
    return {**zaak, "geschiedenis": [nummer for nummer, _ in zaak["geschiedenis"]]}


TERUGBLIK = """
[[zaakregels]]
als = { kolom = "zaak", is_leeg = false }
dan = { gebeurtenis = "aangenomen", proces = "herstellen" }
[[regels]]
als = %s
dan = { gebeurtenis = "overdracht", naar = "wijzigen" }
"""


@pytest.mark.parametrize(
    ("als", "waarden", "rij"),
    [
        ('{ kolom = "x", wordt = "gevuld" }', ["", "", "C1", "C1"], 3),
        ('{ kolom = "x", wordt = "gevuld" }', ["C1", "C1"], 1),
        ('{ kolom = "x", wordt = "leeg" }', ["C1", "C1", ""], 3),
        ('{ kolom = "x", wordt = "leeg" }', ["", "C1"], None),
        ('{ kolom = "x", wordt = "anders" }', ["a", "a", "b"], 3),
        ('{ kolom = "x", wordt = "anders" }', ["a", "a"], None),
        ('{ kolom = "x", wordt = "hoger" }', ["9", "10", "8"], 2),
        ('{ kolom = "x", wordt = "hoger" }', ["9", "9", "8"], None),
        ('{ rij = "eerste" }', ["a", "b"], 1),
        ('{ rij = "laatste" }', ["a", "b", "c"], 3),
        ('{ alle = [{ rij = "laatste" }, { kolom = "x", is = "c" }] }', ["c", "c"], 2),
        ('{ niet = { kolom = "x", een_van = ["a", "b"] } }', ["a", "b", "z"], 3),
        ('{ een = [{ kolom = "x", past_op = "^q" }, { kolom = "x", is = "z" }] }', ["a", "qq"], 2),
        ('{ kolom = "x", is_leeg = true }', ["a", "", "b"], 2),
        ('{ kolom = "x", is = "it\'s" }', ["a", "it's"], 2),
    ],
)
def test_een_regel_kijkt_naar_de_rij_en_naar_de_vorige_van_dezelfde_zaak(
    tmp_path: Path, als: str, waarden: list[str], rij: int | None
) -> None:
    rijen = [
        {"zaak": "Z1", "tijd": f"2026-01-01T10:0{i}:00Z", "x": waarde}
        for i, waarde in enumerate(waarden)
    ]
    rijen.append({"zaak": "Z0", "tijd": "2026-01-01T10:00:30Z", "x": "ander"})
    rijen.append({"zaak": "Z2", "tijd": "2026-01-01T10:01:30Z", "x": "ander"})
    _, zaak, _ = zaken(tmp_path, rijen, TERUGBLIK % als)
    assert zaak["geschiedenis"] == ([] if rij is None else [[3, rij]])


def test_de_eerste_regel_die_past_telt_en_eerste_alleen_de_eerste_keer(tmp_path: Path) -> None:
    regels = """
[[regels]]
als = { kolom = "wat", is = "x" }
dan = { gebeurtenis = "aangenomen", proces = "herstellen" }
eerste = true
[[regels]]
als = { kolom = "wat", past_op = "[xy]" }
dan = [{ gebeurtenis = "overdracht", naar = "uitvoeren" }, { gebeurtenis = "contact" }]
eerste = true
"""
    with geanalyseerd(tmp_path, verloop("x", "y", "y", "x"), regels) as analyse:
        gezien = analyse.db.execute("SELECT gebeurtenis, rij FROM gebeurtenissen ORDER BY n")
        assert gezien.fetchall() == [("aangenomen", 1), ("overdracht", 2), ("contact", 2)]
        rijen = {"gelezen": 4, "gebruikt": 2, "notities": 2, "geweigerd": 0}
        assert analyse.samenvatting["rijen"] == rijen


@pytest.mark.parametrize("plek", [0, 1, 2])
def test_wat_voor_de_hele_zaak_geldt_mag_op_elke_rij_staan(tmp_path: Path, plek: int) -> None:
    regels = """
[[zaakregels]]
als = { kolom = "wijziging", is_leeg = true }
dan = { gebeurtenis = "overdracht", naar = "uitvoeren" }
[[zaakregels]]
als = { kolom = "wijziging", is_leeg = false }
dan = { gebeurtenis = "overdracht", naar = "wijzigen" }
"""
    rijen = [rij | {"wijziging": ""} for rij in verloop("storing", "werk", "dicht")]
    rijen[plek]["wijziging"] = "C-1"
    rijen += [rij | {"wijziging": ""} for rij in verloop("storing", "werk", zaak="Z2")]
    met, zonder = zaken(tmp_path, rijen, BASIS + regels)
    assert (met["werkstroom"], len(met["geschiedenis"])) == (3, 1)
    assert zonder["werkstroom"] == 4


def test_wat_de_hele_zaak_zegt_krijgt_zijn_tijd_van_de_rij_die_het_toont(tmp_path: Path) -> None:
    regels = """
[[zaakregels]]
als = { kolom = "zaak", is_leeg = false }
dan = { gebeurtenis = "overdracht", naar = "uitvoeren" }
"""
    (zaak,) = zaken(tmp_path, verloop("storing", "werk", "naar uitvoering"), BASIS + regels)
    assert zaak["geschiedenis"] == [[4, 3]]
    assert zaak["pad"] == "HU"


def test_wat_op_hetzelfde_moment_gebeurde_staat_in_de_volgorde_van_de_regels(
    tmp_path: Path,
) -> None:
    """Whatever else is in the rows; what holds for the whole case at that time comes after them."""
    rijen = [
        {"zaak": f"Z{n}", "tijd": "2026-01-01T10:00:00Z", "wat": wat, "los": f"{n}{wat}"}
        for n in range(20)
        for wat in ("naar uitvoering", "open", "naar wijziging")
    ]
    regels = """
    [[zaakregels]]
    als = { kolom = "wat", is = "open" }
    dan = { gebeurtenis = "aangenomen", meldingsoort = "foutmelding" }
    [[zaakregels]]
    als = { kolom = "wat", is = "open" }
    dan = { gebeurtenis = "beoordeeld" }
    tijd = { kolom = "tijd" }
    [[regels]]
    als = { kolom = "wat", is = "naar wijziging" }
    dan = { gebeurtenis = "overdracht", naar = "wijzigen" }
    [[regels]]
    als = { kolom = "wat", is = "naar uitvoering" }
    dan = { gebeurtenis = "overdracht", naar = "uitvoeren" }
    """
    with geanalyseerd(tmp_path, rijen, regels) as analyse:
        volgorde = analyse.db.execute(
            "SELECT list(coalesce(naar, gebeurtenis) ORDER BY n) FROM gebeurtenissen GROUP BY zaak"
        ).fetchall()
    assert volgorde == [(["aangenomen", "wijzigen", "uitvoeren", "beoordeeld"],)] * 20


def test_een_zaak_mag_heel_lang_zijn(tmp_path: Path) -> None:
    """What grew faster than the case would never end here."""
    aantal = 200_000
    rijen = [
        {"zaak": "Z", "tijd": f"2026-01-01T00:00:00.{n:06}Z", "wat": "stap" if n % 2 else "naar"}
        for n in range(aantal)
    ]
    regels = """
    [[zaakregels]]
    als = { kolom = "wat", is = "stap" }
    dan = { gebeurtenis = "aangenomen", meldingsoort = "foutmelding" }
    [[regels]]
    als = { kolom = "wat", is = "naar" }
    dan = { gebeurtenis = "overdracht", naar = "uitvoeren" }
    eerste = true
    [[regels]]
    als = { kolom = "wat", wordt = "anders" }
    dan = { gebeurtenis = "stap", stap = "verder" }
    """
    with geanalyseerd(tmp_path, rijen, regels) as analyse:
        assert analyse.samenvatting["rijen"]["gebruikt"] == aantal // 2 + 1
        analyse.leg_vast()
        ((n, laatste),) = analyse.db.execute(
            "SELECT count(*), max(rij) FROM gebeurtenissen"
        ).fetchall()
        assert (n, laatste) == (aantal // 2 + 2, aantal)


def test_wat_vergeten_is_wordt_opnieuw_en_net_zo_beoordeeld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toeval = random.Random(7)
    woorden = ("storing", "naar uitvoering", "naar wijziging", "terug", "anders")
    rijen = [
        rij
        for n in range(40)
        for rij in verloop(*toeval.choices(woorden, k=toeval.randint(1, 6)), zaak=f"Z{n:02}")
    ]
    onthouden = zaken(tmp_path, rijen, BASIS)
    monkeypatch.setattr("schakel.historie.beoordeling.MEESTE_ONTHOUDEN", 8)
    assert zaken(tmp_path, rijen, BASIS) == onthouden
    assert len({zaak["pad"] for zaak in onthouden}) > 3
