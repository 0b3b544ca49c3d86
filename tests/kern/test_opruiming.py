"""What is erased is in no file any more: also when somebody was reading it, or the machine fell."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.kern.bestanden import ruw
from tests.kern.conftest import Plek
from tests.kern.proef import DOOR, Dienst, Kist, tot
from tests.kern.vroeger import antwoord_als_vroeger, bewaar_als_vroeger, digest_als_vroeger

from schakel.kern.opslag import Opslag, postgres
from schakel.kern.opslag import sqlite as sqliteopslag
from schakel.kern.vastlegging.opruiming import Opruiming
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk
from schakel.kern.zicht.taken import blijvend

GEHEIMEN = (
    "SELECT sleutel FROM sleutels",
    "SELECT sleutel FROM teksten",
    "SELECT inhoud FROM teksten",
    "SELECT inhoud FROM kluis",
    "SELECT digest FROM antwoorden",
)


@pytest.fixture
async def dienst(opslag: Opslag) -> AsyncIterator[Dienst]:
    dienst = Dienst(opslag)
    yield dienst
    await dienst.schrijver.sluit()


def verzoek(reeks: UUID) -> tuple[str, str, bytes]:
    """A command as it came in, from which a digest can be computed."""
    return "POST", f"/v1/kisten/{reeks}", f'{{"telefoon": "06{reeks.int % 10**8}"}}'.encode()


async def bewaar(dienst: Dienst, reeks: UUID, *, lang: int = 1) -> None:
    """A text and a command of now, and of a former version a text and its command."""
    digest = digest_als_vroeger(*verzoek(reeks))

    def doe(werk: Werk[Kist]) -> str:
        dienst.kluis.bewaar_bij(werk, reeks, "tekst", "lang verhaal " * lang)
        return str(reeks)

    bewaar_als_vroeger(dienst.opslag, reeks, "intake", "oud verhaal " * lang)
    antwoord = {"meldingId": str(reeks), "versie": 1}
    antwoord_als_vroeger(dienst.opslag, f"iemand:oud-{reeks}", digest, antwoord)
    taak = Taak(doe, str, DOOR, sleutel=f"iemand:nieuw-{reeks}", digest=digest)
    await dienst.schrijver.voer_uit(taak)


async def wis(dienst: Dienst, *reeksen: UUID) -> None:
    def doe(werk: Werk[Kist]) -> None:
        for reeks in reeksen:
            dienst.kluis.wis(werk, reeks)
            dienst.antwoorden.vergeet(werk, reeks)

    await dienst.schrijver.voer_uit(Taak(doe, type(None), DOOR))


def geheimen(opslag: Opslag) -> set[bytes]:
    """Of every secret a part that stands nowhere else, and is not cut over two pages."""
    gevonden = {bytes(rij[0]) for vraag in GEHEIMEN for rij in opslag.vraag(vraag)}
    return {geheim[16:32] for geheim in gevonden}


def resten(plek: Plek, gewist: set[bytes]) -> int:
    """How much of what was erased still stands somewhere."""
    bestanden = ruw(plek)
    return sum(geheim in bestanden for geheim in gewist)


@contextmanager
def lezer(plek: Plek) -> Iterator[Any]:
    """Somebody who looks at the store as it is now, and goes on doing so."""
    if isinstance(plek.waar, Path):
        with closing(sqlite3.connect(plek.waar, isolation_level=None)) as db:
            db.execute("BEGIN")
            yield db.execute("SELECT count(*) FROM sleutels").fetchall()
            db.execute("COMMIT")
        return
    with psycopg.connect(plek.waar) as verbinding:
        verbinding.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        # Of another table: also without a lock on ours it can go back to what is erased.
        yield verbinding.execute("SELECT count(*) FROM tellers").fetchall()


async def test_na_het_wissen_staat_niets_meer_in_enig_bestand(plek: Plek, dienst: Dienst) -> None:
    weg, blijft = uuid4(), uuid4()
    await bewaar(dienst, blijft)
    blijvend_ = geheimen(dienst.opslag)
    await bewaar(dienst, weg, lang=2_000)
    gewist = geheimen(dienst.opslag) - blijvend_
    assert len(gewist) == resten(plek, gewist) == 5
    await wis(dienst, weg)
    opruiming = Opruiming(dienst.opslag)
    assert opruiming.aantal()
    assert opruiming.ruim_op()
    assert not opruiming.aantal()
    assert resten(plek, gewist) == 0
    assert resten(plek, blijvend_) == 5
    assert f"iemand:oud-{weg}".encode() not in ruw(plek)
    assert weg.hex not in str(dienst.opslag.vraag("SELECT * FROM teksten"))


async def test_wie_nog_leest_wordt_gezien_en_afgewacht(plek: Plek, dienst: Dienst) -> None:
    """SQLite says in a row that a checkpoint could not be done; PostgreSQL leaves the dead rows."""
    reeks = uuid4()
    await bewaar(dienst, reeks)
    gewist = geheimen(dienst.opslag)
    opruiming = Opruiming(dienst.opslag)
    with lezer(plek) as gezien:
        begin = asyncio.get_running_loop().time()
        await wis(dienst, reeks)
        assert await dienst.vul(uuid4(), 1) == 1
        assert asyncio.get_running_loop().time() - begin < 1  # nobody waits for who reads
        assert gezien
        for _ in range(3):
            assert not opruiming.ruim_op()
            assert opruiming.aantal()
        assert resten(plek, gewist) > 0
        async with blijvend("wissing", opruiming.draai):
            await asyncio.sleep(1.5)
            assert opruiming.aantal()
    assert opruiming.aantal()
    async with blijvend("wissing", opruiming.draai):
        await tot(lambda: not opruiming.aantal())
    assert resten(plek, gewist) == 0


async def test_ook_een_groot_bestand_is_pas_gewist_als_niemand_meer_leest(
    plek: Plek, dienst: Dienst, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not written anew: what would then be noticed by itself has to be looked at."""
    for een in (sqliteopslag, postgres):
        monkeypatch.setattr(een, "HERSCHRIJFBAAR", 0)
    reeks, opruiming = uuid4(), Opruiming(dienst.opslag)
    await bewaar(dienst, reeks)
    with lezer(plek) as gezien:
        await wis(dienst, reeks)
        assert gezien
        assert not opruiming.ruim_op()
    assert opruiming.ruim_op()


async def test_wie_valt_voor_het_is_opgeruimd_gaat_er_later_mee_door(plek: Plek) -> None:
    dienst, reeks = Dienst(plek.open()), uuid4()
    await bewaar(dienst, reeks)
    gewist = geheimen(dienst.opslag)
    with lezer(plek):
        await wis(dienst, reeks)
    await dienst.schrijver.sluit()
    plek.sluit()
    opruiming = Opruiming(plek.open())
    assert opruiming.aantal()
    assert opruiming.ruim_op()
    assert not opruiming.aantal()
    assert resten(plek, gewist) == 0


async def test_ook_tussen_vele_andere_blijft_niets_staan(plek: Plek, dienst: Dienst) -> None:
    """A database moves rows about; what it leaves where they were is found here."""
    kies = random.Random(4)
    reeksen = [uuid4() for _ in range(400)]
    for reeks in reeksen:
        await bewaar(dienst, reeks, lang=kies.choice((1, 10, 40, 300)))
    alle = geheimen(dienst.opslag)
    weg = kies.sample(reeksen, 120)
    for begin in range(0, len(weg), 7):
        await wis(dienst, *weg[begin : begin + 7])
    gewist = alle - geheimen(dienst.opslag)
    assert len(gewist) == 5 * len(weg)
    assert Opruiming(dienst.opslag).ruim_op()
    assert resten(plek, gewist) == 0
    assert resten(plek, alle - gewist) == 5 * (len(reeksen) - len(weg))
