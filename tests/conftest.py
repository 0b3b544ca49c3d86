"""A real PostgreSQL and a real Kafka for whichever test asks for it, from Python packages."""

import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import SystemRandom

import pytest
from deploy.lokaal.postgres import Databases, PostgresServer
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import maak_topics, verwijder_topics
from tests.lokaal.gedeeld import DRIE, gedeelde_kafka

from schakel.contracts.organisatie import GRENS
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import Proces


def pytest_configure() -> None:
    """Ctrl-C means here what it means to who sits at a terminal.

    A shell lets what it runs in the background ignore it, and so would all that a test starts.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _schone_omgeving(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of the machine."""
    for naam in list(os.environ):
        if naam.upper().startswith("SCHAKEL_"):
            monkeypatch.delenv(naam)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """One server per test process; fresh databases on it for whoever asks."""
    if bestaand := os.environ.get("TEST_POSTGRES_URL"):
        server = Databases(bestaand)
        yield server
        server.ruim_op()
        return
    with PostgresServer(fsync=False) as eigen:
        yield eigen


@pytest.fixture
def breekbare_postgres() -> Iterator[PostgresServer]:
    """A server that belongs to one test, which may kill and pause it."""
    with PostgresServer(fsync=False) as server:
        yield server


@pytest.fixture
def open_map() -> Iterator[Path]:
    """For the data of PostgreSQL: root runs it as another user, and pytest locks tmp_path."""
    with tempfile.TemporaryDirectory(prefix="schakel-proef-") as map_:
        yield Path(map_)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toegang]:
    """One open broker for the whole run, started for the first test that wants it.

    Whoever kills, pauses or fills a broker takes one of its own: `deploy.lokaal.kafka.Kafka`.
    """
    if bestaand := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield Toegang(bestaand)
        return
    with gedeelde_kafka(_map_van_de_run(tmp_path_factory) / "kafka") as toegang:
        yield toegang


@pytest.fixture(scope="session")
def kafka_3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toegang]:
    """The same, of before Kafka 4.1: what is written there does not go by the id of the topic."""
    if "KAFKA_BOOTSTRAP_SERVERS" in os.environ:
        pytest.skip("KAFKA_BOOTSTRAP_SERVERS says which Kafka there is")
    with gedeelde_kafka(_map_van_de_run(tmp_path_factory) / "kafka-3", DRIE) as toegang:
        yield toegang


KAFKAS = ("kafka", "kafka_3")


@pytest.fixture(params=KAFKAS)
def elke_kafka(request: pytest.FixtureRequest) -> Toegang:
    """The newest and the one from before 4.1: for what has to hold on both."""
    toegang: Toegang = request.getfixturevalue(request.param)
    return toegang


def _map_van_de_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    map_ = tmp_path_factory.getbasetemp()
    return map_.parent if "PYTEST_XDIST_WORKER" in os.environ else map_  # not of this worker


@pytest.fixture
def oin() -> str:
    """An organisation that no other test knows: topics and groups of its own on one broker."""
    return f"{SystemRandom().randrange(10**20):020}"


@pytest.fixture
def topics(kafka: Toegang, oin: str) -> Iterator[Mapping[str, str]]:
    """The empty topics of an organisation of its own: service -> topic."""
    namen = {dienst: topic_van(oin, dienst) for dienst in (*(p.value for p in Proces), GRENS)}
    maak_topics(kafka, namen.values())
    yield namen
    verwijder_topics(kafka, namen.values())
