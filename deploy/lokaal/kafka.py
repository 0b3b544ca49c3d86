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
from pathlib import Path
from shutil import rmtree
from types import TracebackType
from typing import Self

from deploy.lokaal import vragen
from deploy.lokaal.broker import OPSTARTTIJD, VLUG, Broker, vrije_poort
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.gebruik import Gebruik
from deploy.lokaal.toegang import PLAINTEXT, Toegang

VOORVOEGSEL = "schakel-kafka-"


class Kafka:
    """A cluster of brokers in one folder; what is in the folder is taken up again."""

    def __init__(
        self,
        map_: Path | None = None,
        *,
        aantal: int = 1,
        poort: int | None = None,
        blijft: bool = False,
    ) -> None:
        self._tijdelijk = map_ is None
        self.map = (map_ or Path(tempfile.mkdtemp(prefix=VOORVOEGSEL))).resolve()
        self.map.mkdir(parents=True, exist_ok=True)
        self._blijft = blijft
        self._gebruik: Gebruik | None = None
        self._poorten = self._bewaarde_poorten() or [
            (poort if poort and not n else vrije_poort(), vrije_poort()) for n in range(aantal)
        ]
        self.brokers = [
            Broker(self.map / f"broker-{n}", n, eigen, VLUG)
            for n, (eigen, _) in enumerate(self._poorten, 1)
        ]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        soort: type[BaseException] | None,
        fout: BaseException | None,
        spoor: TracebackType | None,
    ) -> None:
        self.sluit()

    def toegang(self) -> Toegang:
        """How to reach it."""
        adressen = ",".join(f"127.0.0.1:{broker.poort}" for broker in self.brokers)
        return Toegang(adressen, PLAINTEXT)

    def start(self) -> None:
        """Start what does not run, and return when all brokers take part."""
        if not self._blijft and self._gebruik is None:
            self._gebruik = Gebruik.begin(self.map, ruim_op=self._tijdelijk)
        if self._bewaarde_poorten() is None:
            self._formatteer()
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

    @property
    def _bestand(self) -> Path:
        return self.map / "kafka.json"

    def _bewaarde_poorten(self) -> list[tuple[int, int]] | None:
        if not self._bestand.exists():
            return None
        return [(a, b) for a, b in json.loads(self._bestand.read_text())["poorten"]]

    def _formatteer(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        for broker in self.brokers:
            rmtree(broker.map, ignore_errors=True)  # begun once, and never finished
            broker.formatteer(cluster, self._regels(broker))
        self._bestand.write_text(json.dumps({"poorten": self._poorten}))

    def _regels(self, broker: Broker) -> str:
        """What is different per broker and per cluster."""
        eigen, controller = self._poorten[broker.nummer - 1]
        stemmers = ",".join(f"{n}@127.0.0.1:{p}" for n, (_, p) in enumerate(self._poorten, 1))
        kopieen = len(self.brokers)
        return "\n".join(
            [
                f"node.id={broker.nummer}",
                f"log.dirs={broker.map / 'data'}",
                f"controller.quorum.voters={stemmers}",
                f"listeners=BUS://127.0.0.1:{eigen},CONTROLLER://127.0.0.1:{controller}",
                "inter.broker.listener.name=BUS",
                "listener.security.protocol.map=BUS:PLAINTEXT,CONTROLLER:PLAINTEXT",
                f"default.replication.factor={kopieen}",
                f"offsets.topic.replication.factor={kopieen}",
                f"transaction.state.log.replication.factor={kopieen}",
                f"share.coordinator.state.topic.replication.factor={kopieen}",
                f"min.insync.replicas={max(1, kopieen - 1)}",
                f"transaction.state.log.min.isr={max(1, kopieen - 1)}",
                f"share.coordinator.state.topic.min.isr={max(1, kopieen - 1)}",
                "",
            ]
        )
