"""Reading the bus: positions of our own, a whole delivery in one transaction, parked messages.

What happens with a delivery is the subclass's: a service lets it have effects in order, an
observer only keeps what it saw.
"""

import asyncio
from abc import ABC, abstractmethod
from functools import partial
from typing import Generic, TypeVar

import structlog

from .aggregaat import Aggregaat
from .bericht import Levering, Record
from .bus import Ingang
from .gebeurtenis import Door
from .opslag import Opslag
from .parkeerplaats import Parkeerplaats, Wachtend
from .schrijver import Schrijver, Taak
from .werk import Werk

A = TypeVar("A", bound=Aggregaat)
Reden = tuple[str, str]
"""A code and an explanation."""

SYSTEEM = Door("schakel", "systeem", "ontvangst")

log = structlog.get_logger()


class Lezer(ABC, Generic[A]):
    """Takes deliveries from the bus and hands them to the writer."""

    def __init__(self, schrijver: Schrijver[A], opslag: Opslag) -> None:
        """Positions are read from and kept in ``opslag``."""
        self.parkeerplaats = Parkeerplaats(opslag)
        self._schrijver = schrijver
        self._opslag = opslag

    @abstractmethod
    def verwerk(self, werk: Werk[A], levering: Levering) -> int:
        """Handle a delivery; return how many messages had an effect. In the writer's thread."""

    @abstractmethod
    def verwerk_alsnog(self, werk: Werk[A], wachtend: Wachtend) -> Reden | None:
        """Handle a parked message; return why it still cannot be. In the writer's thread."""

    async def draai(self, ingang: Ingang) -> None:
        """Receive until cancelled; raises what the store raises, to be begun again."""
        posities = await asyncio.to_thread(self._lees_posities)
        while True:
            leveringen = await ingang.haal(posities)
            await asyncio.gather(*map(self.ontvang, leveringen))
            for levering in leveringen:
                posities[levering.bron] = levering.records[-1].nummer

    def _lees_posities(self) -> dict[str, int]:
        rijen = self._opslag.vraag("SELECT application_name, notification_id FROM tracking")
        return {naam: int(nummer) for naam, nummer in rijen}

    async def ontvang(self, levering: Levering) -> int:
        """Handle one delivery durably; return how many messages had an effect."""
        return await self._schrijver.voer_uit(
            Taak(lambda werk: self._lees(werk, levering), int, SYSTEEM)
        )

    async def geef_vrij(self, nummer: int, door: Door) -> int:
        """Handle a parked message and all behind it, in order, up to the first that fails again."""
        return await self._schrijver.voer_uit(Taak(partial(self._hervat, nummer), int, door))

    async def verwerp(self, nummer: int, reden: str, door: Door) -> None:
        """Give up on a parked message; what waited behind it stays until it is released."""

        def doe(werk: Werk[A]) -> None:
            self.parkeerplaats.rij_achter(nummer)  # refuses what is not parked (any more)
            self.parkeerplaats.af(werk, nummer, f"verworpen door {door.wie}: {reden}", werk.nu)

        await self._schrijver.voer_uit(Taak(doe, type(None), door))

    def _lees(self, werk: Werk[A], levering: Levering) -> int:
        gedaan = self.verwerk(werk, levering)
        werk.positie(levering.bron, levering.records[-1].nummer)
        return gedaan

    def _hervat(self, nummer: int, werk: Werk[A]) -> int:
        """Runs in the writer's thread."""
        gedaan = 0
        for wachtend in self.parkeerplaats.rij_achter(nummer):
            if (mis := self.verwerk_alsnog(werk, wachtend)) is not None:
                self.parkeerplaats.opnieuw(werk, wachtend.rij, mis)
                break
            self.parkeerplaats.af(werk, wachtend.rij, "verwerkt", werk.nu)
            gedaan += 1
        return gedaan

    def parkeer(
        self,
        werk: Werk[A],
        levering: Levering,
        record: Record,
        reden: Reden,
        boom: str | None,
        bericht: str | None,
    ) -> None:
        """Keep what cannot be handled; ``boom`` is the tree that waits for it, if any."""
        self.parkeerplaats.parkeer(
            werk, levering.bron, levering.eigenaar, record, reden, boom, bericht
        )
        log.warning(
            "bericht_geparkeerd",
            bron=levering.bron,
            positie=record.nummer,
            reden=reden[0],
            boom=boom,
        )


def ruimte_voor(aantal: int) -> int:
    """Room in an ``IN (?, ...)``: a power of two, so that few different statements are prepared."""
    return 1 << (aantal - 1).bit_length()
