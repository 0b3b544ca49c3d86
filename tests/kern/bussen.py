"""A bus with topics in memory: partitions, offsets of its own, at least once."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from zlib import crc32

from tests.kern.proef import BRON, KOPPEN

from schakel.kern.bericht import Levering, Record
from schakel.kern.bus import Verzending

PARTITIES = 3


class Topic:
    """One topic; it can lose the answer after it kept what was sent, or be wiped."""

    def __init__(self, naam: str = "proef") -> None:
        self.naam = naam
        self.partities: dict[int, list[tuple[bytes, bytes]]] = defaultdict(list)
        self.antwoord_weg = 0
        self.halverwege = 0
        self._iets_nieuws = asyncio.Event()

    async def zend(self, verzendingen: Sequence[Verzending]) -> None:
        """See ``Uitgang``."""
        deel = verzendingen[: len(verzendingen) // 2] if self.halverwege else verzendingen
        for v in deel:
            self.partities[crc32(v.sleutel) % PARTITIES].append((v.sleutel, v.waarde))
        self._iets_nieuws.set()
        if self.antwoord_weg or self.halverwege:
            self.antwoord_weg = max(0, self.antwoord_weg - 1)
            self.halverwege = max(0, self.halverwege - 1)
            raise ConnectionError("geen antwoord van de bus")

    def wis(self) -> None:
        """Everything gone; offsets begin again."""
        self.partities.clear()

    def berichten(self) -> list[bytes]:
        return [waarde for rij in self.partities.values() for _, waarde in rij]

    async def haal(self, posities: Mapping[str, int]) -> Sequence[Levering]:
        """See ``Ingang``."""
        if not (leveringen := self._na(posities)):
            self._iets_nieuws.clear()
            try:
                async with asyncio.timeout(0.2):
                    await self._iets_nieuws.wait()
            except TimeoutError:
                return ()
            leveringen = self._na(posities)
        return leveringen

    def _na(self, posities: Mapping[str, int]) -> list[Levering]:
        leveringen = []
        for nummer, rij in self.partities.items():
            bron = f"{self.naam}/{nummer}"
            begin = posities.get(bron, 0)
            records = [
                Record(begin + i + 1, sleutel, KOPPEN, waarde)
                for i, (sleutel, waarde) in enumerate(rij[begin : begin + 100])
            ]
            if records:
                leveringen.append(Levering(bron, BRON, records))
        return leveringen
