"""A log of a few rows, a mapping of a few rules, and what comes of it."""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from schakel.historie.analyse import Loganalyse, analyseer
from schakel.historie.mapping import Mapping as Mappingmodel

WORTEL = Path(__file__).parents[2]
DATA = WORTEL / ".." / "shared" / "data"
KOP = """
[zaak]
sleutel = "zaak"
[tijd]
kolom = "tijd"
zone = "UTC"
"""
VELDEN = (
    "zaak, proces, werkstroom, kandidaten, woord, pad, status, uitkomst, reden, begin, einde,"
    " kanaal,"
    " list_transform(geschiedenis, lambda x: [x.werkstroom, x.rij]) AS geschiedenis,"
    " list_transform(afwijkingen, lambda x: x.code) AS afwijkingen"
)


def mapping(regels: str, kop: str = KOP) -> Mappingmodel:
    return Mappingmodel.model_validate(tomllib.loads(kop + regels))


def schrijf(pad: Path, rijen: Iterable[Mapping[str, Any]]) -> Path:
    """A CSV with the columns of the first row."""
    rijen = list(rijen)
    with pad.open("w", newline="") as bestand:
        schrijver = csv.DictWriter(bestand, list(rijen[0]), restval="")
        schrijver.writeheader()
        schrijver.writerows(rijen)
    return pad


def verloop(*stappen: str, zaak: str = "Z1") -> list[dict[str, str]]:
    """One case of which these activities follow each other by the minute."""
    return [
        {"zaak": zaak, "tijd": f"2026-01-01T10:{minuut:02}:00Z", "wat": wat}
        for minuut, wat in enumerate(stappen)
    ]


@contextmanager
def geanalyseerd(
    map_: Path, rijen: Sequence[Mapping[str, Any]], regels: str, kop: str = KOP
) -> Iterator[Loganalyse]:
    log = schrijf(map_ / "log.csv", rijen)
    with analyseer([log], mapping(regels, kop)) as analyse:
        yield analyse


def zaken(map_: Path, rijen: Sequence[Mapping[str, Any]], regels: str, kop: str = KOP) -> list[Any]:
    """Every case, by its key."""
    with geanalyseerd(map_, rijen, regels, kop) as analyse:
        return alle(analyse)


def alle(analyse: Loganalyse) -> list[dict[str, Any]]:
    gevraagd = analyse.db.execute(f"SELECT {VELDEN} FROM zaken ORDER BY zaak")
    namen = [kolom[0] for kolom in gevraagd.description]
    return [dict(zip(namen, rij, strict=True)) for rij in gevraagd.fetchall()]
