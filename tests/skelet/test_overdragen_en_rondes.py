"""Domain, sections 3.5 and 3.6: hand over, wait, check; and what section 5 rules about it."""

from itertools import product
from uuid import UUID

import pytest
from tests.skelet.geval import (
    EIGEN_NA,
    EIGEN_VOOR,
    OP,
    STRUCTURELE_STORING,
    beoordeeld,
    draag_over,
    gegeven,
    geweigerd,
    id_,
    in_behandeling,
    overgedragen,
    teruggekeerd,
    zet,
    zet_alle,
)
from tests.skelet.soorten import SOORT

from schakel.contracts.melding import Resultaat, Uitkomst
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces, mag_overdragen
from schakel.herstellen.domein import Geanalyseerd, Storing
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.melding import Melding
from schakel.skelet.stappen.einde import Gereedgemeld, Gesloten, Voltooid
from schakel.skelet.stappen.overdracht import Gecontroleerd, OverdrachtGeweigerd, Overgedragen
from schakel.skelet.stappen.voortijdig import Afgebroken, Ingetrokken

GEVERS = [proces for proces in Proces if OVERDRACHT_NAAR[proces]]
W, U = Proces.WIJZIGEN, Proces.UITVOEREN
K1, K2 = id_(), id_()
KLAAR_OM_OVER_TE_DRAGEN = (*in_behandeling(Storing), Geanalyseerd("kabelbreuk"))
LEEG = Resultaat.ZONDER_RESULTAAT


def storing(*feiten: Gebeurtenis) -> Storing:
    """A storing that is analysed, and to which this happened after that."""
    return gegeven(Storing, *KLAAR_OM_OVER_TE_DRAGEN, *feiten)


def gever(proces: Proces) -> Melding:
    """A first melding that may hand over."""
    soort = SOORT[proces]
    return zet_alle(gegeven(soort, *in_behandeling(soort)), *EIGEN_VOOR[proces])


@pytest.mark.parametrize(("van", "naar"), [*product(GEVERS, Proces)])
def test_overdragen_mag_alleen_waar_het_model_een_relatie_heeft(van: Proces, naar: Proces) -> None:
    melding = gever(van)
    voor = len(melding.nieuw)
    if mag_overdragen(van, naar):
        kind_id = draag_over(melding, naar)
        (feit,) = melding.nieuw[voor:]
        assert isinstance(feit, Overgedragen)
        assert (feit.kind_id, feit.naar, feit.n, feit.ronde) == (kind_id, naar, 1, 1)
        assert (feit.kanaal, feit.melder) == (melding.kanaal, melding.melder)
        assert melding.status == "overgedragen"
    else:
        with geweigerd(melding, "overdracht-niet-toegestaan"):
            draag_over(melding, naar)


@pytest.mark.parametrize("naar", Proces)
def test_uitvoeren_draagt_nooit_over(naar: Proces) -> None:
    soort = SOORT[U]
    melding = gegeven(soort, *in_behandeling(soort))
    assert not {"overdrachten", "controles"} & {*soort.STAPPEN}
    with geweigerd(melding, "overdracht-niet-toegestaan"):
        draag_over(melding, naar)
    with geweigerd(melding, "niets-te-controleren"):
        melding.controleer(goed=True)


@pytest.mark.parametrize("proces", GEVERS)
def test_overdragen_volgt_op_de_eigen_stappen(proces: Proces) -> None:
    soort = SOORT[proces]
    melding = gegeven(soort, *in_behandeling(soort))
    for stap in EIGEN_VOOR[proces]:
        with geweigerd(melding, "stap-ontbreekt"):
            draag_over(melding, OVERDRACHT_NAAR[proces][0])
        zet(melding, stap)
    draag_over(melding, OVERDRACHT_NAAR[proces][0])


@pytest.mark.parametrize("proces", GEVERS)
def test_de_gever_wacht_en_gaat_na_een_goede_controle_verder(proces: Proces) -> None:
    melding = gever(proces)
    kind_id = draag_over(melding, OVERDRACHT_NAAR[proces][0])
    with geweigerd(melding, "wacht-op-terugkeer"):
        melding.controleer(goed=True)
    with geweigerd(melding, "niet-goedgekeurd"):
        zet(melding, "gereedmeldingen")
    melding.neem_terug(kind_id, Resultaat.VOLTOOID)
    with geweigerd(melding, "niet-goedgekeurd"):
        zet(melding, "gereedmeldingen")
    melding.controleer(goed=True)
    for stap in EIGEN_NA.get(proces, ()):
        with geweigerd(melding, "stap-ontbreekt"):
            zet(melding, "gereedmeldingen")
        zet(melding, stap)
    zet(melding, "gereedmeldingen")
    assert melding.status == "gereedgemeld"


@pytest.mark.parametrize("proces", EIGEN_NA)
def test_de_laatste_eigen_stap_komt_na_de_controle(proces: Proces) -> None:
    melding = gever(proces)
    (laatste,) = EIGEN_NA[proces]
    with geweigerd(melding, "niet-goedgekeurd"):
        zet(melding, laatste)


def test_een_terugkeer_die_nergens_op_past_doet_niets() -> None:
    melding = storing(overgedragen(K1, U), teruggekeerd(K1))
    melding.neem_terug(K1, Resultaat.VOLTOOID)
    melding.neem_terug(K2, Resultaat.VOLTOOID)
    melding.hoor_weigering(K1, "te-druk")
    assert melding.nieuw == []


def test_er_mogen_er_meer_tegelijk_openstaan_ook_bij_verschillende_processen() -> None:
    melding = storing(overgedragen(K1, U))
    draag_over(melding, W)
    (feit,) = melding.nieuw
    assert isinstance(feit, Overgedragen)
    assert (feit.naar, feit.n, feit.ronde) == (W, 2, 1)


@pytest.mark.parametrize("eerst", [K1, K2])
def test_er_is_een_oordeel_als_alles_van_de_ronde_terug_is(eerst: UUID) -> None:
    ander = K2 if eerst == K1 else K1
    melding = storing(overgedragen(K1, U), overgedragen(K2, W, 2))
    melding.neem_terug(eerst, Resultaat.VOLTOOID)
    with geweigerd(melding, "wacht-op-terugkeer"):
        melding.controleer(goed=True)
    melding.neem_terug(ander, Resultaat.VOLTOOID)
    melding.controleer(goed=True)
    with geweigerd(melding, "al-gecontroleerd"):
        melding.controleer(goed=True)
    assert melding.nieuw[-1] == Gecontroleerd(1, True)


def test_een_afgekeurde_controle_geeft_een_nieuwe_ronde() -> None:
    melding = storing(overgedragen(K1, U), teruggekeerd(K1), Gecontroleerd(1, False))
    with geweigerd(melding, "al-gecontroleerd"):
        melding.controleer(goed=True)
    with geweigerd(melding, "niet-goedgekeurd"):
        zet(melding, "gereedmeldingen")
    kind_id = draag_over(melding, U)
    assert melding.nieuw == [overgedragen(kind_id, U, 2, 2)]


def test_na_een_goede_controle_wordt_zonder_nieuwe_beoordeling_niets_meer_overgedragen() -> None:
    melding = storing(overgedragen(K1, U), teruggekeerd(K1), Gecontroleerd(1, True))
    with geweigerd(melding, "al-goedgekeurd"):
        draag_over(melding, U)
    melding.beoordeel(STRUCTURELE_STORING, 2, 2, maatwerk=False)
    kind_id = draag_over(melding, W)
    assert melding.nieuw[-1] == overgedragen(kind_id, W, 2, 2)
    assert not melding.is_goedgekeurd


def test_werkstroom_4_die_structureel_blijkt_gaat_in_een_nieuwe_ronde_naar_wijzigen() -> None:
    melding = storing(overgedragen(K1, U))
    melding.beoordeel(STRUCTURELE_STORING, 2, 2, maatwerk=False)
    kind_id = draag_over(melding, W)
    assert melding.nieuw == [beoordeeld(STRUCTURELE_STORING), overgedragen(kind_id, W, 2, 2)]
    melding.neem_terug(kind_id, Resultaat.VOLTOOID)
    with geweigerd(melding, "wacht-op-terugkeer"):
        melding.controleer(goed=True)


def test_afkeuren_en_herbeoordelen_samen_geven_een_nieuwe_ronde() -> None:
    melding = storing(
        overgedragen(K1, U),
        teruggekeerd(K1),
        Gecontroleerd(1, False),
        beoordeeld(STRUCTURELE_STORING),
    )
    draag_over(melding, W)
    assert melding.ronde == 2


def test_een_verbetervoorstel_gaat_van_8_via_7_naar_6() -> None:
    melding = gever(Proces.VERBETEREN)
    for naar, ronde in ((U, 1), (W, 2), (Proces.AFSPREKEN, 3)):
        kind_id = draag_over(melding, naar)
        assert (melding.ronde, melding.kinderen[kind_id].ronde) == (ronde, ronde)
        melding.neem_terug(kind_id, Resultaat.VOLTOOID)
        melding.controleer(goed=naar is Proces.AFSPREKEN)
    assert [kind.n for kind in melding.kinderen.values()] == [1, 2, 3]
    zet_alle(melding, "restrisicos", "gereedmeldingen")


def test_een_kind_zonder_resultaat_wordt_niet_goedgekeurd() -> None:
    melding = storing(overgedragen(K1, U), teruggekeerd(K1, LEEG))
    with geweigerd(melding, "zonder-resultaat"):
        melding.controleer(goed=True)
    melding.controleer(goed=False)
    draag_over(melding, U)
    assert melding.ronde == 2


def test_na_een_kind_zonder_resultaat_begint_wat_volgt_een_nieuwe_ronde() -> None:
    """Controle or not; what is still open stays in the ronde that it was handed over in."""
    melding = storing(overgedragen(K1, U), overgedragen(K2, W, 2), teruggekeerd(K1, LEEG))
    kind_id = draag_over(melding, U)
    assert melding.nieuw == [overgedragen(kind_id, U, 3, 2)]
    assert melding.kinderen[K2].ronde == 1
    ander = draag_over(melding, W)
    assert (melding.kinderen[ander].ronde, melding.ronde) == (2, 2)
    for een in (kind_id, ander):
        melding.neem_terug(een, Resultaat.VOLTOOID)
    with geweigerd(melding, "wacht-op-terugkeer"):
        melding.controleer(goed=True)
    melding.neem_terug(K2, Resultaat.VOLTOOID)
    melding.controleer(goed=True)
    assert melding.nieuw[-1] == Gecontroleerd(2, True)


def test_er_staan_er_hoogstens_vijftig_open_en_er_zijn_er_hoogstens_duizend() -> None:
    melding = storing()
    kinderen = [draag_over(melding, U) for _ in range(50)]
    with geweigerd(melding, "te-veel-overdrachten"):
        draag_over(melding, U)
    assert "overdrachten" not in melding.mogelijke_stappen()
    for _ in range(950):
        melding.neem_terug(kinderen.pop(), Resultaat.VOLTOOID)
        kinderen.append(draag_over(melding, U))
    for kind in kinderen:
        melding.neem_terug(kind, Resultaat.VOLTOOID)
    with geweigerd(melding, "te-veel-overdrachten"):
        draag_over(melding, U)


def test_een_kind_zonder_resultaat_uit_een_vorige_ronde_telt_niet_meer() -> None:
    melding = storing(
        overgedragen(K1, U),
        teruggekeerd(K1, LEEG),
        Gecontroleerd(1, False),
        overgedragen(K2, U, 2, 2),
        teruggekeerd(K2),
    )
    melding.controleer(goed=True)
    assert melding.nieuw == [Gecontroleerd(2, True)]


@pytest.mark.parametrize("uitkomst", [Uitkomst.GEEN_OVEREENSTEMMING, Uitkomst.AFGEBROKEN])
def test_na_een_kind_zonder_resultaat_kan_de_gever_ermee_eindigen(uitkomst: Uitkomst) -> None:
    melding = storing(overgedragen(K1, U), teruggekeerd(K1, LEEG))
    melding.breek_af("kind-leverde-niet", uitkomst)
    assert melding.nieuw == [Afgebroken("kind-leverde-niet", uitkomst), Gesloten(uitkomst)]
    assert melding.uitkomst is uitkomst


def test_geen_overeenstemming_is_alleen_wat_een_kind_terugbracht() -> None:
    melding = storing(overgedragen(K1, U), overgedragen(K2, W, 2))
    melding.neem_terug(K1, LEEG, Uitkomst.AFGEBROKEN)
    with geweigerd(melding, "uitkomst-past-niet"):
        melding.breek_af("kind-leverde-niet", Uitkomst.GEEN_OVEREENSTEMMING)
    melding.neem_terug(K2, LEEG, Uitkomst.GEEN_OVEREENSTEMMING)
    with geweigerd(melding, "uitkomst-past-niet"):
        melding.breek_af("kind-leverde-niet", Uitkomst.OMGEZET)
    melding.breek_af("kind-leverde-niet", Uitkomst.GEEN_OVEREENSTEMMING)
    assert melding.uitkomst is Uitkomst.GEEN_OVEREENSTEMMING


def test_zonder_zo_een_kind_is_afbreken_gewoon_afgebroken() -> None:
    melding = storing(overgedragen(K1, U))
    with geweigerd(melding, "uitkomst-past-niet"):
        melding.breek_af("te-duur", Uitkomst.GEEN_OVEREENSTEMMING)
    melding.breek_af("te-duur", Uitkomst.AFGEBROKEN)
    assert melding.uitkomst is Uitkomst.AFGEBROKEN


@pytest.mark.parametrize(
    "uitkomst", sorted(set(Uitkomst) - {Uitkomst.AFGEBROKEN, Uitkomst.GEEN_OVEREENSTEMMING})
)
def test_afbreken_eindigt_nooit_in_een_andere_uitkomst(uitkomst: Uitkomst) -> None:
    melding = storing(overgedragen(K1, U), teruggekeerd(K1, LEEG))
    with geweigerd(melding, "uitkomst-past-niet"):
        melding.breek_af("zomaar", uitkomst)


def test_een_geweigerde_overdracht_is_weer_ons_werk_in_dezelfde_ronde() -> None:
    melding = storing(overgedragen(K1, U))
    melding.hoor_weigering(K1, "te-druk")
    assert melding.nieuw == [OverdrachtGeweigerd(K1, "te-druk")]
    with geweigerd(melding, "niets-te-controleren"):
        melding.controleer(goed=True)
    kind_id = draag_over(melding, U)
    assert melding.nieuw[-1] == overgedragen(kind_id, U, 2, 1)


def test_wat_na_het_sluiten_terugkomt_is_geen_gebeurtenis_meer() -> None:
    melding = storing(
        overgedragen(K1, U), Ingetrokken("op-verzoek"), Gesloten(Uitkomst.INGETROKKEN)
    )
    melding.neem_terug(K1, Resultaat.VOLTOOID)
    melding.hoor_weigering(K1, "te-druk")
    assert melding.nieuw == []


def test_de_termijn_van_een_overdracht_vervalt_met_de_terugkeer() -> None:
    melding = storing(overgedragen(K1, U), overgedragen(K2, U, 2))
    assert {f"overdracht:{K1}", f"overdracht:{K2}"} < melding.termijnen.keys()
    melding.neem_terug(K1, Resultaat.VOLTOOID)
    melding.hoor_weigering(K2, "te-druk")
    assert melding.termijnen.keys() == {"beslistermijn"}


@pytest.mark.parametrize("proces", [Proces.AFSPREKEN, Proces.WIJZIGEN])
def test_genest_is_gereedmelden_meteen_voltooien(proces: Proces) -> None:
    soort = SOORT[proces]
    begin = in_behandeling(soort)
    melding = gegeven(soort, begin[0], begin[2], genest=True)
    zet_alle(melding, *EIGEN_VOOR[proces])
    melding.neem_terug(draag_over(melding, OVERDRACHT_NAAR[proces][0]), Resultaat.VOLTOOID)
    zet_alle(melding, "controles", *EIGEN_NA.get(proces, ()))
    melding.meld_gereed("geleverd", OP)
    assert melding.nieuw[-2:] == [Gereedgemeld("geleverd"), Voltooid()]
    assert melding.uitkomst is Uitkomst.VOLTOOID
    with geweigerd(melding, "al-beeindigd"):
        zet(melding, "tevredenheidscontroles")
