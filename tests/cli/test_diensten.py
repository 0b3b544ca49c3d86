"""The commands against everything at work in one process."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.cli.conftest import SCHAKEL, Draaiend, Gezegd, wacht_tot

from schakel.cli.start import probeer

Schakel = Callable[..., Gezegd]
LAMP = ("meld", "foutmelding", "--dienst", "straatverlichting", "--tekst", "de lantaarn is uit")


def stap(http: httpx.Client, alles: Draaiend, dienst: str, id_: str, naam: str, **body: Any) -> Any:
    antwoord = http.post(
        f"{alles.adres(dienst)}/v1/meldingen/{id_}/{naam}",
        json=body,
        headers={"Idempotency-Key": f"proef.{id_}.{naam}"},
    )
    assert antwoord.status_code == 201, antwoord.text
    return antwoord.json()


def test_melden_geeft_een_volgnummer_en_een_id(schakel: Schakel, bij_alles: Draaiend) -> None:
    gezegd = schakel(*LAMP, "--naam", "Jo", "--kanaal", "telefoon")
    assert gezegd.code == 0
    assert "H-20" in gezegd.uit
    assert "schakel volg" in gezegd.fout


def test_wie_de_melder_is_komt_in_de_inhoud_en_nergens_anders(
    schakel: Schakel, bij_alles: Draaiend, http: httpx.Client
) -> None:
    gezegd = schakel(
        *("meld", "aanvraag", "--dienst", "huurtoeslag", "--tekst", "toeslag graag"),
        *("--melder", "burger", "--naam", "Jo", "--contact", "06-1", "--namens", "Moe"),
        *("--machtiging", "register-1", "--volgens-melder", "wens", "--kanaal", "balie"),
        *("-o", "json"),
    )
    antwoord = json.loads(gezegd.uit)
    bron = f"{bij_alles.adres('uitvoeren')}/v1/meldingen/{antwoord['meldingId']}"
    melding = http.get(bron).json()
    assert (melding["kanaal"], melding["soortVolgensMelder"]) == ("balie", "wens")
    intake = http.get(f"{bron}/inhoud").json()["inhoud"]["intake"]
    assert intake["tekst"] == "toeslag graag"
    assert intake["melder"] == {"naam": "Jo", "contact": "06-1"}
    assert intake["namens"]["naam"] == "Moe"


def test_de_tekst_mag_van_stdin_komen(bij_alles: Draaiend, http: httpx.Client) -> None:
    gezegd = subprocess.run(
        [SCHAKEL, "meld", "aanvraag", "--dienst", "x", "-o", "json"],
        input="van stdin\n",
        check=True,
        capture_output=True,
        text=True,
    )
    id_ = json.loads(gezegd.stdout)["meldingId"]
    inhoud = http.get(f"{bij_alles.adres('uitvoeren')}/v1/meldingen/{id_}/inhoud").json()
    assert inhoud["inhoud"]["intake"]["tekst"] == "van stdin"


def test_met_hetzelfde_kenmerk_wordt_niet_dubbel_gemeld(
    schakel: Schakel, bij_alles: Draaiend
) -> None:
    een, twee = (schakel(*LAMP, "--sleutel", "eigen-1", "-o", "json") for _ in range(2))
    assert json.loads(een.uit) == json.loads(twee.uit)
    anders = schakel(*LAMP, "--sleutel", "eigen-1", "--kanaal", "post")
    assert anders.code == 1


def test_een_ongeldige_dienst_wordt_geweigerd_met_veld_en_regel(
    schakel: Schakel, bij_alles: Draaiend
) -> None:
    gezegd = schakel("meld", "aanvraag", "--dienst", "Geen Code", "--tekst", "x")
    assert gezegd.code == 2
    assert "dienst" in gezegd.fout


def test_een_weigering_van_het_domein_eindigt_met_1(schakel: Schakel, bij_alles: Draaiend) -> None:
    gezegd = schakel("meld", "verbetervoorstel", "--dienst", "x", "--tekst", "x")
    assert gezegd.code == 1
    assert "komt van de organisatie zelf" in gezegd.fout


def test_volgen_toont_elke_verandering_tot_de_melding_is_gesloten(
    schakel: Schakel, bij_alles: Draaiend, http: httpx.Client, tmp_path: Path
) -> None:
    id_ = json.loads(schakel(*LAMP, "-o", "json").uit)["meldingId"]
    regels = tmp_path / "regels"
    with regels.open("wb") as uit:
        volger = subprocess.Popen([SCHAKEL, "volg", id_], stdout=uit)
        try:
            wacht_tot(lambda: "aangenomen" in regels.read_text(), 20)
            stap(http, bij_alles, "herstellen", id_, "verhelderingen")
            wacht_tot(lambda: "verhelderd" in regels.read_text(), 20)
            stap(http, bij_alles, "herstellen", id_, "intrekkingen")
            assert volger.wait(20) == 0
        finally:
            volger.kill()
            volger.wait()
    assert regels.read_text().splitlines()[-1].endswith("gesloten, ingetrokken")
    assert "werkstroom een van [3, 4]" in regels.read_text()


def test_volgen_als_json_geeft_een_waarde_per_regel(
    schakel: Schakel, bij_alles: Draaiend, http: httpx.Client
) -> None:
    id_ = json.loads(schakel(*LAMP, "-o", "json").uit)["meldingId"]
    stap(http, bij_alles, "herstellen", id_, "intrekkingen")
    gezegd = schakel("volg", id_, "-o", "json")
    assert gezegd.code == 0
    assert json.loads(gezegd.uit.splitlines()[-1])["uitkomst"] == "ingetrokken"


def test_een_keer_kijken_toont_de_melding_en_stopt(schakel: Schakel, bij_alles: Draaiend) -> None:
    id_ = json.loads(schakel(*LAMP, "-o", "json").uit)["meldingId"]
    assert json.loads(schakel("volg", id_, "--eenmaal", "-o", "json").uit)["kandidaten"] == [3, 4]
    assert "foutmelding" in schakel("volg", id_, "--eenmaal").uit


def test_een_onbekende_melding_volgen_eindigt_met_1(
    schakel: Schakel, bij_alles: Draaiend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schakel.cli.volg.GEDULD", 0.2)
    gezegd = schakel("volg", "0197f3b0-5b1c-7c1e-8f5e-2f2b6f1f7a10")
    assert gezegd.code == 1
    assert "niets gezien" in gezegd.fout


def test_de_aantallen_komen_van_de_orchestrator(schakel: Schakel, bij_alles: Draaiend) -> None:
    acht = json.loads(schakel("werkstromen", "--aantallen", "-o", "json").uit)
    assert len(acht) == 8
    assert all(isinstance(w["aantal"], int) for w in acht)


def test_herbouwen_verandert_niets_aan_wat_er_stond(schakel: Schakel, bij_alles: Draaiend) -> None:
    schakel(*LAMP)
    gezegd = schakel("herbouw", "-o", "json")
    stand = json.loads(gezegd.uit)
    assert gezegd.code == 0
    assert (stand["bezig"], stand["veranderd"], stand["fout"]) == (False, 0, None)
    assert stand["gedaan"] == stand["bomen"] > 0
    assert "opnieuw afgeleid, 0 veranderd" in schakel("herbouw").uit


def test_een_geparkeerd_bericht_wordt_gevonden_getoond_en_verworpen(
    schakel: Schakel, bij_alles: Draaiend
) -> None:
    lijst = schakel("geparkeerd", "lijst", "-o", "json")
    assert lijst.code == 1
    (een,) = json.loads(lijst.uit)
    assert (een["dienst"], een["reden"]) == ("herstellen", "geen-json")
    assert "geen-json" in schakel("geparkeerd", "lijst", "--dienst", "herstellen").uit
    assert schakel("geparkeerd", "lijst", "--dienst", "uitvoeren").code == 0
    bij = ("--dienst", "herstellen")
    toon = schakel("geparkeerd", "toon", een["nummer"], *bij, "-o", "json")
    assert json.loads(toon.uit)["waarde"] == "rommel"
    assert "rommel" in schakel("geparkeerd", "toon", een["nummer"], *bij).uit

    ziek = schakel("doctor", "-o", "json")
    assert ziek.code == 1
    assert [b["wat"] for b in json.loads(ziek.uit) if not b["goed"]] == ["dienst herstellen"]

    vrij = schakel("geparkeerd", "vrijgeven", een["nummer"], *bij)
    assert vrij.code == 1
    assert "nog niet te verwerken" in vrij.uit
    alle = (*bij, "--waar", "bron=vreemd", "-o", "json")
    (gevonden,) = json.loads(schakel("geparkeerd", "lijst", *alle).uit)
    assert gevonden["nummer"] == een["nummer"]
    assert schakel("geparkeerd", "lijst", *bij, "--waar", "reden=te-groot").code == 0
    weg = ("geparkeerd", "verwerpen", *alle, "--reden", "onleesbaar")
    assert json.loads(schakel(*weg, "--proef").uit) == {"gevonden": 1, "verwerkt": 0}
    assert schakel("geparkeerd", "lijst").code == 1
    assert json.loads(schakel(*weg).uit) == {"gevonden": 1, "verwerkt": 1}
    assert schakel("geparkeerd", "lijst").code == 0
    wis = ("geparkeerd", "wissen", *alle)
    assert json.loads(schakel(*wis, "--proef").uit) == {"gevonden": 1, "verwerkt": 0}
    assert json.loads(schakel(*wis).uit) == {"gevonden": 1, "verwerkt": 1}
    assert json.loads(schakel(*wis).uit) == {"gevonden": 0, "verwerkt": 0}
    leeg = json.loads(schakel("geparkeerd", "toon", een["nummer"], *bij, "-o", "json").uit)
    assert (leeg["waarde"], leeg["omvang"]) == ("", len("rommel"))
    assert leeg["digest"] == json.loads(toon.uit)["digest"]
    alles = schakel("geparkeerd", "lijst", "--alles", "-o", "json")
    assert alles.code == 0
    assert json.loads(alles.uit)[0]["afloop"].endswith("onleesbaar; bytes gewist")
    assert schakel("doctor").code == 0


def test_de_drie_regels_om_te_proberen_doen_wat_ze_beloven(alles: Draaiend) -> None:
    adressen = {naam: alles.adres(naam) for naam in ("herstellen", "orchestrator")}
    gezegd = alles.gezegd.read_text()
    assert all(regel in gezegd for regel in probeer(adressen))
    meld, weiger, vraag = probeer(adressen)
    for _ in range(40):  # the orchestrator hears of it a moment later
        uit = subprocess.run(
            ["bash", "-c", f"{meld} >/dev/null\n{weiger}; echo\nsleep 0.3; {vraag}"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.splitlines()
        geweigerd, bekend = json.loads(uit[0]), json.loads(uit[1])
        if "kandidaten" in bekend:
            break
    assert geweigerd["status"] == 409
    assert "verhelderingen" in geweigerd["toegestaan"]
    assert bekend["kandidaten"] == [3, 4]


def test_alles_nog_eens_starten_op_dezelfde_poorten_is_een_regel_en_schaadt_niets(
    bij_alles: Draaiend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, schakel: Schakel
) -> None:
    monkeypatch.setenv("SCHAKEL_GEGEVENSMAP", str(tmp_path / "andere"))
    gezegd = schakel("start", "alles")
    assert gezegd.code == 2
    assert gezegd.fout.splitlines()[-1].startswith("kan niet luisteren op 127.0.0.1:")
    monkeypatch.setenv("SCHAKEL_BASISPOORT", "9")
    gezond = schakel("doctor", "-o", "json")
    assert [b for b in json.loads(gezond.uit) if not b["goed"]] == []


def test_gegevens_die_in_gebruik_zijn_worden_niet_nog_eens_geopend(
    bij_alles: Draaiend, monkeypatch: pytest.MonkeyPatch, schakel: Schakel
) -> None:
    monkeypatch.setenv("SCHAKEL_BASISPOORT", "9")
    for opdracht in (["start", "alles"], ["start", "herstellen"], ["start", "orchestrator"]):
        gezegd = schakel(*opdracht)
        assert gezegd.code == 2
        assert "in gebruik door een ander proces" in gezegd.fout
    assert schakel("demo", "--gegevensmap", bij_alles.map).code == 2


def test_een_dienst_alleen_starten_en_stoppen(tmp_path: Path) -> None:
    gezegd = tmp_path / "log"
    with gezegd.open("wb") as uit:
        proces = subprocess.Popen(
            [SCHAKEL, "start", "verbeteren"],
            env={"SCHAKEL_POORT": "0", "SCHAKEL_GEGEVENSMAP": str(tmp_path)},
            stderr=uit,
        )
        try:
            wacht_tot(lambda: "dienst_luistert" in gezegd.read_text(), 30)
            proces.terminate()
            assert proces.wait(20) == 0
        finally:
            proces.kill()
            proces.wait()
    assert "dienst_gestopt" in gezegd.read_text()
