"""The derived log as XES (IEEE 1849-2016): one trace per zaak, for tools that know cases."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from duckdb import DuckDBPyConnection

from .kolommen import AFWIJKINGEN, DUUR, GESCHIEDENIS, KANDIDATEN, vaste_tijd
from .stroom import partijen
from .tekens import veilig
from .vervanging import ineens

_NAAMRUIMTE = "http://www.xes-standard.org/"
# The schema of the standard wants a decimal here; this is how its own example logs write it.
_VERSIE = "1849.2016"

# (key, kind of attribute, expression). The keys are ours but for concept: and time:.
_ZAAK = (
    ("schakel:proces", "string", "proces"),
    ("schakel:werkstroom", "int", "werkstroom"),
    ("schakel:kandidaten", "string", KANDIDATEN),
    ("schakel:geschiedenis", "string", GESCHIEDENIS),
    ("schakel:woord", "string", "woord"),
    ("schakel:pad", "string", "pad"),
    ("schakel:compleet", "boolean", "compleet"),
    ("schakel:afwijkingen", "string", AFWIJKINGEN),
    ("schakel:status", "string", "status"),
    ("schakel:uitkomst", "string", "uitkomst"),
    ("schakel:begin", "date", vaste_tijd("begin")),
    ("schakel:einde", "date", vaste_tijd("einde")),
    ("schakel:duur_s", "float", DUUR),
    ("schakel:reden", "string", "reden"),
    ("schakel:kanaal", "string", "kanaal"),
)
_GEBEURTENIS = (
    ("concept:name", "string", "gebeurtenis"),
    ("time:timestamp", "date", vaste_tijd("tijdstip")),
    ("schakel:proces", "string", "proces"),
    ("schakel:naar", "string", "naar"),
    ("schakel:bijzonderheid", "string", "bijzonderheid"),
    ("schakel:bestand", "string", "bestand"),
    ("schakel:rij", "int", "rij"),
)
_Attributen = tuple[tuple[str, str, str], ...]
_EIGEN = frozenset({"int", "boolean", "float", "date"})
"""Kinds of which we write the values ourselves: nothing in them needs escaping."""


def _attribuut(sleutel: str, soort: str, uitdrukking: str) -> str:
    """An attribute as XML; nothing where there is no value."""
    waarde = f"CAST({uitdrukking} AS VARCHAR)"
    waarde = waarde if soort in _EIGEN else veilig(waarde)
    return f"coalesce('<{soort} key=\"{sleutel}\" value=\"' || {waarde} || '\"/>', '')"


def _als_xml(attributen: _Attributen) -> str:
    return " || ".join(_attribuut(*attribuut) for attribuut in attributen)


_NAAM = _attribuut("concept:name", "string", "zaak")
# DuckDB makes the XML of each row. Of every zaak first itself, then its events.
_VRAAG = f"""
    SELECT is_zaak, xml FROM (
        SELECT zaak, true AS is_zaak, 0 AS n, {_NAAM} || {_als_xml(_ZAAK)} AS xml FROM zaken
        UNION ALL
        SELECT DISTINCT zaak, true, 0, {_NAAM} FROM gebeurtenissen ANTI JOIN zaken USING (zaak)
        UNION ALL
        SELECT zaak, false, n, '<event>' || {_als_xml(_GEBEURTENIS)} || '</event>'
        FROM gebeurtenissen)
    ORDER BY zaak, is_zaak DESC, n
"""
_KOP = f"""<?xml version="1.0" encoding="UTF-8"?>
<log xmlns="{_NAAMRUIMTE}" xes.version="{_VERSIE}" xes.features="">
<extension name="Concept" prefix="concept" uri="{_NAAMRUIMTE}concept.xesext"/>
<extension name="Time" prefix="time" uri="{_NAAMRUIMTE}time.xesext"/>
<global scope="trace"><string key="concept:name" value="onbekend"/></global>
<global scope="event"><string key="concept:name" value="onbekend"/></global>
<classifier name="gebeurtenis" scope="event" keys="concept:name"/>
<string key="concept:name" value="schakel leid-af"/>
"""


def schrijf_xes(db: DuckDBPyConnection, pad: Path) -> Path:
    """Write the log to ``pad``, compressed when that ends in .gz."""
    with ineens(pad) as (tijdelijk,), _geopend(tijdelijk) as uit:
        uit.write(_KOP.encode())
        open_ = ""
        for partij in partijen(db, _VRAAG):
            stukken = []
            for is_zaak, xml in partij:
                stukken.append(f"{open_}<trace>{xml}" if is_zaak else xml)
                open_ = "</trace>\n"
            uit.write("\n".join([*stukken, ""]).encode())
        uit.write(f"{open_}</log>\n".encode())
    return pad


@contextmanager
def _geopend(pad: Path) -> Iterator[BinaryIO | gzip.GzipFile]:
    with pad.open("wb") as bestand:
        if pad.suffix != ".gz":
            yield bestand
            return
        # Without name and time in its header the same log gives the same bytes.
        with gzip.GzipFile("", "wb", compresslevel=6, fileobj=bestand, mtime=0) as ingepakt:
            yield ingepakt
