"""The werkvoorraad: one row per melding, written in the transaction of its events."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from schakel.kern.opslag import (
    AUDIT,
    KERNTABELLEN,
    OPEN_GEPARKEERD,
    PERSOONLIJK,
    Opslag,
    Rij,
)
from schakel.kern.vastlegging.werk import Werk

from .melding import Melding
from .weergave import kenmerken

TABELLEN = KERNTABELLEN.met(
    (
        "CREATE TABLE meldingen (id TEXT PRIMARY KEY, boom TEXT NOT NULL, ouder TEXT,"
        " volgnummer TEXT NOT NULL UNIQUE, loopt INTEGER NOT NULL, is_open INTEGER NOT NULL,"
        " status TEXT NOT NULL, dienst TEXT NOT NULL, uiterlijk TEXT, stappen TEXT NOT NULL,"
        " overzicht {blob} NOT NULL){zonder_rowid}",
        "CREATE INDEX meldingen_open ON meldingen (is_open, id)",
        "CREATE INDEX meldingen_boom ON meldingen (boom)",
        "CREATE INDEX meldingen_ouder ON meldingen (ouder) WHERE loopt = 1",
        "CREATE INDEX meldingen_termijn ON meldingen (uiterlijk) WHERE uiterlijk IS NOT NULL",
    ),
    AUDIT,
    *PERSOONLIJK,
    OPEN_GEPARKEERD,
)

_ZET = (
    "INSERT INTO meldingen VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
    " loopt = excluded.loopt, is_open = excluded.is_open, status = excluded.status,"
    " uiterlijk = excluded.uiterlijk, stappen = excluded.stappen, overzicht = excluded.overzicht"
)
_SCHRIJF = msgspec.json.Encoder().encode

FILTERS: Mapping[str, str] = {
    "is_open": "is_open = ?",
    "status": "status = ?",
    "dienst": "dienst = ?",
    "wortel_id": "boom = ?",
    "uiterlijk_voor": "uiterlijk <= ?",
    "stap": "stappen LIKE '%,' || ? || ',%'",
    "na": "id > ?",
}


def projecteer(werk: Werk[Any], melding: Melding) -> None:
    """Write the row of a changed melding."""
    ouder = melding.plaats.ouder
    overzicht = kenmerken(melding)
    uiterlijk = melding.uiterlijk
    werk.rij(
        _ZET,
        (
            melding.id.hex,
            melding.plaats.boom.hex,
            ouder and ouder.id.hex,
            melding.volgnummer,
            int(melding.uitkomst is None),
            int(not melding.is_gesloten),
            overzicht["status"],
            melding.dienst,
            uiterlijk and uiterlijk.isoformat(),
            f",{','.join(overzicht['mogelijkeStappen'])},",
            _SCHRIJF(overzicht),
        ),
    )


def werkvoorraad(opslag: Opslag, filters: Mapping[str, Any], limiet: int) -> dict[str, Any]:
    """A page of meldingen in order of id, and the cursor of the next page."""
    gekozen = {naam: waarde for naam, waarde in filters.items() if waarde is not None}
    waar = " AND ".join(FILTERS[naam] for naam in gekozen) or "1 = 1"
    rijen = opslag.vraag(
        f"SELECT id, overzicht FROM meldingen WHERE {waar} ORDER BY id LIMIT ?",  # noqa: S608
        (*gekozen.values(), limiet + 1),
    )
    return {
        "meldingen": [msgspec.Raw(bytes(overzicht)) for _, overzicht in rijen[:limiet]],
        "volgende": str(UUID(hex=rijen[limiet - 1][0])) if len(rijen) > limiet else None,
    }


def lopende_kinderen(werk: Werk[Melding], ouder_id: UUID) -> list[Melding]:
    """The meldingen here that hang below ``ouder_id`` and have not ended."""
    rijen = werk.vraag("SELECT id FROM meldingen WHERE ouder = ? AND loopt = 1", (ouder_id.hex,))
    return [kind for kind in _kinderen(werk, ouder_id, rijen) if kind.uitkomst is None]


def kinderen_van(werk: Werk[Melding], boom: UUID, ouder_id: UUID) -> list[Melding]:
    """All meldingen here that hang below ``ouder_id``, in this tree."""
    rijen = werk.vraag(
        "SELECT id FROM meldingen WHERE boom = ? AND ouder = ?", (boom.hex, ouder_id.hex)
    )
    return _kinderen(werk, ouder_id, rijen)


def _kinderen(werk: Werk[Melding], ouder_id: UUID, rijen: Iterable[Rij]) -> list[Melding]:
    ids = {UUID(hex=id_) for (id_,) in rijen}
    ids |= {m.id for m in werk.geladen() if m.plaats.ouder and m.plaats.ouder.id == ouder_id}
    return [werk.haal(id_) for id_ in sorted(ids)]


def verlopen(opslag: Opslag, nu: str, limiet: int = 500) -> list[UUID]:
    """The meldingen of which a term has passed."""
    rijen = opslag.vraag(
        "SELECT id FROM meldingen WHERE uiterlijk <= ? ORDER BY uiterlijk LIMIT ?", (nu, limiet)
    )
    return [UUID(hex=id_) for (id_,) in rijen]
