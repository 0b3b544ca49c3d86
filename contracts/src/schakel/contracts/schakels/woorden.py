"""The words of the language: what a member of a message may be.

Patterns end in more than ``$``: of Python that is true before a last newline too.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal

from msgspec import Meta

from schakel.contracts.organisatie import OIN

GROOTSTE: Final = 2**53 - 1
"""The largest integer that every reader of JSON keeps whole."""

MEESTE: Final = 1_000_000
"""The highest number that a message, a hand-over or a ronde has."""

_UUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-%s[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
UUID7: Final = _UUID % "7"
CODE: Final = "[a-z0-9][a-z0-9_-]{0,63}"
TIJDSTIP: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z"

_GETAL: Final = "[0-9]{1,%d}([.,][0-9]{1,6})?"
DUUR: Final = (
    f"P({_GETAL % 5}W|(?=[0-9T])({_GETAL % 6}D)?"
    f"(T(?=[0-9])({_GETAL % 7}H)?({_GETAL % 8}M)?({_GETAL % 9}S)?)?)"
)
"""So long at most that a moment with it is still a moment."""


def heel(patroon: str) -> str:
    """The pattern that is true of a whole text, in Python and in JSON Schema."""
    return rf"^({patroon})$(?!\n)"


Code = Annotated[str, Meta(pattern=heel(CODE))]
Oin = Annotated[str, Meta(pattern=heel(OIN))]
Schakelid = Annotated[str, Meta(pattern=heel(UUID7))]
Tijdstip = Annotated[str, Meta(pattern=heel(TIJDSTIP))]
"""RFC 3339 in UTC with a Z, as it was written; reading also finds whether it exists."""
Duur = Annotated[str, Meta(pattern=heel(DUUR), extra_json_schema={"format": "duration"})]
"""ISO 8601, as it was written; reading also finds whether it is longer than nothing."""

Aantal = Annotated[int, Meta(ge=0, le=GROOTSTE)]
Nummer = Annotated[int, Meta(ge=1, le=MEESTE)]
Positief = Annotated[int, Meta(ge=1, le=GROOTSTE)]
Volgnummer = Annotated[str, Meta(pattern=heel("[A-Za-z0-9./_-]{1,40}"))]


class Kant(StrEnum):
    """The side of a schakel that speaks: who asks, or who does it."""

    VRAGER = "v"
    UITVOERDER = "u"

    @property
    def overkant(self) -> "Kant":
        """The other one."""
        return Kant.UITVOERDER if self is Kant.VRAGER else Kant.VRAGER


class Coordinatiemodel(StrEnum):
    """Who answers for the whole."""

    HOOFDAANNEMER = "hoofdaannemer"
    ESTAFETTE = "estafette"
    REGISSEUR = "regisseur"


class Werkstand(StrEnum):
    """How far the uitvoerder says to be."""

    IN_BEHANDELING = "in_behandeling"
    OPGESCHORT = "opgeschort"
    ELDERS = "elders"


class Slotuitkomst(StrEnum):
    """How the melding there ended, when there was one: what ``afgesloten`` says."""

    VOLTOOID = "voltooid"
    OMGEZET = "omgezet"
    GEEN_OVEREENSTEMMING = "geen_overeenstemming"
    AFGEWEZEN = "afgewezen"
    INGETROKKEN = "ingetrokken"
    AFGEBROKEN = "afgebroken"


NIET_TEVREDEN: Final = "niet_tevreden"
Ketenoordeel = Literal["tevreden", "niet_tevreden"]
Wissingsantwoord = Literal["gewist", "behouden"]
