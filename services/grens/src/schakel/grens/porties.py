"""What the logs bring has its effect in portions: the writer serves others in between.

A page is taken in whole, for its receipt; what its leaves do here takes ten times as long. Where a
portion ended stands in its transaction: who is killed goes on from there, and nothing is done
twice.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import Transactie

from .paginaverkeer import Bereid, Inname, Paginaverkeer

PORTIE: Final = 1
"""So many leaves, or intentions, have their turn in one transaction while others wait for the
writer: one to two milliseconds, most of it for the transaction. With two of them whoever waits
notices it: S-10 of docs/snelheid.md."""
ALLEEN: Final = 50
"""The same while nobody else does."""
KLEIN: Final = 8
"""A page of so many leaves has its effects in the transaction that takes it in."""

_LEES: Final = "SELECT tot FROM gehoord WHERE logboek = ?"
_ZET: Final = (
    "INSERT INTO gehoord VALUES (?, ?) ON CONFLICT (logboek) DO UPDATE SET tot = excluded.tot"
)
_ACHTER: Final = (
    "SELECT g.logboek FROM gehoord g JOIN logboeken l ON l.logboek = g.logboek"
    " WHERE g.tot < l.omvang"
)


class Gevolgen(Protocol):
    """What is done with what the logs bring, in the transaction that does it."""

    def hoor(self, werk: Any, partner: str, bladen: Sequence[bytes]) -> None:
        """They said this."""

    def herkregen(self, werk: Any, partner: str, bladen: Sequence[bytes]) -> None:
        """We said this, and had lost it."""

    def hervat(self, werk: Any, partner: str, hoogstens: int) -> bool:
        """Do what waited, so much of it, as far as that can be now; True: there is more of it."""

    def blokkeer(self, werk: Any, partner: str, *, geldt: bool) -> bool:
        """Nothing of theirs has effect, and nothing is said, until it is lifted."""

    def beeindig(self, werk: Any, partner: str) -> bool:
        """Nothing new is offered from now on."""


class Porties:
    """What waits of one partner, done in the order of its log."""

    def __init__(self, verkeer: Paginaverkeer, gevolgen: Gevolgen) -> None:
        """``gevolgen`` is what is done with a leaf."""
        self._verkeer = verkeer
        self._gevolgen = gevolgen
        self._logboek = verkeer.in_.oorsprong

    def neem_pagina(
        self, werk: Transactie, ruw: bytes, bereid: Bereid | None = None
    ) -> Inname | None:
        """Take in a page, and of a small one its effects; raises as ``Paginaverkeer``.

        None while what they said before still waits: of one page at most there is a rest.
        """
        tot = self._gehoord_tot(werk)
        if self._verkeer.mag_horen(werk) and tot < self._verkeer.stand_in(werk).omvang:
            return None
        inname = self._verkeer.neem_pagina(werk, ruw, bereid)
        if 0 < len(inname.bladen) <= KLEIN and inname.vanaf == tot:
            self._hoor(werk, tot, inname.bladen)
        elif inname.bladen:
            self._zet(werk, tot)
        return inname

    def hoor_verder(self, werk: Transactie, hoogstens: int) -> bool:
        """The next of what was taken in, so many; True: there is more of it."""
        if not self._verkeer.mag_horen(werk):
            return False
        tot = self._gehoord_tot(werk)
        bladen = self._verkeer.in_.bladen(tot, tot + hoogstens)
        if bladen:
            self._hoor(werk, tot, bladen)
        return tot + len(bladen) < self._verkeer.stand_in(werk).omvang

    def hervat(self, werk: Transactie, hoogstens: int) -> bool:
        """The next of all that waits, so many; True: there may be more of it."""
        return self.hoor_verder(werk, hoogstens) or self._gevolgen.hervat(
            werk, self._verkeer.partij.zij, hoogstens
        )

    def _hoor(self, werk: Transactie, vanaf: int, bladen: Sequence[bytes]) -> None:
        self._gevolgen.hoor(werk, self._verkeer.partij.zij, bladen)
        self._zet(werk, vanaf + len(bladen))

    def _zet(self, werk: Transactie, tot: int) -> None:
        werk.standen[f"gehoord/{self._logboek}"] = tot
        werk.rij(_ZET, (self._logboek, tot))

    def _gehoord_tot(self, werk: Transactie) -> int:
        gezien: int | None = werk.standen.get(f"gehoord/{self._logboek}")
        if gezien is not None:
            return gezien
        rijen = werk.vraag(_LEES, (self._logboek,))
        # Without a row there is nothing, or a version that did all of a page at once.
        return int(rijen[0][0]) if rijen else self._verkeer.stand_in(werk).omvang


def met_ongehoorde_bladen(opslag: Opslag) -> list[str]:
    """The logs of which leaves still wait for their effect."""
    return [str(logboek) for (logboek,) in opslag.vraag(_ACHTER)]
