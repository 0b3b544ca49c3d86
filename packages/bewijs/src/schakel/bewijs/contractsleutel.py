"""Keys that contracts are signed with: EC P-256 or RSA, as a JWK (RFC 7517), known by thumbprint.

They are not the keys of logs (``sleutel``): a contract key stays for years, and may be that of a
certificate of the organisation.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.x509.oid import NameOID

from .fout import BewijsFout
from .schrift import als_base64url, uit_base64, uit_base64url

RSA_BITS: Final = range(2_048, 16_385)

_P256: Final = 32
_GEHEIM: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CERTIFICATEN_MAX: Final = 10

Publiek = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True)
class Contractsleutel:
    """What verifies a contract: a public key of one of two kinds."""

    publiek: Publiek

    def __post_init__(self) -> None:
        if isinstance(self.publiek, ec.EllipticCurvePublicKey):
            if not isinstance(self.publiek.curve, ec.SECP256R1):
                raise BewijsFout("sleutel", "een contractsleutel van soort EC is op P-256")
        elif self.publiek.key_size not in RSA_BITS:
            raise BewijsFout("sleutel", f"een RSA-sleutel heeft minstens {RSA_BITS.start} bits")

    @property
    def alg(self) -> str:
        """The one algorithm that goes with this kind of key."""
        return "ES256" if isinstance(self.publiek, ec.EllipticCurvePublicKey) else "RS256"

    @cached_property
    def jwk(self) -> Mapping[str, str]:
        """The members that make the key, in the order of RFC 7638."""
        if isinstance(self.publiek, rsa.RSAPublicKey):
            getallen = self.publiek.public_numbers()
            return {"e": _getal(getallen.e), "kty": "RSA", "n": _getal(getallen.n)}
        punt = self.publiek.public_numbers()
        x, y = (als_base64url(deel.to_bytes(_P256)) for deel in (punt.x, punt.y))
        return {"crv": "P-256", "kty": "EC", "x": x, "y": y}

    @cached_property
    def kid(self) -> str:
        """The thumbprint (RFC 7638): base64url of a SHA-256."""
        return als_base64url(sha256(json.dumps(self.jwk, separators=(",", ":")).encode()).digest())

    def klopt(self, bericht: bytes, handtekening: bytes) -> bool:
        """Whether this key gave this signature, in the form of JWS."""
        try:
            if isinstance(self.publiek, rsa.RSAPublicKey):
                self.publiek.verify(handtekening, bericht, padding.PKCS1v15(), hashes.SHA256())
            elif len(handtekening) == 2 * _P256:
                r, s = (int.from_bytes(d) for d in (handtekening[:_P256], handtekening[_P256:]))
                self.publiek.verify(encode_dss_signature(r, s), bericht, ec.ECDSA(hashes.SHA256()))
            else:
                return False
        except InvalidSignature:
            return False
        return True


class Contractondertekenaar:
    """Who signs contracts: a private key."""

    def __init__(self, privaat: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
        """Refuses a key that could not verify afterwards."""
        self._privaat = privaat
        self.sleutel = Contractsleutel(privaat.public_key())

    def teken(self, bericht: bytes) -> bytes:
        """Sign, in the form of JWS."""
        if isinstance(self._privaat, rsa.RSAPrivateKey):
            return self._privaat.sign(bericht, padding.PKCS1v15(), hashes.SHA256())
        r, s = decode_dss_signature(self._privaat.sign(bericht, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_P256) + s.to_bytes(_P256)


def lees_jwk(jwk: Mapping[str, Any]) -> Contractsleutel:
    """The public key in a JWK; members that say nothing of the key are ignored."""
    if _GEHEIM & jwk.keys():
        raise BewijsFout("sleutel", "een private sleutel hoort niet in een overeenkomst")
    try:
        if jwk.get("kty") == "EC" and jwk.get("crv") == "P-256":
            x, y = (_deel(jwk, naam) for naam in "xy")
            if len(x) == len(y) == _P256:
                punt = (int.from_bytes(x), int.from_bytes(y))
                return Contractsleutel(
                    ec.EllipticCurvePublicNumbers(*punt, ec.SECP256R1()).public_key()
                )
        elif jwk.get("kty") == "RSA":
            e, n = (_deel(jwk, naam) for naam in "en")
            if e[:1] != b"\0" != n[:1] and 8 * len(n) <= RSA_BITS.stop:
                getallen = rsa.RSAPublicNumbers(int.from_bytes(e), int.from_bytes(n))
                return Contractsleutel(getallen.public_key())
    except (ValueError, UnsupportedAlgorithm):
        raise BewijsFout("sleutel", "dit is geen bruikbare publieke sleutel") from None
    raise BewijsFout("sleutel", "een contractsleutel is een JWK van soort EC (P-256) of RSA")


def keur_certificaat(jwk: Mapping[str, Any], oin: str) -> None:
    """Refuse a JWK whose ``x5c``, when it has one, is not of this key and this organisation.

    To whom the chain leads, and whether it is still valid, is for whoever accepts the contract.
    """
    if "x5c" not in jwk:
        return
    keten = jwk["x5c"]
    if not isinstance(keten, list) or not 0 < len(keten) <= _CERTIFICATEN_MAX:
        raise BewijsFout("sleutel", "x5c is een lijst van certificaten")
    try:
        eerste, *_ = [x509.load_der_x509_certificate(uit_base64(str(een))) for een in keten]
        zelfde = eerste.public_key() == lees_jwk(jwk).publiek
        nummers = eerste.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BewijsFout("sleutel", "x5c bevat iets dat geen certificaat is") from None
    if not zelfde:
        raise BewijsFout("sleutel", "het certificaat in x5c is van een andere sleutel")
    if [een.value for een in nummers] != [oin]:
        raise BewijsFout("sleutel", "het certificaat in x5c noemt een ander OIN")


def _deel(jwk: Mapping[str, Any], naam: str) -> bytes:
    waarde = jwk.get(naam)
    return uit_base64url(waarde if isinstance(waarde, str) else "", "sleutel")


def _getal(getal: int) -> str:
    return als_base64url(getal.to_bytes(-(-getal.bit_length() // 8)))
