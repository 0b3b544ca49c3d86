"""The history of a log as messages for the orchestrator: the same that were derived from here.

A case is known on the bus by an id that follows from its key, never by the key itself: that may
say something about a person.
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import duckdb
import msgspec

from schakel.kern.bus import Verzending
from schakel.orchestrator.afleiding import Waarneming

from .beoordeling import feiten_van
from .mapping import Mapping
from .verhaal import Verhaal, vertel

_GEEN_TIJD = datetime(1970, 1, 1, tzinfo=UTC)


class Zaak(NamedTuple):
    """A case on its way: how many came before it, its id, and its messages."""

    nummer: int
    melding_id: str
    verhaal: Verhaal
    berichten: list[Verzending]


def melding_van(bron: str, naam: str, zaak: str) -> UUID:
    """Always the same for the same import and case, and not to be read back."""
    return uuid5(NAMESPACE_URL, f"{bron}/{naam}/{hashlib.sha256(zaak.encode()).hexdigest()}")


def zaken(
    db: duckdb.DuckDBPyConnection, mapping: Mapping, bron: str, naam: str, vanaf: int = 0
) -> Iterator[Zaak]:
    """The cases after the first ``vanaf``, in an order that does not change."""
    lezer = db.cursor()
    lezer.execute(
        "SELECT zaak, regels, feiten, tijden, begin FROM zaakrijen ORDER BY zaak OFFSET ?", [vanaf]
    )
    nummer = vanaf
    while stuk := lezer.fetchmany(1_000):
        for zaak, regels, feiten, tijden, begin in stuk:
            nummer += 1
            melding_id = str(melding_van(bron, naam, zaak))
            verhaal = vertel(melding_id, bron, feiten_van(mapping, regels, feiten))
            tijdstippen = [
                _tijdstip(begin if feit.plek is None else tijden[feit.plek])
                for feit in verhaal.feiten
            ]
            berichten = [
                Verzending(nummer, melding_id.encode(), _bericht(waarneming, op))
                for waarneming, op in zip(verhaal.berichten, tijdstippen, strict=True)
            ]
            yield Zaak(nummer, melding_id, verhaal, berichten)


def _tijdstip(op: datetime | None) -> datetime:
    return _GEEN_TIJD if op is None else op.replace(tzinfo=UTC)


def _bericht(waarneming: Waarneming, op: datetime) -> bytes:
    """A CloudEvent without ``versie``: a log that was not ours has no such order."""
    data: dict[str, Any] = msgspec.to_builtins(waarneming.data)
    return msgspec.json.encode(
        {
            "specversion": "1.0",
            "id": waarneming.id,
            "source": waarneming.source,
            "type": waarneming.type,
            "subject": waarneming.data.melding_id,
            "time": op,
            "datacontenttype": "application/json",
            "partitionkey": waarneming.data.wortel_id,
            "data": {**{naam: w for naam, w in data.items() if w is not None}, "ingevoerd": True},
        }
    )
