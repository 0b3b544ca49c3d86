"""Apache Kafka behind the ports of the bus (aiokafka); an extra of this package."""

from .ingang import KafkaIngang
from .klanten import Klanten
from .uitgang import KafkaUitgang

__all__ = ["KafkaIngang", "KafkaUitgang", "Klanten"]
