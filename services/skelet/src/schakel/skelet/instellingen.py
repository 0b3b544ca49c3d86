"""The settings that a process has besides those of kern."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from schakel.kern.instellingen import Instellingen as KernInstellingen
from schakel.kern.weigering import StartFout

from .termijnen import Dienstencatalogus


class Instellingen(KernInstellingen):
    """Settings of one of the five processes."""

    dienstencatalogus: Path | None = None
    """A JSON file with the terms of each dienst; without it the defaults hold for all."""
    wekker: Annotated[timedelta, Field(ge=timedelta(milliseconds=10), le=timedelta(hours=1))] = (
        timedelta(seconds=1)
    )
    """How often passed terms are looked for."""

    def lees_catalogus(self) -> Dienstencatalogus:
        """The terms per dienst; raises StartFout when the file cannot be used."""
        if self.dienstencatalogus is None:
            return Dienstencatalogus()
        try:
            return Dienstencatalogus.model_validate_json(self.dienstencatalogus.read_bytes())
        except OSError as fout:
            raise StartFout(
                "catalogus-onleesbaar", f"kan {self.dienstencatalogus} niet lezen: {fout.strerror}"
            ) from fout
        except ValidationError as fout:
            een: Any = fout.errors(include_input=False, include_url=False)[0]
            veld = ".".join(map(str, een["loc"]))
            raise StartFout(
                "catalogus-ongeldig", f"{self.dienstencatalogus}: {veld}: {een['msg']}"
            ) from fout
