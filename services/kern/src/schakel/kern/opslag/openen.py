"""Which store a service gets: a file of its own, or its own PostgreSQL database."""

from schakel.kern.instellingen import Instellingen
from schakel.kern.weigering import StartFout

from .poort import Opslag
from .sqlite import SqliteOpslag
from .tabellen import Tabellen


def open_opslag(instellingen: Instellingen, naam: str, tabellen: Tabellen) -> Opslag:
    """Open the store of the service ``naam``; raises StartFout with one clear line."""
    if instellingen.opslag == "sqlite":
        return SqliteOpslag(instellingen.gegevensmap / f"{naam}.db", tabellen)
    try:
        from .postgres import PostgresOpslag  # noqa: PLC0415 - psycopg is an optional dependency
    except ImportError as fout:
        raise StartFout(
            "psycopg-ontbreekt",
            "SCHAKEL_OPSLAG noemt PostgreSQL: installeer schakel-kern[postgres]",
        ) from fout
    return PostgresOpslag(instellingen.opslag, tabellen)
