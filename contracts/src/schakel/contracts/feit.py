"""What every public message has in common: which melding, whose, in what order, done by whom."""

from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from .werkstromen import Proces

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
"""A kebab-case code: what may be said on the bus instead of free text (D7)."""

Pseudoniem = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@-]{1,64}$")]
Ordinaal = Annotated[int, Field(ge=1, le=1_000_000)]


class Model(BaseModel):
    """camelCase on the wire, frozen; a reader ignores fields that it does not know."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True
    )


class Door(Model):
    """Who acted: a medewerker (a pseudonym) in a rol, or the system by the rule that acted."""

    wie: Pseudoniem
    rol: Code
    regel: Code | None = None


class Feit(Model):
    """A public message: one per stored event, so that ``versie`` is dense per melding.

    A nested melding also carries ``ouder_id``, ``ouder_proces``, ``n`` and ``ronde``: all four or
    none. Source: domain, section 6, "What a message tells".
    """

    type: ClassVar[str]

    melding_id: UUID
    wortel_id: UUID
    proces: Proces
    versie: Annotated[int, Field(ge=1)]
    ouder_id: UUID | None = None
    ouder_proces: Proces | None = None
    n: Ordinaal | None = None
    ronde: Ordinaal | None = None
    door: Door
    tijdstip_gebeurtenis: AwareDatetime | None = None
    """When it happened in the real world, if that is known; ``time`` in the envelope is when it was logged."""

    def als_data(self) -> dict[str, Any]:
        """The ``data`` of the CloudEvent: JSON values, camelCase, empty optional fields left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


