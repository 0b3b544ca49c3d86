"""The derived log as XES (IEEE 1849-2016): one trace per zaak, for tools that know cases."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from heapq import merge
from io import BufferedWriter
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from duckdb import DuckDBPyConnection

from schakel.historie.stroom import stroom

from .kolommen import AFWIJKINGEN, DUUR, GESCHIEDENIS, KANDIDATEN, vaste_tijd
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
_BUFFER = 2**20
"""Bytes that are packed at once."""
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
# DuckDB makes the XML of each row: of every zaak itself, of those of which only events are there no
# more than the name, and the events. All in one question would have to be sorted all at once.
_VRAGEN = (
    f"SELECT zaak, true, {_NAAM} || {_als_xml(_ZAAK)} FROM zaken ORDER BY zaak",
    f"SELECT zaak, true, {_NAAM} FROM (SELECT DISTINCT zaak FROM gebeurtenissen"
    " ANTI JOIN zaken USING (zaak)) ORDER BY zaak",
    f"SELECT zaak, false, '<event>' || {_als_xml(_GEBEURTENIS)} || '</event>'"
    " FROM gebeurtenissen ORDER BY zaak, n",
)
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
    stromen = [stroom(db, vraag) for vraag in _VRAGEN]
    with ineens(pad) as (tijdelijk,), _geopend(tijdelijk) as uit:
        uit.write(_KOP.encode())
        einde = ""
        for _, is_zaak, xml in merge(*stromen, key=itemgetter(0)):
            uit.write((f"{einde}<trace>{xml}\n" if is_zaak else f"{xml}\n").encode())
            einde = "</trace>\n"
        uit.write(f"{einde}</log>\n".encode())
    return pad


@contextmanager
def _geopend(pad: Path) -> Iterator[BinaryIO | BufferedWriter]:
    with pad.open("wb") as bestand:
        if pad.suffix != ".gz":
            yield bestand
            return
        # Without name and time in its header the same log gives the same bytes.
        with (
            gzip.GzipFile("", "wb", compresslevel=6, fileobj=bestand, mtime=0) as ingepakt,
            BufferedWriter(ingepakt, _BUFFER) as gebufferd,
        ):
            yield gebufferd
