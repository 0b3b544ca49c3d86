"""The public keys that tokens are checked against: from our own setting, never from a token."""

import asyncio
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Any, Final

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from schakel.contracts.strikt import lees_json
from schakel.kern.grond.weigering import StartFout

from .ophalen import Ophaler, is_adres
from .problemen import SleutelsOnbereikbaar

log = structlog.get_logger()

Sleutel = RSAKey | ECKey | OKPKey
PAUZE: Final = 60.0
"""Seconds between two reads: who makes up key ids must not make us hammer the issuer."""
PAUZE_NA_FOUT: Final = 5.0
GROOTSTE: Final = 262_144
MEESTE_WACHTENDEN: Final = 32
"""Requests that wait for the issuer: their connections are not there for anybody else."""
_RSA_BITS: Final = range(2_048, 16_385)


class Sleutelbron:
    """Reads a JWKS from a file or an address, again when an unknown key id turns up."""

    def __init__(self, plaats: str) -> None:
        """A file is read now (StartFout when that fails), an address when first needed."""
        self._ophaler = Ophaler(plaats, GROOTSTE)
        self._sleutels: Mapping[str, Sleutel] = {}
        self._weer_vanaf = 0.0
        self._slot = asyncio.Lock()
        self._wachtenden = 0
        if not is_adres(plaats):
            try:
                self._sleutels = _lees_sleutels(self._ophaler.lees())
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
        if self._wachtenden < MEESTE_WACHTENDEN:
            self._wachtenden += 1
            try:
                async with self._slot:
                    if time.monotonic() >= self._weer_vanaf:
                        await self._haal_op()
            finally:
                self._wachtenden -= 1
        if not self._sleutels:
            raise SleutelsOnbereikbaar(
                "sleutels-onbereikbaar", "uw aanmelding kan nu niet worden gecontroleerd"
            )

    async def _haal_op(self) -> None:
        try:
            self._sleutels = _lees_sleutels(await self._ophaler.haal())
        except (OSError, ValueError, HTTPException) as fout:
            self._weer_vanaf = time.monotonic() + PAUZE_NA_FOUT
            log.warning("sleutels_onbereikbaar", soort=type(fout).__name__)
            return
        self._weer_vanaf = time.monotonic() + PAUZE
        log.info("sleutels_opgehaald", aantal=len(self._sleutels))


def _lees_sleutels(gelezen: bytes) -> Mapping[str, Sleutel]:
    """Only public-key signatures: a symmetric key in a JWKS would let everyone sign."""
    inhoud = lees_json(gelezen)
    lijst = inhoud.get("keys") if isinstance(inhoud, dict) else None
    if not isinstance(lijst, list):
        raise ValueError("dit is geen JWKS")  # noqa: TRY004 - it is the content that is wrong
    bruikbaar = (sleutel for een in lijst if (sleutel := _bruikbaar(een)) is not None)
    return {_kid(sleutel): sleutel for sleutel in bruikbaar}


def _bruikbaar(beschrijving: Any) -> Sleutel | None:
    """None for a key that is of another kind or use, or is no key at all: others may be good."""
    if not isinstance(beschrijving, dict) or beschrijving.get("use", "sig") != "sig":
        return None
    kort = 6 * len(str(beschrijving.get("n")).lstrip("A")) < _RSA_BITS.start
    if (soort := beschrijving.get("kty")) not in ("RSA", "EC", "OKP") or (soort == "RSA" and kort):
        return None
    try:
        sleutel = JWKRegistry.import_key(beschrijving)
        geladen: Any = sleutel.raw_value
    except (JoseError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return None
    if not isinstance(sleutel, Sleutel) or not (
        hasattr(geladen, "verify") or hasattr(geladen, "sign")
    ):
        return None
    if isinstance(sleutel, RSAKey) and geladen.key_size not in _RSA_BITS:
        return None
    return sleutel


def _kid(sleutel: Sleutel) -> str:
    return sleutel.kid or sleutel.thumbprint()
