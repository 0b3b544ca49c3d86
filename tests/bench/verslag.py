"""What a benchmark reports: figures, and how far they are from what was aimed at."""

import os
import platform
import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

Cel = str | int | float


@dataclass(frozen=True)
class Toets:
    """One goal: ``waarde`` should be at least or at most ``grens``."""

    naam: str
    waarde: float
    eis: Literal[">=", "<="]
    grens: float

    @property
    def gehaald(self) -> bool:
        """Whether it was reached in this run."""
        return self.waarde >= self.grens if self.eis == ">=" else self.waarde <= self.grens


@dataclass(frozen=True)
class Uitkomst:
    """One benchmark: a table of figures, and the goals that they were measured for."""

    doel: str
    titel: str
    rijen: Sequence[Mapping[str, Cel]]
    toetsen: Sequence[Toets] = field(default=())

    def als_json(self) -> dict[str, Any]:
        """All of it, with whether each goal was reached."""
        toetsen = [asdict(toets) | {"gehaald": toets.gehaald} for toets in self.toetsen]
        return {"doel": self.doel, "titel": self.titel, "rijen": self.rijen, "toetsen": toetsen}


def mediaan(waarden: Sequence[float]) -> float:
    """The middle one: one bad round does not count."""
    return statistics.median(waarden)


def percentiel(waarden: Sequence[float], deel: float) -> float:
    """What ``deel`` of the values stays at or under."""
    return sorted(waarden)[min(len(waarden) - 1, int(len(waarden) * deel))]


def toon(uitkomst: Uitkomst, scherm: Console) -> None:
    """A table for people."""
    tabel = Table(title=f"{uitkomst.doel}: {uitkomst.titel}", title_justify="left")
    for naam in uitkomst.rijen[0]:
        tabel.add_column(naam, justify="left" if naam == "wat" else "right")
    for rij in uitkomst.rijen:
        tabel.add_row(*(_tekst(waarde) for waarde in rij.values()))
    scherm.print(tabel)
    for toets in uitkomst.toetsen:
        kleur = "green" if toets.gehaald else "yellow"
        oordeel = "gehaald" if toets.gehaald else "niet gehaald"
        waarde, grens = _tekst(toets.waarde), _tekst(toets.grens)
        scherm.print(f"  [{kleur}]{toets.naam}: {waarde} ({toets.eis} {grens}: {oordeel})[/]")
    scherm.print()


def _tekst(waarde: Cel) -> str:
    if isinstance(waarde, str):
        return waarde
    return f"{waarde:,.0f}" if abs(waarde) >= 1000 else f"{waarde:,.4g}"


def machine() -> dict[str, Any]:
    """What matters of where this ran, without saying where."""
    belasting = os.getloadavg()[0] if hasattr(os, "getloadavg") else -1.0
    return {
        "python": platform.python_version(),
        "kernen": os.cpu_count() or 1,
        "belastingVooraf": round(belasting, 2),
    }


@contextmanager
def schone_map() -> Iterator[Path]:
    """A folder on a real disk: what /tmp is on many machines would make every fsync free.

    With a master key for who keeps its store on PostgreSQL: always the same, so that a store that
    was filled from one folder opens from another.
    """
    waar = os.environ.get("BENCH_MAP", ".")
    with tempfile.TemporaryDirectory(prefix=".bench-", dir=waar) as map_:
        sleutel = Path(map_, "sleutel")
        sleutel.write_bytes(bytes(32))
        sleutel.chmod(0o600)
        yield Path(map_)
