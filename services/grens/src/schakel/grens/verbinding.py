"""How the link with a partner stands, as a row of the store."""

from dataclasses import dataclass
from functools import partial
from typing import Final, cast

from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import Transactie

_LEES: Final = (
    "SELECT sessie_in, sessie_uit, vanaf, achterop, gevallen, gestopt FROM verbindingen"
    " WHERE partner = ?"
)
_ZET: Final = (
    "INSERT INTO verbindingen VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (partner) DO UPDATE SET"
    " sessie_in = excluded.sessie_in, sessie_uit = excluded.sessie_uit, vanaf = excluded.vanaf,"
    " achterop = excluded.achterop, gevallen = excluded.gevallen, gestopt = excluded.gestopt"
)
_VERGEET_SESSIES: Final = "UPDATE verbindingen SET sessie_in = NULL, sessie_uit = NULL WHERE 1 = ?"
_NAAM: Final = "verbinding"


@dataclass(frozen=True)
class Verbindingsstand:
    """How the link stands; without both sessions nothing is numbered and no page is taken."""

    partner: str
    sessie_in: str | None = None
    """Drawn by us for their log."""
    sessie_uit: str | None = None
    """Drawn by them for ours."""
    vanaf: int = 0
    """So much of our log they have: from here on pages go out."""
    achterop: int = 0
    """So long our own log was once, until ``herstel`` is said: above its size, leaves are lost."""
    gevallen: int = 0
    """How long it was when that showed."""
    gestopt: str | None = None
    """Why the link was stopped; only a person begins it anew."""

    @property
    def sessies(self) -> tuple[str | None, str | None]:
        """Of their log, and of ours."""
        return self.sessie_in, self.sessie_uit

    @property
    def is_hervat(self) -> bool:
        """Whether what we say gets a number and a place."""
        return bool(self.sessie_in and self.sessie_uit) and not self.achterop


def lees(opslag: Opslag, partner: str, werk: Transactie | None = None) -> Verbindingsstand:
    """As stored, or as earlier tasks of the batch of ``werk`` left it."""
    if werk is None:
        return _lees(opslag, partner)
    naam = f"{_NAAM}/{partner}"
    if (gezien := werk.standen.get(naam)) is not None:
        return cast("Verbindingsstand", gezien)
    return werk.eenmaal(naam, partial(_lees, opslag, partner))


def _lees(opslag: Opslag, partner: str) -> Verbindingsstand:
    rijen = opslag.vraag(_LEES, (partner,))
    return Verbindingsstand(partner, *(rijen[0] if rijen else ()))


def vergeet_sessies(werk: Transactie) -> None:
    """At every start of a store: whatever was under way belongs to what was before."""
    werk.rij(_VERGEET_SESSIES, (1,))


def zet(werk: Transactie, verbinding: Verbindingsstand) -> None:
    """In the transaction of this batch, of which the next task sees it."""
    werk.standen[f"{_NAAM}/{verbinding.partner}"] = verbinding
    werk.rij(
        _ZET,
        (
            verbinding.partner,
            verbinding.sessie_in,
            verbinding.sessie_uit,
            verbinding.vanaf,
            verbinding.achterop,
            verbinding.gevallen,
            verbinding.gestopt,
        ),
    )
