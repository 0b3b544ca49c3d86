"""The servers that benches run on: real ones, each started for one bench and ended with it.

PostgreSQL waits for the disk (fsync on), or every commit would be free.
"""

import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count

import psycopg
from deploy.lokaal import vragen
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.postgres import Databases, PostgresServer
from deploy.lokaal.toegang import Toegang
from psycopg.conninfo import conninfo_to_dict

from schakel.contracts.topics import topics_van
from schakel.kern.opslag import KERNTABELLEN, Tabellen
from schakel.kern.opslag.postgres import migreer
from schakel.skelet.overzicht import TABELLEN

from .verslag import schone_map

PARTITIES = 4
_oins = count(1)


class Postgres:
    """A server, and as many databases as are asked for."""

    def __init__(self, server: Databases) -> None:
        self._server = server

    def leeg(self) -> str:
        """The address of an empty database."""
        return self._server.maak_database()

    def met(self, tabellen: Tabellen) -> str:
        """The address of a new database with these tables."""
        url = self.leeg()
        migreer(url, tabellen)
        return url

    def voor(self, diensten: Sequence[str], *, kaal: bool = False) -> Mapping[str, str]:
        """A new database for each of these services."""
        return {naam: self.met(KERNTABELLEN if kaal else TABELLEN) for naam in diensten}

    def verwijder(self, urls: Iterable[str]) -> None:
        """Remove these databases, before the server goes."""
        with psycopg.connect(self._server.url(), autocommit=True) as verbinding:
            for url in urls:
                weg = f"DROP DATABASE {conninfo_to_dict(url)['dbname']} WITH (FORCE)"
                verbinding.execute(weg.encode())

    def vraag(self, url: str, sql: str) -> int:
        """A number."""
        with psycopg.connect(url) as verbinding:
            rij = verbinding.execute(sql.encode()).fetchone()
        assert rij is not None
        return int(rij[0])


def vrije_poort() -> int:
    """A port that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as contact:
        return int(contact.getsockname()[1])


class Bus:
    """A broker, and topics for as many organisations as are asked for."""

    def __init__(self, toegang: Toegang) -> None:
        self._toegang = toegang
        self.adres = toegang.bootstrap

    def organisatie(self, partities: int = PARTITIES) -> str:
        """The OIN of a new organisation with empty topics."""
        oin = f"000000990000{next(_oins):08d}"
        vragen.maak_topics(self._toegang, topics_van(oin), partities=partities)
        return oin


@contextmanager
def servers() -> Iterator[tuple[Postgres, Bus]]:
    """A database server and a broker for one bench, on a real disk."""
    with (
        schone_map() as pg_map,
        schone_map() as kafka_map,
        PostgresServer(pg_map) as pg,
        Kafka(kafka_map) as broker,
    ):
        yield Postgres(pg), Bus(broker.toegang())
