"""What only wijzigen says."""

from typing import ClassVar

from .feit import Code, Feit


class Vrijgegeven(Feit):
    """The prepared and tested change may be carried out."""

    type: ClassVar[str] = "nl.meldingen.wijzigen.vrijgegeven.v1"


class RegisterBijgewerkt(Feit):
    """The register of managed infrastructure shows the change; follows the check on return."""

    type: ClassVar[str] = "nl.meldingen.wijzigen.register-bijgewerkt.v1"
    onderdeel: Code


EIGEN: tuple[type[Feit], ...] = (Vrijgegeven, RegisterBijgewerkt)
