"""Voortijdig: a melding ends before its work is done (domain, section 5)."""

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from schakel.contracts.feit import Code
from schakel.contracts.melding import Kindstatus, Uitkomst
from schakel.contracts.werkstromen import SOORT_VAN
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stand import Kind, Stand

from .einde import Gesloten
from .opdracht import Actie, Bij
from .stap import Bezwaar, MetStappen, stap
from .voortgekomen import NaarSoort, NieuweMelding, melder_past
from .voorwaarden import LOOPT, beoordeeld, bevoegd, eerste, loopt, niet_gereedgemeld


class Omgezet(Gebeurtenis, frozen=True):
    """Closed because it is something else: one or several other meldingen take its place."""

    NAAM: ClassVar[str] = "melding/omgezet"
    reden: str
    nieuwe_meldingen: tuple[NieuweMelding, ...]

    def pas_toe(self, op: Stand) -> None:
        op.uitgezet |= {een.id: een.naar for een in self.nieuwe_meldingen}
        op.eindig(Uitkomst.OMGEZET)


class Ingetrokken(Gebeurtenis, frozen=True):
    """Withdrawn by the melder, or cancelled with its parent."""

    NAAM: ClassVar[str] = "melding/ingetrokken"
    aanleiding: str

    def pas_toe(self, op: Stand) -> None:
        op.eindig(Uitkomst.INGETROKKEN)


class Afgebroken(Gebeurtenis, frozen=True):
    """Broken off: no result will come."""

    NAAM: ClassVar[str] = "melding/afgebroken"
    reden: str
    uitkomst: Uitkomst = Uitkomst.AFGEBROKEN

    def pas_toe(self, op: Stand) -> None:
        op.eindig(self.uitkomst)


GEBEURTENISSEN = (Omgezet, Ingetrokken, Afgebroken)


def werkstroom_niet_voltooid(melding: Stand) -> Bezwaar | None:
    """Withdrawing is allowed until the werkstroom is voltooid (section 5)."""
    if melding.uitkomst is Uitkomst.VOLTOOID:
        return (
            "al-voltooid",
            f"{melding.volgnummer} is voltooid en kan niet meer worden ingetrokken",
        )
    return None


def deel_niet_gereed(melding: Stand) -> Bezwaar | None:
    """What was reported to another organisation as done, only that one can call not good."""
    return niet_gereedgemeld(melding) if melding.is_deel else None


def _kan_zonder_overeenstemming(kind: Kind) -> bool:
    """Whether it came back with that; of a return that a former version took in nobody knows."""
    zo = {Uitkomst.GEEN_OVEREENSTEMMING, None}
    return kind.status is Kindstatus.ZONDER_RESULTAAT and kind.uitkomst in zo


class Voortijdigstappen(MetStappen):
    """Omzetten, intrekken, afbreken."""

    @stap("omzettingen", loopt, bevoegd, deel_niet_gereed)
    def zet_om(self, reden: str, nieuwe_meldingen: Iterable[NieuweMelding]) -> None:
        """It is something else, or several things: close, and let the right ones be opened.

        Also while the terms are paused: it ends the pause. Of what another organisation handed
        over nothing is opened here: that one asks again, as its own routering says.
        """
        nieuwe = tuple(nieuwe_meldingen)
        if len(nieuwe) == 1 and nieuwe[0].naar is self.PROCES:
            self.weiger(("zelfde-soort", f"dit is al een {SOORT_VAN[self.PROCES]}"))
        for een in nieuwe:
            self.weiger(melder_past(een.naar, een.melder))
        self.gebeurt(Omgezet(reden, nieuwe))
        self.gebeurt(Gesloten(Uitkomst.OMGEZET))

    @stap("intrekkingen", werkstroom_niet_voltooid, loopt, eerste)
    def trek_in(self, aanleiding: str) -> None:
        """The melder withdraws; no tevredenheidscontrole. Children are cancelled downward."""
        self.gebeurt(Ingetrokken(aanleiding))
        self.gebeurt(Gesloten(Uitkomst.INGETROKKEN))

    def verval(self, aanleiding: str = "ouder-beeindigd") -> None:
        """Whoever waited for us ended, or took it back. What was voltooid stays so."""
        if self.uitkomst is None:
            self.gebeurt(Ingetrokken(aanleiding))
            self.gebeurt(Gesloten(Uitkomst.INGETROKKEN))

    @stap("afbrekingen", *LOOPT, beoordeeld, niet_gereedgemeld)
    def breek_af(self, reden: str, uitkomst: Uitkomst) -> None:
        """No result will come: afgebroken, or geen_overeenstemming if a child ended so."""
        zo_terug = any(map(_kan_zonder_overeenstemming, self.kinderen.values()))
        kan = {Uitkomst.AFGEBROKEN: True, Uitkomst.GEEN_OVEREENSTEMMING: zo_terug}
        if not kan.get(uitkomst):
            uitleg = "kies afgebroken, of geen_overeenstemming als een overdracht zo terugkwam"
            self.weiger(("uitkomst-past-niet", uitleg))
        self.gebeurt(Afgebroken(reden, uitkomst))
        self.gebeurt(Gesloten(uitkomst))


class Omzetting(Verzoek):
    """It is something else, or several things."""

    reden: Code
    naar: Annotated[tuple[NaarSoort, ...], Field(min_length=1, max_length=20)]

    def doe(self, melding: Voortijdigstappen, bij: Bij) -> None:
        soort = NaarSoort.voor_de_vrager if melding.is_deel else NaarSoort.nieuwe_melding
        melding.zet_om(self.reden, [soort(een, melding, bij) for een in self.naar])


class Intrekking(Verzoek):
    """The melder withdraws."""

    reden: Code = "op-verzoek-van-melder"

    def doe(self, melding: Voortijdigstappen, bij: Bij) -> None:
        melding.trek_in(self.reden)


class Afbreking(Verzoek):
    """No result will come."""

    reden: Code
    uitkomst: Uitkomst = Uitkomst.AFGEBROKEN

    def doe(self, melding: Voortijdigstappen, bij: Bij) -> None:
        melding.breek_af(self.reden, self.uitkomst)


ACTIES: tuple[Actie[Any], ...] = (
    Actie("omzettingen", Omzetting, "Zet om in een of meer andere meldingen"),
    Actie("intrekkingen", Intrekking, "Trek de melding in namens de melder"),
    Actie("afbrekingen", Afbreking, "Breek af: er komt geen resultaat"),
)
