"""What ``/klaar`` asks: the parts have time, and who had no time to hear them was not away."""

import asyncio
import time

import pytest

from schakel.kern.grond.staat import Staat
from schakel.kern.http import gezondheid
from schakel.kern.http.gezondheid import Gereedheid

GOED = {"opslag": Staat.GOED}


@pytest.fixture(autouse=True)
def _ongeduld(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gezondheid, "GEDULD", 0.1)


async def test_wie_niet_op_tijd_antwoordt_is_weg() -> None:
    def traag() -> dict[str, Staat]:
        time.sleep(0.3)
        return GOED

    gereed = Gereedheid(traag)
    assert await gereed.vraag() == (False, {"onderdelen": Staat.WEG})


async def test_een_proces_dat_zelf_stilstond_noemt_niemand_weg() -> None:
    """On a machine that has other things to do the answer may be there before it is looked at."""
    gereed = Gereedheid(lambda: GOED)
    vraag = asyncio.ensure_future(gereed.vraag())
    await asyncio.sleep(0)  # it asked
    await asyncio.sleep(0)
    time.sleep(0.3)  # noqa: ASYNC251 - what a machine without time for us looks like
    assert await vraag == (True, GOED)


async def test_wie_ophoudt_met_vragen_houdt_wie_ook_vraagt_niet_op() -> None:
    gevraagd = asyncio.Event()

    async def onderdelen() -> dict[str, Staat]:
        await gevraagd.wait()
        return GOED

    gereed = Gereedheid(onderdelen)
    weg, blijft = (asyncio.ensure_future(gereed.vraag()) for _ in range(2))
    await asyncio.sleep(0.01)
    weg.cancel()
    gevraagd.set()
    assert await blijft == (True, GOED)
