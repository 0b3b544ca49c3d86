"""Domain, section 9: terms, how they pause, and their passing as a recorded event."""

import json
from datetime import timedelta

import pytest
from tests.skelet.geval import (
    BESLIS,
    DAG,
    OP,
    aangenomen,
    gegeven,
    geweigerd,
    id_,
    in_behandeling,
    overgedragen,
    zet,
)
from tests.skelet.soorten import SOORT
from tests.skelet.test_berichten import uitgaand
from tests.skelet.voorbeelden import leg_vast

from schakel.contracts import melding as m
from schakel.contracts.envelop import feit_van
from schakel.contracts.melding import Oordeel, Uitkomst
from schakel.contracts.uitvoeren import Besluit
from schakel.contracts.werkstromen import Proces
from schakel.herstellen.domein import Geanalyseerd, Storing
from schakel.skelet.stappen.einde import (
    Gereedgemeld,
    TevredenheidGecontroleerd,
    TevredenheidGevraagd,
    Voltooid,
)
from schakel.skelet.stappen.rand import Hervat, Opgeschort, TermijnVerstreken
from schakel.skelet.termijnen import Dienstencatalogus, Termijnen
from schakel.uitvoeren.domein import Aanvraag, Uitgevoerd, UitvoeringGepland

K1 = id_()
OVERGEDRAGEN = (*in_behandeling(Storing), Geanalyseerd(), overgedragen(K1, Proces.UITVOEREN))
GEVRAAGD = (
    *in_behandeling(Aanvraag),
    UitvoeringGepland(),
    Uitgevoerd(Besluit.GELEVERD),
    Gereedgemeld("geleverd"),
    TevredenheidGevraagd(OP + 14 * DAG),
)


@pytest.mark.parametrize("proces", Proces)
def test_opschorten_zet_de_termijnen_stil_en_hervatten_schuift_ze_op(proces: Proces) -> None:
    melding = gegeven(SOORT[proces], *in_behandeling(SOORT[proces]))
    melding.schort_op("wacht-op-melder", OP)
    assert (melding.status, melding.uiterlijk) == ("opgeschort", None)
    melding.hervat(OP + 3 * DAG)
    assert melding.nieuw == [
        Opgeschort("wacht-op-melder", OP),
        Hervat(3 * 86_400.0, BESLIS + 3 * DAG, {"beslistermijn": BESLIS + 3 * DAG}),
    ]
    assert melding.termijnen == {"beslistermijn": BESLIS + 3 * DAG}


def test_hervatten_vertelt_van_elke_termijn_wanneer_die_nu_is() -> None:
    melding = gegeven(Storing, *OVERGEDRAGEN)
    melding.schort_op("wacht-op-melder", OP)
    melding.hervat(OP + DAG)
    gezegd = uitgaand(Proces.HERSTELLEN).feit(leg_vast(melding.nieuw[-1]))
    bericht = feit_van(gezegd.type, gezegd.in_json())
    assert isinstance(bericht, m.Hervat)
    assert {
        f"{een.termijn}:{een.kind_id}" if een.kind_id else een.termijn: een.uiterlijk
        for een in bericht.termijnen or ()
    } == melding.termijnen
    assert len(melding.termijnen) > 1


def test_wat_een_vorige_versie_hervatte_vertelt_als_toen() -> None:
    bericht = uitgaand(Proces.HERSTELLEN).feit(leg_vast(Hervat(3.0, BESLIS)))
    assert "termijnen" not in json.loads(bericht.in_json())


def test_hervatten_schuift_elke_termijn_even_ver_op() -> None:
    melding = gegeven(Storing, *OVERGEDRAGEN)
    voor = dict(melding.termijnen)
    melding.schort_op("wacht", OP)
    melding.hervat(OP + timedelta(hours=5))
    assert len(voor) == 2
    assert melding.termijnen == {naam: op + timedelta(hours=5) for naam, op in voor.items()}


@pytest.mark.parametrize("proces", Proces)
def test_zolang_een_melding_is_opgeschort_staat_het_werk_stil(proces: Proces) -> None:
    soort = SOORT[proces]
    melding = gegeven(soort, *in_behandeling(soort), Opgeschort("wacht", OP))
    mogelijk = ["omzettingen", "intrekkingen", "koppelingen", "hervattingen"]
    assert melding.mogelijke_stappen() == mogelijk
    for stap in (
        "verhelderingen",
        "beoordelingen",
        "afbrekingen",
        "gereedmeldingen",
        "tevredenheidscontroles",
        "opschortingen",
        *(naam for naam in ("overdrachten", "controles") if naam in soort.STAPPEN),
    ):
        with geweigerd(melding, "opgeschort"):
            zet(melding, stap)


def test_omzetten_eindigt_een_opschorting() -> None:
    melding = gegeven(Storing, *in_behandeling(Storing), Opgeschort("wacht", OP))
    zet(melding, "omzettingen")
    assert (melding.uitkomst, melding.opgeschort_sinds) == (Uitkomst.OMGEZET, None)


def test_alleen_wat_is_opgeschort_wordt_hervat() -> None:
    melding = gegeven(Storing, aangenomen(Storing))
    with geweigerd(melding, "niet-opgeschort"):
        melding.hervat(OP)


def test_een_terugkeer_tijdens_opschorting_telt_gewoon() -> None:
    melding = gegeven(Storing, *OVERGEDRAGEN, Opgeschort("wacht", OP))
    zet(melding, "hervattingen")
    assert f"overdracht:{K1}" in melding.termijnen


def test_een_verstreken_termijn_is_een_gebeurtenis_en_geen_berekening() -> None:
    melding = gegeven(Storing, *OVERGEDRAGEN)
    melding.laat_verstrijken(BESLIS - timedelta(seconds=1))
    assert melding.nieuw == [TermijnVerstreken("overdracht", K1)]
    melding.laat_verstrijken(BESLIS)
    melding.laat_verstrijken(BESLIS + DAG)
    assert melding.nieuw[1:] == [TermijnVerstreken("beslistermijn")]
    assert melding.verstreken == {f"overdracht:{K1}", "beslistermijn"}
    assert melding.status == "overgedragen"


def test_een_opgeschorte_termijn_verstrijkt_niet() -> None:
    melding = gegeven(Storing, *OVERGEDRAGEN, Opgeschort("wacht", OP))
    melding.laat_verstrijken(OP + 1000 * DAG)
    assert melding.nieuw == []


def test_geen_antwoord_binnen_de_termijn_is_voltooid_zonder_reactie() -> None:
    melding = gegeven(Aanvraag, *GEVRAAGD)
    melding.laat_verstrijken(OP + 14 * DAG)
    assert melding.nieuw == [
        TermijnVerstreken("antwoord"),
        TevredenheidGecontroleerd(Oordeel.ZONDER_REACTIE),
        Voltooid(zonder_reactie=True),
    ]
    assert melding.uitkomst is Uitkomst.VOLTOOID


def test_termijnen_verstrijken_in_de_volgorde_waarin_ze_aflopen() -> None:
    """The answer was due first: the melding was voltooid before its beslistermijn passed."""
    melding = gegeven(Aanvraag, *GEVRAAGD)
    melding.laat_verstrijken(BESLIS + DAG)
    assert TermijnVerstreken("beslistermijn") not in melding.nieuw
    assert melding.uitkomst is Uitkomst.VOLTOOID


def test_een_antwoord_op_tijd_laat_niets_meer_verstrijken() -> None:
    melding = gegeven(Aanvraag, *GEVRAAGD)
    melding.controleer_tevredenheid(Oordeel.TEVREDEN, None)
    melding.nieuw.clear()
    melding.laat_verstrijken(BESLIS + DAG)
    assert (melding.nieuw, melding.uiterlijk) == ([], None)


def test_een_ontevreden_antwoord_beeindigt_alleen_de_antwoordtermijn() -> None:
    melding = gegeven(Aanvraag, *GEVRAAGD)
    melding.controleer_tevredenheid(Oordeel.NIET_TEVREDEN, None)
    assert melding.termijnen == {"beslistermijn": BESLIS}


def test_elke_dienst_heeft_zijn_eigen_termijnen_en_anders_die_van_allen() -> None:
    snel = Termijnen(beslistermijn=DAG)
    catalogus = Dienstencatalogus(diensten={"spoed": snel})
    assert catalogus.van("spoed") is snel
    assert catalogus.van("verlichting").beslistermijn == timedelta(weeks=8)
