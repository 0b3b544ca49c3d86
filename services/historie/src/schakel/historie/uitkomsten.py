"""The tables in which the outcome stands: ``zaken`` and ``gebeurtenissen``."""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from .lezen import Bron
from .rijen import PER_BESTAND
from .sql import lijst, tekst
from .uitslag import Uitslag, als_json

_UITSLAG = """{
    nummer: 'BIGINT', proces: 'VARCHAR', werkstroom: 'INTEGER', kandidaten: 'INTEGER[]',
    geschiedenis: 'STRUCT(werkstroom INTEGER, plek INTEGER)[]', woord: 'VARCHAR', pad: 'VARCHAR',
    compleet: 'BOOLEAN',
    afwijkingen: 'STRUCT(code VARCHAR, uitleg VARCHAR, zekerheid VARCHAR, plek INTEGER)[]',
    status: 'VARCHAR', uitkomst: 'VARCHAR', reden: 'VARCHAR', gebruikt: 'INTEGER',
    gebeurtenissen: 'STRUCT(plek INTEGER, gebeurtenis VARCHAR, proces VARCHAR, naar VARCHAR,
                            bijzonderheid VARCHAR)[]'
}"""
_EINDE = ("gesloten", "voltooid", "ingetrokken", "omgezet", "afgewezen", "afgebroken")
_KLAAR = f"""
    CASE WHEN status IN {lijst(_EINDE)} THEN coalesce(
        list_max(list_transform(
            list_filter(gebeurtenissen, lambda x: x.gebeurtenis IN {lijst(_EINDE)}),
            lambda x: tijden[x.plek + 1])),
        einde) END
"""
"""When a case that ended did so; the last row of it where nothing says when."""


def bewaar(
    db: duckdb.DuckDBPyConnection, map_: Path, uitslagen: Iterable[tuple[int, int, Uitslag]]
) -> None:
    """The table ``uitslagen``, from a number, how many rows it rests on, and the outcome."""
    pad = map_ / "uitslagen.ndjson"
    with pad.open("wb") as bestand:
        for nummer, gebruikt, uitslag in uitslagen:
            kop = f'{{"nummer":{nummer},"gebruikt":{gebruikt},'.encode()
            bestand.write(kop + als_json(uitslag)[1:] + b"\n")
    db.execute(f"""
        CREATE TABLE uitslagen AS
        SELECT * FROM read_json({tekst(str(pad))}, format = 'newline_delimited',
                                columns = {_UITSLAG})
    """)
    pad.unlink()


def voeg_samen(db: duckdb.DuckDBPyConnection, bron: Bron) -> None:
    """From ``zaaknummers`` (which case has which outcome, and its rows) to the two tables."""
    bestand = bestandsnaam(bron, f"rijen[x.plek + 1] // {PER_BESTAND}")
    rij = f"rijen[x.plek + 1] % {PER_BESTAND}"
    db.execute(f"""
        CREATE TABLE zaakuitkomsten AS
        SELECT zaak, proces, werkstroom, kandidaten,
            list_transform(geschiedenis, lambda x: {{
                'werkstroom': x.werkstroom, 'bestand': {bestand}, 'rij': {rij},
                'tijdstip': tijden[x.plek + 1]}}) AS geschiedenis,
            woord, pad, compleet,
            list_transform(afwijkingen, lambda x: {{
                'code': x.code, 'uitleg': x.uitleg, 'zekerheid': x.zekerheid,
                'bestand': {bestand}, 'rij': {rij}}}) AS afwijkingen,
            status, uitkomst, begin, klaar AS einde, epoch(klaar - begin) AS duur_s,
            reden, kanaal, nummer, gebruikt, rijen, tijden
        FROM (SELECT *, {_KLAAR} AS klaar FROM zaaknummers JOIN uitslagen USING (nummer))
        ORDER BY zaak
    """)
    db.execute("""
        CREATE VIEW zaken AS
        SELECT * EXCLUDE (nummer, gebruikt, rijen, tijden) FROM zaakuitkomsten
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


def bestandsnaam(bron: Bron, nummer: str) -> str:
    """The name of a file by its number."""
    namen = ", ".join(map(tekst, bron.bestanden))
    return f"([{namen}])[({nummer}) + 1]"
