"""Where the command finds the services, besides the settings that it shares with them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from schakel.contracts.topics import HISTORIE
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.instellingen import Instellingen as KernInstellingen

DIENSTNAMEN = ("orchestrator", *(proces.value for proces in Proces))
"""In the order of their ports: 8100 up to and including 8105."""


def historiebestand(gegevensmap: Path) -> Path:
    """Where an import stands for those who have no broker."""
    return gegevensmap / f"{HISTORIE}.db"


class Instellingen(KernInstellingen):
    """Settings of the ``schakel`` command."""

    basispoort: Annotated[int, Field(ge=1, le=65530)] = 8100
    """The port of the orchestrator; the five follow it."""
    adressen: dict[str, str] = Field(default_factory=dict)
    """Addresses of services that run elsewhere, by name."""
    token: str = ""
    """The access token to show, where an issuer is used."""

    def poort_van(self, dienst: str) -> int:
        """The standard port of a service."""
        return self.basispoort + DIENSTNAMEN.index(dienst)

    @property
    def alle_adressen(self) -> Mapping[str, str]:
        """Where each service is expected to answer."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        standaard = {naam: f"http://{host}:{self.poort_van(naam)}" for naam in DIENSTNAMEN}
        return standaard | self.adressen
