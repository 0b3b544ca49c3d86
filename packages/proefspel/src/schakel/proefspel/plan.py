"""The written set: what is reported, how it goes on from there, and what must come of it."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from schakel.contracts.melding import Kanaal, Meldersoort, Status, Uitkomst
from schakel.contracts.werkstromen import (
    OVERDRACHT_NAAR,
    PROCES_VAN,
    WERKSTROOM,
    Meldingsoort,
    Proces,
    VierFeiten,
    beginnend_met,
    werkstroom_bij,
)

GESCHREVEN = Path(__file__).with_name("meldingen.jsonl")
TUSSEN_ORGANISATIES = Path(__file__).with_name("schakels.jsonl")
"""Meldingen that cross the border of an organisation."""


class _Deel(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True
    )


class Melder(_Deel):
    """Who reports."""

    soort: Meldersoort = Meldersoort.BURGER
    naam: str | None = None
    contact: str | None = None


class Namens(_Deel):
    """On whose behalf."""

    naam: str
    machtiging: str | None = None


class Ingreep(_Deel):
    """Where the course departs from the ordinary one.

    Without ``voor`` it says how the ordinary step ``stap`` is taken. With ``voor`` it is a step of
    its own, taken once, just before that ordinary one; ``terugkeer`` is waiting for a child.
    ``wacht`` leaves the melding alone until it ends by itself, ``blijft`` for good.
    """

    bij: str
    """The letters of the way down from the first melding, e.g. ``HWU``."""
    n: int | None = None
    ronde: int | None = None
    kinderen: int | None = None
    """Only when there were this many hand-overs so far."""
    stap: str
    inhoud: dict[str, Any] = Field(default_factory=dict)
    voor: str | None = None
    opent: tuple[str, ...] = ()
    """Keys of the meldingen that this step gives rise to, in order."""
    andere: str | None = None
    """For a koppeling: the key of the other one."""
    kind: int | None = None
    """Which hand-over it is about, by its ordinal."""
    zodra: str | None = None
    """Not before the melding of this plan at this place waits, e.g. ``AW1``."""


class Verwacht(_Deel):
    """What the orchestrator must say in the end."""

    werkstroom: int | None
    kandidaten: tuple[int, ...] | None = None
    """Without: those that a tree with this werkstroom leaves."""
    pad: str
    status: Status = Status.GESLOTEN
    uitkomst: str | None = Uitkomst.VOLTOOID.value

    @property
    def alle_kandidaten(self) -> tuple[int, ...]:
        """The kandidaten, written or implied."""
        if self.kandidaten is not None or self.werkstroom is None:
            return self.kandidaten or ()
        # What the longer werkstromen of the same process have below them is there as well.
        eerste = WERKSTROOM[self.werkstroom].eerste
        return tuple(w.nummer for w in beginnend_met(eerste) if w.nummer <= self.werkstroom)


class Plan(_Deel):
    """One melding of the set, and those that come of it (``daaruit``)."""

    id: str
    meldingsoort: Meldingsoort
    dienst: str
    tekst: str
    kanaal: Kanaal = Kanaal.WEB
    melder: Melder = Melder()
    namens: Namens | None = None
    soort_volgens_melder: Meldingsoort | None = None
    feiten: VierFeiten
    impact: int = 2
    urgentie: int = 2
    overdrachten: Mapping[str, tuple[tuple[Proces, ...], ...]] = {}
    """Per node the hand-overs of each ronde, where they are not the ordinary one."""
    verloop: tuple[Ingreep, ...] = ()
    daaruit: tuple["Plan", ...] = ()
    verwacht: Verwacht
    elders: Mapping[str, Verwacht] = {}
    """What another organisation's orchestrator must say of its part, by place, e.g. ``AW1``."""
    samengesteld: str | None = None
    """The path over all organisations; without: that of ``verwacht``."""

    @property
    def proces(self) -> Proces:
        """Where it comes in."""
        return PROCES_VAN[self.meldingsoort]

    @cached_property
    def _naar_volgens_feiten(self) -> Proces | None:
        return next(iter(werkstroom_bij(self.feiten).heenweg[1:]), None)

    def intake(self) -> dict[str, Any]:
        """The request with which it is reported."""
        velden = {"dienst", "kanaal", "melder", "tekst", "namens", "soort_volgens_melder"}
        return self.model_dump(mode="json", by_alias=True, include=velden, exclude_none=True)

    def beoordeling(self) -> dict[str, Any]:
        """The request with which it is judged."""
        velden = {"feiten", "impact", "urgentie"}
        return self.model_dump(mode="json", by_alias=True, include=velden)

    def rondes(self, letters: str, proces: Proces) -> tuple[tuple[Proces, ...], ...]:
        """The hand-overs of a node, per ronde; the last one is repeated when more are needed."""
        if letters in self.overdrachten:
            return self.overdrachten[letters]
        doelen = OVERDRACHT_NAAR[proces]
        if len(doelen) == 1:
            return (doelen,)
        return ((self._naar_volgens_feiten,),) if self._naar_volgens_feiten in doelen else ()

    def alle(self) -> Iterator["Plan"]:
        """This one and all that comes of it."""
        yield self
        for plan in self.daaruit:
            yield from plan.alle()

    def uit(self, sleutel: str) -> "Plan":
        """The melding under ``sleutel`` that comes of this one."""
        return next(plan for plan in self.daaruit if plan.id == sleutel)


def kenmerk(bestand: Path = GESCHREVEN) -> str:
    """The run of this set: on the same data it goes on where it was, another set starts anew."""
    return f"demo-{hashlib.sha256(bestand.read_bytes()).hexdigest()[:8]}"


def lees_plannen(bestand: Path = GESCHREVEN) -> Sequence[Plan]:
    """The written set, one melding to a line."""
    return [Plan.model_validate_json(regel) for regel in bestand.read_bytes().splitlines() if regel]
