"""Steps: what may be asked of a melding, and when.

A step is a public method of a melding with a name and a tuple of conditions. The same conditions
refuse it when it comes too early and tell a medewerker which steps are possible now, so the two
can never disagree. Adding a rule is adding a line.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import wraps
from typing import Any, ClassVar, Concatenate, ParamSpec, TypeVar, cast

from schakel.contracts.werkstromen import OVERDRACHT_NAAR
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stand import Stand

Bezwaar = tuple[str, str]
"""A refusal code and a Dutch explanation."""

Voorwaarde = Callable[[Any], Bezwaar | None]
"""Judges a melding by its ``aanzien`` and its class: None when the step may be taken as far as this
rule is concerned."""

MEESTE_ONTHOUDEN = 4_096
"""Looks of meldingen of which is remembered what was possible; a walk through a process has some
thirty of them."""
WEINIG_KINDEREN = 8
"""A melding with more of them looks like no other."""


class MetStappen(Stand):
    """A melding of which steps may be asked; each phase, and each process, adds its own."""

    STAPPEN: ClassVar[Mapping[str, tuple[Voorwaarde, ...]]] = {}
    """By name, in the order of the phases and then as they are written."""
    _mogelijk: tuple[int, Sequence[str]] = (-1, ())
    _onthouden: ClassVar[dict[Hashable, Sequence[str]]]

    def __init_subclass__(cls) -> None:
        """Collect the steps; a process without hand-overs has none of the steps around them."""
        super().__init_subclass__()
        if not hasattr(cls, "PROCES"):
            return
        stappen: dict[str, tuple[Voorwaarde, ...]] = {}
        for klasse in reversed(cls.__mro__):
            for waarde in vars(klasse).values():
                if (beschrijving := getattr(waarde, "stap", None)) is not None:
                    naam, stappen[naam] = beschrijving
        if not OVERDRACHT_NAAR[cls.PROCES]:
            for naam in ("overdrachten", "overdracht-terugnames", "controles"):
                del stappen[naam]
        cls.STAPPEN = stappen
        cls._onthouden = {}

    def mogelijke_stappen(self) -> list[str]:
        """The names of the steps that would be accepted now."""
        # The answer and the projection of a command both ask: it changes with the version alone.
        if self._mogelijk[0] != self.versie:
            self._mogelijk = (self.versie, self._mogelijk_naar_aanzien())
        return list(self._mogelijk[1])

    def _mogelijk_naar_aanzien(self) -> Sequence[str]:
        """As it was judged of a melding that looked the same; else it is judged now."""
        if len(self.kinderen) > WEINIG_KINDEREN:
            return self.zoek_mogelijke()
        aanzien, onthouden = self.aanzien, self._onthouden
        if (mogelijk := onthouden.get(aanzien)) is None:
            if len(onthouden) >= MEESTE_ONTHOUDEN:
                onthouden.clear()
            mogelijk = onthouden[aanzien] = self.zoek_mogelijke()
        return mogelijk

    def zoek_mogelijke(self) -> Sequence[str]:
        """The same, judged: of shared conditions each once at most, none after one that objects."""
        geoordeeld: dict[Voorwaarde, bool] = {}
        mogelijk = []
        for naam, nodig in self.STAPPEN.items():
            for eis in nodig:
                mag = geoordeeld.get(eis)
                if mag is None:
                    mag = geoordeeld[eis] = eis(self) is None
                if not mag:
                    break
            else:
                mogelijk.append(naam)
        return mogelijk

    def weiger(self, bezwaar: Bezwaar | None) -> None:
        """Raise Weigering for an objection, if there is one, with what is possible instead."""
        if bezwaar is not None:
            raise Weigering(*bezwaar, toegestaan=self.mogelijke_stappen())


P = ParamSpec("P")
M = TypeVar("M", bound=MetStappen)


def stap(
    naam: str, *voorwaarden: Voorwaarde
) -> Callable[[Callable[Concatenate[M, P], None]], Callable[Concatenate[M, P], None]]:
    """Make a method the step ``naam``: refused with the first objection, or else carried out."""

    def maak(methode: Callable[Concatenate[M, P], None]) -> Callable[Concatenate[M, P], None]:
        @wraps(methode)
        def zet(melding: M, /, *args: P.args, **kwargs: P.kwargs) -> None:
            for voorwaarde in voorwaarden:
                if (bezwaar := voorwaarde(melding)) is not None:
                    melding.weiger(bezwaar)
            methode(melding, *args, **kwargs)

        zet.stap = (naam, voorwaarden)  # type: ignore[attr-defined]
        return cast("Callable[Concatenate[M, P], None]", zet)

    return maak


class EigenStap(Gebeurtenis, frozen=True):
    """Base of the events of one process alone. ``STAP`` is the step that it completes."""

    STAP: ClassVar[str]

    def pas_toe(self, op: Stand) -> None:
        op.gezet.add(self.STAP)
