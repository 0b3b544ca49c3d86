"""What was erased goes from the files too: outside the writer, until it is seen to be gone."""

import asyncio

from schakel.kern.opslag import Lading, Opslag
from schakel.kern.zicht.taken import Goed

from .transactie import GEWIST, ZET_TELLER

_OPGERUIMD = "opgeruimd"
_STAND = "SELECT naam, stand FROM tellers WHERE naam IN (?, ?)"
_EERSTE_WACHT = 1.0
_LANGSTE_WACHT = 60.0
"""Seconds between two tries while somebody still reads what was there."""


class Opruiming:
    """Remembers in the store itself what is left to do: another process may go on with it."""

    def __init__(self, opslag: Opslag) -> None:
        """``opslag`` is the one that is wiped."""
        self._opslag = opslag

    def aantal(self) -> int:
        """How many rows were erased of which something may be left."""
        gewist, opgeruimd = self._stand()
        return gewist - opgeruimd

    def _stand(self) -> tuple[int, int]:
        stand: dict[str, int] = dict(self._opslag.vraag(_STAND, (GEWIST, _OPGERUIMD)))
        return stand.get(GEWIST, 0), stand.get(_OPGERUIMD, 0)

    def ruim_op(self) -> bool:
        """Try once; whether it is done. What is erased meanwhile is for the next time."""
        gewist, opgeruimd = self._stand()
        if gewist == opgeruimd:
            return True
        if not self._opslag.ruim_op():
            return False
        self._opslag.schrijf(Lading(rijen={ZET_TELLER: [(_OPGERUIMD, gewist)]}))
        return True

    async def draai(self, goed: Goed) -> None:
        """Until cancelled."""
        wacht = _EERSTE_WACHT
        while True:
            is_klaar = await asyncio.to_thread(self.ruim_op)
            goed()
            wacht = _EERSTE_WACHT if is_klaar else min(_LANGSTE_WACHT, 2 * wacht)
            await asyncio.sleep(wacht)
