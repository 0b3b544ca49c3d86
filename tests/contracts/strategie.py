"""Arbitrary messages, drawn from the published schemas: what others may rightly send."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.feit import Feit
from schakel.contracts.genereer import schema_van

RUSTIG = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""What a busy machine does to the clock says nothing about the code."""

_PLAATS = ("ouderId", "ouderProces", "n", "ronde")
_TEKENS = st.characters(codec="utf-8")


@cache
def data_van(feit: type[Feit]) -> st.SearchStrategy[dict[str, Any]]:
    """The JSON data of one type, each optional field there or not."""
    schema = schema_van(feit)
    return _waarde(schema, schema["$defs"])


def feiten() -> st.SearchStrategy[Feit]:
    """A message of any type."""
    return st.sampled_from([*CATALOGUS.values()]).flatmap(
        lambda feit: data_van(feit).map(feit.model_validate)
    )


def tijdstippen() -> st.SearchStrategy[datetime]:
    """A moment with an offset as RFC 3339 writes them: whole minutes."""
    minuten = st.integers(-14 * 60, 14 * 60)
    return st.builds(
        lambda tijd, minuten: tijd.replace(tzinfo=timezone(timedelta(minutes=minuten))),
        st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2900, 1, 1)),  # noqa: DTZ001
        minuten,
    )


def _waarde(schema: Mapping[str, Any], namen: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "$ref" in schema:
        return _waarde(namen[schema["$ref"].rpartition("/")[2]], namen)
    if "properties" in schema:
        return _object(schema["properties"], schema["required"], namen)
    if "items" in schema:
        delen = _waarde(schema["items"], namen)
        return st.lists(delen, min_size=schema.get("minItems", 0), max_size=3)
    return _blad(schema)


def _blad(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    soort = next(kenmerk for kenmerk in _BLADEN if kenmerk in schema)
    return _BLADEN[soort](schema)


def _tekst(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    passend = st.from_regex(schema["pattern"], fullmatch=True, alphabet=_TEKENS)
    return passend.filter(lambda tekst: len(tekst) <= schema.get("maxLength", len(tekst)))


def _opgemaakt(schema: Mapping[str, Any]) -> st.SearchStrategy[str]:
    return {
        "uuid": st.uuids().map(str),
        "date-time": tijdstippen().map(datetime.isoformat),
    }[schema["format"]]


def _getal_of_keuze(schema: Mapping[str, Any]) -> st.SearchStrategy[int]:
    if schema["type"] == "boolean":
        return st.booleans()
    return st.integers(schema["minimum"], schema.get("maximum", 10**9))


# The first that fits decides. A schema that leaves more open than these has no place on the bus.
_BLADEN: Mapping[str, Callable[[Mapping[str, Any]], st.SearchStrategy[Any]]] = {
    "const": lambda schema: st.just(schema["const"]),
    "enum": lambda schema: st.sampled_from(schema["enum"]),
    "pattern": _tekst,
    "format": _opgemaakt,
    "type": _getal_of_keuze,
}


def _object(
    velden: Mapping[str, Any], verplicht: list[str], namen: Mapping[str, Any]
) -> st.SearchStrategy[dict[str, Any]]:
    strategieen = {veld: _waarde(schema, namen) for veld, schema in velden.items()}
    plaats = {veld: strategieen.pop(veld) for veld in _PLAATS if {*_PLAATS} <= velden.keys()}
    verplichte = {veld: strategieen.pop(veld) for veld in verplicht}
    vlak = st.fixed_dictionaries(verplichte, optional=strategieen)
    return st.tuples(vlak, st.just({}) | st.fixed_dictionaries(plaats)).map(
        lambda delen: {**delen[0], **delen[1]}
    )
