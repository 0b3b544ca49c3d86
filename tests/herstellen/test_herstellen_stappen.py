"""The own steps of herstellen: analyseren, workaround, and choosing the way."""

import pytest
from tests.skelet.geval import draag_over, gegeven, geweigerd, in_behandeling, zet

from schakel.contracts.werkstromen import Proces
from schakel.herstellen.domein import Geanalyseerd, Storing, WorkaroundGeboden
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis

W, U = Proces.WIJZIGEN, Proces.UITVOEREN


def storing(*feiten: Gebeurtenis) -> Storing:
    """A storing in behandeling with this behind it."""
    return gegeven(Storing, *in_behandeling(Storing), *feiten)


@pytest.mark.parametrize("oorzaak", [None, "kabelbreuk"])
def test_een_storing_wordt_een_keer_geanalyseerd_met_of_zonder_oorzaak(
    oorzaak: str | None,
) -> None:
    melding = storing()
    melding.analyseer(oorzaak)
    assert melding.nieuw == [Geanalyseerd(oorzaak)]
    with geweigerd(melding, "stap-al-gezet"):
        melding.analyseer(oorzaak)


def test_zonder_analyse_is_er_geen_workaround_en_geen_weg() -> None:
    melding = storing()
    with geweigerd(melding, "stap-ontbreekt"):
        melding.bied_workaround("noodverlichting", None)
    with geweigerd(melding, "stap-ontbreekt"):
        draag_over(melding, U)


@pytest.mark.parametrize("naar", [W, U])
def test_na_de_analyse_is_er_een_weg_met_en_een_zonder_wijziging(naar: Proces) -> None:
    melding = storing(Geanalyseerd())
    draag_over(melding, naar)
    assert melding.status == "overgedragen"


def test_een_workaround_mag_maar_hoeft_niet() -> None:
    melding = storing(Geanalyseerd())
    melding.bied_workaround("noodverlichting", None)
    assert melding.nieuw == [WorkaroundGeboden("noodverlichting")]
    with geweigerd(melding, "stap-al-gezet"):
        melding.bied_workaround("noodverlichting", None)


def test_een_storing_zonder_overdracht_is_niet_hersteld() -> None:
    with geweigerd(melding := storing(Geanalyseerd()), "niet-goedgekeurd"):
        zet(melding, "gereedmeldingen")
