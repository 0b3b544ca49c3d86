"""When a rule holds: a condition on one row, or on one row and the row of the case before it."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from .deel import Deel, VanKolomOfKenmerk, Waarde

_TOETSEN = ("is", "een_van", "past_op", "is_leeg", "wordt")


class Vergelijking(VanKolomOfKenmerk):
    """Een toets op een kolom van de rij, of op een kenmerk van de zaak (het tweede bestand)."""

    is_: Annotated[Waarde | None, Field(alias="is")] = None
    een_van: Annotated[tuple[Waarde, ...], Field(min_length=1, strict=False)] | None = None
    past_op: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """Reguliere expressie (RE2) op een deel van de waarde."""
    is_leeg: bool | None = None
    wordt: Literal["gevuld", "leeg", "anders", "hoger"] | None = None
    """Ten opzichte van de vorige rij van dezelfde zaak."""

    @model_validator(mode="after")
    def _een_toets(self) -> Self:
        waarden = (self.is_, self.een_van, self.past_op, self.is_leeg, self.wordt)
        if sum(waarde is not None for waarde in waarden) != 1:
            raise ValueError(f"noem precies een toets: {', '.join(_TOETSEN)}")
        if self.kenmerk is not None and self.wordt is not None:
            raise ValueError("een kenmerk hoort bij de hele zaak en wordt niet anders")
        return self


class Rijplaats(Deel):
    """De eerste of de laatste rij van de zaak."""

    rij: Literal["eerste", "laatste"]


class Alle(Deel):
    """Al deze voorwaarden gelden."""

    alle: Annotated[list["Voorwaarde"], Field(min_length=1)]


class Een(Deel):
    """Ten minste een van deze voorwaarden geldt."""

    een: Annotated[list["Voorwaarde"], Field(min_length=1)]


class Niet(Deel):
    """Deze voorwaarde geldt niet."""

    niet: "Voorwaarde"


def _soort(waarde: Any) -> str:
    sleutels = waarde.keys() if isinstance(waarde, dict) else set(waarde.model_fields_set)
    return next((s for s in ("alle", "een", "niet", "rij") if s in sleutels), "vergelijking")


Voorwaarde = Annotated[
    Annotated[Alle, Tag("alle")]
    | Annotated[Een, Tag("een")]
    | Annotated[Niet, Tag("niet")]
    | Annotated[Rijplaats, Tag("rij")]
    | Annotated[Vergelijking, Tag("vergelijking")],
    Discriminator(_soort),
]


def bladeren(voorwaarde: "Voorwaarde") -> Iterator[Vergelijking | Rijplaats]:
    """All that is tested in a condition, however deep."""
    match voorwaarde:
        case Alle(alle=delen) | Een(een=delen):
            for deel in delen:
                yield from bladeren(deel)
        case Niet(niet=deel):
            yield from bladeren(deel)
        case blad:
            yield blad
