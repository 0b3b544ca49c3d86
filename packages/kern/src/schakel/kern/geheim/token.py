"""Tokens of the organisation's own, where there is no identity provider."""

import os
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from schakel.contracts.decoders import decoder_van
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.weigering import Ongeldig, StartFout

ALGORITME: Final = "ES256"
LANGST: Final = timedelta(hours=12)


def maak_sleutel(bestand: Path) -> ECKey:
    """A new signing key, readable by its owner only; StartFout when there is one already."""
    sleutel = ECKey.generate_key("P-256", parameters={"use": "sig", "alg": ALGORITME})
    met_naam: dict[str, str | list[str]] = {
        **sleutel.as_dict(private=True),
        "kid": sleutel.thumbprint(),
    }
    try:
        nummer = os.open(bestand, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as fout:
        raise StartFout(
            "sleutel-niet-gemaakt", f"kan {bestand} niet maken: {fout.strerror}"
        ) from fout
    with os.fdopen(nummer, "wb") as open_bestand:
        open_bestand.write(msgspec.json.encode(met_naam))
        open_bestand.flush()
        os.fsync(open_bestand.fileno())
    return ECKey.import_key(met_naam)


def lees_sleutel(bestand: Path) -> ECKey:
    """The signing key made by ``maak_sleutel``, or StartFout."""
    try:
        velden = decoder_van(dict[str, str | list[str]]).decode(bestand.read_bytes())
        return ECKey.import_key(velden)
    except OSError as fout:
        raise StartFout(
            "sleutel-onleesbaar", f"kan {bestand} niet lezen: {fout.strerror}"
        ) from fout
    except (JoseError, ValueError, KeyError) as fout:
        raise StartFout(
            "sleutel-onbruikbaar", f"{bestand} is geen sleutel van deze organisatie"
        ) from fout


def schrijf_jwks(sleutel: ECKey, bestand: Path) -> None:
    """The public half, for ``SCHAKEL_JWKS`` of every service that must know these tokens."""
    publiek = sleutel.as_dict(private=False)
    bestand.write_bytes(msgspec.json.encode({"keys": [publiek]}))


def munt(
    sleutel: ECKey,
    *,
    uitgever: str,
    publiek: str,
    sub: str,
    rollen: Iterable[Rol],
    geldig: timedelta,
) -> str:
    """A token that lets ``sub`` act in these roles; twelve hours at most."""
    if not timedelta() < geldig <= LANGST:
        uren = LANGST // timedelta(hours=1)
        raise Ongeldig("duur-ongeldig", f"een token geldt langer dan 0 en hoogstens {uren} uur")
    nu = int(time.time())
    claims = {
        "iss": uitgever,
        "sub": sub,
        "aud": publiek,
        "iat": nu,
        "nbf": nu,
        "exp": nu + int(geldig.total_seconds()),
        "roles": sorted(rollen),
    }
    kop = {"alg": ALGORITME, "kid": sleutel.kid, "typ": "at+jwt"}
    return jwt.encode(kop, claims, sleutel, algorithms=[ALGORITME])
