"""What the orchestrator keeps: every message it saw, and per tree what follows from them."""

from schakel.kern.opslag import AUDIT, KERNTABELLEN

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
)

INSERT_GEZIEN = (
    "INSERT INTO gezien"
    " (bron, bericht, digest, wortel, melding, tijdstip, waarde, ontvangen, kop)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bron, bericht, digest) DO NOTHING"
)
ZET_BOOM = (
    "INSERT INTO bomen VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (wortel) DO UPDATE SET"
    " proces = excluded.proces, werkstroom = excluded.werkstroom, status = excluded.status,"
    " afwijkingen = excluded.afwijkingen, wijziging = excluded.wijziging,"
    " ronde = excluded.ronde, afleiding = excluded.afleiding"
)
