"""How to reach a Kafka: what a service, a test and Kafka's own tools each need to be told."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLAINTEXT = "plaintext"
SSL = "ssl"
SASL_SSL = "sasl_ssl"


@dataclass(frozen=True)
class Toegang:
    """An address, and who one is there."""

    bootstrap: str
    beveiliging: str = PLAINTEXT
    ca: Path | None = None
    certificaat: Path | None = None
    sleutel: Path | None = None
    gebruiker: str = ""
    wachtwoordbestand: Path | None = None

    def omgeving(self) -> dict[str, str]:
        """The settings of a service."""
        gezet = {
            "SCHAKEL_KAFKA": self.bootstrap,
            "SCHAKEL_KAFKA_BEVEILIGING": self.beveiliging,
            "SCHAKEL_KAFKA_CA": self.ca,
            "SCHAKEL_KAFKA_CERTIFICAAT": self.certificaat,
            "SCHAKEL_KAFKA_SLEUTEL": self.sleutel,
            "SCHAKEL_KAFKA_GEBRUIKER": self.gebruiker,
            "SCHAKEL_KAFKA_WACHTWOORDBESTAND": self.wachtwoordbestand,
        }
        return {naam: str(waarde) for naam, waarde in gezet.items() if waarde}

    def voor_aiokafka(self) -> dict[str, Any]:
        """The arguments of any client of aiokafka."""
        argumenten: dict[str, Any] = {"bootstrap_servers": self.bootstrap}
        if self.beveiliging == PLAINTEXT:
            return argumenten
        context = ssl.create_default_context(cafile=self.ca)
        if self.certificaat:
            context.load_cert_chain(self.certificaat, self.sleutel)
        argumenten |= {"security_protocol": self.beveiliging.upper(), "ssl_context": context}
        if self.wachtwoordbestand:
            argumenten |= {
                "sasl_mechanism": "SCRAM-SHA-512",
                "sasl_plain_username": self.gebruiker,
                "sasl_plain_password": self.wachtwoordbestand.read_text().strip(),
            }
        return argumenten
