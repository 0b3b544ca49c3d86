"""Several replicas of one service on one PostgreSQL database: as if there were one."""

import asyncio
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import psutil
import psycopg
import pytest
from deploy.lokaal.postgres import PostgresServer
from tests.kern.conftest import Databases
from tests.kern.proef import (
    DOOR,
    TABELLEN,
    Dienst,
    Kist,
    inhoud,
    levering,
    opgeslagen,
    record,
    tot,
)
from tests.kern.replica import KISTEN, SAMEN, begin_en_bevries, begin_werk

from schakel.kern.grond.weigering import OpslagFout, Weigering
from schakel.kern.opslag import Lading
from schakel.kern.opslag.pgverbinding import Verbinding, verbind
from schakel.kern.opslag.postgres import PostgresOpslag, migreer
from schakel.kern.vastlegging.gebeurtenis import Plaats
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk

KINDEREN = multiprocessing.get_context("forkserver")
KINDEREN.set_forkserver_preload(["tests.kern.replica"])

Paar = tuple[Dienst, Dienst]


@pytest.fixture
def url(databases: Databases) -> Iterator[str]:
    url = databases.neem()
    yield url
    databases.geef_terug(url)


@pytest.fixture
async def paar(url: str) -> AsyncIterator[Paar]:
    """Two replicas in this process, each with connections and a memory of its own."""
    een, ander = (Dienst(PostgresOpslag(url, TABELLEN)) for _ in "12")
    yield een, ander
    await een.sluit()
    await ander.sluit()


def vul_eens(kist: UUID, wat: int) -> Taak[Kist, int]:
    """Only something empty may be filled like this."""

    def doe(werk: Werk[Kist]) -> int:
        gevonden = werk.haal(kist)
        if len(gevonden.inhoud) > 1:
            raise Weigering("vol", "er zit al iets in")
        gevonden.vul(wat)
        return gevonden.versie

    return Taak(doe, int, DOOR)


async def test_een_teller_telt_niets_dubbel(paar: Paar) -> None:
    def tel(werk: Werk[Kist]) -> int:
        return werk.tel("volgnummer")

    nummers: list[int] = []
    for _ in range(20):
        taken = [d.schrijver.voer_uit(Taak(tel, int, DOOR)) for d in paar for _ in range(5)]
        nummers += await asyncio.gather(*taken)
    assert sorted(nummers) == list(range(1, 201))


async def test_wat_een_ander_wijzigde_telt_mee_in_het_oordeel(paar: Paar) -> None:
    """Both ways: what was refused is allowed by now, and what was allowed is refused by now."""
    een, ander = paar
    leeg, vol = uuid4(), uuid4()
    for kist in (leeg, vol):
        await een.vul(kist, 1)
    with pytest.raises(Weigering):
        await een.schrijver.voer_uit(alleen_na(leeg, 7))
    await ander.vul(leeg, 7)
    assert await een.schrijver.voer_uit(alleen_na(leeg, 7)) == 2
    await ander.vul(vol, 2)
    with pytest.raises(Weigering, match="vol"):
        await een.schrijver.voer_uit(vul_eens(vol, 3))


def alleen_na(kist: UUID, wat: int) -> Taak[Kist, int]:
    """Refused as long as ``wat`` is not in it."""

    def doe(werk: Werk[Kist]) -> int:
        if wat not in (gevonden := werk.haal(kist)).inhoud:
            raise Weigering("nog-niet", "daar moet eerst iets in")
        return gevonden.versie

    return Taak(doe, int, DOOR)


async def test_van_twee_die_elkaar_uitsluiten_slaagt_er_een(paar: Paar) -> None:
    for _ in range(30):
        kist = uuid4()
        await paar[0].vul(kist, 1)
        with suppress(Weigering):  # both remember it as empty
            await paar[1].schrijver.voer_uit(alleen_na(kist, 99))
        uitslagen = await asyncio.gather(
            *(d.schrijver.voer_uit(vul_eens(kist, 2 + i)) for i, d in enumerate(paar)),
            return_exceptions=True,
        )
        assert sorted(type(u).__name__ for u in uitslagen) == ["Weigering", "int"]
    assert {len(inh) for inh in inhoud(paar[0].opslag).values()} == {2}


async def test_opdrachten_aan_beide_verliezen_en_verdubbelen_niets(paar: Paar) -> None:
    nummers = iter(range(100, 500))

    async def roep(dienst: Dienst) -> None:
        for wat in nummers:
            await dienst.vul(KISTEN[wat % 3], wat, f"sleutel-{wat}")

    await asyncio.gather(*(roep(dienst) for dienst in paar for _ in range(16)))
    in_kisten = inhoud(paar[0].opslag)
    assert sorted(wat for inh in in_kisten.values() for wat in inh) == list(range(100, 500))


async def test_dezelfde_sleutel_bij_beide_heeft_een_effect(paar: Paar) -> None:
    kisten = [uuid4() for _ in range(40)]
    opdrachten = [d.vul(k, 1, f"sleutel-{k}") for k in kisten for d in paar]
    assert await asyncio.gather(*opdrachten) == [1] * 80
    assert inhoud(paar[0].opslag) == {kist: [1] for kist in kisten}


async def test_dezelfde_levering_bij_beide_heeft_een_effect(paar: Paar) -> None:
    for ronde in range(10):
        kist = uuid4()
        records = [record(i, kist, 100 + i, id_=f"{ronde}-{i}") for i in range(1, 21)]
        gedaan = await asyncio.gather(*(d.ontvanger.ontvang(levering(*records)) for d in paar))
        assert sorted(gedaan) == [0, 20]
        assert inhoud(paar[0].opslag)[kist] == list(range(101, 121))


async def test_vrijgeven_bij_de_een_en_ontvangen_bij_de_ander_houdt_de_volgorde(
    paar: Paar,
) -> None:
    een, ander = paar
    een.vuller.weigert = {1}
    for ronde in range(20):
        kist = uuid4()
        een.vuller.weigert = {1}
        await een.ontvanger.ontvang(levering(record(1, kist, 1, id_=f"{ronde}-1")))
        een.vuller.weigert = set()
        nummer = een.parkeerplaats.lijst()[0].nummer
        await asyncio.gather(
            een.ontvanger.geef_vrij(nummer, DOOR),
            ander.ontvanger.ontvang(levering(record(2, kist, 2, id_=f"{ronde}-2"))),
        )
        assert een.geparkeerd() == []
        assert inhoud(een.opslag)[kist] == [1, 2]


async def test_een_vrijgave_bij_beide_gebeurt_een_keer(paar: Paar) -> None:
    kist = uuid4()
    paar[0].vuller.weigert = {1}
    await paar[0].ontvanger.ontvang(levering(record(1, kist, 1)))
    paar[0].vuller.weigert = set()
    uitslagen = await asyncio.gather(
        *(d.ontvanger.geef_vrij(1, DOOR) for d in paar), return_exceptions=True
    )
    assert sorted(type(u).__name__ for u in uitslagen) == ["NietGevonden", "int"]
    assert inhoud(paar[0].opslag) == {kist: [1]}


async def test_na_heel_veel_van_een_ander_wordt_alles_opnieuw_gelezen(paar: Paar) -> None:
    een, ander = paar
    kist = uuid4()
    await een.vul(kist, 1)
    await ander.vul(kist, 2)
    ander.opslag.schrijf(Lading([opgeslagen(uuid4(), 1) for _ in range(1_500)]))
    with pytest.raises(Weigering, match="vol"):
        await een.schrijver.voer_uit(vul_eens(kist, 3))


async def test_een_geschiedenis_die_korter_werd_wordt_niet_uit_het_geheugen_voortgezet(
    paar: Paar, url: str
) -> None:
    """As after a failover to a server that had not received the last commits."""
    een, kist = paar[0], uuid4()
    await een.vul(kist, 1)
    await een.vul(kist, 2)
    with psycopg.connect(url) as verbinding:
        verbinding.execute("DELETE FROM stored_events WHERE originator_version = 2")
    assert await een.vul(kist, 3) == 2


async def test_een_beurt_zonder_schrijven_laat_niets_vast(paar: Paar) -> None:
    een, ander = paar
    kist = uuid4()
    for _ in range(3):
        with pytest.raises(Weigering):
            await een.vul(kist, -1)
        assert await ander.vul(uuid4(), 1) == 1
    assert await een.schrijver.voer_uit(Taak(lambda _: 5, int, DOOR)) == 5
    assert await ander.vul(uuid4(), 1) == 1


async def test_een_beurt_die_mislukt_bederft_de_volgende_niet(paar: Paar) -> None:
    """Also on a connection that has read nothing yet, of which psycopg has nothing to forget."""
    een, ander = paar

    def te_groot(werk: Werk[Kist]) -> None:
        kist = Kist(id_ := uuid4(), Plaats(id_))
        werk.voeg_toe(kist)
        kist.vul(1, "x" * 100_000)

    for wat in range(100, 104):
        for _ in range(3):
            with pytest.raises(ValueError, match="hoogstens 60000"):
                await een.schrijver.voer_uit(Taak(te_groot, type(None), DOOR))
        assert await een.vul(KISTEN[0], wat) == await ander.vul(KISTEN[1], wat) == wat - 99


async def test_wie_veel_leest_houdt_wie_schrijft_niet_op(paar: Paar) -> None:
    """Else commands are refused while every connection is taken by who looks at something."""
    een = paar[0]
    with ThreadPoolExecutor(20) as draden:
        lezingen = [draden.submit(een.opslag.vraag, "SELECT pg_sleep(2)") for _ in range(9)]
        await tot(lambda: een.opslag.datastore._lezers._plaats._value == 0)  # type: ignore[attr-defined]
        begin = time.monotonic()
        assert await een.vul(uuid4(), 1) == 1
        assert time.monotonic() - begin < 1.5
        for lezing in lezingen:
            lezing.result()


def start(doe: Any, *delen: Any) -> Any:
    kind = KINDEREN.Process(target=doe, args=delen)
    kind.start()
    return kind


@pytest.mark.traag
async def test_drie_processen_op_een_database_verliezen_en_verdubbelen_niets(url: str) -> None:
    aantal = 300
    kinderen = [start(begin_werk, url, 100 + i * aantal, aantal) for i in range(3)]
    for kind in kinderen:
        await asyncio.to_thread(kind.join, 60)
    assert [kind.exitcode for kind in kinderen] == [0, 0, 0]
    dienst = Dienst(PostgresOpslag(url, TABELLEN))
    gevonden = sorted(wat for inh in inhoud(dienst.opslag).values() for wat in inh)
    samen = range(10_000, 10_000 + len(SAMEN.records))
    assert gevonden == [*range(100, 100 + 3 * aantal), *samen, *range(20_000, 20_010)]
    await dienst.sluit()


@pytest.mark.traag
async def test_wie_bevriest_in_zijn_beurt_houdt_de_ander_niet_op_en_doet_niets_dubbel(
    url: str,
) -> None:
    """Thrown out after five seconds; thawed, its commit is refused and its work done anew."""
    dienst = Dienst(PostgresOpslag(url, TABELLEN))
    kind = start(begin_en_bevries, url, 2)
    proces = psutil.Process(kind.pid)
    await tot(lambda: proces.status() == psutil.STATUS_STOPPED)
    begin = time.monotonic()
    assert await dienst.vul(KISTEN[0], 3) == 2
    assert time.monotonic() - begin < 9  # five seconds, and what a busy machine adds
    os.kill(kind.pid, signal.SIGCONT)
    await asyncio.to_thread(kind.join, 30)
    assert kind.exitcode == 0
    assert inhoud(dienst.opslag) == {KISTEN[0]: [1, 3, 2]}
    assert await dienst.vul(KISTEN[0], 4) == 4
    await dienst.sluit()


@pytest.mark.traag
def test_wie_bevriest_terwijl_hij_een_antwoord_ontvangt_raakt_zijn_beurt_kwijt() -> None:
    """By TCP, as services connect: the server is stuck in its answer and keeps no time itself."""
    with socket.create_server(("127.0.0.1", 0)) as contact:
        poort = contact.getsockname()[1]
    with PostgresServer(poort=poort, fsync=False) as server:
        url = server.maak_database()
        bevroren, ander = verbind(url), verbind(url)
        bevroren.execute("BEGIN; SELECT pg_advisory_xact_lock(1)", prepare=False)
        bevroren.pgconn.send_query(b"SELECT repeat('x', 1000000) FROM generate_series(1, 100)")
        ander.execute("SELECT pg_advisory_lock(1)")  # or it raises, after eight seconds
        bevroren.close()
        ander.close()


async def test_een_bevroren_database_geeft_een_fout_op_tijd_en_nooit_een_vals_antwoord(
    breekbare_postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that keeps a connection and says nothing does not hold its callers."""
    monkeypatch.setattr(Verbinding, "geduld", 1.0)
    url = breekbare_postgres.maak_database()
    migreer(url, TABELLEN)
    dienst, kisten = Dienst(PostgresOpslag(url, TABELLEN)), [uuid4() for _ in range(50)]
    await dienst.vul(kisten[0], 0)
    breekbare_postgres.pauzeer()
    begin = time.monotonic()
    uitslagen = await asyncio.gather(
        *(dienst.vul(k, 1, f"sleutel-{k}") for k in kisten), return_exceptions=True
    )
    assert {type(u) for u in uitslagen} == {OpslagFout}
    with pytest.raises(OpslagFout):
        await dienst.vul(kisten[0], 2, "later")
    assert time.monotonic() - begin < 15
    breekbare_postgres.hervat()
    await asyncio.gather(*(dienst.vul(k, 1, f"sleutel-{k}") for k in kisten))
    await dienst.vul(kisten[0], 2, "later")
    assert inhoud(dienst.opslag) == {kisten[0]: [0, 1, 2], **{k: [1] for k in kisten[1:]}}
    await dienst.sluit()
