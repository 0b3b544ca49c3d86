"""What a page does here is done in portions: nobody waits for a page, and a kill undoes nothing."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from schakel.grens import kanaal as kanaalmodule
from schakel.grens.kanaal import SYSTEEM
from schakel.grens.porties import PORTIE, Porties, met_ongehoorde_bladen
from schakel.kern.vastlegging.schrijver import Taak

from .huizen import TweeHuizen
from .test_gif import aangeboden, antwoorden


def _niets(werk: Any) -> None:
    """What somebody else asks of the writer."""


class Gedood(Exception):
    """The process is gone at this point."""


async def pagina_van(huizen: TweeHuizen, *bladen: bytes) -> bytes:
    """What A says, as a page."""
    await huizen.a.kanaal.zeg(list(bladen))
    verbinding = await huizen.a.kanaal.verbinding()
    pagina = await huizen.a.kanaal.pagina(verbinding.sessie_uit or "", verbinding.vanaf)
    assert pagina is not None
    assert len(pagina.bladen) == len(bladen)
    return pagina.schrijf()


def gehoord(huizen: TweeHuizen) -> int:
    rijen = huizen.b.grens.opslag.vraag("SELECT tot FROM gehoord")
    return int(rijen[0][0]) if rijen else 0


def gevraagd(huizen: TweeHuizen) -> list[UUID]:
    """The schakels for which the house of B was asked to open a melding, in that order."""
    return [feit.deel_van.schakel_id for feit in huizen.b.van_grens() if feit.deel_van]


@pytest.fixture
def telkens_gedood() -> Iterator[dict[str, int]]:
    """The process dies before the portion of which the number stands in what this gives."""
    echt, plan = Porties.hoor_verder, {"bij": 0, "gedaan": 0}

    def hoor_verder(zelf: Porties, werk: Any, _hoogstens: int) -> bool:
        plan["gedaan"] += 1
        if plan["gedaan"] > plan["bij"]:
            raise Gedood
        return echt(zelf, werk, 7)

    with patch.object(Porties, "hoor_verder", hoor_verder):
        yield plan


@pytest.mark.parametrize("gedaan", [0, 1, 2])
async def test_wie_tussen_twee_porties_sterft_doet_daarna_de_rest_en_niets_twee_keer(
    huizen: TweeHuizen, telkens_gedood: dict[str, int], gedaan: int
) -> None:
    schakels = [uuid7() for _ in range(20)]
    pagina = await pagina_van(huizen, *map(aangeboden, schakels))
    telkens_gedood["bij"] = gedaan
    with pytest.raises(Gedood):
        await huizen.b.kanaal.neem_pagina(pagina)
    # It was taken in whole: a receipt says so, whatever was done of it.
    assert (await huizen.b.kanaal.ontvangst()).omvang == len(schakels)
    assert gehoord(huizen) == 7 * gedaan

    telkens_gedood["bij"] = 1_000
    await huizen.herstart(huizen.b)
    await huizen.b.grens.partners.zeg_eens()
    assert gehoord(huizen) == len(schakels)
    assert met_ongehoorde_bladen(huizen.b.grens.opslag) == []
    await huizen.volg()
    assert gevraagd(huizen) == schakels
    woorden = [feit for feit, _ in antwoorden(huizen) if feit != "verbinding"]
    assert woorden == ["aangenomen"] * len(schakels)


async def test_de_volgende_pagina_wacht_op_de_rest_van_de_vorige(
    huizen: TweeHuizen, telkens_gedood: dict[str, int]
) -> None:
    eerst = [uuid7() for _ in range(10)]
    with pytest.raises(Gedood):
        await huizen.b.kanaal.neem_pagina(await pagina_van(huizen, *map(aangeboden, eerst)))
    telkens_gedood["bij"] = 1_000
    daarna = uuid7()
    await huizen.a.kanaal.neem_ontvangst(await huizen.b.kanaal.ontvangst())
    await huizen.b.kanaal.neem_pagina(await pagina_van(huizen, aangeboden(daarna)))
    assert gevraagd(huizen) == [*eerst, daarna]


async def test_wie_haast_heeft_wacht_op_een_portie_en_niet_op_een_pagina(
    huizen: TweeHuizen,
) -> None:
    """S-10, without a clock: how much of a flood is done between two tasks of somebody else."""
    pagina = await pagina_van(huizen, *(aangeboden(uuid7()) for _ in range(150)))
    grens, standen = huizen.b.grens, []
    vloed = asyncio.create_task(huizen.b.kanaal.neem_pagina(pagina))
    while not vloed.done():
        await grens.schrijver.voer_uit(Taak(_niets, type(None), SYSTEEM))
        standen.append(gehoord(huizen))
        await asyncio.sleep(0)
    await vloed
    assert gehoord(huizen) == 150
    sprongen = [na - voor for voor, na in pairwise(standen)]
    assert max(sprongen) == PORTIE  # the first too: nobody knew yet whether somebody else was there
    assert sum(sprong > 0 for sprong in sprongen) >= 150 / PORTIE - 1


async def test_wie_vraagt_wacht_niet_eindeloos_op_wat_volgt(
    huizen: TweeHuizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kanaalmodule, "GEDULD", 0.0)
    pagina = await pagina_van(huizen, *(aangeboden(uuid7()) for _ in range(30)))
    inname = await huizen.b.kanaal.neem_pagina(pagina)
    assert (inname.ontvangst.omvang, gehoord(huizen)) == (30, 0)
    monkeypatch.undo()
    await huizen.b.grens.partners.zeg_eens()
    assert gehoord(huizen) == 30
