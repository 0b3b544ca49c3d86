import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from schakel.cli.alles import bouw_geheel
from schakel.cli.app import voer_uit
from schakel.contracts.organisatie import DIENSTEN, poort_van
from schakel.kern.zicht.logboek import stel_in

SCHAKEL = Path(sys.executable).with_name("schakel")


@dataclass(frozen=True)
class Gezegd:
    """What a command printed and how it ended."""

    code: int
    uit: str
    fout: str


@dataclass(frozen=True)
class Draaiend:
    """``schakel start alles`` in a process of its own."""

    basispoort: int
    map: Path
    gezegd: Path

    def adres(self, dienst: str) -> str:
        return f"http://127.0.0.1:{poort_van(dienst, self.basispoort)}"


@pytest.fixture(autouse=True)
def _eigen_map(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No stores in the folder of the repository, a log of our own."""
    monkeypatch.chdir(tmp_path)
    yield
    stel_in(strikt=True)


@pytest.fixture
def schakel(capsys: pytest.CaptureFixture[str]) -> Callable[..., Gezegd]:
    """Run a command in this process."""

    def voer(*argumenten: object) -> Gezegd:
        capsys.readouterr()
        code = voer_uit([str(een) for een in argumenten])
        gezegd = capsys.readouterr()
        return Gezegd(code, gezegd.out, gezegd.err)

    return voer


def zes_vrije_poorten() -> int:
    """The first of six ports in a row that nobody uses."""
    for begin in range(20_000 + os.getpid() % 5_000, 32_000, 6):
        proeven = [socket.socket() for _ in DIENSTEN]
        try:
            for nummer, proef in zip(DIENSTEN.values(), proeven, strict=True):
                proef.bind(("127.0.0.1", begin + nummer))
        except OSError:
            continue
        else:
            return begin
        finally:
            for proef in proeven:
                proef.close()
    raise AssertionError("geen zes vrije poorten")


@pytest.fixture(scope="session")
def alles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Draaiend]:
    """Everything at work; herstellen has one parked message that nobody can read."""
    map_ = tmp_path_factory.mktemp("alles")
    poort = zes_vrije_poorten()
    gezegd = map_ / "stderr"
    bouw_geheel(map_ / "gegevens").sluit()
    parkeer_onleesbaar(map_ / "gegevens" / "herstellen.db")
    omgeving = {n: w for n, w in os.environ.items() if not n.upper().startswith("SCHAKEL_")}
    omgeving |= {"SCHAKEL_BASISPOORT": str(poort), "SCHAKEL_GEGEVENSMAP": str(map_ / "gegevens")}
    with gezegd.open("wb") as uit:
        proces = subprocess.Popen([SCHAKEL, "start", "alles"], env=omgeving, stderr=uit, cwd=map_)
        draait = Draaiend(poort, map_ / "gegevens", gezegd)
        try:
            wacht_tot(lambda: "curl" in gezegd.read_text() or proces.poll() is not None, 60)
            yield draait
            proces.send_signal(signal.SIGTERM)
            assert proces.wait(20) == 0, gezegd.read_text()
        finally:
            proces.kill()
            proces.wait()


def parkeer_onleesbaar(bestand: Path) -> None:
    """Put a message aside as a receiver would that cannot read it."""
    with closing(sqlite3.connect(bestand)) as verbinding:
        kop = b'{"eigenaar":"urn:vreemd","sleutel":null,"koppen":[]}'
        verbinding.execute(
            "INSERT INTO geparkeerd (bron, positie, digest, reden, uitleg, kop, waarde, op)"
            " VALUES ('vreemd', 1, x'00', 'geen-json', 'dit is geen JSON', ?, ?, '2026-01-01')",
            (kop, b"rommel"),
        )
        verbinding.commit()


def wacht_tot(klaar: Callable[[], bool], seconden: float) -> None:
    tot = time.monotonic() + seconden
    while not klaar():
        assert time.monotonic() < tot, "het duurde te lang"
        time.sleep(0.05)


@pytest.fixture
def bij_alles(alles: Draaiend, monkeypatch: pytest.MonkeyPatch) -> Draaiend:
    """Commands in this process find everything at work."""
    monkeypatch.setenv("SCHAKEL_BASISPOORT", str(alles.basispoort))
    monkeypatch.setenv("SCHAKEL_GEGEVENSMAP", str(alles.map))
    return alles


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False) as klant:
        yield klant
