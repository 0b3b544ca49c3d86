"""The incremental side: a tree keeps what it saw, takes what is new, and derives in one call."""

from collections.abc import Iterable
from enum import StrEnum

from .afleiden import leid_boom_af
from .uitkomst import Afleiding
from .waarneming import Waarneming, lees


class Ontvangst(StrEnum):
    """What became of a message."""

    NIEUW = "nieuw"
    DUBBEL = "dubbel"
    TEGENSTRIJDIG = "tegenstrijdig"


class Boom:
    """The messages of one tree, each once. A variant of one that was seen is kept beside it."""

    def __init__(self, wortel_id: str, berichten: Iterable[bytes] = ()) -> None:
        """``berichten`` are those that were stored earlier, in any order."""
        self.wortel_id = wortel_id
        self._per_id: dict[tuple[str, str], list[Waarneming]] = {}
        for bericht in berichten:
            self.neem(lees(bericht))

    def __len__(self) -> int:
        return sum(map(len, self._per_id.values()))

    def neem(self, waarneming: Waarneming) -> Ontvangst:
        """Take a message, of this tree or a variant of one of this tree; new unless DUBBEL."""
        varianten = self._per_id.setdefault((waarneming.source, waarneming.id), [])
        if waarneming in varianten:
            return Ontvangst.DUBBEL
        varianten.append(waarneming)
        return Ontvangst.NIEUW if len(varianten) == 1 else Ontvangst.TEGENSTRIJDIG

    def leid_af(self) -> Afleiding:
        """Derive the tree from all that it holds."""
        return leid_boom_af(
            self.wortel_id, [w for varianten in self._per_id.values() for w in varianten]
        )
