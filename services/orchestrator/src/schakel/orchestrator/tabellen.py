"""What the orchestrator keeps: every message it saw, and per tree what follows from them."""

from typing import NamedTuple

from schakel.kern.opslag import AUDIT, KERNTABELLEN, OPEN_GEPARKEERD

TABELLEN = KERNTABELLEN.met(
    (
        # Raw and for ever. All variants of one (source, id) are kept: none of them is guessed away.
        "CREATE TABLE gezien (volgorde {nummer}, bron TEXT NOT NULL, bericht TEXT NOT NULL,"
        " digest {blob} NOT NULL, wortel TEXT NOT NULL, melding TEXT NOT NULL,"
        " tijdstip TEXT NOT NULL, waarde {blob} NOT NULL)",
        "CREATE UNIQUE INDEX gezien_eens ON gezien (bericht, bron, digest)",
        "CREATE INDEX gezien_wortel ON gezien (wortel)",
        "CREATE INDEX gezien_melding ON gezien (melding)",
        # Derived: may be thrown away and is made again from the former.
        "CREATE TABLE bomen (wortel TEXT PRIMARY KEY, proces TEXT, werkstroom INTEGER,"
        " status TEXT NOT NULL, afwijkingen INTEGER NOT NULL, wijziging BIGINT NOT NULL UNIQUE,"
        " ronde BIGINT NOT NULL, afleiding {blob} NOT NULL){zonder_rowid}",
        "CREATE INDEX bomen_werkstroom ON bomen (werkstroom, wortel)",
        "CREATE INDEX bomen_status ON bomen (status, wortel)",
    ),
    AUDIT,
    (
        # When it came in, rising with its number; and of a message in binary mode how it came.
        "ALTER TABLE gezien ADD COLUMN ontvangen TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE gezien ADD COLUMN kop {blob}",
    ),
    (
        # When the bus took it in; and whether another spoke first of what it speaks of.
        "ALTER TABLE gezien ADD COLUMN toegevoegd BIGINT DEFAULT 0",
        "ALTER TABLE gezien ADD COLUMN vreemd INTEGER NOT NULL DEFAULT 0",
        # Who was asked to open a melding, and by whom: whose it is follows from the first of them.
        "CREATE TABLE genoemd (melding TEXT NOT NULL, gever TEXT NOT NULL, voor TEXT NOT NULL,"
        " toegevoegd BIGINT, PRIMARY KEY (melding, gever, voor)){zonder_rowid}",
    ),
    OPEN_GEPARKEERD,
)

Variant = tuple[str, str, bytes]
"""Source, id and digest: what was said under one id may differ."""


class Gezien(NamedTuple):
    """A row of ``gezien``, in the order of its columns.

    ``waarde`` is the message in structured mode, whichever it came in; ``kop`` is how it came when
    that was binary mode. ``digest`` is of what came: every distinct text of it is kept.
    ``toegevoegd`` is when the bus took it in (``Record``).
    """

    bron: str
    bericht: str
    digest: bytes
    wortel: str
    melding: str
    tijdstip: str
    waarde: bytes
    ontvangen: str = ""
    kop: bytes | None = None
    toegevoegd: int | None = None

    @property
    def variant(self) -> Variant:
        """What it is known by."""
        return self.bron, self.bericht, self.digest


INSERT_GEZIEN = (
    "INSERT INTO gezien"
    " (bron, bericht, digest, wortel, melding, tijdstip, waarde, ontvangen, kop, toegevoegd)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bron, bericht, digest) DO NOTHING"
)
INSERT_GENOEMD = (
    # The earliest counts; not to know it goes before all.
    "INSERT INTO genoemd VALUES (?, ?, ?, ?) ON CONFLICT (melding, gever, voor) DO UPDATE SET"
    " toegevoegd = CASE WHEN excluded.toegevoegd IS NULL"
    " OR excluded.toegevoegd < genoemd.toegevoegd"
    " THEN excluded.toegevoegd ELSE genoemd.toegevoegd END"
)
ZET_TOEGEVOEGD = "UPDATE gezien SET toegevoegd = ? WHERE bron = ? AND bericht = ? AND digest = ?"
ZET_VREEMD = "UPDATE gezien SET vreemd = ? WHERE bron = ? AND bericht = ? AND digest = ?"
WIS_BOOM = (
    "DELETE FROM bomen WHERE wortel = ?"
    " AND NOT EXISTS (SELECT 1 FROM gezien WHERE wortel = ? AND vreemd = 0)"
)
ZET_BOOM = (
    "INSERT INTO bomen VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (wortel) DO UPDATE SET"
    " proces = excluded.proces, werkstroom = excluded.werkstroom, status = excluded.status,"
    " afwijkingen = excluded.afwijkingen, wijziging = excluded.wijziging,"
    " ronde = excluded.ronde, afleiding = excluded.afleiding"
)
