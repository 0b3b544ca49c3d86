"""Reading a body: bounded in size, time and media type before anything looks into it."""

import asyncio
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request

from .omloop import Omloop, omloop_van
from .problemen import TeGroot, TeTraag, VerkeerdMediatype
from .strikt import lees_inhoud_van

TERMIJN: Final = 10.0
"""Seconds in which the whole body must have arrived."""

_JSON: Final = frozenset({b"application/json", b"application/json; charset=utf-8"})


class GelezenVerzoek(Request):
    """A request whose body was read and checked already, and is parsed once."""

    async def body(self) -> bytes:
        """The bytes as they came."""
        return omloop_van(self.scope).ruw

    async def json(self) -> Any:
        """The value they stand for."""
        return omloop_van(self.scope).inhoud


def heeft_inhoud(koppen: dict[bytes, bytes]) -> bool:
    """Whether a body is announced."""
    return koppen.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in koppen


async def lees_inhoud(request: Request, omloop: Omloop) -> None:
    """Fills in the whole body; or raises TeGroot, TeTraag, VerkeerdMediatype or Veldfout."""
    _weiger_ander_mediatype(omloop.koppen)
    lengte = omloop.koppen.get(b"content-length", b"")
    if lengte.isdigit() and int(lengte) > omloop.max_body:
        raise _te_groot(omloop.max_body)
    try:
        async with asyncio.timeout(TERMIJN):
            omloop.ruw = await _ontvang(request, omloop.max_body)
    except TimeoutError:
        raise TeTraag("inhoud-te-traag", f"de inhoud was er na {TERMIJN:g} s nog niet") from None
    if omloop.ruw:
        omloop.inhoud = lees_inhoud_van(omloop.ruw)


async def _ontvang(request: Request, grens: int) -> bytes:
    """Counts while reading: a length may be missing or wrong."""
    delen, totaal = [], 0
    while True:
        bericht = await request.receive()
        if bericht["type"] == "http.disconnect":
            raise ClientDisconnect
        deel = bericht.get("body", b"")
        totaal += len(deel)
        if totaal > grens:
            raise _te_groot(grens)
        delen.append(deel)
        if not bericht.get("more_body", False):
            return delen[0] if len(delen) == 1 else b"".join(delen)


def _te_groot(grens: int) -> TeGroot:
    return TeGroot("inhoud-te-groot", f"de inhoud mag hoogstens {grens} bytes zijn")


def _weiger_ander_mediatype(koppen: dict[bytes, bytes]) -> None:
    soort = koppen.get(b"content-type", b"")
    if soort not in _JSON and not _is_json(soort):
        raise VerkeerdMediatype("mediatype-onbekend", "stuur de inhoud als application/json")
    if koppen.get(b"content-encoding", b"identity").lower() != b"identity":
        raise VerkeerdMediatype("inhoud-gecomprimeerd", "stuur de inhoud zonder Content-Encoding")


def _is_json(soort: bytes) -> bool:
    naam, *parameters = (deel.strip().lower() for deel in soort.split(b";"))
    tekens = {b"charset=utf-8", b'charset="utf-8"'}
    return naam == b"application/json" and set(parameters) <= tekens
