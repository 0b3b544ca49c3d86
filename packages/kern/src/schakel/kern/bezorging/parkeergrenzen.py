"""How much may be parked, per topic and in all: who writes one topic takes no room from another."""

from collections.abc import Mapping
from typing import NamedTuple

from schakel.kern.bus.bericht import Levering, Record
from schakel.kern.grond.instellingen import Parkeerinstellingen
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.transactie import Transactie

_TEL = (
    "SELECT bron, count(*), sum(length(kop) + length(waarde)) FROM geparkeerd"
    " WHERE klaar IS NULL GROUP BY bron"
)


class ParkeerplaatsVol(Exception):
    """There is no room left for what cannot be handled: its source is not read on."""

    def __init__(self, bron: str, nummer: int) -> None:
        """``nummer`` is the first record of ``bron`` that does not fit."""
        super().__init__(bron, nummer)
        self.bron = bron
        self.nummer = nummer

    def houdt_op(self, levering: Levering, record: Record) -> bool:
        """Whether this one has to wait for room."""
        return levering.bron == self.bron and record.nummer >= self.nummer


class Ruimte(NamedTuple):
    """Rows, and the bytes in them."""

    rijen: int = 0
    bytes: int = 0

    def met(self, rijen: int, bytes_: int) -> "Ruimte":
        """With so much more."""
        return Ruimte(self.rijen + rijen, self.bytes + bytes_)

    def deel_van(self, grens: "Ruimte") -> float:
        """How full this is; above 1 it is more than may be."""
        return max(self.rijen / grens.rijen, self.bytes / grens.bytes)


class Parkeerruimte:
    """What waits on one parking place, against what may."""

    def __init__(self, opslag: Opslag, grenzen: Parkeerinstellingen) -> None:
        """What was released or rejected takes no room."""
        self._opslag = opslag
        self._alles = Ruimte(grenzen.parkeer_rijen, grenzen.parkeer_bytes)
        self._per_topic = Ruimte(grenzen.parkeer_rijen_per_bron, grenzen.parkeer_bytes_per_bron)
        self._werk: Transactie | None = None
        self._stand: dict[str, Ruimte] = {}

    def neem(self, werk: Transactie, bron: str, omvang: int) -> bool:
        """Take room for one more in this batch, if there is any. In the writer's thread."""
        if werk is not self._werk:
            self._werk, self._stand = werk, self._tel()
        topic = topic_van(bron)
        hierna = {**self._stand, topic: self._stand.get(topic, Ruimte()).met(1, omvang)}
        if self._vulling(hierna) > 1:
            return False
        self._stand = hierna
        return True

    def vulling(self) -> float:
        """How full it is: 1 is full, for the topic that has most or for all together."""
        return self._vulling(self._tel())

    def _vulling(self, stand: Mapping[str, Ruimte]) -> float:
        alles = Ruimte(sum(r.rijen for r in stand.values()), sum(r.bytes for r in stand.values()))
        per_topic = [ruimte.deel_van(self._per_topic) for ruimte in stand.values()]
        return max(alles.deel_van(self._alles), *per_topic, 0.0)

    def _tel(self) -> dict[str, Ruimte]:
        stand: dict[str, Ruimte] = {}
        for bron, rijen, bytes_ in self._opslag.vraag(_TEL):
            topic = topic_van(bron)
            stand[topic] = stand.get(topic, Ruimte()).met(int(rijen), int(bytes_))
        return stand


def topic_van(bron: str) -> str:
    """The topic of a source: that is a topic, or one partition of it."""
    return bron.partition("/")[0]
