"""The row of ports: whatever the base port, all that an organisation runs has one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.cli.conftest import Gezegd

from schakel.cli.instellingen import Instellingen
from schakel.cli.proefcertificaat import Uitgever
from schakel.contracts.organisatie import DIENSTEN, GRENS
from schakel.grens.instellingen import Instellingen as GrensInstellingen
from schakel.kern.grond.weigering import StartFout

Schakel = Callable[..., Gezegd]
HOOGST = 65_526
OIN = "00000099000000001000"


def test_de_grens_is_de_zesde_na_het_begin_en_daarna_komt_die_voor_partners() -> None:
    hoogst = Instellingen(basispoort=HOOGST)
    assert [hoogst.poort_van(naam) - HOOGST for naam in DIENSTEN] == [0, 1, 2, 3, 4, 5, 6]
    grens = GrensInstellingen(poort=hoogst.poort_van(GRENS))
    assert grens.luisterpoort == HOOGST + 7


def test_een_hoger_begin_dan_65526_is_geen_instelling() -> None:
    with pytest.raises(StartFout, match=f"hoogstens {HOOGST}"):
        Instellingen(basispoort=HOOGST + 1)


def test_op_het_hoogste_begin_wordt_elke_dienst_gezocht(
    schakel: Schakel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHAKEL_BASISPOORT", str(HOOGST))
    gezegd = schakel("werkstromen", "--aantallen")
    assert gezegd.code == 1  # it was understood; nobody is there
    assert f"antwoordt niet op http://127.0.0.1:{HOOGST}" in gezegd.fout


@pytest.mark.parametrize(
    "opdracht", ["werkstromen --aantallen", "start alles", "start herstellen grens"]
)
def test_een_hoger_begin_is_een_regel_en_eindigt_met_2(
    schakel: Schakel, monkeypatch: pytest.MonkeyPatch, opdracht: str
) -> None:
    monkeypatch.setenv("SCHAKEL_BASISPOORT", str(HOOGST + 1))
    gezegd = schakel(*opdracht.split())
    assert (gezegd.code, gezegd.uit) == (2, "")
    assert gezegd.fout == f"SCHAKEL_BASISPOORT is ongeldig: mag hoogstens {HOOGST} zijn\n"


def test_na_de_laatste_poort_is_er_geen_voor_partners(
    schakel: Schakel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only whom partners can reach needs one."""
    assert GrensInstellingen(poort=65_535)
    uitgever = Uitgever(tmp_path)
    papieren = {"partnercertificaat": uitgever.certificaat(OIN), "partner_ca": uitgever.ca}
    assert GrensInstellingen(poort=65_534, **papieren).luisterpoort == 65_535
    assert GrensInstellingen(poort=65_535, partnerpoort=8443, **papieren).luisterpoort == 8443
    with pytest.raises(StartFout, match="SCHAKEL_PARTNERPOORT"):
        GrensInstellingen(poort=65_535, **papieren)
    omgeving = {"POORT": 65_535, "OIN": OIN, "GEGEVENSMAP": tmp_path}
    for naam, waarde in (omgeving | papieren).items():
        monkeypatch.setenv(f"SCHAKEL_{naam.upper()}", str(waarde))
    gezegd = schakel("start", "grens")
    assert (gezegd.code, gezegd.fout.count("\n")) == (2, 1)
    assert "zet SCHAKEL_PARTNERPOORT" in gezegd.fout
