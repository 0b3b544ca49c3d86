"""Uitvoeren: deliver, the leaf of every werkstroom.

Own steps (domain, section 3.4): plannen, uitvoeren, bewaken. Monitoring may give rise to a
foutmelding or a verbetervoorstel of its own. A refusal is a delivered service (section 5).
"""

from typing import ClassVar, Literal

from schakel.contracts.feit import Code
from schakel.contracts.melding import Meldersoort
from schakel.contracts.uitvoeren import Besluit
from schakel.contracts.werkstromen import PROCES_VAN, Meldingsoort, Proces
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.melding import GEMEEN, Melding
from schakel.skelet.stand import Stand
from schakel.skelet.stappen import voorwaarden as v
from schakel.skelet.stappen.opdracht import Actie, Bij, Tekst
from schakel.skelet.stappen.stap import EigenStap, stap
from schakel.skelet.stappen.voortgekomen import NieuweMelding, Voortgekomen, nieuwe_melding


class UitvoeringGepland(EigenStap, frozen=True):
    """It is known when and by whom."""

    NAAM: ClassVar[str] = "uitvoeren/aanvraag.gepland"
    STAP: ClassVar[str] = "planningen"


class Uitgevoerd(EigenStap, frozen=True):
    """The act is done, with this besluit. A ronde of the leaf is a new act."""

    NAAM: ClassVar[str] = "uitvoeren/aanvraag.uitgevoerd"
    STAP: ClassVar[str] = "uitvoeringen"
    besluit: Besluit

    def pas_toe(self, op: Stand) -> None:
        op.begin_ronde(op.ronde + 1 if op.wil_nieuwe_ronde else op.ronde)
        super().pas_toe(op)


class Aanvraag(Melding):
    """Something to deliver."""

    PROCES = Proces.UITVOEREN
    VOOR_GEREEDMELDING = ("uitvoeringen",)
    STAPPEN_PER_RONDE = frozenset({"uitvoeringen"})

    @stap("planningen", *v.IN_BEHANDELING, v.eenmaal("planningen"))
    def plan(self) -> None:
        """It is known when and by whom."""
        self.gebeurt(UitvoeringGepland())

    @stap("uitvoeringen", *v.IN_BEHANDELING, v.na("planningen"), v.eenmaal("uitvoeringen"))
    def voer_uit(self, besluit: Besluit) -> None:
        """The act is done."""
        self.gebeurt(Uitgevoerd(besluit))

    @stap("signaleringen", *v.IN_BEHANDELING)
    def signaleer(self, nieuw: NieuweMelding) -> None:
        """Monitoring saw something: a melding of its own, nobody waits."""
        self.gebeurt(Voortgekomen("monitoring", nieuw))


GEBEURTENISSEN: tuple[type[Gebeurtenis], ...] = (*GEMEEN, UitvoeringGepland, Uitgevoerd)


class Planning(Verzoek):
    """It is known when and by whom."""

    def doe(self, melding: Aanvraag, bij: Bij) -> None:
        melding.plan()


class Uitvoering(Verzoek):
    """The act is done; a refusal is a delivered service too."""

    besluit: Besluit = Besluit.GELEVERD

    def doe(self, melding: Aanvraag, bij: Bij) -> None:
        melding.voer_uit(self.besluit)


class Signalering(Verzoek):
    """Monitoring saw something that deserves a melding of its own."""

    meldingsoort: Literal[Meldingsoort.FOUTMELDING, Meldingsoort.VERBETERVOORSTEL]
    dienst: Code | None = None
    tekst: Tekst

    def doe(self, melding: Aanvraag, bij: Bij) -> None:
        naar = PROCES_VAN[self.meldingsoort]
        ambtenaar = Meldersoort.AMBTENAAR
        melding.signaleer(nieuwe_melding(melding, naar, self.dienst, self.tekst, bij, ambtenaar))


ACTIES: tuple[Actie[Aanvraag], ...] = (
    Actie("planningen", Planning, "Leg vast dat de uitvoering is gepland"),
    Actie("uitvoeringen", Uitvoering, "Leg vast wat is uitgevoerd"),
    Actie("signaleringen", Signalering, "Laat uit bewaking een nieuwe melding voortkomen"),
)
