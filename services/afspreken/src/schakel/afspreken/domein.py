"""Afspreken: a wens becomes an agreement (W&R), or no agreement.

Own steps (domain, section 3.4): specificeren by Beleid and Uitvoering, aanbod, overeenstemming or
none, vaststelling; then wijzigen carries the agreement out.
"""

from typing import ClassVar

from schakel.contracts.feit import Code
from schakel.contracts.melding import Uitkomst
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.melding import GEMEEN, Melding
from schakel.skelet.stand import Stand
from schakel.skelet.stappen import voorwaarden as v
from schakel.skelet.stappen.einde import Gesloten
from schakel.skelet.stappen.opdracht import Actie, Bij
from schakel.skelet.stappen.stap import EigenStap, stap


class Gespecificeerd(EigenStap, frozen=True):
    """Beleid and Uitvoering specified content, impact on execution, term and cost."""

    NAAM: ClassVar[str] = "afspreken/wens.gespecificeerd"
    STAP: ClassVar[str] = "specificaties"


class AanbodGedaan(EigenStap, frozen=True):
    """The asker got an offer."""

    NAAM: ClassVar[str] = "afspreken/wens.aanbod-gedaan"
    STAP: ClassVar[str] = "aanbiedingen"


class OvereenstemmingBereikt(EigenStap, frozen=True):
    """Asker and organisation agree."""

    NAAM: ClassVar[str] = "afspreken/wens.overeenstemming-bereikt"
    STAP: ClassVar[str] = "overeenstemmingen"


class GeenOvereenstemming(EigenStap, frozen=True):
    """They do not: the wens ends here, its werkstroom stays what it is."""

    NAAM: ClassVar[str] = "afspreken/wens.geen-overeenstemming"
    STAP: ClassVar[str] = "overeenstemmingen"
    reden: str

    def pas_toe(self, op: Stand) -> None:
        super().pas_toe(op)
        op.eindig(Uitkomst.GEEN_OVEREENSTEMMING)


class Vastgesteld(EigenStap, frozen=True):
    """The agreement is decided, under the code ``afspraak``."""

    NAAM: ClassVar[str] = "afspreken/wens.vastgesteld"
    STAP: ClassVar[str] = "vaststellingen"
    afspraak: str


class Wens(Melding):
    """A wens on its way to an agreement."""

    PROCES = Proces.AFSPREKEN
    VOOR_OVERDRACHT = ("specificaties", "aanbiedingen", "overeenstemmingen", "vaststellingen")

    @stap("specificaties", *v.IN_BEHANDELING, v.eenmaal("specificaties"))
    def specificeer(self) -> None:
        """Beleid and Uitvoering have specified the wens."""
        self.gebeurt(Gespecificeerd())

    @stap("aanbiedingen", *v.IN_BEHANDELING, v.na("specificaties"), v.eenmaal("aanbiedingen"))
    def bied_aan(self) -> None:
        """The asker has an offer."""
        self.gebeurt(AanbodGedaan())

    @stap(
        "overeenstemmingen", *v.IN_BEHANDELING, v.na("aanbiedingen"), v.eenmaal("overeenstemmingen")
    )
    def stem_overeen(self, *, bereikt: bool, reden: str) -> None:
        """Agreement, or none: then the wens closes ``geen_overeenstemming`` (section 5)."""
        if bereikt:
            self.gebeurt(OvereenstemmingBereikt())
            return
        self.gebeurt(GeenOvereenstemming(reden))
        self.gebeurt(Gesloten(Uitkomst.GEEN_OVEREENSTEMMING))

    @stap(
        "vaststellingen",
        *v.IN_BEHANDELING,
        v.na("overeenstemmingen"),
        v.eenmaal("vaststellingen"),
    )
    def stel_vast(self, afspraak: str) -> None:
        """The agreement is decided."""
        self.gebeurt(Vastgesteld(afspraak))


GEBEURTENISSEN: tuple[type[Gebeurtenis], ...] = (
    *GEMEEN,
    Gespecificeerd,
    AanbodGedaan,
    OvereenstemmingBereikt,
    GeenOvereenstemming,
    Vastgesteld,
)


class Specificatie(Verzoek):
    """Beleid and Uitvoering have specified the wens."""

    def doe(self, melding: Wens, bij: Bij) -> None:
        melding.specificeer()


class Aanbieding(Verzoek):
    """The asker has an offer."""

    def doe(self, melding: Wens, bij: Bij) -> None:
        melding.bied_aan()


class Overeenstemming(Verzoek):
    """Agreement, or none with a reason."""

    bereikt: bool
    reden: Code = "niet-opgegeven"

    def doe(self, melding: Wens, bij: Bij) -> None:
        melding.stem_overeen(bereikt=self.bereikt, reden=self.reden)


class Vaststelling(Verzoek):
    """The agreement is decided, under this code."""

    afspraak: Code

    def doe(self, melding: Wens, bij: Bij) -> None:
        melding.stel_vast(self.afspraak)


ACTIES: tuple[Actie[Wens], ...] = (
    Actie(
        "specificaties",
        Specificatie,
        "Leg vast dat Beleid en Uitvoering de wens hebben gespecificeerd",
    ),
    Actie("aanbiedingen", Aanbieding, "Leg vast dat een aanbod is gedaan"),
    Actie("overeenstemmingen", Overeenstemming, "Leg vast of er overeenstemming is"),
    Actie("vaststellingen", Vaststelling, "Stel de afspraak vast"),
)
