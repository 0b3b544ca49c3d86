"""What kind of file this is: its first bytes say it, and its name where they do not."""

from collections.abc import Mapping
from enum import Enum

from .bron import Invoerbestand
from .fout import Bestandsfout


class Soort(Enum):
    """The formats that can be read."""

    CSV = "csv"
    PARQUET = "parquet"
    XES = "xes"
    OCEL_JSON = "ocel-json"
    OCEL_SQLITE = "ocel-sqlite"


GZIP = b"\x1f\x8b"
ZIP = b"PK\x03\x04"
LEGE_ZIP = b"PK\x05\x06"
TEKSTNAMEN = (".csv", ".tsv", ".txt")
_EXCEL = b"\xd0\xcf\x11\xe0"
_MERKEN: Mapping[bytes, Soort] = {
    b"PAR1": Soort.PARQUET,
    b"SQLite format 3\0": Soort.OCEL_SQLITE,
}
_NAMEN: Mapping[tuple[str, ...], Soort] = {
    TEKSTNAMEN: Soort.CSV,
    (".parquet",): Soort.PARQUET,
    (".xes",): Soort.XES,
    (".json", ".jsonocel"): Soort.OCEL_JSON,
    (".sqlite", ".sqlite3"): Soort.OCEL_SQLITE,
}
_TEKENS = {b"<": Soort.XES, b"{": Soort.OCEL_JSON}
_BOM = b"\xef\xbb\xbf\xff\xfe"


def soort_van(invoer: Invoerbestand) -> Soort:
    """A mark in the file counts for more than its name."""
    with invoer.pad.open("rb") as bestand:
        begin = bestand.read(512)
    if begin.startswith(_EXCEL):
        raise excel(invoer.naam)
    if begin.startswith((GZIP, ZIP)):
        raise Bestandsfout(
            "dubbel-ingepakt", invoer.naam, "dit zit twee keer ingepakt; pak het eerst zelf uit"
        )
    for merk, soort in _MERKEN.items():
        if begin.startswith(merk):
            return soort
    for achtervoegsels, soort in _NAMEN.items():
        if invoer.soortnaam.lower().endswith(achtervoegsels):
            return soort
    return _TEKENS.get(begin.lstrip(_BOM).lstrip(b"\0 \t\r\n")[:1], Soort.CSV)


def excel(naam: str) -> Bestandsfout:
    """The most common mistake deserves its own words."""
    return Bestandsfout(
        "excel", naam, "dit is een Excel-bestand; bewaar het blad als CSV (UTF-8) en geef dat"
    )
