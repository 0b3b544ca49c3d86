"""A real broker on this machine, as tests, the chain and the chaos runs use it."""

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import InvalidReplicationFactorError
from deploy.lokaal.broker import VLUG, Broker, vrije_poort
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import brokers, leider, maak_topics, verwijder_topics


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


def test_een_cluster_mag_met_een_streepje_beginnen(tmp_path: Path) -> None:
    """Of the ids that chance gives, one in 64 does."""
    broker = Broker(tmp_path / "broker", 1, vrije_poort(), VLUG)
    regels = (
        f"node.id=1\nlog.dirs={tmp_path / 'data'}\ncontroller.quorum.voters=1@127.0.0.1:1\n"
        "listeners=BUS://127.0.0.1:2,CONTROLLER://127.0.0.1:1\n"
        "listener.security.protocol.map=BUS:PLAINTEXT,CONTROLLER:PLAINTEXT\n"
        "inter.broker.listener.name=BUS\n"
    )
    broker.stel_in(regels)
    broker.formatteer("-BgaIlh6S_GeLv4smq_ggw")
    assert "-BgaIlh6S_GeLv4smq_ggw" in (tmp_path / "data" / "meta.properties").read_text()


def test_een_broker_die_nog_niets_aanneemt_wordt_even_later_weer_gevraagd(
    kafka: Toegang, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As just after a freeze, when the controller does not count it in yet; not for ever."""
    echt, keren = AIOKafkaAdminClient.create_topics, []

    async def eerst_niet(beheer: AIOKafkaAdminClient, nieuw: list[NewTopic]) -> Any:
        keren.append(nieuw)
        if len(keren) > 2:
            return await echt(beheer, nieuw)
        fouten = [(topic.name, InvalidReplicationFactorError.errno, "") for topic in nieuw]
        return SimpleNamespace(topic_errors=fouten)

    monkeypatch.setattr(AIOKafkaAdminClient, "create_topics", eerst_niet)
    naam = f"proef.{uuid4()}"
    maak_topics(kafka, [naam])
    assert len(keren) == 3
    verwijder_topics(kafka, [naam])
    with pytest.raises(InvalidReplicationFactorError):
        maak_topics(kafka, [naam], kopieen=9)
