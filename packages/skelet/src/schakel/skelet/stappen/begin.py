"""The events that every melding shares: what happened, and what it changes.

Stored names are frozen (D11). ``pas_toe`` only assigns: every judgement was made before.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

import msgspec

from schakel.contracts.melding import Kanaal, Meldersoort, Oordeel, Resultaat, Uitkomst
from schakel.contracts.werkstromen import Meldingsoort, Proces
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.kind import Kind, Kindstatus

if TYPE_CHECKING:
    from schakel.skelet.stand import Melding


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

    def pas_toe(self, op: "Melding") -> None:
        op.volgnummer = self.volgnummer
        op.kanaal = self.kanaal
        op.dienst = self.dienst
        op.melder = self.melder
        op.is_bevoegd = not self.namens_ander or self.machtiging is not None
        op.soort_volgens_melder = self.soort_volgens_melder
        op.dataref = self.dataref
        if self.uiterlijk is not None:
            op.termijnen["beslistermijn"] = self.uiterlijk


class Verhelderd(Gebeurtenis, frozen=True):
    """Both sides agree what is meant."""

    NAAM: ClassVar[str] = "melding/verhelderd"

    def pas_toe(self, op: "Melding") -> None:
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

    def pas_toe(self, op: "Melding") -> None:
        op.is_beoordeeld = True
        op.prioriteit = self.prioriteit
        op.wil_nieuwe_ronde = True


class Omgezet(Gebeurtenis, frozen=True):
    """Closed because it is something else: one or several other meldingen take its place."""

    NAAM: ClassVar[str] = "melding/omgezet"
    reden: str
    nieuwe_meldingen: tuple[NieuweMelding, ...]

    def pas_toe(self, op: "Melding") -> None:
        op.voortgekomen += [een.id for een in self.nieuwe_meldingen]
        op.eindig(Uitkomst.OMGEZET)


class Voortgekomen(Gebeurtenis, frozen=True):
    """Gave rise to a melding of its own; nobody waits for it."""

    NAAM: ClassVar[str] = "melding/voortgekomen"
    aanleiding: str
    nieuwe_melding: NieuweMelding

    def pas_toe(self, op: "Melding") -> None:
        op.voortgekomen.append(self.nieuwe_melding.id)


class Overgedragen(Gebeurtenis, frozen=True):
    """Handed to another process; this melding waits for the return."""

    NAAM: ClassVar[str] = "melding/overgedragen"
    kind_id: UUID
    naar: Proces
    n: int
    ronde: int
    dienst: str
    kanaal: Kanaal
    melder: Meldersoort
    uiterlijk: datetime | None = None
    dataref: str | None = None

    def pas_toe(self, op: "Melding") -> None:
        op.begin_ronde(self.ronde)
        op.kinderen[self.kind_id] = Kind(self.kind_id, self.naar, self.n, self.ronde)
        if self.uiterlijk is not None:
            op.termijnen[f"overdracht:{self.kind_id}"] = self.uiterlijk


class OverdrachtGeweigerd(Gebeurtenis, frozen=True):
    """The receiver refused; the work is still ours."""

    NAAM: ClassVar[str] = "melding/overdracht-geweigerd"
    kind_id: UUID
    reden: str

    def pas_toe(self, op: "Melding") -> None:
        op.kinderen[self.kind_id].status = Kindstatus.GEWEIGERD
        op.termijnen.pop(f"overdracht:{self.kind_id}", None)


class Teruggekeerd(Gebeurtenis, frozen=True):
    """A child came back, with or without a result."""

    NAAM: ClassVar[str] = "melding/teruggekeerd"
    kind_id: UUID
    resultaat: Resultaat

    def pas_toe(self, op: "Melding") -> None:
        op.kinderen[self.kind_id].status = Kindstatus(self.resultaat.value)
        op.termijnen.pop(f"overdracht:{self.kind_id}", None)


class Gecontroleerd(Gebeurtenis, frozen=True):
    """Interne controle: the one verdict on a ronde."""

    NAAM: ClassVar[str] = "melding/gecontroleerd"
    ronde: int
    goed: bool

    def pas_toe(self, op: "Melding") -> None:
        op.is_goedgekeurd = self.goed
        op.gecontroleerde_ronde = self.ronde
        op.wil_nieuwe_ronde = not self.goed


class Gereedgemeld(Gebeurtenis, frozen=True):
    """Done as asked; the asker is told."""

    NAAM: ClassVar[str] = "melding/gereedgemeld"
    resultaat: str

    def pas_toe(self, op: "Melding") -> None:
        op.is_gereedgemeld = True


class TevredenheidGevraagd(Gebeurtenis, frozen=True):
    """The melder is asked, and has until ``uiterlijk`` to answer."""

    NAAM: ClassVar[str] = "melding/tevredenheid-gevraagd"
    uiterlijk: datetime

    def pas_toe(self, op: "Melding") -> None:
        op.termijnen["antwoord"] = self.uiterlijk


class TevredenheidGecontroleerd(Gebeurtenis, frozen=True):
    """What the melder answered."""

    NAAM: ClassVar[str] = "melding/tevredenheid-gecontroleerd"
    oordeel: Oordeel

    def pas_toe(self, op: "Melding") -> None:
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

    def pas_toe(self, op: "Melding") -> None:
        op.eindig(Uitkomst.VOLTOOID)


class Geevalueerd(Gebeurtenis, frozen=True):
    """What was learned is recorded."""

    NAAM: ClassVar[str] = "melding/geevalueerd"

    def pas_toe(self, op: "Melding") -> None:
        op.is_geevalueerd = True


class Gesloten(Gebeurtenis, frozen=True):
    """Administratively closed."""

    NAAM: ClassVar[str] = "melding/gesloten"
    uitkomst: Uitkomst

    def pas_toe(self, op: "Melding") -> None:
        op.is_gesloten = True


class Ingetrokken(Gebeurtenis, frozen=True):
    """Withdrawn by the melder, or cancelled with its parent."""

    NAAM: ClassVar[str] = "melding/ingetrokken"
    aanleiding: str

    def pas_toe(self, op: "Melding") -> None:
        op.eindig(Uitkomst.INGETROKKEN)


class Afgewezen(Gebeurtenis, frozen=True):
    """Refused at intake, before judgement."""

    NAAM: ClassVar[str] = "melding/afgewezen"
    reden: str

    def pas_toe(self, op: "Melding") -> None:
        op.eindig(Uitkomst.AFGEWEZEN)


class Afgebroken(Gebeurtenis, frozen=True):
    """Broken off: no result will come."""

    NAAM: ClassVar[str] = "melding/afgebroken"
    reden: str
    uitkomst: Uitkomst = Uitkomst.AFGEBROKEN

    def pas_toe(self, op: "Melding") -> None:
        op.eindig(self.uitkomst)


class Gekoppeld(Gebeurtenis, frozen=True):
    """Tied to another melding; nobody waits."""

    NAAM: ClassVar[str] = "melding/gekoppeld"
    andere_id: UUID
    andere_proces: Proces
    soort: str

    def pas_toe(self, op: "Melding") -> None:
        op.koppelingen[self.andere_id] = self.andere_proces


class KoppelingVoltooid(Gebeurtenis, frozen=True):
    """The melding that this one is tied to was completed."""

    NAAM: ClassVar[str] = "melding/koppeling-voltooid"
    andere_id: UUID

    def pas_toe(self, op: "Melding") -> None:
        op.voltooide_koppelingen.add(self.andere_id)


class Opgeschort(Gebeurtenis, frozen=True):
    """The terms are paused from ``sinds``."""

    NAAM: ClassVar[str] = "melding/opgeschort"
    reden: str
    sinds: datetime

    def pas_toe(self, op: "Melding") -> None:
        op.opgeschort_sinds = self.sinds


class Hervat(Gebeurtenis, frozen=True):
    """The terms run again, each moved by ``seconden``; ``uiterlijk`` is the beslistermijn now."""

    NAAM: ClassVar[str] = "melding/hervat"
    seconden: float
    uiterlijk: datetime | None = None

    def pas_toe(self, op: "Melding") -> None:
        op.opgeschort_sinds = None
        op.termijnen = {
            termijn: uiterlijk + timedelta(seconds=self.seconden)
            for termijn, uiterlijk in op.termijnen.items()
        }


class TermijnVerstreken(Gebeurtenis, frozen=True):
    """A term passed without what it was for."""

    NAAM: ClassVar[str] = "melding/termijn-verstreken"
    termijn: str
    kind_id: UUID | None = None

    def pas_toe(self, op: "Melding") -> None:
        sleutel = self.termijn if self.kind_id is None else f"{self.termijn}:{self.kind_id}"
        op.termijnen.pop(sleutel, None)
        op.verstreken.add(sleutel)


class PersoonsgegevensGewist(Gebeurtenis, frozen=True):
    """The key of what the melder wrote is destroyed."""

    NAAM: ClassVar[str] = "melding/persoonsgegevens-gewist"
    grond: str

    def pas_toe(self, op: "Melding") -> None:
        op.is_gewist = True


class EigenStap(Gebeurtenis, frozen=True):
    """Base of the events of one process alone. ``STAP`` is the step that it completes."""

    STAP: ClassVar[str]

    def pas_toe(self, op: "Melding") -> None:
        op.gezet.add(self.STAP)


GEMEEN: tuple[type[Gebeurtenis], ...] = (
    Aangenomen,
    Verhelderd,
    Beoordeeld,
    Omgezet,
    Voortgekomen,
    Overgedragen,
    OverdrachtGeweigerd,
    Teruggekeerd,
    Gecontroleerd,
    Gereedgemeld,
    TevredenheidGevraagd,
    TevredenheidGecontroleerd,
    Voltooid,
    Geevalueerd,
    Gesloten,
    Ingetrokken,
    Afgewezen,
    Afgebroken,
    Gekoppeld,
    KoppelingVoltooid,
    Opgeschort,
    Hervat,
    TermijnVerstreken,
    PersoonsgegevensGewist,
)
