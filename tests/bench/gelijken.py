"""G12: werkstroom 3, finished meldingen per second: ours, and systems that others would take.

They keep the state of each step, five as our stretches and twenty-five as our commands; ours also
sends and receives over the bus, to three services with a store each. Each is one Python process
beside its servers, all on this machine.
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

from .gang import OPDRACHTEN
from .infra import Bus, Postgres, vrije_poort
from .ketenmeting import NAMEN, draai, opzet
from .ketenproces import Gesloten, Soort
from .peers.stap import WEG
from .verslag import Cel, Toets, Uitkomst, mediaan, schone_map

TEMPORAL = "make bench bouwt de server waar Go is; of zet BENCH_TEMPORAL op het programma temporal"
TEGELIJK = 16
"""Workflows under way in a peer: more gave no more."""
STUKKEN = len(WEG)
DOELEN = {
    STUKKEN: {"spiff": 35.0, "dbos": 80.0, "temporal": 500.0},
    OPDRACHTEN: {"spiff": 5.0, "dbos": 15.0, "temporal": 15.0},
}
"""By the steps of the peer: how many of ours should be finished for one of theirs."""
ALS_DOEL: Mapping[Soort, int] = {"kaal": STUKKEN, "vlot": STUKKEN, "los": OPDRACHTEN}
"""How often ours waits for the disk, and so beside which peer its goal stands."""


def _peer(naam: str, waar: str, aantal: int, stappen: int, tegelijk: int = TEGELIJK) -> float:
    """Finished workflows per second, of a program that does so many of so many steps."""
    opdracht = [sys.executable, "-m", f"tests.bench.peers.{naam}", waar]
    opdracht += [str(getal) for getal in (aantal, tegelijk, stappen)]
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
    meet: Callable[[int, int], float] | None
    """So many of them, of so many steps; how many per second. None when its server is not there."""
    aanwijzing: str = "make bench installeert dit"

    @property
    def is_er(self) -> bool:
        """Whether it can be measured here."""
        return self.meet is not None and find_spec(self.module) is not None


def gelijken(opruimen: ExitStack, pg: Postgres, map_: Path) -> Mapping[str, Gelijke]:
    """By name; a server that one of them needs runs until ``opruimen``."""

    def spiff_in_map(aantal: int, stappen: int) -> float:
        with schone_map() as eigen:
            return _peer("spiff", str(eigen), aantal, stappen, 1)

    temporal = None
    if (programma := temporal_programma()) is not None:
        adres = opruimen.enter_context(temporal_server(programma, map_))
        temporal = partial(_peer, "temporal", adres)
    return {
        "spiff": Gelijke(
            "SpiffWorkflow 3.2, PostgreSQL",
            "SpiffWorkflow",
            lambda aantal, stappen: _peer("spiff", pg.leeg(), aantal, stappen, 1),
        ),
        "spiff-sqlite": Gelijke("SpiffWorkflow 3.2, SQLite", "SpiffWorkflow", spiff_in_map),
        "dbos": Gelijke(
            "DBOS 3.4, PostgreSQL",
            "dbos",
            lambda aantal, stappen: _peer("dbos", pg.leeg(), aantal, stappen),
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
    gemeten: dict[Soort | tuple[str, int], list[float]] = {}
    with ExitStack() as opruimen:
        map_ = opruimen.enter_context(schone_map())
        anderen = gelijken(opruimen, pg, map_)
        for _ in range(rondes):
            for naam, een in anderen.items():
                for stappen in DOELEN if een.is_er and een.meet is not None else ():
                    aantal = max(1, aantallen[naam] * STUKKEN // stappen)
                    gemeten.setdefault((naam, stappen), []).append(een.meet(aantal, stappen))
            for soort, last in ons.items():
                per_seconde = draai(opzet(soort, pg, bus, str(map_), last)).per_seconde
                gemeten.setdefault(soort, []).append(per_seconde)

    def naast(soort: Soort, naam: str, stappen: int) -> float:
        return _verhouding(gemeten[soort], gemeten[naam, stappen])

    rijen: list[dict[str, Cel]] = []
    for naam, een in anderen.items():
        for stappen in DOELEN:
            is_er = (naam, stappen) in gemeten
            rij: dict[str, Cel] = {"wat": f"{een.wat}, {stappen} stappen"}
            rij["af per s"] = (
                mediaan(gemeten[naam, stappen]) if is_er else f"niet beschikbaar: {een.aanwijzing}"
            )
            for soort in ons:
                # No more than five events in all: that says nothing beside twenty-five.
                telt = is_er and (soort != "kaal" or stappen == STUKKEN)
                rij[f"{soort} / deze"] = naast(soort, naam, stappen) if telt else ""
            rijen.append(rij)
    for soort in ons:
        zelf: dict[str, Cel] = {"wat": f"ons, {NAMEN[soort]}", "af per s": mediaan(gemeten[soort])}
        zelf |= {f"{een} / deze": _verhouding(gemeten[een], gemeten[soort]) for een in ons}
        rijen.append(zelf)
    toetsen = [
        Toets(f"{soort} / {naam}, {stappen} stappen", naast(soort, naam, stappen), ">=", doel)
        for soort, stappen in ALS_DOEL.items()
        for naam, doel in DOELEN[stappen].items()
        if soort in ons and (naam, stappen) in gemeten
    ]
    titel = "werkstroom 3, met zoveel stappen waarvan de staat bewaard is"
    return Uitkomst("G12", titel, rijen, toetsen)


def _verhouding(teller: Sequence[float], noemer: Sequence[float]) -> float:
    return mediaan([a / b for a, b in zip(teller, noemer, strict=True)])
