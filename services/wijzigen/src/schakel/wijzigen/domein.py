"""Wijzigen: controlled change of the managed infrastructure, within the agreements.

Own steps (domain, section 3.4): plannen and accorderen, voorbereiden, testen, vrijgeven; after the
check on the way back the register of managed infrastructure is updated.
"""

from typing import ClassVar

from schakel.contracts.feit import Code
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.melding import GEMEEN, Melding
from schakel.skelet.stand import Stand
from schakel.skelet.stappen import voorwaarden as v
from schakel.skelet.stappen.opdracht import Actie, Bij
from schakel.skelet.stappen.stap import EigenStap, stap


class WijzigingGepland(EigenStap, frozen=True):
    """The change has a plan."""

    NAAM: ClassVar[str] = "wijzigen/wijziging.gepland"
    STAP: ClassVar[str] = "planningen"


class Geaccordeerd(EigenStap, frozen=True):
    """The plan is approved."""

    NAAM: ClassVar[str] = "wijzigen/wijziging.geaccordeerd"
    STAP: ClassVar[str] = "accorderingen"


class Voorbereid(EigenStap, frozen=True):
    """The change is built."""

    NAAM: ClassVar[str] = "wijzigen/wijziging.voorbereid"
    STAP: ClassVar[str] = "voorbereidingen"


class TestGeslaagd(EigenStap, frozen=True):
    """The test succeeded."""

    NAAM: ClassVar[str] = "wijzigen/wijziging.test-geslaagd"
    STAP: ClassVar[str] = "testen"


class TestMislukt(Gebeurtenis, frozen=True):
    """The test failed: prepare again."""

    NAAM: ClassVar[str] = "wijzigen/wijziging.test-mislukt"

    def pas_toe(self, op: Stand) -> None:
        op.gezet.discard(Voorbereid.STAP)


class Vrijgegeven(EigenStap, frozen=True):
    """The change may be carried out."""

    NAAM: ClassVar[str] = "wijzigen/wijziging.vrijgegeven"
    STAP: ClassVar[str] = "vrijgaven"


class RegisterBijgewerkt(EigenStap, frozen=True):
    """The register shows the change in ``onderdeel``."""

    NAAM: ClassVar[str] = "wijzigen/wijziging.register-bijgewerkt"
    STAP: ClassVar[str] = "registraties"
    onderdeel: str


class Wijziging(Melding):
    """A change on its way into the managed infrastructure."""

    PROCES = Proces.WIJZIGEN
    VOOR_OVERDRACHT = ("planningen", "accorderingen", "voorbereidingen", "testen", "vrijgaven")
    VOOR_GEREEDMELDING = ("registraties",)
    STAPPEN_PER_RONDE = frozenset({"registraties"})

    @stap("planningen", *v.IN_BEHANDELING, v.eenmaal("planningen"))
    def plan(self) -> None:
        """There is a plan."""
        self.gebeurt(WijzigingGepland())

    @stap("accorderingen", *v.IN_BEHANDELING, v.na("planningen"), v.eenmaal("accorderingen"))
    def accordeer(self) -> None:
        """The plan is approved."""
        self.gebeurt(Geaccordeerd())

    @stap("voorbereidingen", *v.IN_BEHANDELING, v.na("accorderingen"), v.eenmaal("voorbereidingen"))
    def bereid_voor(self) -> None:
        """The change is built."""
        self.gebeurt(Voorbereid())

    @stap("testen", *v.IN_BEHANDELING, v.na("voorbereidingen"), v.eenmaal("testen"))
    def test(self, *, geslaagd: bool) -> None:
        """The test succeeded, or the change is prepared again."""
        self.gebeurt(TestGeslaagd() if geslaagd else TestMislukt())

    @stap("vrijgaven", *v.IN_BEHANDELING, v.na("testen"), v.eenmaal("vrijgaven"))
    def geef_vrij(self) -> None:
        """The change may be carried out."""
        self.gebeurt(Vrijgegeven())

    @stap("registraties", *v.IN_BEHANDELING, v.goedgekeurd, v.eenmaal("registraties"))
    def werk_register_bij(self, onderdeel: str) -> None:
        """The register shows what was changed."""
        self.gebeurt(RegisterBijgewerkt(onderdeel))


GEBEURTENISSEN: tuple[type[Gebeurtenis], ...] = (
    *GEMEEN,
    WijzigingGepland,
    Geaccordeerd,
    Voorbereid,
    TestGeslaagd,
    TestMislukt,
    Vrijgegeven,
    RegisterBijgewerkt,
)


class Planning(Verzoek):
    """There is a plan."""

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        melding.plan()


class Accordering(Verzoek):
    """The plan is approved."""

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        melding.accordeer()


class Voorbereiding(Verzoek):
    """The change is built."""

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        melding.bereid_voor()


class Test(Verzoek):
    """Whether the test succeeded; if not, prepare again."""

    geslaagd: bool

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        melding.test(geslaagd=self.geslaagd)


class Vrijgave(Verzoek):
    """The change may be carried out."""

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        melding.geef_vrij()


class Registratie(Verzoek):
    """The register shows the change in this part."""

    onderdeel: Code

    def doe(self, melding: Wijziging, bij: Bij) -> None:
        melding.werk_register_bij(self.onderdeel)


ACTIES: tuple[Actie[Wijziging], ...] = (
    Actie("planningen", Planning, "Leg vast dat de wijziging is gepland"),
    Actie("accorderingen", Accordering, "Accordeer de planning"),
    Actie("voorbereidingen", Voorbereiding, "Leg vast dat de wijziging is voorbereid"),
    Actie("testen", Test, "Leg de uitkomst van de test vast"),
    Actie("vrijgaven", Vrijgave, "Geef de wijziging vrij voor uitvoering"),
    Actie("registraties", Registratie, "Werk het register van beheerde infrastructuur bij"),
)
