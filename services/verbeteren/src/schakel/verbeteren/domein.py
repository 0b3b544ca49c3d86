"""Verbeteren: remove threats and realise innovations; proactive, never asked by a burger.

Own steps (domain, section 3.4): oorzaak vaststellen (bekende fout), maatregel kiezen; after the
check on the way back what risk remains.
"""

from typing import ClassVar

from schakel.contracts.feit import Code
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis
from schakel.skelet.melding import GEMEEN, Melding
from schakel.skelet.stappen import voorwaarden as v
from schakel.skelet.stappen.opdracht import Actie, Bij
from schakel.skelet.stappen.stap import EigenStap, stap


class OorzaakVastgesteld(EigenStap, frozen=True):
    """The cause is known: a bekende fout."""

    NAAM: ClassVar[str] = "verbeteren/voorstel.oorzaak-vastgesteld"
    STAP: ClassVar[str] = "oorzaken"
    oorzaak: str


class MaatregelGekozen(EigenStap, frozen=True):
    """This is what will be done about it."""

    NAAM: ClassVar[str] = "verbeteren/voorstel.maatregel-gekozen"
    STAP: ClassVar[str] = "maatregelen"
    maatregel: str


class RestrisicoBepaald(EigenStap, frozen=True):
    """This is what remains."""

    NAAM: ClassVar[str] = "verbeteren/voorstel.restrisico-bepaald"
    STAP: ClassVar[str] = "restrisicos"
    restrisico: str


class Verbetervoorstel(Melding):
    """A verbetervoorstel."""

    PROCES = Proces.VERBETEREN
    VOOR_OVERDRACHT = ("oorzaken", "maatregelen")
    VOOR_GEREEDMELDING = ("restrisicos",)
    STAPPEN_PER_RONDE = frozenset({"restrisicos"})

    @stap("oorzaken", *v.IN_BEHANDELING, v.eenmaal("oorzaken"))
    def stel_oorzaak_vast(self, oorzaak: str) -> None:
        """The cause is known."""
        self.gebeurt(OorzaakVastgesteld(oorzaak))

    @stap("maatregelen", *v.IN_BEHANDELING, v.na("oorzaken"), v.eenmaal("maatregelen"))
    def kies_maatregel(self, maatregel: str) -> None:
        """A measure is chosen."""
        self.gebeurt(MaatregelGekozen(maatregel))

    @stap("restrisicos", *v.IN_BEHANDELING, v.goedgekeurd, v.eenmaal("restrisicos"))
    def bepaal_restrisico(self, restrisico: str) -> None:
        """What risk remains."""
        self.gebeurt(RestrisicoBepaald(restrisico))


GEBEURTENISSEN: tuple[type[Gebeurtenis], ...] = (
    *GEMEEN,
    OorzaakVastgesteld,
    MaatregelGekozen,
    RestrisicoBepaald,
)


class Oorzaak(Verzoek):
    """The cause, as a code: a bekende fout."""

    oorzaak: Code

    def doe(self, melding: Verbetervoorstel, bij: Bij) -> None:
        melding.stel_oorzaak_vast(self.oorzaak)


class Maatregel(Verzoek):
    """What will be done about it, as a code."""

    maatregel: Code

    def doe(self, melding: Verbetervoorstel, bij: Bij) -> None:
        melding.kies_maatregel(self.maatregel)


class Restrisico(Verzoek):
    """What risk remains, as a code."""

    restrisico: Code

    def doe(self, melding: Verbetervoorstel, bij: Bij) -> None:
        melding.bepaal_restrisico(self.restrisico)


ACTIES: tuple[Actie[Verbetervoorstel], ...] = (
    Actie("oorzaken", Oorzaak, "Stel de oorzaak vast"),
    Actie("maatregelen", Maatregel, "Kies een maatregel"),
    Actie("restrisicos", Restrisico, "Bepaal het restrisico"),
)
