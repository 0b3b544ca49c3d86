"""Codes: what is said over the border in a word from a list, never in words of one's own.

A free code is a place where a name can stand. So each field that is a code has a list here; an
overeenkomst adds to it. The reasons of the language are all there are; where a list has
``overig``, that is what somebody says for whose own word no list has a code.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class Leescode(StrEnum):
    """Why a leaf cannot be read, in the order in which it is judged; so it is answered."""

    TE_GROOT = "te-groot"
    GEEN_JSON = "geen-json"
    GEEN_CLOUDEVENT = "geen-cloudevent"
    VERKEERDE_BRON = "verkeerde-bron"
    VERKEERDE_KANT = "verkeerde-kant"
    ONBEKEND_TYPE = "onbekend-type"
    NIEUWERE_VERSIE = "nieuwere-versie"
    ONGELDIGE_INHOUD = "ongeldige-inhoud"
    GAT = "gat"


class Schakelreden(StrEnum):
    """Why a schakel is refused, in the words of the language; a Leescode is a reason too."""

    NIET_AFGESPROKEN = "niet-afgesproken"
    TE_DIEP = "te-diep"
    UITLOOP = "uitloop"
    TE_LAAT = "te-laat"
    INGETROKKEN = "ingetrokken"


class Aanleiding(StrEnum):
    """What made the vrager withdraw."""

    NIET_MEER_NODIG = "niet-meer-nodig"
    MELDER = "melder"
    VRAGER = "vrager"
    TERUGGENOMEN = "teruggenomen"
    TERMIJN_VERSTREKEN = "termijn-verstreken"
    OUDER_BEEINDIGD = "ouder-beeindigd"
    OVERIG = "overig"


class Wissingsgrond(StrEnum):
    """On what ground personal data are to be erased, or kept."""

    AVG = "avg"
    VERZOEK = "verzoek"
    BEWAARTERMIJN = "bewaartermijn"
    TOESTEMMING_INGETROKKEN = "toestemming-ingetrokken"
    ONRECHTMATIG = "onrechtmatig"
    WETTELIJKE_PLICHT = "wettelijke-plicht"
    ARCHIEFPLICHT = "archiefplicht"
    LOPENDE_PROCEDURE = "lopende-procedure"
    OVERIG = "overig"


class Schakelresultaat(StrEnum):
    """What came of the work."""

    AFGESPROKEN = "afgesproken"
    GEWIJZIGD = "gewijzigd"
    HERSTELD = "hersteld"
    UITGEVOERD = "uitgevoerd"
    VERBETERD = "verbeterd"
    GELEVERD = "geleverd"
    GEDAAN = "gedaan"
    VOLTOOID = "voltooid"
    OVERIG = "overig"


class Schakelrol(StrEnum):
    """In what role somebody of an organisation acted."""

    MEDEWERKER = "medewerker"
    INTAKER = "intaker"
    BEHANDELAAR = "behandelaar"
    BEHEER = "beheer"
    BEHEERDER = "beheerder"
    SYSTEEM = "systeem"
    LOKET = "loket"
    MELDER = "melder"
    OVERIG = "overig"


@dataclass(frozen=True, slots=True)
class Codelijst:
    """The codes that may be said, by what they say; ``None`` is any code that is well formed."""

    redenen: frozenset[str] | None
    aanleidingen: frozenset[str] | None
    gronden: frozenset[str] | None
    resultaten: frozenset[str] | None
    rollen: frozenset[str] | None

    def met(
        self,
        *,
        redenen: Collection[str] = (),
        aanleidingen: Collection[str] = (),
        gronden: Collection[str] = (),
        resultaten: Collection[str] = (),
        rollen: Collection[str] = (),
    ) -> Self:
        """These, and those that an overeenkomst adds."""
        return type(self)(
            redenen=_samen(self.redenen, redenen),
            aanleidingen=_samen(self.aanleidingen, aanleidingen),
            gronden=_samen(self.gronden, gronden),
            resultaten=_samen(self.resultaten, resultaten),
            rollen=_samen(self.rollen, rollen),
        )


def _samen(lijst: frozenset[str] | None, erbij: Collection[str]) -> frozenset[str] | None:
    return None if lijst is None else lijst.union(erbij)


def _waarden(*soorten: type[StrEnum]) -> frozenset[str]:
    return frozenset(een.value for soort in soorten for een in soort)


LEESCODES: Final = _waarden(Leescode)

TAALCODES: Final = Codelijst(
    redenen=_waarden(Schakelreden, Leescode),
    aanleidingen=_waarden(Aanleiding),
    gronden=_waarden(Wissingsgrond),
    resultaten=_waarden(Schakelresultaat),
    rollen=_waarden(Schakelrol),
)
"""Those of the language itself."""
