"""Rebuild: derive every tree again from the raw messages, while answers go on being given."""

import asyncio
from functools import partial

import msgspec

from schakel.kern.grond.weigering import Fout, Weigering
from schakel.kern.opslag import Opslag, PersistenceError, Rij
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import Transactie

from .bomen import leid_opnieuw_af

PARTIJ = 100
"""Trees in one step: between two steps the orchestrator takes in what is new."""

_VOLGENDE = (
    "SELECT DISTINCT wortel FROM gezien WHERE wortel > ? AND vreemd = 0 ORDER BY wortel LIMIT ?"
)
_AANTAL = "SELECT count(DISTINCT wortel) FROM gezien WHERE vreemd = 0"
_WEG = (
    "DELETE FROM bomen WHERE ronde < ?"
    " AND wortel NOT IN (SELECT wortel FROM gezien WHERE vreemd = 0)"
)


class Herbouwgang(msgspec.Struct, rename="camel"):
    """How far a rebuild is; ``veranderd`` counts trees that came out otherwise than they stood."""

    bezig: bool = False
    bomen: int = 0
    gedaan: int = 0
    veranderd: int = 0
    fout: str | None = None


class Herbouw:
    """One rebuild at a time."""

    def __init__(self, schrijver: Schrijver[Transactie], opslag: Opslag) -> None:
        """Works through the writer, in steps."""
        self.stand = Herbouwgang()
        self._schrijver = schrijver
        self._opslag = opslag
        self._taak: asyncio.Task[None] | None = None

    def begin(self, door: Door) -> Herbouwgang:
        """Start; raises Weigering when one runs already."""
        if self.stand.bezig:
            raise Weigering("herbouw-loopt", "er loopt al een herbouw", toegestaan=())
        self.stand = Herbouwgang(bezig=True)
        self._taak = asyncio.create_task(self._draai(self.stand, door), name="herbouw")
        return self.stand

    async def stop(self) -> None:
        """Leave off; what was derived stands, and the next rebuild does the rest."""
        if self._taak is not None:
            self._taak.cancel()
            await asyncio.gather(self._taak, return_exceptions=True)

    async def _draai(self, stand: Herbouwgang, door: Door) -> None:
        try:
            await self._bouw(stand, door)
        except (Fout, PersistenceError) as fout:
            stand.fout = fout.code if isinstance(fout, Fout) else "opslag-fout"
        finally:
            stand.bezig = False

    async def _vraag(self, sql: str, *waarden: str | int) -> list[Rij]:
        return await asyncio.to_thread(self._opslag.vraag, sql, waarden)

    async def _bouw(self, stand: Herbouwgang, door: Door) -> None:
        stand.bomen = int((await self._vraag(_AANTAL))[0][0])
        ronde = int((await self._vraag("SELECT coalesce(max(ronde), 0) FROM bomen"))[0][0]) + 1
        laatste = ""
        while rijen := await self._vraag(_VOLGENDE, laatste, PARTIJ):
            wortels = [wortel for (wortel,) in rijen]
            stand.veranderd += await self._schrijver.voer_uit(
                Taak(partial(_herleid, wortels, ronde), int, door)
            )
            stand.gedaan += len(wortels)
            laatste = wortels[-1]
        await self._schrijver.voer_uit(Taak(partial(_ruim_op, ronde), type(None), door))


def _herleid(wortels: list[str], ronde: int, werk: Transactie) -> int:
    return leid_opnieuw_af(werk, wortels, ronde)


def _ruim_op(ronde: int, werk: Transactie) -> None:
    """Rows of trees of which no message exists do not follow from anything."""
    werk.rij(_WEG, (ronde,))
