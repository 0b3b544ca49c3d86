"""The demo: the same table every time, and a clear end when something is not as written."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import SCHAKEL, Draaiend, Gezegd, wacht_tot
from tests.e2e.chaos.ingebed import verwachte_tabel

from schakel.proefspel import medewerkers, uitslag
from schakel.proefspel.plan import Plan, lees_plannen

Schakel = Callable[..., Gezegd]


def draai(*argumenten: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCHAKEL, "demo", *map(str, argumenten)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.fixture(scope="module")
def eerste(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a finished demo and what it printed as JSON."""
    map_ = tmp_path_factory.mktemp("demo")
    gelopen = draai("-o", "json", "--gegevensmap", map_)
    assert gelopen.returncode == 0, gelopen.stderr
    return map_, gelopen.stdout


@pytest.mark.traag
def test_de_demo_als_json_is_een_lijst_met_precies_wat_er_geschreven_staat(
    eerste: tuple[Path, str],
) -> None:
    regels = json.loads(eerste[1])
    assert regels == verwachte_tabel(list(lees_plannen()))
    assert {"id", "kandidaten", "werkstroom", "woord", "pad", "status"} <= regels[0].keys()
    assert {regel["werkstroom"] for regel in regels} - {None} == set(range(1, 9))


@pytest.mark.traag
def test_een_tweede_demo_op_dezelfde_gegevens_meldt_niets_dubbel(eerste: tuple[Path, str]) -> None:
    map_, json_ = eerste
    nog_eens = draai("-o", "json", "--gegevensmap", map_)
    assert (nog_eens.returncode, nog_eens.stdout) == (0, json_)


@pytest.mark.traag
def test_een_nieuwe_demo_geeft_dezelfde_tabel_en_ruimt_zijn_gegevens_op(
    eerste: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    voor_mensen = draai()
    assert voor_mensen.returncode == 0, voor_mensen.stderr
    assert voor_mensen.stdout.splitlines()[-1].startswith("8 van 8 werkstromen")
    assert "meldingen klaar" in voor_mensen.stderr
    assert list(tmp_path.iterdir()) == []
    for regel in json.loads(eerste[1]):
        woord, pad = regel["woord"] or "-", "".join(p[0].upper() for p in regel["pad"]) or "-"
        (getoond,) = (r for r in voor_mensen.stdout.splitlines() if f" {regel['id']} " in r)
        cellen = [cel.strip() for cel in getoond.strip("│ ").split("│")]
        assert cellen[:2] == [regel["id"], regel["meldingsoort"]]
        assert cellen[4:6] == [woord, pad]


@pytest.mark.traag
def test_blijven_draaien_op_dezelfde_gegevens_toont_adressen_en_regels_om_te_proberen(
    eerste: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alles: Draaiend
) -> None:
    monkeypatch.setenv("SCHAKEL_BASISPOORT", str(alles.basispoort + 6))
    gezegd = tmp_path / "stderr"
    with gezegd.open("wb") as uit:
        proces = subprocess.Popen(
            [SCHAKEL, "demo", "--blijf", "--gegevensmap", eerste[0]],
            stdout=subprocess.DEVNULL,
            stderr=uit,
        )
        try:
            klaar = f"curl -s http://127.0.0.1:{alles.basispoort + 6}/v1/meldingen/$ID"
            wacht_tot(lambda: klaar in gezegd.read_text(), 120)
            assert f"http://127.0.0.1:{alles.basispoort + 11}/v1/openapi.json" in gezegd.read_text()
            proces.terminate()
            assert proces.wait(20) == 0
        finally:
            proces.kill()
            proces.wait()


def test_de_set_dekt_acht_werkstromen_en_tien_uitzonderingen() -> None:
    plannen = [plan for eerste in lees_plannen() for plan in eerste.alle()]
    assert len(lees_plannen()) >= 40
    assert len({plan.id for plan in plannen}) == len(plannen)
    assert {plan.verwacht.werkstroom for plan in plannen} >= set(range(1, 9))
    stappen = {een.stap for plan in plannen for een in plan.verloop}
    uitkomsten = {plan.verwacht.uitkomst for plan in plannen}
    assert {"koppelingen", "workarounds", "signaleringen", "evaluaties", "opschortingen"} <= stappen
    assert uitkomsten >= {
        "voltooid",
        "omgezet",
        "geen_overeenstemming",
        "afgewezen",
        "ingetrokken",
        "afgebroken",
    }
    assert all(plan.melder.naam for plan in lees_plannen())


# Small sets of our own on services that run already


def plan(**anders: Any) -> Plan:
    gewoon: dict[str, Any] = {
        "id": "P-1",
        "meldingsoort": "aanvraag",
        "dienst": "uittreksel",
        "tekst": "een uittreksel",
        "feiten": {
            "proactief": False,
            "afwijking": False,
            "binnenAfspraken": True,
            "raaktBeheerdeInfrastructuur": False,
        },
        "verwacht": {"werkstroom": 5, "pad": "U"},
    }
    return Plan.model_validate(gewoon | anders)


@pytest.fixture
def speel(
    schakel: Schakel, bij_alles: Draaiend, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[[Plan], Gezegd]:
    """Play one plan instead of the written set, with little patience."""
    monkeypatch.setattr(uitslag, "GEDULD", 1.0)
    monkeypatch.setattr(medewerkers, "GEDULD", 1.0)
    monkeypatch.setattr("schakel.proefspel.plan.kenmerk", lambda: tmp_path.name)

    def doe(een: Plan) -> Gezegd:
        monkeypatch.setattr("schakel.proefspel.plan.lees_plannen", lambda: [een])
        return schakel("demo", "--draaiend", "-o", "json")

    return doe


def test_een_verwachting_die_niet_uitkomt_wordt_genoemd_en_eindigt_met_1(
    speel: Callable[[Plan], Gezegd],
) -> None:
    gezegd = speel(plan(verwacht={"werkstroom": 2, "pad": "WUW"}))
    assert gezegd.code == 1
    assert json.loads(gezegd.uit)[0]["werkstroom"] == 5
    assert "P-1: werkstroom is 5, verwacht werd 2" in gezegd.fout
    assert "P-1: pad is 'U', verwacht werd 'WUW'" in gezegd.fout
    assert "1 van 8 werkstromen" in gezegd.fout


def test_een_loop_die_niet_verder_gaat_wordt_genoemd_en_eindigt_met_1(
    speel: Callable[[Plan], Gezegd],
) -> None:
    gezegd = speel(plan(verloop=[{"bij": "U", "stap": "wacht", "voor": "planningen"}]))
    assert gezegd.code == 1
    assert "er gebeurt niets meer bij: P-1 in uitvoeren" in gezegd.fout


def test_een_melding_die_nooit_wordt_geopend_wordt_genoemd(
    speel: Callable[[Plan], Gezegd],
) -> None:
    gezegd = speel(plan(daaruit=[plan(id="P-1a").model_dump()]))
    assert gezegd.code == 1
    assert "nooit geopend: P-1a" in gezegd.fout


def test_een_stap_die_het_domein_weigert_wordt_genoemd(speel: Callable[[Plan], Gezegd]) -> None:
    gezegd = speel(plan(feiten=replace(plan().feiten, afwijking=True)))
    assert gezegd.code == 1
    assert "P-1 (U) beoordelingen" in gezegd.fout


def test_meldingen_van_anderen_blijven_liggen(
    speel: Callable[[Plan], Gezegd], schakel: Schakel
) -> None:
    vreemd = schakel("meld", "aanvraag", "--dienst", "x", "--tekst", "x", "-o", "json")
    id_ = json.loads(vreemd.uit)["meldingId"]
    gezegd = speel(plan())
    assert gezegd.fout.strip() == "1 van 1 meldingen klaar, 7 stappen\n1 van 8 werkstromen"
    assert json.loads(schakel("volg", id_, "--eenmaal", "-o", "json").uit)["status"] == "aangenomen"
