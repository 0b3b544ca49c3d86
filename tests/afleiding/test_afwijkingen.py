"""Domain, section 6.6: code, on whom, when, and whether it is vast."""

import pytest
from tests.afleiding.boombouw import (
    Boom,
    H,
    U,
    V,
    W,
    codes,
    enige_afwijking,
    hernoem,
    letters,
    verander,
)

from schakel.contracts.melding import Resultaat
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces

NIET = "overdracht-niet-toegestaan"
NA_EINDE = "overdracht-na-einde"
TERUG = "terugkeer-zonder-overdracht"
KIND = "kind-zonder-overdracht"
TEGEN = "tegenstrijdig"
VERBODEN = [(van, naar) for van in Proces for naar in Proces if naar not in OVERDRACHT_NAAR[van]]

# overdracht-niet-toegestaan


@pytest.mark.parametrize(("van", "naar"), VERBODEN, ids=lambda p: p.letter)
def test_elke_overdracht_buiten_het_model_is_een_afwijking(van: Proces, naar: Proces) -> None:
    boom = Boom(van)
    boom.wortel.loop().draag_over(naar)
    afwijking = enige_afwijking(boom.af())
    assert (afwijking.code, afwijking.melding_id, afwijking.vast) == (NIET, boom.wortel.naam, True)
    assert afwijking.toegestaan == tuple(p.value for p in OVERDRACHT_NAAR[van])
    assert van.value in afwijking.uitleg
    assert naar.value in afwijking.uitleg
    for mag in OVERDRACHT_NAAR[van]:
        assert mag.value in afwijking.uitleg


def test_een_verboden_overdracht_wordt_een_keer_gemeld_hoe_zij_ook_blijkt() -> None:
    boom = Boom(U)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(W).neem_aan()
    verwacht = [(NIET, boom.wortel.naam, True)]
    assert codes(boom.af()) == verwacht
    assert codes(boom.af(*boom.zonder(kind.laatst))) == verwacht
    assert codes(boom.af(*boom.zonder(boom.berichten[3]))) == verwacht
    assert codes(boom.af(kind.laatst)) == verwacht


def test_ook_een_geweigerde_verboden_overdracht_is_een_afwijking() -> None:
    boom = Boom(U)
    boom.wortel.loop()
    boom.wortel.weiger(boom.wortel.draag_over(W))
    assert codes(boom.af()) == [(NIET, boom.wortel.naam, True)]


def test_de_terugkeer_van_een_verboden_overdracht_past() -> None:
    boom = Boom(U)
    boom.wortel.loop().heen_en_weer(W)
    assert codes(boom.af()) == [(NIET, boom.wortel.naam, True)]
    assert letters(boom.af()) == "U"


def test_een_verboden_overdracht_is_niet_open_en_geeft_geen_ronde() -> None:
    boom = Boom(U)
    boom.wortel.loop().draag_over(W)
    af = boom.af()
    assert (af.open_overdrachten, [r.aantal for r in af.rondes]) == ((), [1])
    assert [p.melding_id for p in af.posities] == [boom.wortel.naam]


def test_onder_een_verboden_overdracht_worden_afwijkingen_ook_gemeld() -> None:
    boom = Boom(U)
    boom.wortel.loop()
    verboden = boom.wortel.draag_over(W)
    verboden.loop().draag_over(V)
    assert set(codes(boom.af())) == {
        (NIET, boom.wortel.naam, True),
        (NIET, verboden.naam, True),
    }


# overdracht-na-einde


@pytest.mark.parametrize("einde", ["trek_in", "zet_om", "wijs_af", "sluit"])
def test_een_overdracht_na_het_eigen_einde_telt_niet(einde: str) -> None:
    boom = Boom(H)
    getattr(boom.wortel.loop(), einde)()
    kind = boom.wortel.draag_over(W)
    af = boom.af()
    assert codes(af) == [(NA_EINDE, boom.wortel.naam, True)]
    assert (af.werkstroom, letters(af), af.kandidaten) == (None, "H", (3, 4))
    assert enige_afwijking(af).kind_id == kind.naam


@pytest.mark.parametrize("einde", ["breek_af", "voltooi"])
def test_na_een_ander_einde_is_een_overdracht_geen_afwijking(einde: str) -> None:
    boom = Boom(H)
    getattr(boom.wortel.loop(), einde)()
    boom.wortel.draag_over(W)
    assert boom.af().afwijkingen == ()


def test_het_laagste_einde_telt_en_een_overdracht_ervoor_blijft_staan() -> None:
    boom = Boom(H)
    boom.wortel.loop().draag_over(U)
    boom.wortel.trek_in()
    boom.wortel.draag_over(W)
    boom.wortel.sluit()
    af = boom.af()
    assert (codes(af), af.werkstroom) == ([(NA_EINDE, boom.wortel.naam, True)], 4)


def test_een_herhaling_na_het_einde_is_een_afwijking_maar_de_overdracht_blijft_tellen() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U)
    eerste_woord = boom.wortel.laatst
    boom.wortel.trek_in().geef(kind)
    assert (codes(boom.af()), boom.af().werkstroom) == ([(NA_EINDE, boom.wortel.naam, True)], 4)
    assert boom.af(*boom.zonder(eerste_woord)).werkstroom is None


# terugkeer-zonder-overdracht


def test_een_terugkeer_zonder_overdracht_is_vast_als_er_niets_onder_mist() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.kind(U)
    boom.wortel.keer_terug(kind)
    af = boom.af()
    assert codes(af) == [(TERUG, boom.wortel.naam, True)]
    assert letters(af) == "H"
    mist = boom.af(*boom.zonder(boom.berichten[1]))
    assert codes(mist) == [(TERUG, boom.wortel.naam, False)]


def test_een_gat_boven_de_terugkeer_maakt_haar_niet_vermoedelijk() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    boom.wortel.keer_terug(boom.wortel.kind(U)).sla_over().stap()
    assert codes(boom.af()) == [(TERUG, boom.wortel.naam, True)]


def test_een_tweede_terugkeer_past_niet() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.heen_en_weer(U)
    open_kind = boom.wortel.draag_over(U)
    boom.wortel.keer_terug(kind)
    afwijking = enige_afwijking(boom.af())
    assert (afwijking.code, afwijking.gebeurtenissen) == (TERUG, (f"{boom.wortel.naam}.7",))
    assert afwijking.toegestaan == (open_kind.naam,)


def test_een_terugkeer_na_een_weigering_past_niet() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U)
    boom.wortel.weiger(kind).keer_terug(kind)
    assert codes(boom.af()) == [(TERUG, boom.wortel.naam, True)]


def test_een_terugkeer_voor_haar_overdracht_past_niet() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.kind(U)
    boom.wortel.keer_terug(kind).geef(kind)
    af = boom.af()
    assert (codes(af), letters(af)) == ([(TERUG, boom.wortel.naam, True)], "HU")
    boom.wortel.keer_terug(kind)
    af = boom.af()
    assert (codes(af), letters(af)) == ([(TERUG, boom.wortel.naam, True)], "HUH")


@pytest.mark.parametrize("einde", ["trek_in", "zet_om"])
def test_na_intrekking_of_omzetting_is_elke_terugkeer_een_notitie(einde: str) -> None:
    boom = Boom(H)
    boom.wortel.loop()
    getattr(boom.wortel, einde)().keer_terug(boom.wortel.kind(U), Resultaat.ZONDER_RESULTAAT)
    assert boom.af().afwijkingen == ()


def test_voor_de_intrekking_is_een_terugkeer_nog_een_afwijking() -> None:
    boom = Boom(H)
    boom.wortel.loop().keer_terug(boom.wortel.kind(U)).trek_in()
    assert codes(boom.af()) == [(TERUG, boom.wortel.naam, True)]


@pytest.mark.parametrize("einde", ["wijs_af", "breek_af", "sluit"])
def test_na_een_ander_einde_is_een_terugkeer_zonder_overdracht_een_afwijking(einde: str) -> None:
    boom = Boom(H)
    getattr(boom.wortel.loop(), einde)().keer_terug(boom.wortel.kind(U))
    assert codes(boom.af()) == [(TERUG, boom.wortel.naam, True)]


# kind-zonder-overdracht


def test_een_kind_zonder_overdracht_van_een_gesloten_ouder_is_een_afwijking() -> None:
    boom = Boom(H)
    boom.wortel.loop().sluit()
    kind = boom.wortel.kind(W).neem_aan()
    af = boom.af()
    assert codes(af) == [(KIND, kind.naam, True)]
    assert af.wacht_op_eigen_woord == ()


def test_zolang_de_ouder_niet_gesloten_is_wordt_op_zijn_woord_gewacht() -> None:
    boom = Boom(H)
    boom.wortel.loop().voltooi()
    boom.wortel.kind(W).neem_aan()
    assert boom.af().afwijkingen == ()


def test_een_gat_in_de_ouder_maakt_het_kind_vermoedelijk() -> None:
    boom = Boom(H)
    boom.wortel.loop().sla_over().sluit()
    kind = boom.wortel.kind(W).neem_aan()
    assert codes(boom.af()) == [(KIND, kind.naam, False)]


def test_een_kind_van_een_ander_proces_dan_de_overdracht_is_een_afwijking() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.kind(U)
    boom.wortel.geef(kind, naar=W).sluit()
    kind.neem_aan()
    af = boom.af()
    assert codes(af) == [(KIND, kind.naam, True)]
    assert "wijzigen" in enige_afwijking(af).uitleg


def test_ook_zonder_aangenomen_hoort_een_kind_een_overdracht_te_hebben() -> None:
    boom = Boom(H)
    boom.wortel.loop().sluit()
    kind = boom.wortel.kind(W).sla_over().beoordeel()
    assert codes(boom.af()) == [(KIND, kind.naam, True)]


def test_waar_niets_mist_laat_een_bewijs_de_terugkeer_niet_passen() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.kind(W).neem_aan()
    boom.wortel.keer_terug(kind).sluit()
    assert codes(boom.af()) == [(TERUG, boom.wortel.naam, True), (KIND, kind.naam, True)]


# tegenstrijdig


def test_twee_inhouden_onder_een_id_tellen_geen_van_beide() -> None:
    boom = Boom(H)
    boom.wortel.loop().draag_over(W)
    woord = boom.wortel.laatst
    ander = verander(woord, overdracht={"kindId": "x", "naar": "uitvoeren", "n": 1, "ronde": 1})
    boom.wortel.stap()
    af = boom.af(*boom.berichten, ander)
    assert codes(af) == [(TEGEN, boom.wortel.naam, True)]
    assert (af.werkstroom, letters(af)) == (None, "H")
    assert [(g.van, g.tot) for g in af.gaten] == [(4, 4)]


def test_een_verschil_dat_de_afleiding_niet_leest_is_ook_tegenstrijdig() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan()
    assert [
        a.code
        for a in boom.af(*boom.berichten, verander(boom.berichten[0], dienst="x")).afwijkingen
    ] == [TEGEN]


def test_twee_ids_voor_een_versie_tellen_geen_van_beide() -> None:
    boom = Boom(H)
    boom.wortel.loop().draag_over(W)
    tweede = hernoem(boom.wortel.laatst, id="een-ander-id")
    af = boom.af(*boom.berichten, tweede)
    assert codes(af) == [(TEGEN, boom.wortel.naam, True)]
    assert (af.werkstroom, af.gaten) == (None, ())
    assert enige_afwijking(af).gebeurtenissen == (f"{boom.wortel.naam}.4", "een-ander-id")


def test_twee_bronnen_voor_een_versie_zijn_ook_twee_ids() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan()
    elders = hernoem(boom.wortel.laatst, source="urn:nld:oin:00000099000000002000:systeem:x")
    assert [a.code for a in boom.af(*boom.berichten, elders).afwijkingen] == [TEGEN]


def test_drie_varianten_zijn_een_afwijking() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan()
    varianten = [verander(boom.berichten[0], dienst=d) for d in ("x", "y")]
    assert "3 verschillende" in enige_afwijking(boom.af(*boom.berichten, *varianten)).uitleg


def test_varianten_op_twee_versies_laten_beide_ongezien() -> None:
    boom = Boom(H)
    boom.wortel.loop().stap()
    verplaatst = verander(boom.berichten[1], versie=3)
    af = boom.af(*boom.berichten, verplaatst)
    assert [(g.van, g.tot) for g in af.gaten] == [(2, 3)]
    assert len(af.afwijkingen) == 2


def test_hetzelfde_id_met_dezelfde_bytes_is_alleen_dubbel() -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(U)
    assert boom.af(*boom.berichten, *boom.berichten) == boom.af()


def test_een_tegenstrijdige_sluiting_sluit_niet() -> None:
    boom = Boom(H)
    boom.wortel.loop().sluit()
    af = boom.af(*boom.berichten, verander(boom.wortel.laatst, uitkomst="afgebroken"))
    assert (af.status, af.uitkomst) == ("in_behandeling", None)


def test_een_tegenstrijdigheid_maakt_een_gat_en_dus_vermoedelijk() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    boom.wortel.keer_terug(boom.wortel.kind(U))
    assert codes(boom.af()) == [(TERUG, boom.wortel.naam, True)]
    af = boom.af(*boom.berichten, verander(boom.berichten[1], impact=1))
    assert (TERUG, boom.wortel.naam, False) in codes(af)
