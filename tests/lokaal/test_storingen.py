"""Brokers that are killed, paused and left behind."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from deploy.lokaal import versnelling
from deploy.lokaal.broker import is_vrij
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import brokers, leider, maak_topics

WORTEL = Path(__file__).parents[2]

DEEL = """
import sys
from pathlib import Path
from deploy.lokaal.postgres import PostgresServer
from tests.lokaal.gedeeld import gedeelde_kafka
with gedeelde_kafka(Path(sys.argv[1])) as toegang, PostgresServer(fsync=False) as server:
    server.pauzeer()
    print(toegang.bootstrap, server.map, server.pid, flush=True)
    sys.stdin.read()
"""


def wacht_tot(waar: Callable[[], bool], seconden: float = 60) -> None:
    einde = time.monotonic() + seconden
    while not waar():
        assert time.monotonic() < einde
        time.sleep(0.05)


async def zend(toegang: Toegang, topic: str, waarde: bytes) -> None:
    async with AIOKafkaProducer(
        **toegang.voor_aiokafka(), acks="all", enable_idempotence=True
    ) as zender:
        await asyncio.wait_for(zender.send_and_wait(topic, waarde, partition=0), 60)


async def lees(toegang: Toegang, topic: str, aantal: int) -> list[bytes | None]:
    async with AIOKafkaConsumer(
        topic, **toegang.voor_aiokafka(), auto_offset_reset="earliest"
    ) as lezer:
        return [(await asyncio.wait_for(lezer.getone(), 60)).value for _ in range(aantal)]


@pytest.fixture(scope="module")
def eigen() -> Iterator[Kafka]:
    with Kafka() as kafka:
        maak_topics(kafka.toegang(), ["proef"], partities=1)
        yield kafka


async def test_wat_bevestigd_is_overleeft_een_kill_9(eigen: Kafka) -> None:
    await zend(eigen.toegang(), "proef", b"bewaard")
    (broker,) = eigen.brokers
    eerst = broker.pid
    broker.breek_af()
    assert is_vrij(broker.poort)
    assert brokers(eigen.toegang()) == set()
    eigen.start()
    assert broker.pid != eerst
    assert await lees(eigen.toegang(), "proef", 1) == [b"bewaard"]


async def test_wie_gepauzeerd_is_zwijgt_en_gaat_daarna_verder(eigen: Kafka) -> None:
    (broker,) = eigen.brokers
    broker.pauzeer()
    poging = asyncio.create_task(zend(eigen.toegang(), "proef", b"later"))
    await asyncio.wait([poging], timeout=1)
    assert not poging.done()
    broker.hervat()
    await poging


def test_een_topic_ontstaat_niet_door_erom_te_vragen(eigen: Kafka) -> None:
    assert leider(eigen.toegang(), "verschreven") is None
    assert not list(eigen.map.rglob("verschreven-*"))


@pytest.mark.traag
def test_een_gedood_proces_laat_niets_achter_en_neemt_een_ander_niets_af(tmp_path: Path) -> None:
    """Two test processes share a broker, each with a PostgreSQL of its own; both are killed."""
    map_ = tmp_path / "kafka"
    opdracht = [sys.executable, "-c", DEEL, str(map_)]
    pijp = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": WORTEL}
    with subprocess.Popen(opdracht, **pijp) as eerste, subprocess.Popen(opdracht, **pijp) as tweede:
        bootstrap, *rest = eerste.stdout.readline().split()
        zelfde, *ander = tweede.stdout.readline().split()
        assert zelfde == bootstrap
        broker = psutil.Process(int((map_ / "broker-1" / "broker.pid").read_text()))

        eerste.kill()
        wacht_tot(lambda: not Path(rest[0]).exists())
        assert brokers(Toegang(bootstrap)) == {1}

        tweede.kill()
        wacht_tot(lambda: not map_.exists() and not Path(ander[0]).exists())
    for pid in (broker.pid, int(rest[1]), int(ander[1])):
        assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.traag
async def test_van_drie_brokers_mag_er_een_vallen_ook_de_leider_en_de_controller() -> None:
    with Kafka(aantal=3) as kafka:
        toegang = kafka.toegang()
        assert brokers(toegang) == {1, 2, 3}
        maak_topics(toegang, ["proef"], partities=1, kopieen=3)
        for nummer, kies in enumerate((lambda: kafka.leider("proef"), kafka.controller)):
            gevallen = kies()
            gevallen.breek_af()
            await zend(toegang, "proef", b"%d" % nummer)
            assert kies().nummer != gevallen.nummer
            kafka.start()
        assert await lees(toegang, "proef", 2) == [b"0", b"1"]


@pytest.mark.traag
def test_een_bedorven_versnelling_houdt_kafka_niet_tegen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bedorven = tmp_path / "kafka.aot"
    bedorven.write_bytes(b"iets van een ander Java" * 1000)
    monkeypatch.setattr(versnelling, "_bestand", lambda _: bedorven)
    with Kafka() as kafka:
        assert str(bedorven) in "".join(psutil.Process(kafka.brokers[0].pid).cmdline())
        assert brokers(kafka.toegang()) == {1}
