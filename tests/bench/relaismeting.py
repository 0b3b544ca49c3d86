"""G6: from the notification log in PostgreSQL to Kafka: ours, a bare producer, and one by one."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from schakel.contracts.topics import topic_van
from schakel.kern.bezorging.relais import Relais
from schakel.kern.bus import Busverbinding, Uitgang, Verzending, open_bus
from schakel.kern.opslag import Lading
from schakel.skelet.instellingen import Instellingen

from .infra import PARTITIES, Bus, Postgres
from .verslag import Cel, Toets, Uitkomst, mediaan
from .vulling import EERSTE, SOORTEN, Vulling, vul
from .zender import partitie_van, producent, stuur

WEGEN = {
    "grens": "een kale producent, dezelfde bytes",
    "ons": "ons relais",
    "een": "een voor een",
}


class _Tellend:
    """A way out that knows when so many were acknowledged."""

    def __init__(self, uitgang: Uitgang, tot: int) -> None:
        self._uitgang = uitgang
        self._tot = tot
        self.bereikt = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["_Tellend"]:
        """See ``Uitgang``."""
        async with self._uitgang.open() as self._kanaal:
            self.merk = self._kanaal.merk
            self.begonnen = time.perf_counter()
            yield self

    _kanaal: Busverbinding
    merk = wijze = ""
    begonnen = 0.0

    async def keur(self, einden: Mapping[str, int]) -> bool:
        """See ``Kanaal``."""
        return await self._kanaal.keur(einden)

    async def zend(self, verzendingen: Sequence[Verzending]) -> Mapping[str, int]:
        """See ``Kanaal``."""
        einden = await self._kanaal.zend(verzendingen)
        self._tot -= len(verzendingen)
        if self._tot <= 0:
            self.bereikt.set()
        return einden


async def _grens(vulling: Vulling, bus: Bus) -> float:
    oin = bus.organisatie()
    berichten = vulling.berichten(oin)
    async with producent(bus.adres) as zender:
        begin = time.perf_counter()
        await stuur(zender, topic_van(oin, EERSTE.proces), berichten, PARTITIES)
        return len(berichten) / (time.perf_counter() - begin)


async def _ons(vulling: Vulling, bus: Bus) -> float:
    oin = bus.organisatie()
    instellingen = Instellingen(oin=oin, kafka=bus.adres, poort=0, gegevensmap=Path())
    _, uitgang = open_bus(instellingen, EERSTE.proces.value, [], topic_van(oin, EERSTE.proces))
    assert uitgang is not None
    opslag = vulling.open()
    tellend = _Tellend(uitgang, vulling.aantal)
    try:
        taak = asyncio.create_task(Relais(opslag, vulling.vertaler(oin), tellend).draai())
        bereikt = asyncio.create_task(tellend.bereikt.wait())
        await asyncio.wait([taak, bereikt], return_when=asyncio.FIRST_COMPLETED)
        duur = time.perf_counter() - tellend.begonnen
        assert bereikt.done(), taak.exception()
        taak.cancel()
        await asyncio.wait([taak])
        return vulling.aantal / duur
    finally:
        opslag.sluit()


async def _een(vulling: Vulling, bus: Bus, aantal: int) -> float:
    """Read one, send it, await the ack, store the position."""
    oin = bus.organisatie()
    topic, vertaal, opslag = topic_van(oin, EERSTE.proces), vulling.vertaler(oin), vulling.open()
    try:
        async with producent(bus.adres) as zender:
            begin = time.perf_counter()
            positie = 0
            for _ in range(aantal):
                (rij,) = opslag.select_notifications(positie, 1, inclusive_of_start=False)
                v = vertaal(rij)
                plek = partitie_van(v.sleutel, PARTITIES)
                await zender.send_and_wait(topic, v.waarde, key=v.sleutel, partition=plek)
                positie = rij.id
                opslag.schrijf(Lading(posities={f"een@{oin}": positie}))
            return aantal / (time.perf_counter() - begin)
    finally:
        opslag.sluit()


def meet_relais(pg: Postgres, bus: Bus, aantal: int, een_voor_een: int, rondes: int) -> Uitkomst:
    """Rounds in turn, each to empty topics; events of the services, and bare ones."""
    gemeten: dict[tuple[str, str], list[float]] = {}
    vullingen = [vul(soort, pg, aantal) for soort in SOORTEN]
    for _ in range(rondes):
        for vulling in vullingen:
            for weg, per_s in (
                ("grens", asyncio.run(_grens(vulling, bus))),
                ("ons", asyncio.run(_ons(vulling, bus))),
                ("een", asyncio.run(_een(vulling, bus, een_voor_een))),
            ):
                gemeten.setdefault((vulling.soort, weg), []).append(per_s)
    rijen: list[dict[str, Cel]] = []
    toetsen: list[Toets] = []
    for soort, naam in SOORTEN.items():
        grens, ons, een = (gemeten[soort, weg] for weg in WEGEN)
        rijen += [
            {
                "wat": f"{naam}: {wat}",
                "per s": mediaan(gemeten[soort, weg]),
                "t.o.v. de grens": _verhouding(gemeten[soort, weg], grens),
            }
            for weg, wat in WEGEN.items()
        ]
        toetsen += [
            Toets(f"{naam}: ons / kale producent", _verhouding(ons, grens), ">=", 0.7),
            Toets(f"{naam}: ons / een voor een", _verhouding(ons, een), ">=", 100),
        ]
    return Uitkomst("G6", "van logboek in PostgreSQL naar Kafka, berichten", rijen, toetsen)


def _verhouding(teller: Sequence[float], noemer: Sequence[float]) -> float:
    return mediaan([a / b for a, b in zip(teller, noemer, strict=True)])
