"""Apache Kafka on this machine: one broker or three, open or with certificates and rights.

    with Kafka() as kafka:
        kafka.toegang().bootstrap       # where it is
        kafka.brokers[0].breek_af()     # kill -9
        kafka.start()                   # again, on the same data

What is started here ends with this process, also when that is killed. `blijft=True` lets it run on.
"""

import base64
import json
import tempfile
import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import rmtree

from deploy.lokaal import versnelling, vragen
from deploy.lokaal.beveiliging import BEHEER, bij_het_formatteren, regels, toegang
from deploy.lokaal.broker import OPSTARTTIJD, VLUG, Broker, vrije_poort
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.gebruik import Gebruik
from deploy.lokaal.gereedschap import CONFIGS, voer_uit
from deploy.lokaal.jars import NIEUWSTE
from deploy.lokaal.sleutels import Sleutels
from deploy.lokaal.toegang import PLAINTEXT, SASL_SSL, Toegang
from deploy.lokaal.zolang import Zolang

VOORVOEGSEL = "schakel-kafka-"


@dataclass(frozen=True)
class Vorm:
    """What a cluster is, for as long as its data exists."""

    beveiliging: str
    poorten: list[int]
    controllerpoorten: list[int]


class Kafka(Zolang):
    """A cluster of brokers in one folder; what is in the folder is taken up again."""

    def __init__(
        self,
        map_: Path | None = None,
        *,
        aantal: int = 1,
        beveiliging: str = PLAINTEXT,
        poort: int | None = None,
        blijft: bool = False,
        vlaggen: tuple[str, ...] | None = None,
        versie: Path = NIEUWSTE,
    ) -> None:
        """``versie`` is that of the programs: an older or newer one may have written the data."""
        self._tijdelijk = map_ is None
        self.map = (map_ or Path(tempfile.mkdtemp(prefix=VOORVOEGSEL))).resolve()
        self.map.mkdir(parents=True, exist_ok=True)
        self._blijft = blijft
        self._gebruik: Gebruik | None = None
        self._vorm = self._bewaarde_vorm() or Vorm(
            beveiliging,
            [vrije_poort() for _ in range(aantal)],
            [vrije_poort() for _ in range(aantal)],
        )
        if poort:
            self._vorm.poorten[0] = poort
        self._sleutels = Sleutels(self.map / "sleutels")
        extra = versnelling.vlaggen(versie) if vlaggen is None else vlaggen
        self.brokers = [
            Broker(self.map / f"broker-{nummer}", nummer, eigen, (*VLUG, *extra), versie)
            for nummer, eigen in enumerate(self._vorm.poorten, 1)
        ]

    @property
    def leeft(self) -> bool:
        """Whether any of it runs."""
        return any(broker.leeft for broker in self.brokers)

    @property
    def poort(self) -> int:
        """Of the first broker."""
        return self.brokers[0].poort

    @property
    def geheugen_mb(self) -> float:
        """What its processes hold in memory."""
        return sum(broker.geheugen_mb for broker in self.brokers if broker.leeft)

    def toegang(self, wie: str = BEHEER) -> Toegang:
        """How this principal reaches it: `beheer` may do everything, others what ACLs say."""
        if self._vorm.beveiliging == SASL_SSL and not self._sleutels.heeft_wachtwoord(wie):
            self._voeg_gebruiker_toe(wie)
        adressen = ",".join(f"127.0.0.1:{broker.poort}" for broker in self.brokers)
        return toegang(adressen, self._vorm.beveiliging, self._sleutels, wie)

    def start(self) -> None:
        """Start what does not run, and return when all brokers take part."""
        if not self._blijft and self._gebruik is None:
            self._gebruik = Gebruik.begin(self.map, ruim_op=self._tijdelijk)
        nieuw = self._bewaarde_vorm() is None
        for broker in self.brokers:
            if not broker.leeft:
                broker.stel_in(self._regels(broker))
        if nieuw:
            self._formatteer()
        self._bestand.write_text(json.dumps(asdict(self._vorm)))
        for broker in self.brokers:
            broker.start()
        self.wacht()

    def wacht(self) -> None:
        """Until every broker takes part, by their own account."""
        for broker in self.brokers:
            broker.wacht_op_poort()
        einde = time.monotonic() + OPSTARTTIJD
        while len(vragen.brokers(self.toegang())) < len(self.brokers):
            if time.monotonic() > einde:
                raise InfraFout(f"Kafka in {self.map} antwoordt niet")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask all to end; what is stored stays."""
        for broker in self.brokers:
            broker.stop()

    def sluit(self) -> None:
        """End it for good: what it stored goes too, unless the folder was given."""
        for broker in self.brokers:
            if self._tijdelijk:
                broker.breek_af()
            else:
                broker.stop()
        if self._tijdelijk:
            rmtree(self.map, ignore_errors=True)
        if self._gebruik is not None:
            self._gebruik.einde()
            self._gebruik = None

    def leider(self, topic: str, partitie: int = 0) -> Broker:
        """The broker that all senders to this partition depend on now."""
        einde = time.monotonic() + OPSTARTTIJD
        while (nummer := vragen.leider(self.toegang(), topic, partitie)) is None:
            if time.monotonic() > einde:
                raise InfraFout(f"{topic}/{partitie} heeft geen leider")
            time.sleep(0.05)
        return self.brokers[nummer - 1]

    def wacht_tot_gelijk(self, topics: Sequence[str]) -> None:
        """Until every copy of these topics is up to date."""
        einde = time.monotonic() + OPSTARTTIJD
        while not vragen.zijn_gelijk(self.toegang(), topics):
            if time.monotonic() > einde:
                raise InfraFout(f"niet alle kopieën van {', '.join(topics)} lopen gelijk")
            time.sleep(0.1)

    def controller(self) -> Broker:
        """The broker that the others have chosen to decide, by what the newest of them wrote."""
        standen = [
            json.loads(bestand.read_text())
            for broker in self.brokers
            if broker.leeft
            for bestand in broker.data.glob("__cluster_metadata-0/quorum-state")
        ]
        nieuwste = max(standen, key=lambda stand: int(stand["leaderEpoch"]))
        return self.brokers[int(nieuwste["leaderId"]) - 1]

    @property
    def _bestand(self) -> Path:
        return self.map / "kafka.json"

    def _bewaarde_vorm(self) -> Vorm | None:
        if not self._bestand.exists():
            return None
        return Vorm(**json.loads(self._bestand.read_text()))

    def _formatteer(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        extra = bij_het_formatteren(self._vorm.beveiliging, self._sleutels)
        for broker in self.brokers:
            broker.formatteer(cluster, extra)

    def _voeg_gebruiker_toe(self, naam: str) -> None:
        wachtwoord = self._sleutels.wachtwoord(naam).read_text()
        wie = ("--entity-type", "users", "--entity-name", naam)
        wat = f"SCRAM-SHA-512=[password={wachtwoord}]"
        voer_uit(self.toegang(), CONFIGS, "--alter", *wie, "--add-config", wat)

    def _regels(self, broker: Broker) -> str:
        """What is different per broker and per cluster."""
        controller = self._vorm.controllerpoorten[broker.nummer - 1]
        stemmers = [f"{n}@127.0.0.1:{p}" for n, p in enumerate(self._vorm.controllerpoorten, 1)]
        kopieen = len(self.brokers)
        zeker = max(1, kopieen - 1)
        return "\n".join(
            [
                f"node.id={broker.nummer}",
                f"log.dirs={broker.data}",
                f"controller.quorum.voters={','.join(stemmers)}",
                f"listeners=BUS://127.0.0.1:{broker.poort},CONTROLLER://127.0.0.1:{controller}",
                "inter.broker.listener.name=BUS",
                f"default.replication.factor={kopieen}",
                f"offsets.topic.replication.factor={kopieen}",
                f"transaction.state.log.replication.factor={kopieen}",
                f"share.coordinator.state.topic.replication.factor={kopieen}",
                f"min.insync.replicas={zeker}",
                f"transaction.state.log.min.isr={zeker}",
                f"share.coordinator.state.topic.min.isr={zeker}",
                *regels(self._vorm.beveiliging, self._sleutels),
                "",
            ]
        )
