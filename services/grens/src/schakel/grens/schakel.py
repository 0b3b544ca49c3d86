"""One piece of work that crosses: a schakel, as both rows of what was said make it.

Known by the partner, who of the two asks, and the schakelId. Its state is the fold of both rows,
which the partner folds too. What it has besides is of this house alone: who waits here, what is
still to be said, and what the house was told.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from msgspec.structs import replace

from schakel.contracts.schakels.berichten import (
    SchakelAangeboden,
    SchakelAangenomen,
    Schakelbericht,
    SchakelGereedgemeld,
    SchakelIngetrokken,
    SchakelOnbegrepen,
    SchakelWissingBeantwoord,
    SchakelWissingGevraagd,
)
from schakel.contracts.schakels.lezen import OnleesbaarBlad
from schakel.contracts.schakels.rij import Breuk, Rijdeel
from schakel.contracts.schakels.toestand import Schakelstand, Vragerfase, zou_gelden
from schakel.contracts.schakels.vouw import Vouw
from schakel.contracts.schakels.woorden import Kant
from schakel.contracts.werkstromen import Proces  # noqa: TC001 - as the others
from schakel.kern.vastlegging.aggregaat import Aggregaat
from schakel.kern.vastlegging.gebeurtenis import Plaats

from .gebeurtenissen import Begonnen, Uitgesproken, Vervallen, Verzocht, Voorgenomen

LAATSTE_WOORDEN = frozenset({"geweigerd", "afgesloten"})


class Tekstplek(NamedTuple):
    """Of a text: the message that it goes with, by the side that said it and its number."""

    kant: Kant
    nummer: int


def id_van(vrager: str, uitvoerder: str, schakel: UUID) -> UUID:
    """What a schakel is stored under: the same for the same three, whoever says it first."""
    zaad = f"schakel/{vrager}/{uitvoerder}/{schakel}".encode()
    bits = int.from_bytes(hashlib.sha256(zaad).digest()[:16])
    return UUID(int=bits & ~(0xF << 76) & ~(0x3 << 62) | 8 << 76 | 2 << 62)


class Schakel(Aggregaat):
    """See the module. Its first event is ``Begonnen``."""

    def __init__(self, id: UUID, plaats: Plaats) -> None:  # noqa: A002 - as in the base
        """Nothing was said on it yet."""
        super().__init__(id, plaats)
        self.partner = ""
        self.wij = Kant.VRAGER
        self.schakel = id
        self.gevraagd: Verzocht | None = None
        """Who waits here, of work that we ask."""
        self.naar: Proces | None = None
        """Which process here was told to do it, of work that we are asked."""
        self.van: Proces | None = None
        self.is_na_einde = False
        """Whether the partner offered this after it said to offer nothing new."""
        self.is_gewist = False
        """Whether what this house had of it is erased."""
        self.voornemens: list[Voorgenomen] = []
        self.gehad: set[int] = set()
        """Of the partner: the numbers that the house was told of."""
        self.teksten: set[Tekstplek] = set()
        """The messages of either side with a text."""
        self.nieuwe_teksten: list[Tekstplek] = []
        """Those that are not in the list of texts yet (see ``inhoudlijst``)."""
        self.verteld = 0
        self.vouw = Vouw()
        """What both rows come to."""
        self._gezegd: dict[str, list[Schakelbericht]] = {}
        self._laatste = 0

    @classmethod
    def begin(cls, eigen: str, partner: str, wij: Kant, schakel: UUID) -> "Schakel":
        """A new one, between ``eigen`` and ``partner``."""
        id_ = id_tussen(eigen, partner, wij, schakel)
        nieuw = cls(id_, Plaats(id_))
        nieuw.gebeurt(Begonnen(partner, wij, schakel))
        return nieuw

    # Its state

    @property
    def stand(self) -> Schakelstand:
        """The pair of phases, and what belongs to it."""
        return self.vouw.stand

    def rij(self, kant: Kant) -> Sequence[Rijdeel]:
        """What this side said, in the order of its log."""
        return self.vouw.rij(kant)

    def heeft_gezegd(self, feit: str) -> bool:
        """Whether our own row has such a message."""
        return feit in self._gezegd

    @property
    def te_zeggen_nu(self) -> list[Voorgenomen]:
        """What may be said, of what is meant: nobody says anything before the offer is said.

        The uitvoerder waits for it, for after a restore it may still be on its way. Where the
        vrager has none to say either, the rest lapses in its turn.
        """
        if self.rij(Kant.VRAGER):
            return self.voornemens
        if self.wij is Kant.UITVOERDER:
            return []
        aanbod = [een for een in self.voornemens if een.feit == SchakelAangeboden.FEIT]
        return aanbod or self.voornemens

    @property
    def aanbod(self) -> SchakelAangeboden | None:
        """What is asked, if that was applied."""
        for beurt in self.vouw.beurten_met(SchakelAangeboden.FEIT):
            if isinstance(beurt.bericht, SchakelAangeboden) and beurt.is_toegepast:
                return beurt.bericht
        return None

    @property
    def intrekking(self) -> SchakelIngetrokken | None:
        """That the vrager withdrew, if it was applied before the last word: then it has effect."""
        if self.stand.vrager is not Vragerfase.INGETROKKEN:
            return None
        van_belang = self.vouw.beurten_met(SchakelIngetrokken.FEIT, *LAATSTE_WOORDEN)
        eerste = next(een.bericht for een in van_belang if een.is_toegepast)
        return eerste if isinstance(eerste, SchakelIngetrokken) else None

    @property
    def is_open(self) -> bool:
        """Whether something was or will be said on it, and not yet the last word."""
        is_bekend = self.voornemens or any(self.rij(kant) for kant in Kant)
        return bool(is_bekend) and not self.stand.is_dicht

    @property
    def weigert(self) -> bool:
        """Whether the last word is on its way."""
        return any(een.feit in LAATSTE_WOORDEN for een in self.voornemens)

    @property
    def wissing_open(self) -> bool:
        """Whether the other asks for an erasure that is not answered, and will not be by itself."""
        feit = SchakelWissingBeantwoord.FEIT
        if any(een.feit == feit for een in self.voornemens):
            return False
        return self._vraagt_wissing(self.wij.overkant, self._gezegd.get(feit, ()))

    @property
    def vraagt_wissing(self) -> bool:
        """Whether we ask for an erasure, or will, that the other did not answer."""
        if any(een.feit == SchakelWissingGevraagd.FEIT for een in self.voornemens):
            return True
        antwoorden = self.vouw.beurten_met(SchakelWissingBeantwoord.FEIT)
        van_hen = [een.bericht for een in antwoorden if een.kant is not self.wij]
        return self._vraagt_wissing(self.wij, van_hen)

    def _vraagt_wissing(self, wie: Kant, antwoorden: Iterable[Schakelbericht]) -> bool:
        tot = max((een.bij for een in antwoorden), default=0)
        vragen = self.vouw.beurten_met(SchakelWissingGevraagd.FEIT)
        return any(een.kant is wie and een.bericht.nummer > tot for een in vragen)

    def wissingen(
        self, hoogstens: int
    ) -> list[tuple[Kant, SchakelWissingGevraagd | SchakelWissingBeantwoord]]:
        """What either side said of erasing, in turn: the last of it."""
        feiten = SchakelWissingGevraagd.FEIT, SchakelWissingBeantwoord.FEIT
        return [
            (beurt.kant, een)
            for beurt in self.vouw.laatste_beurten_met(hoogstens, *feiten)
            if isinstance(een := beurt.bericht, SchakelWissingGevraagd | SchakelWissingBeantwoord)
        ]

    @property
    def is_uitvoerder_zonder_melding(self) -> bool:
        """Whether we were asked, and nothing was opened for it."""
        return self.wij is Kant.UITVOERDER and self.naar is None

    @property
    def meldt_zich(self) -> bool:
        """Whether a melding here speaks of which a restore lost that it was asked."""
        return self.naar is None and any(
            een.feit == SchakelAangenomen.FEIT for een in self.voornemens
        )

    def heeft_beantwoord(self, breuk: Breuk) -> bool:
        """Whether the partner was told, or will be, that this cannot be read; or need not be."""
        if breuk.antwoord != SchakelOnbegrepen.FEIT:
            return self.stand.is_dicht or self.weigert
        zelf = next(d for d in self.rij(self.wij.overkant) if _nummer(d) == breuk.nummer)
        if _feit(zelf) == SchakelOnbegrepen.FEIT:  # never answered, not where it leaves one out
            return True
        return self.noemt_onbegrepen(breuk.nummer)

    def noemt_onbegrepen(self, nummer: int) -> bool:
        """Whether we said, or will, that this message of the partner has no effect here."""
        gezegd = self._gezegd.get(SchakelOnbegrepen.FEIT, ())
        alle = [*gezegd, *(een.bericht for een in self.voornemens)]
        return any(isinstance(een, SchakelOnbegrepen) and een.over == nummer for een in alle)

    # What events change

    def leg_bij(self, kant: Kant, deel: Rijdeel) -> None:
        """A row has one more."""
        self.vouw.leg_bij(kant, deel)
        if kant is self.wij:
            self._laatste = max(self._laatste, _nummer(deel))
            if isinstance(deel, Schakelbericht):
                self._gezegd.setdefault(deel.FEIT, []).append(deel)

    def onthoud_tekst(self, kant: Kant, bericht: Schakelbericht) -> None:
        """If a text goes with this message: it is fetched apart."""
        plek = Tekstplek(kant, bericht.nummer)
        if getattr(bericht, "heeft_inhoud", False) and plek not in self.teksten:
            self.teksten.add(plek)
            self.nieuwe_teksten.append(plek)

    def vergeet_voornemen(self, volgorde: int) -> None:
        """It was said, or need not be."""
        self.voornemens = [een for een in self.voornemens if een.volgorde != volgorde]

    # What may happen

    def te_zeggen(self, bericht: Schakelbericht) -> Schakelbericht | None:
        """The message with its number, as it would stand in our row now.

        None where it would change nothing: it was said, or what it is about is over, or was never
        asked.
        """
        stand = self.stand
        is_eerste = self.wij is Kant.VRAGER and not self._laatste
        if is_eerste and not isinstance(bericht, SchakelAangeboden):
            return None
        velden: dict[str, Any] = {
            "nummer": self._laatste + 1,
            "bij": self.vouw.dicht_tot[self.wij.overkant],
        }
        if isinstance(bericht, SchakelGereedgemeld):
            velden["ronde"] = stand.ronde
        heel: Schakelbericht = replace(bericht, **velden)
        is_over = stand.is_dicht and bericht.FEIT == "ingetrokken"
        return heel if zou_gelden(stand, heel) and not is_over else None

    def neem_terug(self, bericht: Schakelbericht) -> None:
        """A leaf of ours that a restore had lost; what was still to be said so is dropped."""
        if self.vouw.kent(self.wij, bericht.nummer):
            return
        self.gebeurt(Uitgesproken.van(bericht))
        for een in tuple(self.voornemens):
            if een.feit == bericht.FEIT:
                self.gebeurt(Vervallen(een.volgorde))
                return


def id_tussen(eigen: str, partner: str, wij: Kant, schakel: UUID) -> UUID:
    """See ``id_van``, seen from ``eigen``."""
    paar = (eigen, partner) if wij is Kant.VRAGER else (partner, eigen)
    return id_van(*paar, schakel)


def _nummer(deel: Rijdeel) -> int:
    if isinstance(deel, OnleesbaarBlad):
        return deel.plek.nummer if deel.plek is not None else 0
    return deel.nummer


def _feit(deel: Rijdeel) -> str | None:
    return deel.feit if isinstance(deel, OnleesbaarBlad) else deel.FEIT
