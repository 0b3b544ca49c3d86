"""A bus with topics in memory: partitions, offsets of its own, at least once."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from zlib import crc32

from tests.kern.proef import BRON, tot, verzending

from schakel.kern.bezorging.relais import NAAM, Relais
from schakel.kern.bus import Posities, Vergeet, Verzending, vergeet_niets
from schakel.kern.bus.bericht import KOPPEN, Levering, Record
from schakel.kern.grond.weigering import BusFout, BusIngekort
from schakel.kern.opslag import Opslag, lees_posities

PARTITIES = 3


class Topic:
    """One topic; it can lose the answer after it kept what was sent, be wiped, or be made anew."""

    def __init__(self, naam: str = "proef") -> None:
        self.naam = naam
        self.merk = "eerste"
        self.partities: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
        self.antwoord_weg = 0
        self.halverwege = 0
        self.iets_nieuws = asyncio.Event()

    async def wis(self) -> None:
        """Deleted and made again: everything gone, another incarnation."""
        self.partities.clear()
        self.merk += "+"

    def verlies(self, aantal: int) -> None:
        """It crashed, and of every partition the end was not on disk yet."""
        for rij in self.partities.values():
            del rij[-aantal:]

    def berichten(self) -> list[bytes]:
        return [waarde for rij in self.partities.values() for _, waarde in rij]

    @property
    def uitgang(self) -> "TopicUitgang":
        return TopicUitgang(self)

    @property
    def ingang(self) -> "TopicIngang":
        return TopicIngang(self)


class TopicUitgang:
    """The way out to a topic in memory."""

    wijze = ""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Kanaal"]:
        """See ``Uitgang``."""
        yield Kanaal(self._topic)


class Kanaal:
    """An open way out."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self.merk = topic.merk
        self._einden: dict[int, int] = {}

    async def keur(self, einden: Mapping[str, int]) -> bool:
        if self._topic.merk != self.merk:
            raise BusFout("topic-vernieuwd", "het topic is opnieuw gemaakt")
        return all(len(self._topic.partities[int(p)]) >= einde for p, einde in einden.items())

    async def zend(self, verzendingen: Sequence[Verzending]) -> Mapping[str, int]:
        await self.keur({})
        topic = self._topic
        is_ingekort = any(len(topic.partities[p]) < einde for p, einde in self._einden.items())
        deel = verzendingen[: len(verzendingen) // 2] if topic.halverwege else verzendingen
        for v in deel:
            topic.partities[crc32(v.sleutel) % PARTITIES].append((v.sleutel, v.waarde))
        topic.iets_nieuws.set()
        if topic.antwoord_weg or topic.halverwege:
            topic.antwoord_weg = max(0, topic.antwoord_weg - 1)
            topic.halverwege = max(0, topic.halverwege - 1)
            raise BusFout("bus-traag", "geen antwoord van de bus")
        if is_ingekort:
            raise BusIngekort("topic-ingekort", "korter dan wat was bevestigd")
        self._einden = {p: len(rij) for p, rij in topic.partities.items()}
        return {str(p): len(rij) for p, rij in topic.partities.items()}


class TopicIngang:
    """The way in from a topic in memory."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic

    @asynccontextmanager
    async def open(
        self,
        posities: Posities,
        vergeet: Vergeet = vergeet_niets,  # noqa: ARG002
        stil: frozenset[bytes] = frozenset(),  # noqa: ARG002
    ) -> AsyncIterator["_Aanvoer"]:
        """See ``Ingang``."""
        yield _Aanvoer(self._topic, posities())


class _Aanvoer:
    def __init__(self, topic: Topic, posities: Mapping[str, int]) -> None:
        self._topic = topic
        self._merk = topic.merk
        self._posities = dict(posities)

    async def haal(self) -> Sequence[Levering]:
        if self._topic.merk != self._merk:
            raise BusFout("topic-vernieuwd", "het topic is opnieuw gemaakt")
        if not (leveringen := self._na()):
            self._topic.iets_nieuws.clear()
            try:
                async with asyncio.timeout(0.2):
                    await self._topic.iets_nieuws.wait()
            except TimeoutError:
                return ()
            leveringen = self._na()
        for een in leveringen:
            self._posities[een.positienaam] = een.records[-1].nummer
        return leveringen

    def achterstand(self) -> Mapping[str, int]:
        return {
            f"{self._topic.naam}/{nummer}": len(rij)
            - self._posities.get(f"{self._topic.naam}/{nummer}@{self._merk}", 0)
            for nummer, rij in self._topic.partities.items()
        }

    def _na(self) -> list[Levering]:
        leveringen = []
        for nummer, rij in self._topic.partities.items():
            bron = Levering(f"{self._topic.naam}/{nummer}", BRON, (), self._merk)
            begin = self._posities.get(bron.positienaam, 0)
            records = [
                Record(begin + i + 1, sleutel, KOPPEN, waarde)
                for i, (sleutel, waarde) in enumerate(rij[begin : begin + 100])
            ]
            if records:
                leveringen.append(Levering(bron.bron, BRON, records, self._merk))
        return leveringen


def positie(opslag: Opslag, topic: Topic) -> int:
    return lees_posities(opslag).get(f"{NAAM}@{topic.merk}", 0)


async def leeg(opslag: Opslag, topic: Topic) -> None:
    """Relay until the position is that of the last event; begun again when the bus fails."""
    laatste = opslag.select_notifications(None, 100_000)[-1].id

    async def telkens() -> None:
        while True:
            with suppress(BusFout):
                await Relais(opslag, verzending, topic.uitgang).draai()

    taak = asyncio.create_task(telkens())
    try:
        await tot(lambda: positie(opslag, topic) == laatste)
    finally:
        taak.cancel()
        await asyncio.wait([taak])
