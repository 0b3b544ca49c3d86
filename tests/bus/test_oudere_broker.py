"""Brokers from before Kafka 4.1: what they cannot do is asked beforehand, told, or refused."""

import asyncio
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka.client import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.produce import ProduceRequest
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import maak_topics, verwijder_topics
from tests.bus.deur import deur, proces
from tests.bus.dozen import Ontvanger, Zender, is_bezorgd, topic_op
from tests.bus.meelezen import Log
from tests.kern.kafkabus import KafkaTopic
from tests.kern.proef import TABELLEN, geprojecteerd, inhoud, sporen, tot
from tests.lokaal.gedeeld import DRIE

from schakel.contracts.topics import topics_van
from schakel.contracts.werkstromen import Proces
from schakel.kern.bus import Verzending
from schakel.kern.bus.kafka.draad import Uuid
from schakel.kern.bus.kafka.uitgave import OP_ID, OP_NAAM
from schakel.kern.grond.weigering import BusFout
from schakel.kern.opslag.sqlite import SqliteOpslag


def open_op(map_: Path, naam: str) -> SqliteOpslag:
    return SqliteOpslag(map_ / f"{naam}.db", TABELLEN)


@pytest.mark.parametrize(("kafka_", "wijze"), [("kafka", OP_ID), ("kafka_3", OP_NAAM)])
async def test_klaar_en_het_log_zeggen_hoe_er_wordt_gezonden(
    request: pytest.FixtureRequest, oin: str, tmp_path: Path, log: Log, kafka_: str, wijze: str
) -> None:
    """Before anything is sent, and once."""
    kafka: Toegang = request.getfixturevalue(kafka_)
    maak_topics(kafka, topics_van(oin))
    try:
        async with deur(proces(Proces.HERSTELLEN, kafka, oin, tmp_path)) as h:
            for _ in range(2):
                await h.op_de_bus()
                klaar = (await h.klant.get("/klaar")).json()
                assert klaar["onderdelen"]["bus"] == "goed"
                assert klaar["toelichting"] == {"bus": wijze}
                await h.meld()
                await tot(lambda: h.dienst._relais.oudste_onverzonden() is None, 30)
        gezegd = [regel["niveau"] for regel in log.regels("bus_zonder_topic_id")]
        assert gezegd == ["warning"] * (wijze == OP_NAAM)
    finally:
        verwijder_topics(kafka, topics_van(oin))


async def test_wat_in_het_venster_valt_gaat_niet_verloren_en_heeft_een_keer_effect(
    kafka_3: Toegang, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wiped between the answer and the batch, as docs/beheer.md tells: only the order is lost."""
    kist = uuid4()
    async with AsyncExitStack() as einde:
        topic = await einde.enter_async_context(topic_op(kafka_3))
        _wis_net_voor_een_partij(topic, monkeypatch)
        zender = await einde.enter_async_context(Zender(open_op(tmp_path, "z"), topic))
        lezer = await einde.enter_async_context(Ontvanger(open_op(tmp_path, "l"), topic))
        await zender.vul([kist], range(20, 25))
        await is_bezorgd(zender.opslag, lezer.opslag)
        await zender.vul([kist], [NET_TE_LAAT])
        await is_bezorgd(zender.opslag, lezer.opslag)
        later = KafkaTopic(kafka_3, topic.naam, groep="later")
        nieuw = await einde.enter_async_context(Ontvanger(open_op(tmp_path, "n"), later))
        await tot(lambda: len(geprojecteerd(nieuw.opslag).get(kist, [])) == 6, 30)
        assert inhoud(nieuw.opslag) == {kist: [NET_TE_LAAT, 20, 21, 22, 23, 24]}
        assert sporen(lezer.opslag)["geparkeerd"] == sporen(nieuw.opslag)["geparkeerd"] == 0


NET_TE_LAAT = 7


def _wis_net_voor_een_partij(topic: KafkaTopic, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the broker has just told that the topic is still the same."""
    stuur = AIOKafkaClient.send
    gewist = False

    async def send(client: AIOKafkaClient, node_id: int, request: Any, **hoe: Any) -> Any:
        nonlocal gewist
        partijen = request._topics[0][1] if isinstance(request, ProduceRequest) else ()
        if not gewist and any(b'"wat": %d}' % NET_TE_LAAT in bytes(b) for _, b in partijen):
            gewist = True
            await topic.wis()
            # It tells that the topic is there, and has no log yet.
            while (antwoord := await stuur(client, node_id, request, **hoe)).topics[0][1][0][1]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            return antwoord
        return await stuur(client, node_id, request, **hoe)

    monkeypatch.setattr(AIOKafkaClient, "send", send)


async def test_een_broker_die_wordt_vernieuwd_krijgt_vanzelf_de_id(
    tmp_path: Path, log: Log
) -> None:
    """And nobody has to start a service again for it."""
    kist = uuid4()
    with ExitStack() as brokers:
        oud = brokers.enter_context(Kafka(tmp_path / "kafka", versie=DRIE))
        topic = KafkaTopic(oud.toegang())
        await topic.maak()
        async with (
            Zender(open_op(tmp_path, "z"), topic) as zender,
            Ontvanger(open_op(tmp_path, "l"), topic) as lezer,
        ):
            await zender.vul([kist], range(20, 40))
            await is_bezorgd(zender.opslag, lezer.opslag)
            uitgang = zender.relais._uitgang
            assert uitgang.wijze == OP_NAAM
            await asyncio.to_thread(oud.stop)
            brokers.enter_context(Kafka(oud.map))
            await zender.vul([kist], range(40, 60))
            await is_bezorgd(zender.opslag, lezer.opslag)
            assert uitgang.wijze == OP_ID
    assert len(list(log.regels("bus_zonder_topic_id"))) == 1


@pytest.mark.parametrize(("kafka_", "wijze"), [("kafka", OP_ID), ("kafka_3", OP_NAAM)])
async def test_wat_is_gezonden_telt_en_niet_wat_eerder_werd_gezegd(
    request: pytest.FixtureRequest, kafka_: str, wijze: str
) -> None:
    """A broker may be replaced under a connection that was made to another."""
    async with topic_op(request.getfixturevalue(kafka_)) as topic:
        uitgang = topic.uitgang
        async with uitgang.open() as kanaal:
            assert uitgang.wijze == wijze
            uitgang.wijze = "iets anders"
            await kanaal.zend([Verzending(1, b"sleutel", b"waarde", "type")])
            assert uitgang.wijze == wijze


async def _te_oud(verbinding: AIOKafkaConnection) -> None:
    """As Kafka 3.0: it can be asked for ids, and reads by name only."""
    await _vraag_versies(verbinding)
    verbinding._versions[FetchRequest.API_KEY] = (0, 12)


_vraag_versies = AIOKafkaConnection._do_version_lookup


@pytest.mark.parametrize("waarom", ["leest niet op id", "heeft geen ids"])
async def test_een_te_oude_broker_wordt_geweigerd(
    kafka: Toegang, monkeypatch: pytest.MonkeyPatch, waarom: str
) -> None:
    """Without ids nothing can be promised of what is wiped, so nothing is done."""
    async with topic_op(kafka) as topic:
        if waarom == "leest niet op id":
            monkeypatch.setattr(AIOKafkaConnection, "_do_version_lookup", _te_oud)
        else:
            monkeypatch.setattr(Uuid, "decode", lambda data: UUID(int=len(data.read(16)) - 16))
        for richting in (topic.uitgang.open(), topic.ingang.open(dict)):
            with pytest.raises(BusFout, match=r"3\.1 of nieuwer") as gemeld:
                async with richting:
                    pass
            assert gemeld.value.code == "bus-te-oud"
