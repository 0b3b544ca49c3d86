"""Which keten a tree of this house is in: one row for each first melding (``wortelId``).

It is drawn where a tree first crosses a border. A tree that a schakel opened inherits that of the
schakel, one border deeper.
"""

from typing import Final, NamedTuple
from uuid import UUID

from uuid_utils.compat import uuid7

from schakel.contracts.schakels.woorden import Coordinatiemodel
from schakel.kern.vastlegging.transactie import Transactie

DIEPST: Final = 15
"""Borders above one piece of work."""

_LEES: Final = "SELECT keten, diepte, vanuit, model FROM ketens WHERE wortel = ?"
_ZET: Final = "INSERT INTO ketens VALUES (?, ?, ?, ?, ?) ON CONFLICT (wortel) DO NOTHING"


class Ketenplaats(NamedTuple):
    """``diepte`` is how many borders lie above this tree; ``vanuit`` the schakel that opened it."""

    keten: UUID
    diepte: int = 0
    vanuit: UUID | None = None
    model: Coordinatiemodel = Coordinatiemodel.HOOFDAANNEMER


def keten_van(werk: Transactie, wortel: UUID) -> Ketenplaats:
    """That of this tree, drawn now when it has none."""
    if (eerder := _zoek(werk, wortel)) is not None:
        return eerder
    nieuw = Ketenplaats(uuid7())
    _zet(werk, wortel, nieuw)
    return nieuw


def erf(werk: Transactie, wortel: UUID, keten: Ketenplaats) -> None:
    """A tree that a schakel opens."""
    if _zoek(werk, wortel) is None:
        _zet(werk, wortel, keten)


def _zoek(werk: Transactie, wortel: UUID) -> Ketenplaats | None:
    if (eerder := werk.standen.get(f"keten/{wortel}")) is not None:
        gezien: Ketenplaats = eerder
        return gezien
    rijen = werk.vraag(_LEES, (wortel.hex,))
    if not rijen:
        return None
    ((keten, diepte, vanuit, model),) = rijen
    return Ketenplaats(
        UUID(hex=keten),
        int(diepte),
        UUID(hex=vanuit) if vanuit else None,
        Coordinatiemodel(model),
    )


def _zet(werk: Transactie, wortel: UUID, keten: Ketenplaats) -> None:
    werk.standen[f"keten/{wortel}"] = keten
    vanuit = keten.vanuit.hex if keten.vanuit else None
    werk.rij(_ZET, (wortel.hex, keten.keten.hex, keten.diepte, vanuit, keten.model.value))
