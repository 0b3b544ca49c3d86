"""Who asks, from the bearer token (D9a): signature, issuer, audience and time, then a pseudonym."""

import hashlib
import hmac
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from schakel.contracts.strikt import HALF_TEKEN
from schakel.kern.geheim.hoofdsleutel import hoofdsleutels_voor, leid_sleutel_af
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.kop import Identiteit
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.weigering import Ongeldig

from .beveiliging import LOKAAL
from .omloop import Poortwachter
from .problemen import NietAangemeld
from .sleutels import Sleutelbron

ALGORITMEN: Final = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
SPELING: Final = 30
"""Seconds that two clocks may differ."""
ONTHOUDEN: Final = 300
"""Seconds that a checked token is believed without checking again, if it lasts that long."""
MEESTE_ONTHOUDEN: Final = 4096
LANGSTE_TOKEN: Final = 8192
LAATSTE_TIJD: Final = 2**40
_SOORTEN: Final = frozenset({None, "jwt", "at+jwt", "application/at+jwt"})


class _Register(JWSRegistry):
    """Takes the headers identity providers send; ``crit`` and the algorithm are still checked."""

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:
        """EdDSA under its old name too: RFC 9864 gives it another, issuers still use this one."""
        return self.algorithms[name] if name == "EdDSA" else super().get_alg(name)


_REGISTER = _Register(algorithms=ALGORITMEN, strict_check_header=False)


class LokalePoortwachter:
    """On loopback without an issuer everyone is ``lokaal`` and may do everything."""

    async def herken(self, koppen: dict[bytes, bytes]) -> Identiteit:
        """Always the same."""
        del koppen
        return LOKAAL


class Tokenpoortwachter:
    """Checks access tokens of one issuer, and remembers the checked ones for a short while."""

    def __init__(
        self,
        bron: Sleutelbron,
        *,
        uitgever: str,
        publiek: str,
        rolclaim: str,
        rolkaart: Mapping[str, Rol],
        pseudoniemsleutel: bytes,
    ) -> None:
        """``rolclaim`` may be a path (``realm_access.roles``)."""
        self._bron = bron
        self._uitgever = uitgever
        self._publiek = publiek
        self._rolclaim = rolclaim
        self._rolkaart = {rol.value: rol for rol in Rol} | dict(rolkaart)
        self._pseudoniemsleutel = pseudoniemsleutel
        self._bekend: OrderedDict[bytes, tuple[Identiteit, float]] = OrderedDict()

    async def herken(self, koppen: dict[bytes, bytes]) -> Identiteit:
        """The identity behind the token, or NietAangemeld whatever is wrong with it."""
        token = _token(koppen)
        vinger = hashlib.sha256(token).digest()
        nu = time.time()
        bekend = self._bekend.get(vinger)
        if bekend is not None and nu < bekend[1]:
            self._bekend.move_to_end(vinger)
            return bekend[0]
        claims = await self._controleer(token, nu)
        identiteit = Identiteit(self._pseudoniem(claims["sub"]), self._rollen(claims))
        self._bekend[vinger] = (identiteit, min(claims["exp"], nu + ONTHOUDEN))
        if len(self._bekend) > MEESTE_ONTHOUDEN:
            self._bekend.popitem(last=False)
        return identiteit

    async def _controleer(self, token: bytes, nu: float) -> dict[str, Any]:
        try:
            kop = jws.extract_compact(token, registry=_REGISTER).headers()
            sleutel = await self._bron.geef(_kid(kop))
            if sleutel is None or str(kop.get("typ", "jwt")).lower() not in _SOORTEN:
                raise NietAangemeld
            claims = jwt.decode(token, sleutel, registry=_REGISTER).claims
        except (JoseError, ValueError, TypeError, KeyError, RecursionError):
            raise NietAangemeld from None
        if not self._geldt(claims, nu):
            raise NietAangemeld
        if HALF_TEKEN.search(claims["sub"]):
            # Of whoever signed this, not of who is guessing: it may be told what is wrong.
            raise Ongeldig("token-ongeldig", "het toegangstoken noemt iemand in halve tekens")
        return claims

    def _geldt(self, claims: Mapping[str, Any], nu: float) -> bool:
        publiek: Any = claims.get("aud")
        eind: Any = claims.get("exp")
        begin: Any = claims.get("nbf", 0)
        sub = claims.get("sub")
        return (
            claims.get("iss") == self._uitgever
            and self._publiek in (publiek if isinstance(publiek, list) else [publiek])
            and _is_tijd(eind)
            and _is_tijd(begin)
            and begin - SPELING <= nu < eind + SPELING
            and isinstance(sub, str)
            and sub != ""
        )

    def _rollen(self, claims: Mapping[str, Any]) -> frozenset[Rol]:
        waarde: Any = claims.get(self._rolclaim)
        if waarde is None:
            waarde = claims
            for deel in self._rolclaim.split("."):
                waarde = waarde.get(deel) if isinstance(waarde, dict) else None
        namen = waarde.split() if isinstance(waarde, str) else waarde
        if not isinstance(namen, list):
            return frozenset()
        return frozenset(
            self._rolkaart[naam]
            for naam in namen
            if isinstance(naam, str) and naam in self._rolkaart
        )

    def _pseudoniem(self, sub: str) -> str:
        """The same person is the same pseudonym; nobody without the key can tell which person."""
        wie = f"{self._uitgever}\0{sub}".encode()
        return "mw-" + hmac.new(self._pseudoniemsleutel, wie, hashlib.sha256).hexdigest()[:20]


def poortwachter_voor(instellingen: Instellingen) -> Poortwachter:
    """The one the settings ask for; the settings refuse to leave the door open to a network."""
    if not (instellingen.uitgever and instellingen.publiek and instellingen.jwks):
        return LokalePoortwachter()
    # The oldest key: with another one everybody in the history would be somebody else.
    *_, oudste = hoofdsleutels_voor(instellingen)
    return Tokenpoortwachter(
        Sleutelbron(instellingen.jwks),
        uitgever=instellingen.uitgever,
        publiek=instellingen.publiek,
        rolclaim=instellingen.rolclaim,
        rolkaart=instellingen.rolkaart,
        pseudoniemsleutel=leid_sleutel_af(oudste, b"schakel/pseudoniem/v1"),
    )


def _token(koppen: dict[bytes, bytes]) -> bytes:
    soort, _, token = koppen.get(b"authorization", b"").partition(b" ")
    if soort.lower() != b"bearer" or not 0 < len(token) <= LANGSTE_TOKEN:
        raise NietAangemeld
    return token


def _kid(kop: Mapping[str, Any]) -> str | None:
    kid = kop.get("kid")
    if kid is not None and not isinstance(kid, str):
        raise NietAangemeld
    return kid


def _is_tijd(waarde: Any) -> bool:
    """A number of seconds; not one that is no number, or has no end."""
    is_getal = isinstance(waarde, int | float) and not isinstance(waarde, bool)
    return is_getal and abs(waarde) < LAATSTE_TIJD
