"""Which store a service gets: a file of its own, or its own PostgreSQL database."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout

from .poort import Opslag
from .sqlite import SqliteOpslag, heeft_inhoud
from .tabellen import Tabellen

SQLITE: Final = "sqlite"
_DIENST: Final = "{dienst}"
"""In an address it stands for the name of the service: several can share one setting."""


def open_opslag(instellingen: Instellingen, naam: str, tabellen: Tabellen) -> Opslag:
    """Open the store of the service ``naam``; raises StartFout with one clear line."""
    if instellingen.opslag == SQLITE:
        return SqliteOpslag(instellingen.gegevensmap / f"{naam}.db", tabellen)
    with _psycopg():
        from .postgres import PostgresOpslag  # noqa: PLC0415 - psycopg is an optional dependency
    return PostgresOpslag(_adres(instellingen, naam), tabellen, naam)


def migreer_opslag(instellingen: Instellingen, naam: str, tabellen: Tabellen) -> int:
    """Make the tables of ``naam`` up to date; return their version. Raises StartFout."""
    if instellingen.opslag == SQLITE:
        raise StartFout(
            "migreren-niet-nodig",
            "SCHAKEL_OPSLAG noemt geen PostgreSQL: een bestand wordt bij het starten bijgewerkt",
        )
    with _psycopg():
        from .migratie import migreer  # noqa: PLC0415 - as above
    return migreer(_adres(instellingen, naam), tabellen, naam)


def rond_opslag_af(instellingen: Instellingen, naam: str, tabellen: Tabellen) -> None:
    """Nobody of a former version works with the store of ``naam`` any more; raises StartFout."""
    with _psycopg():
        from .migratie import rond_af  # noqa: PLC0415 - as above
    rond_af(_adres(instellingen, naam), tabellen, naam)


def is_leeg(instellingen: Instellingen) -> bool:
    """Whether no service ever kept anything here: of a database, that is never said."""
    if instellingen.opslag != SQLITE:
        return False
    return not any(map(heeft_inhoud, instellingen.gegevensmap.glob("*.db")))


def heeft_eigen_adres_per_dienst(instellingen: Instellingen) -> bool:
    """Whether the setting gives every service a store of its own."""
    return instellingen.opslag == SQLITE or _DIENST in instellingen.opslag


def _adres(instellingen: Instellingen, naam: str) -> str:
    return instellingen.opslag.replace(_DIENST, naam)


@contextmanager
def _psycopg() -> Iterator[None]:
    try:
        yield
    except ImportError as fout:
        raise StartFout(
            "psycopg-ontbreekt",
            "SCHAKEL_OPSLAG noemt PostgreSQL: installeer schakel-kern[postgres]",
        ) from fout
