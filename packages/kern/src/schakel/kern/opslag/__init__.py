"""The event store: the library's recorders, with whole batches and side rows in one transaction.

Whoever is above this room knows the library by these names alone.
"""

from eventsourcing.persistence import DataError, IntegrityError, Notification, PersistenceError

from .openen import (
    heeft_eigen_adres_per_dienst,
    is_leeg,
    migreer_opslag,
    open_opslag,
    rond_opslag_af,
)
from .poort import MAX_STAAT, Alleenrecht, Lading, Opslag, Rij, lees_posities
from .tabellen import KERNTABELLEN, PERSOONLIJK, Tabellen

__all__ = [
    "KERNTABELLEN",
    "MAX_STAAT",
    "PERSOONLIJK",
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
    "rond_opslag_af",
]
