"""A melding that another one gives rise to: asked for here, opened by its own process."""

from typing import ClassVar
from uuid import UUID

import msgspec

from schakel.contracts.feit import Code
from schakel.contracts.melding import Kanaal, Meldersoort
from schakel.contracts.werkstromen import PROCES_VAN, SOORT_VAN, Meldingsoort, Proces
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stand import Stand

from .opdracht import Bij, Tekst
from .stap import Bezwaar, MetStappen


class Herkomst(msgspec.Struct, frozen=True, gc=False):
    """The melding that this one is voortgekomen uit."""

    melding_id: UUID
    proces: Proces
    aanleiding: str


class NieuweMelding(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A melding that another process is asked to open."""

    id: UUID
    naar: Proces
    dienst: str
    kanaal: Kanaal
    melder: Meldersoort
    soort_volgens_melder: Meldingsoort | None = None
    dataref: str | None = None


class Voortgekomen(Gebeurtenis, frozen=True):
    """Gave rise to a melding of its own; nobody waits for it."""

    NAAM: ClassVar[str] = "melding/voortgekomen"
    aanleiding: str
    nieuwe_melding: NieuweMelding

    def pas_toe(self, op: Stand) -> None:
        op.uitgezet[self.nieuwe_melding.id] = self.nieuwe_melding.naar


def melder_past(proces: Proces, melder: Meldersoort) -> Bezwaar | None:
    """A verbetervoorstel comes from the organisation itself, never from outside (section 1)."""
    if proces is Proces.VERBETEREN and melder is not Meldersoort.AMBTENAAR:
        return (
            "melder-past-niet",
            f"een {SOORT_VAN[proces]} komt van de organisatie zelf, niet van een {melder}:"
            " neem het aan als wens, wijzigingsverzoek of foutmelding",
        )
    return None


def nieuwe_melding(
    uit: MetStappen,
    naar: Proces,
    dienst: str | None,
    tekst: str | None,
    bij: Bij,
    melder: Meldersoort | None = None,
) -> NieuweMelding:
    """A melding for ``naar`` that takes over melder, kanaal and soort_volgens_melder.

    What the organisation sees itself has ``melder`` ambtenaar. Refused when no service of our own
    runs ``naar``: nobody would open it.
    """
    uit.weiger(bij.routering.niet_hier(naar, dienst or uit.dienst))
    return _nieuwe_melding(uit, naar, dienst, tekst, bij, melder)


def _nieuwe_melding(
    uit: MetStappen,
    naar: Proces,
    dienst: str | None,
    tekst: str | None,
    bij: Bij,
    melder: Meldersoort | None = None,
) -> NieuweMelding:
    id_ = bij.nieuw_id()
    if tekst is not None:
        bij.bewaar(id_, "tekst", tekst)
    return NieuweMelding(
        id_,
        naar,
        dienst or uit.dienst,
        uit.kanaal,
        melder or uit.melder,
        None if melder else uit.soort_volgens_melder,
        bij.dataref(id_) if tekst is not None else uit.dataref,
    )


class NaarSoort(Verzoek):
    """One melding to be opened instead."""

    meldingsoort: Meldingsoort
    dienst: Code | None = None
    tekst: Tekst | None = None

    def nieuwe_melding(self, uit: MetStappen, bij: Bij) -> NieuweMelding:
        """The melding that its process is asked to open."""
        return nieuwe_melding(uit, PROCES_VAN[self.meldingsoort], self.dienst, self.tekst, bij)

    def voor_de_vrager(self, uit: MetStappen, bij: Bij) -> NieuweMelding:
        """What the organisation that asked is told to ask instead; nothing is opened here."""
        if self.tekst is not None:
            uitleg = "wie dit vroeg, vraagt zelf opnieuw: een tekst hierbij leest niemand"
            uit.weiger(("tekst-gaat-niet-mee", uitleg))
        return _nieuwe_melding(uit, PROCES_VAN[self.meldingsoort], self.dienst, None, bij)


class Voorstel(Verzoek):
    """A verbetervoorstel of our own."""

    dienst: Code | None = None
    tekst: Tekst

    def nieuwe_melding(self, uit: MetStappen, bij: Bij) -> NieuweMelding:
        """The melding that verbeteren is asked to open."""
        ambtenaar = Meldersoort.AMBTENAAR
        return nieuwe_melding(uit, Proces.VERBETEREN, self.dienst, self.tekst, bij, ambtenaar)
