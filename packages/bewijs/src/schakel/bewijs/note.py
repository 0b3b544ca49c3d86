"""A signed note (C2SP signed-note): a text, and who signed it."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from .fout import BewijsFout
from .schrift import keur_naam, uit_base64
from .sleutel import Handtekening, Sleutel

NOTE_MAX: Final = 8_192
"""Characters."""

HANDTEKENINGEN_MAX: Final = 16

_STUUR: Final = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")
_ID: Final = 4


@dataclass(frozen=True, slots=True)
class Note:
    """Text that ends in a newline, and at least one signature line, none twice."""

    tekst: str
    handtekeningen: tuple[Handtekening, ...]

    def __str__(self) -> str:
        return f"{self.tekst}\n{''.join(map(str, self.handtekeningen))}"

    def controleer(self, sleutels: Collection[Sleutel]) -> Sequence[Sleutel]:
        """Those whose signature is on it; refused when there is none, or one that does not fit.

        A line of a key that is not known says nothing, as C2SP wants it.
        """
        goed = []
        for een in self.handtekeningen:
            bekend = [s for s in sleutels if (s.naam, s.id) == (een.naam, een.sleutel_id)]
            klopt = [s for s in bekend if s.klopt(self.tekst, een)]
            if bekend and not klopt:
                raise BewijsFout("handtekening", "een handtekening past niet bij deze tekst")
            goed += klopt
        if not goed:
            raise BewijsFout("onbekende-sleutel", "geen handtekening is van een bekende sleutel")
        return goed


def lees_note(geschreven: str) -> Note:
    """A note as it is written; whether to believe it, ``controleer`` tells."""
    if len(geschreven) > NOTE_MAX:
        raise BewijsFout("te-groot", f"een note heeft hoogstens {NOTE_MAX} tekens")
    if _STUUR.search(geschreven):
        raise BewijsFout("vorm", "een note is tekst zonder stuurtekens")
    tekst, scheiding, staart = geschreven.rpartition("\n\n")
    if not scheiding or not staart.endswith("\n"):
        raise BewijsFout("vorm", "een note is tekst, een lege regel en handtekeningen")
    regels = staart[:-1].split("\n")
    if len(regels) > HANDTEKENINGEN_MAX:
        raise BewijsFout(
            "te-groot", f"een note heeft hoogstens {HANDTEKENINGEN_MAX} handtekeningen"
        )
    handtekeningen = tuple(map(_lees_regel, regels))
    if len({(een.naam, een.sleutel_id) for een in handtekeningen}) < len(handtekeningen):
        raise BewijsFout("vorm", "een sleutel tekent een note eenmaal")
    return Note(f"{tekst}\n", handtekeningen)


def _lees_regel(regel: str) -> Handtekening:
    delen = regel.split(" ")
    if len(delen) != 3 or delen[0] != "—":  # noqa: PLR2004 - dash, name, signature
        raise BewijsFout("vorm", "een handtekening is een streepje, een naam en base64")
    keur_naam(delen[1])
    ruw = uit_base64(delen[2])
    if len(ruw) <= _ID:
        raise BewijsFout("vorm", "een handtekening is langer dan het id van de sleutel")
    return Handtekening(delen[1], ruw[:_ID], ruw[_ID:])
