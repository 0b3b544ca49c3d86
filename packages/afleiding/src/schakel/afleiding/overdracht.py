"""A hand-over: the giver's word, the child's proof, and what became of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from schakel.contracts.werkstromen import RANG, Proces

from .waarneming import Waarneming

if TYPE_CHECKING:
    from .knoop import Knoop


class Overdracht(Struct):
    """One per giver and child, however often it was said.

    ``kind`` is the child only if it says itself that it is this one: same giver, same process.
    ``te_laat`` are the words after the giver's own end. ``telt`` is False for a hand-over that
    counts for nothing but its afwijking, or was refused.
    """

    gever_id: str
    kind_id: str
    naar: Proces
    n: int | None
    ronde: int
    woorden: list[Waarneming] = []
    bewijs: Waarneming | None = None
    kind: "Knoop | None" = None
    terug: Waarneming | None = None
    weigeringen: Sequence[Waarneming] = ()
    te_laat: Sequence[Waarneming] = ()
    buiten_model: tuple[Proces, Proces] | None = None
    telt: bool = True

    @property
    def berichten(self) -> list[Waarneming]:
        """All that says so; the first one settles."""
        return self.woorden if self.bewijs is None else [*self.woorden, self.bewijs]

    @property
    def volgorde(self) -> tuple[int, int, str]:
        """By ``n``; equal ``n``: lowest target, then ``kind_id``. Those without ``n`` last."""
        return 2**31 if self.n is None else self.n, RANG[self.naar], self.kind_id

    @property
    def is_open(self) -> bool:
        """Whether a return is still to come."""
        return self.terug is None and self.telt
