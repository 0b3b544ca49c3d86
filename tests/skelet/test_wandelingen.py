"""Random walks through the life of a melding: what holds after every step, whatever the order."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.skelet.geval import (
    DAG,
    OP,
    OUDER_VAN,
    aangenomen,
    plaats,
    toestand,
    vastgelegd,
    zet,
)
from tests.skelet.geval import ID as MELDING_ID
from tests.skelet.soorten import OMSCHRIJVING, SOORT

from schakel.contracts.catalogus import berichten_van
from schakel.contracts.envelop import feit_van
from schakel.contracts.melding import Kindstatus, Resultaat
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis, Register, Vastgelegd
from schakel.skelet.melding import Melding
from schakel.skelet.uitgaand import Uitgaand

CODE = re.compile(r"^[a-z]+(-[a-z]+)*$")
EINDE = {
    *("afwijzingen", "omzettingen", "intrekkingen", "afbrekingen", "opschortingen"),
    *("koppelingen", "sluitingen", "wissingen"),
}
"""Steps that would end most walks early, or fill them; they are taken less often."""

Kies = Callable[[Sequence[Any]], Any]
BRON = "urn:nld:oin:00000099000000001000:systeem:schakel-proef"


def zet_of_weiger(melding: Melding, stap: str, kies: Kies) -> None:
    """A step is accepted exactly when it was said to be possible."""
    mogelijk, voor = melding.mogelijke_stappen(), len(melding.nieuw)
    if stap in mogelijk:
        zet(melding, stap, kies)
        assert len(melding.nieuw) > voor
        return
    with pytest.raises(Weigering) as fout:
        zet(melding, stap, kies)
    assert CODE.match(fout.value.code)
    assert list(fout.value.toegestaan) == mogelijk
    assert len(melding.nieuw) == voor


def gebeur(melding: Melding, kies: Kies) -> None:
    """Something that nobody here decides: a child, a term, a koppeling, the end of the parent."""
    match kies(("terug", "terug", "terug", "weigering", "termijn", "koppeling", "ouder")):
        case "terug":
            for kind in list(melding.kinderen.values()):
                if kind.status is Kindstatus.OPEN:
                    melding.neem_terug(kind.id, kies((Resultaat.VOLTOOID, *Resultaat)))
        case "weigering":
            for kind in list(melding.kinderen.values())[-1:]:
                melding.hoor_weigering(kind.id, "te-druk")
        case "termijn":
            melding.laat_verstrijken(OP + kies((7, 21, 35)) * DAG)
        case "koppeling":
            for andere in list(melding.koppelingen)[:1]:
                melding.hoor_voltooiing(andere)
        case _:
            if melding.is_genest and kies((False, False, True)):
                melding.verval()


def controleer(melding: Melding, feiten: Sequence[Gebeurtenis], uitgaand: Uitgaand) -> None:
    """Replay gives the same state; each event has one message, of this process and dense."""
    soort = type(melding)
    geschiedenis = vastgelegd(melding.plaats, feiten)
    herbouwd = soort.herbouw(geschiedenis)
    assert herbouwd is not None
    assert toestand(herbouwd) == toestand(melding)
    assert herbouwd.mogelijke_stappen() == melding.mogelijke_stappen()
    assert herbouwd.nieuw == []
    berichten = [uitgaand.feit(v) for v in geschiedenis]
    assert [b.versie for b in berichten] == list(range(1, melding.versie + 1))
    gelezen = [feit_van(b.type, b.in_json()) for b in berichten]
    assert {type(b) for b in gelezen} <= {*berichten_van(soort.PROCES)}


def volgende(melding: Melding, toeval: Random) -> str:
    """Mostly something that leads on, sometimes whatever there is."""
    verder = [s for s in melding.mogelijke_stappen() if s not in EINDE]
    return toeval.choice(verder if verder and toeval.random() < 0.8 else list(melding.STAPPEN))


@settings(max_examples=250, deadline=timedelta(seconds=5))
@given(st.sampled_from(Proces), st.booleans(), st.integers(0, 60), st.integers(0))
def test_wat_mogelijk_heet_wordt_aanvaard_en_de_rest_geweigerd(
    proces: Proces, genest: bool, lengte: int, zaad: int
) -> None:
    soort, toeval = SOORT[proces], Random(zaad)
    melding = soort(MELDING_ID, plaats(soort, genest=genest and proces in OUDER_VAN))
    melding.neem_aan(aangenomen(soort))
    for _ in range(lengte):
        if toeval.random() < 0.8:
            zet_of_weiger(melding, volgende(melding, toeval), toeval.choice)
        else:
            gebeur(melding, toeval.choice)
    omschrijving = OMSCHRIJVING[proces]
    register = Register(omschrijving.gebeurtenissen)
    uitgaand = Uitgaand(proces, BRON, register, omschrijving.vertaal)
    controleer(melding, melding.nieuw, uitgaand)


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(st.sampled_from(Proces), st.integers(5, 60), st.integers(0))
def test_toepassen_oordeelt_niet(proces: Proces, aantal: int, zaad: int) -> None:
    """Any events in any order can be applied: what judges would raise, what draws would differ."""
    soort, toeval = SOORT[proces], Random(zaad)
    gelopen = _loop(soort, toeval, aantal)
    geschud = [gelopen[0], *toeval.sample(gelopen[1:], len(gelopen) - 1)]
    een, ander = (soort.herbouw(_zonder_kinderfouten(soort, geschud)) for _ in range(2))
    assert een is not None
    assert ander is not None
    assert toestand(een) == toestand(ander)


def _loop(soort: type[Melding], toeval: Random, aantal: int) -> list[Gebeurtenis]:
    melding = soort(MELDING_ID, plaats(soort, genest=False))
    melding.neem_aan(aangenomen(soort))
    for _ in range(aantal):
        mogelijk = [s for s in melding.mogelijke_stappen() if s not in EINDE]
        if mogelijk:
            zet(melding, toeval.choice(mogelijk), toeval.choice)
        for kind in list(melding.kinderen.values()):
            melding.neem_terug(kind.id, Resultaat.VOLTOOID)
    return melding.nieuw


def _zonder_kinderfouten(
    soort: type[Melding], feiten: Sequence[Gebeurtenis]
) -> Sequence[Vastgelegd]:
    """A return can only be applied to a child that is there."""
    bekend: set[object] = set()
    over: list[Gebeurtenis] = []
    for feit in feiten:
        kind = getattr(feit, "kind_id", None)
        if type(feit).__name__ == "Overgedragen":
            bekend.add(kind)
        elif kind is not None and kind not in bekend:
            continue
        over.append(feit)
    return vastgelegd(plaats(soort, genest=False), over)
