"""A service that hears topics, played by a test; and a hand-over to another organisation."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.skelet.geval import (
    overgedragen,
)

from schakel.contracts.envelop import bron_van, feit_uit, lees, verpak
from schakel.contracts.feit import Door, Feit
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces
from schakel.kern.bezorging.lezer import SYSTEEM
from schakel.kern.bus.bericht import KOPPEN, Levering, Record
from schakel.kern.grond.instellingen import TEST_OIN
from schakel.kern.vastlegging.schrijver import Taak
from schakel.skelet.proces import Procesdienst
from schakel.skelet.stappen.overdracht import OverdrachtAangeboden

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)
B = "00000099000000002000"
OP = datetime(2026, 3, 2, 10, tzinfo=UTC)
GEVERS = [proces for proces in Proces if OVERDRACHT_NAAR[proces]]
BEREIKBAAR = [A, W, U]
DOOR = Door(wie="schakel-grens", rol="systeem", regel="partner")


def aangeboden(kind_id: UUID, naar: Proces, n: int = 1, ronde: int = 1) -> OverdrachtAangeboden:
    zoals = overgedragen(kind_id, naar, n, ronde)
    van = (zoals.dienst, zoals.kanaal, zoals.melder)
    return OverdrachtAangeboden(kind_id, naar, n, ronde, B, *van, zoals.uiterlijk)


class Huis:
    """The service of one process, and the topics that it hears."""

    def __init__(self, dienst: Procesdienst[Any]) -> None:
        self.dienst = dienst
        self._positie = 0

    async def doe(self, doe: Any) -> None:
        await self.dienst.schrijver.voer_uit(Taak(doe, type(None), SYSTEEM))

    async def hoor(self, feit: Feit, schrijver: str = "grens") -> list[str]:
        """Hear this; why it was parked, if it was."""
        self._positie += 1
        gehad = len(self.redenen())
        bron = bron_van(TEST_OIN, f"schakel-{schrijver}")
        waarde = verpak(feit, bron=bron, volgnummer=self._positie, tijdstip=OP)
        record = Record(self._positie, str(feit.wortel_id).encode(), KOPPEN, waarde)
        await self.dienst.ontvanger.ontvang(
            Levering(f"{topic_van(TEST_OIN, schrijver)}/0", bron, [record])
        )
        return self.redenen()[gehad:]

    def redenen(self) -> list[str]:
        return [een.reden for een in self.dienst.lezer.parkeerplaats.lijst(na=0, limiet=10_000)]

    def toon(self, melding_id: UUID) -> Any:
        return self.dienst.dienst.toon(melding_id)

    def gezegd(self) -> list[Feit]:
        """All that it says, as it goes on the bus."""
        rijen = self.dienst.opslag.select_notifications(1, 10_000)
        return [feit_uit(lees(KOPPEN, self.dienst.uitgaand(rij).waarde)) for rij in rijen]
