"""G10: what the store costs behind HTTP, against the same door with no store behind it."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from schakel.skelet.overzicht import TABELLEN

from .belasting import Opbrengst, belast, verzoek
from .infra import Postgres
from .server import GEEN
from .verslag import Cel, Toets, Uitkomst, mediaan, schone_map

VERBINDINGEN = 64
INTAKE = json.dumps(
    {
        "dienst": "verlichting",
        "kanaal": "web",
        "melder": {"soort": "burger", "naam": "Jo Proef", "contact": "jo@proef.example"},
        "tekst": "De lamp op de hoek brandt al een week niet meer. " * 3,
    }
).encode()
MANIEREN = {
    GEEN: "zonder opslag",
    "sqlite": "ons, duurzaam in SQLite",
    "postgres": "ons, duurzaam in PostgreSQL",
}


@dataclass
class Ronde:
    """One way, one kind of command, one round."""

    opbrengst: Opbrengst
    rekentijd: float
    """Processor time of the server in microseconds per request; 0 where /proc is not."""


@contextmanager
def server(opslag: str, map_: Path) -> Iterator[tuple[int, int]]:
    """The service in a process of its own: its port and process id."""
    with (map_ / "log").open("wb") as log:
        proces = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.server", opslag, str(map_)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert proces.stdin is not None
        assert proces.stdout is not None
        try:
            regel = proces.stdout.readline()
            if not regel:
                raise RuntimeError((map_ / "log").read_text())
            yield int(regel), proces.pid
        finally:
            proces.stdin.close()
            proces.wait()
            proces.stdout.close()


def ronde(opslag: str, aantal: int, toeval: Random) -> dict[str, Ronde]:
    """Intake, and then a step on each melding that came of it."""
    with schone_map() as map_, server(opslag, map_) as (poort, pid):

        def stuur(paden: list[str], inhoud: bytes) -> Ronde:
            verzoeken = [verzoek(pad, f"{toeval.getrandbits(128):x}", inhoud) for pad in paden]
            begin = _rekentijd(pid)
            opbrengst = asyncio.run(belast(poort, verzoeken, VERBINDINGEN))
            if opbrengst.fouten:
                raise RuntimeError(opbrengst.fouten[0].decode())
            return Ronde(opbrengst, (_rekentijd(pid) - begin) / len(paden) * 1e6)

        stuur(["/meldingen"] * min(aantal, 300), INTAKE)  # warm
        intake = stuur(["/meldingen"] * aantal, INTAKE)
        nummers = [json.loads(inhoud)["meldingId"] for inhoud in intake.opbrengst.inhoud]
        stap = stuur([f"/meldingen/{id_}/verhelderingen" for id_ in nummers], b"{}")
    return {"intake": intake, "stap": stap}


def meet_deur(pg: Postgres, aantal: int, rondes: int, toeval: Random) -> Uitkomst:
    """The ways in turn, each in a fresh store; the ratio is taken within a round."""

    def meet(manier: str) -> dict[str, Ronde]:
        opslag = pg.met(TABELLEN) if manier == "postgres" else manier
        return ronde(opslag, aantal, toeval)

    gemeten = [{manier: meet(manier) for manier in MANIEREN} for _ in range(rondes)]
    rijen: list[dict[str, Cel]] = []
    toetsen: list[Toets] = []
    for soort in ("intake", "stap"):
        per_manier = {manier: [een[manier][soort] for een in gemeten] for manier in MANIEREN}
        for manier, ronden in per_manier.items():
            rijen.append(
                {
                    "wat": f"{soort}, {MANIEREN[manier]}",
                    "per s": mediaan([r.opbrengst.per_seconde for r in ronden]),
                    "p50 in ms": mediaan([r.opbrengst.percentiel(0.5) for r in ronden]),
                    "p99 in ms": mediaan([r.opbrengst.percentiel(0.99) for r in ronden]),
                    "rekentijd in us": mediaan([r.rekentijd for r in ronden]),
                }
            )
        for manier in ("sqlite", "postgres"):
            paren = zip(per_manier[manier], per_manier[GEEN], strict=True)
            verhouding = mediaan(
                [een.opbrengst.per_seconde / ander.opbrengst.per_seconde for een, ander in paren]
            )
            p99 = mediaan([r.opbrengst.percentiel(0.99) for r in per_manier[manier]])
            toetsen += [
                Toets(f"{soort}: {manier} / zonder opslag", verhouding, ">=", 0.9),
                Toets(f"{soort}: {manier}, p99 in ms", p99, "<=", 20),
            ]
    return Uitkomst("G10", "HTTP POST, 64 verbindingen, een werker", rijen, toetsen)


def _rekentijd(pid: int) -> float:
    """Seconds of processor time that a process has used, in user and system together."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    velden = stat.read_text().rpartition(")")[2].split()
    return (int(velden[11]) + int(velden[12])) / os.sysconf("SC_CLK_TCK")
