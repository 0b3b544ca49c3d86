"""Killed at a named point: everything of a delivery is there or nothing, and it goes on."""

import multiprocessing
from pathlib import Path

import pytest
from tests.kern.bussen import Topic, leeg, positie
from tests.kern.conftest import Plek
from tests.kern.kind import GIF, KISTEN, PUNTEN, begin, binnengekomen
from tests.kern.proef import DOOR, Dienst, inhoud, sporen

# One process that has everything loaded, and forks a child per test: starting anew takes seconds.
KINDEREN = multiprocessing.get_context("forkserver")
KINDEREN.set_forkserver_preload(["tests.kern.kind"])


def laat_sterven(plek: Plek, punt: str) -> None:
    kind = KINDEREN.Process(target=begin, args=(plek.waar, punt))
    kind.start()
    kind.join(60)
    assert kind.exitcode == -9


@pytest.mark.parametrize("punt", PUNTEN)
async def test_gedood_op_elk_punt_verliest_niets_en_doet_niets_dubbel(
    plek: Plek, punt: str
) -> None:
    laat_sterven(plek, punt)
    dienst = Dienst(plek.open())
    is_bewaard = punt == "na commit"
    rijen = sporen(dienst.opslag)
    eigen = 1 if isinstance(plek.waar, Path) else 0  # the library keeps a row of its own
    assert (
        rijen["gegeven_antwoorden"],
        rijen["inbox"],
        rijen["geparkeerd"],
        rijen["tracking"],
    ) == ((2, 4, 2, eigen + 1) if is_bewaard else (1, 0, 0, eigen))
    assert rijen["stored_events"] == (6 if is_bewaard else 1)
    # Whoever got no answer asks again, and the bus delivers again.
    dienst.vuller.weigert = {GIF}
    assert await dienst.vul(KISTEN[2], 1, "eerste") == 1
    assert await dienst.vul(KISTEN[3], 2, "tweede") == 1
    assert await dienst.ontvanger.ontvang(binnengekomen()) == (0 if is_bewaard else 4)
    assert dienst.geparkeerd() == [(3, "nog-niet"), (5, "achter-geparkeerd")]
    dienst.vuller.weigert = set()
    eerste = dienst.parkeerplaats.lijst()[0].nummer
    assert await dienst.ontvanger.geef_vrij(eerste, DOOR) == 2
    assert inhoud(dienst.opslag) == dict(
        zip(KISTEN, [[20, 22, 24], [21, 23, 25], [1], [2]], strict=True)
    )
    # The relay sends everything, also what it had sent without having noted it.
    topic = Topic()
    assert positie(dienst.opslag, topic) == 0
    await leeg(dienst.opslag, topic)
    assert len(topic.berichten()) == 8
    await dienst.sluit()
