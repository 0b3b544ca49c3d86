"""Rand: what may happen around the work at any moment: koppelingen, terms, erasure."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from schakel.contracts.feit import Code
from schakel.contracts.melding import Oordeel
from schakel.contracts.organisatie import Verwijzing
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.rollen import Rol
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stand import Stand

from .einde import Eindstappen
from .opdracht import Actie, Bij
from .stap import Bezwaar, stap
from .voorwaarden import LOOPT, loopt, niet_gesloten

MEESTE_KOPPELINGEN = 100


class Gekoppeld(Gebeurtenis, frozen=True):
    """Tied to another melding; nobody waits."""

    NAAM: ClassVar[str] = "melding/gekoppeld"
    andere_id: UUID
    andere_proces: Proces
    soort: str

    def pas_toe(self, op: Stand) -> None:
        op.koppelingen[self.andere_id] = Verwijzing(self.andere_proces, self.andere_id)


class KoppelingVoltooid(Gebeurtenis, frozen=True):
    """The melding that this one is tied to was completed."""

    NAAM: ClassVar[str] = "melding/koppeling-voltooid"
    andere_id: UUID

    def pas_toe(self, op: Stand) -> None:
        op.voltooide_koppelingen.add(self.andere_id)


class Opgeschort(Gebeurtenis, frozen=True):
    """The terms are paused from ``sinds``."""

    NAAM: ClassVar[str] = "melding/opgeschort"
    reden: str
    sinds: datetime

    def pas_toe(self, op: Stand) -> None:
        op.opgeschort_sinds = self.sinds


class Hervat(Gebeurtenis, frozen=True):
    """The terms run again, each moved by ``seconden``: ``termijnen`` is what they are now.

    ``uiterlijk`` is the beslistermijn. Of a former version ``termijnen`` is not known.
    """

    NAAM: ClassVar[str] = "melding/hervat"
    seconden: float
    uiterlijk: datetime | None = None
    termijnen: dict[str, datetime] | None = None

    def pas_toe(self, op: Stand) -> None:
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

    def pas_toe(self, op: Stand) -> None:
        sleutel = self.termijn if self.kind_id is None else f"{self.termijn}:{self.kind_id}"
        op.termijnen.pop(sleutel, None)
        op.verstreken.add(sleutel)


class PersoonsgegevensGewist(Gebeurtenis, frozen=True):
    """The key of what the melder wrote is destroyed."""

    NAAM: ClassVar[str] = "melding/persoonsgegevens-gewist"
    grond: str
    herkomst_id: UUID | None = None
    herkomst_proces: Proces | None = None

    def pas_toe(self, op: Stand) -> None:
        op.is_gewist = True


def ontleed_termijn(sleutel: str) -> tuple[str, UUID | None]:
    """Which term it is, and of which child if it is that of a hand-over."""
    termijn, _, kind_id = sleutel.partition(":")
    return termijn, UUID(kind_id) if kind_id else None


GEBEURTENISSEN = (
    Gekoppeld,
    KoppelingVoltooid,
    Opgeschort,
    Hervat,
    TermijnVerstreken,
    PersoonsgegevensGewist,
)


def ruimte_voor_koppeling(melding: Stand) -> Bezwaar | None:
    """All of them are told in one message at completion."""
    if len(melding.koppelingen) >= MEESTE_KOPPELINGEN:
        return ("te-veel-koppelingen", f"er zijn al {MEESTE_KOPPELINGEN} koppelingen")
    return None


def opgeschort(melding: Stand) -> Bezwaar | None:
    """Only what is paused can go on."""
    if melding.opgeschort_sinds is None:
        return ("niet-opgeschort", f"{melding.volgnummer} is niet opgeschort")
    return None


def gesloten(melding: Stand) -> Bezwaar | None:
    """Only what is closed is erased."""
    if not melding.is_gesloten:
        return ("niet-gesloten", f"{melding.volgnummer} is nog niet gesloten")
    return None


def niet_gewist(melding: Stand) -> Bezwaar | None:
    """What is erased cannot be erased again."""
    if melding.is_gewist:
        return ("al-gewist", f"de persoonsgegevens van {melding.volgnummer} zijn al gewist")
    return None


class Randstappen(Eindstappen):
    """Koppelen, opschorten, hervatten, laten verstrijken (that may end a melding), wissen."""

    @stap("koppelingen", niet_gesloten, ruimte_voor_koppeling)
    def koppel(self, andere: Verwijzing, soort: str) -> None:
        """Tie to a duplicate or related melding, or a workaround; nobody waits."""
        if andere.id == self.id:
            self.weiger(("zelfde-melding", "een melding wordt niet aan zichzelf gekoppeld"))
        if andere.id not in self.koppelingen:
            self.gebeurt(Gekoppeld(andere.id, andere.proces, soort))

    def hoor_voltooiing(self, andere_id: UUID) -> None:
        """A koppeled melding was completed."""
        if andere_id in self.koppelingen and andere_id not in self.voltooide_koppelingen:
            self.gebeurt(KoppelingVoltooid(andere_id))

    @stap("opschortingen", *LOOPT)
    def schort_op(self, reden: str, op: datetime) -> None:
        """Pause the terms, with a reason: for instance more is asked of the melder."""
        self.gebeurt(Opgeschort(reden, op))

    @stap("hervattingen", loopt, opgeschort)
    def hervat(self, op: datetime) -> None:
        """The terms run again, each as much later as the pause lasted."""
        verschil = op - (self.opgeschort_sinds or op)
        termijnen = {naam: uiterlijk + verschil for naam, uiterlijk in self.termijnen.items()}
        self.gebeurt(Hervat(verschil.total_seconds(), termijnen.get("beslistermijn"), termijnen))

    def laat_verstrijken(self, op: datetime) -> None:
        """Record every term that passed; no answer of the melder in time completes the melding."""
        if self.opgeschort_sinds is not None:
            return
        for sleutel, uiterlijk in sorted(self.termijnen.items(), key=lambda termijn: termijn[1]):
            if uiterlijk > op or self.uitkomst is not None:
                break
            termijn, kind_id = ontleed_termijn(sleutel)
            self.gebeurt(TermijnVerstreken(termijn, kind_id))
            if termijn == "antwoord":
                self.controleer_tevredenheid(Oordeel.ZONDER_REACTIE, None)

    @stap("wissingen", gesloten, niet_gewist)
    def wis(self, grond: str) -> None:
        """The personal data are destroyed; the history stays."""
        herkomst = () if self.herkomst is None else (self.herkomst.id, self.herkomst.proces)
        self.gebeurt(PersoonsgegevensGewist(grond, *herkomst))

    def hoor_wissing(self, grond: str) -> None:
        """The data of the parent are destroyed, and with them those of what was asked here."""
        if not self.is_gewist:
            self.gebeurt(PersoonsgegevensGewist(grond))


class Koppeling(Verzoek):
    """Tie to another melding."""

    andere_id: UUID
    andere_proces: Proces
    soort: Code

    def doe(self, melding: Randstappen, bij: Bij) -> None:
        melding.koppel(Verwijzing(self.andere_proces, self.andere_id), self.soort)


class Opschorting(Verzoek):
    """Pause the terms."""

    reden: Code

    def doe(self, melding: Randstappen, bij: Bij) -> None:
        melding.schort_op(self.reden, bij.nu)


class Hervatting(Verzoek):
    """Let the terms run again."""

    def doe(self, melding: Randstappen, bij: Bij) -> None:
        melding.hervat(bij.nu)


class Wissing(Verzoek):
    """Destroy the personal data of a closed melding."""

    grond: Code

    def doe(self, melding: Randstappen, bij: Bij) -> None:
        melding.wis(self.grond)


ACTIES: tuple[Actie[Any], ...] = (
    Actie("koppelingen", Koppeling, "Koppel aan een andere melding"),
    Actie("opschortingen", Opschorting, "Schort de termijnen op"),
    Actie("hervattingen", Hervatting, "Laat de termijnen weer lopen"),
    Actie("wissingen", Wissing, "Wis de persoonsgegevens van een gesloten melding", Rol.BEHEERDER),
)
