"""The own steps of wijzigen: plannen, accorderen, voorbereiden, testen, vrijgeven; registreren."""

import pytest
from tests.skelet.geval import (
    FEITEN,
    aangenomen,
    draag_over,
    gegeven,
    geweigerd,
    in_behandeling,
    nieuwe,
    zet,
    zet_alle,
)

from schakel.contracts.melding import Oordeel, Resultaat, Uitkomst
from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stappen.begin import Verhelderd
from schakel.skelet.stappen.einde import Gesloten
from schakel.skelet.stappen.voortijdig import Omgezet
from schakel.wijzigen.domein import (
    Geaccordeerd,
    RegisterBijgewerkt,
    TestGeslaagd,
    TestMislukt,
    Voorbereid,
    Vrijgegeven,
    Wijziging,
    WijzigingGepland,
)

A, U = Proces.AFSPREKEN, Proces.UITVOEREN
STAPPEN = ("planningen", "accorderingen", "voorbereidingen", "testen", "vrijgaven")
GEDAAN: tuple[Gebeurtenis, ...] = (
    WijzigingGepland(),
    Geaccordeerd(),
    Voorbereid(),
    TestGeslaagd(),
    Vrijgegeven(),
)


def wijziging(*feiten: Gebeurtenis) -> Wijziging:
    """A wijziging in behandeling with this behind it."""
    return gegeven(Wijziging, *in_behandeling(Wijziging), *feiten)


@pytest.mark.parametrize("gezet", range(5))
def test_de_stappen_volgen_elkaar_op_in_vaste_volgorde(gezet: int) -> None:
    melding = wijziging(*GEDAAN[:gezet])
    for later in STAPPEN[gezet + 1 :]:
        with geweigerd(melding, "stap-ontbreekt"):
            zet(melding, later)
    for eerder in STAPPEN[:gezet]:
        with geweigerd(melding, "stap-al-gezet"):
            zet(melding, eerder)
    zet(melding, STAPPEN[gezet])
    assert melding.nieuw == [GEDAAN[gezet]]


def test_na_een_mislukte_test_wordt_opnieuw_voorbereid() -> None:
    melding = wijziging(*GEDAAN[:3])
    melding.test(geslaagd=False)
    assert melding.nieuw == [TestMislukt()]
    with geweigerd(melding, "stap-ontbreekt"):
        melding.test(geslaagd=True)
    with geweigerd(melding, "stap-ontbreekt"):
        melding.geef_vrij()
    zet_alle(melding, "voorbereidingen", "testen", "vrijgaven")


def test_niets_gaat_naar_uitvoeren_dat_niet_is_vrijgegeven() -> None:
    melding = wijziging(*GEDAAN[:4])
    with geweigerd(melding, "stap-ontbreekt"):
        draag_over(melding, U)
    melding.geef_vrij()
    draag_over(melding, U)


def test_het_register_wordt_pas_na_de_controle_bijgewerkt_en_voor_de_gereedmelding() -> None:
    melding = wijziging(*GEDAAN)
    melding.neem_terug(draag_over(melding, U), Resultaat.VOLTOOID)
    with geweigerd(melding, "niet-goedgekeurd"):
        melding.werk_register_bij("brug-7")
    melding.controleer(goed=True)
    with geweigerd(melding, "stap-ontbreekt"):
        zet(melding, "gereedmeldingen")
    melding.werk_register_bij("brug-7")
    assert melding.nieuw[-1] == RegisterBijgewerkt("brug-7")
    with geweigerd(melding, "stap-al-gezet"):
        melding.werk_register_bij("brug-7")
    zet(melding, "gereedmeldingen")


def test_een_nieuwe_ronde_werkt_het_register_opnieuw_bij() -> None:
    melding = wijziging(*GEDAAN)
    melding.neem_terug(draag_over(melding, U), Resultaat.VOLTOOID)
    melding.controleer(goed=True)
    zet_alle(melding, "registraties", "gereedmeldingen")
    melding.controleer_tevredenheid(Oordeel.NIET_TEVREDEN, None)
    melding.neem_terug(draag_over(melding, U), Resultaat.VOLTOOID)
    melding.controleer(goed=True)
    with geweigerd(melding, "stap-ontbreekt"):
        zet(melding, "gereedmeldingen")
    zet_alle(melding, "registraties", "gereedmeldingen")


def test_een_wijzigingsverzoek_buiten_de_afspraken_wordt_een_wens_en_geen_overdracht() -> None:
    melding = gegeven(Wijziging, aangenomen(Wijziging), Verhelderd())
    with geweigerd(melding, "ander-soort"):
        melding.beoordeel(FEITEN[A][0], 2, 2, maatwerk=False)
    wens = nieuwe(A)
    melding.zet_om("buiten-scope", [wens])
    assert melding.nieuw == [Omgezet("buiten-scope", (wens,)), Gesloten(Uitkomst.OMGEZET)]


def test_wijzigen_draagt_nooit_over_aan_afspreken() -> None:
    melding = wijziging(*GEDAAN)
    with geweigerd(melding, "overdracht-niet-toegestaan"):
        draag_over(melding, A)
