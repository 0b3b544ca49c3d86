"""Where the outcome stands: ``zaken`` and ``gebeurtenissen``, and how many cases had which."""

from collections.abc import Iterable
from pathlib import Path

import duckdb
import msgspec

from schakel.afleiding.toestand import EINDSTATUS

from .beoordeling import Zaakoordeel
from .lezen import Bron
from .rijen import PER_BESTAND
from .sql import lijst, tekst

_UITSLAG = """{
    nummer: 'BIGINT', proces: 'VARCHAR', werkstroom: 'INTEGER', kandidaten: 'INTEGER[]',
    geschiedenis: 'STRUCT(werkstroom INTEGER, plek INTEGER)[]', woord: 'VARCHAR', pad: 'VARCHAR',
    compleet: 'BOOLEAN',
    afwijkingen: 'STRUCT(code VARCHAR, uitleg VARCHAR, zekerheid VARCHAR, plek INTEGER)[]',
    status: 'VARCHAR', uitkomst: 'VARCHAR', reden: 'VARCHAR',
    gebeurtenissen: 'STRUCT(plek INTEGER, gebeurtenis VARCHAR, proces VARCHAR, naar VARCHAR,
                            bijzonderheid VARCHAR)[]'
}"""
_OORDEEL = """{
    handtekening: 'BIGINT', nummer: 'BIGINT', plekken: 'INTEGER[]', gebruikt: 'INTEGER'
}"""
_EINDE = tuple(EINDSTATUS.values())
_KLAAR = f"""
    CASE WHEN status IN {lijst(_EINDE)} THEN coalesce(
        list_max(list_transform(
            list_filter(gebeurtenissen, lambda x: x.gebeurtenis IN {lijst(_EINDE)}),
            lambda x: tijden[x.plek + 1])),
        einde) END
"""
"""When a case that ended did so; the last row of it where nothing says when."""


def bewaar(db: duckdb.DuckDBPyConnection, map_: Path, oordelen: Iterable[Zaakoordeel]) -> None:
    """The tables ``oordelen`` (of a signature) and ``uitslagen``, each outcome once."""
    per_handtekening, per_uitslag = map_ / "oordelen.ndjson", map_ / "uitslagen.ndjson"
    with per_handtekening.open("wb") as eerste, per_uitslag.open("wb") as tweede:
        for oordeel in oordelen:
            velden = zip(Zaakoordeel._fields[:-1], oordeel[:-1], strict=True)
            eerste.write(msgspec.json.encode(dict(velden)) + b"\n")
            if oordeel.uitslag is not None:
                kop = f'{{"nummer":{oordeel.nummer},'.encode()
                tweede.write(kop + msgspec.json.encode(oordeel.uitslag)[1:] + b"\n")
    for tabel, pad, kolommen in (
        ("oordelen", per_handtekening, _OORDEEL),
        ("uitslagen", per_uitslag, _UITSLAG),
    ):
        db.execute(f"""
            CREATE TABLE {tabel} AS
            SELECT * FROM read_json({tekst(pad)}, format = 'newline_delimited',
                                    columns = {kolommen})
        """)
        pad.unlink()


def voeg_samen(db: duckdb.DuckDBPyConnection, bron: Bron) -> None:
    """The views on what was found; nothing is made until it is asked for.

    From ``zaaknummers`` (which case has which signature, and its rows) and ``handtekeningen`` (how
    many cases have it). The view ``geteld``: each outcome with its ``zaken`` and rows ``gebruikt``.
    """
    bestand = bestandsnaam(bron, f"rijen[x.plek + 1] // {PER_BESTAND}")
    rij = f"rijen[x.plek + 1] % {PER_BESTAND}"
    db.execute("""
        CREATE VIEW geteld AS
        SELECT * FROM uitslagen JOIN (
            SELECT nummer, sum(zaken)::BIGINT AS zaken, sum(zaken * gebruikt)::BIGINT AS gebruikt
            FROM oordelen JOIN handtekeningen USING (handtekening) GROUP BY nummer
        ) USING (nummer)
    """)
    db.execute(f"""
        CREATE VIEW zaakuitkomsten AS
        SELECT zaak, proces, werkstroom, kandidaten,
            list_transform(geschiedenis, lambda x: {{
                'werkstroom': x.werkstroom, 'bestand': {bestand}, 'rij': {rij},
                'tijdstip': tijden[x.plek + 1]}}) AS geschiedenis,
            woord, pad, compleet,
            list_transform(afwijkingen, lambda x: {{
                'code': x.code, 'uitleg': x.uitleg, 'zekerheid': x.zekerheid,
                'bestand': {bestand}, 'rij': {rij}}}) AS afwijkingen,
            status, uitkomst, begin, klaar AS einde, epoch(klaar - begin) AS duur_s,
            reden, kanaal, nummer, rijen, tijden
        FROM (SELECT *, {_KLAAR} AS klaar
              FROM (SELECT * REPLACE (
                        list_transform(plekken, lambda p: rijen[p + 1]) AS rijen,
                        list_transform(plekken, lambda p: tijden[p + 1]) AS tijden)
                    FROM zaaknummers JOIN oordelen USING (handtekening))
              JOIN uitslagen USING (nummer))
        ORDER BY zaak
    """)
    db.execute("""
        CREATE VIEW zaken AS SELECT * EXCLUDE (nummer, rijen, tijden) FROM zaakuitkomsten
    """)
    db.execute(f"""
        CREATE VIEW gebeurtenissen AS
        SELECT zaak, n, tijden[x.plek + 1] AS tijdstip, x.gebeurtenis, x.proces, x.naar,
               x.bijzonderheid, {bestand} AS bestand, {rij} AS rij
        FROM (SELECT deze.zaak, deze.rijen, deze.tijden,
                     unnest(uitslagen.gebeurtenissen) AS x,
                     generate_subscripts(uitslagen.gebeurtenissen, 1) AS n
              FROM zaakuitkomsten AS deze JOIN uitslagen USING (nummer))
    """)


def leg_vast(db: duckdb.DuckDBPyConnection) -> None:
    """Turn the view on which ``zaken`` and ``gebeurtenissen`` rest into a table."""
    db.execute("CREATE TABLE vastgelegd AS SELECT * FROM zaakuitkomsten")
    db.execute("CREATE OR REPLACE VIEW zaakuitkomsten AS SELECT * FROM vastgelegd")


def bestandsnaam(bron: Bron, nummer: str) -> str:
    """The name of a file by its number."""
    namen = ", ".join(map(tekst, bron.bestanden))
    return f"([{namen}])[({nummer}) + 1]"
