"""Names and values as they stand in a query: a view takes no parameters."""

from collections.abc import Iterable
from pathlib import Path


def naam(kolom: str) -> str:
    """A name between double quotes, whatever is in it."""
    return '"' + kolom.replace('"', '""') + '"'


def namen(kolommen: Iterable[str]) -> str:
    """Names for a select list."""
    return ", ".join(map(naam, kolommen))


def tekst(waarde: str | Path) -> str:
    """A value between single quotes."""
    return "'" + str(waarde).replace("'", "''") + "'"


def lijst(waarden: Iterable[str]) -> str:
    """Values between brackets, of which there must be one."""
    return f"({', '.join(map(tekst, waarden))})"
