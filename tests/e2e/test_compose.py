"""compose.yaml and the Dockerfile, as far as that can be seen without an engine for containers."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pytest
import yaml
from deploy.geheimen import TOKENSLEUTEL, UITGEVER, maak_geheimen
from deploy.lokaal.beveiliging import BEVEILIGD
from deploy.lokaal.broker import INSTELLINGEN
from deploy.lokaal.compose import COMPOSE, Compose
from deploy.lokaal.fouten import InfraFout
from deploy.lokaal.jars import opdracht
from deploy.lokaal.ondergrond import maak_databases, programmas
from deploy.lokaal.postgres import PostgresServer
from tests.e2e.test_alleen import ALLEN, _uv, _vrije_poort

from schakel.contracts.organisatie import GRENS, poort_van
from schakel.contracts.werkstromen import Proces

WORTEL = COMPOSE.parent
DOCKERFILE = WORTEL / "deploy" / "Dockerfile"
PROGRAMMAS = Path(sys.executable).parent
VOOR_ALLEN = {"jwks", "ca"}
"""What is no secret, or not of one service."""


@pytest.fixture(scope="module")
def inhoud() -> dict[str, Any]:
    gelezen: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return gelezen


@pytest.fixture(scope="module")
def diensten(inhoud: dict[str, Any]) -> dict[str, dict[str, Any]]:
    alle: dict[str, dict[str, Any]] = inhoud["services"]
    return alle


# compose.yaml


def test_het_bestand_voldoet_aan_de_specificatie_van_compose() -> None:
    gelopen = subprocess.run(
        [PROGRAMMAS / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE],
        check=False,
        capture_output=True,
        text=True,
    )
    assert gelopen.returncode == 0, gelopen.stdout


def test_elk_van_de_zes_staat_erin_en_verder_alleen_wat_zij_nodig_hebben(
    diensten: dict[str, Any],
) -> None:
    taken = {"topics", *(f"migreer-{naam}" for naam in ALLEN)}
    assert diensten.keys() == {"kafka", "postgres", *ALLEN, *taken}


@pytest.mark.parametrize("naam", ALLEN)
def test_elke_dienst_heeft_een_eigen_poort_database_sleutel_en_migratie(
    diensten: dict[str, Any], naam: str
) -> None:
    dienst, omgeving = diensten[naam], diensten[naam]["environment"]
    poort = omgeving["SCHAKEL_POORT"]
    assert poort == str(poort_van(naam))
    partners = omgeving.get("SCHAKEL_PARTNERPOORT")
    assert partners == (str(int(poort) + 1) if naam == GRENS else None)
    assert dienst["ports"] == [f"127.0.0.1:{een}:{een}" for een in (poort, partners) if een]
    assert omgeving["SCHAKEL_PUBLIEKE_URL"] == f"http://127.0.0.1:{poort}"
    opslag = f"postgresql://{naam}@postgres:5432/{naam}?service={naam}&sslrootcert=/run/secrets/ca"
    migratie = diensten[f"migreer-{naam}"]
    assert migratie["command"] == ["migreer", naam]
    assert omgeving["SCHAKEL_OPSLAG"] == migratie["environment"]["SCHAKEL_OPSLAG"] == opslag
    assert dienst["depends_on"] == {
        "topics": {"condition": "service_completed_successfully"},
        f"migreer-{naam}": {"condition": "service_completed_successfully"},
    }


@pytest.mark.parametrize("naam", ALLEN)
def test_elke_dienst_krijgt_alleen_zijn_eigen_geheimen(diensten: dict[str, Any], naam: str) -> None:
    gekregen = set(diensten[naam]["secrets"])
    assert gekregen - VOOR_ALLEN == {
        f"postgres-{naam}",
        f"hoofdsleutel-{naam}",
        f"kafka-{naam}",
        *({"logsleutel-grens", "partner-grens"} if naam == GRENS else ()),
    }
    for een in (naam, f"migreer-{naam}"):
        genoemd = re.findall("/run/secrets/([a-z-]+)", str(diensten[een]["environment"]))
        assert set(genoemd) == set(diensten[een]["secrets"])


def test_de_grens_komt_er_alleen_voor_wie_koppelt(diensten: dict[str, Any]) -> None:
    in_profiel = {naam for naam, dienst in diensten.items() if "profiles" in dienst}
    assert in_profiel == {GRENS, f"migreer-{GRENS}"}
    assert all(diensten[naam]["profiles"] == [GRENS] for naam in in_profiel)


def test_de_grens_vraagt_een_tekst_waar_de_dienst_is(diensten: dict[str, Any]) -> None:
    adressen = json.loads(diensten[GRENS]["environment"]["SCHAKEL_ADRESSEN"])
    assert adressen == {een.value: f"http://{een}:{poort_van(een)}" for een in Proces}
    for een in Proces:
        hosts = json.loads(diensten[een]["environment"]["SCHAKEL_TOEGESTANE_HOSTS"])
        assert een.value in hosts


def test_alle_delen_zijn_van_dezelfde_organisatie(diensten: dict[str, Any]) -> None:
    oins = {
        naam: dienst["environment"]["SCHAKEL_OIN"]
        for naam, dienst in diensten.items()
        if "SCHAKEL_KAFKA" in dienst.get("environment", ())
    }
    assert oins == dict.fromkeys(("topics", *ALLEN), Compose().oin)


def test_geen_container_mag_meer_dan_hij_nodig_heeft(diensten: dict[str, Any]) -> None:
    for naam, dienst in diensten.items():
        assert dienst["read_only"] is True, naam
        assert dienst["cap_drop"] == ["ALL"], naam
        assert dienst["security_opt"] == ["no-new-privileges:true"], naam
        assert dienst["mem_limit"], naam
        assert dienst["pids_limit"], naam
        assert "privileged" not in dienst


def test_alleen_de_http_poorten_zijn_buiten_te_zien_en_alleen_op_deze_machine(
    diensten: dict[str, Any], inhoud: dict[str, Any]
) -> None:
    open_ = {naam for naam, dienst in diensten.items() if "ports" in dienst}
    assert open_ == set(ALLEN)
    assert inhoud["networks"]["intern"] == {"internal": True}
    for naam, dienst in diensten.items():
        assert dienst["networks"] == (["intern", "poort"] if naam in open_ else ["intern"])


def test_elk_beeld_heeft_een_precieze_versie_dezelfde_als_waarmee_wordt_getest(
    diensten: dict[str, Any],
) -> None:
    jars = tomllib.loads((WORTEL / "deploy/kafka/jgo.toml").read_text())["dependencies"]
    (kafka,) = (c for c in jars["coordinates"] if c.startswith("org.apache.kafka:kafka_"))
    assert diensten["kafka"]["image"] == f"apache/kafka:{kafka.rpartition(':')[2]}"
    getest = subprocess.check_output([programmas() / "psql", "--version"], text=True).split()[-1]
    assert diensten["postgres"]["image"].split("-")[0] == f"postgres:{getest}"
    for naam in ALLEN:
        assert diensten[naam]["image"] == f"schakel/{naam}:{version('schakel-' + naam)}"


def test_elk_geheim_en_elk_bestand_wordt_gebruikt_en_bestaat_of_is_te_maken(
    inhoud: dict[str, Any], diensten: dict[str, Any], tmp_path: Path
) -> None:
    gebruikt = {naam for dienst in diensten.values() for naam in dienst.get("secrets", ())}
    assert gebruikt == inhoud["secrets"].keys()
    gebruikt = {een["source"] for dienst in diensten.values() for een in dienst.get("configs", ())}
    assert gebruikt == inhoud["configs"].keys()
    assert all((WORTEL / een["file"]).is_file() for een in inhoud["configs"].values())
    maak_geheimen(Compose(), tmp_path)
    assert all((tmp_path / naam).stat().st_size for naam in inhoud["secrets"])


# What `make keten` makes of it


def test_wat_make_keten_niet_kent_wordt_geweigerd(tmp_path: Path) -> None:
    """Otherwise it would run something else than compose does, and nobody would know."""
    vreemd = tmp_path / "compose.yaml"
    vreemd.write_text(COMPOSE.read_text().replace(" command: [topics", " entrypoint: [topics"))
    with pytest.raises(InfraFout, match="topics: entrypoint is onbekend"):
        Compose(vreemd)


@pytest.mark.parametrize("basispoort", [8100, 9100])
def test_de_instellingen_zijn_dezelfde_en_alleen_de_plaatsen_zijn_anders(
    diensten: dict[str, Any], tmp_path: Path, basispoort: int
) -> None:
    hosts = {"kafka:9": "mis", "kafka:9092": "127.0.0.1:1", "postgres:5432": "127.0.0.1:2"}
    gevonden = {een.naam: een for een in Compose().onderdelen(hosts, tmp_path, basispoort)}
    assert gevonden.keys() == diensten.keys() - {"kafka", "postgres"}
    assert "SCHAKEL_ADRESSEN" not in gevonden[GRENS].omgeving
    een = gevonden["herstellen"]
    assert een.opdracht == ("schakel-herstellen",)
    assert not een.eenmalig
    poort = str(basispoort + 3)
    assert een.omgeving == diensten["herstellen"]["environment"] | {
        "SCHAKEL_HOST": "127.0.0.1",
        "SCHAKEL_POORT": poort,
        "SCHAKEL_PUBLIEKE_URL": f"http://127.0.0.1:{poort}",
        "SCHAKEL_KAFKA": "127.0.0.1:1",
        "SCHAKEL_OPSLAG": "postgresql://herstellen@127.0.0.1:2/herstellen?service=herstellen"
        f"&sslrootcert={tmp_path / 'ca'}",
        "SCHAKEL_JWKS": str(tmp_path / "jwks"),
        "SCHAKEL_SLEUTELBESTAND": str(tmp_path / "hoofdsleutel-herstellen"),
        "SCHAKEL_KAFKA_CA": str(tmp_path / "ca"),
        "SCHAKEL_KAFKA_CERTIFICAAT": str(tmp_path / "kafka-herstellen"),
        "SCHAKEL_KAFKA_SLEUTEL": str(tmp_path / "kafka-herstellen"),
        "PGSERVICEFILE": str(tmp_path / "postgres-herstellen"),
    }
    taak = gevonden["topics"]
    assert taak.eenmalig
    assert taak.opdracht[:2] == ("schakel", "topics")
    assert str(WORTEL / "deploy/kafka/topics.yaml") in taak.opdracht


@pytest.mark.traag
def test_kafka_krijgt_hier_de_instellingen_die_zijn_beeld_ervan_maakt_en_begrijpt_ze(
    diensten: dict[str, Any], tmp_path: Path
) -> None:
    """The program that the image runs before the broker comes with the jars."""
    geheim, data = tmp_path / "geheim", tmp_path / "data"
    maak_geheimen(Compose(), geheim)
    for map_ in ("standaard", "gegeven", "gemaakt"):
        (tmp_path / map_).mkdir()
    for log in ("log4j2.yaml", "tools-log4j2.yaml"):
        (tmp_path / "standaard" / log).write_text(
            "Configuration: {Loggers: {Root: {level: INFO}, Logger: []}}"
        )
    shutil.copy(INSTELLINGEN, tmp_path / "gegeven" / "server.properties")
    omgeving = {
        naam: waarde.replace("$$", "$")
        .replace("/run/secrets", str(geheim))
        .replace("/var/lib/kafka/data", str(data))
        for naam, waarde in diensten["kafka"]["environment"].items()
    }
    regel = [*opdracht("kafka.docker.KafkaDockerWrapper"), "setup"]
    regel += ["--default-configs-dir", str(tmp_path / "standaard")]
    regel += ["--mounted-configs-dir", str(tmp_path / "gegeven")]
    regel += ["--final-configs-dir", str(tmp_path / "gemaakt")]
    gelopen = subprocess.run(
        regel,
        env=omgeving,
        check=False,
        capture_output=True,
        text=True,
    )
    assert gelopen.returncode == 0, gelopen.stderr
    assert (data / "meta.properties").exists()
    plaatsen = {"/var/lib/kafka/data": str(data)}
    cluster, regels = Compose().kafka(plaatsen, geheim)
    assert f"cluster.id={cluster}" in (data / "meta.properties").read_text()
    gemaakt = eigenschappen((tmp_path / "gemaakt" / "server.properties").read_text())
    assert gemaakt == eigenschappen(INSTELLINGEN.read_text()) | eigenschappen(regels)


def test_wat_van_kafka_beveiligd_moet_zijn_is_het_ook_hier(tmp_path: Path) -> None:
    _, regels = Compose().kafka({}, tmp_path)
    assert eigenschappen(BEVEILIGD.read_text()).items() <= eigenschappen(regels).items()


def eigenschappen(tekst: str) -> dict[str, str]:
    """A properties file, in which the last of two lines counts."""
    regels = (r for r in tekst.splitlines() if r.strip() and not r.startswith("#"))
    return dict(regel.split("=", 1) for regel in regels)


# Secrets and databases


def test_geheimen_worden_eenmaal_gemaakt_en_kan_alleen_de_eigenaar_bereiken(tmp_path: Path) -> None:
    map_, compose = tmp_path / "geheim", Compose()
    assert maak_geheimen(compose, map_) == len(compose.geheimen)
    eerst = gelezen(map_)
    assert eerst.keys() - compose.geheimen.keys() == {TOKENSLEUTEL}
    assert len(set(eerst.values())) == len(eerst)
    for alleen_voor_de_eigenaar in (map_, map_ / TOKENSLEUTEL, map_ / UITGEVER):
        assert not stat.S_IMODE(alleen_voor_de_eigenaar.stat().st_mode) & 0o077
    vervangen = {"postgres-wijzigen", "kafka-wijzigen", "kafka-broker", "tls-postgres"}
    for naam in vervangen:
        (map_ / naam).unlink()
    assert maak_geheimen(compose, map_) == len(vervangen)
    weer = gelezen(map_)
    assert {naam for naam in eerst if eerst[naam] != weer[naam]} == vervangen


def gelezen(map_: Path) -> dict[str, bytes]:
    return {bestand.name: bestand.read_bytes() for bestand in map_.iterdir() if bestand.is_file()}


def test_geheimen_komen_niet_in_git_en_niet_in_een_beeld() -> None:
    (map_,) = {bestand.parent for bestand in Compose().geheimen.values()}
    buiten = subprocess.run(["git", "check-ignore", "-q", map_ / "jwks"], cwd=WORTEL, check=False)
    assert buiten.returncode == 0
    assert not any(kopie.is_relative_to(map_) for kopie in bouwbestanden())


def test_elke_dienst_komt_alleen_in_zijn_eigen_database(
    breekbare_postgres: PostgresServer, tmp_path: Path
) -> None:
    compose, url = Compose(), breekbare_postgres.url()
    maak_geheimen(compose, tmp_path)
    maak_databases(url, tmp_path)
    mag = "SELECT datname FROM pg_database WHERE has_database_privilege(%s, datname, 'CONNECT')"
    with psycopg.connect(url) as verbinding:
        for naam in ALLEN:
            assert verbinding.execute(f"{mag} AND datallowconn", (naam,)).fetchall() == [(naam,)]
        rechten = "SELECT bool_or(rolsuper OR rolcreaterole OR rolcreatedb) FROM pg_roles"
        assert verbinding.execute(f"{rechten} WHERE rolname <> 'postgres'").fetchone() == (False,)


# The Dockerfile


def stappen() -> Iterator[tuple[str, str]]:
    """Its instructions, each on one line."""
    tekst = re.sub(r"\\\n", " ", DOCKERFILE.read_text())
    for regel in tekst.splitlines():
        if regel and not regel.startswith("#"):
            woord, _, rest = regel.partition(" ")
            yield woord, " ".join(rest.split())


def bouwbestanden() -> Iterator[Path]:
    """What .dockerignore lets through."""
    regels = (WORTEL / ".dockerignore").read_text().splitlines()
    toegelaten = [regel[1:] for regel in regels if regel.startswith("!")]
    assert "*" in regels
    for naam in toegelaten:
        pad = WORTEL / naam
        yield from pad.rglob("*") if pad.is_dir() else [pad]


def test_de_basis_is_twee_keer_dezelfde_precieze_versie() -> None:
    basis = [rest.split()[0] for woord, rest in stappen() if woord == "FROM"]
    assert len(basis) == 2
    assert len(set(basis)) == 1
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", basis[0])
    oudste = tomllib.loads((WORTEL / "pyproject.toml").read_text())["project"]["requires-python"]
    assert basis[0].startswith(f"python:{oudste.removeprefix('>=')}.")  # what every test runs on


def test_het_beeld_draait_niet_als_root_en_stopt_netjes() -> None:
    alle = list(stappen())
    laatste = alle[max(n for n, (woord, _) in enumerate(alle) if woord == "FROM") :]
    einde = dict(laatste)
    gebruiker, groep = map(int, einde["USER"].split(":"))
    assert gebruiker > 1000
    assert groep > 1000
    assert einde["STOPSIGNAL"] == "SIGTERM"
    assert einde["ENTRYPOINT"].startswith('["')
    proef = 'CMD ["/opt/schakel/bin/python", "/opt/schakel/gezond.py"]'
    assert einde["HEALTHCHECK"].endswith(proef)
    assert "RUN" not in einde
    assert [rest for woord, rest in laatste if woord == "COPY"] == [
        "--from=bouw /opt/schakel /opt/schakel",
        "deploy/gezond.py /opt/schakel/gezond.py",
    ]


def test_het_beeld_wordt_gebouwd_met_de_uv_van_make_en_draagt_onze_versie() -> None:
    (uv,) = re.findall(r"^UV_VERSION := (\S+)$", (WORTEL / "Makefile").read_text(), re.MULTILINE)
    tekst = DOCKERFILE.read_text()
    assert f"uv=={uv}\n" in tekst
    assert f'org.opencontainers.image.version="{version("schakel-kern")}"' in tekst


@pytest.mark.parametrize("status", [200, 503])
def test_de_gezondheidsproef_gelooft_alleen_een_goed_antwoord_en_noemt_de_naam_van_de_dienst(
    status: int,
) -> None:
    gevraagd = []

    class Dienst(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gevraagd.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Dienst) as server:
        Thread(target=server.handle_request).start()
        omgeving = {
            "SCHAKEL_POORT": str(server.server_port),
            "SCHAKEL_PUBLIEKE_URL": "https://herstellen.example.nl/schakel",
        }
        proef = [sys.executable, "-I", WORTEL / "deploy" / "gezond.py"]
        gelopen = subprocess.run(proef, env=omgeving, check=False, capture_output=True)
    assert gelopen.returncode == (status != 200)
    assert gevraagd == [("/gezond", "herstellen.example.nl")]


@pytest.mark.traag
@pytest.mark.parametrize("dienst", ["uitvoeren", "cli"])
def test_wat_het_dockerfile_installeert_start_is_gezond_en_stopt(
    dienst: str, tmp_path: Path
) -> None:
    """The very commands of its first stage, on the very files that it gets."""
    bron, doel = tmp_path / "bron", tmp_path / "schakel"
    for bestand in bouwbestanden():
        if bestand.is_file() and "__pycache__" not in bestand.parts:
            kopie = bron / bestand.relative_to(WORTEL)
            kopie.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(bestand, kopie)
    omgeving = {naam: w for naam, w in os.environ.items() if naam != "VIRTUAL_ENV"}
    omgeving |= {
        "DIENST": dienst,
        "UV_PROJECT_ENVIRONMENT": str(doel),
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_SYSTEM_CERTS": "true",
    }
    for woord, rest in stappen():
        if woord == "RUN" and "$DIENST" in rest:
            opdracht = re.sub(r"--mount=\S+ ", "", rest).replace("/opt/schakel", str(doel))
            opdracht = re.sub(r"\buv sync", f"{_uv()} sync --quiet", opdracht)
            subprocess.run(["sh", "-euc", opdracht], cwd=bron, env=omgeving, check=True)
    # What compose.yaml asks for comes along: a bus and a database.
    subprocess.run([doel / "bin" / "python", "-c", "import aiokafka, psycopg"], check=True)
    start = doel / "bin" / "dienst"
    if dienst == "cli":
        zegt = subprocess.run([start, "--version"], check=True, capture_output=True, text=True)
        assert zegt.stdout == f"schakel {version('schakel-cli')}\n"
        return
    draait_en_is_gezond(start, bron / "deploy" / "gezond.py", tmp_path)


def draait_en_is_gezond(start: Path, proef: Path, map_: Path) -> None:
    omgeving = {
        "PATH": os.defpath,
        "SCHAKEL_HOST": "127.0.0.1",
        "SCHAKEL_POORT": str(_vrije_poort()),
        "SCHAKEL_GEGEVENSMAP": str(map_ / "gegevens"),
    }

    def is_gezond() -> bool:
        python = start.with_name("python")
        gelopen = subprocess.run([python, proef], env=omgeving, check=False, capture_output=True)
        return gelopen.returncode == 0

    with subprocess.Popen([start], env=omgeving, stderr=subprocess.DEVNULL) as proces:
        try:
            assert not is_gezond()
            tot = time.monotonic() + 30
            while not is_gezond():
                assert proces.poll() is None
                assert time.monotonic() < tot
            proces.terminate()
            assert proces.wait(15) == 0
        finally:
            proces.kill()
    assert not is_gezond()
