"""How files stand in a query."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from schakel.historie.sql import tekst

CSV = (
    "auto_detect = false, comment = '', compression = 'none', hive_partitioning = false,"
    " buffer_size = 8000000"
)
"""What holds for every CSV file; each that is open costs DuckDB a few of these buffers."""

EIGEN_CSV = f"{CSV}, header = false, delim = ',', quote = '\"', escape = '\"'"
"""How the files in the scratch folder are written."""

GLOBTEKENS = frozenset("*?[]{}")


def soorten(kolommen: Mapping[str, str]) -> str:
    """Columns with their types, as the readers of DuckDB want them."""
    return "{" + ", ".join(f"{tekst(k)}: {tekst(s)}" for k, s in kolommen.items()) + "}"


def teksten(kolommen: Iterable[str]) -> dict[str, str]:
    """Columns that are all text."""
    return dict.fromkeys(kolommen, "VARCHAR")


def leesbaar(pad: Path | str) -> str:
    """A path as text, also where its bytes are none."""
    return str(pad).encode("utf-8", "backslashreplace").decode()
