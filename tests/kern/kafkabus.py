"""The same topic as in ``bussen``, on a real broker."""

import asyncio
from typing import Any
from uuid import uuid4

from deploy.lokaal import toegang as lokaal
from deploy.lokaal.vragen import maak_topics, verwijder_topics
from tests.kern.proef import BRON

from schakel.kern.bus import Topic
from schakel.kern.bus.kafka import KafkaIngang, KafkaUitgang, Klanten
from schakel.kern.grond.instellingen import Instellingen

PARTITIES = 3


def kafka_instellingen(kafka: lokaal.Toegang) -> dict[str, Any]:
    """What a service is told about this Kafka."""
    return {
        "kafka": kafka.bootstrap,
        "kafka_beveiliging": kafka.beveiliging,
        "kafka_ca": kafka.ca,
        "kafka_certificaat": kafka.certificaat,
        "kafka_sleutel": kafka.sleutel,
        "kafka_gebruiker": kafka.gebruiker,
        "kafka_wachtwoordbestand": kafka.wachtwoordbestand,
    }


def toegang_voor(kafka: lokaal.Toegang, naam: str) -> Klanten:
    """As a service has it."""
    return Klanten(Instellingen(**kafka_instellingen(kafka)), naam)


class KafkaTopic:
    """One topic, and one group of readers."""

    def __init__(
        self,
        kafka: lokaal.Toegang,
        naam: str | None = None,
        *,
        groep: str | None = None,
        partities: int = PARTITIES,
    ) -> None:
        self.naam = naam or f"proef.{uuid4()}"
        self.groep = groep or f"{self.naam}.lezers"
        self._kafka = kafka
        self._partities = partities

    async def maak(self, kopieen: int = 1) -> None:
        await asyncio.to_thread(
            maak_topics, self._kafka, [self.naam], partities=self._partities, kopieen=kopieen
        )

    async def verwijder(self) -> None:
        await asyncio.to_thread(verwijder_topics, self._kafka, [self.naam])

    async def wis(self) -> None:
        """Deleted and made again."""
        await self.verwijder()
        await self.maak()

    @property
    def uitgang(self) -> KafkaUitgang:
        return KafkaUitgang(toegang_voor(self._kafka, "zender"), self.naam)

    @property
    def ingang(self) -> KafkaIngang:
        """A new member of the group."""
        lezer = toegang_voor(self._kafka, "lezer")
        return KafkaIngang(lezer, self.groep, [Topic(self.naam, BRON)])
