"""A real broker on this machine, as tests, the chain and the chaos runs use it."""

from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import brokers, leider


async def test_wat_verstuurd_is_komt_aan(kafka: Toegang, topics: Mapping[str, str]) -> None:
    topic = topics["herstellen"]
    async with AIOKafkaProducer(
        **kafka.voor_aiokafka(), acks="all", enable_idempotence=True
    ) as zender:
        await zender.send_and_wait(topic, b"melding", key=b"wortel")
    async with AIOKafkaConsumer(
        topic, **kafka.voor_aiokafka(), auto_offset_reset="earliest"
    ) as lezer:
        bericht = await lezer.getone()
    assert (bericht.key, bericht.value) == (b"wortel", b"melding")


def test_iedere_test_heeft_topics_van_zichzelf(kafka: Toegang, topics: Mapping[str, str]) -> None:
    assert brokers(kafka) == {1}
    assert {leider(kafka, topic, deel) for topic in topics.values() for deel in range(4)} == {1}
