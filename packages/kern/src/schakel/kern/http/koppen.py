"""What a command carries in its headers, read at once: key, digest, expected version, who."""

import hashlib
import re
from typing import Final

from starlette.requests import Request

from schakel.kern.grond.kop import Kop
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.weigering import Ongeldig

from .beveiliging import Toegang
from .omloop import omloop_van

_SLEUTEL: Final = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_VERSIE: Final = re.compile(rb'(")?([0-9]{1,15})(?(1)")')
"""An entity tag; without its quotes too, for there is no other way to read that."""


class Opdrachttoegang(Toegang):
    """A dependency that gives the Kop of a command by someone who has one of these roles."""

    async def __call__(self, request: Request) -> Kop:  # type: ignore[override]
        """Ongeldig when the key is missing or a header is malformed."""
        scope = request.scope
        omloop = omloop_van(scope)
        door = self.van(omloop)
        assert omloop.rol is not None  # noqa: S101 - van() sets it or raises
        return Kop(
            _sleutel(omloop.koppen),
            _digest(scope["method"], scope["path"], omloop.ruw),
            _versie(omloop.koppen),
            door,
            omloop.rol,
            omloop.traceparent,
        )


def opdracht(*rollen: Rol) -> Opdrachttoegang:
    """Use as ``Annotated[Kop, Depends(opdracht(Rol.BEHANDELAAR))]``."""
    return Opdrachttoegang(*rollen)


def etag(versie: int) -> str:
    """The ETag of a version; the same text may come back in ``If-Match``."""
    return f'"{versie}"'


def _sleutel(koppen: dict[bytes, bytes]) -> str:
    sleutel = koppen.get(b"idempotency-key")
    if sleutel is None:
        raise Ongeldig(
            "idempotency-key-ontbreekt",
            "geef een Idempotency-Key mee: een eigen kenmerk van dit ene verzoek",
        )
    if not _SLEUTEL.fullmatch(sleutel):
        raise Ongeldig(
            "idempotency-key-ongeldig",
            "een Idempotency-Key heeft 1 tot 128 tekens uit A-Z, a-z, 0-9, punt, streep, _ en :",
        )
    return sleutel.decode()


def _versie(koppen: dict[bytes, bytes]) -> int | None:
    gegeven = koppen.get(b"if-match")
    if gegeven is None:
        return None
    if not (gevonden := _VERSIE.fullmatch(gegeven)):
        raise Ongeldig("if-match-ongeldig", 'If-Match moet een versie zijn, zoals "3"')
    return int(gevonden[2])


def _digest(methode: str, pad: str, ruw: bytes) -> bytes:
    """Two commands are the same when all three are; the length keeps path and body apart."""
    kop = f"{methode} {len(pad)} {pad}\n".encode()
    return hashlib.sha256(kop + ruw).digest()
