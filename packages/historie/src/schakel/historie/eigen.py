"""Schakel's own messages as a log: JSON Lines of CloudEvents, which need no mapping."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from schakel.afleiding import lees
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import MAX_BYTES, OnleesbaarBericht
from schakel.kern.bus.bericht import KOPPEN, Record, lees_bericht

from .beoordeling import Zaakoordeel
from .lezen import Bestandsfout, Bron
from .rijen import PER_BESTAND
from .sql import tekst
from .stroom import stroom
from .terugblik import venster, vuil
from .uitslag import beoordeel_berichten

ACHTERVOEGSELS = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
MEESTE_TEKENS = 16 * MAX_BYTES
"""Of a line; a message may be a sixteenth of it, so that one that is too big is still told."""
_TYPEN = frozenset(CATALOGUS)
_VELDEN = {
    "zaak": "$.data.wortelId",
    "bron": "$.source",
    "id": "$.id",
    "tijd": "$.time",
    "kanaal": "$.data.kanaal",
}


def zijn_berichten(bestanden: Sequence[Path]) -> bool:
    """Whether these are messages of schakel itself, by their names."""
    return all(bestand.name.lower().endswith(ACHTERVOEGSELS) for bestand in bestanden)


def open_berichten(
    db: duckdb.DuckDBPyConnection, bestanden: Sequence[Path], tijdelijk: Path
) -> Bron:
    """The view ``rijen``: the messages that the orchestrator could read; raises Leesfout."""
    delen = " UNION ALL ".join(
        f"SELECT regel, {i} * {PER_BESTAND} + row_number() OVER () AS rij FROM {_regels(bestand)}"
        for i, bestand in enumerate(bestanden)
    )
    try:
        db.execute(f"CREATE TABLE regels AS SELECT * FROM ({delen}) WHERE trim(regel) <> ''")
    except (duckdb.IOException, duckdb.InvalidInputException) as fout:
        uitleg = str(fout).partition("\n")[0]
        raise Bestandsfout("onleesbaar", bestanden[0], f"is niet te lezen: {uitleg}") from fout
    _keur(db, tijdelijk)
    velden = ", ".join(
        f"json_extract_string(regel, {tekst(pad)}) AS {veld}" for veld, pad in _VELDEN.items()
    )
    db.execute(f"""
        CREATE TABLE rijen AS
        SELECT *, try_cast(tijd AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS t, hash(regel) AS h
        FROM (SELECT rij, regel, {velden} FROM regels ANTI JOIN onleesbaar USING (rij))
    """)
    db.execute("CREATE TABLE geen (bestand VARCHAR, rij BIGINT, reden VARCHAR, inhoud VARCHAR)")
    return Bron("regels", ("regel",), tuple(map(str, bestanden)), "geen", op_volgorde=False)


def _regels(bestand: Path) -> str:
    """A file as one column of lines; nothing in them means anything to the reader of CSV."""
    vorm = (
        "header = false, auto_detect = false, delim = chr(1), quote = '', escape = '',"
        f" columns = {{'regel': 'VARCHAR'}}, max_line_size = {MEESTE_TEKENS}"
    )
    return f"read_csv({tekst(str(bestand))}, {vorm})"


def _keur(db: duckdb.DuckDBPyConnection, tijdelijk: Path) -> None:
    """The table ``onleesbaar``, by the same checks as on the bus."""
    pad = tijdelijk / "onleesbaar.ndjson"
    with pad.open("w") as uit:
        for rij, regel in stroom(db, "SELECT rij, regel FROM regels"):
            if (reden := _bezwaar(rij, regel.encode())) is not None:
                uit.write(json.dumps({"rij": rij, "reden": reden}) + "\n")
    db.execute(f"""
        CREATE TABLE onleesbaar AS SELECT * FROM read_json(
            {tekst(str(pad))}, format = 'newline_delimited',
            columns = {{rij: 'BIGINT', reden: 'VARCHAR'}})
    """)


class _Zender(msgspec.Struct):
    source: str = ""


_ZENDER: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_Zender)


def _bezwaar(rij: int, ruw: bytes) -> str | None:
    """Why a message cannot be read. Who may write here is not asked: a file does not say."""
    try:
        zender = _ZENDER.decode(ruw).source
        lees_bericht(Record(rij, None, KOPPEN, ruw), zender, _TYPEN)
        lees(ruw)
    except OnleesbaarBericht as fout:
        return fout.uitleg
    except (msgspec.DecodeError, RecursionError):
        return "dit is geen CloudEvent van een melding"
    return None


def geweigerde() -> str:
    """The messages that cannot be read: ``_bestand``, ``_rij``, ``reden``, ``inhoud``."""
    # What stands in a message that is none of ours is not repeated: it may be anything.
    return f"SELECT rij // {PER_BESTAND}, rij % {PER_BESTAND}, reden, '' FROM onleesbaar"


def maak_zaken(db: duckdb.DuckDBPyConnection) -> None:
    """The table ``zaaknummers``: every tree, which has a signature of its own, and its messages.

    Variants of one message that name different trees concern each of those (domain, section 6.6).
    """
    db.execute("""
        CREATE TABLE zaaknummers AS
        SELECT row_number() OVER (ORDER BY zaak) AS handtekening, zaak,
               list(rij ORDER BY rij) AS rijen,
               list(t ORDER BY rij) AS tijden, list(regel ORDER BY rij) AS regels,
               min(t) AS begin, max(t) AS einde, min(kanaal) AS kanaal
        FROM (SELECT zaak, rij, t, regel, kanaal FROM rijen
              UNION
              SELECT ander.zaak, deze.rij, deze.t, deze.regel, NULL
              FROM rijen AS deze JOIN (
                  SELECT bron, id FROM rijen GROUP BY bron, id HAVING count(DISTINCT zaak) > 1
              ) USING (bron, id) JOIN rijen AS ander USING (bron, id)
              WHERE ander.zaak <> deze.zaak)
        GROUP BY zaak
    """)
    db.execute("CREATE VIEW handtekeningen AS SELECT handtekening, 1 AS zaken FROM zaaknummers")
    db.execute(f"""
        CREATE VIEW zaakvuil AS SELECT {", ".join(vuil())} FROM rijen {venster()}
    """)


def oordelen(db: duckdb.DuckDBPyConnection) -> Iterator[Zaakoordeel]:
    """What every tree is."""
    vraag = "SELECT handtekening, zaak, regels FROM zaaknummers ORDER BY handtekening"
    for nummer, zaak, regels in stroom(db, vraag, 1_000):
        uitslag = beoordeel_berichten(zaak, [lees(regel.encode()) for regel in regels])
        gebruikt = len(uitslag.gebeurtenissen)
        plekken = list(range(len(regels)))
        yield Zaakoordeel(nummer, nummer, plekken, gebruikt, uitslag)
