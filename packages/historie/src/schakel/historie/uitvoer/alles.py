"""Everything there is to write, in one folder."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from .ocel import schrijf_ocel
from .rapport import schrijf_rapport
from .tabellen import schrijf_csv, schrijf_parquet
from .xes import schrijf_xes


def schrijf_alles(
    db: DuckDBPyConnection,
    samenvatting: Mapping[str, Any],
    map_: Path,
    meld: Callable[[str], None] = lambda _: None,
) -> tuple[Path, ...]:
    """Write tables, logs and report; the report last, since it names the others.

    ``meld`` is told what is being written: of a large log that takes minutes.
    """
    map_.mkdir(parents=True, exist_ok=True)
    werk: Mapping[str, Callable[[], tuple[Path, ...]]] = {
        "tabellen als CSV": lambda: schrijf_csv(db, map_),
        "tabellen als Parquet": lambda: schrijf_parquet(db, map_),
        "log als XES": lambda: (schrijf_xes(db, map_ / "log.xes.gz"),),
        "log als OCEL": lambda: (schrijf_ocel(db, map_ / "log.ocel.json"),),
        "rapport": lambda: (schrijf_rapport(db, samenvatting, map_ / "rapport.html"),),
    }
    geschreven: list[Path] = []
    for naam, schrijf in werk.items():
        meld(f"{naam} schrijven")
        geschreven += schrijf()
    return tuple(geschreven)
