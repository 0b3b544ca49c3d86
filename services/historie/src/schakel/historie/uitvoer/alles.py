"""Everything there is to write, in one folder."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from .ocel import schrijf_ocel
from .rapport import schrijf_rapport
from .tabellen import schrijf_csv, schrijf_parquet
from .xes import schrijf_xes


def schrijf_alles(
    db: DuckDBPyConnection, samenvatting: Mapping[str, Any], map_: Path
) -> tuple[Path, ...]:
    """Write tables, logs and report; the report last, since it names the others."""
    map_.mkdir(parents=True, exist_ok=True)
    return (
        *schrijf_csv(db, map_),
        *schrijf_parquet(db, map_),
        schrijf_xes(db, map_ / "log.xes.gz"),
        schrijf_ocel(db, map_ / "log.ocel.json"),
        schrijf_rapport(db, samenvatting, map_ / "rapport.html"),
    )
