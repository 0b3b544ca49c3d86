"""The steps of afspreken alone, as commands over HTTP; the common ones stand in the skelet."""

from schakel.contracts.feit import Code
from schakel.kern.grond.verzoek import Verzoek
from schakel.skelet.stappen.opdracht import Actie, Bij

from .domein import Wens


class Specificatie(Verzoek):
    """Beleid and Uitvoering have specified the wens."""

    def doe(self, melding: Wens, bij: Bij) -> None:
        """Ask it."""
        melding.specificeer()


class Aanbieding(Verzoek):
    """The asker has an offer."""

    def doe(self, melding: Wens, bij: Bij) -> None:
        """Ask it."""
        melding.bied_aan()


class Overeenstemming(Verzoek):
    """Agreement, or none with a reason."""

    bereikt: bool
    reden: Code = "niet-opgegeven"

    def doe(self, melding: Wens, bij: Bij) -> None:
        """Ask it."""
        melding.stem_overeen(bereikt=self.bereikt, reden=self.reden)


class Vaststelling(Verzoek):
    """The agreement is decided, under this code."""

    afspraak: Code

    def doe(self, melding: Wens, bij: Bij) -> None:
        """Ask it."""
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
