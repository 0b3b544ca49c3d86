"""Texts of this house, fetched from the service of the melding at the moment that one is asked for.

The one that asks is this grens, as a system: with a token of the organisation, like any other. It
goes only to addresses that the operator named, or on this machine: what a message names is not
believed.
"""

import asyncio
import ssl
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec
import structlog

from schakel.contracts.decoders import decoder_van
from schakel.kern.grond.instellingen.adres import is_loopback
from schakel.kern.grond.weigering import Fout

log = structlog.get_logger()

GEDULD: Final = 10.0
"""Seconds for all of it."""
GROOTST: Final = 262_144
WEG: Final = "inhoud-niet-gevonden"
"""How a service says that there is nothing (any more)."""


_NIET: Final = (
    httpx.HTTPError,
    httpx.InvalidURL,
    OSError,  # a time-out is one too
    UnicodeError,
    KeyError,
    msgspec.DecodeError,
)
"""What comes of a service that is away, or of a setting that is not right."""


class TekstNietTeKrijgen(Fout):
    """The service of the melding does not give it now."""


class _Gegeven(msgspec.Struct):
    inhoud: dict[str, msgspec.Raw] = {}
    code: str = ""


class Huisteksten:
    """See ``Tekstbron``: of a hand-over, the ``opdracht`` and nothing else."""

    def __init__(
        self,
        adressen: Mapping[str, str],
        tokenbestand: Path | None,
        vervoer: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """``adressen`` are of the services, by name; the token is read again each time."""
        self._adressen = adressen
        self._tokenbestand = tokenbestand
        self._vervoer = vervoer

    async def haal(self, proces: str, dataref: str, schakel: UUID) -> str | None:
        """See ``Tekstbron``; raises TekstNietTeKrijgen."""
        adres = self._adres(proces, dataref)
        try:
            async with asyncio.timeout(GEDULD):
                koppen = await asyncio.to_thread(self._koppen)
                status, ruw = await self._vraag(f"{adres}/v1/meldingen/{schakel}/inhoud", koppen)
                gegeven = decoder_van(_Gegeven).decode(ruw)
                if status == httpx.codes.NOT_FOUND and gegeven.code == WEG:
                    return None
                if status == httpx.codes.OK:
                    return decoder_van(str).decode(gegeven.inhoud["opdracht"])
        except _NIET as fout:
            reden = type(fout).__name__  # what it says may repeat what was sent
        else:
            reden = f"status {status}"
        log.warning("tekst_niet_te_krijgen", proces=proces, reden=reden)
        raise TekstNietTeKrijgen("tekst-niet-te-krijgen", f"{proces} geeft deze tekst nu niet")

    def _adres(self, proces: str, dataref: str) -> str:
        adres = self._adressen.get(proces)
        if adres is None:
            delen = urlsplit(dataref)
            if not is_loopback(delen.hostname or ""):
                log.error("adres_niet_genoemd", proces=proces, instelling="SCHAKEL_ADRESSEN")
                uitleg = f"SCHAKEL_ADRESSEN noemt niet waar {proces} is"
                raise TekstNietTeKrijgen("adres-niet-genoemd", uitleg)
            adres = f"{delen.scheme}://{delen.netloc}"
        return adres.rstrip("/")

    def _koppen(self) -> dict[str, str]:
        if self._tokenbestand is None:
            return {}
        return {"authorization": f"Bearer {self._tokenbestand.read_text('ascii').strip()}"}

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    async def _vraag(self, adres: str, koppen: dict[str, str]) -> tuple[int, bytes]:
        async with (
            httpx.AsyncClient(
                verify=self._tls, transport=self._vervoer, trust_env=False, headers=koppen
            ) as klant,
            klant.stream("GET", adres) as antwoord,
        ):
            ruw = b""
            async for deel in antwoord.aiter_bytes():
                ruw += deel
                if len(ruw) > GROOTST:
                    raise httpx.DecodingError("te groot")
            return antwoord.status_code, ruw
