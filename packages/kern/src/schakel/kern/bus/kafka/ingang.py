"""Receiving from Kafka: the group divides the partitions, our own database knows the positions.

A position belongs to one incarnation of a topic, and from that one only is fetched.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from typing import Any, cast

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import IllegalStateError, KafkaError, NoOffsetForPartitionError

from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.bus.poorten import OPHOUD, Posities, Topic, Vergeet, vergeet_niets
from schakel.kern.grond.weigering import BusFout, Fout
from schakel.kern.opslag import PersistenceError

from .klanten import ANTWOORD_SECONDEN, MAX_RECORDS, Klanten, fouten_van_de_bus
from .partijen import ONLEESBAAR, Opener
from .splitsen import splits_zelf
from .topics import Topicuitgave, lees_topics
from .uitgave import bind_lezer

WACHT_MS = 1_000
PLAATS_SECONDEN = 20.0
"""How long a group may take to divide its partitions: a member that died keeps it up for six."""
TOPICS_SECONDEN = 1.0
KEUR_SECONDEN = 8.0
"""How often it is looked whether there is nothing to be had, or the client is stuck."""

_DOOR_DE_BROKER = 1
"""The time of a record is the broker's (LogAppendTime): who sends cannot choose it."""

_Ruw = Any
"""A record as it was split off: with an ``offset``, ``key``, ``headers``, ``value`` and time."""

log = structlog.get_logger()


class KafkaIngang:
    """The way in for one service, of which several processes may run."""

    def __init__(self, klanten: Klanten, groep: str, topics: Sequence[Topic]) -> None:
        """``groep`` is shared by the processes of the service."""
        self._klanten = klanten
        self._groep = groep
        self._bronnen = {topic.naam: topic.schrijver for topic in topics}
        self._ontbrekend: AbstractSet[str] = frozenset()

    @asynccontextmanager
    async def open(
        self,
        posities: Posities,
        vergeet: Vergeet = vergeet_niets,
        stil: frozenset[bytes] = frozenset(),
    ) -> AsyncIterator["_Aanvoer"]:
        """See ``Ingang``; raises BusFout until at least one of the topics exists."""
        async with self._klanten.vrager() as vrager:
            topics = await lees_topics(vrager, self._bronnen)
            self._meld_ontbrekend(self._bronnen.keys() - topics.keys())
            if not topics:
                raise BusFout("topic-ontbreekt", "geen enkel topic: voer `schakel topics` uit")
            async with self._klanten.consument(self._groep) as consument:
                aanvoer = _Aanvoer(consument, vrager, self._bronnen, topics, posities, vergeet)
                merken = {naam: topic.merk for naam, topic in topics.items()}
                bind_lezer(consument, merken, aanvoer.is_weg, aanvoer.opener)
                splits_zelf(consument, stil, aanvoer.sla_over)
                consument.subscribe(list(topics), listener=aanvoer)
                await aanvoer.begin()
                yield aanvoer

    def _meld_ontbrekend(self, topics: AbstractSet[str]) -> None:
        """Once, and again when it changes: it is looked at every two seconds."""
        if topics and topics != self._ontbrekend:
            log.warning("topics_ontbreken", topics=sorted(topics))
        self._ontbrekend = frozenset(topics)


class _Aanvoer(ConsumerRebalanceListener):
    """A member of the group, on these incarnations of the topics."""

    def __init__(
        self,
        consument: AIOKafkaConsumer,
        vrager: AIOKafkaClient,
        bronnen: Mapping[str, str],
        topics: Mapping[str, Topicuitgave],
        posities: Posities,
        vergeet: Vergeet,
    ) -> None:
        self._consument = consument
        self._vrager = vrager
        self._bronnen = bronnen
        self._topics = topics
        self._posities = posities
        self._vergeet = vergeet
        self.opener = Opener()
        self._gehad: dict[TopicPartition, int] = {}
        self._opgehouden: dict[TopicPartition, float] = {}
        self._geplaatst = asyncio.Event()
        self._mis: Exception | None = None
        self._topics_gezien_op = 0.0
        self._gekeurd_op = 0.0
        self._stond_op: Mapping[TopicPartition, int] = {}
        self._achterstand: Mapping[str, int] = {}
        self._overgeslagen: dict[TopicPartition, int] = {}

    def achterstand(self) -> Mapping[str, int]:
        """See ``Aanvoer``; as far as the last answers of the broker tell."""
        return self._achterstand

    def is_weg(self) -> None:
        """A topic is gone, or was made anew."""
        self._mis = self._vernieuwd()

    def sla_over(self, tp: TopicPartition) -> None:
        """A record of a type that was not asked for."""
        self._overgeslagen[tp] = self._overgeslagen.get(tp, 0) + 1

    async def begin(self) -> None:
        """Until this member has its share, which may be nothing; raises BusFout."""
        async with fouten_van_de_bus(), asyncio.timeout(PLAATS_SECONDEN):
            while not self._geplaatst.is_set():
                await self._wacht_op_plaats()

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:  # noqa: ARG002
        """What was fetched may still be handled: who takes over finds it in the inbox."""
        self._geplaatst.clear()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Go on where this service was; what is raised here would be lost in the library."""
        try:
            await self._plaats(assigned)
        except (Fout, PersistenceError, KafkaError, TimeoutError) as fout:
            self._mis = fout
        self._geplaatst.set()

    async def _plaats(self, toegewezen: set[TopicPartition]) -> None:
        posities = await asyncio.to_thread(self._posities)
        async with fouten_van_de_bus(), asyncio.timeout(2 * ANTWOORD_SECONDEN):
            eersten = await self._consument.beginning_offsets(list(toegewezen))
            einden = await self._consument.end_offsets(list(toegewezen))
        plekken: dict[TopicPartition, int] = {}
        achterstand, ingekort = {}, []
        for tp in toegewezen:
            bron = self._levering(tp, ())
            plek = posities.get(bron.positienaam, 0)
            if plek > einden[tp]:  # the log lost its end; the sender notices and sends it again
                log.warning("topic_ingekort", bron=bron.bron, positie=plek, einde=einden[tp])
                ingekort.append(bron.positienaam)
                plek = eersten[tp]
            elif plek < eersten[tp]:
                log.error("topic_mist_begin", bron=bron.bron, positie=plek, begin=eersten[tp])
                plek = eersten[tp]
            plekken[tp] = plek
            achterstand[bron.bron] = einden[tp] - plek
        if ingekort:  # before anything is read: once the log has grown again nothing shows it
            await self._vergeet(ingekort)
        for tp, plek in plekken.items():
            self._consument.seek(tp, plek)
        self._gehad |= plekken
        self._achterstand = achterstand

    def _levering(self, tp: TopicPartition, records: Sequence[Record]) -> Levering:
        return Levering(
            f"{tp.topic}/{tp.partition}",
            self._bronnen[tp.topic],
            records,
            self._topics[tp.topic].merk,
            self._overgeslagen.pop(tp, 0),
        )

    async def haal(self) -> Sequence[Levering]:
        """See ``Aanvoer``."""
        await self.begin()
        if self._mis is not None:
            raise self._mis
        self._laat_los()
        gehaald = await self._haal(WACHT_MS)
        self._werk_achterstand_bij(gehaald)
        leveringen = [
            self._levering(tp, list(map(self._record, rij))) for tp, rij in gehaald.items() if rij
        ]
        self._gehad |= {tp: rij[-1].offset + 1 for tp, rij in gehaald.items() if rij}
        if self._mis is not None:
            raise self._mis
        await self._zie_topics()
        if sum(map(len, gehaald.values())) < MAX_RECORDS:  # nothing that was fetched still waits
            await self._keur_voortgang()
        return leveringen

    async def _haal(self, wacht_ms: int) -> Mapping[TopicPartition, Sequence[_Ruw]]:
        async with fouten_van_de_bus(), asyncio.timeout(PLAATS_SECONDEN):
            try:
                return await self._consument.getmany(timeout_ms=wacht_ms, max_records=MAX_RECORDS)
            except NoOffsetForPartitionError:
                return {}  # the group was divided meanwhile, and we did not say yet where to go on
            except ONLEESBAAR:
                if self.opener.is_nauwkeurig:
                    raise
                self.opener.is_nauwkeurig = True
                self._ga_terug(self._gehad)
                return {}

    def houd_op(self, bron: str, nummer: int) -> None:
        """See ``Aanvoer``."""
        topic, _, partitie = bron.rpartition("/")
        tp = TopicPartition(topic, int(partitie))
        if tp in self._consument.assignment():
            self._consument.pause(tp)
            self._opgehouden[tp] = asyncio.get_running_loop().time() + OPHOUD
            self._gehad[tp] = nummer - 1
            self._consument.seek(tp, nummer - 1)

    def _laat_los(self) -> None:
        """What was held up long enough."""
        nu = asyncio.get_running_loop().time()
        for tp in [tp for tp, tot in self._opgehouden.items() if tot <= nu]:
            del self._opgehouden[tp]
            if tp in self._consument.assignment():
                self._consument.resume(tp)

    def _ga_terug(self, plekken: Mapping[TopicPartition, int]) -> None:
        """What the library gave up with a record that it cannot open was not handed out yet."""
        for tp in self._consument.assignment() & plekken.keys():
            self._consument.seek(tp, plekken[tp])

    def _werk_achterstand_bij(self, gehaald: Mapping[TopicPartition, Sequence[_Ruw]]) -> None:
        toegewezen = self._consument.assignment()
        nog = {
            f"{tp.topic}/{tp.partition}": (self._consument.highwater(tp) or 0) - rij[-1].offset - 1
            for tp, rij in gehaald.items()
            if rij and tp in toegewezen
        }
        self._achterstand = {**self._achterstand, **{bron: max(0, n) for bron, n in nog.items()}}

    async def _wacht_op_plaats(self) -> None:
        try:
            async with asyncio.timeout(WACHT_MS / 1000):
                await self._geplaatst.wait()
        except TimeoutError:
            await self._haal(0)  # there is nothing yet; it raises what keeps it from being placed
            await self._zie_topics()

    async def _zie_topics(self) -> None:
        """Now and then: whether one came that was not there."""
        nu = asyncio.get_running_loop().time()
        if nu - self._topics_gezien_op < TOPICS_SECONDEN:
            return
        self._topics_gezien_op = nu
        if await lees_topics(self._vrager, self._bronnen) != self._topics:
            raise self._vernieuwd()

    def _vernieuwd(self) -> BusFout:
        return BusFout("topic-vernieuwd", "een topic is erbij, weg of opnieuw gemaakt")

    async def _keur_voortgang(self) -> None:
        """A client can be alive and stuck after a broker restart: it is made anew."""
        nu = asyncio.get_running_loop().time()
        if nu - self._gekeurd_op < KEUR_SECONDEN:
            return
        self._gekeurd_op = nu
        toegewezen = list(self._consument.assignment())
        async with fouten_van_de_bus(), asyncio.timeout(2 * ANTWOORD_SECONDEN):
            einden = await self._consument.end_offsets(toegewezen)
            try:
                staat_op = {tp: await self._consument.position(tp) for tp in toegewezen}
            except IllegalStateError:
                return  # the group was divided meanwhile
        for tp, plek in staat_op.items():
            stond_stil = tp not in self._opgehouden and plek == self._stond_op.get(tp)
            if plek < einden[tp] and stond_stil:
                raise BusFout("bus-vastgelopen", f"{tp.topic} loopt achter zonder te komen")
        self._stond_op = staat_op

    def _record(self, record: _Ruw) -> Record:
        nummer, waarde = record.offset + 1, record.value or b""
        if (mis := self.opener.mis_van(record.headers)) is not None:
            return Record(nummer, record.key, (), waarde, mis)
        op = record.timestamp if record.timestamp_type == _DOOR_DE_BROKER else None
        return Record(nummer, record.key, _koppen(record.headers), waarde, toegevoegd=op)


def _koppen(ruw: Sequence[tuple[str, bytes | None]]) -> tuple[tuple[str, bytes], ...]:
    """As they came; in place of one without a value, an empty one."""
    ruw = tuple(ruw)
    for _, waarde in ruw:
        if waarde is None:
            return tuple((naam, waarde or b"") for naam, waarde in ruw)
    return cast("tuple[tuple[str, bytes], ...]", ruw)
