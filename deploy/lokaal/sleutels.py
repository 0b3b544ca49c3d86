"""Keys for servers and who comes to them: an authority, what it signs, and passwords."""

import ipaddress
import secrets
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

GELDIG = timedelta(days=3650)
SERVERS = {"broker": "kafka", "postgres": "postgres"}
"""Who is a server, and what compose.yaml calls it; all others only come to one."""


class Sleutels:
    """A folder with keys; what is not there yet is made when it is asked for."""

    def __init__(self, map_: Path) -> None:
        self.map = map_

    @property
    def ca(self) -> Path:
        """The certificate that says whom to trust."""
        return self._ca[0]

    def certificaat(self, naam: str, oin: str | None = None) -> tuple[Path, Path]:
        """A certificate with this common name, and its key.

        With ``oin`` it is that of an organisation for its partners: it calls and is called.
        """
        certificaat, sleutel = self.map / f"{naam}.pem", self.map / f"{naam}.sleutel.pem"
        if not certificaat.exists():
            ca_sleutel = _lees(self._ca[1])
            eigen = ec.generate_private_key(ec.SECP256R1())
            ca = x509.load_pem_x509_certificate(self.ca.read_bytes())
            bouw = _bouw(naam, ca.subject, eigen.public_key(), oin)
            doelen = [ExtendedKeyUsageOID.CLIENT_AUTH]
            if host := SERVERS.get(naam, "localhost" if oin else None):
                doelen.append(ExtendedKeyUsageOID.SERVER_AUTH)
                bouw = bouw.add_extension(_hosts(host), critical=False)
            uitgever = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_sleutel.public_key())
            bouw = (
                bouw.add_extension(x509.ExtendedKeyUsage(doelen), critical=False)
                .add_extension(uitgever, critical=False)
                .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
                .add_extension(_gebruik(digital_signature=True), critical=True)
            )
            _schrijf(sleutel, _als_pem(eigen))
            _schrijf(certificaat, _pem(bouw.sign(ca_sleutel, hashes.SHA256())))
        return certificaat, sleutel

    def bundel(self, naam: str) -> Path:
        """Key and certificates in one file, as Kafka wants a key store."""
        bundel = self.map / f"{naam}.bundel.pem"
        certificaat, sleutel = self.certificaat(naam)
        _schrijf(bundel, b"".join(p.read_bytes() for p in (sleutel, certificaat, self.ca)))
        return bundel

    def heeft_wachtwoord(self, naam: str) -> bool:
        """Whether it was made before."""
        return self._wachtwoordbestand(naam).exists()

    def wachtwoord(self, naam: str) -> Path:
        """A password, in a file."""
        bestand = self._wachtwoordbestand(naam)
        if not bestand.exists():
            _schrijf(bestand, secrets.token_hex(16).encode())
        return bestand

    def _wachtwoordbestand(self, naam: str) -> Path:
        return self.map / f"{naam}.wachtwoord"

    @cached_property
    def _ca(self) -> tuple[Path, Path]:
        certificaat, sleutel = self.map / "ca.pem", self.map / "ca.sleutel.pem"
        if not certificaat.exists():
            eigen = ec.generate_private_key(ec.SECP256R1())
            naam = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "schakel lokaal")])
            bouw = (
                _bouw("schakel lokaal", naam, eigen.public_key())
                .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
                .add_extension(_gebruik(key_cert_sign=True, crl_sign=True), critical=True)
            )
            _schrijf(sleutel, _als_pem(eigen))
            _schrijf(certificaat, _pem(bouw.sign(eigen, hashes.SHA256())))
        return certificaat, sleutel


def _hosts(host: str) -> x509.SubjectAlternativeName:
    """What a server may be called: as in compose.yaml, and on this machine."""
    hier = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    return x509.SubjectAlternativeName([x509.DNSName(host), x509.DNSName("localhost"), hier])


def _gebruik(**mag: bool) -> x509.KeyUsage:
    """For this and nothing else: from Python 3.13 on nobody trusts what does not say so."""
    geen = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**geen | mag)


def _bouw(
    naam: str, uitgever: x509.Name, sleutel: ec.EllipticCurvePublicKey, oin: str | None = None
) -> x509.CertificateBuilder:
    nu = datetime.now(UTC)
    delen = [x509.NameAttribute(NameOID.COMMON_NAME, naam)]
    if oin is not None:
        delen.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, oin))
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name(delen))
        .issuer_name(uitgever)
        .public_key(sleutel)
        .serial_number(x509.random_serial_number())
        .not_valid_before(nu - timedelta(hours=1))
        .not_valid_after(nu + GELDIG)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(sleutel), critical=False)
    )


def _pem(certificaat: x509.Certificate) -> bytes:
    return certificaat.public_bytes(serialization.Encoding.PEM)


def _als_pem(sleutel: ec.EllipticCurvePrivateKey) -> bytes:
    return sleutel.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,  # the only form that Kafka reads
        serialization.NoEncryption(),
    )


def _lees(bestand: Path) -> ec.EllipticCurvePrivateKey:
    sleutel = serialization.load_pem_private_key(bestand.read_bytes(), None)
    if not isinstance(sleutel, ec.EllipticCurvePrivateKey):
        raise TypeError(bestand)
    return sleutel


def _schrijf(bestand: Path, inhoud: bytes) -> None:
    bestand.parent.mkdir(mode=0o700, exist_ok=True)
    bestand.touch(mode=0o600)
    bestand.write_bytes(inhoud)
