"""G13: the chain of werkstroom 3 over Kafka and PostgreSQL: how fast, and how much it bears.

Broker, database server and the chain (three services in one process) share this machine.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from .gang import DIENSTEN
from .infra import Bus, Postgres
from .ketenproces import Begin, Gesloten, Opbrengst, Open, Opzet, Soort, Werk
from .verslag import Cel, Toets, Uitkomst, mediaan, percentiel, schone_map

NAMEN: dict[Soort, str] = {
    "kaal": "kaal: vijf stappen zonder domein",
    "vlot": "diensten: elk van de vijf stukken in een transactie",
    "los": "diensten: elk van de 25 opdrachten apart",
}
DIENSTNAMEN = [omschrijving.proces.value for omschrijving in DIENSTEN]


@dataclass(frozen=True)
class Maat:
    """How much is measured."""

    rondes: int
    gesloten: Mapping[Soort, Gesloten]
    seconden: float
    warm: float
    tempo: Sequence[int] = (200, 1_000)


def opzet(
    soort: Soort, pg: Postgres, bus: Bus, map_: str, last: Begin | Gesloten | Open | Werk
) -> Opzet:
    """Fresh stores and fresh topics."""
    stores = pg.voor(DIENSTNAMEN, kaal=soort == "kaal")
    return Opzet(soort, map_, bus.organisatie(), stores, bus.adres, last)


def start(opzet: Opzet, stdin: int | None = None) -> "subprocess.Popen[bytes]":
    """The chain in a process of its own."""
    opdracht = [
        sys.executable,
        "-m",
        "tests.bench.ketenproces",
        msgspec.json.encode(opzet).decode(),
    ]
    return subprocess.Popen(opdracht, stdin=stdin, stdout=subprocess.PIPE)


def draai(opzet: Opzet) -> Opbrengst:
    """Run it to its end."""
    with start(opzet) as proces:
        uit, _ = proces.communicate()
    if proces.returncode:
        raise RuntimeError("de keten is niet tot het eind gekomen")
    return msgspec.json.decode(uit, type=Opbrengst)


def rij(wat: str, ronden: Sequence[Opbrengst]) -> dict[str, Cel]:
    """Medians over the rounds."""
    return {
        "wat": wat,
        "af per s": mediaan([r.per_seconde for r in ronden]),
        "p50 in ms": mediaan([percentiel(r.wachttijden, 0.5) for r in ronden]),
        "p99 in ms": mediaan([percentiel(r.wachttijden, 0.99) for r in ronden]),
        "rekentijd in us": mediaan([r.rekentijd / r.gedaan * 1e6 for r in ronden]),
        "MB": mediaan([r.megabytes for r in ronden]),
    }


def meet_keten(pg: Postgres, bus: Bus, maat: Maat) -> Uitkomst:
    """Every kind of chain, at a given pace and as fast as it goes; rounds in turn."""
    gemeten: dict[tuple[Soort, int], list[Opbrengst]] = {}
    with schone_map() as map_:
        for _ in range(maat.rondes):
            for soort in maat.gesloten:
                for tempo in (*maat.tempo, 0):
                    last = Open(tempo, maat.seconden, maat.warm) if tempo else maat.gesloten[soort]
                    opbrengst = draai(opzet(soort, pg, bus, str(map_), last))
                    gemeten.setdefault((soort, tempo), []).append(opbrengst)
    rijen = [
        rij(f"{NAMEN[soort]}, {f'{tempo}/s' if tempo else 'zo snel het gaat'}", ronden)
        for (soort, tempo), ronden in gemeten.items()
    ]
    return Uitkomst("G13", "werkstroom 3 over Kafka en PostgreSQL", rijen, _toetsen(gemeten))


def _toetsen(gemeten: dict[tuple[Soort, int], list[Opbrengst]]) -> list[Toets]:
    grenzen = {200: (35.0, 80.0), 1_000: (90.0, None)}
    toetsen = []
    for (soort, tempo), ronden in gemeten.items():
        if soort == "los":
            continue
        cijfers = rij("", ronden)
        if not tempo:
            toetsen.append(
                Toets(f"{soort}, zo snel het gaat: per s", float(cijfers["af per s"]), ">=", 5_500)
            )
            continue
        p50, p99 = grenzen.get(tempo, (None, None))
        for naam, grens in (("p50 in ms", p50), ("p99 in ms", p99)):
            if grens is not None:
                toetsen.append(
                    Toets(f"{soort}, {tempo}/s: {naam}", float(cijfers[naam]), "<=", grens)
                )
    return toetsen
