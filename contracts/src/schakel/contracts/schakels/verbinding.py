"""The four messages about the link itself: ``nl.schakels.verbinding.<feit>.v1``.

They stand in the same log as the others. Their subject is the OIN of who speaks, and they have a
row of numbers of their own per log.
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from .berichten import Zender
from .jws import Jws
from .woorden import Aantal, Nummer, Tijdstip

Notetekst = Annotated[str, Meta(min_length=1, max_length=8_192)]
"""A signed note, as it is written."""


class Verbindingsbericht(
    Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False
):
    """What every message about the link says."""

    FEIT: ClassVar[str]
    CODES: ClassVar[Mapping[str, str]] = {}

    nummer: Nummer
    door: Zender


class VerbindingSleutels(Verbindingsbericht, frozen=True, kw_only=True):
    """Log keys that come or go, signed by the contract key (``Sleutelverklaring``)."""

    FEIT: ClassVar[str] = "verbinding.sleutels"

    verklaring: Jws

    def __post_init__(self) -> None:
        if len(self.verklaring.signatures) != 1:
            raise ValueError("een verklaring heeft precies een handtekening")


class VerbindingEindigt(Verbindingsbericht, frozen=True, kw_only=True):
    """From here in this log its speaker offers nothing new."""

    FEIT: ClassVar[str] = "verbinding.eindigt"

    per: Tijdstip


class VerbindingControlepunten(Verbindingsbericht, frozen=True, kw_only=True):
    """Heads of logs, told to whoever may compare them."""

    FEIT: ClassVar[str] = "verbinding.controlepunten"

    controlepunten: Annotated[tuple[Notetekst, ...], Meta(min_length=1, max_length=16)]


class VerbindingHerstel(Verbindingsbericht, frozen=True, kw_only=True):
    """The first leaf after a restore: to what size this log had fallen, what was regained."""

    FEIT: ClassVar[str] = "verbinding.herstel"

    gevallen: Aantal
    omvang: Aantal


VERBINDINGSBERICHTEN: tuple[type[Verbindingsbericht], ...] = (
    VerbindingSleutels,
    VerbindingEindigt,
    VerbindingControlepunten,
    VerbindingHerstel,
)
"""The closed list: nothing else crosses about the link."""
