"""What only uitvoeren says."""

from enum import StrEnum
from typing import ClassVar

from .feit import Feit


class Besluit(StrEnum):
    """What was delivered. A refusal is a delivered service (domain, section 5)."""

    GELEVERD = "geleverd"
    GEWEIGERD = "geweigerd"


class Uitgevoerd(Feit):
    """The planned act is carried out."""

    type: ClassVar[str] = "nl.meldingen.uitvoeren.uitgevoerd.v1"
    besluit: Besluit


EIGEN: tuple[type[Feit], ...] = (Uitgevoerd,)
