"""Counts over all cases, made by DuckDB: the summary that is shown, printed and reported."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import duckdb

from .lezen import Bron
from .mapping import Mapping as Mappingmodel

MEESTE = 10
_VROEGST, _LAATST = "1950-01-01", "2100-01-01"


def tel(
    db: duckdb.DuckDBPyConnection, mapping: Mappingmodel | None, log: Bron
) -> Mapping[str, Any]:
    """Everything that is counted, in the order in which it is read."""
    rijen = _rijen(db)
    return {
        "zaken": _een(db, "SELECT count(*) FROM zaken"),
        "werkstromen": {
            str(nummer): n
            for nummer, n in _alle(
                db,
                "SELECT werkstroom, count(*) FROM zaken WHERE werkstroom IS NOT NULL"
                " GROUP BY ALL ORDER BY ALL",
            )
        },
        "onbeslist": _een(db, "SELECT count(*) FROM zaken WHERE werkstroom IS NULL"),
        "onbeslistRedenen": dict(
            _alle(
                db,
                "SELECT reden, count(*) AS n FROM zaken WHERE reden IS NOT NULL"
                " GROUP BY ALL ORDER BY n DESC, reden",
            )
        ),
        "verplaatst": _een(db, "SELECT count(*) FROM zaken WHERE len(geschiedenis) > 1"),
        "statussen": dict(
            _alle(
                db, "SELECT status, count(*) AS n FROM zaken GROUP BY ALL ORDER BY n DESC, status"
            )
        ),
        "rijen": rijen,
        "kanalen": dict(
            _alle(
                db,
                "SELECT kanaal, count(*) AS n FROM zaken WHERE kanaal IS NOT NULL"
                " GROUP BY ALL ORDER BY n DESC, kanaal",
            )
        ),
        "woorden": _lijst(
            db,
            "SELECT pad, count(*) AS n FROM zaken WHERE pad <> '' GROUP BY ALL"
            f" ORDER BY n DESC, pad LIMIT {MEESTE}",
        ),
        "afwijkingen": _lijst(
            db,
            "SELECT x.code, x.uitleg, count(*) AS n"
            " FROM (SELECT unnest(afwijkingen) AS x FROM zaken)"
            f" GROUP BY ALL ORDER BY n DESC, 1, 2 LIMIT {MEESTE}",
        ),
        "onaangeraakt": _lijst(
            db,
            "SELECT coalesce(onaangeraakt, '(leeg)'), count(*) AS n FROM rijen WHERE regel IS NULL"
            f" GROUP BY ALL ORDER BY n DESC, 1 LIMIT {MEESTE}",
        ),
        "ongebruikteRegels": _ongebruikt(db, mapping),
        "vuil": _vuil(db),
        "bestanden": list(log.bestanden),
        "versie": version("schakel-historie"),
    }


def _rijen(db: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    geweigerd = _een(db, "SELECT count(*) FROM geweigerd")
    bruikbaar = _een(db, "SELECT count(*) FROM rijen")
    gebruikt = _een(db, "SELECT coalesce(sum(gebruikt), 0)::BIGINT FROM zaakuitkomsten")
    return {
        "gelezen": bruikbaar + geweigerd,
        "gebruikt": gebruikt,
        "notities": bruikbaar - gebruikt,
        "geweigerd": geweigerd,
    }


def _vuil(db: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    return {
        "ongesorteerd": _een(
            db,
            "SELECT count(*) FILTER (WHERE t < vorige) FROM"
            " (SELECT t, lag(t) OVER (PARTITION BY zaak ORDER BY rij) AS vorige FROM rijen)",
        ),
        "gelijktijdig": _een(
            db,
            "SELECT coalesce(sum(n), 0)::BIGINT FROM (SELECT count(*) AS n FROM rijen"
            " WHERE t IS NOT NULL GROUP BY zaak, t HAVING n > 1)",
        ),
        "dubbel": _een(db, "SELECT count(*) - count(DISTINCT h) FROM rijen"),
        "onmogelijkeTijden": _een(
            db,
            f"SELECT count(*) FROM rijen WHERE t < DATE '{_VROEGST}' OR t >= DATE '{_LAATST}'",
        ),
        "zonderTijd": _een(db, "SELECT count(*) FROM rijen WHERE t IS NULL"),
    }


def _ongebruikt(db: duckdb.DuckDBPyConnection, mapping: Mappingmodel | None) -> list[str]:
    if mapping is None:
        return []
    geraakt = {regel for (regel,) in _alle(db, "SELECT DISTINCT regel FROM rijen")}
    return [
        f"regel {i + 1}{f' ({regel.naam})' if regel.naam else ''}"
        for i, regel in enumerate(mapping.regels)
        if i not in geraakt
    ]


def _een(db: duckdb.DuckDBPyConnection, vraag: str) -> Any:
    return db.execute(vraag).fetchall()[0][0]


def _alle(db: duckdb.DuckDBPyConnection, vraag: str) -> list[Any]:
    return db.execute(vraag).fetchall()


def _lijst(db: duckdb.DuckDBPyConnection, vraag: str) -> list[list[Any]]:
    return [list(rij) for rij in _alle(db, vraag)]
