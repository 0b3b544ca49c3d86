"""How Kafka is reached."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, StringConstraints, model_validator

from schakel.kern.grond.weigering import StartFout

from .adres import is_loopback


class Businstellingen(BaseModel):
    """The part of the settings that the bus asks for."""

    kafka: Annotated[
        str, StringConstraints(pattern=r"^([A-Za-z0-9.\-\[\]:]+:[0-9]+(,|$))*$", max_length=2000)
    ] = ""
    """The brokers to begin with, ``host:port,host:port``; without them there is no Kafka."""
    kafka_beveiliging: Literal["plaintext", "ssl", "sasl_ssl"] = "ssl"
    kafka_ca: Path | None = None
    kafka_certificaat: Path | None = None
    kafka_sleutel: Path | None = None
    kafka_gebruiker: str = ""
    kafka_wachtwoordbestand: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _beveilig(cls, waarden: dict[str, Any]) -> dict[str, Any]:
        passend = _passende_beveiliging(str(waarden.get("kafka", "")))
        return {"kafka_beveiliging": passend} | waarden

    @model_validator(mode="after")
    def _weiger_half_wachtwoord(self) -> Self:
        if self.kafka_beveiliging == "sasl_ssl" and not (
            self.kafka_gebruiker and self.kafka_wachtwoordbestand
        ):
            raise StartFout(
                "kafka-onvolledig",
                "sasl_ssl vraagt SCHAKEL_KAFKA_GEBRUIKER en SCHAKEL_KAFKA_WACHTWOORDBESTAND",
            )
        return self

    def lees_kafka_wachtwoord(self) -> str:
        """The password for SCRAM; raises OSError or ValueError."""
        if self.kafka_wachtwoordbestand is None:
            raise ValueError("geen bestand")
        return self.kafka_wachtwoordbestand.read_text("utf-8").strip()


def _passende_beveiliging(kafka: str) -> str:
    """On the machine itself there is nobody in between; plaintext elsewhere has to be said."""
    namen = [deel.rpartition(":")[0] for deel in kafka.split(",") if deel]
    return "plaintext" if all(map(is_loopback, namen)) else "ssl"
