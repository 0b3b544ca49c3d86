"""The one place where clients of Kafka are made: who we are, and nothing left to unsafe defaults.

By itself aiokafka acknowledges on one replica, without idempotence, commits offsets by the clock
and starts at the end of a topic. Here every client gets what keeps messages.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IncompatibleBrokerVersion,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
)

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import BusFout, StartFout

from .waarom import waarom

ANTWOORD_SECONDEN = 5
"""How long the broker may take to answer one request."""
BEGIN_SECONDEN = 1
"""How long a client that is no longer wanted may go on beginning."""
STOP_SECONDEN = 3
"""How long each part of a client may take to say goodbye; it can hang in a heartbeat."""
MAX_PARTIJ = 1_000_000
"""Bytes in one record batch: what a broker takes by default, less the overhead."""
MAX_RECORDS = 500
MAX_OPHAAL = 8 * 1024 * 1024
"""Bytes in one answer with records: bounds the memory of a reader."""
_WACHT_MS = 50
"""The broker waits so long for news before it says that there is none, if it was not asked for
everything (``uitgave``): news in what was left out waits for that answer, so it is short."""


_GEEN_RECHT = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)

_Handeling = Callable[[], Awaitable[Any]]


class Klanten:
    """Makes clients for one service from its settings; raises StartFout when a file is unusable."""

    def __init__(self, instellingen: Instellingen, naam: str) -> None:
        """``naam`` is what the broker's logs and quotas know this client by."""
        # It reports every retry as an error; what changes is told once, by us.
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL + 1)
        self._algemeen: dict[str, Any] = {
            "bootstrap_servers": instellingen.kafka,
            "client_id": naam,
            "request_timeout_ms": ANTWOORD_SECONDEN * 1000,
            "retry_backoff_ms": 100,
            **_beveiliging(instellingen),
        }

    @asynccontextmanager
    async def producent(self) -> AsyncIterator[AIOKafkaProducer]:
        """Whatever it acknowledges is on all replicas in sync, once and in order."""
        producent = AIOKafkaProducer(
            **self._algemeen,
            acks="all",
            enable_idempotence=True,
            max_batch_size=MAX_PARTIJ,
            max_request_size=MAX_PARTIJ + 10_000,
            linger_ms=0,
        )
        delen = (producent.stop, producent._sender.close, producent.client.close)  # noqa: SLF001
        async with _levend(producent.start, *delen):
            yield producent

    @asynccontextmanager
    async def consument(self, groep: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
        """Takes part in ``groep`` for the division of partitions only: positions are our own."""
        consument = AIOKafkaConsumer(
            **self._algemeen,
            group_id=groep,
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_poll_records=MAX_RECORDS,
            max_partition_fetch_bytes=1_100_000,
            fetch_max_bytes=MAX_OPHAAL,
            fetch_max_wait_ms=_WACHT_MS,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_500,
            metadata_max_age_ms=10_000,
            check_crcs=False,  # ``partijen`` does
        )
        delen = (consument.stop, partial(_houd_op, consument), consument._client.close)  # noqa: SLF001
        async with _levend(consument.start, *delen):
            yield consument

    @asynccontextmanager
    async def vrager(self) -> AsyncIterator[AIOKafkaClient]:
        """For questions about the cluster."""
        vrager = AIOKafkaClient(**self._algemeen)
        async with _levend(partial(self._begin, vrager), vrager.close):
            yield vrager

    async def _begin(self, vrager: AIOKafkaClient) -> None:
        try:
            await vrager.bootstrap()
        except KafkaConnectionError as fout:
            raise await waarom(self._algemeen) from fout


@asynccontextmanager
async def fouten_van_de_bus() -> AsyncIterator[None]:
    """Whatever goes wrong between us and the broker comes out as a BusFout."""
    gevraagd = _keren_afgebroken()
    try:
        yield
    except TimeoutError as fout:
        raise BusFout("bus-traag", "Kafka antwoordt niet op tijd") from fout
    except _GEEN_RECHT as fout:
        uitleg = f"Kafka: {type(fout).__name__}: vul de rechten aan met `schakel topics --acls`"
        raise BusFout("geen-recht", uitleg) from fout
    except IncompatibleBrokerVersion as fout:
        raise BusFout("bus-te-oud", "de broker is te oud: Kafka 3.1 of nieuwer is nodig") from fout
    except KafkaError as fout:
        raise BusFout("bus-fout", f"Kafka: {type(fout).__name__}") from fout
    except asyncio.CancelledError as fout:
        if _keren_afgebroken() > gevraagd:
            raise
        # Not us: aiokafka lets through what it cancelled itself when a broker goes away.
        raise BusFout("bus-fout", "Kafka: het verzoek is afgebroken") from fout


def _keren_afgebroken() -> int:
    taak = asyncio.current_task()
    return 0 if taak is None else taak.cancelling()


@asynccontextmanager
async def _levend(start: _Handeling, *einde: _Handeling) -> AsyncIterator[None]:
    """Begun, and ended whatever happens.

    Stopping in an orderly way can hang, and aiokafka breaks it off itself when the broker is away.
    What is then left would go on for ever: call the broker, and fetch and send when that is back.
    So after the orderly way each part is ended by itself.
    """
    begin = asyncio.ensure_future(start())
    async with AsyncExitStack() as opruimen:
        for deel in reversed(einde):
            opruimen.push_async_callback(_hoogstens, STOP_SECONDEN, deel)
        # Cut off halfway, the library would forget a connection that it just made.
        afwachten = partial(asyncio.gather, begin, return_exceptions=True)
        opruimen.push_async_callback(_hoogstens, BEGIN_SECONDEN, afwachten)
        async with fouten_van_de_bus(), asyncio.timeout(2 * ANTWOORD_SECONDEN):
            await asyncio.shield(begin)
        yield


async def _houd_op(consument: AIOKafkaConsumer) -> None:
    if consument._fetcher is not None:  # noqa: SLF001
        await consument._fetcher.close()  # noqa: SLF001


async def _hoogstens(seconden: float, doe: _Handeling) -> None:
    with suppress(BusFout):  # nothing depends on a goodbye
        async with fouten_van_de_bus(), asyncio.timeout(seconden):
            await doe()


def _beveiliging(instellingen: Instellingen) -> dict[str, Any]:
    if instellingen.kafka_beveiliging == "plaintext":
        return {"security_protocol": "PLAINTEXT"}
    try:
        context = ssl.create_default_context(
            cafile=str(instellingen.kafka_ca) if instellingen.kafka_ca else None
        )
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if instellingen.kafka_certificaat is not None:
            sleutel = instellingen.kafka_sleutel
            context.load_cert_chain(instellingen.kafka_certificaat, sleutel, password=lambda: b"")
        if instellingen.kafka_beveiliging == "ssl":
            return {"security_protocol": "SSL", "ssl_context": context}
        wachtwoord = instellingen.lees_kafka_wachtwoord()
    except (OSError, ValueError) as fout:
        raise StartFout(
            "kafka-sleutels-onbruikbaar",
            "kan de sleutels voor Kafka niet lezen: kijk naar SCHAKEL_KAFKA_CA,"
            " SCHAKEL_KAFKA_CERTIFICAAT, SCHAKEL_KAFKA_SLEUTEL en SCHAKEL_KAFKA_WACHTWOORDBESTAND"
            f" ({fout.strerror if isinstance(fout, OSError) and fout.strerror else 'inhoud'})",
        ) from fout
    return {
        "security_protocol": "SASL_SSL",
        "ssl_context": context,
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": instellingen.kafka_gebruiker,
        "sasl_plain_password": wachtwoord,
    }
