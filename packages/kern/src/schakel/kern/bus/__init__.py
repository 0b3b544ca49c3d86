"""The bus: ports to send and to receive, and the embedded way to do both without a broker."""

from .bestand import Bestandslog, Bestandsuitgang
from .ingebed import Bronlog, IngebedeIngang
from .openen import open_bus
from .poorten import (
    Aanvoer,
    Busverbinding,
    Ingang,
    Posities,
    Topic,
    Uitgang,
    Vergeet,
    Verzending,
    vergeet_niets,
)

__all__ = [
    "Aanvoer",
    "Bestandslog",
    "Bestandsuitgang",
    "Bronlog",
    "Busverbinding",
    "Ingang",
    "IngebedeIngang",
    "Posities",
    "Topic",
    "Uitgang",
    "Vergeet",
    "Verzending",
    "open_bus",
    "vergeet_niets",
]
