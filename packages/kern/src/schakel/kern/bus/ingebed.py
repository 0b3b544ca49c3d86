"""The embedded bus: delivery straight from the notification logs, no broker and no memory queue.

What is not yet received simply still stands in the log of the sender, so a killed process loses
nothing. A wake-up is a hint: without one the logs are read at least every second.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from threading import Lock
from time import monotonic
from typing import Protocol

from schakel.kern.opslag import Notification, Opslag

from .bericht import Levering, Record, koppen_van
from .poorten import OPHOUD, Posities, Vergeet, Verzending, vergeet_niets

MAX_RECORDS = 500
WACHT = 1.0

Vertaal = Callable[[Notification], Verzending]
"""The one door between private events and public messages."""


class Log(Protocol):
    """What the embedded bus reads: records by number, from 1 on."""

    bron: str

    def lees(self, na: int) -> Levering:
        """The records after ``na``, not all at once."""

    def achterstand(self, na: int) -> int:
        """How much there is after ``na``."""


class Bronlog:
    """The log of one service, as others read it."""

    def __init__(
        self,
        bron: str,
        schrijver: str,
        opslag: Opslag,
        vertaal: Vertaal,
        *,
        namen: Sequence[str] = (),
    ) -> None:
        """``bron`` is the topic's name, ``schrijver`` the CloudEvents source that owns it.

        ``namen`` are the stored names of what others are told; without them that is everything.
        """
        self.bron = bron
        self.schrijver = schrijver
        self._opslag = opslag
        self._vertaal = vertaal
        self._namen = namen
        # Several services read the same stretch: translate it once.
        self._recent: OrderedDict[int, Sequence[Record]] = OrderedDict()
        self._slot = Lock()
        self._is_gesloten = False

    def lees(self, na: int) -> Levering:
        """The records after ``na``, at most 500; none any more once the service has stopped."""
        with self._slot:
            records = () if self._is_gesloten else self._lees(na)
        return Levering(self.bron, self.schrijver, records)

    def achterstand(self, na: int) -> int:
        """How much there is after ``na``; of a part of the events, at most what is read at once."""
        with self._slot:
            if self._is_gesloten:
                return 0
            if self._namen:
                return len(self._rijen(na))
            einde = self._opslag.max_notification_id() or 0
        return max(0, einde - na)

    def sluit(self) -> None:
        """The store is about to close: nobody reads it from here on."""
        with self._slot:
            self._is_gesloten = True

    def _lees(self, na: int) -> Sequence[Record]:
        records = self._recent.get(na)
        if records is None:
            verzendingen = map(self._vertaal, self._rijen(na))
            records = [
                Record(v.nummer, v.sleutel, koppen_van(v.type), v.waarde) for v in verzendingen
            ]
            if records:
                self._recent[na] = records
                while len(self._recent) > 8:  # noqa: PLR2004 - a stretch or two per reader
                    self._recent.popitem(last=False)
        return records

    def _rijen(self, na: int) -> Sequence[Notification]:
        return self._opslag.select_notifications(
            na, MAX_RECORDS, topics=self._namen, inclusive_of_start=False
        )


class IngebedeIngang:
    """The way in for one reader: all logs that it listens to."""

    def __init__(self, logs: Sequence[Log]) -> None:
        """``logs`` are those of the others."""
        self._logs = logs
        self._gewekt = _Wekker()

    def wek(self, log: Log | None = None) -> None:
        """Something was written to this log; without one, somewhere."""
        self._gewekt.wek([log] if log is not None else self._logs)

    @asynccontextmanager
    async def open(
        self,
        posities: Posities,
        vergeet: Vergeet = vergeet_niets,  # noqa: ARG002 - no log shrinks
        stil: frozenset[bytes] = frozenset(),  # noqa: ARG002 - who reads shares it with others
    ) -> AsyncIterator["_Lezing"]:
        """See ``Ingang``."""
        yield _Lezing(self._logs, self._gewekt, await asyncio.to_thread(posities))


class _Wekker:
    """Which logs may have news, by their source: told and asked in the event loop."""

    def __init__(self) -> None:
        self._nieuws = asyncio.Event()
        self._bronnen: set[str] = set()

    def wek(self, logs: Iterable[Log]) -> None:
        self._bronnen.update(log.bron for log in logs)
        self._nieuws.set()

    def neem(self) -> set[str]:
        """What was told since this was last asked."""
        bronnen, self._bronnen = self._bronnen, set()
        self._nieuws.clear()
        return bronnen

    async def wacht(self) -> None:
        await self._nieuws.wait()


class _Lezing:
    """One reading of the logs, from recorded positions on."""

    def __init__(self, logs: Sequence[Log], gewekt: _Wekker, posities: Mapping[str, int]) -> None:
        self._logs = logs
        self._gewekt = gewekt
        self._posities = dict(posities)
        self._opgehouden: dict[str, float] = {}
        self._verder: Collection[str] = ()
        """The sources that gave something: there may be more."""
        self._alle_op = -WACHT
        """When all of them were last looked at: a hint may be missed."""

    async def haal(self) -> Sequence[Levering]:
        """See ``Aanvoer``."""
        if not self._verder and monotonic() - self._alle_op < WACHT:
            with suppress(TimeoutError):  # wait_for may swallow the end of the service
                async with asyncio.timeout(self._alle_op + WACHT - monotonic()):
                    await self._gewekt.wacht()
        bronnen = self._gewekt.neem().union(self._verder)
        nu = monotonic()
        if nu - self._alle_op >= WACHT:
            self._alle_op = nu
            bronnen = {log.bron for log in self._logs}
        leveringen = await asyncio.to_thread(self._lees, bronnen, nu)
        self._verder = [levering.bron for levering in leveringen]
        for levering in leveringen:
            self._posities[levering.positienaam] = levering.records[-1].nummer
        return leveringen

    def achterstand(self) -> Mapping[str, int]:
        """See ``Aanvoer``."""
        return {log.bron: log.achterstand(self._posities.get(log.bron, 0)) for log in self._logs}

    def houd_op(self, bron: str, nummer: int) -> None:
        """See ``Aanvoer``."""
        self._posities[bron] = nummer - 1
        self._opgehouden[bron] = monotonic() + OPHOUD

    def _lees(self, bronnen: Collection[str], nu: float) -> Sequence[Levering]:
        logs = [
            log
            for log in self._logs
            if log.bron in bronnen and self._opgehouden.get(log.bron, 0) <= nu
        ]
        leveringen = [log.lees(self._posities.get(log.bron, 0)) for log in logs]
        return [levering for levering in leveringen if levering.records]
