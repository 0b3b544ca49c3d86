"""The base of every aggregate: refuse first, then let something happen."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from .gebeurtenis import Gebeurtenis, Plaats, Vastgelegd


class Aggregaat:
    """State that follows from its own events alone.

    Public methods of a subclass judge and may raise ``Weigering``; only ``gebeurt`` changes state.
    """

    def __init__(self, id: UUID, plaats: Plaats) -> None:  # noqa: A002 - the library's name for it
        """A new aggregate: version 0, nothing happened yet."""
        self.id = id
        self.plaats = plaats
        self.versie = 0
        self.nieuw: list[Gebeurtenis] = []

    def gebeurt(self, gebeurtenis: Gebeurtenis) -> None:
        """Apply ``gebeurtenis`` and keep it until it is recorded."""
        gebeurtenis.pas_toe(self)
        self.versie += 1
        self.nieuw.append(gebeurtenis)

    @classmethod
    def herbouw(cls, geschiedenis: Iterable[Vastgelegd]) -> Self | None:
        """Rebuild from recorded events in order; None when there are none."""
        aggregaat: Self | None = None
        for g in geschiedenis:
            if aggregaat is None:
                aggregaat = cls(g.originator_id, g.plaats)
            g.gebeurtenis.pas_toe(aggregaat)
            aggregaat.versie = g.originator_version
        return aggregaat
