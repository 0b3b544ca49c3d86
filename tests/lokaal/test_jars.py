"""The jars of Kafka are those of the lock file, whatever happened on the way."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from deploy.lokaal.jars import klassepad

WORTEL = Path(__file__).parents[2]
HAAL = "from deploy.lokaal.jars import klassepad; print(len(klassepad()))"


class Spiegel(SimpleHTTPRequestHandler):
    """A Maven repository that remembers what it was asked."""

    gevraagd: list[str]
    leugen = b""

    def do_GET(self) -> None:
        if self.path.endswith(".jar"):
            self.gevraagd.append(self.path)
        if self.leugen and self.path.endswith(".jar"):
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.leugen)))
            self.end_headers()
            self.wfile.write(self.leugen)
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def spiegel() -> Iterator[tuple[type[Spiegel], str]]:
    """What this machine already has, served as Maven Central would."""
    soort = type("EigenSpiegel", (Spiegel,), {"gevraagd": []})
    jar = klassepad()[0]
    map_ = next(
        p for p in jar.parents if p.name.startswith("kafka-") and p.parent.name == "schakel"
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(soort, directory=map_)) as server:
        draad = threading.Thread(target=server.serve_forever)
        draad.start()
        yield soort, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        draad.join()


def haal(cache: Path, adres: str) -> subprocess.Popen[str]:
    """Start a process with an empty cache, that knows this repository only."""
    instellingen = cache.parent / "jgo.conf"
    instellingen.write_text(f"[repositories]\nspiegel = {adres}\n")
    omgeving = {**os.environ, "XDG_CACHE_HOME": str(cache), "JGO_CONFIG_FILE": str(instellingen)}
    return subprocess.Popen(
        [sys.executable, "-c", HAAL],
        cwd=WORTEL,
        env=omgeving,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_twee_die_tegelijk_ophalen_halen_alles_een_keer(
    tmp_path: Path, spiegel: tuple[type[Spiegel], str]
) -> None:
    soort, adres = spiegel
    beide = [haal(tmp_path / "cache", adres) for _ in range(2)]
    uitvoer = [proces.communicate(timeout=120) for proces in beide]
    aantal = len(klassepad())
    assert [uit.strip() for uit, _ in uitvoer] == [str(aantal)] * 2, uitvoer
    assert len(soort.gevraagd) == len(set(soort.gevraagd)) == aantal
    assert any(f"{aantal} van {aantal}" in fout for _, fout in uitvoer)


def test_een_jar_waaraan_is_gezeten_wordt_vervangen(
    tmp_path: Path, spiegel: tuple[type[Spiegel], str]
) -> None:
    soort, adres = spiegel
    haal(tmp_path / "cache", adres).communicate(timeout=120)
    soort.gevraagd.clear()
    (jar,) = (tmp_path / "cache").rglob("kafka-clients-*.jar")
    jar.write_bytes(jar.read_bytes()[:-1])
    haal(tmp_path / "cache", adres).communicate(timeout=120)
    assert [Path(pad).name for pad in soort.gevraagd] == [jar.name]
    assert jar.stat().st_size == next(p for p in klassepad() if p.name == jar.name).stat().st_size


def test_een_jar_die_niet_in_het_slotbestand_staat_wordt_niet_gebruikt(
    tmp_path: Path, spiegel: tuple[type[Spiegel], str]
) -> None:
    soort, adres = spiegel
    soort.leugen = b"iets anders"
    uit, fout = haal(tmp_path / "cache", adres).communicate(timeout=120)
    assert not uit
    assert "is niet het bestand van jgo.lock.toml: niet gebruikt" in fout
    assert list((tmp_path / "cache").rglob("*.jar")) == []


def test_zonder_netwerk_zegt_een_regel_wat_te_doen(tmp_path: Path) -> None:
    uit, fout = haal(tmp_path / "cache", "http://127.0.0.1:1").communicate(timeout=120)
    assert not uit
    assert "InfraFout: Apache Kafka is niet op te halen: geen netwerk" in fout.splitlines()[-1]
