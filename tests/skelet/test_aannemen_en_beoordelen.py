"""Domain, sections 3.1 to 3.3: aannemen, verhelderen, beoordelen."""

from itertools import product

import pytest
from tests.skelet.geval import (
    FEITEN,
    NIEUWE_STORING,
    OUDER_VAN,
    STRUCTURELE_STORING,
    aangenomen,
    beoordeeld,
    gegeven,
    geweigerd,
    id_,
    in_behandeling,
    zet,
)
from tests.skelet.soorten import SOORT

from schakel.contracts.melding import Kanaal, Meldersoort, Meldingsoort, Uitkomst
from schakel.contracts.werkstromen import SOORT_VAN, Proces, VierFeiten, werkstroom_bij
from schakel.herstellen.domein import Storing
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Plaats
from schakel.skelet.stappen.begin import Afgewezen, Beoordeeld, Verhelderd
from schakel.skelet.stappen.einde import Gereedgemeld, Gesloten
from schakel.uitvoeren.domein import Aanvraag
from schakel.verbeteren.domein import Verbetervoorstel

ALLE = pytest.mark.parametrize("proces", Proces)
VAN_BUITEN = [soort for soort in Meldersoort if soort is not Meldersoort.AMBTENAAR]


@ALLE
def test_een_aangenomen_melding_weet_wat_de_intake_zei(proces: Proces) -> None:
    soort = SOORT[proces]
    feit = aangenomen(
        soort,
        kanaal=Kanaal.BALIE,
        soort_volgens_melder=Meldingsoort.AANVRAAG,
        dataref="https://a.example.nl/1",
    )
    melding = gegeven(soort, feit)
    assert melding.volgnummer == f"{proces.letter}-2026-000001"
    assert (melding.kanaal, melding.melder) == (Kanaal.BALIE, feit.melder)
    assert melding.soort_volgens_melder is Meldingsoort.AANVRAAG
    assert melding.termijnen == {"beslistermijn": feit.uiterlijk}
    assert melding.status == "aangenomen"


def test_een_melding_wordt_maar_een_keer_aangenomen() -> None:
    melding = gegeven(Storing, aangenomen(Storing))
    with pytest.raises(Weigering, match="al-aangenomen"):
        melding.neem_aan(aangenomen(Storing))
    assert melding.nieuw == []


@pytest.mark.parametrize("melder", VAN_BUITEN)
def test_een_verbetervoorstel_komt_nooit_van_buiten(melder: Meldersoort) -> None:
    voorstel = Verbetervoorstel(id_(), Plaats(id_()))
    with pytest.raises(Weigering, match="melder-past-niet") as fout:
        voorstel.neem_aan(aangenomen(Verbetervoorstel, melder=melder))
    assert (voorstel.nieuw, fout.value.toegestaan) == ([], ())


@pytest.mark.parametrize(
    ("proces", "melder"),
    [*product([p for p in Proces if p is not Proces.VERBETEREN], Meldersoort)],
)
def test_de_andere_vier_staan_voor_iedereen_open(proces: Proces, melder: Meldersoort) -> None:
    melding = SOORT[proces](id_(), Plaats(id_()))
    feit = aangenomen(SOORT[proces], melder=melder)
    melding.neem_aan(feit)
    assert melding.nieuw == [feit]


def test_wie_zonder_machtiging_namens_een_ander_meldt_kan_alleen_worden_afgewezen() -> None:
    melding = gegeven(Aanvraag, aangenomen(Aanvraag, namens_ander=True))
    for stap in ("verhelderingen", "beoordelingen", "omzettingen"):
        with geweigerd(melding, "niet-bevoegd"):
            zet(melding, stap)
    assert "afwijzingen" in melding.mogelijke_stappen()
    melding.wijs_af("geen-machtiging")
    assert melding.nieuw == [Afgewezen("geen-machtiging"), Gesloten(Uitkomst.AFGEWEZEN)]


def test_met_een_machtiging_mag_een_ander_het_woord_voeren() -> None:
    melding = gegeven(Aanvraag, aangenomen(Aanvraag, namens_ander=True, machtiging="mantelzorg"))
    melding.verhelder()
    assert melding.nieuw == [Verhelderd()]


@ALLE
def test_verhelderen_gebeurt_een_keer_en_voor_de_beoordeling(proces: Proces) -> None:
    melding = gegeven(SOORT[proces], aangenomen(SOORT[proces]))
    with geweigerd(melding, "niet-verhelderd"):
        zet(melding, "beoordelingen")
    melding.verhelder()
    assert (melding.nieuw, melding.status) == ([Verhelderd()], "verhelderd")
    with geweigerd(melding, "al-verhelderd"):
        melding.verhelder()


@pytest.mark.parametrize("proces", OUDER_VAN)
def test_een_overgedragen_melding_slaat_het_gesprek_met_de_melder_over(proces: Proces) -> None:
    soort = SOORT[proces]
    melding = gegeven(soort, aangenomen(soort), genest=True)
    with geweigerd(melding, "genest"):
        melding.verhelder()
    zet(melding, "beoordelingen")
    assert melding.nieuw == [beoordeeld(FEITEN[proces][0])]


@ALLE
def test_eigen_stappen_volgen_op_de_beoordeling(proces: Proces) -> None:
    soort = SOORT[proces]
    melding = gegeven(soort, aangenomen(soort), Verhelderd())
    eigen = [stap for stap in melding.STAPPEN if stap not in SOORT_GEMEEN]
    assert eigen
    for stap in eigen:
        with geweigerd(melding, "niet-beoordeeld"):
            zet(melding, stap)


SOORT_GEMEEN = set.intersection(*(set(soort.STAPPEN) for soort in SOORT.values()))
SOORT_GEMEEN.add("overdracht-terugnames")  # of every process that hands over, at any moment


@ALLE
@pytest.mark.parametrize("feiten", [VierFeiten(*vier) for vier in product((True, False), repeat=4)])
def test_de_vier_feiten_passen_bij_de_soort_of_de_melding_wordt_omgezet(
    proces: Proces, feiten: VierFeiten
) -> None:
    soort = SOORT[proces]
    melding = gegeven(soort, aangenomen(soort), Verhelderd())
    if werkstroom_bij(feiten).meldingsoort is SOORT_VAN[proces]:
        melding.beoordeel(feiten, 2, 2, maatwerk=False)
        assert melding.nieuw == [beoordeeld(feiten)]
    else:
        with geweigerd(melding, "ander-soort"):
            melding.beoordeel(feiten, 2, 2, maatwerk=False)
        assert "omzettingen" in melding.mogelijke_stappen()


@pytest.mark.parametrize(
    ("impact", "urgentie", "prioriteit"),
    [(1, 1, 1), (1, 2, 2), (2, 1, 2), (2, 2, 3), (1, 3, 3), (3, 2, 4), (3, 3, 5)],
)
def test_impact_en_urgentie_geven_samen_de_prioriteit(
    impact: int, urgentie: int, prioriteit: int
) -> None:
    melding = gegeven(Storing, aangenomen(Storing), Verhelderd())
    melding.beoordeel(NIEUWE_STORING, impact, urgentie, maatwerk=False)
    assert melding.prioriteit == prioriteit


def test_opnieuw_beoordelen_kan_zolang_niet_is_gereedgemeld() -> None:
    melding = gegeven(Storing, *in_behandeling(Storing))
    melding.beoordeel(STRUCTURELE_STORING, 1, 1, maatwerk=False)
    assert melding.nieuw == [beoordeeld(STRUCTURELE_STORING, 1, 1)]


def test_na_gereedmelding_wordt_niet_meer_beoordeeld() -> None:
    melding = gegeven(Aanvraag, *in_behandeling(Aanvraag), Gereedgemeld("geleverd"))
    with geweigerd(melding, "al-gereedgemeld"):
        zet(melding, "beoordelingen")


def test_maatwerk_binnen_de_regels_is_een_aanvraag_met_een_vlag() -> None:
    melding = gegeven(Aanvraag, aangenomen(Aanvraag), Verhelderd())
    melding.beoordeel(FEITEN[Proces.UITVOEREN][0], 2, 2, maatwerk=True)
    (feit,) = melding.nieuw
    assert isinstance(feit, Beoordeeld)
    assert feit.maatwerk


@pytest.mark.parametrize("proces", [p for p in Proces if p is not Proces.UITVOEREN])
def test_maatwerk_is_nooit_iets_anders_dan_een_aanvraag(proces: Proces) -> None:
    soort = SOORT[proces]
    melding = gegeven(soort, aangenomen(soort), Verhelderd())
    with geweigerd(melding, "maatwerk-past-niet"):
        melding.beoordeel(FEITEN[proces][0], 2, 2, maatwerk=True)


def test_maatwerk_buiten_de_regels_is_een_wens_en_wordt_omgezet() -> None:
    melding = gegeven(Aanvraag, aangenomen(Aanvraag), Verhelderd())
    buiten = FEITEN[Proces.AFSPREKEN][0]
    with geweigerd(melding, "ander-soort"):
        melding.beoordeel(buiten, 2, 2, maatwerk=True)
    genest = gegeven(Aanvraag, aangenomen(Aanvraag), genest=True)
    with geweigerd(genest, "maatwerk-past-niet"):
        genest.beoordeel(buiten, 2, 2, maatwerk=True)


@ALLE
def test_afwijzen_gebeurt_voor_de_beoordeling(proces: Proces) -> None:
    soort = SOORT[proces]
    melding = gegeven(soort, aangenomen(soort), Verhelderd())
    melding.wijs_af("niet-voor-ons")
    assert melding.nieuw == [Afgewezen("niet-voor-ons"), Gesloten(Uitkomst.AFGEWEZEN)]
    assert (melding.status, melding.uitkomst) == ("gesloten", Uitkomst.AFGEWEZEN)
    beoordeelde = gegeven(soort, *in_behandeling(soort))
    with geweigerd(beoordeelde, "al-beoordeeld"):
        beoordeelde.wijs_af("niet-voor-ons")
