"""A broker for those who break it, and a log that is read."""

import io
import os
from collections.abc import Iterator

import pytest
from deploy.lokaal.kafka import Kafka
from tests.bus.meelezen import Log

from schakel.kern import logboek


@pytest.fixture(autouse=True)
def log() -> Iterator[Log]:
    """What the services say; a line that is not in the catalogue raises."""
    uit = io.StringIO()
    logboek.stel_in(strikt=True, uit=uit)
    yield Log(uit)
    logboek.stel_in(strikt=True)


@pytest.fixture(autouse=True)
def _schone_omgeving(monkeypatch: pytest.MonkeyPatch) -> None:
    for naam in list(os.environ):
        if naam.upper().startswith("SCHAKEL_"):
            monkeypatch.delenv(naam)


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
