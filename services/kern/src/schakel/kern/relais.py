"""The relay: from notification log to bus; may repeat a message, never loses one (D2)."""

import asyncio
from collections.abc import Callable

from eventsourcing.persistence import Notification, Tracking

from .bus.poorten import Uitgang, Verzending
from .opslag import Opslag

NAAM = "relais"
PARTIJ = 500


class Relais:
    """Reads after its own position, sends, awaits every ack, and only then moves the position.

    Ids may have gaps (PostgreSQL): it reads what is there and never waits for a missing one.
    """

    def __init__(
        self, opslag: Opslag, vertaal: Callable[[Notification], Verzending], uitgang: Uitgang
    ) -> None:
        """One relay per store at a time: two would interleave and break the order."""
        self._opslag = opslag
        self._vertaal = vertaal
        self._uitgang = uitgang

    async def stuur_door(self) -> int:
        """Send one batch; return how many messages went out. Raises what the bus raises."""
        verzendingen = await asyncio.to_thread(self._lees)
        if verzendingen:
            await self._uitgang.zend(verzendingen)
            await asyncio.to_thread(self._zet_positie, verzendingen[-1].nummer)
        return len(verzendingen)

    def _lees(self) -> list[Verzending]:
        positie = self._opslag.max_tracking_id(NAAM) or 0
        rijen = self._opslag.select_notifications(positie, PARTIJ, inclusive_of_start=False)
        return [self._vertaal(rij) for rij in rijen]

    def _zet_positie(self, nummer: int) -> None:
        self._opslag.insert_tracking(Tracking(NAAM, nummer))
