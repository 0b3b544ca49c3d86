"""What all parts of a mapping have in common."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

Kolom = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Waarde = Annotated[str, StringConstraints(max_length=1000)]


class Deel(BaseModel):
    """A table of the TOML file: nothing that is not known, so that a typing error is told."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class VanKolomOfKenmerk(Deel):
    """Iets dat in een kolom van het logboek staat, of in een kenmerk (het tweede bestand)."""

    kolom: Kolom | None = None
    kenmerk: Kolom | None = None

    @model_validator(mode="after")
    def _uit_een_bron(self) -> Self:
        if (self.kolom is None) == (self.kenmerk is None):
            raise ValueError("noem een `kolom` of een `kenmerk`, en niet allebei")
        return self
