"""`make infra-start` and its kin: servers for people, that stay until they are stopped."""

import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from deploy.lokaal.broker import vrije_poort
from deploy.lokaal.toegang import Toegang
from deploy.lokaal.vragen import brokers

WORTEL = Path(__file__).parents[2]


def infra(*argumenten: object) -> subprocess.CompletedProcess[str]:
    opdracht = [sys.executable, "-m", "deploy.lokaal", *map(str, argumenten)]
    return subprocess.run(opdracht, cwd=WORTEL, capture_output=True, text=True, check=False)


def gezet(uitvoer: str) -> dict[str, str]:
    """The environment that the command tells to use."""
    regels = [regel for regel in uitvoer.splitlines() if regel.startswith("export ")]
    return dict(regel.removeprefix("export ").split()[0].split("=", 1) for regel in regels)


def test_een_bezette_poort_geeft_een_regel_met_een_uitweg(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as bezet:
        poort = bezet.getsockname()[1]
        gelopen = infra("start", "--map", tmp_path, "--kafka-poort", poort)
    assert gelopen.returncode == 2
    assert gelopen.stderr.splitlines() == [
        f"poort {poort} op 127.0.0.1 is bezet: stop wat daar luistert, of kies een andere, zoals"
        f" make infra-start INFRA_ARGS='--kafka-poort {poort + 100}'"
    ]


def test_een_onbekende_opdracht_wijst_naar_de_uitleg() -> None:
    gelopen = infra("begin")
    assert (gelopen.returncode, gelopen.stderr.count("\n")) == (2, 1)
    assert "--help" in gelopen.stderr
    assert "infra-start" in infra("--help").stdout


@pytest.mark.traag
def test_wat_gestart_is_blijft_tot_het_gestopt_wordt_en_wat_bewaard_is_daarna_ook(
    open_map: Path,
) -> None:
    poorten = ("--kafka-poort", vrije_poort(), "--postgres-poort", vrije_poort())
    gestart = infra("start", "--map", open_map, *poorten)
    try:
        assert gestart.returncode == 0, gestart.stderr
        omgeving = gezet(gestart.stdout)
        bus = Toegang(omgeving["SCHAKEL_KAFKA"])
        eigen = omgeving["SCHAKEL_OPSLAG"].replace("DIENST", "herstellen")
        assert brokers(bus) == {1}
        with psycopg.connect(eigen) as verbinding:
            verbinding.execute("CREATE TABLE kast ()")

        opnieuw = infra("start", "--map", open_map, "--kafka-poort", vrije_poort())
        assert gezet(opnieuw.stdout) == omgeving, "wat draait, blijft waar het is"
        assert infra("status", "--map", open_map).returncode == 0

        assert infra("stop", "--map", open_map).returncode == 0
        assert infra("status", "--map", open_map).returncode == 1
        assert brokers(bus) == set()

        assert gezet(infra("start", "--map", open_map).stdout) == omgeving
        with psycopg.connect(eigen) as verbinding:
            verbinding.execute("SELECT FROM kast")
    finally:
        gestopt = infra("stop", "--map", open_map)
    assert gestopt.stdout.splitlines() == ["Kafka is gestopt", "Postgres is gestopt"]
