"""What was meant for a topic that is gone never lands in the next one of that name (D1)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from deploy.lokaal.toegang import Toegang
from tests.kern.kafkabus import PARTITIES, KafkaTopic, toegang_voor

from schakel.kern.bus import Busverbinding, Verzending
from schakel.kern.bus.kafka import uitgave
from schakel.kern.bus.kafka.uitgave import bind_lezer
from schakel.kern.grond.weigering import BusFout

SLEUTEL = str(uuid4()).encode()


def verzending(nummer: int) -> Verzending:
    return Verzending(nummer, SLEUTEL, f"bericht {nummer}".encode(), "type")


async def staat_er(kafka: Toegang, topic: KafkaTopic) -> list[bytes]:
    kijker = AIOKafkaConsumer(topic.naam, auto_offset_reset="earliest", **kafka.voor_aiokafka())
    async with kijker:
        einden = await kijker.end_offsets(list(kijker.assignment()))
        gelezen: list[bytes] = []
        while len(gelezen) < sum(einden.values()):
            for rij in (await kijker.getmany(timeout_ms=1000)).values():
                gelezen += [record.value for record in rij]
        return gelezen


async def test_een_partij_onderweg_terwijl_het_topic_wordt_gewist_komt_niet_in_het_nieuwe(
    elke_kafka: Toegang,
) -> None:
    topic = KafkaTopic(elke_kafka)
    await topic.maak()
    try:
        async with topic.uitgang.open() as kanaal:
            await kanaal.zend([verzending(1), verzending(2)])
            await topic.wis()
            with pytest.raises(BusFout, match="opnieuw gemaakt") as gemeld:
                await kanaal.zend([verzending(3)])
        assert gemeld.value.code == "topic-vernieuwd"
        async with topic.uitgang.open() as nieuw:
            await nieuw.zend([verzending(n) for n in (1, 2, 3)])
        assert await staat_er(elke_kafka, topic) == [verzending(n).waarde for n in (1, 2, 3)]
    finally:
        await topic.verwijder()


async def test_terwijl_een_topic_steeds_wordt_gewist_begint_elk_nieuw_met_het_eerste(
    elke_kafka: Toegang,
) -> None:
    """Whatever the moment is: the broker tells them apart, or was just asked."""
    topic = KafkaTopic(elke_kafka, partities=1)
    await topic.maak()
    weggegooid = 0

    async def zend_door(kanaal: Busverbinding) -> None:
        nonlocal weggegooid
        nummer = 1
        while True:
            try:
                await kanaal.zend([verzending(nummer)])
            except BusFout:
                weggegooid += 1
                return
            nummer += 1

    try:
        async with AsyncExitStack() as einde:
            for _ in range(5):
                kanaal = await einde.enter_async_context(topic.uitgang.open())
                zender = asyncio.ensure_future(zend_door(kanaal))
                await asyncio.sleep(0.3)
                await topic.wis()
                await zender
                assert await staat_er(elke_kafka, topic) == []
        assert weggegooid == 5
    finally:
        await topic.verwijder()


async def test_wie_een_andere_uitgave_bedoelt_leest_niets_en_hoort_het(
    elke_kafka: Toegang,
) -> None:
    """The numbers begin again there: it would look like what follows on what was read."""
    topic = KafkaTopic(elke_kafka, partities=1)
    await topic.maak()
    try:
        async with topic.uitgang.open() as kanaal:
            await kanaal.zend([verzending(1), verzending(2)])
        deze, andere = kanaal.merk, str(uuid4())
        assert await _gelezen(elke_kafka, topic, deze) == ([b"bericht 1", b"bericht 2"], False)
        assert await _gelezen(elke_kafka, topic, andere) == ([], True)
    finally:
        await topic.verwijder()


async def _gelezen(kafka: Toegang, topic: KafkaTopic, merk: str) -> tuple[list[bytes], bool]:
    """What is read of an incarnation from its beginning, and whether it was said to be gone."""
    is_weg = asyncio.Event()
    async with lezer(kafka, topic, merk, partities=1, weg=is_weg.set) as consument:
        gehaald = await consument.getmany(timeout_ms=1_000)
    return [record.value for rij in gehaald.values() for record in rij], is_weg.is_set()


@asynccontextmanager
async def lezer(
    kafka: Toegang,
    topic: KafkaTopic,
    merk: str,
    *,
    partities: int = PARTITIES,
    weg: Callable[[], None] = lambda: None,
) -> AsyncIterator[AIOKafkaConsumer]:
    """At the beginning of every partition."""
    async with toegang_voor(kafka, "lezer").consument() as consument:
        bind_lezer(consument, {topic.naam: merk}, weg)
        delen = [TopicPartition(topic.naam, nummer) for nummer in range(partities)]
        consument.assign(delen)
        for deel in delen:
            consument.seek(deel, 0)
        yield consument


async def gevraagd(consument: AIOKafkaConsumer, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often it asks in a second in which there is nothing."""
    keren: list[object] = []
    bouw = uitgave._Lees.build
    with monkeypatch.context() as m:
        m.setattr(uitgave._Lees, "build", lambda *een: keren.append(een) or bouw(*een))
        assert not any((await consument.getmany(timeout_ms=1_000)).values())
    return len(keren)


@pytest.fixture
async def in_rust(
    kafka: Toegang, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Busverbinding, AIOKafkaConsumer]]:
    """A way out to a topic and who reads it, with a long time for the broker to wait for news."""
    monkeypatch.setattr(uitgave, "RUST_MS", 4_000)
    topic = KafkaTopic(kafka)
    await topic.maak()
    try:
        async with topic.uitgang.open() as kanaal, lezer(kafka, topic, kanaal.merk) as consument:
            yield kanaal, consument
    finally:
        await topic.verwijder()


async def test_wie_alles_vroeg_vraagt_in_rust_zelden_en_krijgt_nieuws_meteen(
    in_rust: tuple[Busverbinding, AIOKafkaConsumer], monkeypatch: pytest.MonkeyPatch
) -> None:
    kanaal, consument = in_rust
    for _ in range(5):  # it is at rest when it knows of every partition that there is nothing
        if (keren := await gevraagd(consument, monkeypatch)) <= 2:
            break
    assert keren <= 2
    haalt = asyncio.ensure_future(consument.getmany(timeout_ms=10_000))
    await kanaal.zend([verzending(1)])
    async with asyncio.timeout(2):
        (rij,) = (await haalt).values()
    assert [record.value for record in rij] == [b"bericht 1"]


async def test_op_een_antwoord_dat_niet_over_alles_gaat_wordt_kort_gewacht(
    in_rust: tuple[Busverbinding, AIOKafkaConsumer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """News in what was left out cannot end it."""
    _, consument = in_rust
    consument.pause(*list(consument.assignment())[:1])
    assert await gevraagd(consument, monkeypatch) > 5
