"""Brokers: one for those who break it, two that ask who you are; and a log that is read."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import SASL_SSL, SSL
from tests.bus.meelezen import Log

from schakel.cli.app import voer_uit
from schakel.kern.zicht import logboek

BESTANDEN = Path(__file__).parents[2] / "deploy" / "kafka"


@pytest.fixture(autouse=True)
def log() -> Iterator[Log]:
    """What the services say; a line that is not in the catalogue raises."""
    uit = io.StringIO()
    logboek.stel_in(strikt=True, uit=uit)
    yield Log(uit)
    logboek.stel_in(strikt=True)


@pytest.fixture(scope="module")
def eigen_kafka() -> Iterator[Kafka]:
    """One broker for the tests of one module, which may do to it what they want."""
    with Kafka() as kafka:
        yield kafka


@pytest.fixture
def breekbaar(eigen_kafka: Kafka) -> Kafka:
    """It runs, whatever the test before this one did to it."""
    eigen_kafka.start()
    return eigen_kafka


@pytest.fixture(scope="session", params=[SSL, SASL_SSL])
def beveiligd(request: pytest.FixtureRequest) -> Iterator[Kafka]:
    """A broker that denies whatever nobody allowed, with certificates or with passwords."""
    with Kafka(beveiliging=request.param) as kafka:
        yield kafka


def schakel_topics(kafka: Kafka, oin: str) -> None:
    """What an operator does for an organisation: its topics and rights, from the two files."""
    bestanden = ("--bestand", BESTANDEN / "topics.yaml", "--acls", BESTANDEN / "acls.yaml")
    opdracht = ["topics", *map(str, bestanden), "--replicatiefactor", "1", "-o", "json"]
    with pytest.MonkeyPatch.context() as m:
        for naam, waarde in {**kafka.toegang().omgeving(), "SCHAKEL_OIN": oin}.items():
            m.setenv(naam, waarde)
        assert voer_uit(opdracht) == 0
        assert voer_uit([*opdracht, "--controleer"]) == 0
