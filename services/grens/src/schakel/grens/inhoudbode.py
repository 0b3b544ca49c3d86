"""Fetches from one partner the texts that we need, and brings it ours where it never calls.

One at a time, beside the pages. What one text comes to holds up no other: it waits for itself.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

import structlog

from schakel.kern.grond.weigering import Fout
from schakel.kern.opslag import Opslag

from .fouten import Golffout
from .inhoud import Inhouden
from .inhoudlijst import Tekststand, Teksttaak
from .oproep import LANGST, Roep, Weer
from .vormen import Tekstinhoud

log = structlog.get_logger()

RUST: Final = 1.0
"""Seconds after which is looked whether it is time to try something again."""
_VOORBIJ: Final = {"gewist": Tekststand.GEWIST, "dicht": Tekststand.DICHT}
_VERBINDING: Final = frozenset(
    {"niet-herkend", "geen-overeenkomst", "andere-organisatie", "gestopt"}
)
"""What is wrong with more than this text."""


class Inhoudbode:
    """Does one of the texts that wait, each time that it is asked to."""

    def __init__(self, inhouden: Inhouden, opslag: Opslag, klok: Callable[[], datetime]) -> None:
        """``opslag`` has the list."""
        self._inhouden = inhouden
        self._opslag = opslag
        self._klok = klok
        self._nieuws: dict[str, asyncio.Event] = {}
        self._lus: asyncio.AbstractEventLoop | None = None

    def wek(self, partner: str) -> None:
        """There is something new to do with this one; from any thread."""
        if self._lus is not None and (nieuws := self._nieuws.get(partner)) is not None:
            self._lus.call_soon_threadsafe(nieuws.set)

    async def __call__(self, partner: str, roep: Roep) -> None:
        """Raises Golffout, Weer or TransportError where it is of no use to go on now."""
        inhouden, self._lus = self._inhouden, asyncio.get_running_loop()
        nieuws = self._nieuws.setdefault(partner, asyncio.Event())
        nieuws.clear()  # before the list is read: what comes after that is seen
        taak = await asyncio.to_thread(inhouden.volgende, self._opslag, self._klok(), partner)
        if taak is None:
            with suppress(TimeoutError):
                async with asyncio.timeout(RUST):
                    await nieuws.wait()
            return
        try:
            await self._doe(partner, taak, roep)
        except Golffout as fout:
            if (stand := _VOORBIJ.get(fout.code)) is not None:
                await inhouden.geef_op(taak, stand)
            elif fout.code in _VERBINDING:
                raise
            elif fout.code == "andere-inhoud":
                _meld(partner, taak, fout.code)
                await inhouden.geef_op(taak, Tekststand.GEWEIGERD)
            elif fout.code in {"onbekend", "te-druk"}:
                await inhouden.stel_uit(taak)
            else:
                _meld(partner, taak, fout.code)
                await inhouden.stel_uit(taak, LANGST)
        except Fout:  # our own service: it told why
            await inhouden.stel_uit(taak)
        except (Weer, TimeoutError) as weer:
            await inhouden.stel_uit(taak, weer.na if isinstance(weer, Weer) else 0.0)
            raise

    async def _doe(self, partner: str, taak: Teksttaak, roep: Roep) -> None:
        pad = f"/v1/schakels/{taak.bericht}"
        if taak.van_ons:
            inhoud = await self._inhouden.te_brengen(partner, taak)
            await roep("PUT", pad, inhoud.schrijf())
            await self._inhouden.gebracht(taak)
        else:
            gegeven = Tekstinhoud.lees(await roep("GET", pad, None))
            await self._inhouden.gehaald(partner, taak, gegeven)


def _meld(partner: str, taak: Teksttaak, code: str) -> None:
    log.error("tekst_geweigerd", partner=partner, schakel=str(taak.bericht.schakel), code=code)
