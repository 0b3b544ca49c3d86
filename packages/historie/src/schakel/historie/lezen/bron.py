"""What goes into the reading of a source, and what comes out of it."""

from dataclasses import dataclass, field
from pathlib import Path

NUMMERING = ("_bestand", "_rij")
"""Columns that the view adds; a file may not have them itself."""

MEESTE_BYTES = 50 * 10**9


@dataclass(frozen=True)
class Leesopties:
    """What the asker says about the files; what is not said is found out from the file."""

    scheiding: str | None = None
    codering: str | None = None
    objecttype: str | None = None
    meeste_bytes: int = MEESTE_BYTES
    keur: bool = True
    """Whether every row is read right away, so that no later query can stumble over one."""
    tijdelijk: Path = field(kw_only=True)


@dataclass(frozen=True)
class Bron:
    """A view in DuckDB on one or more files, and the table of the rows that are not in it.

    Every column is VARCHAR, and an empty value is NULL, whatever the format.
    """

    tabel: str
    kolommen: tuple[str, ...]
    bestanden: tuple[str, ...]
    geweigerd: str
    op_volgorde: bool
    """Whether the rows come out in the order of their numbers: 1, 2, 3 in each file."""


@dataclass(frozen=True)
class Invoerbestand:
    """A file that is not packed (any more), under the name by which the asker knows it."""

    naam: str
    pad: Path
    soortnaam: str


@dataclass(frozen=True)
class Bestandsdeel:
    """One file as a query that gives its columns and ``_rij``.

    ``vast``: the file itself lists its columns. Where it does not, a column that never occurs is
    no more than an attribute that nothing had. ``op_volgorde``: its rows come in the order of
    ``_rij``, and none is missing.
    """

    naam: str
    kolommen: tuple[str, ...]
    sql: str
    vast: bool = True
    op_volgorde: bool = False
