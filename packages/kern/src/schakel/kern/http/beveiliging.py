"""Which role a route asks. A route that asks nothing does not exist: ``maak_app`` refuses it."""

from collections.abc import Iterator
from typing import Final

from fastapi.dependencies.models import Dependant
from starlette.requests import Request

from schakel.kern.grond.kop import Identiteit
from schakel.kern.grond.rollen import Rol

from .omloop import Omloop, omloop_van
from .problemen import GeenToegang, NietAangemeld

LOKAAL: Final = Identiteit("lokaal", frozenset(Rol))
"""Whoever asks on loopback while no issuer is set."""


class Toegang:
    """A dependency that gives the Identiteit of someone who has one of these roles."""

    def __init__(self, *rollen: Rol, boekt: bool = False) -> None:
        """The first role someone has is the one they act in.

        ``boekt``: who reads here is written down too, as what operators do is.
        """
        if not rollen:
            raise ValueError("noem minstens een rol, of markeer de route als openbaar")
        self.rollen = rollen
        self.boekt = boekt

    async def __call__(self, request: Request) -> Identiteit:
        """The route checked before the body was read; without that check nobody is let in."""
        return self.van(omloop_van(request.scope))

    def van(self, omloop: Omloop) -> Identiteit:
        """The identity of this request, or GeenToegang."""
        identiteit = omloop.identiteit
        if identiteit is None:
            raise NietAangemeld
        for rol in self.rollen:
            if rol in identiteit.rollen:
                omloop.rol = rol
                return identiteit
        raise GeenToegang(self.rollen)


def vereist(*rollen: Rol, boekt: bool = False) -> Toegang:
    """Use as ``Annotated[Identiteit, Depends(vereist(Rol.LEZER))]``."""
    return Toegang(*rollen, boekt=boekt)


async def openbaar() -> None:
    """Marks a route that needs no identity: ``dependencies=[Depends(openbaar)]``."""


def toegangen(dependant: Dependant) -> Iterator[Toegang]:
    """All that a route asks, directly or through its dependencies."""
    for deel in dependant.dependencies:
        if isinstance(deel.call, Toegang):
            yield deel.call
        yield from toegangen(deel)


def is_openbaar(dependant: Dependant) -> bool:
    """Whether a route says that anyone may use it."""
    return any(deel.call is openbaar for deel in dependant.dependencies)
