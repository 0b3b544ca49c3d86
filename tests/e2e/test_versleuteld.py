"""PostgreSQL as compose.yaml starts it: who comes by the network is encrypted, or does not come in.

The PostgreSQL that comes with a Python package was built without TLS, so these want one of the
machine. Its version does not matter: what is tested is as old as the oldest that is supported.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from deploy.geheimen import maak_geheimen
from deploy.lokaal.broker import vrije_poort
from deploy.lokaal.compose import COMPOSE, Compose
from deploy.lokaal.ondergrond import maak_databases
from deploy.lokaal.sleutels import Sleutels

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout
from schakel.kern.opslag import migreer_opslag, open_opslag
from schakel.skelet.overzicht import TABELLEN

WIE = "herstellen"
NIEMAND = 65534


def met_tls() -> Path | None:
    """The folder of a PostgreSQL of this machine that has TLS."""
    kandidaten = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if gevonden := shutil.which("postgres"):
        kandidaten.append(Path(gevonden).resolve().parent)
    for map_ in sorted(kandidaten, reverse=True):
        if (map_ / "postgres").exists() and b"SSL_CTX_new" in (map_ / "postgres").read_bytes():
            return map_
    return None


PROGRAMMAS = met_tls()
pytestmark = pytest.mark.skipif(
    PROGRAMMAS is None, reason="geen PostgreSQL met TLS op deze machine (Debian: postgresql)"
)


class Server:
    """Run by the lines of compose.yaml, in which only places are others."""

    def __init__(self, map_: Path) -> None:
        self.geheim, self.socket = map_ / "geheim", map_ / "socket"
        self.poort = vrije_poort()
        self._map = map_
        # It refuses to be root, and root may be who tests.
        self._als: dict[str, Any] = {}
        if os.geteuid() == 0:
            self._als = {"user": NIEMAND, "group": NIEMAND, "extra_groups": []}
        maak_geheimen(Compose(), self.geheim)
        self.socket.mkdir()
        for eigen in (map_, self.socket):
            if self._als:
                os.chown(eigen, NIEMAND, NIEMAND)
        (map_ / "secrets").mkdir()
        shutil.copy(self.geheim / "tls-postgres", map_ / "secrets")
        self._zonder_container()

    def _zonder_container(self) -> None:
        """What the image starts after it made the databases."""
        start = self._map / "docker-entrypoint.sh"
        start.write_text(
            f'#!/bin/sh\nexec "$@" -D {self._map}/data -k {self.socket} -p {self.poort}'
            " -c listen_addresses=127.0.0.1\n"
        )
        start.chmod(0o755)

    def _draai(self, *opdracht: str | Path) -> subprocess.Popen[bytes]:
        pad = f"{self._map}{os.pathsep}{PROGRAMMAS}{os.pathsep}{os.defpath}"
        with (self._map / "log").open("ab") as log:
            return subprocess.Popen(
                opdracht, env={"PATH": pad}, cwd=self._map, stdout=log, stderr=log, **self._als
            )

    def start(self) -> subprocess.Popen[bytes]:
        data = self._map / "data"
        maak = ("initdb", "-U", "postgres", "--auth=reject", "--encoding=UTF8", "-D", data)
        assert self._draai(*maak).wait(60) == 0, (self._map / "log").read_text()
        dienst = yaml.safe_load(COMPOSE.read_text())["services"]["postgres"]
        (hba,) = (c["target"] for c in dienst["configs"] if c["source"] == "toegang")
        plaatsen = {
            "$$": "$",
            "/run/secrets": str(self._map / "secrets"),
            "/var/run/postgresql/tls": str(self._map / "tls"),
            hba: str(self._map / "pg_hba.conf"),
        }
        shutil.copy(COMPOSE.parent / "deploy/postgres/pg_hba.conf", self._map)
        regel = [*dienst["entrypoint"], *dienst["command"]]
        for daar, hier in plaatsen.items():
            regel = [deel.replace(daar, hier) for deel in regel]
        return self._draai(*regel)

    def per_socket(self) -> str:
        """As the image comes in, to make the databases."""
        return f"postgresql://postgres@/postgres?host={self.socket}&port={self.poort}"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="schakel-proef-") as map_:
        server = Server(Path(map_))
        proces = server.start()
        try:
            tot = time.monotonic() + 30
            while True:
                try:
                    psycopg.connect(server.per_socket()).close()
                    break
                except psycopg.OperationalError:
                    assert proces.poll() is None, (Path(map_) / "log").read_text()
                    assert time.monotonic() < tot
                    time.sleep(0.05)
            maak_databases(server.per_socket(), server.geheim)
            yield server
        finally:
            proces.terminate()
            proces.wait(30)


@pytest.fixture
def adres(server: Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """That of compose.yaml; a container would find the host by its name."""
    deel = next(een for een in Compose().onderdelen({}, server.geheim) if een.naam == WIE)
    monkeypatch.setenv("PGHOSTADDR", "127.0.0.1")
    monkeypatch.setenv("HOME", "/nergens")  # whoever tests may trust authorities of their own
    monkeypatch.setenv("PGSERVICEFILE", deel.omgeving["PGSERVICEFILE"])
    return deel.omgeving["SCHAKEL_OPSLAG"].replace(":5432", f":{server.poort}")


def migreer(adres: str, map_: Path) -> None:
    migreer_opslag(Instellingen(opslag=adres, gegevensmap=map_), WIE, TABELLEN)


def test_wat_een_dienst_met_zijn_database_bespreekt_is_versleuteld(
    adres: str, tmp_path: Path
) -> None:
    migreer(adres, tmp_path)
    instellingen = Instellingen(opslag=adres, gegevensmap=tmp_path)
    opslag = open_opslag(instellingen, WIE, TABELLEN)
    try:
        hoe = opslag.vraag("SELECT version FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()")
    finally:
        opslag.sluit()
    assert [list(rij) for rij in hoe] == [["TLSv1.3"]]


def test_de_server_laat_niemand_onversleuteld_toe(adres: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        psycopg.connect(f"{adres}&sslmode=disable")
    psycopg.connect(f"{adres}&sslmode=require").close()


def test_een_server_die_zich_niet_bewijst_krijgt_geen_wachtwoord(
    server: Server, adres: str, tmp_path: Path
) -> None:
    vreemd = Sleutels(tmp_path / "vreemd").ca
    eigen = str(server.geheim / "ca")
    for anders, reden in (
        (adres.replace(eigen, str(vreemd)), "SSL error"),
        (adres.replace("@postgres:", "@ergens-anders:"), "does not match host name"),
        (adres.replace(eigen, str(tmp_path / "weg")), "does not exist"),
        (adres.partition("&")[0], "does not exist"),
    ):
        with pytest.raises(StartFout, match=f"{reden}.*sslrootcert=") as fout:
            migreer(anders, tmp_path)
        assert len(str(fout.value).splitlines()) == 1
