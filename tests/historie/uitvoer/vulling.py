"""The two tables of a derivation, filled by hand with what a log can hold at its worst."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from duckdb import DuckDBPyConnection

AKELIG = (
    "<script>alert('x')</script>\"&amp;\x01\x1b[31m \N{RIGHT-TO-LEFT OVERRIDE}😀,;\r\nregel 2\t'"
)
EINDELOOS = "lang" * 2_500

TABELLEN = """
CREATE TABLE zaken (
    zaak VARCHAR, proces VARCHAR, werkstroom INTEGER, kandidaten INTEGER[],
    geschiedenis STRUCT(werkstroom INTEGER, bestand VARCHAR, rij BIGINT, tijdstip TIMESTAMP)[],
    woord VARCHAR, pad VARCHAR, compleet BOOLEAN,
    afwijkingen STRUCT(code VARCHAR, uitleg VARCHAR, zekerheid VARCHAR, bestand VARCHAR,
        rij BIGINT)[],
    status VARCHAR, uitkomst VARCHAR, begin TIMESTAMP, einde TIMESTAMP, duur_s DOUBLE,
    reden VARCHAR, kanaal VARCHAR);
CREATE TABLE gebeurtenissen (
    zaak VARCHAR, n INTEGER, tijdstip TIMESTAMP, gebeurtenis VARCHAR, proces VARCHAR,
    naar VARCHAR, bijzonderheid VARCHAR, bestand VARCHAR, rij BIGINT);
CREATE TABLE geweigerd (bestand VARCHAR, rij BIGINT, reden VARCHAR, inhoud VARCHAR);
"""
PROCES = {
    "A": "afspreken",
    "W": "wijzigen",
    "H": "herstellen",
    "U": "uitvoeren",
    "V": "verbeteren",
}
DAG = 86_400.0

# zaak, werkstroom, woord, pad, begin, days it took, kanaal
GEWOON = (
    ("Z-01", 5, "U", "U", "2023-01-02 08:00:00", 1.5, "balie"),
    ("Z-02", 5, "U", "U", "2023-01-09 09:30:00", 3.0, "web"),
    ("Z-03", 5, "U", "U", "2023-02-01 10:00:00.25", 0.02, "web"),
    ("Z-04", 4, "HUH", "HUH", "2023-02-03 12:00:00", 9.0, "telefoon"),
    ("Z-05", 2, "WUW", "WUW", "2023-05-01 08:00:00", 40.0, "web"),
    ("Z-06", 1, "AWUWA", "AWU", "2023-05-02 08:00:00", None, None),
    ("Z-07", 7, "VWUWV", "VWUWV", "2023-05-03 08:00:00", 400.0, None),
    (AKELIG, 5, "U", "U", "2023-05-04 08:00:00", 2.0, AKELIG),
    (EINDELOOS, 8, "VUV", "VUV", "2023-05-05 08:00:00", 0.0, "web"),
)


def vul(db: DuckDBPyConnection) -> None:
    """A dozen zaken: ordinary, moved, undecided, without a time, with a forbidden hand-over."""
    db.execute(TABELLEN)
    for zaak, werkstroom, woord, pad, begin, dagen, kanaal in GEWOON:
        _zaak(
            db,
            zaak=zaak,
            proces=PROCES[woord[0]],
            werkstroom=werkstroom,
            kandidaten=[werkstroom],
            geschiedenis=[_stand(werkstroom, begin)],
            woord=woord,
            pad=pad,
            compleet=woord == pad,
            begin=begin,
            duur_s=None if dagen is None else dagen * DAG,
            kanaal=kanaal,
        )
        _loop(db, zaak, pad, begin)
    _verplaatst(db)
    _onbeslist(db)
    db.execute(
        "UPDATE zaken SET einde = begin + to_seconds(duur_s), status = 'gesloten',"
        " uitkomst = 'voltooid' WHERE duur_s IS NOT NULL"
    )


def _verplaatst(db: DuckDBPyConnection) -> None:
    afwijking = {
        "code": "overdracht-niet-toegestaan",
        "uitleg": f"mag niet: {AKELIG}",
        "zekerheid": "vast",
        "bestand": "log.csv",
        "rij": 99,
    }
    begin = "2023-02-10 08:00:00"
    _zaak(
        db,
        zaak="Z-10",
        proces="herstellen",
        werkstroom=3,
        kandidaten=[3],
        geschiedenis=[_stand(4, begin), _stand(3, None)],
        woord="HWUWH",
        pad="HUHWUWH",
        compleet=False,
        afwijkingen=[afwijking, {**afwijking, "zekerheid": "vermoedelijk", "rij": None}],
        begin=begin,
        duur_s=20 * DAG,
        kanaal="web",
    )
    _loop(db, "Z-10", "HUHWUWH", begin)
    _gebeurtenis(db, "Z-10", 50, "overdracht", "herstellen", "afspreken", begin)


def _onbeslist(db: DuckDBPyConnection) -> None:
    reden = "nog geen overdracht gezien; mogelijk is 3 of 4"
    _zaak(
        db,
        zaak="Z-11",
        proces="herstellen",
        kandidaten=[3, 4],
        pad="H",
        compleet=False,
        begin="2023-02-11 08:00:00",
        reden=reden,
    )
    _gebeurtenis(db, "Z-11", 1, "aangenomen", "herstellen", None, None)
    _zaak(db, zaak="Z-12", pad="", compleet=False, reden="geen regel zegt waar de zaak begon")


def _stand(werkstroom: int, tijdstip: str | None) -> dict[str, Any]:
    return {"werkstroom": werkstroom, "bestand": "log.csv", "rij": 7, "tijdstip": tijdstip}


def _zaak(db: DuckDBPyConnection, **velden: Any) -> None:
    velden = {"geschiedenis": [], "afwijkingen": [], "kandidaten": [], "status": "open"} | velden
    namen, plekken = ", ".join(velden), ", ".join("?" * len(velden))
    db.execute(f"INSERT INTO zaken ({namen}) VALUES ({plekken})", list(velden.values()))


def _loop(db: DuckDBPyConnection, zaak: str, pad: str, begin: str) -> None:
    """An aangenomen, a hand-over for every step of the way there, a gereedgemeld at the end."""
    _gebeurtenis(db, zaak, 1, "aangenomen", PROCES[pad[0]], None, begin)
    for n, (van, naar) in enumerate(pairwise(pad[: len(pad) // 2 + 1]), start=2):
        _gebeurtenis(db, zaak, n, "overdracht", PROCES[van], PROCES[naar], begin)
    _gebeurtenis(db, zaak, 90, "gereedgemeld", PROCES[pad[0]], None, None, AKELIG)


def _gebeurtenis(db: DuckDBPyConnection, zaak: str, n: int, *rest: str | None) -> None:
    gebeurtenis, proces, naar, tijdstip, bijzonderheid = (*rest, None)[:5]
    db.execute(
        "INSERT INTO gebeurtenissen VALUES (?, ?, ?, ?, ?, ?, ?, 'log.csv', ?)",
        [zaak, n, tijdstip, gebeurtenis, proces, naar, bijzonderheid, 100 + n],
    )


def samenvatting(db: DuckDBPyConnection) -> Mapping[str, Any]:
    """As the derivation makes it, with nasty names wherever a log can put them."""

    def tel(vraag: str) -> dict[Any, int]:
        return dict(db.execute(vraag).fetchall())

    zaken = sum(tel("SELECT 1, count(*) FROM zaken").values())
    per = tel("SELECT werkstroom, count(*) FROM zaken GROUP BY ALL ORDER BY ALL")
    afwijkingen = "SELECT unnest(afwijkingen, recursive := true) FROM zaken"
    return {
        "zaken": zaken,
        "werkstromen": {str(nummer): n for nummer, n in per.items() if nummer is not None},
        "onbeslist": per.get(None, 0),
        "onbeslistRedenen": tel("SELECT reden, count(*) FROM zaken WHERE reden <> '' GROUP BY 1"),
        "verplaatst": sum(
            tel("SELECT 1, count(*) FROM zaken WHERE len(geschiedenis) > 1").values()
        ),
        "rijen": {"gelezen": 1434, "gebruikt": 1200, "notities": 233, "geweigerd": 1},
        "kanalen": tel(
            "SELECT kanaal, count(*) FROM zaken WHERE kanaal <> '' GROUP BY 1 ORDER BY 1"
        ),
        "woorden": [["U", 4], ["HUH", 1], ["HUHWUWH", 1], ["", 1]],
        "afwijkingen": [
            list(rij)
            for rij in db.execute(
                f"SELECT code, uitleg, count(*) FROM ({afwijkingen}) GROUP BY ALL"
            ).fetchall()
        ],
        "onaangeraakt": [[AKELIG, 17], [EINDELOOS, 3]],
        "vuil": {"ongesorteerd": 2, "gelijktijdig": 3, "dubbel": 0, "onmogelijkeTijden": 1},
        "bestanden": [f"log {AKELIG}.csv", "bestand\udcff.csv"],
        "mapping": "mapping <b>.toml",
    }
