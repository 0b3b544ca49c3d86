"""The derived log as XES (IEEE 1849-2016): one trace per zaak, for tools that know cases."""

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, BinaryIO

from duckdb import DuckDBPyConnection
from lxml import etree

from .kolommen import AFWIJKINGEN, DUUR, GESCHIEDENIS, KANDIDATEN, vaste_tijd
from .stroom import stroom
from .tekens import toonbaar
from .vervanging import ineens

_NAAMRUIMTE = "http://www.xes-standard.org/"
# The schema of the standard wants a decimal here; this is how its own example logs write it.
_VERSIE = "1849.2016"
_UITBREIDINGEN = (("Concept", "concept"), ("Time", "time"))

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


def _als_tekst(attributen: _Attributen) -> str:
    """A list of texts: XES writes every kind as text, and so both tables fit in one result."""
    return ", ".join(f"CAST({uitdrukking} AS VARCHAR)" for _, _, uitdrukking in attributen)


# One result, since a connection has one at a time: of every zaak first itself, then its events.
_VRAAG = (
    f"SELECT zaak, 0 AS soort, 0 AS n, [{_als_tekst(_ZAAK)}] AS waarden FROM zaken UNION ALL"
    f" SELECT zaak, 1, n, [{_als_tekst(_GEBEURTENIS)}] FROM gebeurtenissen ORDER BY zaak, soort, n"
)


def schrijf_xes(db: DuckDBPyConnection, pad: Path) -> Path:
    """Write the log to ``pad``, compressed when that ends in .gz."""
    with (
        ineens(pad) as (tijdelijk,),
        _geopend(tijdelijk) as uit,
        etree.xmlfile(uit, encoding="UTF-8") as xml,
    ):
        xml.write_declaration()
        kop = {"xes.version": _VERSIE, "xes.features": ""}
        with xml.element("log", kop, nsmap={None: _NAAMRUIMTE}):
            _schrijf_kop(xml)
            for zaak, rijen in groupby(stroom(db, _VRAAG), key=itemgetter(0)):
                _schrijf_zaak(xml, zaak, rijen)
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


def _schrijf_kop(xml: Any) -> None:
    xml.write("\n")
    for naam, prefix in _UITBREIDINGEN:
        uri = f"{_NAAMRUIMTE}{prefix}.xesext"
        _schrijf(xml, etree.Element("extension", name=naam, prefix=prefix, uri=uri))
    for bereik in ("trace", "event"):
        algemeen = etree.Element("global", scope=bereik)
        etree.SubElement(algemeen, "string", key="concept:name", value="onbekend")
        _schrijf(xml, algemeen)
    _schrijf(
        xml, etree.Element("classifier", name="gebeurtenis", scope="event", keys="concept:name")
    )
    _schrijf(xml, etree.Element("string", key="concept:name", value="schakel leid-af"))


def _schrijf_zaak(xml: Any, zaak: str, rijen: Iterable[tuple[Any, ...]]) -> None:
    with xml.element("trace"):
        xml.write("\n")
        _schrijf(xml, etree.Element("string", key="concept:name", value=toonbaar(zaak)))
        for _, soort, _, waarden in rijen:
            if soort:
                _schrijf(xml, _met_attributen("event", _GEBEURTENIS, waarden))
            else:
                for attribuut in _met_attributen("trace", _ZAAK, waarden):
                    _schrijf(xml, attribuut)
    xml.write("\n")


def _met_attributen(naam: str, attributen: _Attributen, waarden: list[str | None]) -> Any:
    element = etree.Element(naam)
    for (sleutel, soort, _), waarde in zip(attributen, waarden, strict=True):
        if waarde is not None:
            etree.SubElement(element, soort, {"key": sleutel, "value": toonbaar(waarde)})
    return element


def _schrijf(xml: Any, element: Any) -> None:
    xml.write(element, pretty_print=True)
