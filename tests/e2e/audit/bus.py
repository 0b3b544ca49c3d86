"""Counts on the bus: everything of the stores is there, in order, and nothing else."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import NamedTuple

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from deploy.lokaal.toegang import Toegang

from .opslagen import Opslagen


class _Omslag(msgspec.Struct):
    id: str


class Plaatsing(NamedTuple):
    """A message where it stands on the bus."""

    proces: str
    partitie: int
    sleutel: bytes
    waarde: bytes


_LEES = msgspec.json.Decoder(_Omslag)


def fouten(opslagen: Opslagen, op_de_bus: Iterable[Plaatsing]) -> Iterator[str]:
    """What is wrong between bus and stores; a message may be there more than once."""
    gezien = {
        bericht.id: (bericht, hashlib.sha256(waarde).digest())
        for bericht, waarde in zip(opslagen.berichten, opslagen.waarden, strict=True)
    }
    nummers = opslagen.nummers
    aanwezig: set[str] = set()
    partitie_van: dict[tuple[str, bytes], int] = {}
    laatste: dict[tuple[str, bytes], int] = {}
    for een in op_de_bus:
        id_ = _LEES.decode(een.waarde).id
        if id_ not in nummers:
            yield f"{een.proces}: {id_} staat op de bus en niet in een opslag"
            continue
        if id_ in gezien and hashlib.sha256(een.waarde).digest() != gezien[id_][1]:
            yield f"{een.proces}: {id_} staat er met andere bytes"
        if id_ in gezien and een.sleutel.decode() != gezien[id_][0].partitionkey:
            yield f"{een.proces}: {id_} heeft niet de sleutel van zijn boom"
        reeks = (een.proces, een.sleutel)
        if partitie_van.setdefault(reeks, een.partitie) != een.partitie:
            yield f"{een.proces}: boom {een.sleutel.decode()} staat in twee partities"
        if id_ not in aanwezig:
            if nummers[id_] < laatste.get(reeks, 0):
                yield f"{een.proces}: {id_} staat achter een later bericht van zijn boom"
            laatste[reeks] = nummers[id_]
        aanwezig.add(id_)
    if weg := nummers.keys() - aanwezig:
        yield f"{len(weg)} gebeurtenissen staan niet op de bus: {sorted(weg)[:3]}"


async def lees_bus(
    toegang: Toegang, oin: str, processen: Iterable[str]
) -> AsyncIterator[Plaatsing]:
    """Everything on the topics of an organisation, of each partition in order."""
    topics = {f"schakel.{oin}.{proces}.v1": proces for proces in processen}
    # From the beginning by itself: a seek may be overtaken by the default, which is the end.
    alles = {"enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(**toegang.voor_aiokafka(), **alles) as lezer:
        await lezer._client.set_topics(list(topics))
        delen = [
            TopicPartition(topic, deel)
            for topic in topics
            for deel in sorted(lezer.partitions_for_topic(topic) or ())
        ]
        if {deel.topic for deel in delen} != topics.keys():
            raise LookupError(f"niet alle topics zijn er: {delen}")
        lezer.assign(delen)
        einden = await lezer.end_offsets(delen)
        while any([await lezer.position(deel) < einden[deel] for deel in delen]):
            async with asyncio.timeout(30):
                gehaald = await lezer.getmany(timeout_ms=1000, max_records=2000)
            for deel, records in gehaald.items():
                for record in records:
                    yield Plaatsing(
                        topics[deel.topic], deel.partition, record.key or b"", record.value or b""
                    )
