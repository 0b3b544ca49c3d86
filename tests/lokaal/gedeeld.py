"""One Kafka for a whole test run: the first that asks starts it, the last takes it along."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.lokaal.gebruik import Gebruik
from deploy.lokaal.jars import NIEUWSTE, op_slot
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.toegang import Toegang

DRIE = Path(__file__).with_name("kafka-3") / NIEUWSTE.name
"""The last Kafka that is older than 4, for what must hold there too."""


@contextmanager
def gedeelde_kafka(map_: Path, versie: Path = NIEUWSTE) -> Iterator[Toegang]:
    """Use the one broker of this folder."""
    with op_slot(map_.with_suffix(".slot")):
        map_.mkdir(parents=True, exist_ok=True)
        gebruik = Gebruik.sluit_aan(map_) or Gebruik.begin(map_, ruim_op=True)
        # Not its owner: whoever ends first may not take it away from the others.
        kafka = Kafka(map_, blijft=True, versie=versie)
        kafka.start()
    try:
        yield kafka.toegang()
    finally:
        gebruik.einde()
