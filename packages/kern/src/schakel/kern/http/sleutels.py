"""The public keys that tokens are checked against: from our own setting, never from a token."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any, Final

import structlog
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from schakel.kern.grond.weigering import StartFout

from .problemen import SleutelsOnbereikbaar

log = structlog.get_logger()

Sleutel = RSAKey | ECKey | OKPKey
PAUZE: Final = 60.0
"""Seconds between two reads: who makes up key ids must not make us hammer the issuer."""
PAUZE_NA_FOUT: Final = 5.0
GEDULD: Final = 3.0
GROOTSTE: Final = 262_144
_RSA_BITS: Final = 2048


class Sleutelbron:
    """Reads a JWKS from a file or an address, again when an unknown key id turns up."""

    def __init__(self, plaats: str) -> None:
        """A file is read now (StartFout when that fails), an address when first needed."""
        self._plaats = plaats
        self._is_adres = plaats.startswith(("http://", "https://"))
        self._sleutels: Mapping[str, Sleutel] = {}
        self._weer_vanaf = 0.0
        self._slot = asyncio.Lock()
        if not self._is_adres:
            try:
                self._sleutels = _lees_sleutels(self._lees())
            except (OSError, ValueError) as fout:
                raise StartFout(
                    "jwks-onbruikbaar", f"kan de sleutels in {plaats} niet lezen: {fout}"
                ) from fout
            self._weer_vanaf = time.monotonic() + PAUZE

    async def geef(self, kid: str | None) -> Sleutel | None:
        """The key with this id, or the only key when a token names none."""
        if (sleutel := self._zoek(kid)) is None:
            await self._ververs()
            sleutel = self._zoek(kid)
        return sleutel

    def _zoek(self, kid: str | None) -> Sleutel | None:
        if kid is not None:
            return self._sleutels.get(kid)
        alle = list(self._sleutels.values())
        return alle[0] if len(alle) == 1 else None

    async def _ververs(self) -> None:
        async with self._slot:
            if time.monotonic() >= self._weer_vanaf:
                await self._haal_op()
        if not self._sleutels:
            raise SleutelsOnbereikbaar(
                "sleutels-onbereikbaar", "uw aanmelding kan nu niet worden gecontroleerd"
            )

    async def _haal_op(self) -> None:
        try:
            async with asyncio.timeout(2 * GEDULD):
                gelezen = await asyncio.to_thread(self._lees)
            self._sleutels = _lees_sleutels(gelezen)
        except (OSError, ValueError, HTTPException) as fout:
            self._weer_vanaf = time.monotonic() + PAUZE_NA_FOUT
            log.warning("sleutels_onbereikbaar", soort=type(fout).__name__)
            return
        self._weer_vanaf = time.monotonic() + PAUZE
        log.info("sleutels_opgehaald", aantal=len(self._sleutels))

    def _lees(self) -> bytes:
        if not self._is_adres:
            return Path(self._plaats).read_bytes()
        opener = urllib.request.build_opener(_GeenOmleiding)
        # The scheme is checked with the settings: https, or http on loopback.
        with opener.open(self._plaats, timeout=GEDULD) as bron:
            gelezen: bytes = bron.read(GROOTSTE + 1)
        if len(gelezen) > GROOTSTE:
            raise ValueError("de sleutelverzameling is te groot")
        return gelezen


class _GeenOmleiding(urllib.request.HTTPRedirectHandler):
    """An issuer's keys come from the address that was set, not from where it points to."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> None:
        """Raises, whatever the answer."""
        del msg, newurl
        raise urllib.error.HTTPError(req.full_url, code, "omleiding geweigerd", headers, fp)


def _lees_sleutels(gelezen: bytes) -> Mapping[str, Sleutel]:
    """Only public-key signatures: a symmetric key in a JWKS would let everyone sign."""
    inhoud = json.loads(gelezen)
    lijst = inhoud.get("keys") if isinstance(inhoud, dict) else None
    if not isinstance(lijst, list):
        raise ValueError("dit is geen JWKS")  # noqa: TRY004 - it is the content that is wrong
    bruikbaar = (sleutel for een in lijst if (sleutel := _bruikbaar(een)) is not None)
    return {_kid(sleutel): sleutel for sleutel in bruikbaar}


def _bruikbaar(beschrijving: Any) -> Sleutel | None:
    if not isinstance(beschrijving, dict) or beschrijving.get("use", "sig") != "sig":
        return None
    if beschrijving.get("kty") not in {"RSA", "EC", "OKP"}:
        return None
    if beschrijving["kty"] == "RSA" and len(str(beschrijving.get("n", ""))) * 6 < _RSA_BITS:
        return None
    try:
        sleutel = JWKRegistry.import_key(beschrijving)
    except (JoseError, KeyError):
        return None
    return sleutel if isinstance(sleutel, Sleutel) else None


def _kid(sleutel: Sleutel) -> str:
    return sleutel.kid or sleutel.thumbprint()
