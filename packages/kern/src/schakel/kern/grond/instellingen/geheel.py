"""Typed settings of a service, all from the environment (``SCHAKEL_...``) or given in code.

Whatever would make a service unsafe or quietly wrong is refused here, at start, in one Dutch line
per fault.
"""

import difflib
import os
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from schakel.contracts.organisatie import Oin
from schakel.kern.grond.invoerregels import leg_uit
from schakel.kern.grond.weigering import StartFout

from .aanmelding import Aanmeldinstellingen
from .adres import host_van, is_loopback
from .bus import Businstellingen
from .parkeren import Parkeerinstellingen

VOORVOEGSEL: Final = "SCHAKEL_"
TEST_OIN: Final = "00000099000000001000"
_WAAR: Final = frozenset({"y", "yes", "t", "true", "on", "1"})
_GEVAARLIJK: Final = {
    "POSTGRES_ENABLE_DB_FUNCTIONS": "daarmee vervallen de positie en het slot van een levering",
    "COMPRESSOR_TOPIC": "opgeslagen gegevens worden dan voor andere onderdelen onleesbaar",
    "CIPHER_TOPIC": "de versleuteling van de bibliotheek bindt een tekst niet aan zijn plaats",
}


class Instellingen(Businstellingen, Aanmeldinstellingen, Parkeerinstellingen, BaseSettings):
    """What an operator may choose; ``Instellingen()`` raises StartFout if that cannot be right."""

    model_config = SettingsConfigDict(
        env_prefix=VOORVOEGSEL, frozen=True, extra="forbid", env_ignore_empty=True
    )

    oin: Oin = TEST_OIN
    host: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9.:_-]{1,253}$")] = "127.0.0.1"
    poort: Annotated[int, Field(ge=0, le=65535)] = 8100
    gegevensmap: Path = Path("gegevens")
    publieke_url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#]+[^\s?#]*$")] = ""
    contact_email: Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")] = ""
    toegestane_hosts: frozenset[str] = frozenset()
    opslag: Annotated[str, StringConstraints(pattern=r"^(sqlite|postgres(ql)?://\S+)$")] = "sqlite"
    sleutelbestand: Path = Path()

    max_body: Annotated[int, Field(ge=1024, le=262_144)] = 65_536
    max_verzoeken: Annotated[int, Field(ge=1, le=100_000)] = 512
    max_verbindingen: Annotated[int, Field(ge=1, le=100_000)] = 1_024
    max_volgers: Annotated[int, Field(ge=1, le=100_000)] = 256
    max_per_adres: Annotated[int, Field(ge=1, le=100_000)] = 256
    vertrouwde_proxies: frozenset[IPv4Network | IPv6Network] = frozenset()
    wachtrij: Annotated[int, Field(ge=1, le=1_000_000)] = 10_000

    logformaat: Literal["json", "tekst"] = "json"
    logniveau: Literal["debug", "info", "warning", "error"] = "info"

    def __init__(self, **waarden: Any) -> None:
        """``waarden`` go before the environment."""
        _weiger_gevaarlijke_omgeving()
        self._weiger_onbekende_omgeving()
        try:
            super().__init__(**waarden)
        except ValidationError as fout:
            raise StartFout("instelling-ongeldig", _als_regels(fout)) from None
        except SettingsError as fout:
            raise StartFout("instelling-ongeldig", f"{fout}: dit is geen geldige JSON") from None

    @model_validator(mode="before")
    @classmethod
    def _vul_aan(cls, waarden: dict[str, Any]) -> dict[str, Any]:
        """What follows from other settings when it is not given."""
        host, poort = waarden.get("host", "127.0.0.1"), waarden.get("poort", 8100)
        naam = f"[{host}]" if ":" in str(host) else host
        map_ = Path(str(waarden.get("gegevensmap", "gegevens")))
        url = str(waarden.get("publieke_url") or f"http://{naam}:{poort}")
        afgeleid = {
            "publieke_url": url,
            "sleutelbestand": map_ / "sleutel",
            "contact_email": f"beheer@{host_van(url)}",
        }
        return afgeleid | waarden

    @model_validator(mode="after")
    def _weiger_onveilig(self) -> Self:
        namen = (self.host, self.publieke_host)
        self.keur_uitgever(next((naam for naam in namen if not is_loopback(naam)), None))
        return self

    @property
    def publieke_host(self) -> str:
        """The host name of ``publieke_url``."""
        return host_van(self.publieke_url)

    @property
    def hosts(self) -> frozenset[str]:
        """The names by which a request may address this service, lower-case and without port."""
        eigen = {self.publieke_host, *self.toegestane_hosts}
        if is_loopback(self.host):
            eigen |= {"localhost", "127.0.0.1", "::1"}
        return frozenset(naam.lower().strip("[]") for naam in eigen if naam)

    @staticmethod
    def _weiger_onbekende_omgeving() -> None:
        # Several services may share one environment: what another one knows is no typing error.
        bekend = {VOORVOEGSEL + naam.upper() for soort in _soorten() for naam in soort.model_fields}
        for naam in sorted(os.environ):
            if not naam.upper().startswith(VOORVOEGSEL) or naam.upper() in bekend:
                continue
            lijkt = difflib.get_close_matches(naam.upper(), bekend, n=1, cutoff=0.6)
            hint = f" (bedoelt u {lijkt[0]}?)" if lijkt else ""
            raise StartFout("instelling-onbekend", f"de instelling {naam} bestaat niet{hint}")


def _soorten() -> Iterator[type[Instellingen]]:
    nog = [Instellingen]
    while nog:
        yield (soort := nog.pop())
        nog += soort.__subclasses__()


def _weiger_gevaarlijke_omgeving() -> None:
    """The library also reads these with the name of an application in front."""
    for naam, waarde in sorted(os.environ.items()):
        for gevaar, reden in _GEVAARLIJK.items():
            if not naam.endswith(gevaar):
                continue
            aan = waarde.lower() in _WAAR if gevaar.startswith("POSTGRES") else waarde != ""
            if aan:
                raise StartFout("omgeving-gevaarlijk", f"haal {naam} uit de omgeving: {reden}")


def _als_regels(fout: ValidationError) -> str:
    regels = []
    for een in fout.errors(include_input=False, include_url=False):
        veld = str(een["loc"][0]) if een["loc"] else ""
        regels.append(
            f"{VOORVOEGSEL}{veld.upper()} is ongeldig: {leg_uit(een['type'], een.get('ctx'))[1]}"
        )
    return "\n".join(regels)
