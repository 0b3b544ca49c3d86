"""G7: from Kafka to an effect exactly once in PostgreSQL: ours, a raw insert, and one by one.

The messages are hand-overs, each of which opens a melding in the second service (or, bare, takes a
step there). The limit inserts the rows that came of it: same tables, a thousand of each per commit.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition

from schakel.contracts.topics import topic_van
from schakel.kern.bus import Aanvoer, Ingang
from schakel.kern.bus.bericht import Levering
from schakel.kern.deelnemer import Deelnemer
from schakel.kern.opslag import KERNTABELLEN, Tabellen
from schakel.kern.opslag.pgtaal import Taal
from schakel.kern.opslag.pgtaal import _reeks as reeks
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.overzicht import TABELLEN
from schakel.skelet.proces import Procesdienst

from .gang import DIENSTEN
from .infra import PARTITIES, Bus, Postgres
from .kaal import KaleDienst
from .ketenproces import Soort
from .verslag import Cel, Toets, Uitkomst, mediaan, schone_map
from .vulling import EERSTE, PER_MELDING, SOORTEN, Vulling, vul
from .zender import producent, stuur

TWEEDE = DIENSTEN[1]
VAN: dict[Soort, str] = {"kaal": "", "vlot": "/overgedragen"}
"""How the names end of the events that the second service does something with."""
PER_COMMIT = 1_000
WEGEN = {
    "grens": "dezelfde rijen rechtstreeks, 1.000 per commit",
    "ons": "onze inbox, een transactie per levering",
    "een": "onze inbox, een transactie per bericht",
    "lezen": "alleen lezen (aiokafka)",
}


class _Geteld:
    """A way in that knows when so many messages were handled, and hands them out one by one."""

    def __init__(self, ingang: Ingang, tot: int, *, een_voor_een: bool) -> None:
        self._ingang = ingang
        self._tot = tot
        self._een_voor_een = een_voor_een
        self._rest: list[Levering] = []
        self._aanvoer: Aanvoer
        self.begonnen = 0.0
        self.klaar = asyncio.Event()

    @asynccontextmanager
    async def open(self, posities: Any, *_vergeet: Any) -> AsyncIterator["_Geteld"]:
        """See ``Ingang``."""
        async with self._ingang.open(posities) as self._aanvoer:
            yield self

    def achterstand(self) -> Mapping[str, int]:
        """See ``Aanvoer``."""
        return self._aanvoer.achterstand()

    async def haal(self) -> Sequence[Levering]:
        """See ``Aanvoer``: what was returned counts as handled at the next call."""
        if self._tot <= 0:
            self.klaar.set()
            await asyncio.Event().wait()
        leveringen = [self._rest.pop()] if self._rest else list(await self._aanvoer.haal())
        if self._een_voor_een and leveringen:
            self._rest += [
                Levering(een.bron, een.schrijver, (record,), een.merk)
                for een in reversed(leveringen)
                for record in reversed(een.records)
            ]
            leveringen = [self._rest.pop()]
        if leveringen:
            self.begonnen = self.begonnen or time.perf_counter()  # not the joining of a group
        self._tot -= sum(len(een.records) for een in leveringen)
        return leveringen


def _dienst(soort: Soort, instellingen: Instellingen) -> Deelnemer:
    if soort == "kaal":
        return KaleDienst(TWEEDE.proces.value, instellingen, lambda _ids, _op: None)
    return Procesdienst(TWEEDE, instellingen)


async def _ontvang(
    soort: Soort, url: str, bus: Bus, oin: str, aantal: int, *, een_voor_een: bool
) -> float:
    """Messages handled per second."""
    with schone_map() as map_:
        instellingen = Instellingen(
            oin=oin, kafka=bus.adres, poort=0, gegevensmap=Path(map_), opslag=url
        )
        dienst = _dienst(soort, instellingen)
        assert dienst._ingang is not None
        geteld = _Geteld(dienst._ingang, aantal, een_voor_een=een_voor_een)
        lezen = asyncio.create_task(dienst.lezer.draai(geteld))
        klaar = asyncio.create_task(geteld.klaar.wait())
        try:
            await asyncio.wait([lezen, klaar], return_when=asyncio.FIRST_COMPLETED)
            duur = time.perf_counter() - geteld.begonnen
            assert klaar.done(), lezen.exception()
            lezen.cancel()
            await asyncio.wait([lezen])
            return aantal / duur
        finally:
            await dienst.schrijver.sluit()
            dienst.opslag.sluit()


def _rijen(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """What stands in the tables of a service, in the order of writing."""
    with psycopg.connect(url) as verbinding:
        tabellen = verbinding.execute(
            "SELECT relname FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname NOT IN ('schema_versie', 'tracking', 'tellers')"
        ).fetchall()
        gevuld = {
            tabel: verbinding.execute(f"SELECT * FROM {tabel}".encode()).fetchall()
            for (tabel,) in tabellen
        }
    return {tabel: rijen for tabel, rijen in gevuld.items() if rijen}


def _schrijf_rauw(url: str, rijen: dict[str, list[tuple[Any, ...]]]) -> float:
    """Effects per second with nothing but the driver, from arrays that are ready."""
    aantal = len(rijen["stored_events"])
    with psycopg.connect(url, autocommit=True) as verbinding, verbinding.cursor(binary=True) as c:
        partijen: list[list[tuple[str, list[Any]]]] = []
        taal = Taal()
        for begin in range(0, aantal, PER_COMMIT):
            partij = []
            for tabel, alle in rijen.items():
                sql = f"INSERT INTO {tabel} VALUES ({', '.join('?' * len(alle[0]))})"
                bulk = taal._bulk_van(c, sql)
                assert bulk is not None
                stuk = alle[begin : begin + PER_COMMIT]
                partij.append((bulk.reeksen, [reeks(kolom) for kolom in zip(*stuk, strict=True)]))
            partijen.append(partij)
        begonnen = time.perf_counter()
        for partij in partijen:
            c.execute("BEGIN")
            for opdracht, kolommen in partij:
                c.execute(opdracht, kolommen, prepare=True)
            c.execute("COMMIT")
        return aantal / (time.perf_counter() - begonnen)


async def _lees(bus: Bus, topic: str, aantal: int) -> float:
    """Messages per second of the client library alone."""
    lezer = AIOKafkaConsumer(
        bootstrap_servers=bus.adres, auto_offset_reset="earliest", max_poll_records=PER_COMMIT
    )
    await lezer.start()
    try:
        lezer.assign([TopicPartition(topic, nummer) for nummer in range(PARTITIES)])
        gelezen, begin = 0, time.perf_counter()
        while gelezen < aantal:
            gehaald = await lezer.getmany(timeout_ms=1_000)
            gelezen += sum(map(len, gehaald.values()))
        return aantal / (time.perf_counter() - begin)
    finally:
        await lezer.stop()


def _ronde(vulling: Vulling, pg: Postgres, bus: Bus, een_voor_een: int) -> dict[str, float]:
    soort = vulling.soort
    tabellen: Tabellen = KERNTABELLEN if soort == "kaal" else TABELLEN
    oin = bus.organisatie()
    topic = topic_van(oin, EERSTE.proces)
    berichten = vulling.berichten(oin, van=VAN[soort])

    async def vooraf() -> None:
        async with producent(bus.adres) as zender:
            await stuur(zender, topic, berichten, PARTITIES)

    asyncio.run(vooraf())
    aantal, url = len(berichten), pg.met(tabellen)
    ons = asyncio.run(_ontvang(soort, url, bus, oin, aantal, een_voor_een=False))
    rijen = _rijen(url)
    assert len(rijen["stored_events"]) == aantal
    een = asyncio.run(_ontvang(soort, pg.met(tabellen), bus, oin, een_voor_een, een_voor_een=True))
    return {
        "grens": _schrijf_rauw(pg.met(tabellen), rijen),
        "ons": ons,
        "een": een,
        "lezen": asyncio.run(_lees(bus, topic, aantal)),
    }


def meet_inbox(pg: Postgres, bus: Bus, aantal: int, een_voor_een: int, rondes: int) -> Uitkomst:
    """Rounds in turn, in fresh topics and stores."""
    gemeten: dict[Soort, list[dict[str, float]]] = {soort: [] for soort in SOORTEN}
    vullingen = [vul(soort, pg, aantal * PER_MELDING[soort]) for soort in SOORTEN]
    for _ in range(rondes):
        for vulling in vullingen:
            gemeten[vulling.soort].append(_ronde(vulling, pg, bus, een_voor_een))
    rijen: list[dict[str, Cel]] = []
    toetsen: list[Toets] = []
    for soort, naam in SOORTEN.items():
        ronden = gemeten[soort]
        rijen += [
            {
                "wat": f"{naam}: {wat}",
                "per s": mediaan([ronde[weg] for ronde in ronden]),
                "t.o.v. de grens": mediaan([ronde[weg] / ronde["grens"] for ronde in ronden]),
            }
            for weg, wat in WEGEN.items()
        ]
        grens = mediaan([ronde["ons"] / ronde["grens"] for ronde in ronden])
        een = mediaan([ronde["ons"] / ronde["een"] for ronde in ronden])
        toetsen += [
            Toets(f"{naam}: ons / dezelfde rijen rechtstreeks", grens, ">=", 0.65),
            Toets(f"{naam}: ons / een transactie per bericht", een, ">=", 60),
        ]
    return Uitkomst("G7", "van Kafka naar een gevolg in PostgreSQL, precies eens", rijen, toetsen)
