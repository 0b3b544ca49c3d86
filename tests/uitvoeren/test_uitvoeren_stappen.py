"""The own steps of uitvoeren, the leaf: plannen, uitvoeren, bewaken."""

import pytest
from tests.skelet.geval import gegeven, geweigerd, in_behandeling, nieuwe, zet

from schakel.contracts.melding import Meldersoort
from schakel.contracts.uitvoeren import Besluit
from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stappen.einde import Gereedgemeld, Voltooid
from schakel.skelet.stappen.voortgekomen import Voortgekomen
from schakel.uitvoeren.domein import Aanvraag, Uitgevoerd, UitvoeringGepland


def aanvraag(*feiten: Gebeurtenis) -> Aanvraag:
    """An aanvraag in behandeling with this behind it."""
    return gegeven(Aanvraag, *in_behandeling(Aanvraag), *feiten)


def test_uitvoeren_volgt_op_plannen_en_gebeurt_per_ronde_een_keer() -> None:
    melding = aanvraag()
    with geweigerd(melding, "stap-ontbreekt"):
        melding.voer_uit(Besluit.GELEVERD)
    melding.plan()
    with geweigerd(melding, "stap-al-gezet"):
        melding.plan()
    melding.voer_uit(Besluit.GELEVERD)
    with geweigerd(melding, "stap-al-gezet"):
        melding.voer_uit(Besluit.GELEVERD)
    assert melding.nieuw == [UitvoeringGepland(), Uitgevoerd(Besluit.GELEVERD)]
    assert melding.ronde == 1


@pytest.mark.parametrize("besluit", Besluit)
def test_leveren_en_weigeren_zijn_allebei_een_geleverde_dienst(besluit: Besluit) -> None:
    melding = aanvraag(UitvoeringGepland())
    with geweigerd(melding, "stap-ontbreekt"):
        zet(melding, "gereedmeldingen")
    melding.voer_uit(besluit)
    zet(melding, "gereedmeldingen")
    assert melding.is_gereedgemeld


def test_genest_is_de_uitvoering_ook_een_ronde_van_dit_proces() -> None:
    begin, _, oordeel = in_behandeling(Aanvraag)
    melding = gegeven(Aanvraag, begin, oordeel, UitvoeringGepland(), genest=True)
    melding.voer_uit(Besluit.GELEVERD)
    melding.meld_gereed("geleverd", melding.termijnen["beslistermijn"])
    assert melding.nieuw[1:] == [Gereedgemeld("geleverd"), Voltooid()]


def test_bewaken_kan_zolang_er_wordt_gewerkt() -> None:
    melding = aanvraag()
    signaal = nieuwe(Proces.HERSTELLEN, Meldersoort.AMBTENAAR)
    melding.signaleer(signaal)
    melding.signaleer(nieuwe(Proces.VERBETEREN, Meldersoort.AMBTENAAR))
    assert melding.nieuw[0] == Voortgekomen("monitoring", signaal)
    assert len(melding.voortgekomen) == 2
    gereed = aanvraag(UitvoeringGepland(), Uitgevoerd(Besluit.GELEVERD), Gereedgemeld("geleverd"))
    with geweigerd(gereed, "al-gereedgemeld"):
        gereed.signaleer(signaal)
