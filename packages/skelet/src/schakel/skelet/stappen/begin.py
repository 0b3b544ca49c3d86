"""Begin: a melding is taken in, understood and judged, or refused at once."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from schakel.contracts import werkstromen
from schakel.contracts.feit import Code
from schakel.contracts.melding import Kanaal, Meldersoort, Uitkomst
from schakel.contracts.organisatie import Verwijzing
from schakel.contracts.werkstromen import SOORT_VAN, Meldingsoort, Proces, werkstroom_bij
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stand import Stand

from .einde import Gesloten
from .opdracht import Actie, Bij, Naam, Tekst
from .stap import Bezwaar, MetStappen, stap
from .voortgekomen import Herkomst, melder_past
from .voorwaarden import LOOPT, bevoegd, eerste, niet_gereedgemeld


class Aangenomen(Gebeurtenis, frozen=True):
    """Registered, with its volgnummer; ``machtiging`` is the ground to act for another."""

    NAAM: ClassVar[str] = "melding/aangenomen"
    volgnummer: str
    kanaal: Kanaal
    dienst: str
    melder: Meldersoort
    uiterlijk: datetime | None = None
    namens_ander: bool = False
    machtiging: str | None = None
    soort_volgens_melder: Meldingsoort | None = None
    voortgekomen_uit: Herkomst | None = None
    dataref: str | None = None

    def pas_toe(self, op: Stand) -> None:
        op.volgnummer = self.volgnummer
        op.kanaal = self.kanaal
        op.dienst = self.dienst
        op.melder = self.melder
        op.is_bevoegd = not self.namens_ander or self.machtiging is not None
        op.soort_volgens_melder = self.soort_volgens_melder
        op.dataref = self.dataref
        if (uit := self.voortgekomen_uit) is not None:
            op.herkomst = Verwijzing(uit.proces, uit.melding_id)
        if self.uiterlijk is not None:
            op.termijnen["beslistermijn"] = self.uiterlijk


class Afgewezen(Gebeurtenis, frozen=True):
    """Refused at intake, before judgement."""

    NAAM: ClassVar[str] = "melding/afgewezen"
    reden: str

    def pas_toe(self, op: Stand) -> None:
        op.eindig(Uitkomst.AFGEWEZEN)


class Verhelderd(Gebeurtenis, frozen=True):
    """Both sides agree what is meant."""

    NAAM: ClassVar[str] = "melding/verhelderd"

    def pas_toe(self, op: Stand) -> None:
        op.is_verhelderd = True


class Beoordeeld(Gebeurtenis, frozen=True):
    """Judged: the four facts, impact x urgentie and the prioriteit that follows."""

    NAAM: ClassVar[str] = "melding/beoordeeld"
    proactief: bool
    afwijking: bool
    binnen_afspraken: bool
    raakt_beheerde_infrastructuur: bool
    impact: int
    urgentie: int
    prioriteit: int
    maatwerk: bool = False

    def pas_toe(self, op: Stand) -> None:
        op.is_beoordeeld = True
        op.prioriteit = self.prioriteit
        op.wil_nieuwe_ronde = True


GEBEURTENISSEN = (Aangenomen, Afgewezen, Verhelderd, Beoordeeld)


def niet_verhelderd(melding: Stand) -> Bezwaar | None:
    """Verhelderen is done once."""
    if melding.is_verhelderd:
        return ("al-verhelderd", f"{melding.volgnummer} is al verhelderd")
    return None


def niet_beoordeeld(melding: Stand) -> Bezwaar | None:
    """Refusing is done at intake, before judgement (section 5)."""
    if melding.is_beoordeeld:
        return (
            "al-beoordeeld",
            f"{melding.volgnummer} is al beoordeeld: na de beoordeling kan een melding"
            " worden omgezet, afgebroken of ingetrokken, maar niet meer afgewezen",
        )
    return None


def verhelderd(melding: Stand) -> Bezwaar | None:
    """A first melding is judged after both sides agree what is meant; a nested one skips that."""
    if not melding.is_verhelderd and not melding.is_genest:
        return ("niet-verhelderd", f"verhelder {melding.volgnummer} eerst met de melder")
    return None


def feiten_passen(proces: Proces, feiten: werkstromen.VierFeiten) -> Bezwaar | None:
    """The facts are those of the one soort that this process knows (section 2)."""
    soort, hier = werkstroom_bij(feiten).meldingsoort, SOORT_VAN[proces]
    if soort is not hier:
        return (
            "ander-soort",
            f"deze feiten horen bij een {soort}, niet bij een {hier}:"
            " zet de melding om (omzettingen)",
        )
    return None


def maatwerk_past(proces: Proces, feiten: werkstromen.VierFeiten) -> Bezwaar | None:
    """Maatwerk within W&R is an aanvraag; outside it is a wens, which needs no such flag."""
    if proces is Proces.UITVOEREN and feiten.binnen_afspraken:
        return None
    return (
        "maatwerk-past-niet",
        "maatwerk binnen de wet- en regelgeving is een aanvraag; daarbuiten is het een wens",
    )


class Beginstappen(MetStappen):
    """Aannemen, afwijzen, verhelderen, beoordelen."""

    def neem_aan(self, aangenomen: Aangenomen) -> None:
        """Register: the first event of every melding."""
        if self.versie:
            raise Weigering("al-aangenomen", f"{self.volgnummer} is al aangenomen")
        if not self.is_genest and (bezwaar := melder_past(self.PROCES, aangenomen.melder)):
            raise Weigering(*bezwaar)
        self.gebeurt(aangenomen)

    @stap("afwijzingen", *LOOPT, niet_beoordeeld)
    def wijs_af(self, reden: str) -> None:
        """Refuse at intake: no authority, or not ours. A nested one refuses the hand-over."""
        self.gebeurt(Afgewezen(reden))
        self.gebeurt(Gesloten(Uitkomst.AFGEWEZEN))

    @stap("verhelderingen", *LOOPT, eerste, bevoegd, niet_verhelderd, niet_beoordeeld)
    def verhelder(self) -> None:
        """Both sides agree what is meant."""
        self.gebeurt(Verhelderd())

    @stap("beoordelingen", *LOOPT, bevoegd, verhelderd, niet_gereedgemeld)
    def beoordeel(
        self, feiten: werkstromen.VierFeiten, impact: int, urgentie: int, *, maatwerk: bool
    ) -> None:
        """Judge, or judge anew. Facts of another soort: omzetten is the way (section 5)."""
        if not self.is_genest:
            self.weiger(feiten_passen(self.PROCES, feiten))
        if maatwerk:
            self.weiger(maatwerk_past(self.PROCES, feiten))
        self.gebeurt(
            Beoordeeld(
                feiten.proactief,
                feiten.afwijking,
                feiten.binnen_afspraken,
                feiten.raakt_beheerde_infrastructuur,
                impact,
                urgentie,
                prioriteit=impact + urgentie - 1,
                maatwerk=maatwerk,
            )
        )


class Melder(Verzoek):
    """Who reports: the soort is for everyone, name and contact go into the vault."""

    soort: Meldersoort
    naam: Naam | None = None
    contact: Naam | None = None


class Namens(Verzoek):
    """On whose behalf, and the ground (a code) of the machtiging if there is one."""

    naam: Naam
    machtiging: Code | None = None


class Intake(Verzoek):
    """A new melding."""

    ROL: ClassVar[Rol] = Rol.INTAKER
    dienst: Code
    kanaal: Kanaal
    melder: Melder
    tekst: Tekst
    namens: Namens | None = None
    soort_volgens_melder: Meldingsoort | None = None


class Afwijzing(Verzoek):
    """Refused at intake."""

    reden: Code

    def doe(self, melding: Beginstappen, bij: Bij) -> None:
        melding.wijs_af(self.reden)


class Verheldering(Verzoek):
    """Both sides agree what is meant."""

    def doe(self, melding: Beginstappen, bij: Bij) -> None:
        melding.verhelder()


class VierFeiten(Verzoek):
    """The four facts (domain, section 2)."""

    proactief: bool
    afwijking: bool
    binnen_afspraken: bool
    raakt_beheerde_infrastructuur: bool


class Beoordeling(Verzoek):
    """The four facts, impact and urgentie (1 high, 3 low) and, for maatwerk, the reason."""

    feiten: VierFeiten
    impact: Annotated[int, Field(ge=1, le=3)]
    urgentie: Annotated[int, Field(ge=1, le=3)]
    maatwerk: bool = False
    motivering: Tekst | None = None

    def doe(self, melding: Beginstappen, bij: Bij) -> None:
        """Maatwerk comes with its reason (section 5)."""
        if self.maatwerk and self.motivering is None:
            melding.weiger(("maatwerk-zonder-motivering", "geef bij maatwerk een motivering"))
        feiten = werkstromen.VierFeiten(**dict(self.feiten))
        melding.beoordeel(feiten, self.impact, self.urgentie, maatwerk=self.maatwerk)
        if self.motivering is not None:
            bij.bewaar(melding.id, f"motivering-{melding.versie}", self.motivering)


ACTIES: tuple[Actie[Any], ...] = (
    Actie(
        "afwijzingen",
        Afwijzing,
        "Wijs de melding af bij het aannemen: niet bevoegd of niet voor ons",
    ),
    Actie("verhelderingen", Verheldering, "Leg vast dat beide kanten weten wat er wordt bedoeld"),
    Actie("beoordelingen", Beoordeling, "Beoordeel met de vier feiten, impact en urgentie"),
)
