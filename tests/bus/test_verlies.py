"""The broker lost what it had confirmed, or never had it: the stores fill it again (D1)."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import maak_topics, verwijder_topics
from tests.bus.deur import deur, orchestrator, proces
from tests.bus.dozen import Ontvanger, Zender, is_bezorgd, topic_op
from tests.bus.meelezen import Log
from tests.kern.kafkabus import KafkaTopic
from tests.kern.proef import TABELLEN, sporen, tot
from tests.lokaal.gedeeld import DRIE

from schakel.contracts.topics import historie_van, topic_van, topics_van
from schakel.contracts.werkstromen import Proces
from schakel.kern.opslag import Lading, lees_posities
from schakel.kern.opslag.sqlite import SqliteOpslag

KISTEN = [uuid4() for _ in range(12)]


def open_op(pad: Path) -> SqliteOpslag:
    return SqliteOpslag(pad, TABELLEN)


def kort_in(kafka: Kafka, topic: KafkaTopic) -> None:
    """Half of every partition was not on the disk when the machine of the broker went down."""
    for deel in (kafka.brokers[0].map / "data").glob(f"{topic.naam}-*/*.log"):
        with deel.open("r+b") as bestand:
            bestand.truncate(deel.stat().st_size // 2)


@pytest.mark.parametrize("intussen", [False, True], ids=["in rust", "onder het werk"])
async def test_een_broker_die_zijn_einde_verloor_krijgt_het_terug(
    breekbaar: Kafka, tmp_path: Path, intussen: bool
) -> None:
    await krijgt_zijn_einde_terug(breekbaar, tmp_path, intussen=intussen)


async def test_ook_een_broker_die_niet_op_id_schrijft_krijgt_zijn_einde_terug(
    tmp_path: Path,
) -> None:
    """It tells in another answer where a batch was kept."""
    with Kafka(versie=DRIE) as kafka:
        await krijgt_zijn_einde_terug(kafka, tmp_path, intussen=True)


async def krijgt_zijn_einde_terug(kafka: Kafka, tmp_path: Path, *, intussen: bool) -> None:
    async with AsyncExitStack() as einde:
        topic = await einde.enter_async_context(topic_op(kafka.toegang()))
        zender = await einde.enter_async_context(Zender(open_op(tmp_path / "zender.db"), topic))
        lezer = await einde.enter_async_context(Ontvanger(open_op(tmp_path / "lezer.db"), topic))
        for begin in range(20, 320, 60):  # more than one record batch in every partition
            await zender.vul(KISTEN, range(begin, begin + 60))
            await is_bezorgd(zender.opslag, lezer.opslag)
        kafka.brokers[0].breek_af()
        kort_in(kafka, topic)
        if intussen:
            await zender.vul(KISTEN, range(1_000, 1_060))
        await asyncio.to_thread(kafka.start)
        # Who comes now has only the bus to know it from.
        later = KafkaTopic(kafka.toegang(), topic.naam, groep="later")
        nieuw = await einde.enter_async_context(Ontvanger(open_op(tmp_path / "nieuw.db"), later))
        await is_bezorgd(zender.opslag, nieuw.opslag)
        await is_bezorgd(zender.opslag, lezer.opslag)
        assert sporen(lezer.opslag)["geparkeerd"] == 0


async def test_wie_verder_was_dan_het_log_nu_gaat_leest_opnieuw_en_onthoudt_dat(
    breekbaar: Kafka, tmp_path: Path
) -> None:
    """Else, once the log has grown again, what came at the places that were lost is never read."""
    async with AsyncExitStack() as einde:
        topic = await einde.enter_async_context(topic_op(breekbaar.toegang()))
        zender = await einde.enter_async_context(Zender(open_op(tmp_path / "zender.db"), topic))
        await zender.vul(KISTEN, range(20, 22))
        opslag = open_op(tmp_path / "lezer.db")
        async with Ontvanger(opslag, topic):
            await is_bezorgd(zender.opslag, opslag)
            stond = {naam: plek for naam, plek in lees_posities(opslag).items() if "@" in naam}
        opslag = open_op(tmp_path / "lezer.db")
        opslag.schrijf(Lading(posities=dict.fromkeys(stond, 1_000)))
        async with Ontvanger(opslag, topic):
            await tot(lambda: {n: lees_posities(opslag).get(n) for n in stond} == stond)
        assert stond


async def test_een_bus_die_helemaal_weg_was_wordt_weer_gevuld(tmp_path: Path, log: Log) -> None:
    """Another cluster at the same address, with topics of the same name: nothing is in them."""
    async with AsyncExitStack() as einde:
        with Kafka() as verloren:
            topic = KafkaTopic(verloren.toegang())
            await topic.maak()
            zender = await einde.enter_async_context(Zender(open_op(tmp_path / "z.db"), topic))
            lezer = await einde.enter_async_context(Ontvanger(open_op(tmp_path / "l.db"), topic))
            await zender.vul(KISTEN, range(20, 200))
            await is_bezorgd(zender.opslag, lezer.opslag)
        with Kafka(poort=verloren.poort):
            await zender.vul(KISTEN, range(200, 260))
            await tot(lambda: "topic-ontbreekt" in redenen(log), 30)
            await topic.maak()
            later = KafkaTopic(verloren.toegang(), topic.naam, groep="later")
            nieuw = await einde.enter_async_context(Ontvanger(open_op(tmp_path / "n.db"), later))
            await is_bezorgd(zender.opslag, nieuw.opslag)
            await is_bezorgd(zender.opslag, lezer.opslag)
            await einde.aclose()


def redenen(log: Log) -> list[str]:
    return [regel["reden"] for regel in log.regels("taak_hervat")]


async def test_wie_begint_voor_de_topics_er_zijn_doet_mee_zodra_ze_er_zijn(
    kafka: Toegang, oin: str, tmp_path: Path, log: Log
) -> None:
    eigen, (historie, _) = topic_van(oin, Proces.HERSTELLEN), historie_van(oin)
    try:
        async with (
            deur(proces(Proces.HERSTELLEN, kafka, oin, tmp_path)) as h,
            deur(orchestrator(kafka, oin, tmp_path)) as o,
        ):
            gemeld = {await h.meld() for _ in range(3)}
            await tot(lambda: len(redenen(log)) >= 3, 30)
            await asyncio.sleep(2)  # several attempts, of which one is told
            assert redenen(log) == ["topic-ontbreekt"] * 3
            await asyncio.to_thread(maak_topics, kafka, [eigen])
            await tot(lambda: o.gezien() == gemeld, 30)
            await asyncio.to_thread(maak_topics, kafka, [*topics_van(oin), historie])
            gemeld.add(await h.meld())
            await h.op_de_bus()
            await tot(lambda: o.gezien() == gemeld, 30)
        weg = [(r["dienst"], len(r["topics"])) for r in log.regels("topics_ontbreken")]
        assert {("herstellen", 5), ("orchestrator", 6), ("orchestrator", 7)} <= set(weg)
        assert len(weg) == len(set(weg))
        assert sorted(redenen(log))[:3] == ["topic-ontbreekt"] * 3
        assert set(redenen(log)[3:]) <= {"topic-vernieuwd"}
    finally:
        await asyncio.to_thread(verwijder_topics, kafka, [*topics_van(oin), historie])
