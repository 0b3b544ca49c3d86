"""The history of a log as messages for the orchestrator: the same that were derived from here.

A case is known on the bus by an id that follows from its key, never by the key itself: that may
say something about a person.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import duckdb
import msgspec

from schakel.afleiding import Waarneming
from schakel.contracts.historie import Ingevoerd
from schakel.kern.bus import Verzending

from .beoordeling import feiten_van
from .mapping import Mapping
from .stroom import stroom
from .verhaal import Verhaal, vertel

_GEEN_TIJD = datetime(1970, 1, 1, tzinfo=UTC)


class Zaakinvoer(NamedTuple):
    """A case on its way: how many came before it, its id, and its messages."""

    nummer: int
    melding_id: str
    verhaal: Verhaal
    berichten: list[Verzending]


@dataclass(frozen=True)
class Invoer:
    """Who brings in what: the source, what the import is called, and which uitgave of it this is.

    ``uitgave`` rises when an import of the same name is another: its messages take the place of
    those before, case by case.
    """

    bron: str
    naam: str
    uitgave: int


def melding_van(bron: str, naam: str, zaak: str) -> UUID:
    """Always the same for the same import and case, and not to be read back."""
    return uuid5(NAMESPACE_URL, f"{bron}/{naam}/{hashlib.sha256(zaak.encode()).hexdigest()}")


def zaken(
    db: duckdb.DuckDBPyConnection, mapping: Mapping, invoer: Invoer, vanaf: int = 0
) -> Iterator[Zaakinvoer]:
    """The cases after the first ``vanaf``, in an order that does not change."""
    vraag = (
        f"SELECT zaak, regels, feiten, tijden, begin FROM zaakrijen ORDER BY zaak OFFSET {vanaf}"
    )
    rijen = stroom(db, vraag, 1_000)
    for nummer, (zaak, regels, feiten, tijden, begin) in enumerate(rijen, vanaf + 1):
        melding_id = str(melding_van(invoer.bron, invoer.naam, zaak))
        verhaal = vertel(melding_id, invoer.bron, feiten_van(mapping, regels, feiten))
        verhaal.berichten = [
            _van_uitgave(bericht, i, invoer.uitgave) for i, bericht in enumerate(verhaal.berichten)
        ]
        tijdstippen = [
            _tijdstip(begin if feit.plek is None else tijden[feit.plek]) for feit in verhaal.feiten
        ]
        berichten = [
            Verzending(nummer, melding_id.encode(), _bericht(waarneming, op), waarneming.type)
            for waarneming, op in zip(verhaal.berichten, tijdstippen, strict=True)
        ]
        yield Zaakinvoer(nummer, melding_id, verhaal, berichten)


def _tijdstip(op: datetime | None) -> datetime:
    return _GEEN_TIJD if op is None else op.replace(tzinfo=UTC)


def _van_uitgave(bericht: Waarneming, plek: int, uitgave: int) -> Waarneming:
    """Another import says other things, so under another id."""
    data = msgspec.structs.replace(bericht.data, uitgave=uitgave)
    id_ = f"{data.melding_id}.{uitgave}{plek:06d}"
    return msgspec.structs.replace(bericht, id=id_, data=data)


def _bericht(bericht: Waarneming, op: datetime) -> bytes:
    data = Ingevoerd.model_validate(msgspec.to_builtins(bericht.data))
    return data.verpak(type_=bericht.type, id_=bericht.id, bron=bericht.source, tijdstip=op)
