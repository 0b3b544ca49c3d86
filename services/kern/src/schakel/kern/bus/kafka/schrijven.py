"""Writing to one incarnation of a topic: the broker itself refuses what was meant for another.

aiokafka names a topic in what it sends, and tries again under that name until it succeeds. So a
batch under way while the topic is deleted would land in the one that is made next, ahead of all
that came before it. From Kafka 4.1 on a request can carry the id of the topic instead (KIP-516).
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiokafka import AIOKafkaProducer
from aiokafka.errors import IncompatibleBrokerVersion, KafkaError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.produce import ProduceRequest, ProduceResponse_v7
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int16,
    Int32,
    Int64,
    Schema,
    TaggedFields,
)

from .topics import Uuid

_ID_ONBEKEND = 100


class AndereUitgave(KafkaError):
    """The topic that was meant is gone; the library does not try this again."""


class _Antwoord(Response):
    API_KEY = 0
    API_VERSION = 13
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(
                ("topic_id", Uuid),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32),
                        ("error_code", Int16),
                        ("offset", Int64),
                        ("timestamp", Int64),
                        ("log_start_offset", Int64),
                        (
                            "record_errors",
                            CompactArray(
                                ("batch_index", Int32),
                                ("message", CompactString("utf-8")),
                                ("tags", TaggedFields),
                            ),
                        ),
                        ("error_message", CompactString("utf-8")),
                        ("tags", TaggedFields),
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("throttle_time_ms", Int32),
        ("tags", TaggedFields),
    )


class _Opdracht(RequestStruct):
    FLEXIBLE_VERSION = True
    API_KEY = 0
    API_VERSION = 13
    RESPONSE_TYPE = _Antwoord
    SCHEMA = Schema(
        ("transactional_id", CompactString("utf-8")),
        ("required_acks", Int16),
        ("timeout", Int32),
        (
            "topics",
            CompactArray(
                ("topic_id", Uuid),
                (
                    "partitions",
                    CompactArray(
                        ("partition", Int32), ("messages", CompactBytes), ("tags", TaggedFields)
                    ),
                ),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _Schrijf(Request[_Opdracht]):
    API_KEY = 0

    def __init__(self, id_: UUID, gevraagd: ProduceRequest) -> None:
        self._id = id_
        self._gevraagd = gevraagd

    def prepare(self, versions: dict[int, tuple[int, int]]) -> _Opdracht:
        if versions.get(self.API_KEY, (0, 0))[1] < _Opdracht.API_VERSION:
            raise IncompatibleBrokerVersion
        return super().prepare(versions)

    def build(self, request_struct_class: type[_Opdracht]) -> _Opdracht:
        gevraagd = self._gevraagd
        topics: list[tuple[Any, ...]] = [
            (self._id, [(partitie, bytes_, {}) for partitie, bytes_ in partities], {})
            for _, partities in gevraagd._topics  # noqa: SLF001
        ]
        return request_struct_class(None, gevraagd.required_acks, gevraagd._timeout, topics, {})  # noqa: SLF001


def bind(producent: AIOKafkaProducer, topic: str, merk: str) -> None:
    """From here on ``producent`` writes to the incarnation ``merk`` of ``topic`` and nowhere else.

    Its futures raise AndereUitgave when that is gone, IncompatibleBrokerVersion before Kafka 4.1.
    """
    client: Any = producent.client
    stuur = client.send
    id_ = UUID(merk)

    async def send(node_id: int, request: Any, **hoe: Any) -> Any:
        if not isinstance(request, ProduceRequest):
            return await stuur(node_id, request, **hoe)
        antwoord = await stuur(node_id, _Schrijf(id_, request), **hoe)
        partities = [deel[:5] for _, rij, _ in antwoord.topics for deel in rij]
        _keur(partities)
        return ProduceResponse_v7([(topic, partities)], antwoord.throttle_time_ms)

    client.send = send


def _keur(partities: Sequence[Sequence[int]]) -> None:
    if any(fout == _ID_ONBEKEND for _, fout, *_ in partities):
        raise AndereUitgave
