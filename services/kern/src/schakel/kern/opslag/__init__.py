"""The event store: the library's recorders, with whole batches and side rows in one transaction."""

from .openen import open_opslag
from .poort import Lading, Opslag, Rij
from .tabellen import KERNTABELLEN, Tabellen

__all__ = ["KERNTABELLEN", "Lading", "Opslag", "Rij", "Tabellen", "open_opslag"]
