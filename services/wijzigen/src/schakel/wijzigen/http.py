"""The steps of wijzigen alone, as commands over HTTP; the common ones stand in the skelet."""

from schakel.contracts.feit import Code
from schakel.kern.grond.verzoek import Verzoek
from schakel.skelet.stappen.opdracht import Actie, Bij, Leeg

from .domein import Wijziging


class Planning(Leeg):
    """There is a plan."""

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        """Ask it."""
        melding.plan()


class Accordering(Leeg):
    """The plan is approved."""

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        """Ask it."""
        melding.accordeer()


class Voorbereiding(Leeg):
    """The change is built."""

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        """Ask it."""
        melding.bereid_voor()


class Test(Verzoek):
    """Whether the test succeeded; if not, prepare again."""

    geslaagd: bool

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        """Ask it."""
        melding.test(geslaagd=self.geslaagd)


class Vrijgave(Leeg):
    """The change may be carried out."""

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        """Ask it."""
        melding.geef_vrij()


class Registratie(Verzoek):
    """The register shows the change in this part."""

    onderdeel: Code

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        """Ask it."""
        melding.werk_register_bij(self.onderdeel)


ACTIES: tuple[Actie[Wijziging], ...] = (
    Actie("planningen", Planning, "Leg vast dat de wijziging is gepland"),
    Actie("accorderingen", Accordering, "Accordeer de planning"),
    Actie("voorbereidingen", Voorbereiding, "Leg vast dat de wijziging is voorbereid"),
    Actie("testen", Test, "Leg de uitkomst van de test vast"),
    Actie("vrijgaven", Vrijgave, "Geef de wijziging vrij voor uitvoering"),
    Actie("registraties", Registratie, "Werk het register van beheerde infrastructuur bij"),
)
