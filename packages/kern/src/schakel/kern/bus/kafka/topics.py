"""What topics there are, and which incarnation of each (KIP-516).

A topic that is deleted and made again has the same name, other contents, and another id. aiokafka
asks for metadata in a version that does not tell the id, so this asks in one that does.

All that is sent and read begins with this question, so here a broker is refused that is too old for
us: before Kafka 3.1 nobody can read by id. (To write by id takes 4.1; ``uitgave`` can do without.)
"""

import asyncio
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, NamedTuple
from uuid import UUID

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError
from aiokafka.protocol.api import Request

from schakel.kern.grond.weigering import BusFout

from .draad import LeesVraag, TopicsVraag, kent
from .klanten import ANTWOORD_SECONDEN, fouten_van_de_bus

_BESTAAT_NIET = {3, 100}
"""UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID."""
_GEEN_RECHT = 29


class Topicuitgave(NamedTuple):
    """One topic as it is now."""

    merk: str
    """The id of this incarnation."""
    partities: int


class Topicvraag(Request[TopicsVraag]):
    """Asks which incarnation there is of each topic."""

    API_KEY = 3

    def __init__(self, namen: Collection[str]) -> None:
        """Of these topics only."""
        self._namen = namen

    def prepare(self, versions: dict[int, tuple[int, int]]) -> TopicsVraag:
        """The one version that tells ids; raises IncompatibleBrokerVersion before Kafka 3.1."""
        if not kent(versions, LeesVraag):
            raise IncompatibleBrokerVersion
        return self.build(TopicsVraag)

    def build(self, request_struct_class: type[TopicsVraag]) -> TopicsVraag:
        """As the wire has it."""
        topics: list[tuple[Any, ...]] = [(UUID(int=0), naam, {}) for naam in self._namen]
        return request_struct_class(topics, False, False, {})  # noqa: FBT003 - the wire's order


async def lees_topics(vrager: AIOKafkaClient, namen: Collection[str]) -> Mapping[str, Topicuitgave]:
    """Those of ``namen`` that exist now; raises BusFout, also when one may not be seen."""
    async with fouten_van_de_bus(), asyncio.timeout(ANTWOORD_SECONDEN):
        antwoord = await _vraag_een_broker(vrager, Topicvraag(namen))
        if any(not fout and not id_.int for fout, _, id_, *_ in antwoord.topics):
            raise IncompatibleBrokerVersion  # new brokers that were told to talk as old ones do
    gevonden = {}
    for fout, naam, id_, _, partities, *_ in antwoord.topics:
        if fout == _GEEN_RECHT:
            raise BusFout("geen-recht", f"deze dienst mag {naam} niet zien: vul de ACL aan")
        if fout not in _BESTAAT_NIET and partities:
            gevonden[naam] = Topicuitgave(str(id_), len(partities))
    return gevonden


async def _vraag_een_broker(vrager: AIOKafkaClient, vraag: Topicvraag) -> Any:
    """Any broker knows, and one of them may be away."""
    brokers = {vrager.get_random_node(): None}
    brokers |= {broker.nodeId: None for broker in vrager.cluster.brokers()}
    *eerst, laatste = brokers
    for broker in eerst:
        with suppress(KafkaError):
            return await vrager.send(broker, vraag)
    return await vrager.send(laatste, vraag)
