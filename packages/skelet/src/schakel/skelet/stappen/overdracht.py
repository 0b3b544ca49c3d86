"""Overdracht: part of the work goes to another process, comes back and is checked."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from schakel.contracts.feit import Code, Tijdstip
from schakel.contracts.melding import Kanaal, Kindstatus, Meldersoort, Resultaat, Uitkomst
from schakel.contracts.organisatie import Oin
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces, mag_overdragen
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.routering import HIER, Bestemming
from schakel.skelet.stand import Kind, Stand

from .opdracht import Actie, Bij, Tekst
from .stap import Bezwaar, MetStappen, stap
from .voorwaarden import IN_BEHANDELING, loopt

MEESTE_OPEN = 50
MEESTE_OVERDRACHTEN = 1_000


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

    def pas_toe(self, op: Stand) -> None:
        op.begin_ronde(self.ronde)
        op.kinderen[self.kind_id] = Kind(self.kind_id, self.naar, self.n, self.ronde)
        if self.uiterlijk is not None:
            op.termijnen[f"overdracht:{self.kind_id}"] = self.uiterlijk


class OverdrachtAangeboden(Gebeurtenis, frozen=True):
    """Handed to a process of another organisation; this melding waits for the return.

    ``kind_id`` is what both organisations call it: the schakelId. ``vervangt`` is one of this
    melding that came back ``omgezet``.
    """

    NAAM: ClassVar[str] = "melding/overdracht-aangeboden"
    kind_id: UUID
    naar: Proces
    n: int
    ronde: int
    organisatie: str
    dienst: str
    kanaal: Kanaal
    melder: Meldersoort
    uiterlijk: datetime | None = None
    dataref: str | None = None
    gereed_voor: datetime | None = None
    vervangt: UUID | None = None

    def pas_toe(self, op: Stand) -> None:
        op.begin_ronde(self.ronde)
        kind = Kind(self.kind_id, self.naar, self.n, self.ronde, organisatie=self.organisatie)
        op.kinderen[self.kind_id] = kind
        if self.uiterlijk is not None:
            op.termijnen[f"overdracht:{self.kind_id}"] = self.uiterlijk


class OverdrachtTeruggenomen(Gebeurtenis, frozen=True):
    """The giver no longer waits for it. Handing over once more begins a new ronde."""

    NAAM: ClassVar[str] = "melding/overdracht-teruggenomen"
    kind_id: UUID
    aanleiding: str

    def pas_toe(self, op: Stand) -> None:
        op.kinderen[self.kind_id].status = Kindstatus.TERUGGENOMEN
        op.termijnen.pop(f"overdracht:{self.kind_id}", None)
        op.wil_nieuwe_ronde = True


class OverdrachtGeweigerd(Gebeurtenis, frozen=True):
    """The receiver refused; the work is still ours."""

    NAAM: ClassVar[str] = "melding/overdracht-geweigerd"
    kind_id: UUID
    reden: str

    def pas_toe(self, op: Stand) -> None:
        op.kinderen[self.kind_id].status = Kindstatus.GEWEIGERD
        op.termijnen.pop(f"overdracht:{self.kind_id}", None)


class Teruggekeerd(Gebeurtenis, frozen=True):
    """A child came back, with or without a result."""

    NAAM: ClassVar[str] = "melding/teruggekeerd"
    kind_id: UUID
    resultaat: Resultaat
    uitkomst: Uitkomst | None = None
    """How the child ended, when that was without a result; a former version did not keep it."""

    def pas_toe(self, op: Stand) -> None:
        op.kinderen[self.kind_id].status = Kindstatus(self.resultaat.value)
        op.kinderen[self.kind_id].uitkomst = self.uitkomst
        op.termijnen.pop(f"overdracht:{self.kind_id}", None)
        if self.resultaat is Resultaat.ZONDER_RESULTAAT:
            op.wil_nieuwe_ronde = True


class Gecontroleerd(Gebeurtenis, frozen=True):
    """Interne controle: the one verdict on a ronde."""

    NAAM: ClassVar[str] = "melding/gecontroleerd"
    ronde: int
    goed: bool

    def pas_toe(self, op: Stand) -> None:
        op.is_goedgekeurd = self.goed
        op.gecontroleerde_ronde = self.ronde
        op.wil_nieuwe_ronde = not self.goed


GEBEURTENISSEN = (
    Overgedragen,
    OverdrachtGeweigerd,
    Teruggekeerd,
    Gecontroleerd,
    OverdrachtAangeboden,
    OverdrachtTeruggenomen,
)

_NIETS_TERUG = frozenset({Kindstatus.GEWEIGERD, Kindstatus.TERUGGENOMEN})
"""Of these nothing came back that can be checked."""


def voorbereid(melding: Stand) -> Bezwaar | None:
    """The own steps come before the hand-over."""
    for naam in melding.VOOR_OVERDRACHT:
        if naam not in melding.gezet:
            return ("stap-ontbreekt", f"eerst nog: {naam}")
    return None


def ronde_open(melding: Stand) -> Bezwaar | None:
    """After a good check there is nothing left to hand over, unless it is judged anew."""
    if melding.is_goedgekeurd and not melding.wil_nieuwe_ronde:
        return (
            "al-goedgekeurd",
            f"ronde {melding.ronde} is goedgekeurd; draag alleen opnieuw over na een nieuwe"
            " beoordeling",
        )
    return None


def ruimte_voor_overdracht(melding: Stand) -> Bezwaar | None:
    """Each of them is waited for, and all are looked through at every step (section 6.9)."""
    if len(melding.kinderen) < MEESTE_OPEN:
        return None
    open_ = sum(kind.status is Kindstatus.OPEN for kind in melding.kinderen.values())
    if open_ >= MEESTE_OPEN or len(melding.kinderen) >= MEESTE_OVERDRACHTEN:
        return (
            "te-veel-overdrachten",
            f"er zijn hoogstens {MEESTE_OPEN} overdrachten open en {MEESTE_OVERDRACHTEN} in totaal",
        )
    return None


def kinderen_terug(melding: Stand) -> Bezwaar | None:
    """One verdict, when all children are back (section 3.6)."""
    is_er_iets_terug = False
    for kind in melding.kinderen.values():
        if kind.status is Kindstatus.OPEN:
            return ("wacht-op-terugkeer", "nog niet alles wat is overgedragen is terug")
        if kind.ronde == melding.ronde and kind.status not in _NIETS_TERUG:
            is_er_iets_terug = True
    if not is_er_iets_terug:
        return ("niets-te-controleren", "er is in deze ronde niets teruggekomen")
    return None


def iets_open(melding: Stand) -> Bezwaar | None:
    """Only what is still waited for can be taken back."""
    if all(kind.status is not Kindstatus.OPEN for kind in melding.kinderen.values()):
        return ("niets-open", "er staat geen overdracht open")
    return None


def niet_gecontroleerd(melding: Stand) -> Bezwaar | None:
    """One verdict per ronde."""
    if melding.gecontroleerde_ronde == melding.ronde:
        return ("al-gecontroleerd", f"ronde {melding.ronde} is al gecontroleerd")
    return None


class Overdrachtstappen(MetStappen):
    """Overdragen, terugnemen, controleren."""

    @stap("overdrachten", *IN_BEHANDELING, voorbereid, ronde_open, ruimte_voor_overdracht)
    def draag_over(
        self,
        kind_id: UUID,
        naar: Proces,
        dienst: str,
        uiterlijk: datetime | None,
        dataref: str | None,
        bestemming: Bestemming = HIER,
    ) -> None:
        """Hand over to a process that the model allows; several may be open at once."""
        if not mag_overdragen(self.PROCES, naar):
            mag = ", ".join(OVERDRACHT_NAAR[self.PROCES]) or "niemand"
            uitleg = f"{self.PROCES} draagt niet over aan {naar}; wel aan: {mag}"
            self.weiger(("overdracht-niet-toegestaan", uitleg))
        self.weiger(bestemming.bezwaar)
        n, ronde = len(self.kinderen) + 1, self.ronde + 1 if self.wil_nieuwe_ronde else self.ronde
        plaats, van = (kind_id, naar, n, ronde), (dienst, self.kanaal, self.melder)
        if (elders := bestemming.organisatie) is None:
            self.weiger(bestemming.is_te_veel())
            self.gebeurt(Overgedragen(*plaats, *van, uiterlijk, dataref))
        else:
            self.weiger(self._vervangt_niets(bestemming.vervangt))
            wens = (bestemming.gereed_voor, bestemming.vervangt)
            self.gebeurt(OverdrachtAangeboden(*plaats, elders, *van, uiterlijk, dataref, *wens))

    def _vervangt_niets(self, schakel_id: UUID | None) -> Bezwaar | None:
        if schakel_id is None:
            return None
        kind = self.kinderen.get(schakel_id)
        if kind is not None and kind.organisatie and kind.uitkomst is Uitkomst.OMGEZET:
            return None
        uitleg = "vervangt noemt een overdracht aan een andere organisatie die omgezet terugkwam"
        return ("vervangt-past-niet", uitleg)

    @stap("overdracht-terugnames", loopt, iets_open)
    def neem_overdracht_terug(self, kind_id: UUID, aanleiding: str) -> None:
        """No longer wait for it, whatever the receiver does or says. Also while opgeschort."""
        kind = self.kinderen.get(kind_id)
        if kind is None or kind.status is not Kindstatus.OPEN:
            self.weiger(("overdracht-niet-open", "deze overdracht staat hier niet open"))
        self.gebeurt(OverdrachtTeruggenomen(kind_id, aanleiding))

    def neem_terug(
        self, kind_id: UUID, resultaat: Resultaat, uitkomst: Uitkomst | None = None
    ) -> None:
        """A child came back. After our own end, or for a second time, it is nothing new.

        Neither is it after it was taken back.
        """
        if self._wacht_op(kind_id):
            self.gebeurt(Teruggekeerd(kind_id, resultaat, uitkomst))

    def hoor_weigering(self, kind_id: UUID, reden: str) -> None:
        """The receiver refused the hand-over."""
        if self._wacht_op(kind_id):
            self.gebeurt(OverdrachtGeweigerd(kind_id, reden))

    def _wacht_op(self, kind_id: UUID) -> bool:
        kind = self.kinderen.get(kind_id)
        return not self.is_gesloten and kind is not None and kind.status is Kindstatus.OPEN

    @stap("controles", *IN_BEHANDELING, kinderen_terug, niet_gecontroleerd)
    def controleer(self, *, goed: bool) -> None:
        """Interne controle: was done what was asked? One verdict on the ronde."""
        leeg = any(k.status is Kindstatus.ZONDER_RESULTAAT for k in self.kinderen_in_ronde)
        if goed and leeg:
            self.weiger(
                (
                    "zonder-resultaat",
                    "een overdracht kwam zonder resultaat terug: keur af en draag opnieuw over,"
                    " of breek af",
                )
            )
        self.gebeurt(Gecontroleerd(self.ronde, goed))


class Overdracht(Verzoek):
    """Hand over to another process, with what is asked of it.

    Which organisation runs it says the routering; ``organisatie`` chooses where that leaves a
    choice. To another one goes no text but the ``opdracht``: not what the melder wrote.
    """

    naar: Proces
    dienst: Code | None = None
    opdracht: Tekst | None = None
    organisatie: Oin | None = None
    gereed_voor: Tijdstip | None = None
    vervangt: UUID | None = None

    def doe(self, melding: Overdrachtstappen, bij: Bij) -> None:
        """The giver draws the id of the child."""
        kind_id, dienst = bij.nieuw_id(), self.dienst or melding.dienst
        keuze = bij.routering.bestemming(self.naar, dienst, self.organisatie)
        bestemming = keuze._replace(gereed_voor=self.gereed_voor, vervangt=self.vervangt)
        zonder = melding.dataref if bestemming.organisatie is None else None
        melding.draag_over(
            kind_id,
            self.naar,
            dienst,
            bij.nu + bij.termijnen.overdracht,
            zonder if self.opdracht is None else bij.dataref(kind_id),
            bestemming,
        )
        if self.opdracht is not None:
            bij.bewaar(kind_id, "opdracht", self.opdracht)


class Overdrachtterugname(Verzoek):
    """Take an open hand-over back."""

    kind_id: UUID
    reden: Code

    def doe(self, melding: Overdrachtstappen, bij: Bij) -> None:
        melding.neem_overdracht_terug(self.kind_id, self.reden)


class Controle(Verzoek):
    """Interne controle: was done what was asked?"""

    goed: bool

    def doe(self, melding: Overdrachtstappen, bij: Bij) -> None:
        melding.controleer(goed=self.goed)


ACTIES: tuple[Actie[Any], ...] = (
    Actie("overdrachten", Overdracht, "Draag over aan een ander proces"),
    Actie("overdracht-terugnames", Overdrachtterugname, "Neem een open overdracht terug"),
    Actie("controles", Controle, "Interne controle op wat terugkwam"),
)
