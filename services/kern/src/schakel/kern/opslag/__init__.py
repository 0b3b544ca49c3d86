"""The event store: the library's recorders, with whole batches and side rows in one transaction."""

from .openen import open_opslag
from .poort import Alleenrecht, Lading, Opslag, Rij, lees_posities
from .tabellen import KERNTABELLEN, Tabellen

__all__ = [
    "KERNTABELLEN",
    "Alleenrecht",
    "Lading",
    "Opslag",
    "Rij",
    "Tabellen",
    "lees_posities",
    "open_opslag",
]
