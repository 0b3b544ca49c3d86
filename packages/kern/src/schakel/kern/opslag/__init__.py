"""The event store: the library's recorders, with whole batches and side rows in one transaction.

Whoever is above this room knows the library by these names alone.
"""

from eventsourcing.persistence import DataError, IntegrityError, Notification, PersistenceError

from .openen import heeft_eigen_adres_per_dienst, is_leeg, migreer_opslag, open_opslag
from .poort import (
    MAX_STAAT,
    VERGEET_POSITIE,
    Alleenrecht,
    Lading,
    Opslag,
    Rij,
    lees_posities,
)
from .tabellen import AUDIT, KERNTABELLEN, OPEN_GEPARKEERD, PERSOONLIJK, Tabellen

__all__ = [
    "AUDIT",
    "KERNTABELLEN",
    "MAX_STAAT",
    "OPEN_GEPARKEERD",
    "PERSOONLIJK",
    "VERGEET_POSITIE",
    "Alleenrecht",
    "DataError",
    "IntegrityError",
    "Lading",
    "Notification",
    "Opslag",
    "PersistenceError",
    "Rij",
    "Tabellen",
    "heeft_eigen_adres_per_dienst",
    "is_leeg",
    "lees_posities",
    "migreer_opslag",
    "open_opslag",
]
