"""What only afspreken says."""

from typing import ClassVar

from .feit import Code, Feit


class OvereenstemmingBereikt(Feit):
    """Beleid and Uitvoering agree with the asker on content, impact, term and cost."""

    type: ClassVar[str] = "nl.meldingen.afspreken.overeenstemming-bereikt.v1"


class GeenOvereenstemming(Feit):
    """No agreement on the wens: it closes ``geen_overeenstemming``, its werkstroom stays."""

    type: ClassVar[str] = "nl.meldingen.afspreken.geen-overeenstemming.v1"
    reden: Code


class Vastgesteld(Feit):
    """The agreement (W&R) is decided and in force as ``afspraak``."""

    type: ClassVar[str] = "nl.meldingen.afspreken.vastgesteld.v1"
    afspraak: Code


EIGEN: tuple[type[Feit], ...] = (OvereenstemmingBereikt, GeenOvereenstemming, Vastgesteld)
