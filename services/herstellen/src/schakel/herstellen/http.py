"""The steps of herstellen alone, as commands over HTTP; the common ones stand in the skelet."""

from schakel.contracts.feit import Code
from schakel.kern.grond.verzoek import Verzoek
from schakel.skelet.stappen.opdracht import Actie, Bij, Voorstel

from .domein import Storing


class Analyse(Verzoek):
    """What is wrong, as a code if there is one."""

    oorzaak: Code | None = None

    def doe(self, melding: Storing, bij: Bij) -> None:
        """Ask it."""
        melding.analyseer(self.oorzaak)


class Workaround(Verzoek):
    """The melder can go on for now; the structural part is a verbetervoorstel."""

    workaround: Code
    verbetervoorstel: Voorstel | None = None

    def doe(self, melding: Storing, bij: Bij) -> None:
        """Ask it."""
        voorstel = self.verbetervoorstel
        melding.bied_workaround(
            self.workaround, voorstel.nieuwe_melding(melding, bij) if voorstel else None
        )


ACTIES: tuple[Actie[Storing], ...] = (
    Actie("analyses", Analyse, "Leg vast wat er aan de hand is"),
    Actie("workarounds", Workaround, "Bied een workaround"),
)
