"""Reading on past damage in the log of a broker.

A broker that cannot follow its own log from an offset on says so, or gives nothing, for ever.
Further on it can: its index has an entry every few kilobytes. So it is asked for later offsets
until it gives something, and what lies between is told of as one record.
"""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from .partijen import Geopend, Opener

PROEVEN = 3
"""How often damage must show before it is believed."""

_GOED, _BUITEN_BEREIK, _BESCHADIGD = 0, 1, 2
_ONVINDBAAR = "de broker kan zijn log hier niet lezen"

Plek = tuple[str, int]
"""A topic and a partition of it."""
Haal = Callable[[int], Awaitable[Any]]
"""Asks the broker what one partition has from an offset on; see ``draad.LeesAntwoord``."""


class _Verder(NamedTuple):
    """Where it can be read again, and what is there."""

    basis: int
    einde: int
    goed: bytes


class Lezing:
    """What one reader was given, partition by partition."""

    def __init__(self, opener: Opener) -> None:
        """``opener`` opens the batches."""
        self._opener = opener
        self._verdacht: dict[Plek, tuple[int, int]] = {}

    async def open(self, plek: Plek, deel: Any, van: int, haal: Haal) -> Any:
        """The part of an answer about ``plek``, asked from offset ``van`` on, for the library."""
        _, fout, einde, *_ = deel
        ruw = deel[7] or b""
        if fout not in {_GOED, _BESCHADIGD}:
            return deel
        geziene, keren = self._verdacht.get(plek, (-1, 0))
        is_zeker = keren >= PROEVEN - 1
        geopend = self._opener.open(ruw, van, einde, geziene if is_zeker else None)
        if fout or (not ruw and van < einde):
            geopend = Geopend(b"", _ONVINDBAAR, van)
        if not geopend.mis:
            self._verdacht.pop(plek, None)
            return _met(deel, einde, geopend.goed)
        is_dezelfde = geopend.tot == geziene
        self._verdacht[plek] = (geopend.tot, keren + 1 if is_dezelfde else 1)
        if not (is_dezelfde and is_zeker):
            return deel if fout else _met(deel, einde, geopend.goed)
        # An answer that was full has nothing for the last of those that were asked for.
        alleen = await haal(geopend.tot)
        opnieuw = self._opener.open(alleen[7] or b"", geopend.tot, alleen[2])
        if opnieuw.goed:
            return _met(deel, alleen[2], geopend.goed + opnieuw.goed)
        verder = await self._zoek(geopend.tot, haal)
        if verder is None:
            return deel
        mis = self._opener.vervang(geopend.tot, verder.basis - 1, geopend.rest, geopend.mis)
        return _met(deel, verder.einde, geopend.goed + mis + verder.goed)

    async def _zoek(self, van: int, haal: Haal) -> _Verder | None:
        """The first place after ``van`` that can be read: further and further, then back."""
        laag, hoog, stap = van, None, 1
        gevonden: _Verder | None = None
        while hoog is None or hoog - laag > 1:
            hier = laag + stap if hoog is None else (laag + hoog) // 2
            stap *= 2
            antwoord = await haal(hier)
            verder = self._lees(van, hier, antwoord)
            if verder is None and antwoord[1] != _BUITEN_BEREIK:
                laag = hier
            else:
                hoog, gevonden = hier, verder or gevonden
        return gevonden

    def _lees(self, van: int, hier: int, antwoord: Any) -> _Verder | None:
        _, fout, einde, *_ = antwoord
        if fout:
            return None
        if einde <= hier:  # nothing comes after the damage
            return _Verder(einde, einde, b"") if einde > van else None
        geopend = self._opener.open(antwoord[7] or b"", hier, einde)
        basis = int.from_bytes(geopend.goed[:8])
        return _Verder(basis, einde, geopend.goed) if geopend.goed and basis > van else None


def _met(deel: Any, einde: int, goed: bytes) -> Any:
    nummer, _, _, *midden = deel[:7]
    return (nummer, _GOED, einde, *midden, goed)
