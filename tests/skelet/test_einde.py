"""Domain, sections 3.7, 3.8 and 5: how a melding ends."""

import pytest
from tests.skelet.geval import (
    EIGEN_VOOR,
    OP,
    OUDER_VAN,
    aangenomen,
    gegeven,
    geweigerd,
    id_,
    in_behandeling,
    nieuwe,
    overgedragen,
    teruggekeerd,
    zet,
    zet_alle,
)
from tests.skelet.soorten import SOORT

from schakel.contracts.melding import Meldersoort, Oordeel, Uitkomst
from schakel.contracts.uitvoeren import Besluit
from schakel.contracts.werkstromen import Proces
from schakel.herstellen.domein import Geanalyseerd, Storing
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stappen.begin import Verhelderd
from schakel.skelet.stappen.einde import (
    Geevalueerd,
    Gereedgemeld,
    Gesloten,
    TevredenheidGecontroleerd,
    TevredenheidGevraagd,
    Voltooid,
)
from schakel.skelet.stappen.overdracht import Gecontroleerd
from schakel.skelet.stappen.rand import Opgeschort, PersoonsgegevensGewist
from schakel.skelet.stappen.voortgekomen import Voortgekomen
from schakel.skelet.stappen.voortijdig import Ingetrokken, Omgezet
from schakel.uitvoeren.domein import Aanvraag, Uitgevoerd, UitvoeringGepland

ALLE = pytest.mark.parametrize("proces", Proces)
A, H, U, V = Proces.AFSPREKEN, Proces.HERSTELLEN, Proces.UITVOEREN, Proces.VERBETEREN
K1 = id_()
GELEVERD = (*in_behandeling(Aanvraag), UitvoeringGepland(), Uitgevoerd(Besluit.GELEVERD))
GEREED = (*GELEVERD, Gereedgemeld("geleverd"), TevredenheidGevraagd(OP))
TEVREDEN = TevredenheidGecontroleerd(Oordeel.TEVREDEN)
VOLTOOID = (*GEREED, TEVREDEN, Voltooid())


def aanvraag(*feiten: Gebeurtenis) -> Aanvraag:
    """A first aanvraag with this history."""
    return gegeven(Aanvraag, *feiten)


def test_de_melder_wordt_gevraagd_zodra_is_gereedgemeld() -> None:
    melding = aanvraag(*GELEVERD)
    melding.meld_gereed("geleverd", OP)
    assert melding.nieuw == [Gereedgemeld("geleverd"), TevredenheidGevraagd(OP)]
    assert melding.termijnen["antwoord"] == OP


def test_een_tevreden_melder_maakt_de_werkstroom_voltooid() -> None:
    melding = aanvraag(*GEREED)
    melding.controleer_tevredenheid(Oordeel.TEVREDEN, None)
    assert melding.nieuw == [TEVREDEN, Voltooid()]
    assert (melding.status, melding.termijnen) == ("voltooid", {})


def test_een_ontevreden_melder_geeft_een_nieuwe_ronde() -> None:
    melding = gegeven(
        Storing,
        *in_behandeling(Storing),
        Geanalyseerd(),
        overgedragen(K1, U),
        teruggekeerd(K1),
        Gecontroleerd(1, goed=True),
        Gereedgemeld("hersteld"),
        TevredenheidGevraagd(OP),
    )
    melding.controleer_tevredenheid(Oordeel.NIET_TEVREDEN, None)
    assert melding.nieuw == [TevredenheidGecontroleerd(Oordeel.NIET_TEVREDEN)]
    with geweigerd(melding, "niet-goedgekeurd"):
        zet(melding, "gereedmeldingen")
    zet(melding, "overdrachten")
    assert (melding.ronde, len(melding.kinderen)) == (2, 2)


def test_in_uitvoeren_blijft_een_nieuwe_ronde_in_uitvoeren() -> None:
    melding = aanvraag(*GEREED, TevredenheidGecontroleerd(Oordeel.NIET_TEVREDEN))
    with geweigerd(melding, "stap-ontbreekt"):
        zet(melding, "gereedmeldingen")
    melding.voer_uit(Besluit.GELEVERD)
    assert (melding.ronde, melding.nieuw) == (2, [Uitgevoerd(Besluit.GELEVERD)])
    zet(melding, "gereedmeldingen")


def test_wil_de_melder_meer_dan_afgesproken_dan_is_dit_voltooid_en_komt_er_een_nieuwe() -> None:
    melding, meer = aanvraag(*GEREED), nieuwe(A)
    melding.controleer_tevredenheid(Oordeel.MEER_GEWENST, meer)
    assert melding.nieuw == [
        TevredenheidGecontroleerd(Oordeel.MEER_GEWENST),
        Voltooid(),
        Voortgekomen("meer-gewenst", meer),
    ]


@pytest.mark.parametrize("oordeel", Oordeel)
def test_een_nieuwe_melding_hoort_bij_meer_gewenst_en_bij_niets_anders(oordeel: Oordeel) -> None:
    melding = aanvraag(*GEREED)
    meer = None if oordeel is Oordeel.MEER_GEWENST else nieuwe(A)
    with geweigerd(melding, "wens-hoort-bij-meer-gewenst"):
        melding.controleer_tevredenheid(oordeel, meer)


def test_een_burger_die_meer_wil_krijgt_geen_verbetervoorstel() -> None:
    melding = aanvraag(*GEREED)
    with geweigerd(melding, "melder-past-niet"):
        melding.controleer_tevredenheid(Oordeel.MEER_GEWENST, nieuwe(V, Meldersoort.BURGER))


def test_zonder_reactie_is_nooit_het_oordeel_van_een_medewerker() -> None:
    melding = aanvraag(*GEREED)
    with geweigerd(melding, "termijn-loopt-nog"):
        melding.controleer_tevredenheid(Oordeel.ZONDER_REACTIE, None)


def test_voor_gereedmelding_is_er_niets_om_tevreden_over_te_zijn() -> None:
    melding = aanvraag(*GELEVERD)
    with geweigerd(melding, "niet-gereedgemeld"):
        melding.controleer_tevredenheid(Oordeel.TEVREDEN, None)


def test_een_geweigerde_vergunning_is_een_geleverde_dienst() -> None:
    melding = aanvraag(*in_behandeling(Aanvraag), UitvoeringGepland())
    melding.voer_uit(Besluit.GEWEIGERD)
    zet_alle(melding, "gereedmeldingen", "tevredenheidscontroles")
    assert melding.nieuw[0] == Uitgevoerd(Besluit.GEWEIGERD)
    assert melding.uitkomst is Uitkomst.VOLTOOID


def test_na_voltooiing_komt_evaluatie_en_dan_sluiting() -> None:
    melding = aanvraag(*VOLTOOID)
    melding.evalueer(None)
    with geweigerd(melding, "al-geevalueerd"):
        melding.evalueer(None)
    melding.sluit()
    assert melding.nieuw == [Geevalueerd(), Gesloten(Uitkomst.VOLTOOID)]
    with geweigerd(melding, "al-gesloten"):
        melding.sluit()


def test_evalueren_hoeft_niet_en_kan_niet_meer_na_het_sluiten() -> None:
    melding = aanvraag(*VOLTOOID)
    melding.sluit()
    with geweigerd(melding, "al-gesloten"):
        melding.evalueer(None)


def test_uit_evaluatie_kan_een_eigen_verbetervoorstel_voortkomen() -> None:
    melding, voorstel = aanvraag(*VOLTOOID), nieuwe(V, Meldersoort.AMBTENAAR)
    melding.evalueer(voorstel)
    assert melding.nieuw == [Geevalueerd(), Voortgekomen("evaluatie", voorstel)]


@ALLE
def test_wat_nog_loopt_wordt_niet_gesloten_of_geevalueerd(proces: Proces) -> None:
    melding = gegeven(SOORT[proces], *in_behandeling(SOORT[proces]))
    with geweigerd(melding, "niet-beeindigd"):
        melding.sluit()
    with geweigerd(melding, "niet-voltooid"):
        melding.evalueer(None)


@ALLE
def test_intrekken_kan_in_elke_stap_tot_de_werkstroom_voltooid_is(proces: Proces) -> None:
    soort = SOORT[proces]
    for feiten in (
        (aangenomen(soort),),
        in_behandeling(soort),
        (*in_behandeling(soort), Opgeschort("wacht", OP)),
        (*in_behandeling(soort), Gereedgemeld("klaar"), TevredenheidGevraagd(OP)),
    ):
        melding = gegeven(soort, *feiten)
        melding.trek_in("bedacht")
        assert melding.nieuw == [Ingetrokken("bedacht"), Gesloten(Uitkomst.INGETROKKEN)]
        assert melding.termijnen == {}


def test_na_voltooiing_wordt_niets_meer_ingetrokken() -> None:
    melding = aanvraag(*VOLTOOID)
    with geweigerd(melding, "al-voltooid"):
        melding.trek_in("bedacht")


def test_een_ingetrokken_melding_wordt_niet_nog_eens_ingetrokken() -> None:
    melding = aanvraag(aangenomen(Aanvraag), Ingetrokken("bedacht"))
    with geweigerd(melding, "al-beeindigd"):
        melding.trek_in("bedacht")
    with geweigerd(melding, "al-beeindigd"):
        zet(melding, "tevredenheidscontroles")


@pytest.mark.parametrize("proces", OUDER_VAN)
def test_een_geneste_melding_trekt_niemand_in_maar_ze_vervalt_met_haar_ouder(
    proces: Proces,
) -> None:
    soort = SOORT[proces]
    melding = gegeven(soort, aangenomen(soort), genest=True)
    with geweigerd(melding, "genest"):
        melding.trek_in("bedacht")
    melding.verval()
    melding.verval()
    assert melding.nieuw == [Ingetrokken("ouder-beeindigd"), Gesloten(Uitkomst.INGETROKKEN)]


def test_een_voltooid_kind_blijft_voltooid_als_de_ouder_eindigt() -> None:
    melding = gegeven(Aanvraag, aangenomen(Aanvraag), Voltooid(), genest=True)
    melding.verval()
    assert (melding.nieuw, melding.uitkomst) == ([], Uitkomst.VOLTOOID)


@ALLE
def test_een_verkeerde_soort_wordt_in_elke_stap_omgezet(proces: Proces) -> None:
    soort = SOORT[proces]
    begin, verhelderd, oordeel = in_behandeling(soort)
    (doel,) = [p for p in (A, U) if p is not proces][:1]
    for feiten in (
        (begin,),
        (begin, verhelderd),
        (begin, verhelderd, oordeel),
        (begin, verhelderd, oordeel, Gereedgemeld("klaar"), TevredenheidGevraagd(OP)),
    ):
        melding, ander = gegeven(soort, *feiten), nieuwe(doel)
        melding.zet_om("verkeerde-soort", [ander])
        assert melding.nieuw == [
            Omgezet("verkeerde-soort", (ander,)),
            Gesloten(Uitkomst.OMGEZET),
        ]


@ALLE
def test_omzetten_is_nooit_naar_dezelfde_ene_soort(proces: Proces) -> None:
    melding = gegeven(SOORT[proces], aangenomen(SOORT[proces]))
    with geweigerd(melding, "zelfde-soort"):
        melding.zet_om("andere-soort", [nieuwe(proces, melding.melder)])


@ALLE
def test_een_vraag_die_er_meer_is_wordt_gesplitst_ook_in_de_eigen_soort(proces: Proces) -> None:
    melding = gegeven(SOORT[proces], aangenomen(SOORT[proces]))
    delen = tuple(nieuwe(p, melding.melder) for p in (proces, proces, H))
    melding.zet_om("meer-vragen", delen)
    assert melding.nieuw[0] == Omgezet("meer-vragen", delen)
    assert melding.voortgekomen == [deel.id for deel in delen]


def test_een_melding_van_een_burger_wordt_nooit_een_verbetervoorstel() -> None:
    melding = aanvraag(aangenomen(Aanvraag))
    with geweigerd(melding, "melder-past-niet"):
        melding.zet_om("risico", [nieuwe(A), nieuwe(V, Meldersoort.BURGER)])


def test_afbreken_vraagt_een_beoordeelde_melding() -> None:
    melding = aanvraag(aangenomen(Aanvraag), Verhelderd())
    with geweigerd(melding, "niet-beoordeeld"):
        melding.breek_af("te-duur", Uitkomst.AFGEBROKEN)


@ALLE
def test_een_beeindigde_melding_weigert_elke_stap_die_haar_zou_veranderen(proces: Proces) -> None:
    melding = gegeven(
        SOORT[proces],
        aangenomen(SOORT[proces]),
        Ingetrokken("weg"),
        Gesloten(Uitkomst.INGETROKKEN),
    )
    assert melding.mogelijke_stappen() == ["wissingen"]
    for stap in set(melding.STAPPEN) - {"wissingen"}:
        with pytest.raises(Weigering, match=r"al-beeindigd|al-gesloten|niet-voltooid"):
            zet(melding, stap)
    assert melding.nieuw == []


def test_persoonsgegevens_worden_een_keer_gewist_en_pas_na_het_sluiten() -> None:
    melding = aanvraag(*VOLTOOID)
    with geweigerd(melding, "niet-gesloten"):
        melding.wis("verzoek-betrokkene")
    melding.sluit()
    melding.wis("verzoek-betrokkene")
    assert melding.nieuw[-1] == PersoonsgegevensGewist("verzoek-betrokkene")
    with geweigerd(melding, "al-gewist"):
        melding.wis("verzoek-betrokkene")


@pytest.mark.parametrize("proces", OUDER_VAN)
def test_een_geneste_melding_sluit_en_evalueert_zoals_elke_andere(proces: Proces) -> None:
    soort = SOORT[proces]
    melding = gegeven(soort, aangenomen(soort), Voltooid(), genest=True)
    assert {"evaluaties", "sluitingen"} <= {*melding.mogelijke_stappen()}
    assert EIGEN_VOOR[proces][0] not in melding.mogelijke_stappen()
