"""The turns of all partners at the one writer: a portion each, and room for others in between.

What partners say has its effect in the round; everything else (pages, receipts, what the house
says) goes to the writer past it. So that waits for one portion at most, whoever floods. And while
there is anything else, the round rests after each portion for some times as long as that took: the
fewer partners have a lot to say, the longer. When all of them do, that is the work there is.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from schakel.kern.vastlegging.schrijver import Schrijver

from .porties import ALLEEN, PORTIE

T = TypeVar("T")

RUST: Final = 9
"""So many times as long as a portion took, the round rests when one partner floods all others."""
KORT: Final = 1.0
"""Seconds that the writer counts as having other work after it had."""


@dataclass
class Ganger:
    """One partner in the round: how many tasks of its link the writer has had."""

    taken: int = 0
    porties: int = 0
    """Those of them that were portions."""
    anderen: int | None = None
    """How many tasks of others the writer had had when this one was last looked at."""


class Rondgang:
    """First come, first served: who has more to do stands at the back again."""

    def __init__(self, schrijver: Schrijver[Any]) -> None:
        """``schrijver`` is the one that all share."""
        self._schrijver = schrijver
        self._beurt = asyncio.Lock()
        self._in_de_rij = 0
        self._porties = 0
        self._anderen_op = -KORT

    async def doe(self, ganger: Ganger, portie: Callable[[int], Awaitable[T]]) -> T:
        """Do one portion, of one task, in its turn: of so many as it is told."""
        lus = asyncio.get_running_loop()
        self._in_de_rij += 1
        try:
            async with self._beurt:
                begin = lus.time()
                try:
                    return await portie(PORTIE if self._is_druk(ganger, begin) else ALLEEN)
                finally:
                    ganger.porties += 1
                    self._porties += 1
                    nu = lus.time()
                    if self._is_druk(ganger, nu):
                        await asyncio.sleep(RUST / self._in_de_rij * (nu - begin))
        finally:
            self._in_de_rij -= 1

    def _is_druk(self, ganger: Ganger, nu: float) -> bool:
        """Whether the writer has other work than that of this link, and portions of others."""
        anderen = self._schrijver.aantal_taken - self._porties - (ganger.taken - ganger.porties)
        gezien, ganger.anderen = ganger.anderen, anderen
        if gezien is not None and anderen > gezien:
            self._anderen_op = nu
        return gezien is None or nu - self._anderen_op < KORT  # the first time nobody knows
