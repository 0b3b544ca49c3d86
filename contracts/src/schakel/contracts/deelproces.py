"""Work of which a part is done by another organisation, as it is said inside one organisation.

What crosses the border itself is another language. These messages are the house's own: what its
processes ask of the grens, and what the grens asks of them. A process says neither ketenId nor
diepte; the grens knows those.
"""

import hashlib
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field

from schakel.contracts.organisatie import Schakelsoort

from .feit import Code, Feit, Tijdstip
from .melding import Dataref, Kanaal, Meldersoort, Overdracht
from .organisatie import Oin

Diepte = Annotated[int, Field(ge=1, le=15)]
"""How many borders lie above this work, this one included."""


class OverdrachtAangeboden(Feit):
    """A hand-over whose receiver is another organisation; its ``kindId`` is the schakelId.

    ``overdracht.uiterlijk`` is the giver's own term for the return, ``gereedVoor`` what it asks of
    the receiver. ``vervangt`` is a schakel of the same giver that came back ``omgezet``.
    """

    type: ClassVar[str] = "nl.meldingen.overdracht-aangeboden.v1"
    soort: Schakelsoort
    organisatie: Oin
    overdracht: Overdracht
    gereed_voor: Tijdstip | None = None
    wacht: bool = True
    vervangt: UUID | None = None
    heeft_inhoud: bool = False


class OverdrachtTeruggenomen(Feit):
    """The giver takes an open hand-over back: here or elsewhere, it no longer waits for it."""

    type: ClassVar[str] = "nl.meldingen.overdracht-teruggenomen.v1"
    kind_id: UUID
    aanleiding: Code


class SchakelIngekomen(Feit):
    """The grens asks ``proces`` to open a melding for work that a partner handed over.

    It speaks under the id of that melding, which follows from the schakelId, and is no part of its
    order: ``versie`` counts what the grens says. Of a deelproces ``deelVan`` says whose part it is.
    """

    type: ClassVar[str] = "nl.meldingen.schakel-ingekomen.v1"
    soort: Schakelsoort
    keten_id: UUID
    diepte: Diepte
    vanuit: UUID | None = None
    """The schakel inside which this one was asked; absent at the first border."""
    dienst: Code
    kanaal: Kanaal
    melder: Meldersoort
    gereed_voor: Tijdstip | None = None
    vervangt: UUID | None = None
    dataref: Dataref | None = None


class SchakelIngetrokken(Feit):
    """The grens tells ``proces`` that the partner takes back what ``schakel-ingekomen`` asked."""

    type: ClassVar[str] = "nl.meldingen.schakel-ingetrokken.v1"
    aanleiding: Code


def melding_voor(schakel_id: UUID, eigen: Oin, partner: Oin) -> UUID:
    """The id of the melding that ``eigen`` opens for a schakel that ``partner`` asked.

    It follows from these three alone, so that after a restore the same request finds the same
    melding. It has the moment of the schakelId (a UUIDv7), and is one itself; what else it is
    nobody can choose.
    """
    zaad = f"schakel/melding/{eigen}/{partner}/{schakel_id}".encode()
    bits = schakel_id.int >> 80 << 80 | int.from_bytes(hashlib.sha256(zaad).digest()[:10])
    bits = bits & ~(0xF << 76) | 7 << 76
    return UUID(int=bits & ~(0x3 << 62) | 2 << 62)


GEGEVEN: tuple[type[Feit], ...] = (OverdrachtAangeboden, OverdrachtTeruggenomen)
"""What a process says of work that it gave away."""

INGEKOMEN: tuple[type[Feit], ...] = (SchakelIngekomen, SchakelIngetrokken)
"""What the grens says to the process that is to do work of a partner."""
