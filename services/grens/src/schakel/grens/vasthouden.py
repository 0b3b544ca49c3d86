"""How much of a partner is held behind what could not be read: bounded per schakel and per link.

A message above the bound stands in the log alone. Of each schakel the first one is told of, once:
an answer for each would let a partner make us write without bound.
"""

from typing import Final

from schakel.contracts.schakels.berichten import Schakelbericht, SchakelOnbegrepen
from schakel.contracts.schakels.lezen import GelezenBlad, OnleesbaarBlad
from schakel.kern.vastlegging.transactie import Transactie

from . import gebeurtenissen as g
from .schakel import Schakel

PER_LIJN: Final = 10_000
"""So many messages of one log are held, of all schakels together, for as long as there is a link:
what is held never has an effect any more, so nothing is lost when no more is."""

_LEES: Final = "SELECT aantal FROM vastgehouden WHERE logboek = ?"
_ZET: Final = (
    "INSERT INTO vastgehouden VALUES (?, ?) ON CONFLICT (logboek) DO UPDATE SET"
    " aantal = excluded.aantal"
)


def blijft_in_log(
    werk: Transactie, schakel: Schakel, gelezen: GelezenBlad | OnleesbaarBlad, logboek: str
) -> bool:
    """Whether this leaf changes nothing here, and is kept in ``logboek`` alone; else it is counted.

    What would be held is, as long as there is room. The first above that is laid in the fold, which
    remembers its number.
    """
    kant, vouw = schakel.wij.overkant, schakel.vouw
    deel = gelezen.bericht if isinstance(gelezen, GelezenBlad) else gelezen
    if not isinstance(deel, Schakelbericht | OnleesbaarBlad):
        return False
    if not vouw.zou_vasthouden(kant, deel):
        return False
    if kant in vouw.boven:
        return True
    if not vouw.is_vol(kant):
        aantal = _aantal(werk, logboek)
        if aantal < PER_LIJN:
            _zet_aantal(werk, logboek, aantal + 1)
            return False
        schakel.gebeurt(g.Vol())
    feit = deel.feit if isinstance(deel, OnleesbaarBlad) else deel.FEIT
    return feit == SchakelOnbegrepen.FEIT  # never answered


def _aantal(werk: Transactie, logboek: str) -> int:
    gezien: int | None = werk.standen.get(f"vastgehouden/{logboek}")
    if gezien is not None:
        return gezien
    rijen = werk.vraag(_LEES, (logboek,))
    return int(rijen[0][0]) if rijen else 0


def _zet_aantal(werk: Transactie, logboek: str, aantal: int) -> None:
    werk.standen[f"vastgehouden/{logboek}"] = aantal
    werk.rij(_ZET, (logboek, aantal))
