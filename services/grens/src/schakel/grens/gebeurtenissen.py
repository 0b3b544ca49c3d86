"""What happens to a schakel: what was asked, meant, said and heard, and what the house was told.

Every event of the last kind is one message of the house; the others stay here.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from schakel.contracts.decoders import decoder_van
from schakel.contracts.melding import Kanaal, Meldersoort, Uitkomst
from schakel.contracts.schakels.berichten import (
    SCHAKELBERICHTEN,
    SchakelAangeboden,
    Schakelbericht,
)
from schakel.contracts.schakels.codes import Leescode
from schakel.contracts.schakels.lezen import OnleesbaarBlad, Plek
from schakel.contracts.schakels.woorden import Coordinatiemodel, Kant
from schakel.contracts.werkstromen import Meldingsoort, Proces
from schakel.kern.vastlegging.gebeurtenis import Gebeurtenis, Plaats

_SOORT = {soort.FEIT: soort for soort in SCHAKELBERICHTEN}
_SCHRIJF = msgspec.json.Encoder().encode


class Begonnen(Gebeurtenis, frozen=True):
    """The first word of a schakel, of whomever: what it is known by. ``wij`` is our side."""

    NAAM: ClassVar[str] = "schakel/begonnen"
    partner: str
    wij: Kant
    schakel: UUID

    def pas_toe(self, op: Any) -> None:
        op.partner, op.wij, op.schakel = self.partner, self.wij, self.schakel


class Verzocht(Gebeurtenis, frozen=True):
    """A melding of this house waits for it; ``plaats`` is what the child would have.

    ``dataref`` is where the text that goes with it stands, if there is one.
    """

    NAAM: ClassVar[str] = "schakel/gevraagd"
    plaats: Plaats
    naar: Proces
    dienst: str
    kanaal: Kanaal
    melder: Meldersoort
    dataref: str | None = None

    def pas_toe(self, op: Any) -> None:
        op.plaats, op.gevraagd = self.plaats, self


class _Gesproken(Gebeurtenis, frozen=True):
    """A message of the language, as its ``data``."""

    feit: str
    data: msgspec.Raw

    @classmethod
    def van(cls, bericht: Schakelbericht, **anders: Any) -> Any:
        """The event of this message."""
        return cls(bericht.FEIT, msgspec.Raw(_SCHRIJF(bericht)), **anders)

    @property
    def bericht(self) -> Schakelbericht:
        """What was said, or is meant."""
        gelezen: Schakelbericht = decoder_van(_SOORT[self.feit]).decode(self.data)
        return gelezen


class Voorgenomen(_Gesproken, frozen=True):
    """It is to be said as soon as that can be: without a number yet. ``volgorde`` is the turn."""

    NAAM: ClassVar[str] = "schakel/voorgenomen"
    volgorde: int

    def pas_toe(self, op: Any) -> None:
        op.voornemens.append(self)


class Vervallen(Gebeurtenis, frozen=True):
    """What was meant with this turn need not, or can not, be said any more."""

    NAAM: ClassVar[str] = "schakel/vervallen"
    volgorde: int

    def pas_toe(self, op: Any) -> None:
        op.vergeet_voornemen(self.volgorde)


class Uitgesproken(_Gesproken, frozen=True):
    """It stands in our log. ``volgorde`` is that of the intention; None: it was regained."""

    NAAM: ClassVar[str] = "schakel/gezegd"
    volgorde: int | None = None

    def pas_toe(self, op: Any) -> None:
        if self.volgorde is not None:
            op.vergeet_voornemen(self.volgorde)
        bericht = self.bericht
        op.leg_bij(op.wij, bericht)
        op.onthoud_tekst(op.wij, bericht)


class Gehoord(_Gesproken, frozen=True):
    """It stands in the log of the partner. ``vrager`` is the process that asks, if it is said.

    ``na_einde``: behind the place where the partner said to offer nothing new any more.
    """

    NAAM: ClassVar[str] = "schakel/gehoord"
    vrager: Proces | None = None
    na_einde: bool = False

    def pas_toe(self, op: Any) -> None:
        op.van = op.van or self.vrager
        op.is_na_einde |= self.na_einde and self.feit == SchakelAangeboden.FEIT
        bericht = self.bericht
        op.leg_bij(op.wij.overkant, bericht)
        op.onthoud_tekst(op.wij.overkant, bericht)


class Ongelezen(Gebeurtenis, frozen=True):
    """A leaf of the partner of which no more than its place could be read."""

    NAAM: ClassVar[str] = "schakel/ongelezen"
    nummer: int
    code: Leescode
    feit: str | None = None

    def pas_toe(self, op: Any) -> None:
        kant = op.wij.overkant
        plek = Plek(str(op.schakel), kant, self.nummer)
        op.leg_bij(kant, OnleesbaarBlad(self.code, "", plek, self.feit))


class Vol(Gebeurtenis, frozen=True):
    """No more of the partner is held on this schakel: the link has no room for it."""

    NAAM: ClassVar[str] = "schakel/vol"

    def pas_toe(self, op: Any) -> None:
        op.vouw.sluit(op.wij.overkant)


class Gewist(Gebeurtenis, frozen=True):
    """The personal data of the melding here that it belongs to are erased."""

    NAAM: ClassVar[str] = "schakel/gewist"

    def pas_toe(self, op: Any) -> None:
        op.is_gewist = True


class Verteld(Gebeurtenis, frozen=True, kw_only=True):
    """What the house is told, of ``melding``: ``versie`` is dense for what grens says of it.

    ``nummer`` is that of the message of the partner that it stands for.
    """

    melding: UUID
    proces: Proces
    versie: int
    nummer: int | None = None

    def pas_toe(self, op: Any) -> None:
        op.verteld = self.versie
        if self.nummer is not None:
            op.gehad.add(self.nummer)


class Ingekomen(Verteld, frozen=True, kw_only=True):
    """Work of a partner, for a process here; its text, if there is one, is read at ``dataref``."""

    NAAM: ClassVar[str] = "schakel/ingekomen"
    plaats: Plaats
    keten: UUID
    diepte: int
    model: Coordinatiemodel
    dienst: str
    kanaal: Kanaal
    melder: Meldersoort
    vanuit: UUID | None = None
    gereed_voor: datetime | None = None
    vervangt: UUID | None = None
    dataref: str | None = None

    def pas_toe(self, op: Any) -> None:
        Verteld.pas_toe(self, op)
        op.plaats, op.naar = self.plaats, self.proces


class IntrekkingIngekomen(Verteld, frozen=True, kw_only=True):
    """The partner takes it back."""

    NAAM: ClassVar[str] = "schakel/intrekking-ingekomen"
    aanleiding: str


class EldersAangenomen(Verteld, frozen=True, kw_only=True):
    """It is registered there."""

    NAAM: ClassVar[str] = "schakel/elders-aangenomen"
    organisatie: str
    volgnummer: str
    meldingsoort: Meldingsoort
    dienst: str
    kanaal: Kanaal
    melder: Meldersoort
    uiterlijk: datetime


class EldersOpgeschort(Verteld, frozen=True, kw_only=True):
    """It is paused there."""

    NAAM: ClassVar[str] = "schakel/elders-opgeschort"


class EldersGereed(Verteld, frozen=True, kw_only=True):
    """It is done there."""

    NAAM: ClassVar[str] = "schakel/elders-gereedgemeld"
    resultaat: str


class EldersAfgewezen(Verteld, frozen=True, kw_only=True):
    """It is refused there; or here, when it cannot be asked."""

    NAAM: ClassVar[str] = "schakel/elders-afgewezen"
    reden: str


class EldersVoltooid(Verteld, frozen=True, kw_only=True):
    """It came back with a result."""

    NAAM: ClassVar[str] = "schakel/elders-voltooid"


class EldersGesloten(Verteld, frozen=True, kw_only=True):
    """It came back without."""

    NAAM: ClassVar[str] = "schakel/elders-gesloten"
    uitkomst: Uitkomst


VERTELD: tuple[type[Verteld], ...] = (
    Ingekomen,
    IntrekkingIngekomen,
    EldersAangenomen,
    EldersOpgeschort,
    EldersGereed,
    EldersAfgewezen,
    EldersVoltooid,
    EldersGesloten,
)
"""What becomes a message of the house, each of them exactly one."""

GEBEURTENISSEN: tuple[type[Gebeurtenis], ...] = (
    Begonnen,
    Verzocht,
    Voorgenomen,
    Vervallen,
    Uitgesproken,
    Gehoord,
    Ongelezen,
    Vol,
    Gewist,
    *VERTELD,
)
"""All that happens to a schakel."""
