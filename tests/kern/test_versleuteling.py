"""When a service asks PostgreSQL for TLS; that it gets it, tests/e2e/test_versleuteld.py shows."""

import pytest
from psycopg.conninfo import conninfo_to_dict

from schakel.kern.opslag.pgverbinding import versleuteling

LIBPQ = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGSSLMODE")


@pytest.fixture(autouse=True)
def _kale_omgeving(monkeypatch: pytest.MonkeyPatch) -> None:
    for naam in LIBPQ:
        monkeypatch.delenv(naam, raising=False)


@pytest.mark.parametrize(
    "adres",
    [
        "postgresql://db.example.nl/kast",
        "postgresql://db/kast?service=kast",
        "postgresql://127.0.0.1,db/kast",
        "postgresql://db/kast?hostaddr=127.0.0.1",
        "postgresql://127.0.0.1/kast?hostaddr=192.0.2.1",
        "postgresql:///kast?service=kast",
    ],
)
def test_over_een_netwerk_moet_de_database_zich_bewijzen(
    adres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert versleuteling(conninfo_to_dict(adres)) == "verify-full"
    assert versleuteling(conninfo_to_dict(adres, sslmode="disable")) is None
    monkeypatch.setenv("PGSSLMODE", "")
    assert versleuteling(conninfo_to_dict(adres)) == "verify-full"
    monkeypatch.setenv("PGSSLMODE", "require")
    assert versleuteling(conninfo_to_dict(adres)) is None


@pytest.mark.parametrize(
    ("naam", "waarde"), [("PGHOST", "db"), ("PGHOSTADDR", "192.0.2.1"), ("PGSERVICE", "kast")]
)
def test_ook_als_de_omgeving_zegt_waar_hij_is(
    naam: str, waarde: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(naam, waarde)
    assert versleuteling(conninfo_to_dict("postgresql:///kast")) == "verify-full"


@pytest.mark.parametrize(
    "adres",
    [
        "postgresql://127.0.0.1,[::1],localhost/kast",
        "postgresql://localhost/kast?service=kast",
        "postgresql:///kast?host=/var/run/postgresql",
        "postgresql:///kast",
    ],
)
def test_op_de_machine_zelf_is_er_niemand_tussen(adres: str) -> None:
    assert versleuteling(conninfo_to_dict(adres)) is None
