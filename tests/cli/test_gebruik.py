"""Help, usage errors and exit codes: 0 good, 1 something wrong, 2 wrong use."""

import json
from collections.abc import Callable, Iterator
from typing import NoReturn

import pytest
from tests.cli.conftest import Gezegd
from typer.core import TyperGroup
from typer.main import get_command

from schakel.cli import app
from schakel.cli.app import maak_app
from schakel.contracts.werkstromen import WERKSTROMEN


def alle_opdrachten() -> Iterator[tuple[str, ...]]:
    def onder(opdracht: object, pad: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield pad
        if isinstance(opdracht, TyperGroup):
            for naam, dieper in opdracht.commands.items():
                yield from onder(dieper, (*pad, naam))

    return onder(get_command(maak_app()), ())


OPDRACHTEN = tuple(alle_opdrachten())


def test_de_opdrachten_zijn_er_allemaal() -> None:
    assert {pad[0] for pad in OPDRACHTEN if pad} == {
        "demo",
        "vernieuw-hoofdsleutel",
        "start",
        "meld",
        "volg",
        "werkstromen",
        "geparkeerd",
        "herbouw",
        "migreer",
        "token",
        "topics",
        "doctor",
        "leid-af",
        "mapping",
        "importeer",
        "partner",
    }


@pytest.mark.parametrize("pad", OPDRACHTEN, ids=" ".join)
def test_elke_uitleg_is_nederlands_en_heeft_een_voorbeeld(
    schakel: Callable[..., Gezegd], pad: tuple[str, ...]
) -> None:
    gezegd = schakel(*pad, "--help")
    assert gezegd.code == 0
    assert "Gebruik: schakel" in gezegd.uit
    assert f"Voorbeeld: schakel {' '.join(pad)}".strip() in gezegd.uit
    assert "Toon deze" in gezegd.uit
    engels = ("Usage", "Options", "Commands", "Arguments", "[default", "[required", "Show this")
    assert [woord for woord in engels if woord in gezegd.uit] == []


BIJ = ("--dienst", "uitvoeren")


@pytest.mark.parametrize(
    ("argumenten", "uitleg"),
    [
        (["werkstroom"], "de opdracht werkstroom bestaat niet"),
        (["demo", "--snel"], "de optie --snel bestaat niet"),
        (["meld", "foutmelding"], "--dienst ontbreekt"),
        (["meld", "klacht", "--dienst", "x"], "soort: kies uit"),
        (["volg", "H-2026-000001"], "geen id van een melding"),
        (["werkstromen", "-o", "xml"], "kies uit tekst, json"),
        (["geparkeerd", "toon", "1", "--dienst", "post"], "kies uit orchestrator"),
        (["werkstromen", "nog iets"], "dit hoort er niet bij"),
        (["geparkeerd", "toon", "0", "--dienst", "uitvoeren"], "is ongeldig"),
        (["geparkeerd", "verwerpen", "3", *BIJ, "--reden", "x", "--proef"], "niet bij een nummer"),
        (["geparkeerd", "vrijgeven", "3", *BIJ, "--proef"], "niet bij een nummer"),
        (["geparkeerd", "vrijgeven", "3", *BIJ, "--waar", "bron=x"], "niet bij een nummer"),
        (["geparkeerd", "wissen", *BIJ, "--waar", "bron=x", "--waar", "bron=y"], "hoogstens een"),
        (["demo", "--gegevensmap"], "vraagt een waarde"),
        (["migreer"], "ontbreekt"),
        (["migreer", "herstel"], "kies uit alles, afspreken"),
    ],
    ids=lambda deel: " ".join(deel) if isinstance(deel, list) else "",
)
def test_verkeerd_gebruik_is_een_regel_nederlands_en_eindigt_met_2(
    schakel: Callable[..., Gezegd], argumenten: list[str], uitleg: str
) -> None:
    gezegd = schakel(*argumenten)
    assert gezegd.code == 2
    assert gezegd.uit == ""
    assert gezegd.fout.startswith("verkeerd gebruik: ")
    assert uitleg in gezegd.fout
    assert gezegd.fout.count("\n") == 1


def test_zonder_opdracht_komt_de_uitleg(schakel: Callable[..., Gezegd]) -> None:
    gezegd = schakel()
    assert gezegd.code == 2
    assert "Opdrachten" in gezegd.uit + gezegd.fout


def test_de_versie_staat_op_een_regel(schakel: Callable[..., Gezegd]) -> None:
    gezegd = schakel("--version")
    assert (gezegd.code, gezegd.uit.split()[0]) == (0, "schakel")


def test_een_onbekende_instelling_is_een_regel_en_eindigt_met_2(
    schakel: Callable[..., Gezegd], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHAKEL_BASISPORT", "9000")
    gezegd = schakel("werkstromen", "--aantallen")
    assert gezegd.code == 2
    assert "SCHAKEL_BASISPOORT" in gezegd.fout


@pytest.mark.parametrize(
    "argumenten",
    [
        ["meld", "foutmelding", "--dienst", "x", "--tekst", "x"],
        ["volg", "0197f3b0-5b1c-7c1e-8f5e-2f2b6f1f7a10"],
        ["werkstromen", "--aantallen"],
        ["geparkeerd", "lijst"],
        ["herbouw"],
        ["demo", "--draaiend"],
    ],
    ids=" ".join,
)
def test_een_dienst_die_niet_draait_wordt_gemeld_met_wat_te_doen(
    schakel: Callable[..., Gezegd], monkeypatch: pytest.MonkeyPatch, argumenten: list[str]
) -> None:
    monkeypatch.setenv("SCHAKEL_BASISPOORT", "9")
    gezegd = schakel(*argumenten)
    assert gezegd.code == 1
    assert "antwoordt niet op http://127.0.0.1:" in gezegd.fout
    assert "schakel start alles" in gezegd.fout
    assert "Traceback" not in gezegd.fout


def test_werkstromen_als_json_zijn_de_acht_met_nummer_en_pad(
    schakel: Callable[..., Gezegd],
) -> None:
    gezegd = schakel("werkstromen", "-o", "json")
    assert gezegd.code == 0
    assert [(w["nummer"], w["pad"]) for w in json.loads(gezegd.uit)] == [
        (w.nummer, [proces.value for proces in w.pad]) for w in WERKSTROMEN
    ]


def test_werkstromen_voor_mensen_tonen_elk_woord(schakel: Callable[..., Gezegd]) -> None:
    uit = schakel("werkstromen").uit
    assert all(w.woord in uit for w in WERKSTROMEN)


def test_ctrl_c_voor_de_opdracht_begint_is_ook_afgebroken(monkeypatch: pytest.MonkeyPatch) -> None:
    def onderbroken() -> NoReturn:
        raise KeyboardInterrupt

    monkeypatch.setattr(app, "maak_app", onderbroken)
    assert app.voer_uit([]) == 130
