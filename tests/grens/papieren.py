"""Certificates that are not good: of another time, another authority, or somebody else."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .organisaties import Uitgever


def schrijf_certificaat(
    uitgever: Uitgever, pad: Path, nummers: Sequence[str], dagen: tuple[float, float] = (-30, 1)
) -> Path:
    """Key and certificate of this authority for localhost; valid from and to, in days from now."""
    sleutel = ec.generate_private_key(ec.SECP256R1())
    delen = [(NameOID.COMMON_NAME, "localhost"), *((NameOID.SERIAL_NUMBER, n) for n in nummers)]
    naam = x509.Name([x509.NameAttribute(soort, waarde) for soort, waarde in delen])
    ca = x509.load_pem_x509_certificate(uitgever.ca.read_bytes())
    nu, publiek = datetime.now(UTC), sleutel.public_key()
    vanaf, tot = (nu + timedelta(days=dag) for dag in dagen)
    bouwer = x509.CertificateBuilder(ca.subject, naam, publiek, x509.random_serial_number())
    getekend = (
        bouwer.not_valid_before(vanaf)
        .not_valid_after(tot)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(uitgever._sleutel.public_key()),
            critical=False,
        )
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(uitgever._sleutel, hashes.SHA256())
    )
    pad.write_bytes(
        sleutel.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + getekend.public_bytes(serialization.Encoding.PEM)
    )
    return pad


class Papieren:
    """Whom to trust is as it should be; the certificate is this one."""

    def __init__(self, ca: Path, pad: Path) -> None:
        self.ca, self._pad = ca, pad

    def certificaat(self, oin: str) -> Path:
        """Whoever asks."""
        del oin
        return self._pad
