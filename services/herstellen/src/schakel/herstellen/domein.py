"""Herstellen: restore the service to what was agreed; actual and threatening failures.

Own steps (domain, section 3.4): analyseren, workaround; then choose the way, with a change or not:
the hand-over to wijzigen or uitvoeren is that choice.
"""

from typing import ClassVar

from schakel.contracts.feit import Code
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.melding import GEMEEN, Melding
from schakel.skelet.stappen import voorwaarden as v
from schakel.skelet.stappen.opdracht import Actie, Bij
from schakel.skelet.stappen.rand import Gekoppeld
from schakel.skelet.stappen.stap import EigenStap, stap
from schakel.skelet.stappen.voortgekomen import NieuweMelding, Voorstel, Voortgekomen


class Geanalyseerd(EigenStap, frozen=True):
    """It is known what is wrong; ``oorzaak`` is its code, if there is one."""

    NAAM: ClassVar[str] = "herstellen/storing.geanalyseerd"
    STAP: ClassVar[str] = "analyses"
    oorzaak: str | None = None


class WorkaroundGeboden(EigenStap, frozen=True):
    """The melder can go on for now."""

    NAAM: ClassVar[str] = "herstellen/storing.workaround-geboden"
    STAP: ClassVar[str] = "workarounds"
    workaround: str


class Storing(Melding):
    """A failure, actual or threatening."""

    PROCES = Proces.HERSTELLEN
    VOOR_OVERDRACHT = ("analyses",)

    @stap("analyses", *v.IN_BEHANDELING, v.eenmaal("analyses"))
    def analyseer(self, oorzaak: str | None) -> None:
        """It is known what is wrong."""
        self.gebeurt(Geanalyseerd(oorzaak))

    @stap("workarounds", *v.IN_BEHANDELING, v.na("analyses"), v.eenmaal("workarounds"))
    def bied_workaround(self, workaround: str, voorstel: NieuweMelding | None) -> None:
        """A workaround is a koppeling; its structural part a verbetervoorstel (section 5)."""
        self.gebeurt(WorkaroundGeboden(workaround))
        if voorstel is not None:
            self.gebeurt(Voortgekomen("workaround", voorstel))
            self.gebeurt(Gekoppeld(voorstel.id, voorstel.naar, "workaround"))


GEBEURTENISSEN: tuple[type[Gebeurtenis], ...] = (*GEMEEN, Geanalyseerd, WorkaroundGeboden)


class Analyse(Verzoek):
    """What is wrong, as a code if there is one."""

    oorzaak: Code | None = None

    def doe(self, melding: Storing, bij: Bij) -> None:
        melding.analyseer(self.oorzaak)


class Workaround(Verzoek):
    """The melder can go on for now; the structural part is a verbetervoorstel."""

    workaround: Code
    verbetervoorstel: Voorstel | None = None

    def doe(self, melding: Storing, bij: Bij) -> None:
        voorstel = self.verbetervoorstel
        melding.bied_workaround(
            self.workaround, voorstel.nieuwe_melding(melding, bij) if voorstel else None
        )


ACTIES: tuple[Actie[Storing], ...] = (
    Actie("analyses", Analyse, "Leg vast wat er aan de hand is"),
    Actie("workarounds", Workaround, "Bied een workaround"),
)
