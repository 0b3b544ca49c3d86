"""The state of a melding: events apply to it, conditions judge it.

It follows from the events alone, and knows neither them nor the steps.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from schakel.contracts.melding import Kanaal, Kindstatus, Meldersoort, Status, Uitkomst
from schakel.contracts.organisatie import Verwijzing
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Meldingsoort, Proces
from schakel.kern.vastlegging.aggregaat import Aggregaat
from schakel.kern.vastlegging.gebeurtenis import Plaats


@dataclass(slots=True)
class Kind:
    """A child: the ``n``-th hand-over of its giver, in ``ronde``, to ``naar``.

    ``organisatie`` is who has it, when that is another one than ours.
    """

    id: UUID
    naar: Proces
    n: int
    ronde: int
    status: Kindstatus = Kindstatus.OPEN
    uitkomst: Uitkomst | None = None
    organisatie: str | None = None


class Stand(Aggregaat):
    """What is known of a melding in one process, and what follows from that."""

    PROCES: ClassVar[Proces]
    VOOR_OVERDRACHT: ClassVar[tuple[str, ...]] = ()
    """Own steps that come before the first hand-over."""
    VOOR_GEREEDMELDING: ClassVar[tuple[str, ...]] = ()
    """Own steps that come after the check, or in the leaf the act itself."""
    STAPPEN_PER_RONDE: ClassVar[frozenset[str]] = frozenset()
    """Own steps that a new ronde asks again."""

    def __init__(self, id: UUID, plaats: Plaats) -> None:  # noqa: A002
        """Nothing happened yet; ``Aangenomen`` is the first."""
        super().__init__(id, plaats)
        self.volgnummer = ""
        self.kanaal = Kanaal.KETEN
        self.dienst = ""
        self.melder = Meldersoort.BURGER
        self.is_bevoegd = True
        self.soort_volgens_melder: Meldingsoort | None = None
        self.herkomst: Verwijzing | None = None
        self.dataref: str | None = None
        self.is_verhelderd = False
        self.is_beoordeeld = False
        self.prioriteit: int | None = None
        self.kinderen: dict[UUID, Kind] = {}
        self.ronde = 0
        self.wil_nieuwe_ronde = True
        self.gecontroleerde_ronde = 0
        self.is_goedgekeurd = False
        self.is_gereedgemeld = False
        self.gezet: set[str] = set()
        self.termijnen: dict[str, datetime] = {}
        self.verstreken: set[str] = set()
        self.opgeschort_sinds: datetime | None = None
        self.koppelingen: dict[UUID, Verwijzing] = {}
        self.voltooide_koppelingen: set[UUID] = set()
        self.uitgezet: dict[UUID, Proces] = {}
        self.uitkomst: Uitkomst | None = None
        self.is_geevalueerd = False
        self.is_gesloten = False
        self.is_gewist = False

    # What follows from it

    @property
    def waar(self) -> Verwijzing:
        """This melding, as another knows it."""
        return Verwijzing(self.PROCES, self.id)

    @property
    def is_genest(self) -> bool:
        """Whether another melding waits for this one, here or at another organisation."""
        return self.plaats.ouder is not None or self.is_deel

    @property
    def is_deel(self) -> bool:
        """Whether it does a part of the work of another organisation."""
        return self.plaats.deel is not None

    @property
    def voortgekomen(self) -> list[UUID]:
        """The meldingen that other processes were asked to open."""
        return list(self.uitgezet)

    @property
    def ouder(self) -> Verwijzing | None:
        """The melding here that waits for this one."""
        if (ouder := self.plaats.ouder) is None:
            return None
        return Verwijzing(Proces(ouder.soort), ouder.id)

    def gevraagd_aan(self, id_: UUID) -> Proces | None:
        """Which process this one asked for the melding ``id_``, if it did."""
        kind = self.kinderen.get(id_)
        return self.uitgezet.get(id_) if kind is None else kind.naar

    @property
    def draagt_over(self) -> bool:
        """Whether this process hands over at all."""
        return bool(OVERDRACHT_NAAR[self.PROCES])

    @property
    def kinderen_in_ronde(self) -> list[Kind]:
        """The hand-overs of the current ronde."""
        return [kind for kind in self.kinderen.values() if kind.ronde == self.ronde]

    @property
    def status(self) -> Status:
        """Where the melding is, in one word."""
        if self.is_gesloten:
            return Status.GESLOTEN
        if self.uitkomst is not None:
            return Status(self.uitkomst.value)
        if self.opgeschort_sinds is not None:
            return Status.OPGESCHORT
        if self.is_gereedgemeld:
            return Status.GEREEDGEMELD
        if any(kind.status is Kindstatus.OPEN for kind in self.kinderen.values()):
            return Status.OVERGEDRAGEN
        if self.gezet or self.kinderen:
            return Status.IN_BEHANDELING
        if self.is_beoordeeld:
            return Status.BEOORDEELD
        return Status.VERHELDERD if self.is_verhelderd else Status.AANGENOMEN

    @property
    def aanzien(self) -> tuple[object, ...]:
        """All of it that the conditions of a step look at, with what its class says.

        Meldingen of one process that are equal in this may do the same. No condition looks at
        anything else; a test watches them.
        """
        ronde = self.ronde
        return (
            self.plaats.ouder is None,
            self.plaats.deel is None,
            self.is_bevoegd,
            self.is_verhelderd,
            self.is_beoordeeld,
            frozenset(self.gezet),
            tuple([(kind.status, kind.ronde == ronde) for kind in self.kinderen.values()]),
            self.gecontroleerde_ronde == ronde,
            self.wil_nieuwe_ronde,
            self.is_goedgekeurd,
            self.is_gereedgemeld,
            self.opgeschort_sinds is None,
            len(self.koppelingen),
            self.uitkomst,
            self.is_geevalueerd,
            self.is_gesloten,
            self.is_gewist,
        )

    @property
    def uiterlijk(self) -> datetime | None:
        """The first term that can expire; None while paused."""
        if self.opgeschort_sinds is not None:
            return None
        return min(self.termijnen.values(), default=None)

    # Used by events when they are applied: assign only

    def eindig(self, uitkomst: Uitkomst) -> None:
        """Nothing is awaited any more."""
        self.uitkomst = uitkomst
        self.termijnen.clear()
        self.opgeschort_sinds = None

    def begin_ronde(self, ronde: int) -> None:
        """Work starts (again): what a ronde asks has to be done for this one."""
        if ronde != self.ronde:
            self.ronde = ronde
            self.is_goedgekeurd = False
            self.gezet -= self.STAPPEN_PER_RONDE
        self.wil_nieuwe_ronde = False
