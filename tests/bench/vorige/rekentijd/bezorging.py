"""Messages: read, sent and derived from, and the chain of them over a real broker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from tests.bench import ketenproces
from tests.bench.gang import DIENSTEN, OPDRACHTEN

from schakel.kern.bus import IngebedeIngang
from schakel.kern.opslag.postgres import migreer
from schakel.kern.tempo import stel_af
from schakel.skelet.instellingen import Instellingen
from schakel.skelet.overzicht import TABELLEN

from .opdrachten import EERSTE, EERSTE_DEEL, dienst
from .plek import Klok, Plek
from .versie import Relais, leid_af

TWEEDE = DIENSTEN[1]


class Gereed:
    """A way in with deliveries that are ready."""

    def __init__(self, leveringen: Sequence[Any]) -> None:
        self._leveringen = iter(leveringen)
        self.klaar = asyncio.Event()

    @asynccontextmanager
    async def open(self, *_posities: object) -> AsyncIterator["Gereed"]:
        """See ``Ingang``."""
        yield self

    def achterstand(self) -> Mapping[str, int]:
        """See ``Aanvoer``."""
        return {}

    async def haal(self) -> Sequence[Any]:
        """See ``Aanvoer``: asked for more, what went before is handled."""
        for levering in self._leveringen:
            return [levering]
        self.klaar.set()
        return await asyncio.Future()


async def tot(klaar: asyncio.Event, werk: Awaitable[None]) -> None:
    """Let ``werk`` go on until it has said that it is done."""
    lopend, gewacht = asyncio.ensure_future(werk), asyncio.ensure_future(klaar.wait())
    await asyncio.wait([lopend, gewacht], return_when=asyncio.FIRST_COMPLETED)
    if lopend.done():
        gewacht.cancel()
        lopend.result()
    lopend.cancel()
    await asyncio.wait([lopend])


async def inbox(plek: Plek) -> float:
    """Messages of the first service, of which one in five opens a melding in the second."""
    (url,) = plek.databases
    migreer(url, TABELLEN)
    leveringen: list[Any] = []
    async with (
        dienst(EERSTE, plek.map, plek.gever) as gever,
        IngebedeIngang([gever.log]).open(dict) as aanvoer,
    ):
        while gehaald := await aanvoer.haal():
            leveringen += gehaald
    klok, warm = Klok(), leveringen[: len(leveringen) // 10]
    async with dienst(TWEEDE, plek.map, url) as nemer:

        async def ontvang(wat: Sequence[Any]) -> None:
            gereed = Gereed(wat)
            await tot(gereed.klaar, nemer.lezer.draai(gereed))

        await ontvang(warm)
        with klok.loopt():
            await ontvang(leveringen[len(warm) :])
        ((geopend,),) = nemer.opslag.vraag("SELECT count(*) FROM stored_events")
    alle = _records(leveringen)
    if geopend * EERSTE_DEEL != alle:
        raise RuntimeError("niet elke overdracht heeft een melding geopend")
    return klok.us / (alle - _records(warm))


def _records(leveringen: Sequence[Any]) -> int:
    return sum(len(levering.records) for levering in leveringen)


class Put:
    """A way out that keeps nothing, and knows when so many were sent."""

    merk = "put"

    def __init__(self, aantal: int) -> None:
        self._nog = aantal
        self.klok = Klok()
        self.klaar = asyncio.Event()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Put"]:
        """See ``Uitgang``."""
        with self.klok.loopt():
            yield self

    async def keur(self, _einden: Mapping[str, int]) -> bool:
        """Nothing of what was sent before is here: all of it is sent anew."""
        return False

    async def zend(self, verzendingen: Sequence[Any]) -> Mapping[str, int]:
        """See ``Uitgang``."""
        self._nog -= len(verzendingen)
        if self._nog <= 0:
            self.klaar.set()
        return {}


async def relais(plek: Plek) -> float:
    """The log of the first service, translated and sent to nowhere."""
    async with dienst(EERSTE, plek.map, plek.gever) as gever:
        ((aantal,),) = gever.opslag.vraag("SELECT count(*) FROM stored_events")
        put = Put(aantal)
        await tot(put.klaar, Relais(gever.opslag, gever.uitgaand, put).draai())
    return put.klok.us / float(aantal)


def afleiding(plek: Plek) -> float:
    """Every tree, from messages as they came."""
    bomen = msgspec.msgpack.decode(
        Path(plek.bomen).read_bytes(), type=list[tuple[str, list[bytes]]]
    )
    per_keer = sum(len(berichten) for _, berichten in bomen)
    stel_af()  # once more: the trees are loaded now
    klok, gedaan = Klok(), 0
    while gedaan < plek.aantal:
        with klok.loopt():
            for wortel, berichten in bomen:
                leid_af(wortel, berichten)
        gedaan += per_keer
    return klok.us / gedaan


def _opzet(plek: Plek, last: ketenproces.Gesloten | ketenproces.Begin) -> ketenproces.Opzet:
    for url in plek.databases:
        migreer(url, TABELLEN)
    namen = [omschrijving.proces.value for omschrijving in DIENSTEN]
    stores = dict(zip(namen, plek.databases, strict=True))
    oin = plek.oin or Instellingen(poort=0).oin
    return ketenproces.Opzet("vlot", plek.map, oin, stores, plek.kafka, last)


async def vlot(plek: Plek) -> float:
    """The chain as fast as it goes, a transaction per stretch."""
    tegelijk = max(10, plek.aantal // 4)
    last = ketenproces.Gesloten(plek.aantal, tegelijk, tegelijk)
    opbrengst = await ketenproces.draai(_opzet(plek, last))
    return float(opbrengst.rekentijd / opbrengst.gedaan / OPDRACHTEN * 1e6)


async def gever(plek: Plek) -> float:
    """No way to measure: fill the first database with what ``inbox`` and ``relais`` read."""
    await ketenproces.draai(_opzet(plek, ketenproces.Begin(plek.aantal)))
    return 0.0
