"""What every public message has in common: which melding, whose, in what order, done by whom."""

from datetime import UTC, datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from .organisatie import Oin
from .werkstromen import Proces

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
"""A kebab-case code: what may be said on the bus instead of free text (D7)."""

Pseudoniem = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:@-]{1,64}$")]
Ordinaal = Annotated[int, Field(ge=1, le=1_000_000)]


def _in_utc(tijdstip: datetime) -> datetime:
    try:
        return tijdstip.astimezone(UTC)
    except OverflowError as fout:
        raise ValueError("tijdstip valt buiten de kalender") from fout


Tijdstip = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""Any offset is accepted; kept and written in UTC, with a Z (D10)."""


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


class DeelVan(Model):
    """The schakel that a melding carries out: who asked, and which melding there waits for it."""

    schakel_id: UUID
    organisatie: Oin
    proces: Proces
    n: Ordinaal
    ronde: Ordinaal


_PLAATS = ("ouderId", "ouderProces", "n", "ronde")


class Feit(Model):
    """A public message: one per stored event, so that ``versie`` is dense per melding.

    A nested melding also carries ``ouder_id``, ``ouder_proces``, ``n`` and ``ronde``: all four or
    none (domain, section 6.1). One that another organisation handed over carries ``deel_van``
    instead: its ouder is in a tree that is not ours.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "dependentRequired": {
                veld: [ander for ander in _PLAATS if ander != veld] for veld in _PLAATS
            }
        }
    )

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
    tijdstip_gebeurtenis: Tijdstip | None = None
    """When it happened in the real world; ``time`` in the envelope is when it was logged."""
    deel_van: DeelVan | None = None
    nummer: Ordinaal | None = None
    """Of what the grens says for a partner: the number of the message that it stands for."""

    @model_validator(mode="after")
    def _plaats_is_heel(self) -> Self:
        plaats = (self.ouder_id, self.ouder_proces, self.n, self.ronde)
        if None in plaats and plaats != (None, None, None, None):
            raise ValueError("ouderId, ouderProces, n en ronde horen bij elkaar: alle vier of geen")
        return self

    def in_json(self) -> bytes:
        """The ``data`` of the CloudEvent: compact, camelCase, absent fields left out.

        Fields in the order of the class, so always equal.
        """
        # What model_dump_json does, without a look at the arguments that are not given.
        return self.__pydantic_serializer__.to_json(self, by_alias=True, exclude_none=True)
