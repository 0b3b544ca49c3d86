"""The real thing on this machine: a broker, a database server, and six services as processes.

Whoever of the six dies is started again at once, as a supervisor does.
"""

import asyncio
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psycopg
from deploy.lokaal.broker import vrije_poort
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.kafka import Kafka
from deploy.lokaal.postgres import PostgresServer
from deploy.lokaal.vragen import verwijder_topics
from tests.e2e.audit.opslagen import ALLEN

from schakel.contracts.topics import topics_van
from schakel.kern.bus.kafka import Klanten
from schakel.kern.bus.kafka.topics import Topicuitgave, lees_topics
from schakel.kern.geheim.hoofdsleutel import maak_hoofdsleutel
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.opslag.postgres import migreer
from schakel.orchestrator.tabellen import TABELLEN as WAARGENOMEN
from schakel.skelet.overzicht import TABELLEN as GEMELD

from .schijf import Schijf

WORTEL = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
OIN = "00000099000000001000"
_PDEATHSIG = 1
TOEZICHT = 0.1
"""Seconds between two looks at who died."""
KIJK = 0.1
KLAAR = 2.0
NIEUWE_START = 0.5
"""Seconds after which a service that could not start tries again."""
HERSTELTIJD = 60.0
STOPTIJD = 15.0
"""Seconds in which a service must end when it is asked to."""


class Dienstproces:
    """One service as a process."""

    def __init__(self, naam: str, dienst: str, omgeving: Mapping[str, str], map_: Path) -> None:
        self.naam = naam
        self.dienst = dienst
        self.moet_draaien = False
        self.klok = 0
        """Seconds by which its clock is wrong, from its next start on."""
        self.adres = f"http://127.0.0.1:{omgeving['SCHAKEL_POORT']}"
        self._omgeving = omgeving
        self._log = map_ / f"{naam}.log"
        self._proces: subprocess.Popen[bytes] | None = None

    @property
    def leeft(self) -> bool:
        """Also while it is paused."""
        return self._proces is not None and self._proces.poll() is None

    def start(self) -> None:
        """Start it, once more."""
        opdracht: list[str | Path] = [BIN / f"schakel-{self.dienst}"]
        if self.klok:
            opdracht = [
                sys.executable,
                "-m",
                "tests.e2e.chaos.scheef",
                self.dienst,
                str(self.klok),
            ]
        with self._log.open("ab") as log:
            self._proces = subprocess.Popen(
                opdracht,
                cwd=WORTEL,
                env=self._omgeving,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_ga_mee,  # noqa: PLW1509 - there are no locks that it could need
            )
        self.moet_draaien = True

    def sein(self, sein: signal.Signals) -> None:
        """Whoever is dead does not hear it."""
        if self._proces is not None:
            self._proces.send_signal(sein)

    def dood(self) -> None:
        """``kill -9``; returns when it is dead."""
        self.sein(signal.SIGKILL)
        if self._proces is not None:
            self._proces.wait()

    def stop(self) -> int:
        """Ask it to end, and wait; its exit code."""
        self.moet_draaien = False
        self.sein(signal.SIGTERM)
        self.sein(signal.SIGCONT)
        try:
            return 0 if self._proces is None else self._proces.wait(STOPTIJD)
        except subprocess.TimeoutExpired:
            self.dood()
            return -9


class Toneel:
    """Everything that runs."""

    def __init__(
        self, map_: Path, *, kleine_schijf: bool = False, brokers: int = 1, replicas: int = 1
    ) -> None:
        """With ``kleine_schijf`` a disk each for broker and databases; raises OSError."""
        self.map = map_
        self.schijven = (
            {naam: Schijf(map_ / naam) for naam in ("kafka", "postgres")} if kleine_schijf else {}
        )
        self.kafka = Kafka(map_ / "kafka", aantal=brokers)
        self.postgres = PostgresServer(map_ / "postgres")
        self.diensten: dict[str, Dienstproces] = {}
        self._replicas = replicas
        self.urls: dict[str, str] = {}
        self.slecht_gestopt: dict[str, int] = {}

    @property
    def adressen(self) -> Mapping[str, Sequence[str]]:
        """Where the replicas of each service are."""
        return {naam: [een.adres for een in self.replicas(naam)] for naam in ALLEN}

    def replicas(self, dienst: str) -> Sequence[Dienstproces]:
        """The processes of one service, which share its database."""
        return [een for een in self.diensten.values() if een.dienst == dienst]

    @property
    def topics(self) -> Sequence[str]:
        """The five of the organisation."""
        return list(topics_van(OIN))

    def start(self) -> None:
        """Broker, databases, topics, tables; the services come with ``bemand``."""
        self.kafka.start()
        self.postgres.start()
        for naam in ALLEN:
            self.urls[naam] = self.postgres.maak_database(naam)
            migreer(self.urls[naam], WAARGENOMEN if naam == "orchestrator" else GEMELD)
            for replica in namen_van(naam, self._replicas):
                self.diensten[replica] = Dienstproces(replica, naam, self._omgeving(naam), self.map)
        self.maak_topics()
        plaatsen = {"urls": self.urls, "kafka": self.kafka.toegang().bootstrap, "oin": OIN}
        (self.map / "toneel.json").write_text(json.dumps(plaatsen))

    def _omgeving(self, naam: str) -> dict[str, str]:
        gegevens = self.map / "gegevens" / naam
        maak_hoofdsleutel(gegevens / "sleutel")
        return {
            "PATH": os.defpath,
            "LANG": "C.UTF-8",
            "SCHAKEL_OIN": OIN,
            "SCHAKEL_POORT": str(vrije_poort()),
            "SCHAKEL_GEGEVENSMAP": str(gegevens),
            "SCHAKEL_OPSLAG": self.urls[naam],
            "SCHAKEL_LOGNIVEAU": "warning",
            **self.kafka.toegang().omgeving(),
        }

    def maak_topics(self) -> None:
        """As an operator does."""
        subprocess.run(
            [BIN / "schakel", "topics", "--replicatiefactor", str(len(self.kafka.brokers))],
            cwd=WORTEL,
            env={"PATH": os.defpath, "SCHAKEL_OIN": OIN, **self.kafka.toegang().omgeving()},
            check=True,
            capture_output=True,
            timeout=60,
        )

    async def wis_topics(self) -> None:
        """Everything on the bus is gone, also to the eye of the broker: it sees it a bit later."""
        await asyncio.to_thread(verwijder_topics, self.kafka.toegang(), self.topics)
        while await self.zie_topics():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(KIJK)

    async def zie_topics(self) -> Mapping[str, Topicuitgave]:
        """What there is now; raises BusFout."""
        async with self.toegang.vrager() as vrager:
            return await lees_topics(vrager, self.topics)

    @property
    def toegang(self) -> Klanten:
        """For who looks on."""
        instellingen = Instellingen(kafka=self.kafka.toegang().bootstrap, oin=OIN)
        return Klanten(instellingen, f"{OIN}.kijker")

    async def is_klaar(self, naam: str) -> bool:
        """Whether this process takes part: it says so itself."""
        try:
            async with httpx.AsyncClient(timeout=KLAAR, trust_env=False) as http:
                return (await http.get(f"{self.diensten[naam].adres}/klaar")).is_success
        except httpx.HTTPError:
            return False

    def vraag(self, naam: str, sql: str) -> list[tuple[object, ...]]:
        """Ask, or change, something in a database, past the service."""
        url = self.urls[naam]
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as verbinding:
            gevraagd = verbinding.execute(sql)
            return gevraagd.fetchall() if gevraagd.description else []

    @asynccontextmanager
    async def bemand(self) -> AsyncIterator[None]:
        """The services run inside the block; at its end they are asked to stop."""
        taken = [asyncio.create_task(_waak(dienst)) for dienst in self.diensten.values()]
        for dienst in self.diensten.values():
            dienst.start()
        try:
            yield
        finally:
            for taak in taken:
                taak.cancel()
            await asyncio.wait(taken)
            stoppen = [asyncio.to_thread(dienst.stop) for dienst in self.diensten.values()]
            codes = zip(self.diensten, await asyncio.gather(*stoppen), strict=True)
            self.slecht_gestopt = {naam: code for naam, code in codes if code}

    def herstel(self, welke: str) -> None:
        """Until it works, started again as often as it ends; raises InfraFout."""
        einde = time.monotonic() + HERSTELTIJD
        while True:
            try:
                if welke == "kafka":
                    self.kafka.start()
                    if len(self.kafka.brokers) > 1:
                        self.kafka.wacht_tot_gelijk(self.topics)
                else:
                    self.postgres.start()
                    psycopg.connect(self.postgres.url()).close()
            except (InfraFout, psycopg.OperationalError):
                if time.monotonic() > einde:
                    raise
                time.sleep(KIJK)
            else:
                return

    def sluit(self) -> None:
        """The broker and the databases end; what they stored stays in the folder."""
        self.postgres.sluit()
        for broker in self.kafka.brokers:
            broker.breek_af()
        self.kafka.sluit()
        for schijf in self.schijven.values():
            schijf.weg()


def namen_van(dienst: str, replicas: int) -> Sequence[str]:
    """What its processes are called: the first one like the service itself."""
    return [dienst, *(f"{dienst}-{nummer}" for nummer in range(2, replicas + 1))]


def _ga_mee() -> None:
    """Whoever started this may be killed too: then nobody is left to end it (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)


async def _waak(dienst: Dienstproces) -> None:
    begonnen = time.monotonic()
    while True:
        await asyncio.sleep(TOEZICHT)
        if dienst.moet_draaien and not dienst.leeft:
            snel = time.monotonic() - begonnen < NIEUWE_START
            await asyncio.sleep(NIEUWE_START if snel else 0)
            dienst.start()
            begonnen = time.monotonic()
