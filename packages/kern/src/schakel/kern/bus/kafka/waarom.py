"""Why Kafka does not let us in: aiokafka itself only says that it could not connect."""

import ssl
from collections.abc import Iterator, Mapping
from typing import Any

from aiokafka.conn import collect_hosts, create_conn
from aiokafka.errors import AuthenticationFailedError, KafkaError, SaslAuthenticationFailed

from schakel.kern.grond.weigering import BusFout

_ONBEREIKBAAR = "bus-onbereikbaar"
_UITLEG = {
    _ONBEREIKBAAR: "er is daar geen Kafka: klopt SCHAKEL_KAFKA?",
    "bus-verbroken": "Kafka verbreekt de verbinding: klopt SCHAKEL_KAFKA_BEVEILIGING?",
    "bus-niet-vertrouwd": "het certificaat van Kafka is niet van een CA in SCHAKEL_KAFKA_CA",
    "bus-weigert-certificaat": "Kafka neemt geen genoegen met SCHAKEL_KAFKA_CERTIFICAAT",
    "bus-weigert-wachtwoord": "Kafka kent deze SCHAKEL_KAFKA_GEBRUIKER met dit wachtwoord niet",
}
_VERBINDING = ("client_id", "request_timeout_ms", "security_protocol", "ssl_context")


async def waarom(algemeen: Mapping[str, Any]) -> BusFout:
    """Call each broker once more and hear what it says; ``algemeen`` are a client's settings."""
    eigen = {k: w for k, w in algemeen.items() if k in _VERBINDING or k.startswith("sasl_")}
    redenen = [
        await _reden(host, poort, eigen)
        for host, poort, _ in collect_hosts(algemeen["bootstrap_servers"])
    ]
    # Of three brokers one may be away; what the others say is what has to be mended.
    reden = next((r for r in redenen if r != _ONBEREIKBAAR), _ONBEREIKBAAR)
    return BusFout(reden, _UITLEG[reden])


async def _reden(host: str, poort: int, eigen: Mapping[str, Any]) -> str:
    try:
        verbinding = await create_conn(host, poort, **eigen)
    except (OSError, KafkaError) as fout:
        return _duid(list(_oorzaken(fout)))
    await verbinding.close()
    return "bus-verbroken"  # this time it did; then something else is wrong with it


def _duid(oorzaken: list[BaseException]) -> str:
    soorten: tuple[tuple[str, tuple[type[BaseException], ...]], ...] = (
        ("bus-niet-vertrouwd", (ssl.SSLCertVerificationError,)),
        ("bus-weigert-certificaat", (ssl.SSLError,)),
        ("bus-weigert-wachtwoord", (SaslAuthenticationFailed, AuthenticationFailedError)),
        (_ONBEREIKBAAR, (OSError,)),
    )
    for reden, klassen in soorten:
        if any(isinstance(fout, klassen) for fout in oorzaken):
            return reden
    return "bus-verbroken"


def _oorzaken(fout: BaseException | None) -> Iterator[BaseException]:
    while fout is not None:
        yield fout
        fout = fout.__cause__
