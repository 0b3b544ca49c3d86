"""From the file to rows: of which case, when, and what can be told of each row by itself.

The log is read once, by all cores, and only what is still needed is kept. Rules that look at other
rows, or at the second file, wait until the rows of a case stand in order (``volgorde``).
"""

from collections.abc import Iterator

import duckdb

from .lezen import Bron
from .mapping.voorwaarden import Rijplaats, Vergelijking
from .namen import Namen, samen
from .sql import naam, tekst
from .vraagtaal import VERGELIJKBAAR, tijdstip, toets, vertaal

PER_BESTAND = 2**40
"""A row is known by one number: the file times this, plus its place in the file."""


def kenmerken(namen: Namen, tabel: str | None) -> str:
    """The table ``kenmerken``: one row per case, with what its attributes say."""
    m = namen.mapping
    if m.kenmerken is None or tabel is None:
        return "CREATE OR REPLACE TABLE kenmerken (zaak VARCHAR)"
    uit = ["zaak"]
    uit += [
        f"{samen(blad)}({toets(blad, namen.kenmerk[blad.kenmerk])}) AS {f}"
        for blad, f in namen.feiten.items()
        if blad.kenmerk is not None
    ]
    uit += [
        f"min({tijdstip(namen.kenmerk[tijd.kenmerk], tijd)}) AS {t}"
        for t, tijd in namen.tijden()
        if tijd.kenmerk is not None
    ]
    if m.kanaal is not None and m.kanaal.kenmerk is not None:
        uit.append(f"min({namen.kenmerk[m.kanaal.kenmerk]}) AS kanaal")
    sleutel = f"{namen.sleutel(m.kenmerken.sleutel)} AS zaak"
    return f"""
        CREATE OR REPLACE TABLE kenmerken AS SELECT {", ".join(uit)}
        FROM (SELECT {", ".join([sleutel, *namen.kenmerken()])} FROM {naam(tabel)})
        WHERE zaak IS NOT NULL GROUP BY zaak
    """


def lees(db: duckdb.DuckDBPyConnection, namen: Namen, bron: Bron) -> None:
    """The view ``alle_rijen``, and ``rijen`` of those that can be used.

    Raises an error of DuckDB when a row cannot be read: every column is asked for.
    """
    tijd = namen.mapping.tijd
    velden = [
        f"{namen.sleutel(namen.mapping.zaak.sleutel)} AS zaak",
        *namen.kolommen(),
        f"hash({', '.join(map(naam, bron.kolommen))}) AS h",
        f"{_nummer(bron)} AS nummer",
    ]
    gelezen = f"SELECT {', '.join(velden)} FROM {naam(bron.tabel)}"
    gelezen = f"SELECT *, {tijdstip(namen.rij[tijd.kolom], tijd)} AS t FROM ({gelezen})"
    uit = ["zaak", "t", "h", "nummer", *_uit(namen)]
    db.execute(f"CREATE TABLE gelezen AS SELECT {', '.join(uit)} FROM ({gelezen})")
    db.execute(f"CREATE VIEW alle_rijen AS SELECT *, {_rij(db, bron)} AS rij FROM gelezen")
    bruikbaar = "zaak IS NOT NULL AND onleesbaar IS NULL"
    db.execute(f"CREATE VIEW rijen AS SELECT * FROM alle_rijen WHERE {bruikbaar}")


def _nummer(bron: Bron) -> str:
    """What is kept to know a row by; of rows that come in order only the number of the file."""
    return "_bestand" if bron.op_volgorde else f"_bestand * {PER_BESTAND} + _rij"


def _rij(db: duckdb.DuckDBPyConnection, bron: Bron) -> str:
    """The number of a row; of rows that came in order it follows from their place in the table."""
    if not bron.op_volgorde:
        return "nummer"
    begin = dict(db.execute("SELECT nummer, min(rowid) FROM gelezen GROUP BY ALL").fetchall())
    plus = [i * PER_BESTAND + 1 - begin.get(i, 0) for i in range(len(bron.bestanden))]
    return f"rowid + ({plus}::BIGINT[])[nummer + 1]"


def geweigerde(namen: Namen) -> str:
    """Those that cannot be used, and why: ``_bestand``, ``_rij``, ``reden``, ``inhoud``."""
    m = namen.mapping
    zaak = tekst(f"de zaak is leeg ({', '.join(m.zaak.sleutel)})")
    tijd = tekst(f"de tijd is niet te lezen ({m.tijd.kolom})")
    return f"""
        SELECT rij // {PER_BESTAND}, rij % {PER_BESTAND},
               CASE WHEN zaak IS NULL THEN {zaak} ELSE {tijd} END,
               CASE WHEN zaak IS NULL THEN '' ELSE onleesbaar END
        FROM alle_rijen WHERE zaak IS NULL OR onleesbaar IS NOT NULL
    """


def _uit(namen: Namen) -> Iterator[str]:
    m = namen.mapping
    for o, uitdrukking in namen.volgorde.items():
        yield f"{uitdrukking} AS {o}"
    for blad, b in namen.rijtoetsen.items():
        yield f"{_blad(namen, blad)} AS {b}"
    for (kolom, vorm), w in namen.wendingen.items():
        yield f"{VERGELIJKBAAR[vorm].format(namen.rij[kolom])} AS {w}"
    for t, tijd in namen.tijden():
        if tijd.kolom is not None:
            yield f"{tijdstip(namen.rij[tijd.kolom], tijd)} AS {t}"
    if m.kanaal is not None and m.kanaal.kolom is not None:
        yield f"{namen.rij[m.kanaal.kolom]} AS kanaal"
    for s, nummers in namen.vroeg.items():
        gevallen = " ".join(
            f"WHEN {vertaal(m.regels[i].als, lambda blad: _blad(namen, blad))} THEN {i}"
            for i in nummers
        )
        yield f"CASE {gevallen} END::USMALLINT AS {s}"
    yield f"CASE WHEN {namen.nog_niets()} THEN {namen.sprekend()} END AS onaangeraakt"
    tijd_ = namen.rij[m.tijd.kolom]
    yield f"CASE WHEN t IS NULL THEN {tijd_} END AS onleesbaar"


def _blad(namen: Namen, blad: Vergelijking | Rijplaats) -> str:
    """A test that needs no other row."""
    if isinstance(blad, Rijplaats) or blad.kolom is None:
        raise LookupError(f"niet van deze rij alleen: {blad}")
    return toets(blad, namen.rij[blad.kolom])
