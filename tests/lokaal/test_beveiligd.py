"""Brokers that ask who somebody is, and let them do what they were given."""

import asyncio
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    KafkaConnectionError,
    TopicAuthorizationFailedError,
)
from deploy.lokaal import gereedschap
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import SASL_SSL, SSL, Toegang
from deploy.lokaal.vragen import brokers, maak_topics

HERSTELLEN = "00000001234567890000.herstellen"

pytestmark = pytest.mark.traag


@pytest.fixture(scope="module", params=[SSL, SASL_SSL])
def beveiligd(request: pytest.FixtureRequest) -> Iterator[Kafka]:
    """With two topics, of which one may be written by herstellen."""
    with Kafka(beveiliging=request.param) as kafka:
        maak_topics(kafka.toegang(), ["eigen", "andermans"])
        wie = ("--allow-principal", f"User:{HERSTELLEN}")
        gereedschap.voer_uit(
            kafka.toegang(),
            gereedschap.ACLS,
            "--add",
            *wie,
            "--operation",
            "WRITE",
            "--topic",
            "eigen",
        )
        yield kafka


async def zend(toegang: Toegang, topic: str) -> None:
    zender = AIOKafkaProducer(**toegang.voor_aiokafka(), acks="all", enable_idempotence=True)
    try:
        await zender.start()
        await asyncio.wait_for(zender.send_and_wait(topic, b"x"), 30)
    finally:
        await zender.stop()
        await asyncio.sleep(0.1)  # aiokafka does not wait for the goodbye of TLS


async def test_wie_het_mag_schrijft_en_anders_niet(beveiligd: Kafka) -> None:
    dienst = beveiligd.toegang(HERSTELLEN)
    await zend(dienst, "eigen")
    with pytest.raises(TopicAuthorizationFailedError):
        await zend(dienst, "andermans")
    # Who may write nothing at all does not even get the number that keeps sending idempotent.
    with pytest.raises(ClusterAuthorizationFailedError):
        await zend(beveiligd.toegang("00000001234567890000.uitvoeren"), "eigen")


async def test_wie_zich_niet_kan_uitwijzen_komt_er_niet_in(
    beveiligd: Kafka, tmp_path: Path
) -> None:
    goed = beveiligd.toegang(HERSTELLEN)
    fout = tmp_path / "wachtwoord"
    fout.write_text("geraden")
    if goed.beveiliging == SSL:
        vreemd = dataclasses.replace(goed, certificaat=None, sleutel=None)
    else:
        vreemd = dataclasses.replace(goed, wachtwoordbestand=fout)
    with pytest.raises(KafkaConnectionError):
        await zend(vreemd, "eigen")
    with pytest.raises(KafkaConnectionError):
        await zend(Toegang(goed.bootstrap), "eigen")


def test_het_gereedschap_van_kafka_komt_er_met_dezelfde_toegang_in(beveiligd: Kafka) -> None:
    lijst = gereedschap.voer_uit(beveiligd.toegang(), gereedschap.TOPICS, "--list")
    assert set(lijst.split()) == {"eigen", "andermans"}
    assert brokers(beveiligd.toegang()) == {1}
