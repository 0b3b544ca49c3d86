"""Work of which another organisation does a part: what a melding does, on both sides."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from tests.skelet.geval import (
    FEITEN,
    aangenomen,
    beoordeeld,
    gegeven,
    geweigerd,
    id_,
    in_behandeling,
    nieuwe,
    overgedragen,
    vastgelegd,
    zet_alle,
)
from tests.skelet.huis import B, aangeboden
from tests.skelet.soorten import SOORT

from schakel.contracts.feit import Door
from schakel.contracts.melding import Kindstatus, Oordeel, Resultaat, Uitkomst
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces
from schakel.kern.vastlegging.gebeurtenis import Deelwerk, Plaats
from schakel.skelet.routering import Bestemming
from schakel.skelet.stappen.einde import Gereedgemeld
from schakel.skelet.stappen.overdracht import OverdrachtAangeboden, OverdrachtTeruggenomen

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)
OP = datetime(2026, 3, 2, 10, tzinfo=UTC)
GEVERS = [proces for proces in Proces if OVERDRACHT_NAAR[proces]]
BEREIKBAAR = [A, W, U]
DOOR = Door(wie="schakel-grens", rol="systeem", regel="partner")


def gever(proces: Proces, *feiten: Any) -> Any:
    """A melding of this process that can hand over, and to which this happened too."""
    soort = SOORT[proces]
    voor = [zet_alle(gegeven(soort, *in_behandeling(soort)), *_voor(proces)).nieuw][0]
    return gegeven(soort, *in_behandeling(soort), *voor, *feiten)


def _voor(proces: Proces) -> tuple[str, ...]:
    return tuple(
        stap
        for stap in SOORT[proces].STAPPEN
        if stap in {"specificaties", "aanbiedingen", *SOORT[proces].VOOR_OVERDRACHT}
    )


def deel(proces: Proces, *feiten: Any) -> Any:
    """A melding of this process that another organisation handed over."""
    soort = SOORT[proces]
    van = {A: V, W: H, U: W}[proces]
    plaats = Plaats(UUID(int=1), deel=Deelwerk(UUID(int=77), B, van.value, 2, 3))
    melding = soort.herbouw(vastgelegd(plaats, (aangenomen(soort), *feiten)))
    assert melding is not None
    return melding


# The giver


@pytest.mark.parametrize("proces", GEVERS)
def test_een_overdracht_naar_buiten_is_een_overdracht_als_elke_andere(proces: Proces) -> None:
    naar = OVERDRACHT_NAAR[proces][0]
    melding = gever(proces)
    kind_id = id_()
    wens = Bestemming(B, gereed_voor=OP)
    melding.draag_over(kind_id, naar, "licht", OP, None, wens)
    (feit,) = melding.nieuw
    assert isinstance(feit, OverdrachtAangeboden)
    assert (feit.kind_id, feit.naar, feit.n, feit.ronde) == (kind_id, naar, 1, 1)
    assert (feit.organisatie, feit.dienst, feit.gereed_voor) == (B, "licht", OP)
    assert melding.status == "overgedragen"
    assert melding.kinderen[kind_id].organisatie == B
    assert melding.termijnen[f"overdracht:{kind_id}"] == OP
    melding.neem_terug(kind_id, Resultaat.VOLTOOID)
    assert "controles" in melding.mogelijke_stappen()


@pytest.mark.parametrize("proces", GEVERS)
def test_buiten_het_model_wordt_ook_naar_buiten_niet_overgedragen(proces: Proces) -> None:
    for naar in set(Proces) - {*OVERDRACHT_NAAR[proces]}:
        melding = gever(proces)
        with geweigerd(melding, "overdracht-niet-toegestaan"):
            melding.draag_over(id_(), naar, "licht", OP, None, Bestemming(B))


def test_wat_niemand_uitvoert_wordt_geweigerd_en_het_model_gaat_voor() -> None:
    nergens = Bestemming(bezwaar=("geen-uitvoerder", "niemand"))
    melding = gever(H)
    with geweigerd(melding, "geen-uitvoerder"):
        melding.draag_over(id_(), W, "licht", OP, None, nergens)
    with geweigerd(melding, "overdracht-niet-toegestaan"):
        melding.draag_over(id_(), A, "licht", OP, None, nergens)


def test_wat_voor_een_ander_is_zegt_men_niet_in_huis() -> None:
    for wens in (Bestemming(gereed_voor=OP), Bestemming(vervangt=id_())):
        melding = gever(H)
        with geweigerd(melding, "alleen-buitenshuis"):
            melding.draag_over(id_(), W, "licht", OP, None, wens)


def test_vervangt_noemt_alleen_wat_omgezet_terugkwam() -> None:
    oud, binnen, anders = id_(), id_(), id_()
    melding = gever(H, aangeboden(oud, W), overgedragen(binnen, U, 2), aangeboden(anders, U, 3))
    for geen in (id_(), oud):
        with geweigerd(melding, "vervangt-past-niet"):
            melding.draag_over(id_(), W, "licht", OP, None, Bestemming(B, vervangt=geen))
    melding.neem_terug(oud, Resultaat.ZONDER_RESULTAAT, Uitkomst.OMGEZET)
    melding.neem_terug(binnen, Resultaat.ZONDER_RESULTAAT, Uitkomst.OMGEZET)
    melding.neem_terug(anders, Resultaat.ZONDER_RESULTAAT, Uitkomst.AFGEBROKEN)
    for geen in (binnen, anders):
        with geweigerd(melding, "vervangt-past-niet"):
            melding.draag_over(id_(), W, "licht", OP, None, Bestemming(B, vervangt=geen))
    for _ in range(2):  # once per item that it was changed into
        melding.draag_over(id_(), W, "licht", OP, None, Bestemming(B, vervangt=oud))
    assert [(f.vervangt, f.ronde) for f in melding.nieuw[-2:]] == [(oud, 2), (oud, 2)]


@pytest.mark.parametrize("elders", [True, False])
@pytest.mark.parametrize("proces", GEVERS)
def test_een_open_overdracht_kan_altijd_worden_teruggenomen(proces: Proces, elders: bool) -> None:
    naar, kind_id = OVERDRACHT_NAAR[proces][0], id_()
    melding = gever(proces, (aangeboden if elders else overgedragen)(kind_id, naar))
    melding.schort_op("wacht", OP)
    assert "overdracht-terugnames" in melding.mogelijke_stappen()
    melding.neem_overdracht_terug(kind_id, "duurt-te-lang")
    assert melding.nieuw[-1] == OverdrachtTeruggenomen(kind_id, "duurt-te-lang")
    assert melding.kinderen[kind_id].status is Kindstatus.TERUGGENOMEN
    assert f"overdracht:{kind_id}" not in melding.termijnen
    with geweigerd(melding, "niets-open"):
        melding.neem_overdracht_terug(kind_id, "nog-eens")
    voor = list(melding.nieuw)
    melding.neem_terug(kind_id, Resultaat.VOLTOOID)  # late: notes
    melding.hoor_weigering(kind_id, "ingetrokken")
    assert melding.nieuw == voor
    melding.hervat(OP)
    with geweigerd(melding, "niets-te-controleren"):
        melding.controleer(goed=True)
    assert {"overdrachten", "afbrekingen"} <= {*melding.mogelijke_stappen()}
    melding.draag_over(id_(), naar, "licht", OP, None)
    assert melding.nieuw[-1].ronde == 2


def test_van_wat_niet_open_staat_is_er_niets_terug_te_nemen() -> None:
    open_, weg = id_(), id_()
    melding = gever(H, overgedragen(open_, U), aangeboden(weg, W, 2))
    melding.hoor_weigering(weg, "niet-van-ons")
    for kind_id in (weg, id_()):
        with geweigerd(melding, "overdracht-niet-open"):
            melding.neem_overdracht_terug(kind_id, "zomaar")
    melding.trek_in("op-verzoek")
    with geweigerd(melding, "al-beeindigd"):
        melding.neem_overdracht_terug(open_, "zomaar")


def test_wat_wel_terugkwam_wordt_gecontroleerd_zonder_wat_werd_teruggenomen() -> None:
    een, ander = id_(), id_()
    melding = gever(H, overgedragen(een, U), aangeboden(ander, W, 2))
    melding.neem_terug(een, Resultaat.VOLTOOID)
    with geweigerd(melding, "wacht-op-terugkeer"):
        melding.controleer(goed=True)
    melding.neem_overdracht_terug(ander, "duurt-te-lang")
    melding.controleer(goed=True)
    assert melding.is_goedgekeurd


# What another organisation handed over


@pytest.mark.parametrize("proces", BEREIKBAAR)
def test_wat_een_ander_overdroeg_heeft_geen_gesprek_met_de_melder(proces: Proces) -> None:
    melding = deel(proces)
    assert melding.is_genest
    assert melding.ouder is None
    for stap in ("verhelderingen", "intrekkingen", "tevredenheidscontroles"):
        assert stap not in melding.mogelijke_stappen()
    with geweigerd(melding, "genest"):
        melding.trek_in("zomaar")
    with geweigerd(melding, "genest"):
        melding.controleer_tevredenheid(Oordeel.TEVREDEN, None)
    with geweigerd(melding, "genest"):
        melding.verhelder()
    assert {"beoordelingen", "omzettingen", "afwijzingen"} <= {*melding.mogelijke_stappen()}


def test_gereed_is_voltooid_en_niemand_wordt_gevraagd() -> None:
    melding = deel(U, beoordeeld(FEITEN[U][0]))
    zet_alle(melding, "planningen", "uitvoeringen", "gereedmeldingen")
    assert [type(feit).__name__ for feit in melding.nieuw][-2:] == ["Gereedgemeld", "Voltooid"]


@pytest.mark.parametrize("proces", BEREIKBAAR)
def test_na_de_gereedmelding_beslist_alleen_de_vrager(proces: Proces) -> None:
    melding = deel(proces, beoordeeld(FEITEN[proces][0]), Gereedgemeld("gedaan"))
    with geweigerd(melding, "al-gereedgemeld"):
        melding.zet_om("anders", [nieuwe(H)])
    with geweigerd(melding, "al-gereedgemeld"):
        melding.breek_af("anders", Uitkomst.AFGEBROKEN)
    eerste = gegeven(
        SOORT[proces], aangenomen(SOORT[proces]), beoordeeld(FEITEN[proces][0]), Gereedgemeld("x")
    )
    assert "omzettingen" in eerste.mogelijke_stappen()
