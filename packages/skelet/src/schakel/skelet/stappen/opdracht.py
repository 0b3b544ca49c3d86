"""A command: what is asked of a melding, whichever way it comes in. It knows how to ask it.

Free text (``tekst``, ``opdracht``, names) never goes into an event: ``bij.bewaar`` puts it in the
vault, in the same transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import StringConstraints

from schakel.kern.grond.rollen import Rol
from schakel.skelet.routering import Routering
from schakel.skelet.termijnen import Termijnen

from .stap import MetStappen

M_contra = TypeVar("M_contra", bound=MetStappen, contravariant=True)

Tekst = Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
Naam = Annotated[str, StringConstraints(min_length=1, max_length=200)]


@dataclass(frozen=True)
class Bij:
    """What a command needs besides the melding: time, chance and the vault come in as arguments."""

    nu: datetime
    termijnen: Termijnen
    nieuw_id: Callable[[], UUID]
    bewaar: Callable[[UUID, str, Any], None]
    """Put a text of a melding away under a kind."""
    dataref: Callable[[UUID], str]
    """Where another service may fetch the texts of a melding."""
    routering: Routering
    """Who runs which process."""


class Opdracht(Protocol[M_contra]):
    """A command: it asks something of a melding."""

    def doe(self, melding: M_contra, bij: Bij) -> None:
        """Ask it; raises Weigering."""


@dataclass(frozen=True)
class Actie(Generic[M_contra]):
    """One sub-resource of a melding: its name in the path is the name of the step."""

    stap: str
    opdracht: type[Opdracht[M_contra]]
    uitleg: str
    rol: Rol = Rol.BEHANDELAAR
    """Who may ask it."""
