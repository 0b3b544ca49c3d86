"""``make keten``: the processes of compose.yaml, the same table as in one process, a clean end."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import pytest
from deploy.lokaal.compose import COMPOSE, Compose
from tests.cli.conftest import wacht_tot, zes_vrije_poorten
from tests.e2e.chaos.ingebed import verwachte_tabel
from tests.e2e.test_alleen import ALLEN

from schakel.proefspel.plan import lees_plannen

WORTEL = COMPOSE.parent


@dataclass
class Keten:
    """One run, and what it says."""

    proces: subprocess.Popen[bytes]
    map: Path
    basispoort: int

    @property
    def gezegd(self) -> str:
        return (self.map.parent / "stderr").read_text()

    @property
    def tabel(self) -> bytes:
        return (self.map.parent / "stdout").read_bytes()

    def processen(self) -> dict[str, psutil.Process]:
        """Everything that works in its folder, by name."""
        gevonden = {}
        for een in psutil.process_iter():
            with suppress(psutil.Error):
                plaatsen = (een.cwd(), *een.cmdline())
                if een.pid != self.proces.pid and any(str(self.map) in p for p in plaatsen):
                    gevonden[Path(een.cwd()).name] = een
        return gevonden

    def wacht_op(self, woorden: str, aantal: int = 1) -> None:
        wacht_tot(lambda: self.gezegd.count(woorden) >= aantal or self.is_klaar(), 120)
        assert not self.is_klaar(), self.gezegd

    def is_klaar(self) -> bool:
        return self.proces.poll() is not None


def start(map_: Path, *opties: str) -> Keten:
    poort = zes_vrije_poorten()
    keuze = ["--map", str(map_ / "keten"), "--basispoort", str(poort), *opties]
    with (map_ / "stderr").open("wb") as fout, (map_ / "stdout").open("wb") as uit:
        proces = subprocess.Popen(
            [sys.executable, "-m", "deploy.lokaal.keten", *keuze],
            cwd=WORTEL,
            # Of the one who starts it nothing may reach the services.
            env=os.environ | {"SCHAKEL_WACHTRIJ": "7"},
            stdout=uit,
            stderr=fout,
        )
    return Keten(proces, map_ / "keten", poort)


@pytest.fixture
def keten(eigen_map: Path) -> Iterator[Keten]:
    draait = start(eigen_map)
    yield draait
    draait.proces.send_signal(signal.SIGTERM)
    draait.proces.wait(30)


@pytest.fixture
def eigen_map() -> Iterator[Path]:
    """Not pytest's own: that closes its folders to PostgreSQL, which never runs as root."""
    with TemporaryDirectory(prefix="schakel-keten-") as map_:
        yield Path(map_)


@pytest.fixture(scope="module")
def gespeeld() -> Iterator[Keten]:
    """A run that played the set and ended by itself."""
    with TemporaryDirectory(prefix="schakel-keten-") as map_:
        gelopen = start(Path(map_), "--stop", "-o", "json")
        gelopen.proces.wait(180)
        yield gelopen


@pytest.mark.traag
def test_de_tabel_is_byte_voor_byte_die_van_alles_in_een_proces(gespeeld: Keten) -> None:
    """It compares them itself; here with what was written, which the one process is held to."""
    assert gespeeld.proces.returncode == 0, gespeeld.gezegd
    assert "beide tabellen zijn byte voor byte gelijk" in gespeeld.gezegd
    geschreven = verwachte_tabel(list(lees_plannen()))
    assert gespeeld.tabel.decode() == json.dumps(geschreven, ensure_ascii=False, indent=2) + "\n"


@pytest.mark.traag
def test_ieder_proces_heeft_een_log_en_zijn_verbruik_staat_in_een_tabel(gespeeld: Keten) -> None:
    taken = {"topics", *(f"migreer-{naam}" for naam in ALLEN)}
    blijvend = {"kafka", "postgres", *ALLEN}
    assert {log.stem for log in (gespeeld.map / "logs").iterdir()} == blijvend | taken
    for naam in ALLEN:
        assert "dienst_gestopt" in (gespeeld.map / "logs" / f"{naam}.log").read_text()
    verbruik = re.findall(r"│ (\S+) +│ (\d+) MB +│ [\d.]+ s +│", gespeeld.gezegd)
    assert {naam for naam, _ in verbruik} == blijvend | {"samen"}
    assert all(int(mb) > 0 for _, mb in verbruik)


@pytest.mark.traag
def test_geen_dienst_schrijft_iets_in_zijn_eigen_map(gespeeld: Keten) -> None:
    """In its container there is nowhere to write but /tmp."""
    werk = gespeeld.map / "werk"
    assert {map_.name for map_ in werk.iterdir()} >= set(ALLEN)
    assert [kind for map_ in werk.iterdir() for kind in map_.iterdir()] == []


@pytest.mark.traag
def test_wat_er_draait_is_wat_compose_zegt_en_een_dienst_die_valt_wordt_meteen_gemeld(
    keten: Keten,
) -> None:
    keten.wacht_op("draait", 2 + len(ALLEN))
    processen = keten.processen()
    hosts = dict.fromkeys(("kafka:9092", "postgres:5432"), "HIER")
    for een in Compose().onderdelen(hosts, keten.map / "geheim", keten.basispoort):
        if een.eenmalig:
            assert een.naam not in processen
            continue
        echt = processen[een.naam]
        assert [Path(deel).name for deel in echt.cmdline()[1:]] == list(een.opdracht)
        gekregen = {n: w for n, w in echt.environ().items() if n.startswith(("SCHAKEL_", "PG"))}
        assert gekregen.keys() == een.omgeving.keys()
        for naam, waarde in gekregen.items():
            verwacht = re.escape(een.omgeving[naam]).replace("HIER", r"127\.0\.0\.1:\d+")
            assert re.fullmatch(verwacht, waarde)
    processen["wijzigen"].kill()
    gevallen = time.monotonic()
    wacht_tot(lambda: "wijzigen is gestopt met code -9" in keten.gezegd, 3)
    assert "dienst_luistert" in keten.gezegd
    assert keten.proces.wait(15) == 1
    assert time.monotonic() - gevallen < 12
    assert keten.processen() == {}


@pytest.mark.traag
def test_wie_halverwege_stopt_laat_binnen_tien_seconden_niets_achter(keten: Keten) -> None:
    keten.wacht_op("kafka draait")
    keten.proces.send_signal(signal.SIGINT)
    assert keten.proces.wait(10) == 130, keten.gezegd
    assert keten.processen() == {}
    assert keten.tabel == b""


@pytest.mark.traag
def test_wie_halverwege_wordt_gedood_laat_ook_niets_achter(keten: Keten) -> None:
    keten.wacht_op("topics is klaar")
    wacht_tot(lambda: set(ALLEN) <= keten.processen().keys(), 30)
    keten.proces.kill()
    wacht_tot(lambda: keten.processen() == {}, 20)


def test_een_map_met_iets_anders_erin_wordt_niet_geleegd(tmp_path: Path) -> None:
    (tmp_path / "keten").mkdir()
    (tmp_path / "keten" / "scriptie.txt").write_text("nooit weggooien")
    gelopen = start(tmp_path)
    assert gelopen.proces.wait(20) == 1
    assert "is niet leeg" in gelopen.gezegd
    assert (tmp_path / "keten" / "scriptie.txt").exists()
