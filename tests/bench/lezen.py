"""G14: a reader that follows the log misses nothing, and a huge save stands in nobody's way."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random

from deploy.lokaal.postgres import PostgresServer
from eventsourcing.persistence import StoredEvent

from schakel.kern.opslag import KERNTABELLEN, Lading, Opslag
from schakel.kern.opslag.postgres import PostgresOpslag, migreer
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.vastlegging.gebeurtenis import MAX_STAAT
from schakel.kern.vastlegging.schrijver import Schrijver

from .opslag import Vak, ids, schrijver_op, zet
from .verslag import Cel, Toets, Uitkomst, schone_map

SCHRIJVERS = 16
PER_TAAK = 10
GROOT = 16 * 2**20
STUK = MAX_STAAT - 1_000


class Volger(threading.Thread):
    """Reads the log behind the writers, from where it was, until it has seen ``tot`` events."""

    def __init__(self, opslag: Opslag, tot: int) -> None:
        super().__init__(daemon=True)
        self._opslag = opslag
        self._tot = tot
        self.gezien: set[tuple[str, int]] = set()
        self.terug = 0
        """How often an id was not higher than the one before."""
        self.opgeven = threading.Event()

    def run(self) -> None:
        positie = 0
        while len(self.gezien) < self._tot:
            stopt = self.opgeven.is_set()  # asked before reading: what is there by now is seen
            rijen = self._opslag.select_notifications(positie, 1_000, inclusive_of_start=False)
            for rij in rijen:
                self.terug += rij.id <= positie
                positie = rij.id
                self.gezien.add((str(rij.originator_id), rij.originator_version))
            if not rijen:
                if stopt:
                    return
                time.sleep(0.001)


async def _roep(schrijver: Schrijver[Vak], aantal: int) -> None:
    """Sixteen callers on one writer."""
    werk = iter([zet(id_, PER_TAAK, "x") for id_ in ids(aantal // PER_TAAK)])

    async def roep() -> None:
        for taak in werk:
            await schrijver.voer_uit(taak)

    await asyncio.gather(*(roep() for _ in range(SCHRIJVERS)))
    await schrijver.sluit()


def schrijf_samen(opslag: Opslag, aantal: int) -> None:
    """One process, one writer, sixteen callers: how a service with SQLite works."""
    asyncio.run(_roep(schrijver_op(opslag), aantal))


def schrijf_naast_elkaar(url: str, aantal: int) -> None:
    """Sixteen stores on one database, each with connections and batches of its own."""

    def schrijf(nummer: int) -> None:
        toeval = Random(nummer)
        opslag = PostgresOpslag(url, KERNTABELLEN)
        nog = aantal // SCHRIJVERS
        for id_ in ids(nog):
            stuk = min(nog, toeval.randint(1, 100))
            opslag.schrijf(
                Lading([StoredEvent(id_, v, "bench/gezet", b"x") for v in range(1, stuk + 1)])
            )
            nog -= stuk
            if not nog:
                break
        opslag.sluit()

    with ThreadPoolExecutor(SCHRIJVERS) as draden:
        list(draden.map(schrijf, range(SCHRIJVERS)))


def volg(opslag: Opslag, aantal: int, schrijf: Callable[[], None]) -> dict[str, Cel]:
    """Write while a reader follows; what it saw."""
    volger = Volger(opslag, aantal)
    volger.start()
    begin = time.perf_counter()
    schrijf()
    duur = time.perf_counter() - begin
    volger.opgeven.set()
    volger.join()
    return {
        "geschreven": aantal,
        "gemist": aantal - len(volger.gezien),
        "buiten volgorde": volger.terug,
        "per s": aantal / duur,
    }


async def _groot(schrijver: Schrijver[Vak], taken: int) -> dict[str, Cel]:
    """Sixteen callers go on while one saves 16 MB: first as one event, then as many."""
    wachttijden: list[float] = []
    klaar = asyncio.Event()

    async def roep() -> None:
        while not klaar.is_set():
            begin = time.perf_counter()
            await schrijver.voer_uit(zet(ids(1)[0]))
            wachttijden.append(time.perf_counter() - begin)

    async def meet(doe: Callable[[], Awaitable[None]]) -> tuple[float, float]:
        """How long it took, and the longest that another had to wait meanwhile."""
        wachttijden.clear()
        begin = time.perf_counter()
        await doe()
        return time.perf_counter() - begin, max(wachttijden, default=0.0)

    async def weiger() -> None:
        for id_ in ids(taken):
            try:
                await schrijver.voer_uit(zet(id_, 1, "x" * GROOT))
            except ValueError:
                continue
            raise AssertionError("een gebeurtenis van 16 MB is bewaard")

    async def bewaar() -> None:
        for id_ in ids(taken):
            await schrijver.voer_uit(zet(id_, GROOT // STUK, "x" * STUK))

    bellers = [asyncio.create_task(roep()) for _ in range(SCHRIJVERS)]
    await asyncio.sleep(0.2)
    een, anderen_een = await meet(weiger)
    veel, anderen_veel = await meet(bewaar)
    klaar.set()
    await asyncio.gather(*bellers)
    await schrijver.sluit()
    return {
        "een van 16 MB: geweigerd na ms": een / taken * 1e3,
        "anderen hoogstens (1) ms": anderen_een * 1e3,
        "16 MB in stukken: bewaard na ms": veel / taken * 1e3,
        "anderen hoogstens (2) ms": anderen_veel * 1e3,
    }


@contextmanager
def postgres() -> Iterator[str]:
    """A fresh database on a server of its own."""
    with schone_map() as map_, PostgresServer(map_) as server:
        url = server.maak_database()
        migreer(url, KERNTABELLEN)
        yield url


def meet_lezen(aantal: int, aantal_postgres: int, groot: int = 3) -> Sequence[Uitkomst]:
    """Both stores, each with what it promises."""
    volgen: list[dict[str, Cel]] = []
    grote: list[dict[str, Cel]] = []
    with schone_map() as map_:
        opslag: Opslag = SqliteOpslag(map_ / "volg.db", KERNTABELLEN)
        samen = volg(opslag, aantal, lambda: schrijf_samen(opslag, aantal))
        volgen.append({"wat": "SQLite, 16 bellers op een schrijver", **samen})
        grote.append({"wat": "SQLite", **asyncio.run(_groot(schrijver_op(opslag), groot))})
        opslag.sluit()
    with postgres() as url:
        naast = PostgresOpslag(url, KERNTABELLEN)
        rond = aantal_postgres // SCHRIJVERS * SCHRIJVERS
        elk = volg(naast, rond, lambda: schrijf_naast_elkaar(url, rond))
        volgen.append({"wat": "PostgreSQL, 16 opslagen naast elkaar", **elk})
        grote.append({"wat": "PostgreSQL", **asyncio.run(_groot(schrijver_op(naast), groot))})
        naast.sluit()
    toetsen = [
        Toets(f"{rij['wat']}: {wat}", float(rij[wat]), "<=", 0)
        for rij in volgen
        for wat in ("gemist", "buiten volgorde")
    ]
    return [
        Uitkomst("G14", "een lezer volgt terwijl zestien schrijven", volgen, toetsen),
        Uitkomst("G14", "iemand bewaart 16 MB terwijl zestien anderen schrijven", grote),
    ]
