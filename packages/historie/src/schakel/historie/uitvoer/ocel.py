"""The derived log as OCEL 2.0 JSON: an event knows its zaak and the processes it touches."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from duckdb import DuckDBPyConnection

from schakel.historie.stroom import stroom

from .kolommen import DUUR, KANDIDATEN, vaste_tijd
from .vervanging import ineens

# By the standard a value that holds from the start carries this moment.
_VANAF_HET_BEGIN = "1970-01-01T00:00:00Z"

_ZAAK = {  # name: (type, expression)
    "werkstroom": ("integer", "werkstroom"),
    "kandidaten": ("string", KANDIDATEN),
    "woord": ("string", "woord"),
    "pad": ("string", "pad"),
    "compleet": ("boolean", "compleet"),
    "afwijkingen": ("integer", "len(afwijkingen)"),
    "status": ("string", "status"),
    "uitkomst": ("string", "uitkomst"),
    "begin": ("time", vaste_tijd("begin")),
    "einde": ("time", vaste_tijd("einde")),
    "duur_s": ("float", DUUR),
    "reden": ("string", "reden"),
    "kanaal": ("string", "kanaal"),
}
# The number as it was known at a moment; ``werkstroom`` is what it came to.
_TOEN = "werkstroom_op_dat_moment"
_GEBEURTENIS = {
    "bijzonderheid": ("string", "bijzonderheid"),
    "bestand": ("string", "bestand"),
    "rij": ("integer", "rij"),
    "zonder_tijdstip": ("boolean", "CASE WHEN tijdstip IS NULL THEN true END"),
}
_Attributen = dict[str, tuple[str, str]]

_TYPEN = "SELECT DISTINCT gebeurtenis FROM gebeurtenissen ORDER BY gebeurtenis"


def _lijst(onderdelen: Iterable[str]) -> str:
    return f"[x FOR x IN [{', '.join(onderdelen)}] IF x IS NOT NULL]"


def _attributen(attributen: _Attributen, tijd: str = "") -> str:
    return _lijst(
        f"CASE WHEN {u} IS NOT NULL THEN {{'name': '{naam}',{tijd} 'value': to_json({u})}} END"
        for naam, (_, u) in attributen.items()
    )


def _relatie(voorvoegsel: str, kolom: str, rol: str) -> str:
    doel = f"{{'objectId': '{voorvoegsel}:' || {kolom}, 'qualifier': '{rol}'}}"
    return f"CASE WHEN {kolom} IS NOT NULL THEN {doel} END"


# DuckDB makes the JSON of each row: what is in it is escaped where it is made.
_PROCESSEN = (
    "SELECT CAST(to_json({'id': 'proces:' || proces, 'type': 'proces'}) AS VARCHAR) FROM ("
    "SELECT proces FROM zaken UNION SELECT proces FROM gebeurtenissen"
    " UNION SELECT naar FROM gebeurtenissen) WHERE proces IS NOT NULL ORDER BY proces"
)
_TIJD_TOEN = f"coalesce({vaste_tijd('g.tijdstip')}, '{_VANAF_HET_BEGIN}')"
_VERLOOP = (
    f"[{{'name': '{_TOEN}', 'time': {_TIJD_TOEN}, 'value': to_json(g.werkstroom)}}"
    " FOR g IN coalesce(geschiedenis, [])]"
)
_ATTRIBUTEN_VAN_ZAAK = _attributen(_ZAAK, f" 'time': '{_VANAF_HET_BEGIN}',")
_ZAKEN = (
    "SELECT CAST(to_json({'id': 'zaak:' || zaak, 'type': 'zaak',"
    f" 'attributes': {_ATTRIBUTEN_VAN_ZAAK} || {_VERLOOP},"
    f" 'relationships': {_lijst([_relatie('proces', 'proces', 'begint in')])}"
    "}) AS VARCHAR) FROM zaken ORDER BY zaak"
)
# OCEL has no event without a time: it gets that of the one before it, or else of the one after.
_NAASTE_TIJD = (
    "coalesce(last_value(tijdstip IGNORE NULLS) OVER (PARTITION BY zaak ORDER BY n),"
    " first_value(tijdstip IGNORE NULLS) OVER (PARTITION BY zaak ORDER BY n"
    " ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING))"
)
_RELATIES = _lijst(
    [
        _relatie("zaak", "zaak", "zaak"),
        _relatie("proces", "proces", "in"),
        _relatie("proces", "naar", "overgedragen aan"),
    ]
)
_GEBEURTENISSEN = (
    "SELECT CAST(to_json({'id': zaak || '/' || n, 'type': gebeurtenis,"
    f" 'time': coalesce({vaste_tijd('naaste')}, '{_VANAF_HET_BEGIN}'),"
    f" 'attributes': {_attributen(_GEBEURTENIS)}, 'relationships': {_RELATIES}"
    f"}}) AS VARCHAR) FROM (SELECT *, {_NAASTE_TIJD} AS naaste FROM gebeurtenissen)"
    " ORDER BY zaak, n"
)


def schrijf_ocel(db: DuckDBPyConnection, pad: Path) -> Path:
    """Write the log to ``pad``, object by object and event by event."""
    typen = [naam for (naam,) in db.execute(_TYPEN).fetchall()]
    with ineens(pad) as (tijdelijk,), tijdelijk.open("w", encoding="utf-8", newline="\n") as uit:
        uit.write('{"objectTypes": ')
        zaak = _type("zaak", {**_ZAAK, _TOEN: ("integer", "")})
        json.dump([zaak, _type("proces", {})], uit, ensure_ascii=False)
        uit.write(',\n"eventTypes": ')
        json.dump([_type(naam, _GEBEURTENIS) for naam in typen], uit, ensure_ascii=False)
        uit.write(',\n"objects": [')
        _schrijf_rij(db, uit, _PROCESSEN, _ZAKEN)
        uit.write('],\n"events": [')
        _schrijf_rij(db, uit, _GEBEURTENISSEN)
        uit.write("]}\n")
    return pad


def _type(naam: str, attributen: _Attributen) -> dict[str, Any]:
    soorten = [{"name": attribuut, "type": soort} for attribuut, (soort, _) in attributen.items()]
    return {"name": naam, "attributes": soorten}


def _schrijf_rij(db: DuckDBPyConnection, uit: IO[str], *vragen: str) -> None:
    scheiding = "\n"
    for vraag in vragen:
        for (tekst,) in stroom(db, vraag):
            uit.write(scheiding)
            uit.write(tekst)
            scheiding = ",\n"
