"""One call to a partner over HTTP: bounded in time and size, and read as the wire format has it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import Any, Final

import httpx
import msgspec

from schakel.contracts.decoders import decoder_van

from .fouten import Golffout
from .vormen import INHOUD_MAX

GEDULD: Final = 30.0
"""Seconds for a call that waits for nothing."""
LANGST: Final = 300.0
"""Seconds that nobody waits longer than, whatever the other asks."""
_NIETS: Final[Mapping[str, Any]] = MappingProxyType({})


Roep = Callable[[str, str, bytes | None], Awaitable[bytes]]
"""A call to one partner: the method, the path below its address, the body."""


class Weer(Exception):
    """It goes over by itself: the other is away, busy, or answers something else than it should."""

    def __init__(self, reden: str, na: float = 0.0) -> None:
        """``na`` is how many seconds the other asks to wait."""
        super().__init__(reden)
        self.reden = reden
        self.na = na


async def roep(
    klant: httpx.AsyncClient,
    methode: str,
    adres: str,
    ruw: bytes | None,
    *,
    vragen: Mapping[str, Any] = _NIETS,
    geduld: float = GEDULD,
) -> bytes:
    """The body of the answer; raises Golffout for what they refuse, else Weer."""
    koppen = {} if ruw is None else {"content-type": "application/json"}
    async with asyncio.timeout(geduld), AsyncExitStack() as opruimen:
        antwoord = await opruimen.enter_async_context(
            klant.stream(
                methode, adres, params=dict(vragen), content=ruw, headers=koppen, timeout=geduld
            )
        )
        gelezen = await _lees(antwoord)
    if antwoord.status_code in {200, 204}:
        return gelezen
    raise _fout_in(antwoord, gelezen)


async def _lees(antwoord: httpx.Response) -> bytes:
    delen, samen = [], 0
    async for deel in antwoord.aiter_raw():
        samen += len(deel)
        if samen > INHOUD_MAX:
            raise Weer("te groot antwoord")
        delen.append(deel)
    return b"".join(delen)


class _Probleem(msgspec.Struct):
    code: str = ""
    omvang: int | None = None


def _fout_in(antwoord: httpx.Response, ruw: bytes) -> Exception:
    """What they say that is wrong, as far as it is a code of the language."""
    status = antwoord.status_code
    try:
        gezegd = decoder_van(_Probleem).decode(ruw)
        fout = Golffout(gezegd.code, "de ander weigert", omvang=gezegd.omvang)
    except (msgspec.DecodeError, KeyError):
        return Weer(f"status {status}")
    if status in {429, 503}:
        na = antwoord.headers.get("retry-after", "")
        return Weer(gezegd.code, min(float(na), LANGST) if na.isascii() and na.isdigit() else 0.0)
    return fout if status == fout.status else Weer(f"status {status}")
