"""Wijzigen: controlled change of the managed infrastructure, within the agreements.

Own steps (domain, section 3.4): plannen and accorderen, voorbereiden, testen, vrijgeven; after the
check on the way back the register of managed infrastructure is updated.
"""

from typing import ClassVar

from schakel.contracts.werkstromen import Proces
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.stand import Melding
from schakel.skelet.stappen import voorwaarden as v
from schakel.skelet.stappen.begin import GEMEEN, EigenStap
from schakel.skelet.stappen.stap import stap


class Gepland(EigenStap, frozen=True):
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

    def pas_toe(self, op: Melding) -> None:
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
        self.gebeurt(Gepland())

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
    Gepland,
    Geaccordeerd,
    Voorbereid,
    TestGeslaagd,
    TestMislukt,
    Vrijgegeven,
    RegisterBijgewerkt,
)
