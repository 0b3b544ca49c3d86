"""A hand-over: the giver's word, the child's proof, and what became of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from schakel.contracts.werkstromen import RANG, Proces

from .waarneming import AANGEBODEN, TERUGGENOMEN, Waarneming

if TYPE_CHECKING:
    from .knoop import Knoop


class Buiten(NamedTuple):
    """Who handed to whom outside section 2, and the message that says so.

    ``is_vast`` if no message without a versie is needed to see it.
    """

    van: Proces
    naar: Proces
    bericht: Waarneming
    is_vast: bool


class Overdracht(Struct):
    """One per giver and child, however often it was said.

    ``naar``, ``n`` and ``ronde`` are those of the giver's first word, or else of the child's proof;
    what its later words say otherwise stands in ``anders``. Words after its own end are ``te_laat``
    and none of its ``woorden``. ``kind`` is the child only if it says itself that it is this one:
    same giver, same process. ``telt`` is False for a hand-over that counts for nothing but its
    afwijking, or was refused.
    """

    gever_id: str
    kind_id: str
    naar: Proces
    n: int | None
    ronde: int
    woorden: Sequence[Waarneming] = ()
    te_laat: Sequence[Waarneming] = ()
    bewijzen: Sequence[Waarneming] = ()
    anders: "Sequence[Overdracht]" = ()
    kind: "Knoop | None" = None
    terug: Waarneming | None = None
    weigeringen: Sequence[Waarneming] = ()
    buiten_model: Sequence[Buiten] = ()
    telt: bool = True

    @property
    def eerste(self) -> Waarneming | None:
        """What says so, and settles: the giver's word, or else the proof; None if all is late."""
        return self.woorden[0] if self.woorden else self.bewijzen[0] if self.bewijzen else None

    @property
    def is_teruggenomen(self) -> bool:
        """Whether the giver no longer waits for it, by its own choice."""
        return self.terug is not None and self.terug.type == TERUGGENOMEN

    @property
    def organisatie(self) -> str | None:
        """Who was asked, if that is another organisation: as the first word says that says so."""
        for w in (*self.woorden, *self.te_laat):
            if w.type == AANGEBODEN:
                return w.data.organisatie
        return None

    @property
    def plaats(self) -> tuple[Proces, int | None, int]:
        """What is said of it."""
        return self.naar, self.n, self.ronde

    def neem_plaats_van(self, ander: "Overdracht") -> None:
        """Be what this other one says."""
        self.naar, self.n, self.ronde = ander.plaats

    def is_gezegd_binnen(self, buiten_model: Sequence[Buiten]) -> bool:
        """Whether what says so is none of what stands outside the model."""
        eerste = self.eerste
        return eerste is not None and all(b.bericht is not eerste for b in buiten_model)

    @property
    def volgorde(self) -> tuple[int, int, str]:
        """By ``n``; equal ``n``: lowest target, then ``kind_id``. Those without ``n`` last."""
        return 2**31 if self.n is None else self.n, RANG[self.naar], self.kind_id

    @property
    def is_open(self) -> bool:
        """Whether a return is still to come: not when it was taken back."""
        return self.terug is None and self.telt
