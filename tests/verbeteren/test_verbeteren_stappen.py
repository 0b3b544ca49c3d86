"""The own steps of verbeteren: oorzaak, maatregel; after the check what risk remains."""

import pytest
from tests.skelet.geval import (
    FEITEN,
    aangenomen,
    beoordeeld,
    draag_over,
    gegeven,
    geweigerd,
    in_behandeling,
    zet,
    zet_alle,
)

from schakel.contracts.melding import Resultaat
from schakel.contracts.werkstromen import Proces, VierFeiten
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stappen.begin import Verhelderd
from schakel.verbeteren.domein import (
    MaatregelGekozen,
    OorzaakVastgesteld,
    RestrisicoBepaald,
    Verbetervoorstel,
)

GEDAAN: tuple[Gebeurtenis, ...] = (
    OorzaakVastgesteld("kabelbreuk"),
    MaatregelGekozen("kabel-vervangen"),
)


def voorstel(*feiten: Gebeurtenis) -> Verbetervoorstel:
    """A voorstel in behandeling with this behind it."""
    return gegeven(Verbetervoorstel, *in_behandeling(Verbetervoorstel), *feiten)


def test_eerst_de_oorzaak_dan_de_maatregel_en_elk_een_keer() -> None:
    melding = voorstel()
    with geweigerd(melding, "stap-ontbreekt"):
        melding.kies_maatregel("kabel-vervangen")
    melding.stel_oorzaak_vast("kabelbreuk")
    with geweigerd(melding, "stap-al-gezet"):
        melding.stel_oorzaak_vast("kabelbreuk")
    melding.kies_maatregel("kabel-vervangen")
    with geweigerd(melding, "stap-al-gezet"):
        melding.kies_maatregel("kabel-vervangen")
    assert melding.nieuw == [*GEDAAN]


@pytest.mark.parametrize("naar", [Proces.AFSPREKEN, Proces.WIJZIGEN, Proces.UITVOEREN])
def test_een_maatregel_gaat_naar_elk_van_de_drie(naar: Proces) -> None:
    melding = voorstel(*GEDAAN)
    draag_over(melding, naar)
    assert melding.status == "overgedragen"


def test_het_restrisico_wordt_na_de_controle_bepaald_en_voor_de_gereedmelding() -> None:
    melding = voorstel(*GEDAAN)
    melding.neem_terug(draag_over(melding, Proces.UITVOEREN), Resultaat.VOLTOOID)
    with geweigerd(melding, "niet-goedgekeurd"):
        melding.bepaal_restrisico("klein")
    melding.controleer(goed=True)
    with geweigerd(melding, "stap-ontbreekt"):
        zet(melding, "gereedmeldingen")
    melding.bepaal_restrisico("klein")
    assert melding.nieuw[-1] == RestrisicoBepaald("klein")
    zet_alle(melding, "gereedmeldingen", "tevredenheidscontroles")


@pytest.mark.parametrize("feiten", FEITEN[Proces.VERBETEREN])
def test_wat_de_organisatie_zelf_vindt_is_een_verbetervoorstel(feiten: VierFeiten) -> None:
    melding = gegeven(Verbetervoorstel, aangenomen(Verbetervoorstel), Verhelderd())
    melding.beoordeel(feiten, 2, 2, maatwerk=False)
    assert melding.nieuw == [beoordeeld(feiten)]
