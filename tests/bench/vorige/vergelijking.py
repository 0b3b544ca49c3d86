"""This version beside the one before a change: processor time per event, in turns.

Each measurement is a process of its own (``rekentijd``) in the environment of one of the two;
they go alternately, a round begins with the one that the former round ended with.
"""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

import msgspec
from tests.bench.afleiding import maak_bomen
from tests.bench.infra import Bus, Postgres
from tests.bench.verslag import Cel, Toets, Uitkomst, mediaan, schone_map

from .rekentijd.plek import Plek

NIET_TRAGER_DAN = 0.97
RONDES_NAAST = 15


class Weg(NamedTuple):
    """One way to spend processor time, of which ``rekentijd`` knows how."""

    per: str
    aantal: int
    databases: int = 0


WEGEN: Mapping[str, Weg] = {
    "schrijven-sqlite": Weg("gebeurtenis", 80_000),
    "schrijven-postgres": Weg("gebeurtenis", 80_000, 1),
    "opdrachten-sqlite": Weg("opdracht", 4_000),
    "opdrachten-postgres": Weg("opdracht", 4_000, 1),
    "deur": Weg("opdracht", 1_200),
    "inbox": Weg("bericht", 0, 1),
    "relais": Weg("bericht", 0),
    "afleiding": Weg("bericht", 500_000),
    "ingebed": Weg("bericht", 150),
    "vlot": Weg("opdracht", 800, 3),
}
GEVER = Weg("melding", 10_000, 3)
"""What ``inbox`` and ``relais`` read."""


@dataclass(frozen=True)
class Versie:
    """A folder with the tree of a version, and the interpreter that it was installed for."""

    naam: str
    wortel: Path
    python: Path

    def meet(self, plek: Plek, ronde: int) -> float:
        """Microseconds per event."""
        # Both start with the same hashes, so that not one of them has a lucky order.
        pad = os.pathsep.join([plek.wortel, str(Path(__file__).parent)])
        omgeving = {"PYTHONPATH": pad, "PYTHONHASHSEED": str(ronde)}
        with Path(plek.map, "log").open("w+b") as log:
            gelopen = subprocess.run(
                [self.python, "-P", "-m", "rekentijd", msgspec.json.encode(plek).decode()],
                cwd=plek.map,
                env=os.environ | omgeving,
                stdout=subprocess.PIPE,
                stderr=log,
                check=False,
            )
            if gelopen.returncode:
                log.seek(0)
                raise RuntimeError(f"{self.naam}, {plek.weg}: {log.read()[-4_000:].decode()}")
        return float(gelopen.stdout)


def versies(basis: Path) -> tuple[Versie, Versie]:
    """The former one, from a worktree where ``make install`` was done, and this one."""
    vorige = Versie("vorige", basis.resolve(), basis.resolve() / ".venv" / "bin" / "python")
    if not vorige.python.exists():
        raise FileNotFoundError(f"{vorige.python} is er niet: doe daar eerst make install")
    return vorige, Versie("deze", Path(__file__).parents[3], Path(sys.executable))


@dataclass(frozen=True)
class Meetplaats:
    """Where both measure: stores of their own on the same servers, and the same trees."""

    pg: Postgres
    bus: Bus
    bomen: Path
    deel: float
    """Of the full size."""

    @contextmanager
    def plek(self, versie: Versie, naam: str, weg: Weg, gever: str = "") -> Iterator[Plek]:
        """Fresh, and gone afterwards unless it is what others read."""
        databases = [self.pg.leeg() for _ in range(weg.databases)]
        with schone_map() as map_:
            yield Plek(
                str(versie.wortel),
                naam,
                max(1, int(weg.aantal * self.deel)),
                str(map_.resolve()),
                databases,
                gever,
                self.bus.adres if naam == "vlot" else "",
                self.bus.organisatie() if naam == "vlot" else "",
                str(self.bomen),
            )
        if weg is not GEVER:
            self.pg.verwijder(databases)

    def geef(self, versie: Versie) -> str:
        """The database of a first service with a history, written by this version."""
        with self.plek(versie, "gever", GEVER) as plek:
            versie.meet(plek, 0)
        return plek.databases[0]


def meet_vorige(
    pg: Postgres,
    bus: Bus,
    beide: Sequence[Versie],
    rondes: int,
    wegen: Sequence[str],
    eisen: Mapping[str, float],
    deel: float = 1.0,
) -> Uitkomst:
    """The ratio is taken within a round; above one is faster than the former version.

    ``eisen`` is how much faster a way was to become; of the others none may be slower.
    """
    gemeten: Mapping[str, Mapping[str, list[float]]] = {
        naam: {versie.naam: [] for versie in beide} for naam in wegen
    }
    with schone_map() as map_:
        bomen = map_.resolve() / "bomen"
        bomen.write_bytes(msgspec.msgpack.encode(maak_bomen(int(50_000 * deel), Random(1))))
        plaats = Meetplaats(pg, bus, bomen, deel)
        gevers = {versie.naam: plaats.geef(versie) for versie in beide}
        for ronde in range(rondes):
            for naam, per_versie in gemeten.items():
                for versie in beide if ronde % 2 == 0 else reversed(beide):
                    with plaats.plek(versie, naam, WEGEN[naam], gevers[versie.naam]) as plek:
                        per_versie[versie.naam].append(versie.meet(plek, ronde))
    rijen: list[dict[str, Cel]] = []
    toetsen: list[Toets] = []
    for naam, per_versie in gemeten.items():
        vorige, deze = per_versie.values()
        onder, midden, boven = kwartielen([a / b for a, b in zip(vorige, deze, strict=True)])
        rijen.append(
            {
                "wat": naam,
                "us per": WEGEN[naam].per,
                "vorige": mediaan(vorige),
                "deze": mediaan(deze),
                "kwart": onder,
                "deze / vorige": midden,
                "driekwart": boven,
            }
        )
        toetsen.append(Toets(naam, midden, ">=", eisen.get(naam, NIET_TRAGER_DAN)))
    titel = f"rekentijd naast die van de vorige versie, {rondes} rondes"
    return Uitkomst("vorige", titel, rijen, toetsen)


def kwartielen(waarden: Sequence[float]) -> tuple[float, float, float]:
    """What a quarter, half and three quarters of them stay at or under."""
    if len(waarden) == 1:
        return waarden[0], waarden[0], waarden[0]
    onder, midden, boven = statistics.quantiles(waarden, n=4, method="inclusive")
    return onder, midden, boven
