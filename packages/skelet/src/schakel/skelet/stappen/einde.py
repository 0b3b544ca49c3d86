"""Einde: the work is done, the melder is heard, and the melding is closed."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from schakel.contracts.feit import Code
from schakel.contracts.melding import Oordeel, Uitkomst
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stand import Stand

from .opdracht import Actie, Bij
from .stap import Bezwaar, MetStappen, stap
from .voortgekomen import NaarSoort, NieuweMelding, Voorstel, Voortgekomen, melder_past
from .voorwaarden import IN_BEHANDELING, LOOPT, eerste, niet_gesloten


class Gereedgemeld(Gebeurtenis, frozen=True):
    """Done as asked; the asker is told."""

    NAAM: ClassVar[str] = "melding/gereedgemeld"
    resultaat: str

    def pas_toe(self, op: Stand) -> None:
        op.is_gereedgemeld = True


class TevredenheidGevraagd(Gebeurtenis, frozen=True):
    """The melder is asked, and has until ``uiterlijk`` to answer."""

    NAAM: ClassVar[str] = "melding/tevredenheid-gevraagd"
    uiterlijk: datetime

    def pas_toe(self, op: Stand) -> None:
        op.termijnen["antwoord"] = self.uiterlijk


class TevredenheidGecontroleerd(Gebeurtenis, frozen=True):
    """What the melder answered."""

    NAAM: ClassVar[str] = "melding/tevredenheid-gecontroleerd"
    oordeel: Oordeel

    def pas_toe(self, op: Stand) -> None:
        op.termijnen.pop("antwoord", None)
        if self.oordeel is Oordeel.NIET_TEVREDEN:
            op.is_gereedgemeld = False
            op.is_goedgekeurd = False
            op.wil_nieuwe_ronde = True
            op.gezet -= op.STAPPEN_PER_RONDE


class Voltooid(Gebeurtenis, frozen=True):
    """The proces (nested) or the werkstroom (first melding) is voltooid."""

    NAAM: ClassVar[str] = "melding/voltooid"
    zonder_reactie: bool = False
    gekoppeld: tuple[UUID, ...] = ()

    def pas_toe(self, op: Stand) -> None:
        op.eindig(Uitkomst.VOLTOOID)


class Geevalueerd(Gebeurtenis, frozen=True):
    """What was learned is recorded."""

    NAAM: ClassVar[str] = "melding/geevalueerd"

    def pas_toe(self, op: Stand) -> None:
        op.is_geevalueerd = True


class Gesloten(Gebeurtenis, frozen=True):
    """Administratively closed."""

    NAAM: ClassVar[str] = "melding/gesloten"
    uitkomst: Uitkomst

    def pas_toe(self, op: Stand) -> None:
        op.is_gesloten = True


GEBEURTENISSEN = (
    Gereedgemeld,
    TevredenheidGevraagd,
    TevredenheidGecontroleerd,
    Voltooid,
    Geevalueerd,
    Gesloten,
)


def klaar(melding: Stand) -> Bezwaar | None:
    """What was asked is done: a good check, or in the leaf the act itself; then the last steps."""
    if melding.draagt_over and not melding.is_goedgekeurd:
        return ("niet-goedgekeurd", "meld pas gereed na een interne controle met goed resultaat")
    for naam in melding.VOOR_GEREEDMELDING:
        if naam not in melding.gezet:
            return ("stap-ontbreekt", f"eerst nog: {naam}")
    return None


def gereedgemeld(melding: Stand) -> Bezwaar | None:
    """The melder judges what is reported as done."""
    if not melding.is_gereedgemeld:
        return ("niet-gereedgemeld", f"{melding.volgnummer} is nog niet gereedgemeld")
    return None


def antwoord_verstreken(melding: Stand) -> Bezwaar | None:
    """No reaction is what the passing of the term says, not a medewerker (section 5)."""
    if "antwoord" in melding.termijnen:
        return (
            "termijn-loopt-nog",
            "de melder kan nog antwoorden; verstrijkt de termijn, dan wordt"
            " zonder_reactie vanzelf vastgelegd",
        )
    return None


def voltooid(melding: Stand) -> Bezwaar | None:
    """Evaluation follows completion."""
    if melding.uitkomst is not Uitkomst.VOLTOOID:
        return ("niet-voltooid", f"{melding.volgnummer} is niet voltooid")
    return None


def niet_geevalueerd(melding: Stand) -> Bezwaar | None:
    """Evaluation is done once."""
    if melding.is_geevalueerd:
        return ("al-geevalueerd", f"{melding.volgnummer} is al geëvalueerd")
    return None


def beeindigd(melding: Stand) -> Bezwaar | None:
    """Only what has ended is closed."""
    if melding.uitkomst is None:
        return ("niet-beeindigd", f"{melding.volgnummer} loopt nog")
    return None


class Eindstappen(MetStappen):
    """Gereedmelden, tevredenheid controleren, evalueren, sluiten."""

    @stap("gereedmeldingen", *IN_BEHANDELING, klaar)
    def meld_gereed(self, resultaat: str, uiterlijk: datetime) -> None:
        """Nested: proces voltooid, the parent goes on. First: the melder is asked."""
        self.gebeurt(Gereedgemeld(resultaat))
        if self.is_genest:
            self._voltooi()
        else:
            self.gebeurt(TevredenheidGevraagd(uiterlijk))

    @stap("tevredenheidscontroles", *LOOPT, eerste, gereedgemeld)
    def controleer_tevredenheid(self, oordeel: Oordeel, wens: NieuweMelding | None) -> None:
        """What the melder says. More wanted than agreed: voltooid, plus a new melding."""
        if (oordeel is Oordeel.MEER_GEWENST) != (wens is not None):
            uitleg = "geef bij meer_gewenst, en alleen dan, de nieuwe melding mee"
            self.weiger(("wens-hoort-bij-meer-gewenst", uitleg))
        if wens is not None:
            self.weiger(melder_past(wens.naar, wens.melder))
        if oordeel is Oordeel.ZONDER_REACTIE:
            self.weiger(antwoord_verstreken(self))
        self.gebeurt(TevredenheidGecontroleerd(oordeel))
        if oordeel is Oordeel.NIET_TEVREDEN:
            return
        self._voltooi(zonder_reactie=oordeel is Oordeel.ZONDER_REACTIE)
        if wens is not None:
            self.gebeurt(Voortgekomen("meer-gewenst", wens))

    def _voltooi(self, *, zonder_reactie: bool = False) -> None:
        self.gebeurt(Voltooid(zonder_reactie, tuple(self.koppelingen)))

    @stap("evaluaties", voltooid, niet_gesloten, niet_geevalueerd)
    def evalueer(self, voorstel: NieuweMelding | None) -> None:
        """Record what was learned; a verbetervoorstel may come out of it."""
        self.gebeurt(Geevalueerd())
        if voorstel is not None:
            self.gebeurt(Voortgekomen("evaluatie", voorstel))

    @stap("sluitingen", beeindigd, niet_gesloten)
    def sluit(self) -> None:
        """Close administratively, with the uitkomst."""
        self.gebeurt(Gesloten(self.uitkomst or Uitkomst.VOLTOOID))


class Gereedmelding(Verzoek):
    """The work is done."""

    resultaat: Code = "geleverd"

    def doe(self, melding: Eindstappen, bij: Bij) -> None:
        melding.meld_gereed(self.resultaat, bij.nu + bij.termijnen.antwoord)


class Tevredenheidscontrole(Verzoek):
    """What the melder says of the result; ``wens`` when more is wanted than was agreed."""

    oordeel: Oordeel
    wens: NaarSoort | None = None

    def doe(self, melding: Eindstappen, bij: Bij) -> None:
        wens = self.wens.nieuwe_melding(melding, bij) if self.wens else None
        melding.controleer_tevredenheid(self.oordeel, wens)


class Evaluatie(Verzoek):
    """What was learned."""

    verbetervoorstel: Voorstel | None = None

    def doe(self, melding: Eindstappen, bij: Bij) -> None:
        voorstel = self.verbetervoorstel
        melding.evalueer(voorstel.nieuwe_melding(melding, bij) if voorstel else None)


class Sluiting(Verzoek):
    """Close administratively."""

    def doe(self, melding: Eindstappen, bij: Bij) -> None:
        melding.sluit()


ACTIES: tuple[Actie[Any], ...] = (
    Actie("gereedmeldingen", Gereedmelding, "Meld dat gedaan is wat is gevraagd"),
    Actie(
        "tevredenheidscontroles",
        Tevredenheidscontrole,
        "Leg vast wat de melder van het resultaat vindt",
    ),
    Actie("evaluaties", Evaluatie, "Leg vast wat ervan is geleerd"),
    Actie("sluitingen", Sluiting, "Sluit de melding"),
)
