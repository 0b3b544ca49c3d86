"""An issuer of tokens, as good and as bad as a test wants them."""

import base64
import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from joserfc.jws import JWSRegistry

from schakel.kern.geheim.token import maak_sleutel, munt, schrijf_jwks
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http import Rol

UITGEVER = "https://idp.example.nl"
PUBLIEK = "schakel-proef"
WEG = object()


class Organisatie:
    """An issuer with its key, and the settings of a service that trusts it."""

    def __init__(self, map_: Path) -> None:
        self.map = map_
        self.sleutel = maak_sleutel(map_ / "eigen.json")
        schrijf_jwks(self.sleutel, map_ / "jwks.json")

    def instellingen(self, **anders: Any) -> Instellingen:
        vast = {
            "gegevensmap": self.map,
            "uitgever": UITGEVER,
            "publiek": PUBLIEK,
            "jwks": str(self.map / "jwks.json"),
        }
        return Instellingen(**(vast | anders))

    def token(self, *rollen: Rol, sub: str = "wie@example.nl") -> str:
        return munt(
            self.sleutel,
            uitgever=UITGEVER,
            publiek=PUBLIEK,
            sub=sub,
            rollen=rollen,
            geldig=timedelta(minutes=5),
        )

    def vrij_token(
        self, kop: dict[str, Any] | None = None, sleutel: Any = None, **claims: Any
    ) -> str:
        nu = int(time.time())
        vast = {"iss": UITGEVER, "aud": PUBLIEK, "sub": "jan", "exp": nu + 60, "roles": ["lezer"]}
        inhoud = {naam: waarde for naam, waarde in (vast | claims).items() if waarde is not WEG}
        kop = {"alg": "ES256", "kid": self.sleutel.kid} | (kop or {})
        kop = {naam: waarde for naam, waarde in kop.items() if waarde is not WEG}
        # By hand: a library refuses to make what an attacker would.
        deel = f"{b64(json.dumps(kop).encode())}.{b64(json.dumps(inhoud).encode())}"
        wijze = JWSRegistry.algorithms[str(kop["alg"])]
        return f"{deel}.{b64(wijze.sign(deel.encode(), sleutel or self.sleutel))}"


def b64(ruw: bytes) -> str:
    return base64.urlsafe_b64encode(ruw).rstrip(b"=").decode()


def drager(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
