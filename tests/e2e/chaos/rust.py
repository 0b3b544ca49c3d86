"""Until nothing happens any more: everything was sent, everything was read, and it stays so."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import psycopg
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from tests.e2e.audit.opslagen import PROCESSEN

from schakel.contracts.organisatie import GRENS
from schakel.contracts.topics import topic_van
from schakel.kern.grond.weigering import BusFout

from .toneel import OIN, Toneel

GEDULD = 180.0
"""Seconds in which it must become quiet."""
STIL = 1.0
"""Seconds in which nothing may change."""


class Stand(NamedTuple):
    """How far everything is."""

    merken: Mapping[str, str]
    """Which incarnation the topic of each process is."""
    einden: Mapping[str, int]
    """Where each partition ends, by the name under which a reader keeps its position there."""
    laatste: Mapping[str, int]
    """The last event of each service."""
    posities: Mapping[str, Mapping[str, int]]

    def achter(self) -> Iterator[str]:
        """Who has not sent or read everything."""
        for naam, laatste in self.laatste.items():
            eigen = self.posities[naam]
            if naam in self.merken and eigen.get(f"relais@{self.merken[naam]}", 0) < laatste:
                yield f"{naam} heeft niet alles verstuurd"
            for bron, einde in self.einden.items():
                if not bron.startswith(topic_van(OIN, naam)) and eigen.get(bron, 0) < einde:
                    yield f"{naam} las {bron} tot {eigen.get(bron, 0)} van {einde}"


async def tot_rust(toneel: Toneel) -> list[str]:
    """Wait for it; return what is still behind when it took too long."""
    einde = time.monotonic() + GEDULD
    eerder: Stand | None = None
    while True:
        try:
            stand = await _kijk(toneel)
            achter = list(stand.achter())
        except (BusFout, KafkaError, psycopg.Error, TimeoutError) as fout:
            stand, achter = None, [f"er is niets te zien: {fout}"]
        if not achter and stand == eerder:
            return []
        if time.monotonic() > einde:
            return achter or ["er gebeurt nog steeds iets"]
        eerder = stand
        await asyncio.sleep(STIL)


async def _kijk(toneel: Toneel) -> Stand:
    namen = {topic_van(OIN, proces): proces for proces in (*PROCESSEN, GRENS)}
    topics = await toneel.zie_topics()
    delen = [TopicPartition(n, p) for n, topic in topics.items() for p in range(topic.partities)]
    async with toneel.toegang.consument() as kijker:
        einden = await kijker.end_offsets(delen)
    logs = await asyncio.to_thread(_lees_opslagen, toneel)
    return Stand(
        {namen[naam]: topic.merk for naam, topic in topics.items()},
        {f"{d.topic}/{d.partition}@{topics[d.topic].merk}": einde for d, einde in einden.items()},
        {naam: laatste for naam, (laatste, _) in logs.items()},
        {naam: posities for naam, (_, posities) in logs.items()},
    )


def _lees_opslagen(toneel: Toneel) -> dict[str, tuple[int, dict[str, int]]]:
    gelezen = {}
    for naam, url in toneel.urls.items():
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as verbinding:
            laatste = "SELECT coalesce(max(notification_id), 0) FROM stored_events"
            posities = "SELECT application_name, notification_id FROM tracking"
            rij = verbinding.execute(laatste).fetchone()
            assert rij is not None
            gelezen[naam] = (rij[0], dict(verbinding.execute(posities).fetchall()))
    return gelezen
