"""Domain, section 4: the relations for which nobody waits."""

import pytest
from tests.skelet.geval import (
    aangenomen,
    gegeven,
    geweigerd,
    id_,
    in_behandeling,
    nieuwe,
    zet,
)
from tests.skelet.soorten import SOORT

from schakel.contracts.melding import Meldersoort, Uitkomst
from schakel.contracts.organisatie import Verwijzing
from schakel.contracts.uitvoeren import Besluit
from schakel.contracts.werkstromen import Proces
from schakel.herstellen.domein import Geanalyseerd, Storing, WorkaroundGeboden
from schakel.skelet.stappen.begin import Afgewezen
from schakel.skelet.stappen.einde import Gesloten, Voltooid
from schakel.skelet.stappen.rand import MEESTE_KOPPELINGEN, Gekoppeld, KoppelingVoltooid
from schakel.skelet.stappen.voortgekomen import Voortgekomen
from schakel.uitvoeren.domein import Aanvraag, Uitgevoerd, UitvoeringGepland

H, V = Proces.HERSTELLEN, Proces.VERBETEREN
ANDER = id_()
GELEVERD = (*in_behandeling(Aanvraag), UitvoeringGepland(), Uitgevoerd(Besluit.GELEVERD))


@pytest.mark.parametrize("proces", Proces)
def test_koppelen_kan_in_elke_stap_tot_het_sluiten(proces: Proces) -> None:
    soort = SOORT[proces]
    for feiten in ((aangenomen(soort),), (*in_behandeling(soort), Voltooid())):
        melding = gegeven(soort, *feiten)
        melding.koppel(Verwijzing(H, ANDER), "dubbel")
        melding.koppel(Verwijzing(H, ANDER), "dubbel")
        assert melding.nieuw == [Gekoppeld(ANDER, H, "dubbel")]
    gesloten = gegeven(
        soort, aangenomen(soort), Afgewezen("niet-ons"), Gesloten(Uitkomst.AFGEWEZEN)
    )
    with geweigerd(gesloten, "al-gesloten"):
        gesloten.koppel(Verwijzing(H, ANDER), "dubbel")


def test_een_melding_wordt_niet_aan_zichzelf_gekoppeld() -> None:
    melding = gegeven(Storing, aangenomen(Storing))
    with geweigerd(melding, "zelfde-melding"):
        melding.koppel(melding.waar, "dubbel")


def test_op_een_koppeling_wordt_niet_gewacht() -> None:
    melding = gegeven(Aanvraag, *GELEVERD, Gekoppeld(ANDER, H, "gerelateerd"))
    zet(melding, "gereedmeldingen")
    assert melding.status == "gereedgemeld"


def test_bij_voltooiing_horen_alle_gekoppelde_meldingen_het() -> None:
    tweede = id_()
    melding = gegeven(
        Aanvraag, *GELEVERD, Gekoppeld(ANDER, H, "dubbel"), Gekoppeld(tweede, V, "gerelateerd")
    )
    zet(melding, "gereedmeldingen")
    zet(melding, "tevredenheidscontroles")
    assert melding.nieuw[-1] == Voltooid(gekoppeld=(ANDER, tweede))


def test_wat_in_een_bericht_moet_passen_heeft_een_grens() -> None:
    koppelingen = (Gekoppeld(id_(), H, "dubbel") for _ in range(MEESTE_KOPPELINGEN))
    melding = gegeven(Storing, aangenomen(Storing), *koppelingen)
    with geweigerd(melding, "te-veel-koppelingen"):
        melding.koppel(Verwijzing(H, id_()), "dubbel")
    assert "koppelingen" not in melding.mogelijke_stappen()


def test_een_voltooide_koppeling_wordt_een_keer_gehoord_en_alleen_als_ze_er_is() -> None:
    melding = gegeven(Storing, aangenomen(Storing), Gekoppeld(ANDER, V, "workaround"))
    melding.hoor_voltooiing(ANDER)
    melding.hoor_voltooiing(ANDER)
    melding.hoor_voltooiing(id_())
    assert melding.nieuw == [KoppelingVoltooid(ANDER)]


def test_ook_een_gesloten_storing_hoort_dat_de_structurele_oplossing_er_is() -> None:
    melding = gegeven(
        Storing,
        aangenomen(Storing),
        Gekoppeld(ANDER, V, "workaround"),
        Voltooid(),
        Gesloten(Uitkomst.VOLTOOID),
    )
    melding.hoor_voltooiing(ANDER)
    assert melding.nieuw == [KoppelingVoltooid(ANDER)]


def test_een_workaround_is_een_koppeling_met_een_verbetervoorstel() -> None:
    melding = gegeven(Storing, *in_behandeling(Storing), Geanalyseerd())
    voorstel = nieuwe(V, Meldersoort.AMBTENAAR)
    melding.bied_workaround("noodverlichting", voorstel)
    assert melding.nieuw == [
        WorkaroundGeboden("noodverlichting"),
        Voortgekomen("workaround", voorstel),
        Gekoppeld(voorstel.id, V, "workaround"),
    ]
    zet(melding, "overdrachten")


@pytest.mark.parametrize("naar", [H, V])
def test_bewaking_geeft_een_melding_waar_niemand_op_wacht(naar: Proces) -> None:
    melding, nieuw = gegeven(Aanvraag, *GELEVERD), nieuwe(naar, Meldersoort.AMBTENAAR)
    melding.signaleer(nieuw)
    assert melding.nieuw == [Voortgekomen("monitoring", nieuw)]
    assert melding.voortgekomen == [nieuw.id]
    zet(melding, "gereedmeldingen")
