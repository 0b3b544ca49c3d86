"""The bus: ports to send and to receive, and the embedded way to do both without a broker."""

from .ingebed import Bronlog, IngebedeIngang
from .poorten import Ingang, Uitgang, Verzending

__all__ = ["Bronlog", "Ingang", "IngebedeIngang", "Uitgang", "Verzending"]
