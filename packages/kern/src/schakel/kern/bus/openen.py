"""Which bus a service gets: Kafka when brokers are named, else whatever it is embedded in."""

from collections.abc import Sequence

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout

from .poorten import Ingang, Topic, Uitgang


def open_bus(
    instellingen: Instellingen, dienst: str, topics: Sequence[Topic], eigen: str | None
) -> tuple[Ingang | None, Uitgang | None]:
    """The way in from ``topics`` and the way out to the topic ``eigen``; raises StartFout.

    Nothing connects yet: a bus that is away does not keep a service from starting.
    """
    if not instellingen.kafka:
        return None, None
    try:
        from .kafka import KafkaIngang, KafkaUitgang, Klanten  # noqa: PLC0415 - an extra
    except ImportError as fout:
        raise StartFout(
            "aiokafka-ontbreekt", "SCHAKEL_KAFKA is ingesteld: installeer schakel-kern[kafka]"
        ) from fout
    klanten = Klanten(instellingen, f"{instellingen.oin}.{dienst}")
    ingang = KafkaIngang(klanten, f"{instellingen.oin}.{dienst}", topics)
    return ingang, KafkaUitgang(klanten, eigen) if eigen is not None else None
