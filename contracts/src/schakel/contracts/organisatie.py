"""An organisation: the number that it is known by, and the services that it runs (D12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from pydantic import StringConstraints

from .werkstromen import Proces

OIN: Final = "[0-9]{20}"
Oin = Annotated[str, StringConstraints(pattern=f"^{OIN}$")]
"""The number of an organisation among all organisations of the government."""


@dataclass(frozen=True, slots=True)
class Verwijzing:
    """A melding by where it is; without ``oin`` it is one of the own organisation."""

    proces: Proces
    id: UUID
    oin: Oin | None = None


class Schakelsoort(StrEnum):
    """What kind of work crosses: part of one's own, a question of a customer, or all of it."""

    DEELPROCES = "deelproces"
    KETENMELDING = "ketenmelding"
    ESTAFETTE = "estafette"


ORCHESTRATOR: Final = "orchestrator"

GRENS: Final = "grens"
"""The border service: there is one as soon as there is a partner."""

DIENSTEN: Mapping[str, int] = {
    ORCHESTRATOR: 0,
    **{proces.value: nummer for nummer, proces in enumerate(Proces, start=1)},
    GRENS: len(Proces) + 1,
}
"""What an organisation may run, each with its place in the row of ports.

Behind the port of the grens comes that of its partner listener.
"""

LAATSTE_BASISPOORT: Final = 65_526
"""The highest base port: all that an organisation runs finds room behind it."""

BASISPOORT: Final = 8100


def poort_van(dienst: str, basispoort: int = BASISPOORT) -> int:
    """The standard port of a service."""
    return basispoort + DIENSTEN[dienst]
