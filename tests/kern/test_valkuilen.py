"""One test per trap that the eventsourcing library sets (docs/architectuur.md), named after it.

Each says how it fails when the trap is open again; each was seen to fail that way.
"""

import asyncio
import inspect
import sys
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NogBezig
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from deploy.lokaal.postgres import PostgresServer
from eventsourcing.persistence import IntegrityError, Tracking
from tests.kern.conftest import Databases
from tests.kern.proef import (
    BRON,
    REGISTER,
    TABELLEN,
    Dienst,
    Kist,
    inhoud,
    levering,
    opgeslagen,
    record,
    verzending,
)

from schakel.kern.bus import Bronlog, IngebedeIngang, ingebed
from schakel.kern.bus.bericht import Levering
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import StartFout
from schakel.kern.opslag import Lading, Opslag
from schakel.kern.opslag.pgverbinding import VERBIND_SECONDEN
from schakel.kern.opslag.postgres import PostgresOpslag, migreer
from schakel.kern.opslag.sqlite import SqliteOpslag
from schakel.kern.vastlegging import schrijver as schrijvermodule
from schakel.kern.vastlegging.gebeurtenis import OnbekendeGebeurtenis, Plaats
from schakel.kern.vastlegging.werk import Voorraad, Werk


@pytest.mark.parametrize("naam", ["POSTGRES_ENABLE_DB_FUNCTIONS", "SCHAKEL_PROEF"])
def test_valkuil_databasefuncties_laten_positie_en_slot_vallen(
    databases: Databases, monkeypatch: pytest.MonkeyPatch, naam: str
) -> None:
    """Open again if the setting is taken, or if the library's own way in loses its tracking."""
    monkeypatch.setenv(naam, "y")
    with pytest.raises(StartFout, match=naam):
        Instellingen()
    opslag = PostgresOpslag(databases.neem(), TABELLEN)
    opslag.insert_events([opgeslagen(uuid4(), 1)], tracking=Tracking("bron", 1))
    with pytest.raises(IntegrityError):
        opslag.insert_events([opgeslagen(uuid4(), 1)], tracking=Tracking("bron", 1))
    assert len(opslag.select_notifications(None, 10)) == 1
    opslag.sluit()


def test_valkuil_zonder_tabelslot_wordt_iets_zichtbaar_onder_wat_al_gelezen_is(
    databases: Databases,
) -> None:
    """Open again without LOCK TABLE: the second writer does not wait, a reader skips the first."""
    opslag = PostgresOpslag(databases.neem(), TABELLEN)
    eerste, tweede = uuid4(), uuid4()
    with ThreadPoolExecutor(1) as draden:
        with opslag.datastore.schrijvend() as c:
            c.execute(
                "INSERT INTO stored_events (originator_id, originator_version, topic, state)"
                " VALUES (%s, 1, 'x', 'x')",
                (eerste,),
            )
            ander = draden.submit(opslag.schrijf, Lading([opgeslagen(tweede, 1)]))
            with pytest.raises(NogBezig):
                ander.result(timeout=0.3)
            assert opslag.select_notifications(None, 10) == []
        ander.result(timeout=5)
    assert [n.originator_id for n in opslag.select_notifications(None, 10)] == [eerste, tweede]
    opslag.sluit()


async def test_valkuil_een_transactie_per_opdracht_is_traag(opslag: Opslag) -> None:
    """Open again without group commit: as many transactions as commands."""
    dienst = Dienst(opslag)
    await asyncio.gather(*(dienst.vul(uuid4(), 1) for _ in range(100)))
    assert dienst.schrijver.aantal_transacties <= 2
    await dienst.schrijver.sluit()


def test_valkuil_nummers_hebben_gaten_op_postgresql(databases: Databases) -> None:
    """Open again if a reader waits for the missing number or stops before it."""
    opslag = PostgresOpslag(databases.neem(), TABELLEN)
    kist = uuid4()
    nummers = list(opslag.schrijf(Lading([opgeslagen(kist, 1)])))
    with pytest.raises(IntegrityError):
        opslag.schrijf(Lading([opgeslagen(uuid4(), 1), opgeslagen(kist, 1)]))
    nummers += opslag.schrijf(Lading([opgeslagen(kist, 2)]))
    assert nummers[1] > nummers[0] + 1
    assert [r.nummer for r in Bronlog("proef", BRON, opslag, verzending).lees(0).records] == nummers
    opslag.sluit()


async def test_valkuil_een_positie_is_een_hoogwaterlijn(opslag: Opslag) -> None:
    """Open again if the position decides what is a duplicate: 2 is refused after 3."""
    dienst, kist = Dienst(opslag), uuid4()
    for nummer in (1, 3, 2):
        await dienst.ontvanger.ontvang(levering(record(nummer, kist, nummer)))
    assert inhoud(opslag) == {kist: [1, 3, 2]}
    await dienst.schrijver.sluit()


async def test_valkuil_na_een_mislukte_opslag_zijn_de_gebeurtenissen_weg(opslag: Opslag) -> None:
    """Open again if an aggregate stays in memory after a failed save: its event is lost."""
    dienst, kist = Dienst(opslag), uuid4()
    await dienst.vul(kist, 1)

    def stoot_zich(werk: Werk[Kist]) -> int:
        werk.haal(kist).vul(2)
        werk.rij("INSERT INTO kisten VALUES (?, ?)", ("x", None))
        return 2

    taak = schrijvermodule.Taak(stoot_zich, int, schrijvermodule.Door("iemand", "behandelaar"))
    with pytest.raises(schrijvermodule.Overbelast):
        await dienst.schrijver.voer_uit(taak)
    assert await dienst.vul(kist, 3) == 2
    assert inhoud(opslag) == {kist: [1, 3]}
    await dienst.schrijver.sluit()


async def test_valkuil_de_meeste_fouten_waren_toch_bewaard(
    opslag: Opslag, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open again if an error is told without looking: a repeat then does it twice."""
    dienst, kist = Dienst(opslag), uuid4()
    schrijf, keren = opslag.schrijf, [1]

    def bewaar_en_verlies_het_antwoord(lading: Lading) -> object:
        nummers = schrijf(lading)
        if keren:
            keren.pop()
            raise schrijvermodule.PersistenceError("de verbinding viel weg")
        return nummers

    monkeypatch.setattr(opslag, "schrijf", bewaar_en_verlies_het_antwoord)
    assert await dienst.vul(kist, 1, "sleutel") == 1
    assert inhoud(opslag) == {kist: [1]}
    await dienst.schrijver.sluit()


def test_valkuil_er_is_geen_async_en_geen_eindeloos_wachten(databases: Databases) -> None:
    """Open again if the store is called in the event loop, or a connection may take for ever."""
    assert "run_in_executor" in inspect.getsource(schrijvermodule.Schrijver)
    assert VERBIND_SECONDEN == 2
    opslag = PostgresOpslag(databases.neem(), TABELLEN)
    for grens in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        assert opslag.vraag(f"SHOW {grens}")[0][0] != "0"
    assert opslag.vraag("SHOW synchronous_commit") == [("on",)]
    opslag.sluit()


def test_valkuil_tabellen_maken_bij_het_starten(postgres: PostgresServer) -> None:
    """Open again if opening makes tables, or if migrating at once is not one after another."""
    url = postgres.maak_database()
    with pytest.raises(StartFout, match="opslag-niet-gemigreerd"):
        PostgresOpslag(url, TABELLEN)
    with ThreadPoolExecutor(12) as draden:
        assert set(draden.map(lambda _: migreer(url, TABELLEN), range(12))) == {TABELLEN.versie}
    opslag = PostgresOpslag(url, TABELLEN)
    with psycopg.connect(url) as verbinding:
        types = verbinding.execute("SELECT typname FROM pg_type WHERE typname ~ '^stored_event_'")
        assert types.fetchall() == []
    opslag.sluit()


async def test_valkuil_een_abonnement_mist_een_wekker(opslag: Opslag) -> None:
    """Open again if reading waits for the hint: it never comes here."""
    ingang = IngebedeIngang([Bronlog("proef", BRON, opslag, verzending)])
    async with asyncio.timeout(3), ingang.open(dict) as aanvoer:
        haal = asyncio.create_task(aanvoer.haal())
        await asyncio.sleep(0.05)
        opslag.schrijf(Lading([opgeslagen(uuid4(), 1)]))
        leveringen = await haal or await aanvoer.haal()
    assert [len(gekregen.records) for gekregen in leveringen] == [1]


async def test_valkuil_wie_gewekt_wordt_leest_alle_logs(
    opslag: Opslag, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open again if each reads them all whenever one was written: with six that is most of it."""
    monkeypatch.setattr(ingebed, "WACHT", 0.4)
    gelezen: list[str] = []

    class Meegeteld(Bronlog):
        def lees(self, na: int) -> Levering:
            gelezen.append(self.bron)
            return super().lees(na)

    een, ander = (Meegeteld(naam, BRON, opslag, verzending) for naam in ("een", "ander"))
    ingang = IngebedeIngang([een, ander])
    async with asyncio.timeout(5), ingang.open(dict) as aanvoer:
        await aanvoer.haal()
        assert gelezen == ["een", "ander"]
        ingang.wek(een)
        await aanvoer.haal()
        assert gelezen == ["een", "ander", "een"]
        ingang.wek()
        await aanvoer.haal()
        assert gelezen[3:] == ["een", "ander"]
        await aanvoer.haal()  # nobody woke it: a hint may be missed
        assert gelezen[5:] == ["een", "ander"]


async def test_valkuil_wachten_slikt_het_einde_van_de_dienst(opslag: Opslag) -> None:
    """Open again with asyncio.wait_for on Python 3.11: woken and cancelled at once, it goes on."""
    ingang = IngebedeIngang([Bronlog("proef", BRON, opslag, verzending)])
    for stappen in range(8):
        haal = asyncio.create_task(_steeds(ingang))
        await asyncio.sleep(0.05)
        ingang.wek()
        for _ in range(stappen):
            await asyncio.sleep(0)
        haal.cancel()
        await asyncio.wait([haal], timeout=2)
        assert haal.cancelled()


async def _steeds(ingang: IngebedeIngang) -> None:
    async with ingang.open(dict) as aanvoer:
        while True:
            await aanvoer.haal()


def test_valkuil_een_opgeslagen_naam_wordt_geimporteerd(
    opslag: Opslag, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Open again with the library's mapper: it imports what the row says, and so runs it."""
    (tmp_path / "kwaadaardig.py").write_text("raise SystemExit('uitgevoerd')")
    monkeypatch.syspath_prepend(tmp_path)
    kist = uuid4()
    vreemd = opgeslagen(kist, 1)
    object.__setattr__(vreemd, "topic", "kwaadaardig:Kist")
    opslag.schrijf(Lading([vreemd]))
    with pytest.raises(OnbekendeGebeurtenis, match="kwaadaardig:Kist"):
        Voorraad(Kist, REGISTER, opslag).lees(kist)
    assert "kwaadaardig" not in sys.modules


async def test_valkuil_de_versleuteling_bindt_een_tekst_niet_aan_zijn_plaats(
    opslag: Opslag,
) -> None:
    """Open again without associated data: a text read in another's place decrypts."""
    dienst, een, ander = Dienst(opslag), uuid4(), uuid4()

    def doe(werk: Werk[Kist]) -> None:
        dienst.kluis.bewaar(werk, een, {"tekst": "van een"})
        dienst.kluis.bewaar(werk, ander, {"tekst": "van ander"})

    await dienst.schrijver.voer_uit(
        schrijvermodule.Taak(doe, type(None), schrijvermodule.Door("iemand", "behandelaar"))
    )
    kopieer = "UPDATE {0} SET {1} = (SELECT {1} FROM {0} WHERE reeks = ?) WHERE reeks = ?"
    opslag.schrijf(
        Lading(
            rijen={
                kopieer.format("sleutels", "sleutel"): [(een.hex, ander.hex)],
                kopieer.format("teksten", "sleutel"): [(een.hex, ander.hex)],
                kopieer.format("teksten", "inhoud"): [(een.hex, ander.hex)],
            }
        )
    )
    with pytest.raises(Exception, match="inhoud-aangetast"):
        dienst.kluis.lees(ander)
    await dienst.schrijver.sluit()


def test_valkuil_twee_processen_op_een_sqlite_bestand(tmp_path: Path) -> None:
    """Open again without the lock: the second opens, and this SQLite may corrupt the file."""
    opslag = SqliteOpslag(tmp_path / "kast.db", TABELLEN)
    with pytest.raises(StartFout, match="opslag-in-gebruik"):
        SqliteOpslag(tmp_path / "kast.db", TABELLEN)
    opslag.sluit()


def test_valkuil_lezen_met_tien_tegelijk_is_traag(opslag: Opslag) -> None:
    """Open again with the library's log sections: a hundred reads instead of two."""
    kist = uuid4()
    opslag.schrijf(Lading([opgeslagen(kist, versie) for versie in range(1, 1001)]))
    log = Bronlog("proef", BRON, opslag, verzending)
    eerste = log.lees(0).records
    tweede = log.lees(eerste[-1].nummer).records
    assert [len(eerste), len(tweede)] == [500, 500]


def test_valkuil_het_hele_geheugen_groeit_mee(opslag: Opslag) -> None:
    """Open again with an unbounded cache of aggregates."""
    voorraad = Voorraad(Kist, REGISTER, opslag, ruimte=10)
    for _ in range(50):
        kist = uuid4()
        voorraad.onthoud({kist: Kist(kist, Plaats(kist))})
        assert voorraad.zoek(kist) is not None
    assert len(voorraad._recent) + len(voorraad._eerder) <= 10
