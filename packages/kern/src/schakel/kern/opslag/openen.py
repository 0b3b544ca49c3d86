"""Which store a service gets: a file of its own, or its own PostgreSQL database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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
        return SqliteOpslag(_bestand(instellingen, naam), tabellen)
    with _psycopg():
        from .postgres import PostgresOpslag  # noqa: PLC0415 - psycopg is an optional dependency
    return PostgresOpslag(_adres(instellingen, naam), tabellen, naam)


def migreer_opslag(
    instellingen: Instellingen, naam: str, tabellen: Tabellen, *, rond_af: bool = False
) -> int:
    """Make the tables of ``naam`` up to date; return their version. Raises StartFout.

    With ``rond_af`` nobody of a former version works with them any more, or comes back to them.
    """
    if instellingen.opslag == SQLITE:
        if not rond_af:
            raise StartFout(
                "migreren-niet-nodig",
                "SCHAKEL_OPSLAG noemt geen PostgreSQL: een bestand wordt bij het starten bijgewerkt"
                " (met --rond-af, als de dienst stilstaat, gaat het niet meer terug)",
            )
        opslag = SqliteOpslag(_bestand(instellingen, naam), tabellen)
        opslag.rond_af()
        opslag.sluit()
        return tabellen.versie
    with _psycopg():
        from . import migratie  # noqa: PLC0415 - as above
    adres = _adres(instellingen, naam)
    versie = migratie.migreer(adres, tabellen, naam)
    if rond_af:
        migratie.rond_af(adres, tabellen, naam)
    return versie


def is_leeg(instellingen: Instellingen) -> bool:
    """Whether no service ever kept anything here: of a database, that is never said."""
    if instellingen.opslag != SQLITE:
        return False
    # With an issuer everyone needs the key, of the first moment on: it makes the pseudonyms.
    van_anderen = instellingen.uitgever is not None
    bestanden = instellingen.gegevensmap.glob("*.db")
    return not any(heeft_inhoud(bestand, van_anderen=van_anderen) for bestand in bestanden)


def heeft_eigen_adres_per_dienst(instellingen: Instellingen) -> bool:
    """Whether the setting gives every service a store of its own."""
    return instellingen.opslag == SQLITE or _DIENST in instellingen.opslag


def _bestand(instellingen: Instellingen, naam: str) -> Path:
    return instellingen.gegevensmap / f"{naam}.db"


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
