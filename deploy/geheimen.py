"""Makes the secrets that compose.yaml names, each once; what is there already stays as it is.

The folder can be entered by its owner only. The files in it that compose mounts can be read by
everyone who can enter: it mounts them as they are, and in a container runs another user.
"""

import argparse
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.lokaal.beveiliging import BEHEER, SUPERGEBRUIKERS
from deploy.lokaal.compose import Compose
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.sleutels import SERVERS, Sleutels

from schakel.bewijs import nieuwe_logsleutel
from schakel.kern.geheim.hoofdsleutel import SLEUTEL
from schakel.kern.geheim.token import lees_sleutel, maak_sleutel, schrijf_jwks
from schakel.kern.grond.weigering import StartFout

TOKENSLEUTEL = "token-sleutel.json"
"""Mints tokens. No container gets it."""
UITGEVER = "uitgever"
"""The folder of what makes certificates. No container gets it."""


def maak_geheimen(compose: Compose, map_: Path) -> int:
    """Make what is missing; return how many that were."""
    map_.mkdir(mode=0o700, parents=True, exist_ok=True)
    ontbrekend = [naam for naam in compose.geheimen if not (map_ / naam).exists()]
    for naam in ontbrekend:
        soort, _, van = naam.partition("-")
        if soort not in MAKERS:
            raise InfraFout(f"compose.yaml noemt een onbekend geheim: {naam}")
        MAKERS[soort](map_ / naam, van, compose.oin)
    return len(ontbrekend)


def _tokensleutel(bestand: Path, _van: str, _oin: str) -> None:
    geheim = bestand.with_name(TOKENSLEUTEL)
    schrijf_jwks(lees_sleutel(geheim) if geheim.exists() else maak_sleutel(geheim), bestand)


def _hoofdsleutel(bestand: Path, _van: str, _oin: str) -> None:
    _schrijf(bestand, os.urandom(SLEUTEL))


def _wachtwoord(bestand: Path, van: str, _oin: str) -> None:
    """As a pg_service file: of a pgpass file libpq wants that it is yours, in a container too."""
    wachtwoord = secrets.token_urlsafe(24)
    inhoud = wachtwoord if van == BEHEER else f"[{van}]\npassword={wachtwoord}\n"
    _schrijf(bestand, inhoud.encode())


def _ca(bestand: Path, _van: str, _oin: str) -> None:
    _schrijf(bestand, _uitgever(bestand).ca.read_bytes())


def _uitgever(bestand: Path) -> Sleutels:
    return Sleutels(bestand.with_name(UITGEVER))


def _certificaat(bestand: Path, van: str, oin: str) -> None:
    """Key and certificates together in one file; a service under the name that acls.yaml knows."""
    sleutels = _uitgever(bestand)
    naam = van if van in {*SUPERGEBRUIKERS, *SERVERS} else f"{oin}.{van}"
    _schrijf(bestand, sleutels.bundel(naam).read_bytes())
    # Of a private key there is one copy; whoever removes that asks for a new one.
    for kopie in sleutels.map.glob(f"{naam}.*"):
        kopie.unlink()


def _logsleutel(bestand: Path, _van: str, _oin: str) -> None:
    _schrijf(bestand, nieuwe_logsleutel())


def _partnercertificaat(bestand: Path, van: str, oin: str) -> None:
    """Key and certificate that partners see; what it says of the organisation is its OIN."""
    sleutels = _uitgever(bestand)
    naam = f"partner.{van}"
    certificaat, sleutel = sleutels.certificaat(naam, oin)
    _schrijf(bestand, sleutel.read_bytes() + certificaat.read_bytes())
    for kopie in sleutels.map.glob(f"{naam}.*"):
        kopie.unlink()


MAKERS: Mapping[str, Callable[[Path, str, str], None]] = {
    "jwks": _tokensleutel,
    "hoofdsleutel": _hoofdsleutel,
    "postgres": _wachtwoord,
    "ca": _ca,
    "kafka": _certificaat,
    "tls": _certificaat,
    "logsleutel": _logsleutel,
    "partner": _partnercertificaat,
}


def _schrijf(bestand: Path, inhoud: bytes) -> None:
    """Whole or not at all."""
    nieuw = bestand.with_name(f"{bestand.name}.nieuw")
    nieuw.write_bytes(inhoud)
    nieuw.chmod(0o444)
    nieuw.rename(bestand)


def main() -> None:
    """``make geheimen``."""
    vraag = argparse.ArgumentParser(
        "make geheimen", description="Maakt de geheimen van compose.yaml die er nog niet zijn."
    )
    vraag.parse_args()
    compose = Compose()
    (map_,) = {bestand.parent for bestand in compose.geheimen.values()}
    try:
        aantal = maak_geheimen(compose, map_)
    except (InfraFout, StartFout, OSError) as fout:
        sys.exit(str(fout))
    sys.stderr.write(f"{aantal} geheimen gemaakt in {map_}; {len(compose.geheimen)} zijn er nu\n")


if __name__ == "__main__":
    main()
