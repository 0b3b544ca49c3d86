"""The steps of uitvoeren alone, as commands over HTTP; the common ones stand in the skelet."""

from typing import Literal

from schakel.contracts.feit import Code
from schakel.contracts.melding import Meldersoort
from schakel.contracts.uitvoeren import Besluit
from schakel.contracts.werkstromen import PROCES_VAN, Meldingsoort
from schakel.kern.grond.verzoek import Verzoek
from schakel.skelet.stappen.opdracht import Actie, Bij, Leeg, Tekst

from .domein import Aanvraag


class Planning(Leeg):
    """It is known when and by whom."""

    def doe(self, melding: Aanvraag, bij: Bij) -> None:
        """Ask it."""
        melding.plan()


class Uitvoering(Verzoek):
    """The act is done; a refusal is a delivered service too."""

    besluit: Besluit = Besluit.GELEVERD

    def doe(self, melding: Aanvraag, bij: Bij) -> None:
        """Ask it."""
        melding.voer_uit(self.besluit)


class Signalering(Verzoek):
    """Monitoring saw something that deserves a melding of its own."""

    meldingsoort: Literal[Meldingsoort.FOUTMELDING, Meldingsoort.VERBETERVOORSTEL]
    dienst: Code | None = None
    tekst: Tekst

    def doe(self, melding: Aanvraag, bij: Bij) -> None:
        """Ask it."""
        naar = PROCES_VAN[self.meldingsoort]
        ambtenaar = Meldersoort.AMBTENAAR
        melding.signaleer(bij.nieuwe_melding(melding, naar, self.dienst, self.tekst, ambtenaar))


ACTIES: tuple[Actie[Aanvraag], ...] = (
    Actie("planningen", Planning, "Leg vast dat de uitvoering is gepland"),
    Actie("uitvoeringen", Uitvoering, "Leg vast wat is uitgevoerd"),
    Actie("signaleringen", Signalering, "Laat uit bewaking een nieuwe melding voortkomen"),
)
