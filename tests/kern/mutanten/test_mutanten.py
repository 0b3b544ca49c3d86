"""Six ways to build this wrong, each at the point where it shows: the right one holds, it is seen.

Every course is played twice on a real Kafka and a real PostgreSQL: once with the code as it is, and
then nothing may be wrong; once with the bug planted, and then the judge has to say so.
"""

import asyncio
import multiprocessing
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import pytest
from deploy.lokaal.postgres import PostgresServer
from deploy.lokaal.toegang import Toegang
from tests.kern.conftest import Databases
from tests.kern.mutanten import mutant as m
from tests.kern.mutanten.keten import Keten, Plaats
from tests.kern.mutanten.kind import POISON, begin
from tests.kern.mutanten.mutant import Mutant
from tests.kern.proef import DOOR, TABELLEN, Dienst, inhoud, tot

from schakel.kern.opslag import postgres as postgresmodule
from schakel.kern.opslag.postgres import PostgresOpslag, migreer

HOOGSTENS = 10
"""Seconds for one course."""

# One process that has everything loaded, and forks a child per test: starting anew takes seconds.
KINDEREN = multiprocessing.get_context("forkserver")
KINDEREN.set_forkserver_preload(["tests.kern.mutanten.kind"])

Verloop = Callable[[Keten, Mutant | None], Awaitable[None]]


class Geval(NamedTuple):
    """A bug, the course in which it shows, and what the judge then says."""

    mutant: Mutant
    verloop: Verloop
    gezien: str


@pytest.fixture
async def keten(
    databases: Databases, kafka: Toegang, topics: Mapping[str, str], oin: str
) -> AsyncIterator[Keten]:
    urls = databases.neem(), databases.neem()
    keten = Keten(Plaats(*urls, kafka.bootstrap, oin, topics["herstellen"]))
    yield keten
    await keten.sluit()
    for url in urls:
        databases.geef_terug(url)


async def sterft(keten: Keten, rol: str, punt: str, mutant: Mutant | None) -> None:
    """Another process takes this role and is killed at ``punt``."""
    kind = KINDEREN.Process(target=begin, args=(keten.plaats, rol, punt, mutant))
    kind.start()
    await asyncio.to_thread(kind.join, HOOGSTENS)
    sterft_vanzelf = kind.exitcode == -9
    kind.kill()  # where it never came to that point it would live on
    assert sterft_vanzelf


async def gedood_voor_de_bevestiging(keten: Keten, mutant: Mutant | None) -> None:
    await keten.vul(uuid4(), range(20, 40))
    await sterft(keten, "relais", "voor de bevestiging", mutant)
    await keten.stuur()
    await keten.ontvang()


async def gedood_voor_de_commit_van_een_effect(keten: Keten, mutant: Mutant | None) -> None:
    await keten.vul(uuid4(), range(20, 40))
    await keten.stuur()
    await sterft(keten, "ontvanger", "voor de commit van een effect", mutant)
    await keten.ontvang()


async def gedood_na_de_bevestiging(keten: Keten, mutant: Mutant | None) -> None:
    """What was sent is received, and then sent once more."""
    await keten.vul(uuid4(), range(20, 40))
    await sterft(keten, "relais", "na de bevestiging", mutant)
    await keten.ontvang()
    await keten.stuur()
    await keten.ontvang()


async def opgehouden_tussen_nummer_en_commit(keten: Keten, _mutant: Mutant | None) -> None:
    """Two replicas write; the relay goes by while the first has numbers and no commit."""
    ander = keten.plaats.open_zender()
    with opgehouden() as (is_opgehouden, ga_door):
        eerste = asyncio.create_task(keten.zender.vul(uuid4(), 20))
        await tot(is_opgehouden.is_set)
        tweede = asyncio.create_task(ander.vul(uuid4(), 21))
        await tot(lambda: tweede.done() or wacht_op_een_slot(keten))
        await keten.stuur()
        ga_door.set()
        await asyncio.gather(eerste, tweede)
    await keten.stuur()
    await keten.ontvang()
    await ander.sluit()


@contextmanager
def opgehouden() -> Iterator[tuple[threading.Event, threading.Event]]:
    """The first that has written its events waits, before the commit, until it may go on."""
    is_opgehouden, ga_door = threading.Event(), threading.Event()
    voeg_in = postgresmodule._voeg_in

    def en_wacht(*delen: Any) -> Any:
        nummers = voeg_in(*delen)
        if not is_opgehouden.is_set():
            is_opgehouden.set()
            ga_door.wait(HOOGSTENS)
        return nummers

    postgresmodule._voeg_in = en_wacht
    try:
        yield is_opgehouden, ga_door
    finally:
        ga_door.set()
        postgresmodule._voeg_in = voeg_in


def wacht_op_een_slot(keten: Keten) -> bool:
    vraag = (
        "SELECT 1 FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return bool(keten.zender.opslag.vraag(vraag))


async def later_gelezen(keten: Keten, _mutant: Mutant | None) -> None:
    """Who comes later gets the partitions one by one, each with all that is in it."""
    for boom in (uuid4(), uuid4()):
        await keten.vul(boom, range(20, 60))
    await keten.stuur()
    await keten.ontvang()


async def gedood_na_het_parkeren(keten: Keten, mutant: Mutant | None) -> None:
    """Another process goes on, and then somebody mends what was wrong and releases it."""
    boom = uuid4()
    await keten.vul(boom, range(POISON, POISON + 1))
    await keten.stuur()
    await sterft(keten, "ontvanger", "na het parkeren", mutant)
    await keten.vul(boom, range(20, 30))
    await keten.stuur()
    await keten.ontvang()
    for nummer, _ in keten.ontvanger.geparkeerd()[:1]:
        assert nummer == 1
        await keten.ontvanger.ontvanger.geef_vrij(1, DOOR)


GEVALLEN = {
    "positie voor de bevestiging": Geval(
        m.POSITIE_VOOR_BEVESTIGING, gedood_voor_de_bevestiging, "verloren"
    ),
    "bevestigd voor de commit": Geval(
        m.POSITIE_VOOR_COMMIT, gedood_voor_de_commit_van_een_effect, "verloren"
    ),
    "inbox vergeten": Geval(m.INBOX_VERGETEN, gedood_na_de_bevestiging, "dubbel"),
    "slot vergeten": Geval(m.SLOT_VERGETEN, opgehouden_tussen_nummer_en_commit, "verloren"),
    "sleutel gewijzigd": Geval(m.SLEUTEL_GEWIJZIGD, later_gelezen, "volgorde"),
    "geparkeerd ingehaald": Geval(m.GEPARKEERD_INGEHAALD, gedood_na_het_parkeren, "volgorde"),
    "geparkeerd omgekeerd": Geval(m.GEPARKEERD_OMGEKEERD, gedood_na_het_parkeren, "volgorde"),
}


@pytest.mark.parametrize("verloop", {geval.verloop: None for geval in GEVALLEN.values()})
async def test_er_is_niets_mis_als_het_is_zoals_het_moet(keten: Keten, verloop: Verloop) -> None:
    async with asyncio.timeout(HOOGSTENS):
        await verloop(keten, None)
    assert keten.oordeel() == set()


@pytest.mark.parametrize("fout", GEVALLEN)
async def test_een_ingeplante_fout_wordt_gezien(keten: Keten, fout: str) -> None:
    geval = GEVALLEN[fout]
    async with asyncio.timeout(HOOGSTENS):
        with geval.mutant.ingeplant():
            await geval.verloop(keten, geval.mutant)
    assert geval.gezien in keten.oordeel()


@pytest.mark.parametrize("mutant", [None, m.ANTWOORD_VOOR_DE_SCHIJF], ids=["echt", "mutant"])
async def test_wat_beantwoord_is_overleeft_een_gedode_database(
    breekbare_postgres: PostgresServer, mutant: Mutant | None
) -> None:
    """The other way to acknowledge too early: to the caller of a command."""
    url = breekbare_postgres.maak_database()
    migreer(url, TABELLEN)
    kisten = [UUID(int=i) for i in range(1, 51)]
    async with asyncio.timeout(HOOGSTENS):
        with mutant.ingeplant() if mutant else nullcontext():
            dienst = Dienst(PostgresOpslag(url, TABELLEN))
            for kist in kisten:
                assert await dienst.vul(kist, 1) == 1
        breekbare_postgres.breek_af()
        breekbare_postgres.start()
    await dienst.sluit()
    weer_open = PostgresOpslag(url, TABELLEN)
    assert (inhoud(weer_open) == {kist: [1] for kist in kisten}) is (mutant is None)
    weer_open.sluit()


def test_een_mutant_die_niet_meer_past_valt_op() -> None:
    verouderd = Mutant("schakel.kern.bezorging.relais:Relais._lees", "wat er eens stond", "")
    with pytest.raises(LookupError, match=r"Relais\._lees"), verouderd.ingeplant():
        pass
