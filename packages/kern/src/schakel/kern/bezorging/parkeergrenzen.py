"""How much may be parked, per topic and in all: who writes one topic takes no room from another."""

from collections.abc import Mapping
from typing import Final, NamedTuple

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


_TELT_WEER: Final = 0.02
"""Of the room: after so much of it was taken it is counted again, for a replica parks too."""


class Parkeerruimte:
    """What waits on one parking place, against what may.

    To count is to look at all that waits: it is done seldom. In between, what is taken is added,
    also when its batch then fails, and what is let go of is not seen. So it is never thought to
    hold less than it does, but for what a replica parks. Before a refusal it is counted.
    """

    def __init__(self, opslag: Opslag, grenzen: Parkeerinstellingen) -> None:
        """What was released or rejected takes no room."""
        self._opslag = opslag
        self._alles = Ruimte(grenzen.parkeer_rijen, grenzen.parkeer_bytes)
        self._per_topic = Ruimte(grenzen.parkeer_rijen_per_bron, grenzen.parkeer_bytes_per_bron)
        self._werk: Transactie | None = None
        self._vers = False
        self._stand: dict[str, Ruimte] = {}
        self._sinds: dict[str, Ruimte] = {}
        self._hier: dict[str, Ruimte] = {}

    def neem(self, werk: Transactie, bron: str, omvang: int) -> bool:
        """Take room for one more in this batch, if there is any. In the writer's thread."""
        if werk is not self._werk:
            eerste = self._werk is None
            self._werk, self._vers = werk, False
            self._sinds, self._hier = _samen(self._sinds, self._hier), {}
            if eerste or self._vulling(self._sinds) > _TELT_WEER:
                self._tel_opnieuw()
        erbij = _samen(self._hier, {topic_van(bron): Ruimte(1, omvang)})
        if not self._past(erbij) and not self._vers:
            self._tel_opnieuw()
        if not self._past(erbij):
            return False
        self._hier = erbij
        return True

    def _past(self, hier: Mapping[str, Ruimte]) -> bool:
        return self._vulling(_samen(self._stand, self._sinds, hier)) <= 1

    def _tel_opnieuw(self) -> None:
        self._stand, self._sinds, self._vers = self._tel(), {}, True

    def vulling(self) -> float:
        """How full it is: 1 is full, for the topic that has most or for all together."""
        return self._vulling(self._tel())

    def _vulling(self, stand: Mapping[str, Ruimte]) -> float:
        alles = Ruimte(sum(r.rijen for r in stand.values()), sum(r.bytes for r in stand.values()))
        per_topic = [ruimte.deel_van(self._per_topic) for ruimte in stand.values()]
        return max(alles.deel_van(self._alles), *per_topic, 0.0)

    def _tel(self) -> dict[str, Ruimte]:
        rijen = self._opslag.vraag(_TEL)
        per_bron = ({topic_van(bron): Ruimte(int(n), int(bytes_))} for bron, n, bytes_ in rijen)
        return _samen(*per_bron)


def _samen(*delen: Mapping[str, Ruimte]) -> dict[str, Ruimte]:
    """Per topic, all together."""
    som: dict[str, Ruimte] = {}
    for deel in delen:
        for topic, ruimte in deel.items():
            som[topic] = som.get(topic, Ruimte()).met(*ruimte)
    return som


def topic_van(bron: str) -> str:
    """The topic of a source: that is a topic, or one partition of it."""
    return bron.partition("/")[0]
