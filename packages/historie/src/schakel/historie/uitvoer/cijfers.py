"""The figures of the report, each added up by DuckDB: no zaak passes through Python."""

from collections import Counter
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

MEESTE_PERIODEN = 40

# Units in months. Counted from the year 0, a month divided by it is the number of the period.
_EENHEDEN: Mapping[str, int] = {
    "maand": 1,
    "kwartaal": 3,
    "jaar": 12,
    "decennium": 120,
    "eeuw": 1200,
}
_MAANDEN = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")


@dataclass(frozen=True)
class Kern:
    """What can be said of all zaken together; days are those of UTC."""

    eerste_dag: str | None
    laatste_dag: str | None
    afgerond: int
    compleet: int
    met_afwijking: int
    mediaan: float | None


@dataclass(frozen=True)
class Periode:
    """How many zaken that began in a period followed each werkstroom; None is undecided."""

    naam: str
    sluit_aan: bool
    aantallen: Mapping[int | None, int]

    @property
    def totaal(self) -> int:
        """All that began in it."""
        return sum(self.aantallen.values())


@dataclass(frozen=True)
class Verloop:
    """Periods of one unit in which anything began, in order."""

    eenheid: str
    perioden: tuple[Periode, ...]
    zonder_begin: int


@dataclass(frozen=True)
class Duur:
    """How long zaken of a werkstroom took, in seconds."""

    werkstroom: int | None
    aantal: int
    p25: float
    mediaan: float
    p75: float
    p90: float


@dataclass(frozen=True)
class Overdrachtscijfer:
    """How often one process handed over to another; None when the log does not tell which."""

    van: str | None
    naar: str | None
    aantal: int


def kern(db: DuckDBPyConnection) -> Kern:
    """The key figures that the summary does not have."""
    rijen = db.execute(
        "SELECT strftime(min(begin) FILTER (isfinite(begin)), '%d-%m-%Y'),"
        " strftime(max(laatste) FILTER (isfinite(laatste)), '%d-%m-%Y'),"
        " count(einde), count(*) FILTER (werkstroom IS NOT NULL AND compleet),"
        " count(*) FILTER (len(afwijkingen) > 0),"
        " median(duur_s) FILTER (isfinite(duur_s) AND duur_s >= 0)"
        " FROM (SELECT *, coalesce(einde, begin) AS laatste FROM zaken)"
    ).fetchall()
    return Kern(*rijen[0])


def verloop(db: DuckDBPyConnection) -> Verloop:
    """Werkstromen over time, in the finest unit that gives few enough periods to draw."""
    rijen = db.execute(
        "SELECT year(begin) * 12 + month(begin) - 1 AS maand, werkstroom, count(*)"
        " FROM zaken WHERE isfinite(begin) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    eenheid = _eenheid({maand for maand, _, _ in rijen})
    per_periode: dict[int, Counter[int | None]] = {}
    for maand, werkstroom, hoeveel in rijen:
        periode = per_periode.setdefault(maand // _EENHEDEN[eenheid], Counter())
        periode[werkstroom] += hoeveel
    perioden = tuple(
        Periode(_naam(eenheid, nummer), nummer - 1 in per_periode, aantallen)
        for nummer, aantallen in per_periode.items()
    )
    zonder = db.execute("SELECT count(*) FROM zaken WHERE coalesce(NOT isfinite(begin), true)")
    return Verloop(eenheid, perioden, int(zonder.fetchall()[0][0]))


def duren(db: DuckDBPyConnection) -> list[Duur]:
    """Lengths per werkstroom, the undecided last."""
    rijen = db.execute(
        "SELECT werkstroom, count(*), quantile_cont(duur_s, [0.25, 0.5, 0.75, 0.9]) FROM zaken"
        " WHERE isfinite(duur_s) AND duur_s >= 0 GROUP BY werkstroom ORDER BY werkstroom NULLS LAST"
    ).fetchall()
    return [Duur(werkstroom, hoeveel, *kwantielen) for werkstroom, hoeveel, kwantielen in rijen]


def overdrachten(db: DuckDBPyConnection) -> list[Overdrachtscijfer]:
    """Hand-overs per pair of processes."""
    rijen = db.execute(
        "SELECT proces, naar, count(*) FROM gebeurtenissen WHERE gebeurtenis = 'overdracht'"
        " GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [Overdrachtscijfer(*rij) for rij in rijen]


def verplaatsingen(db: DuckDBPyConnection) -> list[tuple[str, int]]:
    """Which numbers zaken had one after the other, where it was more than one."""
    return db.execute(
        "SELECT array_to_string([g.werkstroom FOR g IN geschiedenis], ' \N{RIGHTWARDS ARROW} '),"
        " count(*) FROM zaken WHERE len(geschiedenis) > 1"
        " GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()


def _eenheid(maanden: AbstractSet[int]) -> str:
    """The finest with few enough periods that mostly follow each other; a few may lie apart."""
    for eenheid, lengte in _EENHEDEN.items():
        perioden = {maand // lengte for maand in maanden}
        los = sum(nummer - 1 not in perioden for nummer in perioden)
        if len(perioden) <= MEESTE_PERIODEN and los <= 1 + len(perioden) // 2:
            return eenheid
    return "eeuw"


def _naam(eenheid: str, nummer: int) -> str:
    if eenheid == "maand":
        return f"{_MAANDEN[nummer % 12]} {nummer // 12}"
    if eenheid == "kwartaal":
        return f"{nummer // 4} K{nummer % 4 + 1}"
    jaren = _EENHEDEN[eenheid] // 12
    eerste = nummer * jaren
    return str(eerste) if jaren == 1 else f"{eerste}\N{EN DASH}{eerste + jaren - 1}"
