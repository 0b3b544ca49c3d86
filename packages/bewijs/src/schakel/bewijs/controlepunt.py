"""What a log says of itself (checkpoint), and what the other says it took in (receipt).

Both are notes over the same three lines. Reading tells what is written; that it is true, only
``Note.controleer`` tells.
"""

import re
from dataclasses import dataclass
from typing import Final

from .boom import keur_hash, keur_omvang
from .fout import BewijsFout
from .note import Note
from .schrift import als_base64, keur_naam, uit_base64
from .sleutel import TIJD, TIJD_MAX, Handtekening, Ondertekenaar

_REGELS: Final = re.compile(r"([^\n]+)\n([1-9][0-9]{0,15})\n([^\n]+)\n")
_ED25519: Final = 64


@dataclass(frozen=True, slots=True)
class Controlepunt:
    """The root of a log at a size; size 0 is never signed."""

    oorsprong: str
    omvang: int
    wortel: bytes

    def __post_init__(self) -> None:
        keur_naam(self.oorsprong)
        keur_omvang(self.omvang)
        if self.omvang == 0:
            raise BewijsFout("omvang", "over een leeg logboek wordt niets getekend")
        keur_hash(self.wortel)

    @property
    def tekst(self) -> str:
        """The three lines."""
        return f"{self.oorsprong}\n{self.omvang}\n{als_base64(self.wortel)}\n"

    def onderteken(self, ondertekenaar: Ondertekenaar) -> Note:
        """Say it, as the log itself."""
        if ondertekenaar.sleutel.naam != self.oorsprong:
            raise BewijsFout("oorsprong", "een logboek tekent alleen zijn eigen controlepunten")
        return Note(self.tekst, (ondertekenaar.teken(self.tekst),))

    def ontvang(self, ondertekenaar: Ondertekenaar, tijd: int) -> Note:
        """The receipt for it: all leaves up to here were taken in, at ``tijd``."""
        return Note(self.tekst, (ondertekenaar.teken_mee(self.tekst, tijd),))


@dataclass(frozen=True, slots=True)
class Ontvangstbewijs:
    """What a receipt says: which checkpoint, whose log the taker writes, and when it was."""

    controlepunt: Controlepunt
    naam: str
    tijd: int


def lees_tekst(tekst: str) -> Controlepunt:
    """The three lines, and none behind them."""
    if not (delen := _REGELS.fullmatch(tekst)):
        raise BewijsFout("vorm", "een controlepunt is drie regels: oorsprong, omvang, wortel")
    oorsprong, omvang, wortel = delen.groups()
    return Controlepunt(oorsprong, int(omvang), uit_base64(wortel))


def lees_controlepunt(note: Note) -> Controlepunt:
    """The checkpoint in the note of a page: one line, of the log itself."""
    punt = lees_tekst(note.tekst)
    handtekening = _enige(note)
    if handtekening.naam != punt.oorsprong or len(handtekening.waarde) != _ED25519:
        raise BewijsFout("vorm", "een controlepunt is getekend onder de naam van zijn logboek")
    return punt


def lees_ontvangstbewijs(note: Note) -> Ontvangstbewijs:
    """The receipt in a note: one line, a cosignature."""
    punt = lees_tekst(note.tekst)
    handtekening = _enige(note)
    tijd = int.from_bytes(handtekening.waarde[:TIJD])
    if len(handtekening.waarde) != TIJD + _ED25519 or tijd > TIJD_MAX:
        raise BewijsFout("vorm", "een ontvangstbewijs is een tijd en een handtekening")
    return Ontvangstbewijs(punt, handtekening.naam, tijd)


def _enige(note: Note) -> Handtekening:
    if len(note.handtekeningen) != 1:
        raise BewijsFout("vorm", "hier hoort precies een handtekening")
    return note.handtekeningen[0]
