"""Two replicas of a service: whoever comes or goes, nothing lost, nothing twice, trees in order."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import count, takewhile
from uuid import uuid4

import pytest
from deploy.lokaal.postgres import Databases
from deploy.lokaal.toegang import Toegang
from tests.bus.dozen import Ontvanger, Zender, is_bezorgd, topic_op
from tests.bus.meelezen import Log
from tests.kern.proef import TABELLEN, geprojecteerd, sporen, tot

from schakel.kern.opslag.postgres import PostgresOpslag, migreer

KEREN = 20
Open = Callable[[], PostgresOpslag]


@pytest.fixture
def zendend(postgres: Databases) -> Open:
    return _database(postgres)


@pytest.fixture
def ontvangend(postgres: Databases) -> Open:
    return _database(postgres)


def _database(postgres: Databases) -> Open:
    """Every replica has connections of its own to one database."""
    url = postgres.maak_database()
    migreer(url, TABELLEN)
    return lambda: PostgresOpslag(url, TABELLEN)


async def test_twintig_keer_opnieuw_verdeeld_onder_belasting(
    kafka: Toegang, zendend: Open, ontvangend: Open, log: Log
) -> None:
    kisten = [uuid4() for _ in range(40)]
    async with AsyncExitStack() as einde:
        topic = await einde.enter_async_context(topic_op(kafka, partities=4))
        zenders = [await einde.enter_async_context(Zender(zendend(), topic)) for _ in "ab"]
        leden = [await einde.enter_async_context(Ontvanger(ontvangend(), topic)) for _ in "ab"]

        async def belast() -> None:
            for ronde in takewhile(lambda _: not genoeg.is_set(), count()):
                getallen = range(20 + 30 * ronde, 50 + 30 * ronde)
                await zenders[ronde % 2].vul(kisten, getallen)
                await asyncio.sleep(0.01)

        genoeg = asyncio.Event()
        belasting = asyncio.create_task(belast())
        for keer in range(KEREN):
            # Who relays goes too: the other takes over what it had not finished.
            for weg in (leden[keer % 2], zenders[keer % 2]):
                await weg.laat_los()
                await weg.verbind()
            await leden[keer % 2].is_geplaatst()
            gehad = _aantal(leden[0])
            await tot(lambda gehad=gehad: _aantal(leden[0]) > gehad, 30)
        genoeg.set()
        await belasting
        await is_bezorgd(zenders[0].opslag, leden[0].opslag)
        stand = sporen(leden[0].opslag)
        assert (
            stand["inbox"] == stand["stored_events"] == sporen(zenders[0].opslag)["stored_events"]
        )
        assert stand["geparkeerd"] == 0
    assert list(log.regels("onverwachte_fout", "bibliotheek_bericht")) == []


def _aantal(lid: Ontvanger) -> int:
    return sum(map(len, geprojecteerd(lid.opslag).values()))
