"""From rows to cases, by DuckDB: it works on columns, spills to disk and stays within its memory.

What remains of a case is which rules held on its rows, in order: its *signature*. Many cases share
one, and what follows from it is derived once.
"""

from collections.abc import Iterator

import duckdb

from .mapping import Zaakregel
from .namen import Namen, samen, zaakfeit
from .sql import tekst
from .vraagtaal import vertaal

ZAAKREGEL = 1_000_000
"""What is added to the number of a rule for the whole case that has a time."""


def gevallen(namen: Namen) -> str:
    """The table ``gevallen``: what is known of each case but for the rules on its rows."""
    kanaal = namen.mapping.kanaal
    uit = ["zaak", "min(t) AS begin", "max(t) AS einde"]
    uit += [f"{samen(blad)}({f}) AS {f}" for blad, f in namen.feiten.items() if blad.kolom]
    uit += [f"min({t}) AS {t}" for t, tijd in namen.tijden() if tijd.kolom]
    if kanaal is not None and kanaal.kolom:
        uit.append("min(kanaal) AS kanaal")
    return f"""
        CREATE TABLE gevallen AS
        SELECT * FROM (SELECT {", ".join(uit)} FROM rijen GROUP BY zaak)
        LEFT JOIN kenmerken USING (zaak)
    """


def zaken(namen: Namen) -> str:
    """The table ``zaakrijen``: the signature of each case, and the rows behind it."""
    velden = ["t", *_volgorde(namen), "regel", "h", "rij"]
    rij = ", ".join(f"{veld} := {veld}" for veld in velden)
    feiten = [
        f"CASE WHEN {_geldt(namen, regel)} THEN {i} END"
        for i, regel in enumerate(namen.mapping.zaakregels)
        if regel.tijd is None
    ]
    return f"""
        CREATE TABLE zaakrijen AS
        SELECT zaak, coalesce(list_transform(rijtjes, lambda x: x.regel), []) AS regels,
               list_transform(rijtjes, lambda x: x.rij) AS rijen,
               list_transform(rijtjes, lambda x: x.t) AS tijden,
               list_filter([{", ".join(feiten)}]::INTEGER[], lambda x: x IS NOT NULL) AS feiten,
               begin, einde, {_kanaal(namen)} AS kanaal
        FROM gevallen
        LEFT JOIN (SELECT zaak, list_sort(list(struct_pack({rij})), 'ASC', 'NULLS FIRST') AS rijtjes
                   FROM ({_betekenis(namen)}) GROUP BY zaak) USING (zaak)
    """


def _betekenis(namen: Namen) -> str:
    """The rows on which a rule held, each once, and what has a time of its own."""
    groep = ", ".join(["zaak", "t", *_volgorde(namen), "regel", "h"])
    van_rijen = (
        f"SELECT {groep}, min(rij) AS rij FROM rijen WHERE regel IS NOT NULL GROUP BY {groep}"
    )
    van_zaak = [
        f"SELECT zaak, t{i} AS t, {ZAAKREGEL + i} AS regel FROM gevallen"
        f" WHERE {_geldt(namen, regel)}"
        for i, regel in enumerate(namen.mapping.zaakregels)
        if regel.tijd is not None
    ]
    return " UNION ALL BY NAME ".join([van_rijen, *van_zaak])


def _volgorde(namen: Namen) -> list[str]:
    return [f"o{i}" for i in range(len(namen.volgorde))]


def _geldt(namen: Namen, regel: Zaakregel) -> str:
    return vertaal(regel.als, lambda blad: zaakfeit(namen, blad))


def _kanaal(namen: Namen) -> str:
    kanaal = namen.mapping.kanaal
    if kanaal is None:
        return "NULL::VARCHAR"
    genoemd = " ".join(
        f"WHEN {tekst(waarde)} THEN {tekst(soort)}" for waarde, soort in kanaal.waarden.items()
    )
    return f"CASE kanaal {genoemd} ELSE kanaal END" if genoemd else "kanaal"


def handtekeningen(db: duckdb.DuckDBPyConnection) -> Iterator[tuple[int, list[int], list[int]]]:
    """Every signature there is, once, with a number."""
    db.execute("""
        CREATE TABLE handtekeningen AS
        SELECT row_number() OVER (ORDER BY regels, feiten) AS nummer, regels, feiten
        FROM (SELECT DISTINCT regels, feiten FROM zaakrijen)
    """)
    lezer = db.cursor()
    lezer.execute("SELECT nummer, regels, feiten FROM handtekeningen ORDER BY nummer")
    while rijen := lezer.fetchmany(10_000):
        yield from rijen
