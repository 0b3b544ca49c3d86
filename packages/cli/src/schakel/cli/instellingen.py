"""Where the command finds the services, besides the settings that it shares with them."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from schakel.contracts.organisatie import (
    BASISPOORT,
    DIENSTEN,
    GRENS,
    LAATSTE_BASISPOORT,
    poort_van,
)
from schakel.contracts.topics import HISTORIE
from schakel.kern.grond.instellingen import Instellingen as KernInstellingen


def historiebestand(gegevensmap: Path) -> Path:
    """Where an import stands for those who have no broker."""
    return gegevensmap / f"{HISTORIE}.db"


def partnermap_van(gegevensmap: Path) -> Path:
    """Where the grens looks for contracts."""
    from schakel.grens.instellingen import Instellingen as GrensInstellingen  # noqa: PLC0415

    return GrensInstellingen(gegevensmap=gegevensmap).partnermap


def eigen_diensten(gegevensmap: Path, ook: Collection[str] = ()) -> list[str]:
    """What belongs to this organisation: the six, the grens once there is a contract, and ``ook``.

    In the order of their ports.
    """
    from schakel.grens.overeenkomsten import PATROON  # noqa: PLC0415

    is_gekoppeld = any(partnermap_van(gegevensmap).glob(PATROON))
    return [naam for naam in DIENSTEN if naam != GRENS or is_gekoppeld or naam in ook]


class Instellingen(KernInstellingen):
    """Settings of the ``schakel`` command."""

    basispoort: Annotated[int, Field(ge=1, le=LAATSTE_BASISPOORT)] = BASISPOORT
    """The port of the orchestrator; the others follow it."""
    adressen: dict[str, str] = Field(default_factory=dict)
    """Addresses of services that run elsewhere, by name."""
    token: str = ""
    """The access token to show, where an issuer is used."""

    def poort_van(self, dienst: str) -> int:
        """The standard port of a service."""
        return poort_van(dienst, self.basispoort)

    @property
    def alle_adressen(self) -> Mapping[str, str]:
        """Where each service is expected to answer."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        standaard = {naam: f"http://{host}:{self.poort_van(naam)}" for naam in DIENSTEN}
        return standaard | self.adressen
