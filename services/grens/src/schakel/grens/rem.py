"""What an operator set on a partner: a blokkade, or that we offer nothing new any more (uitloop).

In a blokkade pages flow on and are receipted. What the other says is kept in both rows, but has no
effect until it is lifted; ``uitgesteld`` says on which schakels that waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, cast
from uuid import UUID

from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import Transactie

_LEES: Final = "SELECT geblokkeerd, eindigt FROM remmen WHERE partner = ?"
_ZET: Final = (
    "INSERT INTO remmen VALUES (?, ?, ?, ?) ON CONFLICT (partner) DO UPDATE SET"
    " geblokkeerd = excluded.geblokkeerd, eindigt = excluded.eindigt, op = excluded.op"
)
_STEL_UIT: Final = "INSERT INTO uitgesteld (partner, schakel) VALUES (?, ?)"
_UITGESTELD: Final = (
    "SELECT nummer, schakel FROM uitgesteld WHERE partner = ? ORDER BY nummer LIMIT ?"
)
_KLAAR: Final = "DELETE FROM uitgesteld WHERE nummer = ?"


@dataclass(frozen=True)
class Rem:
    """What holds for one partner."""

    geblokkeerd: bool = False
    """Only what is about erasure, or the link itself, has effect or is said."""
    eindigt: bool = False
    """We offer nothing new any more, as soon as that could be said."""


def rem_van(opslag: Opslag | Transactie, partner: str) -> Rem:
    """As stored, or as earlier tasks of this batch left it."""
    if not isinstance(opslag, Transactie):
        return _lees(opslag, partner)
    naam = f"rem/{partner}"
    if (gezien := opslag.standen.get(naam)) is not None:
        return cast("Rem", gezien)
    return opslag.eenmaal(naam, partial(_lees, opslag, partner))


def _lees(opslag: Opslag | Transactie, partner: str) -> Rem:
    rijen = opslag.vraag(_LEES, (partner,))
    return Rem(bool(rijen[0][0]), bool(rijen[0][1])) if rijen else Rem()


def zet_rem(werk: Transactie, partner: str, **anders: bool) -> bool:
    """Set it, in the transaction of this batch; whether that changed something."""
    rem = rem_van(werk, partner)
    nieuw = replace(rem, **anders)
    if nieuw == rem:
        return False
    werk.standen[f"rem/{partner}"] = nieuw
    werk.rij(_ZET, (partner, int(nieuw.geblokkeerd), int(nieuw.eindigt), werk.nu.isoformat()))
    return True


def stel_uit(werk: Transactie, partner: str, schakels: Iterable[UUID]) -> None:
    """What was said on these has its effect when the blokkade is lifted."""
    for schakel in schakels:
        werk.rij(_STEL_UIT, (partner, schakel.hex))


def neem_uitgestelde(werk: Transactie, partner: str, hoogstens: int) -> list[UUID]:
    """Those that wait longest, in the order in which they came; they wait no more."""
    rijen = werk.vraag(_UITGESTELD, (partner, hoogstens))
    for nummer, _ in rijen:
        werk.rij(_KLAAR, (nummer,))
    return list(dict.fromkeys(UUID(hex=schakel) for _, schakel in rijen))
