"""G12: werkstroom 3, finished meldingen per second: ours, and systems that others would take.

All keep the state of each of the five steps; ours also sends and receives over the bus, to three
services with a store each. Each is one Python process beside its servers, all on this machine.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from .infra import Bus, Postgres, vrije_poort
from .ketenmeting import NAMEN, draai, opzet
from .ketenproces import Gesloten, Soort
from .verslag import Cel, Toets, Uitkomst, mediaan, schone_map

TEMPORAL = "make bench bouwt de server waar Go is; of zet BENCH_TEMPORAL op het programma temporal"
TEGELIJK = 16
"""Workflows under way in a peer: more gave no more."""
DOELEN = {"spiff": 35.0, "dbos": 80.0, "temporal": 500.0}


def _peer(naam: str, waar: str, aantal: int, tegelijk: int) -> float:
    """Finished workflows per second, of a program that does so many."""
    opdracht = [sys.executable, "-m", f"tests.bench.peers.{naam}", waar, str(aantal), str(tegelijk)]
    gelopen = subprocess.run(opdracht, check=True, stdout=subprocess.PIPE, text=True)
    return aantal / float(json.loads(gelopen.stdout)["seconden"])


def temporal_programma() -> str | None:
    """The program of the dev server, where one is."""
    naast = Path(sys.executable).with_name("temporal")
    return os.environ.get("BENCH_TEMPORAL") or shutil.which(naast) or shutil.which("temporal")


@contextmanager
def temporal_server(programma: str, map_: Path) -> Iterator[str]:
    """A dev server with its state in a file: its address."""
    poort = vrije_poort()
    opdracht = [programma, "server", "start-dev", "--headless", "--ip", "127.0.0.1"]
    opties = ["--port", str(poort), "--db-filename", str(map_ / "temporal.db")]
    with (map_ / "log").open("wb") as log:
        proces = subprocess.Popen([*opdracht, *opties, "--log-level", "error"], stdout=log)
    try:
        _wacht_op(poort, proces)
        yield f"127.0.0.1:{poort}"
    finally:
        proces.terminate()
        proces.wait()


def _wacht_op(poort: int, proces: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        if proces.poll() is not None:
            raise RuntimeError("de server van Temporal is gestopt")
        with socket.socket() as contact:
            if contact.connect_ex(("127.0.0.1", poort)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("de server van Temporal antwoordt niet")


@dataclass(frozen=True)
class Gelijke:
    """Another system, and what has to be there to measure it."""

    wat: str
    module: str
    meet: Callable[[int], float] | None
    """So many of them; how many per second. None when its server is not there."""
    aanwijzing: str = "make bench installeert dit"

    @property
    def is_er(self) -> bool:
        """Whether it can be measured here."""
        return self.meet is not None and find_spec(self.module) is not None


def gelijken(opruimen: ExitStack, pg: Postgres, map_: Path) -> Mapping[str, Gelijke]:
    """By name; a server that one of them needs runs until ``opruimen``."""

    def spiff_in_map(aantal: int) -> float:
        with schone_map() as eigen:
            return _peer("spiff", str(eigen), aantal, 1)

    temporal = None
    if (programma := temporal_programma()) is not None:
        adres = opruimen.enter_context(temporal_server(programma, map_))
        temporal = partial(_peer, "temporal", adres, tegelijk=TEGELIJK)
    return {
        "spiff": Gelijke(
            "SpiffWorkflow 3.2, PostgreSQL",
            "SpiffWorkflow",
            lambda aantal: _peer("spiff", pg.leeg(), aantal, 1),
        ),
        "spiff-sqlite": Gelijke("SpiffWorkflow 3.2, SQLite", "SpiffWorkflow", spiff_in_map),
        "dbos": Gelijke(
            "DBOS 3.4, PostgreSQL",
            "dbos",
            lambda aantal: _peer("dbos", pg.leeg(), aantal, TEGELIJK),
        ),
        "temporal": Gelijke(
            "Temporal, dev server met bestand, local activities", "temporalio", temporal, TEMPORAL
        ),
    }


def meet_gelijken(
    pg: Postgres,
    bus: Bus,
    rondes: int,
    aantallen: Mapping[str, int],
    ons: Mapping[Soort, Gesloten],
) -> Uitkomst:
    """Rounds in turn, each in fresh stores and fresh topics."""
    gemeten: dict[str, list[float]] = {}
    with ExitStack() as opruimen:
        map_ = opruimen.enter_context(schone_map())
        anderen = gelijken(opruimen, pg, map_)
        for _ in range(rondes):
            for naam, een in anderen.items():
                if een.is_er and een.meet is not None:
                    gemeten.setdefault(naam, []).append(een.meet(aantallen[naam]))
            for soort, last in ons.items():
                per_seconde = draai(opzet(soort, pg, bus, str(map_), last)).per_seconde
                gemeten.setdefault(soort, []).append(per_seconde)
    wat = {naam: een.wat for naam, een in anderen.items()}
    wat |= {soort: f"ons, {NAMEN[soort]}" for soort in ons}
    rijen: list[dict[str, Cel]] = []
    for naam, omschrijving in wat.items():
        rij: dict[str, Cel] = {"wat": omschrijving}
        if naam in gemeten:
            rij["af per s"] = mediaan(gemeten[naam])
            rij |= {f"{een} / deze": _verhouding(gemeten[een], gemeten[naam]) for een in ons}
        else:
            rij["af per s"] = f"niet beschikbaar: {anderen[naam].aanwijzing}"
            rij |= {f"{een} / deze": "" for een in ons}
        rijen.append(rij)
    toetsen = [
        Toets(f"{soort} / {naam}", _verhouding(gemeten[soort], gemeten[naam]), ">=", doel)
        for soort in ons
        if soort != "los"
        for naam, doel in DOELEN.items()
        if naam in gemeten
    ]
    return Uitkomst("G12", "werkstroom 3, vijf stappen waarvan de staat bewaard is", rijen, toetsen)


def _verhouding(teller: Sequence[float], noemer: Sequence[float]) -> float:
    return mediaan([a / b for a, b in zip(teller, noemer, strict=True)])
