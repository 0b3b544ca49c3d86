"""The relay: from notification log to bus; may repeat a message, never loses one (D2).

Its position belongs to one incarnation of the bus: one that was made anew is filled from the
beginning. Ids may have gaps (PostgreSQL): it reads what is there and never waits for one.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime
from functools import partial

from schakel.kern.bus import Busverbinding, Uitgang, Verzending
from schakel.kern.grond.weigering import BusIngekort
from schakel.kern.opslag import Alleenrecht, Notification, Opslag, lees_posities
from schakel.kern.vastlegging.gebeurtenis import tijdstip_van
from schakel.kern.zicht.meten import Meten
from schakel.kern.zicht.sporen import Sporen
from schakel.kern.zicht.taken import Goed, niemand

NAAM = "relais"
PARTIJ = 1_000
WACHT = 1.0
"""Seconds after which is looked without a wake-up, and whether bus and right are still ours."""


class Relais:
    """Reads after its own position, sends, awaits every ack, and only then moves the position."""

    def __init__(
        self,
        opslag: Opslag,
        vertaal: Callable[[Notification], Verzending],
        uitgang: Uitgang,
        *,
        meten: Meten | None = None,
        sporen: Sporen | None = None,
        namen: Sequence[str] = (),
    ) -> None:
        """Of all processes on one store one relays at a time: two would break the order (D2).

        ``namen`` are the stored names of what is relayed; without them that is everything.
        """
        self._namen = namen
        self._opslag = opslag
        self._vertaal = vertaal
        self._uitgang = uitgang
        self._meten = meten or Meten()
        self._sporen = sporen
        self._gewekt = asyncio.Event()
        self._naam = ""
        self.is_verbonden = False

    def wek(self) -> None:
        """Something was written: look at once."""
        self._gewekt.set()

    async def draai(self, goed: Goed = niemand) -> None:
        """Relay until cancelled; raises what the bus or the store raises, to be begun again."""
        recht = self._opslag.alleenrecht(NAAM)
        try:
            async with self._uitgang.open() as kanaal:
                await self._neem(kanaal, recht, goed)
                await self._stuur_door(kanaal, recht, goed)
        finally:
            self.is_verbonden = False
            await asyncio.to_thread(recht.geef_op)

    async def _neem(self, kanaal: Busverbinding, recht: Alleenrecht, goed: Goed) -> None:
        """Until nobody else relays; who waits can reach the bus, and takes over at once."""
        while not await asyncio.to_thread(recht.neem):
            self.is_verbonden = True
            goed()
            await asyncio.sleep(WACHT)
            await kanaal.keur({})

    async def _stuur_door(self, kanaal: Busverbinding, recht: Alleenrecht, goed: Goed) -> None:
        self._naam = naam = f"{NAAM}@{kanaal.merk}"
        na = await self._begin(kanaal, naam)
        self._gewekt.set()
        self.is_verbonden = True
        gekeurd_op = 0.0
        while True:
            await self._wacht()
            partij = await asyncio.to_thread(self._lees, na)
            # Also while we are woken all the time for nothing.
            if not partij and (nu := asyncio.get_running_loop().time()) - gekeurd_op >= WACHT:
                await kanaal.keur({})
                await asyncio.to_thread(recht.bewaar, {})
                gekeurd_op = nu
            while partij:
                na = partij[-1].nummer
                if len(partij) == PARTIJ:  # a next stretch is read while this one is under way
                    lees = asyncio.to_thread(self._lees, na)
                    einden, partij = await asyncio.gather(self._zend(kanaal, recht, partij), lees)
                    await asyncio.to_thread(recht.bewaar, _posities(naam, na, einden))
                else:
                    einden = await self._zend(kanaal, recht, partij)
                    bewaar = partial(recht.bewaar, _posities(naam, na, einden))
                    if is_gewekt := self._gewekt.is_set():
                        self._gewekt.clear()  # before the log is read
                    partij = await asyncio.to_thread(
                        self._bewaar_en_lees, bewaar, na if is_gewekt else None
                    )
                goed()
            goed()

    async def _zend(
        self, kanaal: Busverbinding, recht: Alleenrecht, partij: Sequence[Verzending]
    ) -> Mapping[str, int]:
        sporen = (v.traceparent for v in partij)
        try:
            with nullcontext() if self._sporen is None else self._sporen.zending(sporen):
                einden = await kanaal.zend(partij)
        except BusIngekort:
            # What was just sent fills the bus up to where it was: later nobody could see it.
            await asyncio.to_thread(recht.bewaar, {f"{NAAM}@{kanaal.merk}": 0})
            raise
        self._meten.verzonden(len(partij))
        return einden

    def oudste_onverzonden(self) -> datetime | None:
        """When the first event happened that the bus did not acknowledge; from any thread."""
        posities = lees_posities(self._opslag)
        # Not connected yet, or another process relays: as far as any incarnation of the bus got.
        eigen = [n for naam, n in posities.items() if _is_positie(naam)]
        na = posities.get(self._naam, 0) if self._naam else max(eigen, default=0)
        rijen = self._rijen(na, 1)
        return tijdstip_van(rijen[0]) if rijen else None

    async def _begin(self, kanaal: Busverbinding, naam: str) -> int:
        """Where to go on: at the position, unless the bus lost what it had acknowledged."""
        posities = await asyncio.to_thread(lees_posities, self._opslag)
        deel = f"{naam}/"
        einden = {p.removeprefix(deel): n for p, n in posities.items() if p.startswith(deel)}
        return posities.get(naam, 0) if await kanaal.keur(einden) else 0

    async def _wacht(self) -> None:
        """Until there may be something; another replica that writes cannot wake us."""
        with suppress(TimeoutError):
            async with asyncio.timeout(WACHT):
                await self._gewekt.wait()
        # Before the log is read: what is written after that wakes us again.
        self._gewekt.clear()

    def _bewaar_en_lees(self, bewaar: Callable[[], None], na: int | None) -> Sequence[Verzending]:
        """Both in one hand-over to a thread; with None there is nothing new to read."""
        bewaar()
        return () if na is None else self._lees(na)

    def _lees(self, na: int) -> Sequence[Verzending]:
        return [self._vertaal(rij) for rij in self._rijen(na, PARTIJ)]

    def _rijen(self, na: int, aantal: int) -> Sequence[Notification]:
        return self._opslag.select_notifications(
            na, aantal, topics=self._namen, inclusive_of_start=False
        )


def _is_positie(naam: str) -> bool:
    return naam.startswith(f"{NAAM}@") and "/" not in naam


def _posities(naam: str, nummer: int, einden: Mapping[str, int]) -> Mapping[str, int]:
    return {naam: nummer, **{f"{naam}/{deel}": einde for deel, einde in einden.items()}}
