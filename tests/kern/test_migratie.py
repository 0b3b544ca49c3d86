"""Tables of PostgreSQL: made once, and changed under services that go on."""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from uuid import uuid4

import psycopg
import pytest
from deploy.lokaal.postgres import Databases
from tests.kern.migrant import INDEX, INGEKROMPEN, KOLOM, UITGEBREID, begin
from tests.kern.proef import TABELLEN, Dienst, inhoud
from tests.kern.proef import tot as _tot

from schakel.kern.grond.weigering import StartFout
from schakel.kern.opslag import KERNTABELLEN, migratie
from schakel.kern.opslag.migratie import migreer
from schakel.kern.opslag.postgres import PostgresOpslag

KINDEREN = multiprocessing.get_context("forkserver")
KINDEREN.set_forkserver_preload(["tests.kern.migrant"])


@pytest.fixture
def leeg(postgres: Databases) -> str:
    return postgres.maak_database()


@pytest.fixture
def url(leeg: str) -> str:
    migreer(leeg, TABELLEN, "proef")
    return leeg


def tabellen_in(url: str) -> set[str]:
    with psycopg.connect(url) as verbinding:
        rijen = verbinding.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {naam for (naam,) in rijen}


def geldig(url: str, index: str) -> list[tuple[bool]]:
    with psycopg.connect(url) as verbinding:
        return verbinding.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", (index,)
        ).fetchall()


@contextmanager
def bezet(url: str, opdracht: str) -> Iterator[Callable[[], None]]:
    """Somebody holds a lock in a transaction that goes on; call to let go."""
    with psycopg.connect(url) as verbinding:
        verbinding.execute(opdracht)
        yield verbinding.rollback


def tot(url: str, vraag: str, antwoord: bool) -> None:
    """Poll until the database gives this answer."""
    eind = time.monotonic() + 10
    with psycopg.connect(url, autocommit=True) as verbinding:
        while verbinding.execute(vraag).fetchall() != [(antwoord,)]:
            assert time.monotonic() < eind, vraag


WACHT_OP_TABEL = (
    "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND relation = 'kisten'::regclass"
)
BOUWT_INDEX = "SELECT count(*) > 0 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'"


def test_migreren_gaat_stap_voor_stap(leeg: str) -> None:
    assert migreer(leeg, KERNTABELLEN) == 1
    with pytest.raises(
        StartFout, match=f"versie 1, deze software vraagt versie {TABELLEN.versie}:"
    ):
        PostgresOpslag(leeg, TABELLEN)
    assert migreer(leeg, TABELLEN) == TABELLEN.versie
    assert migreer(leeg, UITGEBREID) == UITGEBREID.versie
    assert migreer(leeg, UITGEBREID) == UITGEBREID.versie
    assert geldig(leeg, "kisten_inhoud") == [(True,)]
    PostgresOpslag(leeg, UITGEBREID).sluit()


def test_een_mislukte_stap_laat_niets_na(url: str) -> None:
    voor = tabellen_in(url)
    with pytest.raises(StartFout, match="syntax error"):
        migreer(url, TABELLEN.met(("CREATE TABLE half (x int)", "CREATE TABLE kapot (")))
    assert tabellen_in(url) == voor
    assert migreer(url, UITGEBREID) == UITGEBREID.versie


def test_een_mislukte_eerste_keer_laat_niets_na(leeg: str) -> None:
    with pytest.raises(StartFout, match="syntax error"):
        migreer(leeg, TABELLEN.met(("CREATE TABLE kapot (",)))
    assert tabellen_in(leeg) == set()


def test_een_index_die_half_werd_gebouwd_wordt_opnieuw_gebouwd(url: str) -> None:
    """As a killed build leaves it: there, and not to be used."""
    dubbel = TABELLEN.met(("CREATE UNIQUE INDEX kisten_inhoud ON kisten (inhoud)",))
    with psycopg.connect(url) as verbinding:
        verbinding.execute("INSERT INTO kisten VALUES ('a', 'x'), ('b', 'x')")
    with pytest.raises(StartFout, match="could not create unique index"):
        migreer(url, dubbel)
    assert geldig(url, "kisten_inhoud") == [(False,)]
    with psycopg.connect(url) as verbinding:
        verbinding.execute("DELETE FROM kisten WHERE id = 'b'")
    assert migreer(url, dubbel) == dubbel.versie
    assert geldig(url, "kisten_inhoud") == [(True,)]


async def test_software_van_de_vorige_versie_gaat_door_en_mag_opnieuw_beginnen(url: str) -> None:
    """A rolling update, and the way back: a store that was expanded serves both."""
    oud = Dienst(PostgresOpslag(url, TABELLEN, "proef"))
    een, vele = uuid4(), [uuid4() for _ in range(30)]
    await oud.vul(een, 1)
    assert migreer(url, UITGEBREID, "proef") == UITGEBREID.versie
    nieuw = Dienst(PostgresOpslag(url, UITGEBREID, "proef"))
    weer = Dienst(PostgresOpslag(url, TABELLEN, "proef"))
    # One row at a time, and many in one statement, whose columns are looked up then.
    for wat, dienst in enumerate((oud, nieuw, weer), start=2):
        await dienst.vul(een, wat)
        await asyncio.gather(*(dienst.vul(kist, wat) for kist in vele))
    assert inhoud(weer.opslag) == {een: [1, 2, 3, 4], **{kist: [2, 3, 4] for kist in vele}}
    assert weer.schrijver.aantal_transacties <= 3  # and not one by one, after an error
    assert (
        migreer(url, TABELLEN, "proef") == UITGEBREID.versie
    )  # the job of the former version runs too
    for dienst in (oud, nieuw, weer):
        await dienst.sluit()


def test_wat_niet_meer_wordt_bediend_begint_niet_en_wijzigt_niets(url: str) -> None:
    migreer(url, INGEKROMPEN)
    PostgresOpslag(url, UITGEBREID).sluit()
    voor = tabellen_in(url)
    for oud in (lambda: PostgresOpslag(url, TABELLEN), lambda: migreer(url, TABELLEN)):
        with pytest.raises(StartFout, match="werk de software bij; er is niets gewijzigd"):
            oud()
    assert tabellen_in(url) == voor


def test_de_database_van_een_ander_wordt_geweigerd(url: str) -> None:
    """Two services on one database would take each other's events for their own."""
    for doe in (PostgresOpslag, migreer):
        with pytest.raises(StartFout, match="is van proef, niet van ander: elke dienst heeft een"):
            doe(url, TABELLEN, "ander")


def test_een_database_die_er_niet_is_maakt_de_beheerder(postgres: Databases) -> None:
    with pytest.raises(StartFout, match="een database en haar eigenaar maakt de beheerder"):
        migreer(postgres.url("bestaat_niet"), TABELLEN)


def test_wie_op_een_tabel_wacht_houdt_anderen_hoogstens_even_op(url: str) -> None:
    """A report that takes long must not, by way of the migration behind it, stop the service."""
    opslag = PostgresOpslag(url, TABELLEN)
    klaar = Event()

    def lees() -> float:
        langst = 0.0
        while not klaar.is_set():
            begin = time.monotonic()
            opslag.vraag("SELECT count(*) FROM kisten")
            langst = max(langst, time.monotonic() - begin)
        return langst

    with ThreadPoolExecutor(2) as draden, bezet(url, "SELECT * FROM kisten") as laat_los:
        lezer, migratie = draden.submit(lees), draden.submit(migreer, url, TABELLEN.met(KOLOM))
        for wacht in (True, False, True):  # it gives up, and tries again
            tot(url, f"{WACHT_OP_TABEL} AND mode = 'AccessExclusiveLock'", wacht)
        assert not migratie.done()
        laat_los()
        assert migratie.result(10) == TABELLEN.versie + 1
        klaar.set()
        assert lezer.result(10) < 1.8
    opslag.sluit()


def test_wie_te_lang_op_een_tabel_wacht_zegt_dat(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migratie, "GEDULD", 0.5)
    with (
        bezet(url, "SELECT * FROM kisten"),
        pytest.raises(StartFout, match="lock timeout"),
    ):
        migreer(url, TABELLEN.met(KOLOM))
    assert migreer(url, TABELLEN.met(KOLOM)) == TABELLEN.versie + 1


def test_twaalf_tegelijk_op_een_lege_database(leeg: str) -> None:
    kinderen = [KINDEREN.Process(target=begin, args=(leeg, UITGEBREID)) for _ in range(12)]
    for kind in kinderen:
        kind.start()
    for kind in kinderen:
        kind.join(60)
    assert [kind.exitcode for kind in kinderen] == [0] * 12
    PostgresOpslag(leeg, UITGEBREID, "proef").sluit()


@pytest.mark.traag
async def test_twaalf_tegelijk_terwijl_diensten_lezen_en_schrijven(url: str) -> None:
    """Columns, an index and a table are added; nobody gets an error, nobody waits long."""
    diensten = [Dienst(PostgresOpslag(url, TABELLEN, "proef")) for _ in "12"]
    with psycopg.connect(url) as verbinding:
        verbinding.execute("INSERT INTO kisten SELECT 'k' || n, n FROM generate_series(1, 50000) n")
    geschreven: list[int] = []
    langst = 0.0
    klaar = asyncio.Event()

    async def werk(dienst: Dienst, nummers: Iterator[int]) -> None:
        nonlocal langst
        while not klaar.is_set():
            wat, begonnen = next(nummers), time.monotonic()
            await dienst.vul(uuid4(), wat, f"sleutel-{wat}")
            geschreven.append(wat)
            await asyncio.to_thread(dienst.opslag.vraag, "SELECT id FROM kisten LIMIT 5")
            langst = max(langst, time.monotonic() - begonnen)

    nummers = iter(range(100, 10**6))
    werkers = [asyncio.create_task(werk(d, nummers)) for d in diensten for _ in range(8)]
    await _tot(lambda: len(geschreven) > 50)
    kinderen = [KINDEREN.Process(target=begin, args=(url, UITGEBREID)) for _ in range(12)]
    for kind in kinderen:
        kind.start()
    for kind in kinderen:
        await asyncio.to_thread(kind.join, 60)
    voor = len(geschreven)
    await _tot(lambda: len(geschreven) > voor + 50)
    klaar.set()
    await asyncio.gather(*werkers)
    assert [kind.exitcode for kind in kinderen] == [0] * 12
    assert langst < 3
    assert geldig(url, "kisten_inhoud") == [(True,)]
    with psycopg.connect(url) as verbinding:
        verbinding.execute("DELETE FROM kisten WHERE id LIKE 'k%'")
    assert sorted(w for inh in inhoud(diensten[0].opslag).values() for w in inh) == sorted(
        geschreven
    )
    for dienst in diensten:
        await dienst.sluit()


def test_een_index_houdt_wie_schrijft_niet_op(url: str) -> None:
    """Its building waits for somebody here; meanwhile everyone writes."""
    opslag = PostgresOpslag(url, TABELLEN)
    schrijft = "INSERT INTO kisten VALUES ('nog', 'bezig')"
    with ThreadPoolExecutor(1) as draden, bezet(url, schrijft) as laat_los:
        bouw = draden.submit(migreer, url, TABELLEN.met(INDEX))
        tot(url, BOUWT_INDEX, True)
        asyncio.run(_vul(opslag))
        assert not bouw.done()
        laat_los()
        assert bouw.result(10) == TABELLEN.versie + 1
    opslag.sluit()


async def _vul(opslag: PostgresOpslag) -> None:
    dienst = Dienst(opslag)
    async with asyncio.timeout(2):
        await asyncio.gather(*(dienst.vul(uuid4(), 1) for _ in range(20)))
    await dienst.schrijver.sluit()
