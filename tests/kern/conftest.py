"""Stores for the tests of the mechanics: every test runs on each of them."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from deploy.lokaal.postgres import PostgresServer
from tests.kern.proef import TABELLEN

from schakel.kern.opslag import Opslag
from schakel.kern.opslag.postgres import PostgresOpslag, migreer
from schakel.kern.opslag.sqlite import SqliteOpslag


class Plek:
    """Where one store is; it can be opened again and again."""

    def __init__(self, waar: Path | str) -> None:
        self.waar = waar
        self._open: list[Opslag] = []

    def open(self) -> Opslag:
        opslag: Opslag
        if isinstance(self.waar, Path):
            opslag = SqliteOpslag(self.waar, TABELLEN)
        else:
            opslag = PostgresOpslag(self.waar, TABELLEN)
        self._open.append(opslag)
        return opslag

    def sluit(self) -> None:
        while self._open:
            self._open.pop().sluit()


MaakPlek = Callable[[], Plek]

_VULBAAR = (
    "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_versie'"
)


class Databases:
    """Migrated databases, emptied and used again: making one takes a third of a second."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._vrij: list[str] = []

    def neem(self) -> str:
        if not self._vrij:
            url = self._server.maak_database()
            migreer(url, TABELLEN)
            return url
        url = self._vrij.pop()
        with psycopg.connect(url) as verbinding:
            verbinding.execute("SET lock_timeout = '5s'")
            rijen = verbinding.execute(_VULBAAR).fetchall()
            verbinding.execute(f"TRUNCATE {', '.join(naam for (naam,) in rijen)} RESTART IDENTITY")
        return url

    def geef_terug(self, url: str) -> None:
        self._vrij.append(url)


@pytest.fixture(scope="session")
def databases(postgres: PostgresServer) -> Databases:
    return Databases(postgres)


@pytest.fixture(params=["sqlite", "postgres"])
def maak_plek(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MaakPlek]:
    """Makes places for stores of one kind."""
    plekken: list[Plek] = []

    def maak() -> Plek:
        waar: Path | str = tmp_path / f"proef{len(plekken)}.db"
        if request.param == "postgres":
            waar = request.getfixturevalue("databases").neem()
        plekken.append(Plek(waar))
        return plekken[-1]

    yield maak
    for plek in plekken:
        plek.sluit()
        if isinstance(plek.waar, str):
            request.getfixturevalue("databases").geef_terug(plek.waar)


@pytest.fixture
def plek(maak_plek: MaakPlek) -> Plek:
    """One place."""
    return maak_plek()


@pytest.fixture
def opslag(plek: Plek) -> Opslag:
    """One open store."""
    return plek.open()
