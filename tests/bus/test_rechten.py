"""Who may do what on the bus: every service against every topic and group, on a real broker."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from itertools import compress

import pytest
import yaml
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    GroupCoordinatorNotAvailableError,
    GroupLoadInProgressError,
    TopicAuthorizationFailedError,
)
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import Toegang
from tests.bus.conftest import BESTANDEN, schakel_topics

from schakel.contracts.topics import topic_van

OIN = "00000099000000001000"
RECHTEN: Mapping[str, Mapping[str, list[str]]] = yaml.safe_load(
    (BESTANDEN / "acls.yaml").read_text()
)["diensten"]
DIENSTEN = tuple(RECHTEN)
TOPICS = {dienst: topic_van(OIN, dienst) for dienst in DIENSTEN if dienst != "orchestrator"}


@pytest.fixture(scope="module")
def kafka(beveiligd: Kafka) -> Kafka:
    """A broker that denies whatever ``schakel topics`` did not allow."""
    schakel_topics(beveiligd, OIN)
    asyncio.run(vul(beveiligd.toegang()))
    return beveiligd


async def vul(beheer: Toegang) -> None:
    """Something to read in every topic, and the broker ready to speak of groups."""
    zender = AIOKafkaProducer(**beheer.voor_aiokafka(), acks="all")
    await zender.start()
    for topic in TOPICS.values():
        await zender.send_and_wait(topic, b"x", partition=0)
    await zender.stop()
    async with asyncio.timeout(30):
        while not await kent_groepen(beheer):  # noqa: ASYNC110 - the broker sets no event
            await asyncio.sleep(0.1)


async def kent_groepen(toegang: Toegang) -> bool:
    with suppress(GroupCoordinatorNotAvailableError, GroupLoadInProgressError):
        return await mag_meedoen(toegang, f"{OIN}.afspreken")
    return False


async def mag_schrijven(toegang: Toegang, topic: str) -> bool:
    zender = AIOKafkaProducer(**toegang.voor_aiokafka(), acks="all")
    await zender.start()
    try:
        await zender.send_and_wait(topic, b"x")
    except TopicAuthorizationFailedError:
        return False
    finally:
        await zender.stop()
    return True


async def mag_lezen(toegang: Toegang, topic: str) -> bool:
    lezer = AIOKafkaConsumer(**toegang.voor_aiokafka(), auto_offset_reset="none")
    await lezer.start()
    try:
        plek = TopicPartition(topic, 0)
        lezer.assign([plek])
        lezer.seek(plek, 0)
        # Who may read gets what stands there; who may not is refused, or never finds the topic.
        return bool(await lezer.getmany(timeout_ms=3_000))
    except TopicAuthorizationFailedError:
        return False
    finally:
        await lezer.stop()


async def mag_meedoen(toegang: Toegang, groep: str) -> bool:
    vrager = AIOKafkaAdminClient(**toegang.voor_aiokafka())
    await vrager.start()
    try:
        await vrager.list_consumer_group_offsets(groep)
    except GroupAuthorizationFailedError:
        return False
    finally:
        await vrager.close()
    return True


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # aiokafka leaves TLS without a goodbye
@pytest.mark.parametrize("dienst", DIENSTEN)
async def test_een_dienst_mag_wat_het_bestand_zegt_en_verder_niets(
    kafka: Kafka, dienst: str
) -> None:
    toegang = kafka.toegang(f"{OIN}.{dienst}")
    schrijft, leest, groepen = await wat_mag(toegang)
    assert schrijft == set(RECHTEN[dienst]["schrijft"])
    assert leest == set(RECHTEN[dienst]["leest"])
    assert groepen == {dienst}


@pytest.mark.filterwarnings("ignore::ResourceWarning")
async def test_wie_niet_in_het_bestand_staat_mag_niets(kafka: Kafka) -> None:
    vreemd = kafka.toegang("00000099000000002000.herstellen")
    assert await wat_mag(vreemd) == (set(), set(), set())


async def wat_mag(toegang: Toegang) -> tuple[set[str], set[str], set[str]]:
    """The services whose topic may be written, may be read, and whose group may be joined."""
    schrijft, leest, groepen = await asyncio.gather(
        asyncio.gather(*(mag_schrijven(toegang, topic) for topic in TOPICS.values())),
        asyncio.gather(*(mag_lezen(toegang, topic) for topic in TOPICS.values())),
        asyncio.gather(*(mag_meedoen(toegang, f"{OIN}.{dienst}") for dienst in DIENSTEN)),
    )
    return (
        set(compress(TOPICS, schrijft)),
        set(compress(TOPICS, leest)),
        set(compress(DIENSTEN, groepen)),
    )
