"""Which texts go with messages, and whether they are where they are to be: rows, without a text.

A row comes with the message, in its transaction, whoever says it. Those that wait are the work of
whoever of the two makes the calls; what fails comes back later, and holds up no other.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from schakel.contracts.schakels.woorden import Kant
from schakel.kern.geheim.kluis import Kluis
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.audit import GEDAAN, Handeling
from schakel.kern.vastlegging.transactie import Transactie
from schakel.kern.vastlegging.werk import Werk

from . import overzicht
from .schakel import Schakel, Tekstplek

EERST: Final = timedelta(seconds=1)
LANGST: Final = timedelta(seconds=300)
"""Between two tries of one text: from the first, doubling, to the last."""
_MEESTE: Final = 30

_ERBIJ: Final = (
    "INSERT INTO inhouden VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?)"
    " ON CONFLICT (schakel, kant, nummer) DO NOTHING"
)
_ER: Final = (
    "UPDATE inhouden SET stand = 'er' WHERE schakel = ? AND kant = ? AND nummer = ?"
    " AND stand <> 'gewist'"
)
_WEG: Final = (
    "UPDATE inhouden SET stand = ? WHERE schakel = ? AND kant = ? AND nummer = ?"
    " AND stand = 'wacht'"
)
_DICHT: Final = "UPDATE inhouden SET stand = 'dicht' WHERE schakel = ? AND stand = 'wacht'"
_GEWIST: Final = "UPDATE inhouden SET stand = 'gewist' WHERE schakel = ?"
_GEBOEKT: Final = "UPDATE inhouden SET geboekt = 1 WHERE schakel = ? AND kant = ? AND nummer = ?"
_IS_GEBOEKT: Final = "SELECT geboekt FROM inhouden WHERE schakel = ? AND kant = ? AND nummer = ?"
_LATER: Final = (
    "UPDATE inhouden SET pogingen = ?, op = ? WHERE schakel = ? AND kant = ? AND nummer = ?"
)
_STAND: Final = "SELECT stand FROM inhouden WHERE schakel = ? AND kant = ? AND nummer = ?"
_VOLGENDE: Final = (
    "SELECT i.schakel, s.schakel, kant, nummer, van_ons, pogingen FROM inhouden i"
    " JOIN schakels s ON s.id = i.schakel"
    " WHERE i.partner = ? AND van_ons = ? AND stand = 'wacht' AND op <= ? ORDER BY op LIMIT 1"
)
_VAN_SCHAKEL: Final = (
    "SELECT i.partner, kant, nummer, van_ons, stand FROM inhouden i"
    " JOIN schakels s ON s.id = i.schakel WHERE s.schakel = ?"
    " ORDER BY i.partner, kant, nummer LIMIT ?"
)
GETOOND: Final = 200
"""So many are shown of one schakel."""


class Tekststand(StrEnum):
    """How it is with a text. Of our own, ``ER`` is that the other has it."""

    WACHT = "wacht"
    ER = "er"
    DICHT = "dicht"
    """The schakel ended before it was fetched."""
    GEWIST = "gewist"
    GEWEIGERD = "geweigerd"
    """The other has another text there: a person has to look at it."""


class Tekstbericht(NamedTuple):
    """The message that a text goes with, as both organisations know it."""

    schakel: UUID
    plek: Tekstplek

    def __str__(self) -> str:
        """As in a path."""
        return f"{self.schakel}/inhoud/{self.plek.kant}/{self.plek.nummer}"


class Teksttaak(NamedTuple):
    """A text that waits, of the schakel that is stored under ``id``."""

    id: UUID
    bericht: Tekstbericht
    van_ons: bool
    pogingen: int

    @property
    def waar(self) -> tuple[str, str, int]:
        """Its row."""
        plek = self.bericht.plek
        return self.id.hex, plek.kant.value, plek.nummer


class Inhoudlijst:
    """The side rows of a changed schakel; see ``Voorraad``."""

    def __init__(self, kluis: Kluis) -> None:
        """``kluis`` is where the texts of partners are kept."""
        self._kluis = kluis
        self.wek: Callable[[str], None] | None = None
        """Told of a partner with whom there is a new text to do, from the writer's thread."""

    def __call__(self, werk: Werk[Any], schakel: Schakel) -> None:
        """Put new texts on the list; close it at the last word; at an erasure all of it goes."""
        overzicht.projecteer(werk, schakel)
        if not schakel.teksten:
            return
        is_dicht = schakel.stand.is_dicht
        stand = Tekststand.DICHT if is_dicht else Tekststand.WACHT
        if schakel.is_gewist:
            stand = Tekststand.GEWIST
        # What we do not take on, is not fetched either.
        if stand is not Tekststand.WACHT or not schakel.is_uitvoerder_zonder_melding:
            for plek in schakel.nieuwe_teksten:
                van_ons = int(plek.kant is schakel.wij)
                wie = (schakel.partner, van_ons, stand.value, werk.nu.isoformat())
                werk.rij(_ERBIJ, (schakel.id.hex, plek.kant.value, plek.nummer, *wie))
            if schakel.nieuwe_teksten and self.wek is not None:
                werk.daarna(partial(self.wek, schakel.partner))
            schakel.nieuwe_teksten = []
        if is_dicht:
            werk.rij(_DICHT, (schakel.id.hex,))
        if schakel.is_gewist:
            werk.rij(_GEWIST, (schakel.id.hex,))
            self._kluis.wis(werk, schakel.id)


def zet_er(werk: Transactie, id_: UUID, plek: Tekstplek) -> None:
    """It is where it is to be."""
    werk.rij(_ER, (id_.hex, plek.kant.value, plek.nummer))


def is_geboekt(werk: Transactie, taak: Teksttaak) -> bool:
    """Whether it was written down that it left."""
    return bool(werk.vraag(_IS_GEBOEKT, taak.waar)[0][0])


def zet_geboekt(werk: Transactie, taak: Teksttaak) -> None:
    """It is written down now."""
    werk.rij(_GEBOEKT, taak.waar)


def geef_op(werk: Transactie, taak: Teksttaak, stand: Tekststand) -> None:
    """It does not come any more."""
    werk.rij(_WEG, (stand.value, *taak.waar))


def stel_uit(werk: Transactie, taak: Teksttaak, minstens: float = 0.0) -> None:
    """Try it again later; ``minstens`` is in seconds."""
    pogingen = min(taak.pogingen + 1, _MEESTE)
    wacht = max(min(LANGST, EERST * 2**taak.pogingen), timedelta(seconds=minstens))
    op = (werk.nu + wacht).isoformat()
    werk.rij(_LATER, (pogingen, op, *taak.waar))


def stand_van(opslag: Opslag | Transactie, id_: UUID, plek: Tekstplek) -> Tekststand | None:
    """As stored; None where there is no such text."""
    rijen = opslag.vraag(_STAND, (id_.hex, plek.kant.value, plek.nummer))
    return Tekststand(rijen[0][0]) if rijen else None


def volgende(opslag: Opslag, partner: str, nu: datetime, *, van_ons: bool) -> Teksttaak | None:
    """The one that waits longest, of those that are to be tried now."""
    rijen = opslag.vraag(_VOLGENDE, (partner, int(van_ons), nu.isoformat()))
    if not rijen:
        return None
    ((id_, schakel, kant, nummer, ons, pogingen),) = rijen
    bericht = Tekstbericht(UUID(hex=schakel), Tekstplek(Kant(kant), int(nummer)))
    return Teksttaak(UUID(hex=id_), bericht, bool(ons), int(pogingen))


def van_schakel(opslag: Opslag, schakel: UUID) -> list[Mapping[str, Any]]:
    """The texts of those with this schakelId, as people see them."""
    rijen = opslag.vraag(_VAN_SCHAKEL, (schakel.hex, GETOOND))
    namen = ("partner", "kant", "nummer", "vanOns", "stand")
    return [
        dict(zip(namen, (partner, kant, nummer, bool(van_ons), stand), strict=True))
        for partner, kant, nummer, van_ons, stand in rijen
    ]


def boek(werk: Transactie, *, wat: str, wie: str, partner: str, bericht: Tekstbericht) -> None:
    """The line that each text leaves that crosses: who had which one, never what stands in it.

    ``wie`` is who acted, the partner or our own grens; ``partner`` is the other side.
    """
    rol = "partner" if wie == partner else "systeem"
    Handeling(wie, rol, wat, str(bericht), partner, None).boek(werk, GEDAAN)
