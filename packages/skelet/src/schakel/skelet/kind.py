"""A hand-over as its giver knows it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from schakel.contracts.werkstromen import Proces


class Kindstatus(StrEnum):
    """Where a hand-over stands."""

    OPEN = "open"
    VOLTOOID = "voltooid"
    ZONDER_RESULTAAT = "zonder_resultaat"
    GEWEIGERD = "geweigerd"


@dataclass(slots=True)
class Kind:
    """A child: the ``n``-th hand-over of its giver, in ``ronde``, to ``naar``."""

    id: UUID
    naar: Proces
    n: int
    ronde: int
    status: Kindstatus = Kindstatus.OPEN

    @property
    def is_terug(self) -> bool:
        """Whether it came back, with or without a result."""
        return self.status in {Kindstatus.VOLTOOID, Kindstatus.ZONDER_RESULTAAT}
