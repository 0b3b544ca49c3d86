"""The event store: the library's recorders, with whole batches and side rows in one transaction."""

from .openen import heeft_eigen_adres_per_dienst, migreer_opslag, open_opslag
from .poort import Alleenrecht, Lading, Opslag, Rij, lees_posities
from .tabellen import KERNTABELLEN, Tabellen

__all__ = [
    "KERNTABELLEN",
    "Alleenrecht",
    "Lading",
    "Opslag",
    "Rij",
    "Tabellen",
    "heeft_eigen_adres_per_dienst",
    "lees_posities",
    "migreer_opslag",
    "open_opslag",
]
