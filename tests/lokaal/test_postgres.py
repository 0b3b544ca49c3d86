"""A real PostgreSQL on this machine, as tests, the chain and the chaos runs use it."""

from pathlib import Path

import psycopg
import pytest
from deploy.lokaal.broker import vrije_poort
from deploy.lokaal.postgres import Databases, PostgresServer


def vraag(url: str, sql: str) -> object:
    with psycopg.connect(url, autocommit=True) as verbinding:
        cursor = verbinding.execute(sql)
        rij = cursor.fetchone() if cursor.description else None
    return rij and rij[0]


def test_het_is_versie_18(postgres: Databases) -> None:
    assert str(vraag(postgres.url(), "SHOW server_version")).startswith("18.")


def test_wat_bewaard_is_overleeft_een_kill_9(breekbare_postgres: PostgresServer) -> None:
    url = breekbare_postgres.maak_database()
    vraag(url, "CREATE TABLE kast AS SELECT 42 AS inhoud")
    eerst = breekbare_postgres.pid
    breekbare_postgres.breek_af()
    with pytest.raises(psycopg.OperationalError):
        vraag(url, "SELECT 1")
    breekbare_postgres.start()
    assert vraag(url, "SELECT inhoud FROM kast") == 42
    assert breekbare_postgres.pid != eerst


def test_wie_gepauzeerd_is_zwijgt_en_gaat_daarna_verder(
    breekbare_postgres: PostgresServer,
) -> None:
    url = breekbare_postgres.url()
    with psycopg.connect(url, autocommit=True) as verbinding:
        breekbare_postgres.pauzeer()
        with pytest.raises(psycopg.errors.ConnectionTimeout):
            psycopg.connect(url, connect_timeout=2)
        breekbare_postgres.hervat()
        assert verbinding.execute("SELECT 1").fetchone() == (1,)


def test_per_tcp_vraagt_het_een_wachtwoord_en_wacht_het_op_de_schijf(open_map: Path) -> None:
    with PostgresServer(open_map / "pg", poort=vrije_poort()) as server:
        assert vraag(server.url(), "SHOW fsync") == "on"
        zonder = server.url().replace(f":{(open_map / 'pg' / 'wachtwoord').read_text()}@", "@")
        with pytest.raises(psycopg.OperationalError, match="password"):
            vraag(zonder, "SELECT 1")
        server.maak_database("herstellen")
    with PostgresServer(open_map / "pg", poort=vrije_poort()) as weer:
        assert weer.heeft_database("herstellen")


def test_de_map_mag_een_langer_pad_hebben_dan_een_socket(open_map: Path) -> None:
    """The socket then stands in a folder elsewhere, in which PostgreSQL has to be able to write."""
    with PostgresServer(open_map / ("lang" * 25), fsync=False) as server:
        assert vraag(server.url(), "SELECT 42") == 42
