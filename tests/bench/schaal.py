"""How the work divides: 1, 2 and 4 partitions, and 1 or 2 processes of each service.

A backlog of meldingen that were taken in is worked off by processes that each run the three
services, in the way of ``vlot``. Nothing is asked of the one that is measured but its work.
"""

import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import msgspec
import psycopg

from .infra import Bus, Postgres
from .ketenmeting import DIENSTNAMEN, draai, start
from .ketenproces import Begin, Opzet, Werk
from .verslag import Cel, Uitkomst, mediaan, schone_map

OPSTELLINGEN = ((1, 1), (2, 1), (4, 1), (1, 2), (2, 2), (4, 2))
"""Partitions of each topic, and processes of each service."""
DEEL = 0.05
"""What is finished before this part and after the rest of it is not timed."""
GEDULD = 600.0
_AF = "SELECT count(*) FROM meldingen WHERE is_open = 0"


def _wacht_tot(kijker: "psycopg.Connection[Any]", aantal: int) -> float:
    """When so many were finished."""
    einde = time.monotonic() + GEDULD
    while kijker.execute(_AF).fetchall()[0][0] < aantal:
        if time.monotonic() > einde:
            raise RuntimeError("de achterstand wordt niet weggewerkt")
        time.sleep(0.05)
    return time.perf_counter()


def _werk_weg(
    pg: Postgres, bus: Bus, aantal: int, partities: int, replicas: int
) -> tuple[float, float]:
    """Finished per second, and the megabytes of a process when all is done."""
    urls = pg.voor(DIENSTNAMEN)
    oin = bus.organisatie(partities)
    with schone_map() as map_, ExitStack() as opruimen:
        draai(Opzet("vlot", str(map_), oin, urls, "", Begin(aantal)))
        werk = Opzet("vlot", str(map_), oin, urls, bus.adres, Werk())
        processen = [
            opruimen.enter_context(start(werk, stdin=subprocess.PIPE)) for _ in range(replicas)
        ]
        kijker = opruimen.enter_context(psycopg.connect(urls[DIENSTNAMEN[0]], autocommit=True))
        begin = _wacht_tot(kijker, round(aantal * DEEL))
        einde = _wacht_tot(kijker, round(aantal * (1 - DEEL)))
        _wacht_tot(kijker, aantal)
        megabytes = [
            msgspec.json.decode(proces.communicate()[0])["megabytes"] for proces in processen
        ]
    return aantal * (1 - 2 * DEEL) / (einde - begin), max(megabytes)


def meet_schaal(
    pg: Postgres,
    bus: Bus,
    aantal: int,
    rondes: int,
    opstellingen: Sequence[tuple[int, int]] = OPSTELLINGEN,
) -> Uitkomst:
    """Rounds in turn, each with fresh stores and topics."""
    gemeten: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for _ in range(rondes):
        for partities, replicas in opstellingen:
            een = _werk_weg(pg, bus, aantal, partities, replicas)
            gemeten.setdefault((partities, replicas), []).append(een)
    grond = gemeten[opstellingen[0]]
    rijen: list[dict[str, Cel]] = [
        {
            "wat": f"{partities} partities, {replicas} van elke dienst",
            "af per s": mediaan([per_s for per_s, _ in ronden]),
            "t.o.v. 1 en 1": _verhouding(ronden, grond),
            "MB per proces": mediaan([mb for _, mb in ronden]),
        }
        for (partities, replicas), ronden in gemeten.items()
    ]
    return Uitkomst(
        "schaal",
        "een achterstand van werkstroom 3 wegwerken, Kafka en PostgreSQL op dezelfde machine",
        rijen,
    )


def _verhouding(
    teller: Sequence[tuple[float, float]], noemer: Sequence[tuple[float, float]]
) -> float:
    return mediaan([a / b for (a, _), (b, _) in zip(teller, noemer, strict=True)])
