"""The own steps of afspreken: specificeren, aanbod, overeenstemming or none, vaststelling."""

import pytest
from tests.skelet.geval import (
    FEITEN,
    aangenomen,
    beoordeeld,
    gegeven,
    geweigerd,
    in_behandeling,
    zet,
)

from schakel.afspreken.domein import (
    AanbodGedaan,
    GeenOvereenstemming,
    Gespecificeerd,
    OvereenstemmingBereikt,
    Vastgesteld,
    Wens,
)
from schakel.contracts.melding import Meldersoort, Uitkomst
from schakel.contracts.werkstromen import Proces
from schakel.skelet.stappen.begin import Verhelderd
from schakel.skelet.stappen.einde import Gesloten

STAPPEN = ("specificaties", "aanbiedingen", "overeenstemmingen", "vaststellingen")
GEDAAN = (Gespecificeerd(), AanbodGedaan(), OvereenstemmingBereikt(), Vastgesteld("afspraak-1"))


def wens(stappen: int = 0) -> Wens:
    """A wens in behandeling after so many of its own steps."""
    return gegeven(Wens, *in_behandeling(Wens), *GEDAAN[:stappen])


@pytest.mark.parametrize("gezet", range(4))
def test_de_stappen_volgen_elkaar_op_in_vaste_volgorde(gezet: int) -> None:
    melding = wens(gezet)
    for later in STAPPEN[gezet + 1 :]:
        with geweigerd(melding, "stap-ontbreekt"):
            zet(melding, later)
    for eerder in STAPPEN[:gezet]:
        with geweigerd(melding, "stap-al-gezet"):
            zet(melding, eerder)
    zet(melding, STAPPEN[gezet])
    assert melding.nieuw == [GEDAAN[gezet]]


def test_zonder_overeenstemming_eindigt_de_wens_en_blijft_ze_een_wens() -> None:
    melding = wens(2)
    melding.stem_overeen(bereikt=False, reden="te-duur")
    assert melding.nieuw == [
        GeenOvereenstemming("te-duur"),
        Gesloten(Uitkomst.GEEN_OVEREENSTEMMING),
    ]
    assert (melding.status, melding.uitkomst) == ("gesloten", Uitkomst.GEEN_OVEREENSTEMMING)
    with geweigerd(melding, "al-beeindigd"):
        melding.stel_vast("afspraak-1")


def test_wat_is_afgesproken_wordt_door_wijzigen_uitgevoerd() -> None:
    melding = wens(3)
    with geweigerd(melding, "stap-ontbreekt"):
        zet(melding, "overdrachten")
    zet(melding, "vaststellingen")
    zet(melding, "overdrachten")
    (kind,) = melding.kinderen.values()
    assert kind.naar is Proces.WIJZIGEN


def test_een_afspraak_wordt_pas_gereedgemeld_als_ze_is_doorgevoerd() -> None:
    with geweigerd(melding := wens(4), "niet-goedgekeurd"):
        zet(melding, "gereedmeldingen")


def test_een_klacht_over_het_verleden_is_een_wens_van_een_burger() -> None:
    begin = aangenomen(Wens, melder=Meldersoort.BURGER, dienst="klachten")
    melding = gegeven(Wens, begin, Verhelderd())
    zet(melding, "beoordelingen")
    assert melding.nieuw == [beoordeeld(FEITEN[Proces.AFSPREKEN][0])]
