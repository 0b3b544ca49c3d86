"""Questions to a running Kafka, for who does not want to know about event loops."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from threading import Thread
from typing import Any, TypeVar

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    InvalidReplicationFactorError,
    KafkaError,
    TopicAlreadyExistsError,
    for_code,
)
from deploy.lokaal.toegang import Toegang

T = TypeVar("T")

GEDULD_MS = 5000


def brokers(toegang: Toegang) -> set[int]:
    """The brokers that take part now; none when nobody answers."""

    async def vraag(klant: AIOKafkaClient) -> set[int]:
        return {broker.nodeId for broker in klant.cluster.brokers()}

    try:
        return _met_klant(toegang, vraag)
    except (KafkaError, OSError):
        return set()


def leider(toegang: Toegang, topic: str, partitie: int = 0) -> int | None:
    """The broker that all senders to this partition depend on; None while it has none."""

    async def vraag(klant: AIOKafkaClient) -> int | None:
        await klant.set_topics([topic])
        return _leider(klant, TopicPartition(topic, partitie))

    return _met_klant(toegang, vraag)


def zijn_gelijk(toegang: Toegang, namen: Iterable[str]) -> bool:
    """Whether all copies of these topics have everything: then any one broker may go."""
    topics = list(namen)

    async def vraag(klant: AIOKafkaClient) -> bool:
        await klant.set_topics(topics)
        await klant.force_metadata_update()
        delen = [deel for topic in topics for deel in klant.cluster._partitions[topic].values()]  # noqa: SLF001
        return all(set(deel.isr) == set(deel.replicas) for deel in delen)

    return _met_klant(toegang, vraag)


def maak_topics(
    toegang: Toegang, namen: Iterable[str], *, partities: int = 4, kopieen: int = 1
) -> None:
    """Make topics as a test wants them, and wait until they can be used; what is there stays."""
    nieuw = [NewTopic(naam, partities, kopieen) for naam in namen]

    async def vraag(beheer: AIOKafkaAdminClient) -> None:
        tot = time.monotonic() + GEDULD_MS / 1000
        while True:
            antwoord: Any = await beheer.create_topics(nieuw)
            fouten = {for_code(code) for _, code, *_ in antwoord.topic_errors if code}
            if not (fouten := fouten - {TopicAlreadyExistsError}):
                return
            # A broker that was away, or frozen, takes nothing for a moment longer.
            if fouten != {InvalidReplicationFactorError} or time.monotonic() > tot:
                raise fouten.pop()
            await asyncio.sleep(0.2)

    async def wacht(klant: AIOKafkaClient) -> None:
        alles = {TopicPartition(topic.name, p) for topic in nieuw for p in range(partities)}
        await klant.set_topics([topic.name for topic in nieuw])
        while None in {_leider(klant, deel) for deel in alles}:
            await asyncio.sleep(0.05)
            await klant.force_metadata_update()

    _met_beheer(toegang, vraag)
    _met_klant(toegang, wacht)


def verwijder_topics(toegang: Toegang, namen: Iterable[str]) -> None:
    """Remove topics with all that is in them."""

    async def vraag(beheer: AIOKafkaAdminClient) -> None:
        await beheer.delete_topics(list(namen))

    _met_beheer(toegang, vraag)


def _leider(klant: AIOKafkaClient, deel: TopicPartition) -> int | None:
    gevonden: int | None = klant.cluster.leader_for_partition(deel)
    return None if gevonden is None or gevonden < 0 else gevonden


def _met_klant(toegang: Toegang, vraag: Callable[[AIOKafkaClient], Awaitable[T]]) -> T:
    async def doe() -> T:
        klant = AIOKafkaClient(**toegang.voor_aiokafka(), request_timeout_ms=GEDULD_MS)
        try:
            await klant.bootstrap()
            return await vraag(klant)
        finally:
            await klant.close()

    return _in_eigen_lus(doe)


def _met_beheer(toegang: Toegang, vraag: Callable[[AIOKafkaAdminClient], Awaitable[T]]) -> T:
    async def doe() -> T:
        beheer = AIOKafkaAdminClient(**toegang.voor_aiokafka(), request_timeout_ms=GEDULD_MS)
        await beheer.start()
        try:
            return await vraag(beheer)
        finally:
            await beheer.close()

    return _in_eigen_lus(doe)


def _in_eigen_lus(doe: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """In a thread of its own: the caller may well be inside a loop that runs."""

    async def begrensd() -> T:
        return await asyncio.wait_for(doe(), 3 * GEDULD_MS / 1000)

    with _stil():
        return asyncio.run_coroutine_threadsafe(begrensd(), _lus()).result()


@cache
def _lus() -> asyncio.AbstractEventLoop:
    """One that goes on: closing TLS takes an answer, for which aiokafka does not wait."""
    lus = asyncio.new_event_loop()
    Thread(target=lus.run_forever, name="vragen aan Kafka", daemon=True).start()
    return lus


@contextmanager
def _stil() -> Iterator[None]:
    """Asking a broker that is not there yet is what we do; aiokafka logs each try as an error."""
    logger = logging.getLogger("aiokafka")
    eerder = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(eerder)
