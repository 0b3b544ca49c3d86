"""The settings that the grens has besides those of kern."""

import ssl
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from schakel.bewijs import BewijsFout, Ondertekenaar, lees_logsleutel
from schakel.kern.grond.instellingen import Instellingen as KernInstellingen
from schakel.kern.grond.weigering import StartFout

LAATSTE_POORT: Final = 65_535


class Instellingen(KernInstellingen):
    """Settings of the grens."""

    partners: Path | None = None
    """The folder of contracts; without it ``<gegevensmap>/partners``."""
    logsleutels: tuple[Path, ...] = ()
    """The private keys of the own logs (PEM, Ed25519), the newest first."""
    partnerpoort: Annotated[int, Field(ge=0, le=LAATSTE_POORT)] | None = None
    """The port of the partner listener; without it the one after ``poort``."""
    partnercertificaat: Path | None = None
    """Key and certificate (PEM) that partners see, whoever calls; its OIN is ours."""
    partner_ca: Path | None = None
    """The authorities (PEM) under which the certificates of partners stand."""
    eigen_hosts: frozenset[str] = frozenset()
    """Hosts in contracts that may have an address of the own network."""
    adressen: dict[str, str] = Field(default_factory=dict)
    """Where the own services are that do not run on this machine, by name."""
    tokenbestand: Path | None = None
    """An access token with the role ``systeem`` for the texts that they have: read each time."""

    @model_validator(mode="after")
    def _weiger_half(self) -> Self:
        if (self.partnercertificaat is None) is not (self.partner_ca is None):
            raise StartFout(
                "partnercertificaat-onvolledig",
                "SCHAKEL_PARTNERCERTIFICAAT en SCHAKEL_PARTNER_CA horen bij elkaar",
            )
        return self

    @model_validator(mode="after")
    def _weiger_poort(self) -> Self:
        if self.partnercertificaat is not None and self.luisterpoort > LAATSTE_POORT:
            raise StartFout(
                "geen-partnerpoort",
                f"na SCHAKEL_POORT {self.poort} komt geen poort meer: zet SCHAKEL_PARTNERPOORT",
            )
        return self

    @property
    def partnermap(self) -> Path:
        """Where the contracts are."""
        return self.partners or self.gegevensmap / "partners"

    @property
    def luisterpoort(self) -> int:
        """Where partners come in; 0 is any."""
        volgende = self.poort + 1 if self.poort else 0
        return volgende if self.partnerpoort is None else self.partnerpoort

    def lees_logsleutels(self, oorsprong: str) -> list[Ondertekenaar]:
        """Who signs this log, the newest first; raises StartFout."""
        gelezen = []
        for pad in self.logsleutels:
            try:
                gelezen.append(lees_logsleutel(pad.read_bytes(), oorsprong))
            except OSError as fout:
                uitleg = f"kan {pad} niet lezen: {fout.strerror}"
                raise StartFout("logsleutel-onleesbaar", uitleg) from fout
            except BewijsFout as fout:
                raise StartFout("logsleutel-onbruikbaar", f"{pad}: {fout.uitleg}") from None
        return gelezen

    def tls_voor_partners(self) -> tuple[ssl.SSLContext, ssl.SSLContext] | None:
        """How partners come in, and how we go out; None without a certificate.

        Raises StartFout.
        """
        if self.partnercertificaat is None or self.partner_ca is None:
            return None
        try:
            binnen = ssl.create_default_context(
                ssl.Purpose.CLIENT_AUTH, cafile=str(self.partner_ca)
            )
            buiten = ssl.create_default_context(cafile=str(self.partner_ca))
            for tls in (binnen, buiten):
                tls.minimum_version = ssl.TLSVersion.TLSv1_2
                tls.load_cert_chain(self.partnercertificaat)
        except OSError as fout:  # an unusable key or certificate is one too
            uitleg = f"SCHAKEL_PARTNERCERTIFICAAT of SCHAKEL_PARTNER_CA: {fout.strerror or fout}"
            raise StartFout("partnercertificaat-onbruikbaar", uitleg) from fout
        binnen.verify_mode = ssl.CERT_REQUIRED
        return binnen, buiten
