"""Certificates for organisations on one machine: an authority, and one for each OIN under it.

For a demo and for tests. Between organisations on a network a public authority gives them.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

GELDIG: Final = timedelta(days=30)


class Uitgever:
    """An authority, and certificates with an OIN as the serial number of their subject."""

    def __init__(self, map_: Path) -> None:
        """Make one; all it writes comes in ``map_``."""
        self._map = map_
        self._sleutel = ec.generate_private_key(ec.SECP256R1())
        self._naam = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "schakel proef")])
        grens = x509.BasicConstraints(ca=True, path_length=0)
        ca = self._bouw(self._naam, self._sleutel.public_key(), grens).sign(
            self._sleutel, hashes.SHA256()
        )
        self.ca = map_ / "ca.pem"
        """Whom to trust."""
        self.ca.write_bytes(ca.public_bytes(serialization.Encoding.PEM))

    def _bouw(
        self, naam: x509.Name, sleutel: ec.EllipticCurvePublicKey, grens: x509.BasicConstraints
    ) -> x509.CertificateBuilder:
        nu = datetime.now(UTC)
        teken = x509.KeyUsage(
            *(not grens.ca, False, False, False, False, grens.ca, grens.ca, False, False)
        )
        uitgever = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._sleutel.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(naam)
            .issuer_name(self._naam)
            .public_key(sleutel)
            .serial_number(x509.random_serial_number())
            .not_valid_before(nu - timedelta(hours=1))
            .not_valid_after(nu + GELDIG)
            .add_extension(grens, critical=True)
            .add_extension(teken, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(sleutel), critical=False)
            .add_extension(uitgever, critical=False)
        )

    def certificaat(self, oin: str) -> Path:
        """Key and certificate in one file, for whoever listens on localhost."""
        sleutel = ec.generate_private_key(ec.SECP256R1())
        delen = [(NameOID.COMMON_NAME, "localhost"), (NameOID.SERIAL_NUMBER, oin)]
        naam = x509.Name([x509.NameAttribute(soort, waarde) for soort, waarde in delen])
        host = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        grens = x509.BasicConstraints(ca=False, path_length=None)
        getekend = (
            self._bouw(naam, sleutel.public_key(), grens)
            .add_extension(host, critical=False)
            .sign(self._sleutel, hashes.SHA256())
        )
        pad = self._map / f"{oin}.pem"
        pad.touch(mode=0o600)
        pad.write_bytes(
            sleutel.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + getekend.public_bytes(serialization.Encoding.PEM)
        )
        return pad
