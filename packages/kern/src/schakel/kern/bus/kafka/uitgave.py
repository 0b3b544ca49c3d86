"""Writing to and reading from one incarnation of a topic: the broker refuses any other itself.

aiokafka names a topic in what it sends, and tries again under that name until it succeeds. So a
batch under way while the topic is deleted would land in the one that is made next, ahead of all
that came before it; and what is fetched next would be taken for what follows on what was read. A
request can carry the id of the topic instead (KIP-516): to read from Kafka 3.1 on, to write from
4.1 on. An older broker is asked which incarnation it has, right before every request to write; what
is left then is the time between its answer and the batch.
"""

# What the library wants to ask stands in private fields of its requests.
# ruff: noqa: SLF001

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from aiokafka.errors import IncompatibleBrokerVersion, KafkaError
from aiokafka.protocol.api import Request, RequestStruct
from aiokafka.protocol.fetch import FetchRequest, FetchResponse_v11
from aiokafka.protocol.produce import ProduceRequest, ProduceResponse_v7

from .draad import LeesVraag, SchrijfVraag, kent
from .partijen import Opener
from .topics import Topicvraag
from .voorbij import Lezing

_IS_ANDERS = {100, 103}
"""UNKNOWN_TOPIC_ID, INCONSISTENT_TOPIC_ID."""
_GEEN_ZITTING, _GEEN_TIJDPERK, _VAN_EEN_LEZER = (0, -1), -1, -1
RUST_MS = 500
OP_ID, OP_NAAM = "op-topic-id", "op-topicnaam"
"""How we write: the broker refuses another incarnation itself, or is asked for it before."""
Merken = Mapping[str, str]
"""The id of the incarnation, by the name of the topic."""


class AndereUitgave(KafkaError):
    """The topic that was meant is gone; the library does not try this again."""


class _Vraag(Request[RequestStruct]):
    """A request of the library, put in other words."""

    API_KEY = -1
    SOORT: type[RequestStruct]

    def __init__(self, ids: Mapping[str, UUID], gevraagd: Any) -> None:
        self._ids = ids
        self._gevraagd = gevraagd

    def prepare(self, versions: dict[int, tuple[int, int]]) -> RequestStruct:
        """The one version that names ids; raises IncompatibleBrokerVersion."""
        if not kent(versions, self.SOORT):
            raise IncompatibleBrokerVersion
        return self.build(self.SOORT)


class _Schrijf(_Vraag):
    SOORT = SchrijfVraag

    def build(self, request_struct_class: type[RequestStruct]) -> RequestStruct:
        g = self._gevraagd
        topics: list[Any] = [
            (self._ids[topic], [(*deel, {}) for deel in delen], {}) for topic, delen in g._topics
        ]
        return request_struct_class(None, g.required_acks, g._timeout, topics, {})


class _Lees(_Vraag):
    SOORT = LeesVraag

    def __init__(self, ids: Mapping[str, UUID], gevraagd: Any, wacht_ms: int) -> None:
        super().__init__(ids, gevraagd)
        self._wacht_ms = wacht_ms

    def build(self, request_struct_class: type[RequestStruct]) -> RequestStruct:
        g = self._gevraagd
        topics: list[Any] = [
            (
                self._ids[topic],
                [
                    (deel, _GEEN_TIJDPERK, plek, _GEEN_TIJDPERK, -1, meeste, {})
                    for deel, plek, meeste in delen
                ],
                {},
            )
            for topic, delen in g.topics
        ]
        hoe = (self._wacht_ms, g._min_bytes, g._max_bytes, g._isolation_level)
        return request_struct_class(
            _VAN_EEN_LEZER, *hoe, *_GEEN_ZITTING, topics, [], g._rack_id, {}
        )


def wijze_van(client: Any) -> str:
    """How we write to the brokers that ``client`` is connected to."""
    op_id = all(kent(een._versions, SchrijfVraag) for een in client._conns.values())
    return OP_ID if op_id else OP_NAAM


def bind_zender(producent: Any, merken: Merken, meld: Callable[[str], None]) -> None:
    """From here on ``producent`` writes to these incarnations and nowhere else.

    Its futures raise AndereUitgave when that is gone. ``meld`` hears how each request was written.
    """
    stuur = producent.client.send

    async def vertaal(_node_id: int, _gevraagd: Any, topics: _Topics, antwoord: Any) -> Any:
        meld(OP_ID)
        partities = [(naam, [deel[:5] for deel in delen]) for naam, delen in topics]
        return ProduceResponse_v7(partities, antwoord.throttle_time_ms)

    async def keur(node_id: int, ids: Mapping[str, UUID]) -> None:
        meld(OP_NAAM)
        antwoord = await stuur(node_id, Topicvraag(ids))
        if {naam: id_ for _, naam, id_, *_ in antwoord.topics} != ids:
            raise AndereUitgave

    _bind(producent.client, ProduceRequest, lambda _, *w: _Schrijf(*w), merken, vertaal, keur=keur)


def bind_lezer(
    consument: Any, merken: Merken, weg: Callable[[], None], opener: Opener | None = None
) -> None:
    """From here on ``consument`` reads these incarnations only; ``weg`` hears when one is gone.

    What it gets was opened by ``opener``.
    """
    stuur = consument._client.send
    ids = _ids(merken)
    lezing = Lezing(opener or Opener())

    async def vertaal(node_id: int, gevraagd: Any, topics: _Topics, antwoord: Any) -> Any:
        async def haal(naam: str, nummer: int, meeste: int, plek: int) -> Any:
            """What the broker has of one partition, whatever of others."""
            alleen = FetchRequest(0, 1, meeste, 0, [(naam, [(nummer, plek, meeste)])])
            antwoord = await stuur(node_id, _Lees(ids, alleen, 0))
            return antwoord.topics[0][1][0]

        van = {
            (naam, nummer): (plek, partial(haal, naam, nummer, meeste))
            for naam, delen in gevraagd.topics
            for nummer, plek, meeste in delen
        }
        partities = []
        for naam, delen in topics:
            plekken = [(naam, deel[0]) for deel in delen]
            paren = zip(plekken, delen, strict=True)
            partities.append((naam, [await lezing.open(p, d[:8], *van[p]) for p, d in paren]))
        kop = (antwoord.throttle_time_ms, antwoord.error_code, antwoord.session_id)
        return FetchResponse_v11(*kop, partities)

    def lees(node_id: int, ids: Mapping[str, UUID], gevraagd: Any) -> _Lees:
        return _Lees(ids, gevraagd, _wacht_ms(consument, node_id, gevraagd))

    _bind(consument._client, FetchRequest, lees, merken, vertaal, weg)


def _wacht_ms(consument: Any, node_id: int, gevraagd: Any) -> int:
    """How long the broker may wait for news before it answers that there is none.

    Asked for all that this broker has for us, long: any news ends it. What is left out, because we
    still have of it, has to wait for this answer.
    """
    leider = consument._client.cluster.leader_for_partition
    alle = sum(leider(deel) == node_id for deel in consument.assignment())
    is_alles = sum(len(delen) for _, delen in gevraagd.topics) >= alle
    return RUST_MS if is_alles else int(gevraagd._max_wait_ms)


_Topics = Sequence[tuple[str, Sequence[Any]]]


def _ids(merken: Merken) -> Mapping[str, UUID]:
    return {naam: UUID(merk) for naam, merk in merken.items()}


async def _te_oud(_node_id: int, _ids: Mapping[str, UUID]) -> None:
    raise IncompatibleBrokerVersion


def _bind(
    client: Any,
    soort: type[Any],
    anders: Callable[[int, Mapping[str, UUID], Any], _Vraag],
    merken: Merken,
    vertaal: Callable[[int, Any, _Topics, Any], Awaitable[Any]],
    weg: Callable[[], None] = lambda: None,
    keur: Callable[[int, Mapping[str, UUID]], Awaitable[None]] = _te_oud,
) -> None:
    """``keur`` makes sure, of a broker that knows no ids, that a request by name is as good."""
    stuur = client.send
    ids = _ids(merken)
    namen = {id_: naam for naam, id_ in ids.items()}

    async def send(node_id: int, request: Any, **hoe: Any) -> Any:
        if not isinstance(request, soort):
            return await stuur(node_id, request, **hoe)
        try:
            antwoord = await stuur(node_id, anders(node_id, ids, request), **hoe)
        except IncompatibleBrokerVersion:  # nothing was sent
            await keur(node_id, ids)
            return await stuur(node_id, request, **hoe)
        fouten = {deel[1] for _, delen, _ in antwoord.topics for deel in delen}
        if not _IS_ANDERS.isdisjoint(fouten):
            weg()
            raise AndereUitgave
        topics = [(namen[id_], delen) for id_, delen, _ in antwoord.topics]
        return await vertaal(node_id, request, topics, antwoord)

    client.send = send
