"""Private keys in files: new ones, and those that somebody has."""

from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .contractsleutel import Contractondertekenaar
from .fout import BewijsFout
from .schrift import als_base64
from .sleutel import Ondertekenaar

PEM_MAX: Final = 65_536
"""Bytes: no key is so long."""

Privaat = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | Ed25519PrivateKey


def nieuwe_contractsleutel() -> bytes:
    """A new key for contracts (P-256), as PEM without a password."""
    return _als_pem(ec.generate_private_key(ec.SECP256R1()))


def nieuwe_logsleutel() -> bytes:
    """A new key for logs (Ed25519), as PEM without a password."""
    return _als_pem(Ed25519PrivateKey.generate())


def lees_contractsleutel(pem: bytes, wachtwoord: bytes | None = None) -> Contractondertekenaar:
    """Who signs contracts with the key in a PEM."""
    privaat = _lees(pem, wachtwoord)
    if not isinstance(privaat, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise BewijsFout("sleutel", "een contractsleutel is van soort EC (P-256) of RSA")
    return Contractondertekenaar(privaat)


def lees_logsleutel(pem: bytes, oorsprong: str, wachtwoord: bytes | None = None) -> Ondertekenaar:
    """Who signs the log of this origin with the key in a PEM."""
    privaat = _lees(pem, wachtwoord)
    if not isinstance(privaat, Ed25519PrivateKey):
        raise BewijsFout("sleutel", "een logsleutel is van soort Ed25519")
    return Ondertekenaar(oorsprong, privaat.private_bytes_raw())


def lees_certificaten(pem: bytes) -> list[str]:
    """The certificates in a PEM, as ``x5c`` of a JWK has them: that of the key first."""
    try:
        keten = x509.load_pem_x509_certificates(pem[:PEM_MAX])
    except ValueError:
        raise BewijsFout("sleutel", "dit is geen PEM met certificaten") from None
    return [als_base64(een.public_bytes(serialization.Encoding.DER)) for een in keten]


def _als_pem(privaat: Privaat) -> bytes:
    return privaat.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _lees(pem: bytes, wachtwoord: bytes | None) -> object:
    try:
        return serialization.load_pem_private_key(pem[:PEM_MAX], wachtwoord)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BewijsFout(
            "sleutel", "dit is geen PEM met een private sleutel, of het wachtwoord past niet"
        ) from None
