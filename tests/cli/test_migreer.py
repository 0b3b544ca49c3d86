"""``schakel migreer``: a database per service, all at once or one by one."""

import json
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
import pytest
from deploy.lokaal.postgres import Databases
from tests.cli.conftest import Gezegd

from schakel.cli.alles import DIENSTEN as PROCESSEN
from schakel.cli.instellingen import eigen_diensten
from schakel.contracts.organisatie import DIENSTEN
from schakel.grens.tabellen import TABELLEN as GRENSTABELLEN
from schakel.kern.geheim.hoofdsleutel import maak_hoofdsleutel
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout
from schakel.kern.opslag import Tabellen
from schakel.kern.opslag.postgres import PostgresOpslag, migreer
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.orchestrator.dienst import Orchestrator
from schakel.skelet.overzicht import TABELLEN
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

Schakel = Callable[..., Gezegd]


@pytest.fixture
def adres(postgres: Databases, monkeypatch: pytest.MonkeyPatch) -> str:
    """Six databases, and the setting that names them all."""
    eerste = postgres.maak_database()
    naam = urlsplit(eerste).path.removeprefix("/")
    with psycopg.connect(postgres.url(), autocommit=True) as verbinding:
        for dienst in (*DIENSTEN.keys() - {"grens"},):
            verbinding.execute(f"CREATE DATABASE {naam}_{dienst}")
    adres = eerste.replace(naam, f"{naam}_{{dienst}}")
    monkeypatch.setenv("SCHAKEL_OPSLAG", adres)
    return adres


def test_alle_zes_elk_in_de_eigen_database(schakel: Schakel, adres: str) -> None:
    gezegd = schakel("migreer", "alles", "-o", "json")
    assert gezegd.code == 0, gezegd.fout
    versies = {een["dienst"]: een["versie"] for een in json.loads(gezegd.uit)}
    assert versies.keys() == DIENSTEN.keys() - {"grens"}
    # And so they all start, with that same setting and a key.
    maak_hoofdsleutel(Instellingen().sleutelbestand)
    for dienst in PROCESSEN:
        Procesdienst(dienst, instellingen_voor(dienst)).opslag.sluit()
    Orchestrator(Instellingen()).opslag.sluit()
    assert schakel("migreer", "alles").code == 0  # again is no trouble


def test_de_grens_hoort_erbij_zodra_er_een_overeenkomst_is(
    schakel: Schakel, postgres: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    adres = postgres.maak_database()
    monkeypatch.setenv("SCHAKEL_OPSLAG", adres)
    assert schakel("migreer", "grens").code == 0
    PostgresOpslag(adres, GRENSTABELLEN, "grens").sluit()
    partners = Instellingen().gegevensmap / "partners"
    assert "grens" not in eigen_diensten(partners.parent)
    partners.mkdir(parents=True)
    (partners / "dorp.overeenkomst.json").touch()
    assert "grens" in eigen_diensten(partners.parent)


def test_alles_neemt_mee_wat_erbij_genoemd_is(schakel: Schakel, adres: str) -> None:
    gezegd = schakel("migreer", "alles", "grens", "-o", "json")
    assert (gezegd.code, "_grens" in gezegd.fout) == (2, True)  # that database is not there
    (Instellingen().gegevensmap / "partners").mkdir(parents=True)
    (Instellingen().gegevensmap / "partners" / "dorp.overeenkomst.json").touch()
    gezegd = schakel("migreer", "alles", "-o", "json")
    assert (gezegd.code, "_grens" in gezegd.fout) == (2, True)


def test_een_dienst_en_haar_database(
    schakel: Schakel, adres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHAKEL_OPSLAG", adres.format(dienst="herstellen"))
    gezegd = schakel("migreer", "herstellen")
    assert gezegd.code == 0
    assert gezegd.uit.startswith("herstellen: de tabellen zijn van versie ")
    vergist = schakel("migreer", "wijzigen")
    assert vergist.code == 2
    assert "is van herstellen, niet van wijzigen" in vergist.fout
    wijzigen = next(dienst for dienst in PROCESSEN if dienst.proces == "wijzigen")
    with pytest.raises(StartFout, match="is van herstellen, niet van wijzigen"):
        Procesdienst(wijzigen, instellingen_voor(wijzigen))


def test_na_het_afronden_begint_niets_van_een_vorige_versie_meer(
    schakel: Schakel, adres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opslag = adres.format(dienst="herstellen")
    monkeypatch.setenv("SCHAKEL_OPSLAG", opslag)
    vroeger = Tabellen(TABELLEN.stappen[:2])
    migreer(opslag, vroeger, "herstellen")
    assert schakel("migreer", "herstellen").code == 0
    PostgresOpslag(opslag, vroeger, "herstellen").sluit()
    assert schakel("migreer", "herstellen", "--rond-af").code == 0
    with pytest.raises(StartFout, match="werk de software bij"):
        PostgresOpslag(opslag, vroeger, "herstellen")
    PostgresOpslag(opslag, TABELLEN, "herstellen").sluit()


def test_ook_een_bestand_gaat_na_het_afronden_niet_meer_terug(schakel: Schakel) -> None:
    bestand = Instellingen().gegevensmap / "herstellen.db"
    vroeger = Tabellen(TABELLEN.stappen[:2])
    SqliteOpslag(bestand, vroeger).sluit()
    opslag = SqliteOpslag(bestand, TABELLEN)
    in_gebruik = schakel("migreer", "herstellen", "--rond-af")
    assert (in_gebruik.code, in_gebruik.fout.count("\n")) == (2, 1)
    assert "is in gebruik door een ander proces" in in_gebruik.fout
    opslag.sluit()
    SqliteOpslag(bestand, vroeger).sluit()
    assert schakel("migreer", "alles", "--rond-af").code == 0
    with pytest.raises(StartFout, match="werk de software bij"):
        SqliteOpslag(bestand, vroeger)
    SqliteOpslag(bestand, TABELLEN).sluit()


@pytest.mark.parametrize(
    ("opslag", "uitleg"),
    [
        ("postgresql://u@127.0.0.1:1/een", "zet {dienst} in SCHAKEL_OPSLAG"),
        ("postgresql://u@127.0.0.1:1/{dienst}", "database orchestrator op 127.0.0.1:1: "),
        ("sqlite", "een bestand wordt bij het starten bijgewerkt"),
    ],
)
def test_wat_niet_kan_is_een_regel(
    schakel: Schakel, monkeypatch: pytest.MonkeyPatch, opslag: str, uitleg: str
) -> None:
    monkeypatch.setenv("SCHAKEL_OPSLAG", opslag)
    gezegd = schakel("migreer", "orchestrator", "herstellen")
    assert gezegd.code == 2
    assert uitleg in gezegd.fout
    assert gezegd.fout.count("\n") == 1
