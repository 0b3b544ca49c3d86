"""Two ways to load a chain: always so many at once, or so many per second whatever comes of it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

TIK = 0.005
GEDULD = 60.0

Begin = Callable[[], Awaitable[UUID]]
"""Start one; returns its id when the first step is stored."""


@dataclass
class Verloop:
    """When each was to begin, and when each was finished."""

    begonnen: dict[UUID, float] = field(default_factory=dict)
    klaar: dict[UUID, float] = field(default_factory=dict)

    @property
    def wachttijden(self) -> Sequence[float]:
        """Of those that finished, in milliseconds and in the order of beginning."""
        volgorde = sorted(self.begonnen.items(), key=lambda een: een[1])
        return [(self.klaar[id_] - op) * 1e3 for id_, op in volgorde if id_ in self.klaar]


class Last:
    """Starts and counts, in ``groep``: whatever goes wrong ends the measurement."""

    def __init__(self, groep: asyncio.TaskGroup) -> None:
        self.verloop = Verloop()
        self._groep = groep
        self._lus = asyncio.get_running_loop()
        self._iets = asyncio.Event()

    def is_klaar(self, ids: Sequence[UUID], op: float) -> None:
        """These are finished; see ``Klaar``."""
        self.verloop.klaar |= dict.fromkeys(ids, op)
        self._lus.call_soon_threadsafe(self._iets.set)

    def _start(self, begin: Begin, gepland: float) -> None:
        async def doe() -> None:
            self.verloop.begonnen[await begin()] = gepland

        self._groep.create_task(doe())

    async def gesloten(self, begin: Begin, aantal: int, tegelijk: int, warm: int) -> float:
        """Keep ``tegelijk`` under way; what was finished per second, after ``warm`` of them."""
        gestart = 0
        totaal = warm + aantal + tegelijk
        while len(self.verloop.klaar) < warm + aantal:
            self._iets.clear()
            onderweg = gestart - len(self.verloop.klaar)
            for _ in range(min(tegelijk - onderweg, totaal - gestart)):
                self._start(begin, time.perf_counter())
                gestart += 1
            await self._wacht()
        await self._tot_klaar(gestart)
        op = sorted(self.verloop.klaar.values())
        return aantal / (op[warm + aantal - 1] - op[warm - 1])

    async def begin(self, begin: Begin, aantal: int, tegelijk: int = 500) -> None:
        """Let so many begin; what becomes of them is not waited for."""
        nog = iter(range(aantal))

        async def roep() -> None:
            for _ in nog:
                await begin()

        await asyncio.gather(*(roep() for _ in range(tegelijk)))

    async def open(self, begin: Begin, per_seconde: int, seconden: float) -> float:
        """Start them on time, whether or not it keeps up; each counts from when it was due.

        Returns what was finished per second, from the first start to the last end.
        """
        aantal = int(per_seconde * seconden)
        eerste = time.perf_counter() + TIK
        gestart = 0
        while gestart < aantal:
            tot = int((time.perf_counter() - eerste) * per_seconde) + 1
            for nummer in range(gestart, min(tot, aantal)):
                self._start(begin, eerste + nummer / per_seconde)
            gestart = max(gestart, min(tot, aantal))
            await asyncio.sleep(TIK)
        await self._tot_klaar(aantal)
        return aantal / (max(self.verloop.klaar.values()) - eerste)

    async def _tot_klaar(self, aantal: int) -> None:
        while len(self.verloop.klaar) < aantal:
            self._iets.clear()
            await self._wacht()

    async def _wacht(self) -> None:
        async with asyncio.timeout(GEDULD):
            await self._iets.wait()
