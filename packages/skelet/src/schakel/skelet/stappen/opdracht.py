"""What may be asked of a melding over HTTP: each command knows how to ask it.

Free text (``tekst``, ``opdracht``, names) never goes into an event: ``bij.bewaar`` puts it in the
vault, in the same transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import Field, StringConstraints

from schakel.contracts import werkstromen
from schakel.contracts.feit import Code
from schakel.contracts.melding import Kanaal, Meldersoort, Oordeel, Uitkomst
from schakel.contracts.werkstromen import PROCES_VAN, Meldingsoort, Proces
from schakel.kern.grond.verzoek import Verzoek
from schakel.skelet.stand import Melding
from schakel.skelet.termijnen import Termijnen

from . import begin as g

M_contra = TypeVar("M_contra", bound=Melding, contravariant=True)

Tekst = Annotated[str, StringConstraints(min_length=1, max_length=8_000)]
Naam = Annotated[str, StringConstraints(min_length=1, max_length=200)]


@dataclass(frozen=True)
class Bij:
    """What a command needs besides the melding: time, chance and the vault come in as arguments."""

    nu: datetime
    termijnen: Termijnen
    nieuw_id: Callable[[], UUID]
    bewaar: Callable[[UUID, str, Any], None]
    """Put a text of a melding away under a kind."""
    dataref: Callable[[UUID], str]
    """Where another service may fetch the texts of a melding."""

    def nieuwe_melding(
        self,
        melding: Melding,
        naar: Proces,
        dienst: str | None,
        tekst: str | None,
        melder: Meldersoort | None = None,
    ) -> g.NieuweMelding:
        """A melding for ``naar`` that takes over melder, kanaal and soort_volgens_melder.

        What the organisation sees itself has ``melder`` ambtenaar.
        """
        id_ = self.nieuw_id()
        if tekst is not None:
            self.bewaar(id_, "tekst", tekst)
        return g.NieuweMelding(
            id_,
            naar,
            dienst or melding.dienst,
            melding.kanaal,
            melder or melding.melder,
            None if melder else melding.soort_volgens_melder,
            self.dataref(id_) if tekst is not None else melding.dataref,
        )


class Opdracht(Protocol[M_contra]):
    """A command: a request body that asks something of a melding."""

    def doe(self, melding: M_contra, bij: Bij) -> None:
        """Ask it; raises Weigering."""


@dataclass(frozen=True)
class Actie(Generic[M_contra]):
    """One sub-resource of a melding: its name in the path is the name of the step."""

    stap: str
    opdracht: type[Opdracht[M_contra]]
    uitleg: str


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

    dienst: Code
    kanaal: Kanaal
    melder: Melder
    tekst: Tekst
    namens: Namens | None = None
    soort_volgens_melder: Meldingsoort | None = None


class Leeg(Verzoek):
    """A command without anything to say."""


class Verheldering(Leeg):
    """Both sides agree what is meant."""

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
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

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it; maatwerk comes with its reason (section 5)."""
        if self.maatwerk and self.motivering is None:
            melding.weiger(("maatwerk-zonder-motivering", "geef bij maatwerk een motivering"))
        melding.beoordeel(
            werkstromen.VierFeiten(**dict(self.feiten)),
            self.impact,
            self.urgentie,
            maatwerk=self.maatwerk,
        )
        if self.motivering is not None:
            bij.bewaar(melding.id, f"motivering-{melding.versie}", self.motivering)


class NaarSoort(Verzoek):
    """One melding to be opened instead."""

    meldingsoort: Meldingsoort
    dienst: Code | None = None
    tekst: Tekst | None = None


class Omzetting(Verzoek):
    """It is something else, or several things."""

    reden: Code
    naar: Annotated[tuple[NaarSoort, ...], Field(min_length=1, max_length=20)]

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.zet_om(
            self.reden,
            [
                bij.nieuwe_melding(melding, PROCES_VAN[een.meldingsoort], een.dienst, een.tekst)
                for een in self.naar
            ],
        )


class Afwijzing(Verzoek):
    """Refused at intake."""

    reden: Code

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.wijs_af(self.reden)


class Overdracht(Verzoek):
    """Hand over to another process, with what is asked of it."""

    naar: Proces
    dienst: Code | None = None
    opdracht: Tekst | None = None

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it; the giver draws the id of the child."""
        kind_id = bij.nieuw_id()
        melding.draag_over(
            kind_id,
            self.naar,
            self.dienst or melding.dienst,
            bij.nu + bij.termijnen.overdracht,
            melding.dataref if self.opdracht is None else bij.dataref(kind_id),
        )
        if self.opdracht is not None:
            bij.bewaar(kind_id, "opdracht", self.opdracht)


class Controle(Verzoek):
    """Interne controle: was done what was asked?"""

    goed: bool

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.controleer(goed=self.goed)


class Gereedmelding(Verzoek):
    """The work is done."""

    resultaat: Code = "geleverd"

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.meld_gereed(self.resultaat, bij.nu + bij.termijnen.antwoord)


class Tevredenheidscontrole(Verzoek):
    """What the melder says of the result; ``wens`` when more is wanted than was agreed."""

    oordeel: Oordeel
    wens: NaarSoort | None = None

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        wens = None
        if self.wens is not None:
            naar = PROCES_VAN[self.wens.meldingsoort]
            wens = bij.nieuwe_melding(melding, naar, self.wens.dienst, self.wens.tekst)
        melding.controleer_tevredenheid(self.oordeel, wens)


class Voorstel(Verzoek):
    """A verbetervoorstel of our own."""

    dienst: Code | None = None
    tekst: Tekst

    def nieuwe_melding(self, melding: Melding, bij: Bij) -> g.NieuweMelding:
        """The melding that verbeteren is asked to open."""
        return bij.nieuwe_melding(
            melding, Proces.VERBETEREN, self.dienst, self.tekst, Meldersoort.AMBTENAAR
        )


class Evaluatie(Verzoek):
    """What was learned."""

    verbetervoorstel: Voorstel | None = None

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        voorstel = self.verbetervoorstel
        melding.evalueer(voorstel.nieuwe_melding(melding, bij) if voorstel else None)


class Sluiting(Leeg):
    """Close administratively."""

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.sluit()


class Intrekking(Verzoek):
    """The melder withdraws."""

    reden: Code = "op-verzoek-van-melder"

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.trek_in(self.reden)


class Afbreking(Verzoek):
    """No result will come."""

    reden: Code
    uitkomst: Uitkomst = Uitkomst.AFGEBROKEN

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.breek_af(self.reden, self.uitkomst)


class Koppeling(Verzoek):
    """Tie to another melding."""

    andere_id: UUID
    andere_proces: Proces
    soort: Code

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.koppel(self.andere_id, self.andere_proces, self.soort)


class Opschorting(Verzoek):
    """Pause the terms."""

    reden: Code

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.schort_op(self.reden, bij.nu)


class Hervatting(Leeg):
    """Let the terms run again."""

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.hervat(bij.nu)


class Wissing(Verzoek):
    """Destroy the personal data of a closed melding."""

    grond: Code

    def doe(self, melding: Melding, bij: Bij) -> None:
        """Ask it."""
        melding.wis(self.grond)


ACTIES: tuple[Actie[Any], ...] = (
    Actie(
        "afwijzingen",
        Afwijzing,
        "Wijs de melding af bij het aannemen: niet bevoegd of niet voor ons",
    ),
    Actie("verhelderingen", Verheldering, "Leg vast dat beide kanten weten wat er wordt bedoeld"),
    Actie("beoordelingen", Beoordeling, "Beoordeel met de vier feiten, impact en urgentie"),
    Actie("omzettingen", Omzetting, "Zet om in een of meer andere meldingen"),
    Actie("overdrachten", Overdracht, "Draag over aan een ander proces"),
    Actie("controles", Controle, "Interne controle op wat terugkwam"),
    Actie("gereedmeldingen", Gereedmelding, "Meld dat gedaan is wat is gevraagd"),
    Actie(
        "tevredenheidscontroles",
        Tevredenheidscontrole,
        "Leg vast wat de melder van het resultaat vindt",
    ),
    Actie("evaluaties", Evaluatie, "Leg vast wat ervan is geleerd"),
    Actie("sluitingen", Sluiting, "Sluit de melding"),
    Actie("intrekkingen", Intrekking, "Trek de melding in namens de melder"),
    Actie("afbrekingen", Afbreking, "Breek af: er komt geen resultaat"),
    Actie("koppelingen", Koppeling, "Koppel aan een andere melding"),
    Actie("opschortingen", Opschorting, "Schort de termijnen op"),
    Actie("hervattingen", Hervatting, "Laat de termijnen weer lopen"),
    Actie("wissingen", Wissing, "Wis de persoonsgegevens van een gesloten melding"),
)
