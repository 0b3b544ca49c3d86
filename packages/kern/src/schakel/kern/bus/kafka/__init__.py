"""Apache Kafka behind the ports of the bus (aiokafka); an extra of this package."""

from .ingang import KafkaIngang
from .toegang import Toegang
from .uitgang import KafkaUitgang

__all__ = ["KafkaIngang", "KafkaUitgang", "Toegang"]
