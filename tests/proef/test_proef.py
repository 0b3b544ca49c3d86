"""A small fixed sample of the long trials, and what runs them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest
from tests.proef import Proef, Tegenvoorbeeld, bomen, leugens, reeksen, uitval, wandelaars
from tests.proef.__main__ import PROEVEN, main

from schakel.afleiding import lees, leid_af
from schakel.grens import paginaverkeer
from schakel.proefspel import medewerkers
from schakel.skelet.stappen import overdracht


def test_een_steekproef_van_bomen_heeft_een_antwoord() -> None:
    bomen.beproef(0, 40)
    bomen.beproef(77, 78)  # a variant in another tree, and one more delivery in the same batch
    bomen.beproef(556, 557)  # the same, and what it contradicts comes again in that batch
    bomen.beproef(581, 582)  # twice in one batch, the second time from before the first
    bomen.beproef(19036, 19037)  # a first melding that says it has a parent


@pytest.mark.parametrize("deel", range(bomen.DELEN))
def test_een_tegenvoorbeeld_van_bomen_wordt_gevonden(
    deel: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vergeetachtig(_: str, berichten: list[bytes]) -> object:
        return bomen.leid_af([lees(b) for b in berichten[1:]])

    monkeypatch.setattr(bomen, "leid_ruwe_boom_af", vergeetachtig)
    verslag = bomen.verslag(0, 20, deel)
    assert verslag["getal"] == 0
    assert verslag["uitleg"].startswith("from the bytes")


def test_een_steekproef_van_wandelaars_vindt_geen_afwijking() -> None:
    wandelaars.beproef(0, 8)


def test_een_stap_die_geweigerd_hoort_te_worden_valt_op(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdracht, "mag_overdragen", lambda _van, _naar: True)
    with pytest.raises(Tegenvoorbeeld, match="201 for overdrachten"):
        wandelaars.beproef(0, 30)


def test_een_bericht_dat_de_orchestrator_niet_telt_valt_op(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wandelaars, "leid_af", lambda berichten: leid_af([*berichten][:-1]))
    with pytest.raises(Tegenvoorbeeld, match="is not"):
        wandelaars.beproef(0, 1)


def test_een_leugen_die_niet_opvalt_is_een_tegenvoorbeeld(monkeypatch: pytest.MonkeyPatch) -> None:
    naam = "een sessie die niemand trok"
    monkeypatch.setattr(leugens, "LEUGENS", {naam: leugens.LEUGENS[naam]})
    leugens.beproef(0, 2)
    monkeypatch.setattr(paginaverkeer, "keur_plek", lambda *_: None)
    with pytest.raises(Tegenvoorbeeld, match="1: een sessie"):
        leugens.beproef(1, 2)


@pytest.mark.traag
async def test_een_steekproef_van_uitval_verliest_niets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(medewerkers, "GEDULD", uitval.GEDULD)  # who calls waits after a break
    assert await uitval.speel_in(tmp_path, Random(1), keren=2, plagen=4) == []
    hier, daar = uitval.kanten_in(tmp_path)
    assert uitval.geteld(hier, daar, 2) == []
    # What is counted can be wrong.
    with closing(sqlite3.connect(daar.eigen / "wijzigen.db")) as opslag, opslag:
        opslag.execute("DELETE FROM meldingen WHERE ouder IS NULL")
    (fout,) = uitval.geteld(hier, daar, 2)
    assert fout.startswith("meldingen that are lost: ")
    with closing(sqlite3.connect(daar.eigen / "grens.db")) as opslag, opslag:
        opslag.execute("DELETE FROM bladen WHERE nummer = 3")
        opslag.execute(
            "UPDATE schakels SET overzicht ="
            " CAST(replace(CAST(overzicht AS TEXT), 'voltooid', 'omgezet') AS BLOB)"
        )
    fouten = uitval.geteld(hier, daar, 2)
    assert fouten[0] == "the logs of both are not the same"
    assert any(een.startswith("both sides come to other pairs: ") for een in fouten)
    assert uitval.geteld(hier, hier, 3)[0] == "22 schakels that somebody asked, not 33"


class Nep:
    """A trial that says which portions it was asked for, and stops at one case."""

    def __init__(self, fout: int = -1) -> None:
        self.gevraagd: list[tuple[int, int]] = []
        self.fout = fout

    def beproef(self, van: int, tot: int) -> None:
        self.gevraagd.append((van, tot))
        if van <= self.fout < tot:
            raise Tegenvoorbeeld(self.fout, "mis")


def _draai(nep: Nep, map_: Path, *argumenten: str) -> int:
    proeven = {"nep": Proef(aantal=10, per_portie=4, beproef=nep.beproef)}
    return main(["nep", "--map", str(map_), *argumenten], proeven)


def test_een_proef_gaat_in_porties_en_begint_na_de_laatste_opnieuw(tmp_path: Path) -> None:
    nep = Nep()
    assert _draai(nep, tmp_path) == _draai(nep, tmp_path) == 0
    assert nep.gevraagd == [(0, 4), (4, 8), (8, 10)] * 2


def test_een_tegenvoorbeeld_geeft_zijn_getal_en_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _draai(Nep(fout=5), tmp_path) == 1
    assert "COUNTEREXAMPLE 5: mis" in capsys.readouterr().err
    een = Nep(fout=5)
    assert _draai(een, tmp_path, "--getal", "5") == 1
    assert een.gevraagd == [(5, 6)]


def test_wie_stopt_gaat_verder_waar_hij_was(tmp_path: Path) -> None:
    assert _draai(Nep(fout=5), tmp_path) == 1
    verder, opnieuw = Nep(), Nep()
    assert _draai(verder, tmp_path) == 0
    assert verder.gevraagd == [(4, 8), (8, 10)]
    assert _draai(Nep(fout=9), tmp_path) == 1
    assert _draai(opnieuw, tmp_path, "--opnieuw", "--aantal", "3") == 0
    assert opnieuw.gevraagd == [(0, 3)]


def test_een_onbekende_naam_wordt_geweigerd_met_wat_er_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as fout:
        main(["koffie", "--map", str(tmp_path)])
    assert fout.value.code == 2
    gezegd = capsys.readouterr().err
    assert all(naam in gezegd for naam in PROEVEN)


def test_een_reeks_die_op_een_punt_misgaat_is_een_tegenvoorbeeld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bestand = tmp_path / "test_punt.py"
    bestand.write_text(
        "from tests.grens.punten import op_punten\n"
        "@op_punten(5, 0)\n"
        "def test_een(punt): assert punt != 3\n"
        "def test_ander(): assert False\n"
    )
    monkeypatch.setattr(reeksen, "MODULES", (SimpleNamespace(__file__=str(bestand)),))
    reeksen.beproef(2, 3)
    with pytest.raises(Tegenvoorbeeld, match="3: "):
        reeksen.beproef(2, 5)
