"""Counts over all cases, made by DuckDB: the summary that is shown, printed and reported."""

from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

import duckdb

from .lezen import Bron
from .namen import Namen

MEESTE = 10
_VROEGST, _LAATST = "1950-01-01", "2100-01-01"


def tel(db: duckdb.DuckDBPyConnection, namen: Namen | None, log: Bron) -> Mapping[str, Any]:
    """Everything that is counted, in the order in which it is read."""
    return {
        "zaken": _som(db, "zaken"),
        "werkstromen": {
            str(nummer): n
            for nummer, n in _alle(
                db,
                "SELECT werkstroom, sum(zaken)::BIGINT FROM geteld WHERE werkstroom IS NOT NULL"
                " GROUP BY ALL ORDER BY ALL",
            )
        },
        "onbeslist": _som(db, "zaken", "werkstroom IS NULL"),
        "onbeslistRedenen": dict(_meeste(db, "reden", "reden IS NOT NULL")),
        "verplaatst": _som(db, "zaken", "len(geschiedenis) > 1"),
        "statussen": dict(_meeste(db, "status")),
        "rijen": _rijen(db),
        "kanalen": dict(
            _alle(
                db,
                "SELECT kanaal, count(*) AS n FROM zaaknummers WHERE kanaal IS NOT NULL"
                " GROUP BY ALL ORDER BY n DESC, kanaal",
            )
        ),
        "woorden": _lijst(_meeste(db, "pad", "pad <> ''", MEESTE)),
        "afwijkingen": _lijst(
            _alle(
                db,
                "SELECT x.code, x.uitleg, sum(zaken)::BIGINT AS n"
                " FROM (SELECT unnest(afwijkingen) AS x, zaken FROM geteld)"
                f" GROUP BY ALL ORDER BY n DESC, 1, 2 LIMIT {MEESTE}",
            )
        ),
        "onaangeraakt": [] if namen is None else _onaangeraakt(db, namen),
        "ongebruikteRegels": [] if namen is None else _ongebruikt(db, namen),
        "bestanden": list(log.bestanden),
        "versie": version("schakel-historie"),
    }


def _rijen(db: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    geweigerd = _een(db, "SELECT count(*) FROM geweigerd")
    bruikbaar = _een(db, "SELECT count(*) FROM rijen")
    gebruikt = _som(db, "gebruikt")
    return {
        "gelezen": bruikbaar + geweigerd,
        "gebruikt": gebruikt,
        "notities": bruikbaar - gebruikt,
        "geweigerd": geweigerd,
    }


def tel_vuil(db: duckdb.DuckDBPyConnection) -> Mapping[str, int]:
    """What was met in the log that should not be in one."""
    return {
        # The order of the file, which means nothing anywhere else.
        "ongesorteerd": _een(
            db,
            "SELECT count(*) FILTER (WHERE t < vorige) FROM"
            " (SELECT t, lag(t) OVER (PARTITION BY zaak ORDER BY rij) AS vorige FROM rijen)",
        ),
        **{
            soort: _een(db, f"SELECT coalesce(sum({soort}), 0)::BIGINT FROM zaakvuil")
            for soort in ("gelijktijdig", "dubbel")
        },
        "onmogelijkeTijden": _een(
            db,
            f"SELECT count(*) FROM rijen WHERE t < DATE '{_VROEGST}' OR t >= DATE '{_LAATST}'",
        ),
        "zonderTijd": _een(db, "SELECT count(*) FROM rijen WHERE t IS NULL"),
    }


def _onaangeraakt(db: duckdb.DuckDBPyConnection, namen: Namen) -> list[list[Any]]:
    """What stands most in rows that no rule touched."""
    return _lijst(
        _alle(
            db,
            f"""
            SELECT coalesce(onaangeraakt, '(leeg)'), count(*) AS n
            FROM rijen ANTI JOIN (SELECT unnest(laat_geraakt) AS rij FROM zaakrijen) USING (rij)
            WHERE {namen.nog_niets()} GROUP BY ALL ORDER BY n DESC, 1 LIMIT {MEESTE}
            """,
        )
    )


def _ongebruikt(db: duckdb.DuckDBPyConnection, namen: Namen) -> list[str]:
    gevonden = _alle(db, "SELECT DISTINCT unnest(regels) FROM handtekeningen")
    geraakt = {regel for (regel,) in gevonden}
    return [
        f"regel {i + 1}{f' ({regel.naam})' if regel.naam else ''}"
        for i, regel in enumerate(namen.mapping.regels)
        if i not in geraakt
    ]


def _som(db: duckdb.DuckDBPyConnection, kolom: str, waar: str = "true") -> int:
    """Over all outcomes."""
    som: int = _een(db, f"SELECT coalesce(sum({kolom}), 0)::BIGINT FROM geteld WHERE {waar}")
    return som


def _meeste(
    db: duckdb.DuckDBPyConnection, kolom: str, waar: str = "true", hoogstens: int = 1_000
) -> list[Any]:
    """How many cases have which value, most first."""
    return _alle(
        db,
        f"SELECT {kolom}, sum(zaken)::BIGINT AS n FROM geteld WHERE {waar}"
        f" GROUP BY ALL ORDER BY n DESC, 1 LIMIT {hoogstens}",
    )


def _een(db: duckdb.DuckDBPyConnection, vraag: str) -> Any:
    return db.execute(vraag).fetchall()[0][0]


def _alle(db: duckdb.DuckDBPyConnection, vraag: str) -> list[Any]:
    return db.execute(vraag).fetchall()


def _lijst(rijen: Iterable[Any]) -> list[list[Any]]:
    return [list(rij) for rij in rijen]
