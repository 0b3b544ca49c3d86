"""A first mapping for a file: what its columns are and what stands in them most, as comments."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import duckdb

from schakel.historie.sql import naam

MEESTE = 12
STEEKPROEF = 200_000
"""Rows that are looked at: enough for a proposal, whatever the size of the file."""
_ALS_ZAAK = ("case:concept:name", "case", "zaak", "incident_id", "ocel:object", "id", "nummer")
_ALS_TIJD = ("time:timestamp", "ocel:time", "tijd", "time", "date", "datum", "stamp")
_ALS_ACTIVITEIT = ("concept:name", "ocel:type", "activity", "activiteit", "type", "status")


class Kolom(NamedTuple):
    """A column, how many values it has, and the most frequent ones."""

    naam: str
    verschillend: int
    leeg: int
    waarden: Sequence[tuple[str, int]]


def stel_voor(db: duckdb.DuckDBPyConnection, tabel: str, kolommen: Sequence[str]) -> str:
    """TOML that can be used after somebody has looked at it."""
    db.execute(f"CREATE TEMP TABLE steekproef AS SELECT * FROM {naam(tabel)} LIMIT {STEEKPROEF}")
    gezien = [_bekijk(db, kolom) for kolom in kolommen]
    return "\n".join(_regels(gezien)) + "\n"


def _bekijk(db: duckdb.DuckDBPyConnection, kolom: str) -> Kolom:
    k = naam(kolom)
    verschillend, leeg = db.execute(
        f"SELECT count(DISTINCT {k}), count(*) FILTER (WHERE coalesce(trim({k}), '') = '')"
        " FROM steekproef"
    ).fetchall()[0]
    waarden = db.execute(
        f"SELECT left({k}, 60), count(*) AS n FROM steekproef WHERE coalesce(trim({k}), '') <> ''"
        f" GROUP BY ALL ORDER BY n DESC, 1 LIMIT {MEESTE}"
    ).fetchall()
    return Kolom(kolom, verschillend, leeg, waarden)


def _regels(kolommen: Sequence[Kolom]) -> Iterator[str]:
    namen = [kolom.naam for kolom in kolommen]
    zaak, tijd, activiteit = (_kies(namen, als) for als in (_ALS_ZAAK, _ALS_TIJD, _ALS_ACTIVITEIT))
    yield "# Een eerste mapping: kijk elke regel na. Uitleg: docs/werkstromen-afleiden.md."
    yield "# Nakijken: schakel mapping controleer MAPPING BESTAND"
    yield "#"
    yield "# De kolommen, met hoeveel verschillende waarden en de meest voorkomende:"
    for kolom in kolommen:
        yield f"#   {_stil(kolom.naam)}: {kolom.verschillend} verschillend, {kolom.leeg} leeg"
        if kolom.verschillend <= STEEKPROEF // 100:
            yield from (f"#     {n:>8} x {_stil(waarde)}" for waarde, n in kolom.waarden)
    yield ""
    yield f"[zaak]\nsleutel = {_toml(zaak)}\n"
    yield f'[tijd]\nkolom = {_toml(tijd)}\nzone = "Europe/Amsterdam"\n'
    yield "# Waar kwam elke melding binnen? kies het proces."
    yield "[[zaakregels]]"
    yield f"als = {{ kolom = {_toml(zaak)}, is_leeg = false }}"
    yield 'dan = { gebeurtenis = "aangenomen", proces = "uitvoeren" }\n'
    waarden = next(kolom.waarden for kolom in kolommen if kolom.naam == activiteit)
    for waarde, n in waarden:
        yield f"# {n} keer; vervang notitie door wat het betekent"
        yield "[[regels]]"
        yield f"als = {{ kolom = {_toml(activiteit)}, is = {_toml(waarde)} }}"
        yield 'dan = { gebeurtenis = "notitie" }\n'


def _kies(namen: Sequence[str], als: Sequence[str]) -> str:
    """The column whose name looks most like what is sought; else the first."""
    for gezocht in als:
        for kandidaat in namen:
            if kandidaat.lower() == gezocht:
                return kandidaat
    for gezocht in als:
        for kandidaat in namen:
            if gezocht in kandidaat.lower():
                return kandidaat
    return namen[0]


def _stil(tekst: str) -> str:
    """On one line, whatever is in it."""
    return "".join(teken if teken.isprintable() else "?" for teken in tekst)


def _toml(tekst: str) -> str:
    """A basic string of TOML."""
    uit = ""
    for teken in tekst:
        if teken in '"\\':
            uit += "\\" + teken
        elif teken.isprintable():
            uit += teken
        else:
            uit += f"\\U{ord(teken):08X}"
    return f'"{uit}"'
