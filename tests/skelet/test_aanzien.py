"""What is possible is remembered by how a melding looks: nothing else may matter to a condition."""

from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

import pytest
from tests.skelet.geval import ID as MELDING_ID
from tests.skelet.geval import OUDER_VAN, aangenomen, plaats
from tests.skelet.soorten import SOORT
from tests.skelet.test_wandelingen import gebeur, volgende, zet_of_weiger

from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import Deelwerk, Plaats
from schakel.skelet.melding import Melding
from schakel.skelet.stappen import stap
from schakel.skelet.stappen.rand import MEESTE_KOPPELINGEN, Gekoppeld

VELDEN = frozenset(
    (
        *("is_genest", "is_deel", "is_bevoegd", "is_verhelderd", "is_beoordeeld", "gezet"),
        *("kinderen", "ronde", "gecontroleerde_ronde", "wil_nieuwe_ronde", "is_goedgekeurd"),
        *("is_gereedgemeld", "opgeschort_sinds", "koppelingen", "uitkomst", "is_geevalueerd"),
        *("is_gesloten", "is_gewist"),
    )
)
"""Those that ``aanzien`` stands for, as far as conditions ask them."""
VAN_DE_KLASSE = frozenset({"draagt_over", "VOOR_OVERDRACHT", "VOOR_GEREEDMELDING"})
ALLEEN_IN_DE_UITLEG = frozenset({"volgnummer"})

DEEL = Plaats(MELDING_ID, deel=Deelwerk(UUID(int=77), "00000099000000002000", "herstellen", 1, 1))


class Bekeken:
    """A melding, and what was asked of it."""

    def __init__(self, melding: Melding) -> None:
        self._melding = melding
        self.gevraagd: set[str] = set()

    def __getattr__(self, naam: str) -> Any:
        self.gevraagd.add(naam)
        return getattr(self._melding, naam)


def wandeling(proces: Proces, zaad: int, lengte: int = 40) -> Iterator[Melding]:
    """The same melding, time and again, as it goes on."""
    soort, toeval = SOORT[proces], Random(zaad)
    waar = plaats(soort, genest=zaad % 2 == 0 and proces in OUDER_VAN)
    melding = soort(MELDING_ID, DEEL if zaad % 3 == 0 else waar)
    melding.neem_aan(aangenomen(soort, namens_ander=zaad % 5 == 0))
    for _ in range(lengte):
        yield melding
        if toeval.random() < 0.8:
            zet_of_weiger(melding, volgende(melding, toeval), toeval.choice)
        else:
            gebeur(melding, toeval.choice)


@pytest.mark.parametrize("proces", Proces)
def test_een_voorwaarde_kijkt_alleen_naar_wat_in_het_aanzien_staat(proces: Proces) -> None:
    gevraagd: set[str] = set()
    for zaad in range(20):
        for melding in wandeling(proces, zaad):
            for eis in {eis for nodig in melding.STAPPEN.values() for eis in nodig}:
                bekeken = Bekeken(melding)
                eis(bekeken)
                gevraagd |= bekeken.gevraagd
    assert gevraagd <= VELDEN | VAN_DE_KLASSE | ALLEEN_IN_DE_UITLEG
    assert {"gezet", "uitkomst"} <= gevraagd


@pytest.mark.parametrize("proces", Proces)
def test_wat_onthouden_is_is_wat_nu_zou_worden_geoordeeld(proces: Proces) -> None:
    for zaad in range(40):
        for melding in wandeling(proces, zaad):
            assert melding.mogelijke_stappen() == melding.zoek_mogelijke()


def test_een_koppeling_te_veel_telt_ook_als_er_al_iets_is_onthouden() -> None:
    melding = next(wandeling(Proces.UITVOEREN, 1))
    assert "koppelingen" in melding.mogelijke_stappen()
    vol = next(wandeling(Proces.UITVOEREN, 1))
    for n in range(MEESTE_KOPPELINGEN):
        vol.gebeurt(Gekoppeld(UUID(int=n), Proces.HERSTELLEN, "dubbel"))
    assert "koppelingen" not in vol.mogelijke_stappen()


def test_wat_onthouden_wordt_is_begrensd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stap, "MEESTE_ONTHOUDEN", 3)
    SOORT[Proces.WIJZIGEN]._onthouden.clear()
    for melding in wandeling(Proces.WIJZIGEN, 1):
        assert melding.mogelijke_stappen() == melding.zoek_mogelijke()
        assert len(melding._onthouden) <= 3


def test_wie_veel_kinderen_heeft_wordt_niet_onthouden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stap, "WEINIG_KINDEREN", -1)
    soort = SOORT[Proces.UITVOEREN]
    soort._onthouden.clear()
    for melding in wandeling(Proces.UITVOEREN, 1):
        assert melding.mogelijke_stappen() == melding.zoek_mogelijke()
    assert not soort._onthouden
