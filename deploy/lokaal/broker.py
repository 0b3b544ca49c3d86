"""One broker: a process with a folder and two ports, that can be stopped, killed and paused."""

import os
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from random import SystemRandom
from shutil import rmtree

import psutil
from deploy.lokaal import versnelling
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.jars import NIEUWSTE, opdracht
from deploy.lokaal.processen import STOPTIJD, beeindig, leeft, vind

INSTELLINGEN = Path(__file__).parents[1] / "kafka" / "server.properties"

# Below every range from which a kernel takes the sending side of a connection: a client that keeps
# calling a dead broker on such a port can reach itself, and then the broker cannot come back.
POORTEN = range(15000, 30000)

LICHT = ("-Xmx384m", "-Xms64m", "-XX:+UseSerialGC")
# Compiling less is faster to start; only TLS is four times slower with it. Who measures that gives
# -XX:TieredStopAtLevel=4, as the last word counts.
VLUG = ("-XX:TieredStopAtLevel=1",)
OPSTARTTIJD = 120.0  # seconds; two, unless a machine is very busy


class Broker:
    """A broker that is also controller."""

    def __init__(
        self,
        map_: Path,
        nummer: int,
        poort: int,
        vlaggen: tuple[str, ...],
        versie: Path = NIEUWSTE,
    ) -> None:
        self.map = map_
        self.nummer = nummer
        self.poort = poort
        self._vlaggen = vlaggen
        self._versie = versie
        self._kind: psutil.Process | None = None

    @property
    def leeft(self) -> bool:
        """Also while it is paused."""
        return self._zoek() is not None

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        return self._lopend().pid

    @property
    def geheugen_mb(self) -> float:
        """What it holds in memory."""
        return float(self._lopend().memory_info().rss) / 1e6

    @property
    def data(self) -> Path:
        """Where its messages are."""
        return self.map / "data"

    def stel_in(self, regels: str) -> None:
        """Write its settings: what all have, and what is its own."""
        self.map.mkdir(parents=True, exist_ok=True)
        self._instellingen.touch(mode=0o600)  # with SCRAM there is a password in it
        self._instellingen.write_text(f"{INSTELLINGEN.read_text()}\n{regels}")

    def formatteer(self, cluster: str, extra: tuple[str, ...] = ()) -> None:
        """Prepare its folder, once."""
        rmtree(self.data, ignore_errors=True)  # begun before, and never finished
        # One word: an id of chance may begin with a dash.
        vlaggen = (*LICHT, *VLUG, *versnelling.vlaggen(self._versie))
        regel = opdracht("kafka.tools.StorageTool", *vlaggen, versie=self._versie)
        regel += ["format", f"--cluster-id={cluster}", "-c", str(self._instellingen), *extra]
        gelopen = subprocess.run(regel, check=False, capture_output=True, text=True)
        if gelopen.returncode:
            raise InfraFout(f"Kafka bereidt {self.map} niet voor: {gelopen.stderr.strip()}")

    def start(self) -> None:
        """Start its process; `wacht_op_poort` says when it can be called."""
        if self.leeft:
            return
        regel = opdracht("kafka.Kafka", *LICHT, *self._vlaggen, versie=self._versie)
        regel += [str(self._instellingen)]
        log = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        # Not with subprocess: that objects to a process that outlives whoever started it.
        pid = os.posix_spawn(
            regel[0],
            regel,
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, str(self.map / "log"), log, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
        self._kind = psutil.Process(pid)
        self._pidbestand.write_text(f"{pid}\n")

    def wacht_op_poort(self) -> None:
        """Until it accepts connections; a process that ends instead says why."""
        einde = time.monotonic() + OPSTARTTIJD
        while time.monotonic() < einde:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.poort), 1):
                return
            if not self.leeft:
                break
            time.sleep(0.02)
        waar = self.map / "log"
        raise InfraFout(f"broker {self.nummer} start niet; het einde van {waar}:\n{self.staart()}")

    def stop(self, geduld: float = STOPTIJD) -> None:
        """Ask it to end, as an operator would; kill it when it takes too long."""
        self._beeindig(signal.SIGTERM, geduld)

    def breek_af(self) -> None:
        """End it at once, as kill -9 does."""
        self._beeindig(signal.SIGKILL)

    def pauzeer(self) -> None:
        """Let it hang: connections stay open and nobody answers."""
        self._lopend().suspend()

    def hervat(self) -> None:
        """Let it go on where it was."""
        self._lopend().resume()

    def staart(self, regels: int = 20) -> str:
        """The last lines of its log."""
        return "\n".join((self.map / "log").read_text().splitlines()[-regels:])

    @property
    def _instellingen(self) -> Path:
        return self.map / "server.properties"

    @property
    def _pidbestand(self) -> Path:
        return self.map / "broker.pid"

    def _zoek(self) -> psutil.Process | None:
        # A child of ours needs no recognition, which it does not give in its first moments.
        if self._kind is not None and leeft(self._kind):
            return self._kind
        self._kind = None
        return vind(self._pidbestand, self.map)

    def _lopend(self) -> psutil.Process:
        proces = self._zoek()
        if proces is None:
            raise InfraFout(f"broker {self.nummer} draait niet")
        return proces

    def _beeindig(self, sein: signal.Signals, geduld: float = STOPTIJD) -> None:
        proces = self._zoek()
        if proces is not None:
            beeindig([proces], sein, geduld)
        self._pidbestand.unlink(missing_ok=True)


def vrije_poort() -> int:
    """A port on which nobody listens now, of a kind that nobody gets by chance."""
    for _ in range(1000):
        poort = SystemRandom().choice(POORTEN)
        if is_vrij(poort):
            return poort
    raise InfraFout("er is geen vrije poort te vinden op 127.0.0.1")


def is_vrij(poort: int) -> bool:
    """Whether one may listen there."""
    with socket.socket() as proef:
        proef.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            proef.bind(("127.0.0.1", poort))
        except OSError:
            return False
    return True
