"""The SQLite form of OCEL 2.0, row by row."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import groupby
from typing import Any

from schakel.historie import sql

from .bron import Invoerbestand
from .fout import Bestandsfout
from .leesgang import Leesgang
from .logboek import Logboek

_TABELLEN = {"event", "object", "event_object", "event_map_type", "object_map_type"}
_EIGEN = {"ocel_id", "ocel_time", "ocel_changed_field"}


def lees(gang: Leesgang, invoer: Invoerbestand, logboek: Logboek) -> None:
    """Write a SQLite log out; the file is not written to, not even by accident."""
    try:
        with closing(
            sqlite3.connect(f"{invoer.pad.absolute().as_uri()}?mode=ro", uri=True)
        ) as bestand:
            bestand.execute("PRAGMA trusted_schema = OFF")
            bestand.execute("PRAGMA query_only = ON")
            _lees(gang, invoer, logboek, bestand)
    except sqlite3.Error as fout:
        raise Bestandsfout(
            "sqlite-onleesbaar",
            invoer.naam,
            f"SQLite kan dit bestand niet lezen ({fout}); maak de export opnieuw",
        ) from fout


def _lees(
    gang: Leesgang, invoer: Invoerbestand, logboek: Logboek, bestand: sqlite3.Connection
) -> None:
    """Objects, events and relations, in that order."""
    tabellen = {
        str(naam)
        for (naam,) in bestand.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    if mist := _TABELLEN - tabellen:
        raise Bestandsfout(
            "geen-ocel",
            invoer.naam,
            f"dit is geen OCEL 2.0 in SQLite: er mist een tabel ({', '.join(sorted(mist))});"
            " geef OCEL 2.0, of een export als CSV",
        )
    soorten = [
        str(soort)
        for (soort,) in bestand.execute("SELECT DISTINCT ocel_type FROM object ORDER BY 1")
    ]
    logboek.kies(gang, invoer, soorten)
    for nummer, soort in bestand.execute("SELECT ocel_id, ocel_type FROM object"):
        logboek.object(nummer, soort)
    for soort, tabel in _tabellen_van(bestand, "object", tabellen):
        if soort == logboek.objectsoort:
            _lees_kenmerken(logboek, bestand, tabel)
    for soort, tabel in _tabellen_van(bestand, "event", tabellen):
        for rij in _rijen(bestand, tabel, ""):
            logboek.gebeurtenis(rij["ocel_id"], soort, rij.get("ocel_time"), _eigen(rij))
    for relatie in bestand.execute(
        "SELECT ocel_event_id, ocel_object_id, ocel_qualifier FROM event_object"
    ):
        logboek.relatie(*relatie)


def _tabellen_van(
    bestand: sqlite3.Connection, waarvan: str, tabellen: set[str]
) -> Iterator[tuple[str, str]]:
    """Each type with the table of its attributes, where there is one."""
    for soort, woord in bestand.execute(
        f"SELECT ocel_type, ocel_type_map FROM {waarvan}_map_type"
    ).fetchall():
        if (tabel := f"{waarvan}_{woord}") in tabellen:
            yield str(soort), tabel


def _rijen(bestand: sqlite3.Connection, tabel: str, volgorde: str) -> Iterator[dict[str, Any]]:
    """The rows of a table by the names of its columns."""
    gevonden = bestand.execute(f"SELECT * FROM {sql.naam(tabel)}{volgorde}")
    namen = [kolom[0] for kolom in gevonden.description]
    for waarden in gevonden:
        yield dict(zip(namen, waarden, strict=True))


def _eigen(rij: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes in a row."""
    return {naam: waarde for naam, waarde in rij.items() if naam not in _EIGEN}


def _lees_kenmerken(logboek: Logboek, bestand: sqlite3.Connection, tabel: str) -> None:
    """What holds last: first all values of an object, then a row for each that changes."""
    kolommen = {
        str(rij[0])
        for rij in bestand.execute("SELECT name FROM pragma_table_info(?)", (tabel,)).fetchall()
    }
    volgorde = ", ".join(k for k in ("ocel_id", "ocel_time") if k in kolommen)
    rijen = _rijen(bestand, tabel, f" ORDER BY {volgorde}")
    for nummer, van_een in groupby(rijen, key=lambda rij: rij["ocel_id"]):
        laatste: dict[str, Any] = {}
        for rij in van_een:
            veld = rij.get("ocel_changed_field")
            laatste |= {k: w for k, w in _eigen(rij).items() if veld in {None, k}}
        logboek.kenmerk(nummer, laatste)
