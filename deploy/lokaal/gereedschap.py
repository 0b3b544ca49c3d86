"""Kafka's own command line tools, out of the same jars."""

import subprocess
import tempfile
from pathlib import Path

from deploy.lokaal import versnelling
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.jars import opdracht
from deploy.lokaal.toegang import PLAINTEXT, Toegang

VLAGGEN = ("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")

# The tools that are of use here: org.apache.kafka.tools has more of them.
ACLS = "org.apache.kafka.tools.AclCommand"
CONFIGS = "kafka.admin.ConfigCommand"
TOPICS = "org.apache.kafka.tools.TopicCommand"
ZENDER = "org.apache.kafka.tools.ConsoleProducer"


def voer_uit(toegang: Toegang, klasse: str, *argumenten: str) -> str:
    """Run a tool on this Kafka; what it prints."""
    with tempfile.TemporaryDirectory(prefix="schakel-kafka-") as map_:
        instellingen = Path(map_) / "client.properties"
        instellingen.write_text(_instellingen(toegang))
        waar = ["--bootstrap-server", toegang.bootstrap, "--command-config", str(instellingen)]
        gelopen = subprocess.run(
            [*opdracht(klasse, *VLAGGEN, *versnelling.vlaggen()), *waar, *argumenten],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=60,
        )
    if gelopen.returncode:
        raise InfraFout(f"{klasse}: {gelopen.stderr.decode()}{gelopen.stdout.decode()}")
    return gelopen.stdout.decode()


def _instellingen(toegang: Toegang) -> str:
    if toegang.beveiliging == PLAINTEXT:
        return ""
    regels = {
        "security.protocol": toegang.beveiliging.upper(),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(toegang.ca),
    }
    if toegang.certificaat and toegang.sleutel:
        regels |= {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.certificate.chain": _op_een_regel(toegang.certificaat),
            "ssl.keystore.key": _op_een_regel(toegang.sleutel),
        }
    if toegang.wachtwoordbestand:
        regels |= {
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.jaas.config": "org.apache.kafka.common.security.scram.ScramLoginModule required"
            f' username="{toegang.gebruiker}"'
            f' password="{toegang.wachtwoordbestand.read_text()}";',
        }
    return "\n".join(f"{naam}={waarde}" for naam, waarde in regels.items())


def _op_een_regel(bestand: Path) -> str:
    return bestand.read_text().replace("\n", "\\n")
