"""How long things may take, per dienst or by default, as the organisation sets it (section 9)."""

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, Field


class Termijnen(BaseModel):
    """Terms of one dienst; the default beslistermijn is the eight weeks of the Awb."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    beslistermijn: timedelta = timedelta(weeks=8)
    overdracht: timedelta = timedelta(weeks=4)
    antwoord: timedelta = timedelta(weeks=2)


class Dienstencatalogus(BaseModel):
    """The terms of each dienst by its code; ``standaard`` holds for every other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    standaard: Termijnen = Termijnen()
    diensten: dict[str, Termijnen] = Field(default_factory=dict)

    def van(self, dienst: str) -> Termijnen:
        """The terms that hold for ``dienst``."""
        return self.diensten.get(dienst, self.standaard)
