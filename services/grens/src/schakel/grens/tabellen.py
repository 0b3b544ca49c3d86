"""What grens keeps beside its events: both logs of each partner, and how the link stands."""

from schakel.kern.opslag import AUDIT, KERNTABELLEN, OPEN_GEPARKEERD, PERSOONLIJK

TABELLEN = KERNTABELLEN.met(
    AUDIT,
    *PERSOONLIJK,
    (
        # Every leaf that either side ever said, as it came; ``logboek`` is the origin.
        "CREATE TABLE bladen (logboek TEXT NOT NULL, nummer BIGINT NOT NULL,"
        " hash {blob} NOT NULL, blad {blob} NOT NULL, PRIMARY KEY (logboek, nummer)){zonder_rowid}",
        # Hashes over 256 of those below: any root and any proof in a few reads.
        "CREATE TABLE deelbomen (logboek TEXT NOT NULL, laag INTEGER NOT NULL,"
        " nummer BIGINT NOT NULL, hash {blob} NOT NULL,"
        " PRIMARY KEY (logboek, laag, nummer)){zonder_rowid}",
        # What its writer signed, and what its reader gave for it: one of each per size, for ever.
        "CREATE TABLE notes (logboek TEXT NOT NULL, soort TEXT NOT NULL, omvang BIGINT NOT NULL,"
        " note TEXT NOT NULL, PRIMARY KEY (logboek, soort, omvang)){zonder_rowid}",
        "CREATE TABLE logboeken (logboek TEXT PRIMARY KEY, omvang BIGINT NOT NULL,"
        " rand {blob} NOT NULL, sleutels {blob} NOT NULL, verbinding BIGINT NOT NULL)"
        "{zonder_rowid}",
        # What came and could not be, with what it broke.
        "CREATE TABLE bewijsstukken (nummer {nummer}, partner TEXT NOT NULL, op TEXT NOT NULL,"
        " reden TEXT NOT NULL, inhoud {blob} NOT NULL)",
        # How the link with a partner stands; no session, or ``achterop``: nothing is numbered.
        "CREATE TABLE verbindingen (partner TEXT PRIMARY KEY, sessie_in TEXT, sessie_uit TEXT,"
        " vanaf BIGINT NOT NULL, achterop BIGINT NOT NULL, gevallen BIGINT NOT NULL,"
        " gestopt TEXT){zonder_rowid}",
        # Where to find schakels: ``wacht`` is the turn of the first that may be said now, and
        # ``wacht_altijd`` that of the first that may be in a blokkade too.
        "CREATE TABLE schakels (id TEXT PRIMARY KEY, partner TEXT NOT NULL, wij TEXT NOT NULL,"
        " schakel TEXT NOT NULL, gever TEXT, dicht INTEGER NOT NULL, wacht BIGINT,"
        " wacht_altijd BIGINT,"
        " overzicht {blob} NOT NULL){zonder_rowid}",
        "CREATE INDEX schakels_gever ON schakels (gever) WHERE gever IS NOT NULL",
        "CREATE INDEX schakels_schakel ON schakels (schakel)",
        "CREATE INDEX schakels_open ON schakels (partner) WHERE dicht = 0",
        "CREATE INDEX schakels_wacht ON schakels (partner, wacht) WHERE wacht IS NOT NULL",
        "CREATE INDEX schakels_altijd ON schakels (partner, wacht_altijd)"
        " WHERE wacht_altijd IS NOT NULL",
        # Of each first melding whose tree crosses a border, the keten; and where it came from.
        "CREATE TABLE ketens (wortel TEXT PRIMARY KEY, keten TEXT NOT NULL,"
        " diepte INTEGER NOT NULL, vanuit TEXT, model TEXT NOT NULL){zonder_rowid}",
        # Heads of a log that its writer told of, above what was here then: compared later.
        "CREATE TABLE controlepunten (logboek TEXT NOT NULL, omvang BIGINT NOT NULL,"
        " wortel {blob} NOT NULL, PRIMARY KEY (logboek, omvang, wortel)){zonder_rowid}",
        # When a partner was last told of heads, and how far both logs were then.
        "CREATE TABLE controlepuntmeldingen (partner TEXT PRIMARY KEY, op TEXT NOT NULL,"
        " uit BIGINT NOT NULL, in_ BIGINT NOT NULL){zonder_rowid}",
        # What an operator set on a partner.
        "CREATE TABLE remmen (partner TEXT PRIMARY KEY, geblokkeerd INTEGER NOT NULL,"
        " eindigt INTEGER NOT NULL, op TEXT NOT NULL){zonder_rowid}",
        # What was heard in a blokkade, and has its effect when that is lifted.
        "CREATE TABLE uitgesteld (nummer {nummer}, partner TEXT NOT NULL, schakel TEXT NOT NULL)",
        # How many messages of a log are held behind what could not be read.
        "CREATE TABLE vastgehouden (logboek TEXT PRIMARY KEY, aantal BIGINT NOT NULL)"
        "{zonder_rowid}",
        # How far the leaves of a partner's log had their effect; those above it wait their turn.
        "CREATE TABLE gehoord (logboek TEXT PRIMARY KEY, tot BIGINT NOT NULL){zonder_rowid}",
        # The logs in which their writer said to offer nothing new any more.
        "CREATE TABLE einden (logboek TEXT PRIMARY KEY, op TEXT NOT NULL){zonder_rowid}",
        # The texts that go with messages, and whether they are where they are to be: never a text.
        "CREATE TABLE inhouden (schakel TEXT NOT NULL, kant TEXT NOT NULL, nummer BIGINT NOT NULL,"
        " partner TEXT NOT NULL, van_ons INTEGER NOT NULL, stand TEXT NOT NULL,"
        " geboekt INTEGER NOT NULL, pogingen BIGINT NOT NULL, op TEXT NOT NULL,"
        " PRIMARY KEY (schakel, kant, nummer)){zonder_rowid}",
        "CREATE INDEX inhouden_wacht ON inhouden (partner, van_ons, op) WHERE stand = 'wacht'",
    ),
    OPEN_GEPARKEERD,
)
