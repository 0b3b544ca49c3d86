"""Steps: what may be asked of a melding, and when.

A step is a public method of a melding with a name and a tuple of conditions. The same conditions
refuse it when it comes too early and tell a medewerker which steps are possible now, so the two
can never disagree. Adding a rule is adding a line.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

from schakel.kern.grond.weigering import Weigering

if TYPE_CHECKING:
    from schakel.skelet.stand import Melding

P = ParamSpec("P")
M = TypeVar("M", bound="Melding")

Bezwaar = tuple[str, str]
"""A refusal code and a Dutch explanation."""

Voorwaarde = Callable[[Any], Bezwaar | None]
"""Judges a melding: None when the step may be taken as far as this rule is concerned."""


def stap(
    naam: str, *voorwaarden: Voorwaarde
) -> Callable[[Callable[Concatenate[M, P], None]], Callable[Concatenate[M, P], None]]:
    """Make a method the step ``naam``: refused with the first objection, or else carried out."""

    def maak(methode: Callable[Concatenate[M, P], None]) -> Callable[Concatenate[M, P], None]:
        @wraps(methode)
        def zet(melding: M, /, *args: P.args, **kwargs: P.kwargs) -> None:
            for voorwaarde in voorwaarden:
                if (bezwaar := voorwaarde(melding)) is not None:
                    raise Weigering(*bezwaar, toegestaan=melding.mogelijke_stappen())
            methode(melding, *args, **kwargs)

        zet.stap = (naam, voorwaarden)  # type: ignore[attr-defined]
        return cast("Callable[Concatenate[M, P], None]", zet)

    return maak


def stappen_van(soort: type[Any]) -> Mapping[str, tuple[Voorwaarde, ...]]:
    """The steps of a kind of melding, by name, in the order in which they are written."""
    gevonden: dict[str, tuple[Voorwaarde, ...]] = {}
    for klasse in reversed(soort.__mro__):
        for waarde in vars(klasse).values():
            if (beschrijving := getattr(waarde, "stap", None)) is not None:
                naam, voorwaarden = beschrijving
                gevonden[naam] = voorwaarden
    return gevonden
