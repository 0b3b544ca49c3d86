"""Each service installed alone starts and serves, without the code of the others."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from deploy.lokaal.postgres import Databases

from schakel.contracts.organisatie import DIENSTEN
from schakel.kern.geheim.hoofdsleutel import maak_hoofdsleutel

WORTEL = Path(__file__).parents[2]
ALLEN = tuple(DIENSTEN)


def _uv() -> str:
    """The uv that installed this environment, else the one on the path."""
    eigen = sorted(WORTEL.glob(".venv/uv-*/bin/uv"))
    gevonden = str(eigen[-1]) if eigen else shutil.which("uv")
    assert gevonden, "uv ontbreekt: make install zet het in .venv"
    return gevonden


def _installeer(naam: str, map_: Path, *extra: str) -> Path:
    """A fresh environment with this one package and what it asks for."""
    omgeving = os.environ | {"UV_PROJECT_ENVIRONMENT": str(map_), "UV_PYTHON_DOWNLOADS": "never"}
    omgeving.pop("VIRTUAL_ENV", None)
    if Path("/etc/ssl/certs/ca-certificates.crt").exists():
        omgeving["UV_SYSTEM_CERTS"] = "true"
    subprocess.run(
        [_uv(), "sync", "--locked", "--no-dev", "--quiet", "--package", f"schakel-{naam}", *extra],
        cwd=WORTEL,
        env=omgeving,
        check=True,
        timeout=240,
    )
    return map_ / "bin"


def _vrije_poort() -> int:
    with socket.socket() as contact:
        contact.bind(("127.0.0.1", 0))
        return int(contact.getsockname()[1])


def _vraag(url: str, inhoud: dict[str, object] | None = None) -> tuple[int, dict[str, object]]:
    verzoek = urllib.request.Request(url)
    if inhoud is not None:
        verzoek.data = json.dumps(inhoud).encode()
        verzoek.add_header("Content-Type", "application/json")
        verzoek.add_header("Idempotency-Key", "alleen-1")
    with urllib.request.urlopen(verzoek, timeout=5) as antwoord:
        return antwoord.status, json.loads(antwoord.read())


def _wacht_tot_gezond(basis: str, proces: subprocess.Popen[bytes]) -> None:
    einde = time.monotonic() + 30
    while time.monotonic() < einde:
        assert proces.poll() is None, "de dienst is gestopt"
        try:
            if _vraag(f"{basis}/gezond")[0] == 200:
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    raise AssertionError("de dienst werd niet gezond")


@pytest.mark.traag
@pytest.mark.parametrize("naam", ALLEN)
def test_elke_dienst_draait_alleen(naam: str, tmp_path: Path) -> None:
    bin_ = _installeer(naam, tmp_path / "omgeving")
    aanwezig = json.loads(
        subprocess.check_output(
            [
                bin_ / "python",
                "-c",
                "import json, pkgutil, schakel;"
                "print(json.dumps([m.name for m in pkgutil.iter_modules(schakel.__path__)]))",
            ]
        )
    )
    assert naam in aanwezig
    assert not set(aanwezig) & (set(ALLEN) | {"cli"}) - {naam}

    poort = _vrije_poort()
    omgeving = os.environ | {
        "SCHAKEL_POORT": str(poort),
        "SCHAKEL_GEGEVENSMAP": str(tmp_path / "gegevens"),
    }
    with subprocess.Popen(
        [bin_ / f"schakel-{naam}"], env=omgeving, stderr=subprocess.DEVNULL
    ) as proces:
        try:
            basis = f"http://127.0.0.1:{poort}"
            _wacht_tot_gezond(basis, proces)
            if naam == "grens":
                status, antwoord = _vraag(f"{basis}/v1/partners")
                assert (status, antwoord) == (200, {"partners": []})
            elif naam == "orchestrator":
                status, antwoord = _vraag(f"{basis}/v1/werkstromen")
                assert (status, len(antwoord["werkstromen"])) == (200, 8)  # type: ignore[arg-type]
            else:
                melding = {
                    "dienst": "proef",
                    "kanaal": "web",
                    "melder": {"soort": "ambtenaar"},
                    "tekst": "proef",
                }
                status, antwoord = _vraag(f"{basis}/v1/meldingen", melding)
                assert (status, antwoord["status"]) == (201, "aangenomen")
        finally:
            proces.send_signal(signal.SIGTERM)
            assert proces.wait(timeout=15) == 0


@pytest.mark.traag
@pytest.mark.parametrize("naam", ["herstellen", "orchestrator"])
def test_een_dienst_alleen_maakt_haar_tabellen_zelf(
    naam: str, tmp_path: Path, postgres: Databases
) -> None:
    """As a container image has it: one service, and none of the schakel command."""
    opdracht = _installeer(naam, tmp_path / "omgeving", "--extra", "productie") / f"schakel-{naam}"
    poort = _vrije_poort()
    omgeving = os.environ | {
        "SCHAKEL_OPSLAG": postgres.maak_database(),
        "SCHAKEL_POORT": str(poort),
        "SCHAKEL_GEGEVENSMAP": str(tmp_path / "gegevens"),
    }

    def voer(*argumenten: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [opdracht, *argumenten], env=omgeving, check=False, capture_output=True, text=True
        )

    voortijdig = voer()
    assert voortijdig.returncode == 2
    assert f"voer eerst `schakel-{naam} migreer` uit" in voortijdig.stderr
    assert voer("migreer").stdout.startswith(f"{naam}: de tabellen zijn van versie ")
    if naam != "orchestrator":
        zonder_sleutel = voer()
        assert zonder_sleutel.returncode == 2
        assert "er is geen hoofdsleutel" in zonder_sleutel.stderr
    maak_hoofdsleutel(tmp_path / "gegevens" / "sleutel")
    assert voer("migreer", "--rond-af").returncode == 0
    verkeerd = voer("migreren")
    assert (verkeerd.returncode, verkeerd.stderr) == (2, f"gebruik: schakel-{naam} [migreer]\n")
    with subprocess.Popen([opdracht], env=omgeving, stderr=subprocess.DEVNULL) as proces:
        try:
            _wacht_tot_gezond(f"http://127.0.0.1:{poort}", proces)
        finally:
            proces.send_signal(signal.SIGTERM)
            assert proces.wait(timeout=15) == 0
