"""What an operator does with many parked messages at once, and what time does with their bytes."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.transactie import Transactie
from schakel.kern.zicht.taken import Goed

from .lezer import SYSTEEM, Lezer
from .parkeergrenzen import topic_van
from .parkeerplaats import Geparkeerd
from .parkeerzeef import Zeef

PARTIJ = 500
"""Messages in one go: whoever asks for more asks again."""

_UUR = 3600.0


class Zeefuitslag(NamedTuple):
    """How many there were, with how many something was done now, and after which to go on."""

    gevonden: int
    verwerkt: int
    volgende: int | None


class Parkeerbeheer:
    """The parking place of one service, for whoever looks after it."""

    def __init__(self, lezer: Lezer[Any, Any]) -> None:
        """``lezer`` handles what is released."""
        self._lezer = lezer
        self._plaats = lezer.parkeerplaats

    async def geef_vrij(self, zeef: Zeef, door: Door, *, proef: bool) -> Zeefuitslag:
        """Handle these, with what is parked of the same trees; with ``proef`` only count."""
        gevonden, gekozen = await self._zoek(zeef, proef=proef)
        gedaan = 0
        gehad = set()
        for een in gekozen:
            boom = (topic_van(een.bron), een.boom)
            if een.boom is None or boom not in gehad:
                gehad.add(boom)
                with suppress(NietGevonden):  # somebody else dealt with it
                    gedaan += await self._lezer.geef_vrij(een.nummer, door)
        return _uitslag(gevonden, gekozen, gedaan)

    async def verwerp(self, zeef: Zeef, reden: str, door: Door, *, proef: bool) -> Zeefuitslag:
        """Give up on these; with ``proef`` only count."""
        gevonden, gekozen = await self._zoek(zeef, proef=proef)
        nummers = [een.nummer for een in gekozen]
        doe = partial(self._lezer.geef_af, nummers, reden, door)
        gedaan = await self._lezer.in_beurt(Taak(doe, int, door)) if nummers else 0
        return _uitslag(gevonden, gekozen, gedaan)

    async def wis(self, zeef: Zeef, door: Door, *, proef: bool) -> Zeefuitslag:
        """Let go of the bytes of what was released or rejected; with ``proef`` only count."""
        gevonden, gekozen = await self._zoek(zeef, proef=proef, klaar=True)
        gedaan = await self._wis([een.nummer for een in gekozen], door)
        return _uitslag(gevonden, gekozen, gedaan)

    async def ruim_op(self, bewaren: timedelta, goed: Goed) -> None:
        """Every hour, of what was done with long enough ago; until cancelled."""
        while True:
            voor = datetime.now(UTC) - bewaren
            nummers = await asyncio.to_thread(self._plaats.verlopen, voor, PARTIJ)
            await self._wis(nummers, SYSTEEM)
            goed()
            if len(nummers) < PARTIJ:
                await asyncio.sleep(_UUR)

    async def _zoek(
        self, zeef: Zeef, *, proef: bool, klaar: bool = False
    ) -> tuple[int, list[Geparkeerd]]:
        def zoek() -> tuple[int, list[Geparkeerd]]:
            gekozen = [] if proef else self._plaats.kies(zeef, PARTIJ, klaar=klaar)
            return self._plaats.aantal(zeef, klaar=klaar), gekozen

        return await asyncio.to_thread(zoek)

    async def _wis(self, nummers: Sequence[int], door: Door) -> int:
        def doe(werk: Transactie) -> int:
            self._plaats.wis(werk, nummers)
            return len(nummers)

        return await self._lezer.in_beurt(Taak(doe, int, door)) if nummers else 0


def _uitslag(gevonden: int, gekozen: Sequence[Geparkeerd], gedaan: int) -> Zeefuitslag:
    return Zeefuitslag(gevonden, gedaan, gekozen[-1].nummer if len(gekozen) == PARTIJ else None)
