"""The settings that a process has besides those of kern."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, Field, TypeAdapter, ValidationError, model_validator

from schakel.contracts.melding import Dataref
from schakel.kern.grond.instellingen import Instellingen as KernInstellingen
from schakel.kern.grond.weigering import StartFout

from .codes import Codelijsten
from .termijnen import Dienstencatalogus

M = TypeVar("M", bound=BaseModel)
_DATAREF: Final = TypeAdapter[str](Dataref)


def inhoud_adres(publieke_url: str, melding_id: UUID) -> str:
    """Where the texts of a melding are fetched: its ``dataref``."""
    return f"{publieke_url.rstrip('/')}/v1/meldingen/{melding_id}/inhoud"


class Instellingen(KernInstellingen):
    """Settings of one of the five processes."""

    dienstencatalogus: Path | None = None
    """A JSON file with the terms of each dienst; without it the defaults hold for all."""
    codes: Path | None = None
    """A JSON file with the codes that may be given, by field; without it any code may."""
    routering: Path | None = None
    """A JSON file that names, per dienst, who runs each process that is not run here."""
    wekker: Annotated[timedelta, Field(ge=timedelta(milliseconds=10), le=timedelta(hours=1))] = (
        timedelta(seconds=1)
    )
    """How often passed terms are looked for."""

    @model_validator(mode="after")
    def _weiger_onzegbaar_adres(self) -> Self:
        """Messages carry an address below ``publieke_url``: the contract has to accept it."""
        try:
            _DATAREF.validate_python(inhoud_adres(self.publieke_url, UUID(int=0)))
        except ValidationError:
            raise StartFout(
                "adres-onbruikbaar",
                "SCHAKEL_PUBLIEKE_URL mag alleen letters zonder accent, cijfers en ._~:/%[]- hebben"
                " en niet te lang zijn: het staat in elk bericht",
            ) from None
        return self

    def lees_catalogus(self) -> Dienstencatalogus:
        """The terms per dienst; raises StartFout when the file cannot be used."""
        return _lees(self.dienstencatalogus, Dienstencatalogus, "catalogus")

    def lees_codes(self) -> Codelijsten:
        """The codes per field; raises StartFout when the file cannot be used."""
        return _lees(self.codes, Codelijsten, "codes")


def _lees(bestand: Path | None, soort: type[M], wat: str) -> M:
    if bestand is None:
        return soort()
    try:
        return soort.model_validate_json(bestand.read_bytes())
    except OSError as fout:
        raise StartFout(f"{wat}-onleesbaar", f"kan {bestand} niet lezen: {fout.strerror}") from fout
    except ValidationError as fout:
        een: Any = fout.errors(include_input=False, include_url=False)[0]
        veld = ".".join(map(str, een["loc"]))
        raise StartFout(f"{wat}-ongeldig", f"{bestand}: {veld}: {een['msg']}") from fout
