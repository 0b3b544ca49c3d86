"""A grenslogboek in the store: every leaf, every note, and the tot_hier of its tree.

The own log and that of a partner are kept in the same way. They differ in who may write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, Protocol, Self

from schakel.bewijs import Controlepunt, Hashboom, Rand, Sleutel, bladhash
from schakel.contracts.schakels.codes import Codelijst
from schakel.contracts.schakels.lezen import GelezenBlad, lees
from schakel.contracts.schakels.verbinding import Verbindingsbericht
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import Transactie

_ALLE: Final = Codelijst(None, None, None, None, None)
Notesoort = Literal["controlepunt", "ontvangstbewijs"]

_BLAD: Final = "INSERT INTO bladen VALUES (?, ?, ?, ?)"
_DEELBOOM: Final = "INSERT INTO deelbomen VALUES (?, ?, ?, ?)"
_NOTE: Final = (
    "INSERT INTO notes VALUES (?, ?, ?, ?)"
    " ON CONFLICT (logboek, soort, omvang) DO UPDATE SET note = excluded.note"
)
_STAND: Final = (
    "INSERT INTO logboeken VALUES (?, ?, ?, ?, ?) ON CONFLICT (logboek) DO UPDATE SET"
    " omvang = excluded.omvang, rand = excluded.rand, sleutels = excluded.sleutels,"
    " verbinding = excluded.verbinding"
)
_LEES_STAND: Final = "SELECT omvang, rand, sleutels, verbinding FROM logboeken WHERE logboek = ?"
_HASHES: Final = (
    "SELECT hash FROM bladen WHERE logboek = ? AND nummer >= ? AND nummer < ? ORDER BY nummer"
)
_DEELHASHES: Final = (
    "SELECT hash FROM deelbomen WHERE logboek = ? AND laag = ? AND nummer >= ? AND nummer < ?"
    " ORDER BY nummer"
)
_BLADEN: Final = (
    "SELECT blad FROM bladen WHERE logboek = ? AND nummer >= ? AND nummer < ? ORDER BY nummer"
)
_LENGTES: Final = (
    "SELECT length(blad) FROM bladen WHERE logboek = ? AND nummer >= ? AND nummer < ?"
    " ORDER BY nummer"
)
_NOTE_BIJ: Final = "SELECT note FROM notes WHERE logboek = ? AND soort = ? AND omvang = ?"
_LAATSTE_NOTE: Final = (
    "SELECT omvang, note FROM notes WHERE logboek = ? AND soort = ? AND omvang > ? AND omvang <= ?"
    " ORDER BY omvang DESC LIMIT 1"
)


class Sleutelrij(Protocol):
    """The keys of a log, each with the sizes that it may sign: a fold over its leaves."""

    def geldig(self, omvang: int) -> Sequence[Sleutel]:
        """Those that may sign this size."""

    def met(self, nummer: int, blad: bytes) -> Self:
        """After this leaf; raises BewijsFout ``sleutel`` when it may not say what it says."""

    def rij(self) -> bytes:
        """To be stored."""


@dataclass(frozen=True)
class Logstand:
    """How far a log is: what the next leaf is added to."""

    oorsprong: str
    rand: Rand
    sleutels: Sleutelrij
    verbinding: int = 0
    """The number of the last message about the link itself: they are a row of their own."""

    @property
    def omvang(self) -> int:
        """How many leaves it has."""
        return self.rand.omvang

    @property
    def punt(self) -> Controlepunt:
        """What would be signed now; a log without leaves has none."""
        return Controlepunt(self.oorsprong, self.omvang, self.rand.wortel)


class Grenslogboek:
    """One log, read in the store and written in the transaction of a batch."""

    def __init__(self, opslag: Opslag, oorsprong: str) -> None:
        """``oorsprong`` is its name in the store, and in every note over it."""
        self._opslag = opslag
        self.oorsprong = oorsprong
        self.boom = Hashboom(self._hashes)

    def stand(self, sleutels: "Sleutellezer", werk: Transactie | None = None) -> Logstand:
        """As stored, read once a batch; ``sleutels`` begins or reads the row of its keys."""
        if werk is None:
            return self._stand(sleutels)
        return werk.eenmaal(f"stand/{self.oorsprong}", partial(self._stand, sleutels))

    def _stand(self, sleutels: "Sleutellezer") -> Logstand:
        rijen = self._opslag.vraag(_LEES_STAND, (self.oorsprong,))
        if not rijen:
            return Logstand(self.oorsprong, Rand(), sleutels(None))
        ((omvang, rand, rij, verbinding),) = rijen
        tot_hier = Rand.uit_rij(omvang, bytes(rand))
        return Logstand(self.oorsprong, tot_hier, sleutels(bytes(rij)), int(verbinding))

    def bladen(self, van: int, tot: int) -> tuple[bytes, ...]:
        """The leaves [van, tot)."""
        return tuple(bytes(b) for (b,) in self._opslag.vraag(_BLADEN, (self.oorsprong, van, tot)))

    def lengtes(self, van: int, tot: int) -> list[int]:
        """How many bytes each of them has."""
        return [int(n) for (n,) in self._opslag.vraag(_LENGTES, (self.oorsprong, van, tot))]

    def note(self, soort: Notesoort, omvang: int) -> str | None:
        """The note over exactly this size."""
        rijen = self._opslag.vraag(_NOTE_BIJ, (self.oorsprong, soort, omvang))
        return rijen[0][0] if rijen else None

    def laatste_note(
        self, soort: Notesoort, boven: int = 0, tot: int = 2**53 - 1
    ) -> tuple[int, str] | None:
        """The note over the largest size in (boven, tot], with that size."""
        waarden = (self.oorsprong, soort, boven, tot)
        rijen = self._opslag.vraag(_LAATSTE_NOTE, waarden)
        return (int(rijen[0][0]), rijen[0][1]) if rijen else None

    def punt(self, omvang: int) -> Controlepunt:
        """What is true of a size that it has reached; raises BewijsFout for another."""
        return Controlepunt(self.oorsprong, omvang, self.boom.wortel(omvang))

    def _hashes(self, laag: int, van: int, tot: int) -> list[bytes]:
        if laag:
            rijen = self._opslag.vraag(_DEELHASHES, (self.oorsprong, laag, van, tot))
        else:
            rijen = self._opslag.vraag(_HASHES, (self.oorsprong, van, tot))
        return [bytes(hash_) for (hash_,) in rijen]


class Sleutellezer(Protocol):
    """Begins the keys of a log, or reads them as stored."""

    def __call__(self, rij: bytes | None) -> Sleutelrij:
        """None: as the contract has it, before any leaf."""


@dataclass(frozen=True)
class Aangroei:
    """What leaves add to a log: judged, and not written yet."""

    vanaf: int
    bladen: tuple[bytes, ...]
    hashes: tuple[bytes, ...]
    deelbomen: tuple[tuple[int, int, bytes], ...]
    stand: Logstand

    def schrijf(self, werk: Transactie) -> None:
        """In the transaction of this batch."""
        naam = self.stand.oorsprong
        for nummer, (hash_, blad) in enumerate(
            zip(self.hashes, self.bladen, strict=True), self.vanaf
        ):
            werk.rij(_BLAD, (naam, nummer, hash_, blad))
        for deelboom in self.deelbomen:
            werk.rij(_DEELBOOM, (naam, *deelboom))
        rand, sleutels = self.stand.rand, self.stand.sleutels
        waarden = (naam, rand.omvang, rand.rij, sleutels.rij(), self.stand.verbinding)
        werk.rij(_STAND, waarden)
        werk.standen[naam] = self.stand  # the next task of this batch goes on behind it


def groei(stand: Logstand, bladen: Sequence[bytes]) -> Aangroei:
    """Add leaves behind what there is; raises BewijsFout where a key leaf may not be said."""
    hashes = tuple(map(bladhash, bladen))
    rand, vol = stand.rand.met(hashes)
    sleutels, verbinding = stand.sleutels, stand.verbinding
    for nummer, blad in enumerate(bladen, stand.omvang):
        sleutels = sleutels.met(nummer, blad)
        if (over := verbindingsbericht_in(blad, stand.oorsprong)) is not None:
            verbinding = max(verbinding, over.nummer)
    nieuw = Logstand(stand.oorsprong, rand, sleutels, verbinding)
    delen = tuple((een.laag, een.nummer, een.hash) for een in vol)
    return Aangroei(stand.omvang, tuple(bladen), hashes, delen, nieuw)


def verbindingsbericht_in(blad: bytes, oorsprong: str) -> Verbindingsbericht | None:
    """The message about the link in a leaf of this log; of nearly every leaf a look is enough.

    Only what is written with escapes could say it unseen.
    """
    if b"nl.schakels.verbinding." not in blad and b"\\u" not in blad:
        return None
    _, zender, _ = oorsprong.split("/")
    gelezen = lees(blad, zender, codes=_ALLE)
    if isinstance(gelezen, GelezenBlad) and isinstance(gelezen.bericht, Verbindingsbericht):
        return gelezen.bericht
    return None


def bewaar_note(werk: Transactie, logboek: str, soort: Notesoort, omvang: int, note: str) -> None:
    """Keep what was signed over a size: of each size one, until its key is revoked."""
    werk.rij(_NOTE, (logboek, soort, omvang, note))
