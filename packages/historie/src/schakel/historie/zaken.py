"""From rows to cases, by DuckDB: it works on columns, spills to disk and stays within its memory.

What remains of a case is which rules held on its rows, in order: its *signature*. Many cases share
one, and what follows from it is derived once.
"""

from collections.abc import Iterator, Mapping

import duckdb

from .mapping import Zaakregel
from .mapping.model import MEESTE_REGELS
from .namen import Namen, samen, zaakfeit
from .sql import tekst
from .stroom import stroom
from .terugblik import VUIL, geordend
from .vraagtaal import vertaal

ZAAKREGEL = MEESTE_REGELS
"""What is added to the number of a rule for the whole case that has a time."""
Handtekening = tuple[int, list[int], list[int]]


def maak(db: duckdb.DuckDBPyConnection, namen: Namen) -> None:
    """The tables ``zaakrijen``, one row per case, and ``handtekeningen``, each signature once."""
    db.execute(f"CREATE TABLE zaakrijen AS {_zaakrijen(namen)}")
    db.execute("""
        CREATE TABLE handtekeningen AS
        SELECT row_number() OVER (ORDER BY regels, feiten) AS handtekening, regels, feiten, zaken
        FROM (SELECT regels, feiten, count(*) AS zaken FROM zaakrijen GROUP BY ALL)
    """)
    db.execute("""
        CREATE VIEW zaaknummers AS
        SELECT zaakrijen.*, handtekening FROM zaakrijen JOIN handtekeningen USING (regels, feiten)
    """)
    db.execute(f"CREATE VIEW zaakvuil AS SELECT {', '.join(VUIL)} FROM zaakrijen")


def handtekeningen(db: duckdb.DuckDBPyConnection) -> Iterator[Handtekening]:
    """Every signature, with its number."""
    vraag = "SELECT handtekening, regels, feiten FROM handtekeningen ORDER BY handtekening"
    return stroom(db, vraag, 1_000)


def _zaakrijen(namen: Namen) -> str:
    """The signature of each case, and the rows behind it."""
    feiten = [
        f"CASE WHEN {_geldt(namen, regel)} THEN {i} END"
        for i, regel in enumerate(namen.mapping.zaakregels)
        if regel.tijd is None
    ]
    return f"""
        SELECT zaak, list_transform(rijtjes, lambda x: x.regel) AS regels,
               list_transform(rijtjes, lambda x: x.rij) AS rijen,
               list_transform(rijtjes, lambda x: x.t) AS tijden,
               list_filter([{", ".join(feiten)}]::USMALLINT[], lambda x: x IS NOT NULL) AS feiten,
               begin, einde, {_kanaal(namen)} AS kanaal, {", ".join(VUIL)},
               laat_geraakt
        FROM (SELECT * REPLACE ({_zonder_herhaling(namen)} AS rijtjes)
              FROM (SELECT *, {_eersten(namen)} AS eersten
                    FROM (SELECT * REPLACE ({_op_volgorde(namen)} AS rijtjes)
                          FROM ({_gevallen(namen)}) LEFT JOIN kenmerken USING (zaak))))
    """


def _gevallen(namen: Namen) -> str:
    """One row per case: what is known of it, and the rows on which a rule held, each once."""
    kanaal = namen.mapping.kanaal
    geldt = "regel IS NOT NULL AND NOT dubbel"
    uit = [
        f"list({_struct(_rijtje(namen))}) FILTER (WHERE {geldt}) AS rijtjes",
        "min(t) AS begin",
        "max(t) AS einde",
    ]
    uit += [
        f"{samen(blad)}({namen.rijtoetsen[blad]}) AS {f}"
        for blad, f in namen.feiten.items()
        if blad.kolom
    ]
    uit += [f"min({t}) AS {t}" for t, tijd in namen.tijden() if tijd.kolom]
    if kanaal is not None and kanaal.kolom:
        uit.append("min(kanaal) AS kanaal")
    uit += [f"count(*) FILTER (WHERE {vuil}) AS {vuil}" for vuil in VUIL]
    laat = ", ".join(map(str, namen.laat)) or "NULL"
    uit.append(f"list(rij) FILTER (WHERE regel IN ({laat})) AS laat_geraakt")
    return f"SELECT zaak, {', '.join(uit)} FROM ({geordend(namen)}) GROUP BY zaak"


def _rijtje(namen: Namen) -> dict[str, str]:
    """What is known of a row on which a rule held, in the order in which it decides."""
    return {veld: veld for veld in ("t", *namen.volgorde, "regel", "n", "rij")}


def _struct(velden: Mapping[str, str]) -> str:
    return f"{{{', '.join(f'{tekst(naam)}: {waarde}' for naam, waarde in velden.items())}}}"


def _op_volgorde(namen: Namen) -> str:
    """The rows of a case in order, with what holds for the whole case at a time of its own.

    What the mapping puts in no order, its rules do: the first of them first.
    """
    leeg = dict.fromkeys(_rijtje(namen), "NULL")
    van_zaak = [
        f"CASE WHEN {_geldt(namen, regel)} THEN"
        f" {_struct({**leeg, 't': f't{i}', 'regel': f'{ZAAKREGEL + i}::USMALLINT'})} END"
        for i, regel in enumerate(namen.mapping.zaakregels)
        if regel.tijd is not None
    ]
    alles = "coalesce(rijtjes, [])"
    if van_zaak:
        erbij = f"list_filter([{', '.join(van_zaak)}], lambda x: x IS NOT NULL)"
        alles = f"list_concat({alles}, {erbij})"
    return f"list_sort({alles}, 'ASC', 'NULLS FIRST')"


def _eersten(namen: Namen) -> str:
    """Where each rule that counts once holds first; not looked up per row: a case may be long."""
    regels = "list_transform(rijtjes, lambda x: x.regel)"
    return f"[{', '.join(f'list_position({regels}, {i})' for i in namen.eenmalig)}]::BIGINT[]"


def _zonder_herhaling(namen: Namen) -> str:
    """Of a rule that counts once, the first row; what more it touches is a note."""
    gevallen = " ".join(
        f"WHEN {nummer} THEN i = eersten[{plek}]" for plek, nummer in enumerate(namen.eenmalig, 1)
    )
    if not gevallen:
        return "rijtjes"
    return f"list_filter(rijtjes, lambda x, i: CASE x.regel {gevallen} ELSE true END)"


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
