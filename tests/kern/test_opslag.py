"""Opening, migrating and writing a store when the machine does not cooperate."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from uuid import UUID, uuid4

import psutil
import psycopg
import pytest
from deploy.lokaal.postgres import PostgresServer
from eventsourcing.persistence import DataError, OperationalError, PersistenceError
from tests.kern.conftest import Databases, MaakPlek, Plek
from tests.kern.proef import TABELLEN, Dienst, inhoud, opgeslagen

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import OpslagFout, StartFout
from schakel.kern.opslag import (
    KERNTABELLEN,
    VERGEET_POSITIE,
    Lading,
    Opslag,
    Tabellen,
    lees_posities,
    open_opslag,
)
from schakel.kern.opslag import postgres as pg
from schakel.kern.opslag.pgverbinding import _RUST
from schakel.kern.opslag.postgres import PostgresOpslag, migreer
from schakel.kern.opslag.sqlite import SqliteOpslag

NIEUWER = TABELLEN.met(("CREATE TABLE later (x INTEGER)",))


def probeer(*regels: str, **anders: object) -> subprocess.CompletedProcess[str]:
    """Run lines in a process of its own."""
    kop = ["from pathlib import Path", "from tests.kern.proef import *"]
    kop += ["from schakel.kern.opslag.sqlite import SqliteOpslag"]
    return subprocess.run(
        [sys.executable, "-c", "\n".join([*kop, *regels])],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        **anders,  # type: ignore[call-overload]
    )


def test_een_sqlite_bestand_wordt_bij_openen_bijgewerkt(tmp_path: Path) -> None:
    bestand = tmp_path / "kast.db"
    SqliteOpslag(bestand, KERNTABELLEN).sluit()
    SqliteOpslag(bestand, TABELLEN).sluit()
    opslag = SqliteOpslag(bestand, NIEUWER)
    assert opslag.vraag("SELECT * FROM kisten") == opslag.vraag("SELECT * FROM later") == []
    opslag.sluit()


def test_een_nieuwere_opslag_die_iets_afnam_wordt_geweigerd_en_blijft_onaangeraakt(
    tmp_path: Path,
) -> None:
    bestand = tmp_path / "kast.db"
    SqliteOpslag(bestand, Tabellen(NIEUWER.stappen, oudste=NIEUWER.versie)).sluit()
    voor = bestand.read_bytes()
    with pytest.raises(StartFout, match="werk de software bij; er is niets gewijzigd"):
        SqliteOpslag(bestand, TABELLEN)
    assert bestand.read_bytes() == voor


def test_een_nieuwere_opslag_waar_alleen_iets_bij_kwam_gaat_open_en_blijft_zo(
    tmp_path: Path,
) -> None:
    """The way back: what was added is left alone, and is there when the newer one comes again."""
    bestand = tmp_path / "kast.db"
    SqliteOpslag(bestand, NIEUWER).sluit()
    for tabellen in (TABELLEN, NIEUWER, TABELLEN):
        opslag = SqliteOpslag(bestand, tabellen)
        assert opslag.vraag("SELECT versie FROM schema_versie") == [(NIEUWER.versie,)]
        assert opslag.vraag("PRAGMA user_version") == [(TABELLEN.afgerond,)]
        opslag.sluit()


def test_een_bestand_van_voor_schema_versie_wordt_bijgewerkt_en_kan_terug(tmp_path: Path) -> None:
    """As the first software left it, which counts its steps in ``user_version`` alone."""
    bestand, vroeger = tmp_path / "kast.db", Tabellen(TABELLEN.stappen[:2])
    SqliteOpslag(bestand, vroeger).sluit()
    with sqlite3.connect(bestand) as db:
        db.execute("DROP TABLE schema_versie")
    db.close()
    opslag = SqliteOpslag(bestand, NIEUWER)
    assert opslag.vraag("SELECT * FROM later") == []
    assert opslag.vraag("PRAGMA user_version") == [(vroeger.versie,)]
    opslag.sluit()


def test_een_mislukte_migratie_laat_de_vorige_versie_staan(tmp_path: Path) -> None:
    bestand = tmp_path / "kast.db"
    SqliteOpslag(bestand, TABELLEN).sluit()
    stuk = TABELLEN.met(("CREATE TABLE half (x INTEGER)", "CREATE TABLE kapot ("))
    with pytest.raises(StartFout):
        SqliteOpslag(bestand, stuk)
    opslag = SqliteOpslag(bestand, NIEUWER)
    tabellen = {naam for (naam,) in opslag.vraag("SELECT name FROM sqlite_master")}
    assert "later" in tabellen
    assert "half" not in tabellen
    opslag.sluit()


def test_een_vreemd_bestand_is_een_heldere_startfout(tmp_path: Path) -> None:
    bestand = tmp_path / "kast.db"
    vreemd = b"dit is geen database, maar wel lang genoeg" * 100
    bestand.write_bytes(vreemd)
    with pytest.raises(StartFout, match="geen opslag van schakel of ze is beschadigd"):
        SqliteOpslag(bestand, TABELLEN)
    assert bestand.read_bytes() == vreemd


def test_wat_niet_open_kan_blijft_niet_half_open(tmp_path: Path) -> None:
    """What failed may be kept, in a log or by who tries again; the file is not."""
    bestand = tmp_path / "kast.db"
    bestand.write_bytes(b"dit is geen database, maar wel lang genoeg" * 100)
    with pytest.raises(StartFout) as fout:
        SqliteOpslag(bestand, TABELLEN)
    assert [
        open_.path for open_ in psutil.Process().open_files() if bestand.name in open_.path
    ] == []
    assert fout.value.__cause__ is not None


@pytest.mark.parametrize("naam", ["honderd % zeker?.db", "a#b.db", "spatie en ü.db"])
def test_elke_bestandsnaam_mag(tmp_path: Path, naam: str) -> None:
    SqliteOpslag(tmp_path / naam, TABELLEN).sluit()
    assert (tmp_path / naam).is_file()


@contextmanager
def voor_iedereen() -> Iterator[Path]:
    """A folder that another user can reach."""
    map_ = Path(tempfile.mkdtemp(prefix="schakel-"))
    map_.chmod(0o777)
    yield map_
    shutil.rmtree(map_)


WORD_NIEMAND = "import os; os.getuid() or os.setuid(65534)"
"""Root may write everywhere."""


def test_alleen_lezen_is_een_heldere_startfout() -> None:
    """A file, a folder with a file, and a folder to make one in."""
    with voor_iedereen() as map_:
        bestanden = [map_ / naam / "kast.db" for naam in ("bestand", "map", "leeg")]
        for bestand in bestanden[:2]:
            SqliteOpslag(bestand, TABELLEN).sluit()
            for iets in bestand.parent.iterdir():
                iets.chmod(0o666)
        bestanden[0].chmod(0o444)
        bestanden[0].parent.chmod(0o777)
        bestanden[1].parent.chmod(0o555)
        map_.chmod(0o555)
        uitkomst = probeer(
            WORD_NIEMAND,
            "from schakel.kern.grond.weigering import StartFout",
            f"for bestand in {list(map(str, bestanden))}:",
            "    try: SqliteOpslag(Path(bestand), TABELLEN)",
            "    except StartFout as fout: print(fout)",
        )
        regels = uitkomst.stdout.splitlines()
        assert len(regels) == 3, uitkomst
        assert "het bestand is alleen-lezen" in regels[0]
        assert all(regel.startswith("opslag-on") for regel in regels)


@contextmanager
def kleine_schijf() -> Iterator[Path]:
    """A disk of three megabytes."""
    map_ = Path(tempfile.mkdtemp(prefix="schakel-schijf-"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(map_)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        map_.rmdir()
        pytest.skip("mounten mag hier niet; de proef met een bestandsgrens zegt hetzelfde")
    yield map_
    subprocess.run(["umount", str(map_)], check=True)
    map_.rmdir()


async def vol_en_weer_leeg(dienst: Dienst, maak_ruimte: Callable[[], None]) -> None:
    """Fill until it is refused; all that was acknowledged is there, and nothing else."""
    beloofd: dict[UUID, list[int]] = {}
    with suppress(OpslagFout):
        for _ in range(2_000):
            kist = uuid4()
            await dienst.vul(kist, 1, ballast="x" * 20_000)
            beloofd[kist] = [1]
    assert 10 < len(beloofd) < 2_000
    assert inhoud(dienst.opslag) == beloofd
    with pytest.raises(OpslagFout):
        await dienst.vul(uuid4(), 1, ballast="x" * 50_000)
    maak_ruimte()
    kist = uuid4()
    await dienst.vul(kist, 2, ballast="x" * 20_000)
    assert inhoud(dienst.opslag) == beloofd | {kist: [2]}


async def test_een_volle_schijf_weigert_en_herstelt_vanzelf() -> None:
    with kleine_schijf() as map_:
        dienst = Dienst(SqliteOpslag(map_ / "kast.db", TABELLEN))
        vol = map_ / "vol"
        vol.write_bytes(b"x" * 1_500_000)
        await vol_en_weer_leeg(dienst, vol.unlink)
        await dienst.sluit()


def test_een_bestand_dat_niet_mag_groeien_weigert_en_herstelt_vanzelf(tmp_path: Path) -> None:
    uitkomst = probeer(
        "import asyncio, resource, signal",
        "from tests.kern.test_opslag import vol_en_weer_leeg",
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)",
        f"dienst = Dienst(SqliteOpslag(Path({str(tmp_path / 'kast.db')!r}), TABELLEN))",
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, resource.RLIM_INFINITY))",
        "grenzeloos = (resource.RLIM_INFINITY,) * 2",
        "maak_ruimte = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, grenzeloos)",
        "asyncio.run(vol_en_weer_leeg(dienst, maak_ruimte))",
        "print('goed')",
        env=os.environ | {"PYTHONPATH": "."},
    )
    assert uitkomst.stdout == "goed\n", uitkomst.stderr


def test_openen_op_een_volle_schijf_is_een_heldere_startfout() -> None:
    with kleine_schijf() as map_:
        (map_ / "vol").write_bytes(b"x" * (3 * 1024 * 1024 - 8192))
        with pytest.raises(StartFout, match="de schijf is vol"):
            SqliteOpslag(map_ / "kast.db", TABELLEN)


# What is particular to PostgreSQL.


def test_postgresql_zonder_psycopg_is_een_heldere_startfout(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "schakel.kern.opslag.postgres", None)
    instellingen = Instellingen(opslag="postgresql://u@127.0.0.1/kast")
    with pytest.raises(StartFout, match=r"installeer schakel-kern\[postgres\]"):
        open_opslag(instellingen, "proef", TABELLEN)


def test_de_instelling_kiest_de_opslag(databases: Databases, tmp_path: Path) -> None:
    for opslag, soort in ((databases.neem(), PostgresOpslag), ("sqlite", SqliteOpslag)):
        instellingen = Instellingen(opslag=opslag, gegevensmap=tmp_path)
        geopend = open_opslag(instellingen, "proef", TABELLEN)
        assert isinstance(geopend, soort)
        geopend.sluit()


def test_een_dienst_maakt_nooit_zelf_tabellen(postgres: PostgresServer) -> None:
    url = postgres.maak_database()
    with pytest.raises(StartFout, match="voer eerst `schakel migreer` uit"):
        PostgresOpslag(url, TABELLEN)
    with psycopg.connect(url) as verbinding:
        rijen = verbinding.execute("SELECT * FROM pg_tables WHERE schemaname = 'public'")
        assert rijen.fetchall() == []


def test_twaalf_die_tegelijk_migreren_gaan_goed(postgres: PostgresServer) -> None:
    """With the library's own way 6 of 48 starts crashed."""
    url = postgres.maak_database()
    with ThreadPoolExecutor(12) as draden:
        versies = list(draden.map(lambda _: migreer(url, TABELLEN), range(12)))
    assert versies == [TABELLEN.versie] * 12
    PostgresOpslag(url, TABELLEN).sluit()


@pytest.mark.parametrize(
    "url", ["postgresql://u:geheim@127.0.0.1:1/kast", "postgresql://u:geheim@"]
)
def test_een_onbereikbare_database_is_een_heldere_startfout_zonder_wachtwoord(url: str) -> None:
    with pytest.raises(StartFout) as fout:
        PostgresOpslag(url, TABELLEN)
    assert "geheim" not in str(fout.value)
    assert len(str(fout.value).splitlines()) == 1


def test_een_database_die_nooit_antwoordt_kost_twee_seconden() -> None:
    with socket.create_server(("127.0.0.1", 0)) as zwijgt:
        begin = time.monotonic()
        with pytest.raises(StartFout):
            PostgresOpslag(f"postgresql://u@127.0.0.1:{zwijgt.getsockname()[1]}/kast", TABELLEN)
        assert time.monotonic() - begin < 4


def test_na_een_herstart_van_de_database_werkt_het_meteen(
    breekbare_postgres: PostgresServer,
) -> None:
    url = breekbare_postgres.maak_database()
    migreer(url, TABELLEN)
    opslag, rustend = PostgresOpslag(url, TABELLEN), PostgresOpslag(url, TABELLEN)
    opslag.schrijf(Lading([opgeslagen(uuid4(), 1)]))
    rustend.vraag("SELECT 1")
    breekbare_postgres.breek_af()
    with pytest.raises(OperationalError):
        opslag.schrijf(Lading([opgeslagen(uuid4(), 1)]))
    with pytest.raises(OperationalError):
        opslag.vraag("SELECT 1")
    breekbare_postgres.start()
    time.sleep(_RUST)  # a real database is away for longer; who rested this long is tried first
    opslag.schrijf(Lading([opgeslagen(uuid4(), 1)]))
    assert len(rustend.select_notifications(None, 10)) == 2
    rustend.sluit()
    opslag.sluit()
    with pytest.raises(PersistenceError):
        opslag.vraag("SELECT 1")


# What the port promises, whichever store it is.


def test_een_lading_is_alles_of_niets(opslag: Opslag) -> None:
    kist = uuid4()
    stukken = [
        Lading([opgeslagen(kist, 1), opgeslagen(kist, 1)], {"bron": 1}),
        Lading(
            [opgeslagen(kist, 1)], {"bron": 1}, {"INSERT INTO kisten VALUES (?, ?)": [(1, None)]}
        ),
        Lading([opgeslagen(kist, 1)], {}, {"INSERT INTO bestaat_niet VALUES (?)": [(1,)]}),
    ]
    for stuk in stukken:
        with pytest.raises(PersistenceError):
            opslag.schrijf(stuk)
        assert opslag.select_notifications(None, 10) == []
        assert "bron" not in lees_posities(opslag)


def test_nummers_komen_terug_in_volgorde(opslag: Opslag) -> None:
    kisten = [uuid4() for _ in range(400)]
    nummers = opslag.schrijf(Lading([opgeslagen(k, 1) for k in kisten]))
    assert sorted(nummers) == list(nummers)
    gelezen = opslag.select_notifications(None, 1_000)
    assert [(n.id, n.originator_id) for n in gelezen] == list(zip(nummers, kisten, strict=True))
    verder = opslag.select_notifications(nummers[9], 5, inclusive_of_start=False)
    assert [n.id for n in verder] == list(nummers[10:15])
    assert opslag.schrijf(Lading(posities={"bron": 5})) in ((), range(1, 1))
    assert lees_posities(opslag)["bron"] == 5


def test_een_positie_gaat_alleen_vooruit_tenzij_zij_is_vergeten(opslag: Opslag) -> None:
    """A replica that lost its share of the bus writes later how far it was than who has it."""
    opslag.schrijf(Lading(posities={"bron": 28, "ander": 1}))
    opslag.schrijf(Lading(posities={"bron": 25, "ander": 2}))
    assert [lees_posities(opslag)[bron] for bron in ("bron", "ander")] == [28, 2]
    opslag.schrijf(Lading(posities={"bron": 3}, rijen={VERGEET_POSITIE: [("bron",)]}))
    assert [lees_posities(opslag)[bron] for bron in ("bron", "ander")] == [3, 2]


def test_wie_het_alleenrecht_heeft_zet_zijn_positie_ook_terug(opslag: Opslag) -> None:
    recht = opslag.alleenrecht("proef")
    assert recht.neem()
    for plek in (28, 0):
        recht.bewaar({"relais": plek})
        assert lees_posities(opslag)["relais"] == plek
    recht.geef_op()


def test_veel_rijen_tegelijk_doen_wat_zij_een_voor_een_doen(opslag: Opslag) -> None:
    tel_op = (
        "INSERT INTO tellers VALUES (?, ?)"
        " ON CONFLICT (naam) DO UPDATE SET stand = tellers.stand + excluded.stand"
    )
    rijen = [("a", 1), ("b", 10), ("a", 2), ("a", 3), ("b", 20)]
    zet = "INSERT INTO kluis (soort, reeks, inhoud) VALUES (?, ?, ?)"
    leeg = "UPDATE kluis SET inhoud = ? WHERE soort = ?"
    opslag.schrijf(
        Lading(
            rijen={
                tel_op: rijen,
                zet: [("s", f"{i}", bytes([i])) for i in range(5)],
                leeg: [(b"x", "s"), (b"y", "geen")],
            }
        )
    )
    assert sorted(opslag.vraag("SELECT naam, stand FROM tellers")) == [("a", 6), ("b", 30)]
    assert {bytes(r[0]) for r in opslag.vraag("SELECT inhoud FROM kluis")} == {b"x"}
    vraagteken = opslag.vraag("SELECT naam FROM tellers WHERE naam LIKE '%?%' OR naam = ?", ("a",))
    assert vraagteken == [("a",)]


@pytest.mark.parametrize("namen", [["a"], ["a", "b"]])
def test_opdrachten_op_dezelfde_tabel_houden_hun_volgorde(opslag: Opslag, namen: list[str]) -> None:
    """Those of different tables may go together; what builds on another may not."""
    tel_op = (
        "INSERT INTO tellers VALUES (?, ?)"
        " ON CONFLICT (naam) DO UPDATE SET stand = tellers.stand + excluded.stand"
    )
    lading = Lading(posities={f"bron-{naam}": 7 for naam in namen})
    lading.rijen = {
        "INSERT INTO tellers VALUES (?, ?)": [(naam, 1) for naam in namen],
        "INSERT INTO kisten VALUES (?, ?)": [(naam, "leeg") for naam in namen],
        tel_op: [(naam, 10) for naam in namen],
        "UPDATE kisten SET inhoud = ? WHERE id = ?": [("vol", naam) for naam in namen],
        "INSERT INTO sleutels VALUES (?, ?)": [(naam, b"s") for naam in namen],
        "DELETE FROM tellers WHERE naam = ? AND stand < ?": [("b", 11), ("c", 1)],
    }
    opslag.schrijf(lading)
    assert opslag.vraag("SELECT naam, stand FROM tellers ORDER BY naam") == [
        (naam, 11) for naam in namen
    ]
    assert opslag.vraag("SELECT DISTINCT inhoud FROM kisten") == [("vol",)]
    assert opslag.vraag("SELECT count(*) FROM sleutels") == [(len(namen),)]
    assert {lees_posities(opslag)[f"bron-{naam}"] for naam in namen} == {7}


def test_zestien_schrijvers_en_een_lezer_die_volgt_mist_niets(maak_plek: MaakPlek) -> None:
    """G14: nothing becomes visible below what was read already."""
    plek = maak_plek()
    opslag = plek.open()
    klaar = Event()

    def schrijf(_: int) -> list[UUID]:
        mijn: list[UUID] = []
        eind = time.monotonic() + 1.2
        while time.monotonic() < eind:
            kisten = [uuid4() for _ in range(len(mijn) % 3 + 1)]
            opslag.schrijf(Lading([opgeslagen(k, 1) for k in kisten]))
            mijn += kisten
        return mijn

    def volg() -> list[UUID]:
        gezien: list[UUID] = []
        na = 0
        while True:
            laatste_ronde = klaar.is_set()
            nieuw = opslag.select_notifications(na, 50, inclusive_of_start=False)
            gezien += [n.originator_id for n in nieuw]  # type: ignore[misc]
            if nieuw:
                na = nieuw[-1].id
            elif laatste_ronde:
                return gezien

    with ThreadPoolExecutor(17) as draden:
        lezer = draden.submit(volg)
        geschreven = [k for mijn in draden.map(schrijf, range(16)) for k in mijn]
        klaar.set()
        gezien = lezer.result()
    assert len(geschreven) > 100
    assert len(gezien) == len(geschreven)
    assert set(gezien) == set(geschreven)


def test_zestien_megabyte_hangt_niet_en_houdt_niemand_op(
    plek: Plek, monkeypatch: pytest.MonkeyPatch
) -> None:
    """G14: the library's recorder hangs for ever here, holding the table lock."""
    opslag = plek.open()
    groot = opgeslagen(uuid4(), 1)
    object.__setattr__(groot, "state", b"x" * 16_000_000)
    with ThreadPoolExecutor(2) as draden:
        poging = draden.submit(opslag.schrijf, Lading([groot]))
        klein = draden.submit(opslag.schrijf, Lading([opgeslagen(uuid4(), 1)]))
        klein.result(timeout=10)
        if isinstance(opslag, PostgresOpslag):
            with pytest.raises(DataError, match="16000000 bytes, hoogstens 60000"):
                poging.result(timeout=10)
            # And if it were let through, as rows are: it goes over without pipeline mode.
            monkeypatch.setattr(pg, "MAX_STAAT", 10**9)
            draden.submit(opslag.schrijf, Lading([groot])).result(timeout=20)
        rijen = {
            "INSERT INTO kluis VALUES (?, ?, ?)": [(f"{i}", "s", b"x" * 4_000_000) for i in (1, 2)]
        }
        draden.submit(opslag.schrijf, Lading(rijen=rijen)).result(timeout=20)


def test_een_bestand_houdt_wat_is_bevestigd_en_wist_wat_is_verwijderd(tmp_path: Path) -> None:
    opslag = SqliteOpslag(tmp_path / "kast.db", TABELLEN)
    for pragma, waarde in (("synchronous", 2), ("secure_delete", 1), ("journal_mode", "wal")):
        assert opslag.vraag(f"PRAGMA {pragma}") == [(waarde,)]
    opslag.sluit()
    with sqlite3.connect(tmp_path / "kast.db") as verbinding:
        assert verbinding.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    verbinding.close()
