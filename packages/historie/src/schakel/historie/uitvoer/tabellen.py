"""The derivation as tables. DuckDB writes them itself: no row passes through Python."""

from collections.abc import Mapping
from pathlib import Path

from duckdb import DuckDBPyConnection

from .kolommen import AFWIJKINGEN, GESCHIEDENIS, KANDIDATEN, onschuldig, tijd
from .vervanging import ineens

_CSV = "FORMAT csv, HEADER"
_PARQUET = "FORMAT parquet, COMPRESSION zstd"

# Nested columns as text; the rest as it is.
_ALS_TEKST: Mapping[str, str] = {
    "zaken": (
        f"SELECT {onschuldig('zaak')} AS zaak, proces, werkstroom, {KANDIDATEN} AS kandidaten,"
        f" {GESCHIEDENIS} AS geschiedenis, woord, pad, compleet, {AFWIJKINGEN} AS afwijkingen,"
        f" status, uitkomst, {tijd('begin')} AS begin, {tijd('einde')} AS einde, duur_s, reden,"
        f" {onschuldig('kanaal')} AS kanaal FROM zaken ORDER BY zaken.zaak"
    ),
    "gebeurtenissen": (
        f"SELECT {onschuldig('zaak')} AS zaak, n, {tijd('tijdstip')} AS tijdstip, gebeurtenis,"
        " proces, naar, bijzonderheid, bestand, rij"
        " FROM gebeurtenissen ORDER BY gebeurtenissen.zaak, n"
    ),
}
_GENEST: Mapping[str, str] = {
    "zaken": "SELECT * FROM zaken ORDER BY zaak",
    "gebeurtenissen": "SELECT * FROM gebeurtenissen ORDER BY zaak, n",
}
_GEWEIGERD = (
    f"SELECT bestand, rij, reden, {onschuldig('inhoud')} AS inhoud FROM geweigerd"
    " ORDER BY bestand, rij, reden"
)


def schrijf_csv(db: DuckDBPyConnection, map_: Path) -> tuple[Path, ...]:
    """Write zaken.csv and gebeurtenissen.csv, for people and spreadsheets; times are UTC."""
    return _schrijf(db, {map_ / f"{naam}.csv": vraag for naam, vraag in _ALS_TEKST.items()}, _CSV)


def schrijf_parquet(db: DuckDBPyConnection, map_: Path) -> tuple[Path, ...]:
    """Write zaken.parquet and gebeurtenissen.parquet: the same with every type and nesting kept."""
    return _schrijf(db, {map_ / f"{naam}.parquet": v for naam, v in _GENEST.items()}, _PARQUET)


def schrijf_geweigerd(db: DuckDBPyConnection, pad: Path) -> tuple[Path, ...]:
    """Write the rows that could not be read, each with its reason, so that they can be mended."""
    return _schrijf(db, {pad: _GEWEIGERD}, _CSV)


def _schrijf(db: DuckDBPyConnection, vragen: Mapping[Path, str], vorm: str) -> tuple[Path, ...]:
    with ineens(*vragen) as tijdelijk:
        for pad, vraag in zip(tijdelijk, vragen.values(), strict=True):
            db.execute(f"COPY ({vraag}) TO ? ({vorm})", [str(pad)])
    return tuple(vragen)
