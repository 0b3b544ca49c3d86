"""Private events: what happened inside one service, how it is stored and read back.

A stored event is a JSON text of the *circumstances* (who, when, in which tree) and the
*gebeurtenis*: a frozen msgspec struct whose class says what happened. The name in the ``topic``
column is a frozen word of ours, looked up in a closed register: the library would import whatever
stands there.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar, cast
from uuid import UUID

import msgspec
from eventsourcing.persistence import MapperDeserialisationError, StoredEvent

from schakel.contracts.decoders import decoder_van
from schakel.kern.opslag import MAX_STAAT


class Gebeurtenis(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing that happened. ``NAAM`` is its stored name, frozen for ever (D11)."""

    NAAM: ClassVar[str]

    def pas_toe(self, op: Any) -> None:
        """Change the aggregate ``op``: assign only; no judging, clock, id or look-up."""


class Door(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Who acted: a pseudonym and role, and for the system the rule that acted."""

    wie: str
    rol: str
    regel: str | None = None


class Ouder(msgspec.Struct, frozen=True, gc=False):
    """Where a nested aggregate hangs: below ``id`` in ``soort``, as its ``n``-th, in ``ronde``."""

    id: UUID
    soort: str
    n: int
    ronde: int


class Deelwerk(msgspec.Struct, frozen=True, gc=False):
    """Whose work an aggregate does a part of: that of ``soort`` at another organisation.

    It is the ``n``-th that was handed over there, in ``ronde``; ``schakel`` is what both call it.
    """

    schakel: UUID
    organisatie: str
    soort: str
    n: int
    ronde: int


class Plaats(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The tree an aggregate belongs to (``boom`` is the key on the bus) and its parent in it.

    ``deel`` is of one at the top of a tree: it has no parent here.
    """

    boom: UUID
    ouder: Ouder | None = None
    deel: Deelwerk | None = None


GebeurtenisT = TypeVar("GebeurtenisT")


class _Staat(msgspec.Struct, Generic[GebeurtenisT], frozen=True, gc=False, omit_defaults=True):
    """The JSON in the ``state`` column; its keys are stored for ever."""

    op: datetime
    door: Door
    boom: UUID
    gebeurtenis: GebeurtenisT = msgspec.field(name="feit")
    ouder: Ouder | None = None
    spoor: str | None = None
    deel: Deelwerk | None = None


class _Tijdstip(msgspec.Struct, gc=False):
    op: datetime


def tijdstip_van(opgeslagen: StoredEvent) -> datetime:
    """When it happened, without reading what; raises MapperDeserialisationError."""
    try:
        return decoder_van(_Tijdstip).decode(opgeslagen.state).op
    except msgspec.DecodeError as fout:
        raise MapperDeserialisationError(f"{opgeslagen.topic} is onleesbaar: {fout}") from fout


class Vastgelegd(msgspec.Struct, frozen=True, gc=False):
    """A recorded event: its place in the aggregate, its circumstances and the gebeurtenis."""

    originator_id: UUID
    originator_version: int
    op: datetime
    door: Door
    plaats: Plaats
    gebeurtenis: Gebeurtenis
    spoor: str | None = None


class OnbekendeGebeurtenis(MapperDeserialisationError):
    """A stored name that this service does not know: nothing is imported, nothing guessed."""


class Register:
    """The closed set of event classes that a service may store and read."""

    def __init__(self, soorten: Iterable[type[Gebeurtenis]]) -> None:
        """Raises ValueError when two classes claim one stored name."""
        self._lezers: dict[str, msgspec.json.Decoder[Any]] = {}
        self._schrijf = msgspec.json.Encoder().encode
        for soort in soorten:
            if soort.NAAM in self._lezers:
                raise ValueError(f"opslagnaam {soort.NAAM} staat er twee keer in")
            self._lezers[soort.NAAM] = decoder_van(_Staat[soort])  # type: ignore[valid-type]

    @property
    def namen(self) -> tuple[str, ...]:
        """The stored names, sorted."""
        return tuple(sorted(self._lezers))

    def leg_weg(self, g: Vastgelegd) -> StoredEvent:
        """Encode what was recorded; raises ValueError when it would not fit in a message."""
        plaats, naam = g.plaats, g.gebeurtenis.NAAM
        staat = self._schrijf(
            _Staat(g.op, g.door, plaats.boom, g.gebeurtenis, plaats.ouder, g.spoor, plaats.deel)
        )
        if len(staat) > MAX_STAAT:
            raise ValueError(f"{naam} is {len(staat)} bytes, hoogstens {MAX_STAAT}")
        return StoredEvent(g.originator_id, g.originator_version, naam, staat)

    def lees(self, opgeslagen: StoredEvent) -> Vastgelegd:
        """Turn a stored event back into what was recorded; raises MapperDeserialisationError."""
        lezer = self._lezers.get(opgeslagen.topic)
        if lezer is None:
            raise OnbekendeGebeurtenis(f"onbekende opslagnaam {opgeslagen.topic!r}")
        try:
            staat = lezer.decode(opgeslagen.state)
        except msgspec.DecodeError as fout:
            raise MapperDeserialisationError(
                f"{opgeslagen.topic} van {opgeslagen.originator_id}"
                f" versie {opgeslagen.originator_version} is onleesbaar: {fout}"
            ) from fout
        return Vastgelegd(
            cast("UUID", opgeslagen.originator_id),
            opgeslagen.originator_version,
            staat.op,
            staat.door,
            Plaats(staat.boom, staat.ouder, staat.deel),
            staat.gebeurtenis,
            staat.spoor,
        )
