"""Every byte that a store keeps, past all that knows what it means."""

from pathlib import Path

import psycopg
from tests.kern.conftest import Plek

_BESTANDEN = (
    "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class"
    " WHERE relkind IN ('r', 'i', 't') AND relfilenode <> 0 AND oid > 16383"
)


def ruw(plek: Plek) -> bytes:
    """What stands in the files of a store: its tables, indexes and journals.

    Of PostgreSQL not its own log, which is the server's: it goes when that needs it no longer.
    """
    if isinstance(plek.waar, Path):
        naast = plek.waar.parent.glob(f"{plek.waar.name}*")
        return b"".join(bestand.read_bytes() for bestand in naast)
    with psycopg.connect(plek.waar, autocommit=True) as verbinding:
        verbinding.execute("CHECKPOINT")
        return b"".join(bytes(inhoud) for (inhoud,) in verbinding.execute(_BESTANDEN))
