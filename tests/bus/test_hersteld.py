"""What is broken or missing on the side of the bus comes right by itself."""

import asyncio
import gc
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from itertools import count, takewhile
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaConsumer
from deploy.lokaal.toegang import Toegang
from tests.bus.dozen import Ontvanger, Zender, topic_op
from tests.bus.meelezen import Log
from tests.kern.kafkabus import KafkaTopic
from tests.kern.proef import TABELLEN, geprojecteerd, inhoud, tot

from schakel.kern.opslag.sqlite import SqliteOpslag

Breek = Callable[[AIOKafkaConsumer], object]


def haalt_niets_meer(consument: AIOKafkaConsumer) -> None:
    """Its background task ended without a word."""
    consument._fetcher._fetch_task.cancel()


def slaat_een_partitie_over(consument: AIOKafkaConsumer) -> None:
    """The others go on."""
    consument.pause(next(iter(consument.assignment())))


def is_geen_lid_meer(consument: AIOKafkaConsumer) -> None:
    """What keeps it in its group ended."""
    consument._coordinator._coordination_task.cancel()


STUK: tuple[Breek, ...] = (haalt_niets_meer, slaat_een_partitie_over, is_geen_lid_meer)
OP_TIJD = 30.0
"""Seconds in which a reader that is stuck must go on."""


def consument_van(groep: str) -> AIOKafkaConsumer:
    """The living client of a group."""
    levend = [o for o in gc.get_objects() if isinstance(o, AIOKafkaConsumer)]
    (gevonden,) = [c for c in levend if c._group_id == groep and not c._closed]
    return gevonden


async def test_een_lezer_die_vastzit_wordt_opnieuw_gemaakt(
    kafka: Toegang, tmp_path: Path, log: Log
) -> None:
    """Alive, connected and without an error: it only shows in that nothing comes."""
    kisten = [uuid4() for _ in range(12)]
    async with AsyncExitStack() as einde:
        topic = await einde.enter_async_context(topic_op(kafka))
        zender = await einde.enter_async_context(
            Zender(SqliteOpslag(tmp_path / "zender.db", TABELLEN), topic)
        )
        lezers: list[Ontvanger] = []
        for breek in STUK:
            eigen = KafkaTopic(kafka, topic.naam, groep=breek.__name__)
            opslag = SqliteOpslag(tmp_path / f"{breek.__name__}.db", TABELLEN)
            lezers.append(await einde.enter_async_context(Ontvanger(opslag, eigen)))
        await zender.vul(kisten, range(20, 56))
        verzonden = inhoud(zender.opslag)
        for lezer in lezers:
            await tot(lambda lezer=lezer: geprojecteerd(lezer.opslag) == verzonden, 30)

        for breek in STUK:
            breek(consument_van(breek.__name__))
        begin = time.monotonic()
        klaar = asyncio.Event()

        async def ga_door() -> None:
            for ronde in takewhile(lambda _: not klaar.is_set(), count(1)):
                await zender.vul(kisten, range(100 * ronde, 100 * ronde + 12))
                await asyncio.sleep(0.2)

        verkeer = asyncio.create_task(ga_door())
        await asyncio.sleep(0.5)
        for lezer in lezers:
            # All boxes have what was sent after the break.
            await tot(
                lambda lezer=lezer: min(map(max, geprojecteerd(lezer.opslag).values())) >= 200,
                OP_TIJD,
            )
        assert time.monotonic() - begin < OP_TIJD
        klaar.set()
        await verkeer
        verzonden = inhoud(zender.opslag)
        for lezer in lezers:
            await tot(lambda lezer=lezer: geprojecteerd(lezer.opslag) == verzonden, 30)
            assert inhoud(lezer.opslag) == verzonden
    assert {r["reden"] for r in log.regels("taak_hervat")} == {"bus-vastgelopen", "bus-fout"}
