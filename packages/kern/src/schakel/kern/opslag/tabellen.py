"""Side tables, as SQL that SQLite and PostgreSQL both understand, made by one migration step.

Types are spelled so that both know them: ``{blob}`` and ``{nummer}`` differ and are filled in.
A later version of the schema adds a step; a step is never changed. It only adds (expand), so that
processes of the former version go on: what is new comes last and may be left out.
"""

from dataclasses import dataclass, replace

KERN: tuple[str, ...] = (
    # Answers to commands, so that a repeated command gets the same one (D9).
    "CREATE TABLE antwoorden (sleutel TEXT PRIMARY KEY, digest {blob} NOT NULL,"
    " antwoord {blob} NOT NULL){zonder_rowid}",
    # Messages that had an effect: known by source and id, never by offset (D3).
    "CREATE TABLE inbox (bron TEXT NOT NULL, bericht TEXT NOT NULL, digest {blob} NOT NULL,"
    " PRIMARY KEY (bericht, bron)){zonder_rowid}",
    # Messages that could not be handled, and those of the same tree behind them (D4).
    "CREATE TABLE geparkeerd (nummer {nummer}, bron TEXT NOT NULL, positie BIGINT NOT NULL,"
    " digest {blob} NOT NULL, boom TEXT, bericht TEXT, reden TEXT NOT NULL,"
    " uitleg TEXT NOT NULL, kop {blob} NOT NULL, waarde {blob} NOT NULL, op TEXT NOT NULL,"
    " klaar TEXT, afloop TEXT)",
    "CREATE INDEX geparkeerd_boom ON geparkeerd (boom) WHERE klaar IS NULL",
    "CREATE UNIQUE INDEX geparkeerd_eens ON geparkeerd (bron, digest)",
    # What people wrote, encrypted per aggregate; erasing the key erases it everywhere (D7).
    "CREATE TABLE sleutels (reeks TEXT PRIMARY KEY, sleutel {blob} NOT NULL){zonder_rowid}",
    "CREATE TABLE kluis (reeks TEXT NOT NULL, soort TEXT NOT NULL, inhoud {blob} NOT NULL,"
    " PRIMARY KEY (reeks, soort)){zonder_rowid}",
    "CREATE TABLE tellers (naam TEXT PRIMARY KEY, stand BIGINT NOT NULL){zonder_rowid}",
)

AUDIT: tuple[str, ...] = (
    # What operators did and were refused, as JSON that is never changed (BIO2 8.15).
    "CREATE TABLE audit (nummer {nummer}, inhoud {blob} NOT NULL)",
)
OPEN_GEPARKEERD: tuple[str, ...] = (
    # What waits is counted each time that something is parked; what is done with is never few.
    "CREATE INDEX geparkeerd_open ON geparkeerd (bron) WHERE klaar IS NULL",
)
"""The last step of whoever has a parking place."""
TEKSTEN: tuple[str, ...] = (
    # What people wrote, a key per text: a new text is a new version, only erasing takes one away.
    # Its key is wrapped in the one that ``sleutels`` has of its aggregate: with that, all are gone.
    # ``kluis`` is what a former version wrote; it is read for ever.
    "CREATE TABLE teksten (reeks TEXT NOT NULL, soort TEXT NOT NULL, versie INTEGER NOT NULL,"
    " inhoud {blob} NOT NULL, hmac {blob} NOT NULL, sleutel {blob} NOT NULL,"
    " PRIMARY KEY (reeks, soort, versie)){zonder_rowid}",
    # In the place of ``antwoorden``: neither a key nor a digest in it can be guessed back. The keys
    # come in no order: a table by row number, so that only their index is written everywhere.
    "CREATE TABLE gegeven_antwoorden (sleutel {blob} PRIMARY KEY, plekken TEXT NOT NULL,"
    " digest {blob} NOT NULL, antwoord {blob} NOT NULL)",
)
ANTWOORDEN_BIJ_REEKS: tuple[str, ...] = (
    # In those characters every answer of a former version says what it is about.
    "CREATE INDEX antwoorden_reeks ON antwoorden (substr(antwoord, 15, 36))",
)
PERSOONLIJK = (TEKSTEN, ANTWOORDEN_BIJ_REEKS)
"""The steps of whoever keeps what people wrote: behind its own, for it may have a store already."""

WISBAAR = ("sleutels", "teksten", "kluis", "antwoorden", "gegeven_antwoorden")
"""The tables from which something is erased."""


@dataclass(frozen=True)
class Tabellen:
    """The schema of one service: steps of the kern and its own, counted as its version.

    In the order in which they came: what the kern adds later stands behind what a service had.
    """

    stappen: tuple[tuple[str, ...], ...] = (KERN,)
    oudste: int = 2
    """Software that knows at least this version can still work with it; older cannot. The first one
    knew two steps. Raise it in the version that takes something away, a release after the last one
    that used it."""

    @property
    def versie(self) -> int:
        """The version of a store in which all steps were taken."""
        return len(self.stappen)

    @property
    def vraagt(self) -> int:
        """The version that a store asks of whoever opens it."""
        return min(self.oudste, self.versie)

    @property
    def afgerond(self) -> int:
        """What it asks when it is known that no former version comes back.

        Software of before this version reads ``antwoorden`` and ``kluis`` alone.
        """
        teksten = self.stappen.index(TEKSTEN) + 1 if TEKSTEN in self.stappen else 0
        return max(self.vraagt, teksten)

    def met(self, *eigen: tuple[str, ...]) -> "Tabellen":
        """The same with these steps behind."""
        return replace(self, stappen=self.stappen + eigen)


KERNTABELLEN = Tabellen()
