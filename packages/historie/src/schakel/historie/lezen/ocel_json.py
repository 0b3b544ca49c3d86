"""The JSON form of OCEL 2.0."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from schakel.contracts.decoders import decoder_van

from .bron import Invoerbestand
from .fout import Bestandsfout
from .leesgang import Leesgang, kort
from .logboek import Logboek

MEESTE_JSON = 10**9
"""JSON is one value and is in memory as a whole; the SQLite form is not."""

_BOM = b"\xef\xbb\xbf"
_EERST = datetime.min.replace(tzinfo=UTC)


class _Waarde(msgspec.Struct):
    """An attribute; that of an object has a moment from which it holds."""

    name: str
    value: Any = None
    time: str = ""


class _Relatie(msgspec.Struct, rename="camel"):
    """An object that an event belongs to."""

    object_id: str
    qualifier: str | None = None


class _Gebeurtenis(msgspec.Struct):
    """An event."""

    id: str
    type: str
    time: str
    attributes: list[_Waarde] = []
    relationships: list[_Relatie] = []


class _Object(msgspec.Struct):
    """An object."""

    id: str
    type: str
    attributes: list[_Waarde] = []


class _Ocel(msgspec.Struct):
    """A log; what is in it beside these is not needed."""

    events: list[_Gebeurtenis]
    objects: list[_Object]


def lees(gang: Leesgang, invoer: Invoerbestand, logboek: Logboek) -> None:
    """Write a JSON log out."""
    ocel = _ontleed(gang, invoer)
    logboek.kies(gang, invoer, sorted({ding.type for ding in ocel.objects}))
    for ding in ocel.objects:
        logboek.object(ding.id, ding.type)
        if ding.type == logboek.objectsoort:
            op_tijd = sorted(ding.attributes, key=_moment)
            logboek.kenmerk(ding.id, {kenmerk.name: kenmerk.value for kenmerk in op_tijd})
    for stap in ocel.events:
        kenmerken = {kenmerk.name: kenmerk.value for kenmerk in stap.attributes if kenmerk.name}
        logboek.gebeurtenis(stap.id, stap.type, stap.time, kenmerken)
        for relatie in stap.relationships:
            logboek.relatie(stap.id, relatie.object_id, relatie.qualifier)


def _ontleed(gang: Leesgang, invoer: Invoerbestand) -> _Ocel:
    """The whole file, when it is not too large for that."""
    grens = min(MEESTE_JSON, gang.opties.meeste_bytes)
    if invoer.pad.stat().st_size > grens:
        raise Bestandsfout(
            "te-groot",
            invoer.naam,
            f"JSON van meer dan {grens} bytes past niet; exporteer OCEL als SQLite",
        )
    inhoud = invoer.pad.read_bytes().removeprefix(_BOM)
    try:
        return decoder_van(_Ocel).decode(inhoud)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as fout:
        if b'"ocel:global-log"' in inhoud:
            raise Bestandsfout(
                "ocel-1", invoer.naam, "dit is OCEL 1.0; exporteer het als OCEL 2.0"
            ) from fout
        raise Bestandsfout(
            "geen-ocel",
            invoer.naam,
            f"dit is geen OCEL 2.0 in JSON ({kort(fout)}); geef OCEL 2.0, of een export als CSV",
        ) from fout


def _moment(kenmerk: _Waarde) -> datetime:
    """When a value began to hold; a moment that cannot be read counts as the first."""
    try:
        moment = datetime.fromisoformat(kenmerk.time)
    except ValueError:
        return _EERST
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
