"""Who gives out tokens, and how they are checked."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.weigering import StartFout

from .adres import host_van, is_loopback


class Aanmeldinstellingen(BaseModel):
    """The part of the settings that tells who may ask."""

    uitgever: str | None = None
    publiek: str | None = None
    jwks: str | None = None
    rolclaim: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_:./-]{1,100}$")] = "roles"
    rolkaart: dict[str, Rol] = {}
    """From the identity provider's role name to ours; names that are not listed mean themselves."""

    def keur_uitgever(self, bereikbaar: str | None) -> None:
        """Raise StartFout unless tokens can be checked; asked of whoever is ``bereikbaar``."""
        if bereikbaar and not (self.uitgever and self.jwks):
            raise StartFout(
                "geen-uitgever",
                f"{bereikbaar} is van buiten bereikbaar: stel SCHAKEL_UITGEVER,"
                " SCHAKEL_PUBLIEK en SCHAKEL_JWKS in, of bind aan 127.0.0.1",
            )
        if bool(self.uitgever) != bool(self.jwks):
            raise StartFout(
                "uitgever-onvolledig",
                "SCHAKEL_UITGEVER en SCHAKEL_JWKS horen bij elkaar: stel beide in",
            )
        if self.uitgever and not self.publiek:
            raise StartFout(
                "publiek-ontbreekt",
                "SCHAKEL_PUBLIEK ontbreekt: voor wie moet een token zijn uitgegeven?",
            )
        if self.jwks and self.jwks.startswith("http://") and not is_loopback(host_van(self.jwks)):
            raise StartFout(
                "jwks-onveilig", "SCHAKEL_JWKS moet een bestand of een https-adres zijn"
            )
