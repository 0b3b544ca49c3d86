"""Uitvoeren: deliver, the leaf of every werkstroom.

Own steps (domain, section 3.4): plannen, uitvoeren, bewaken. Monitoring may give rise to a
foutmelding or a verbetervoorstel of its own. A refusal is a delivered service (section 5).
"""

from typing import ClassVar

from schakel.contracts.uitvoeren import Besluit
from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stand import Melding
from schakel.skelet.stappen import voorwaarden as v
from schakel.skelet.stappen.begin import GEMEEN, EigenStap, NieuweMelding, Voortgekomen
from schakel.skelet.stappen.stap import stap


class Gepland(EigenStap, frozen=True):
    """It is known when and by whom."""

    NAAM: ClassVar[str] = "uitvoeren/aanvraag.gepland"
    STAP: ClassVar[str] = "planningen"


class Uitgevoerd(EigenStap, frozen=True):
    """The act is done, with this besluit. A ronde of the leaf is a new act."""

    NAAM: ClassVar[str] = "uitvoeren/aanvraag.uitgevoerd"
    STAP: ClassVar[str] = "uitvoeringen"
    besluit: Besluit

    def pas_toe(self, op: Melding) -> None:
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
        self.gebeurt(Gepland())

    @stap("uitvoeringen", *v.IN_BEHANDELING, v.na("planningen"), v.eenmaal("uitvoeringen"))
    def voer_uit(self, besluit: Besluit) -> None:
        """The act is done."""
        self.gebeurt(Uitgevoerd(besluit))

    @stap("signaleringen", *v.IN_BEHANDELING)
    def signaleer(self, nieuw: NieuweMelding) -> None:
        """Monitoring saw something: a melding of its own, nobody waits."""
        self.gebeurt(Voortgekomen("monitoring", nieuw))


GEBEURTENISSEN: tuple[type[Gebeurtenis], ...] = (*GEMEEN, Gepland, Uitgevoerd)
