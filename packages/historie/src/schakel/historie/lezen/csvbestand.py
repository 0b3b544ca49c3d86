"""CSV where it lies: DuckDB reads it anew at every scan, so its size does not matter."""

import duckdb

from schakel.historie import sql

from .bron import Bestandsdeel, Invoerbestand
from .codering import als_utf8
from .fout import Bestandsfout
from .leesgang import Leesgang
from .opschonen import schoon_op
from .vorm import bepaal_vorm, lees_kop


def lees_csv(gang: Leesgang, invoer: Invoerbestand) -> Bestandsdeel:
    """A file without one bad row is read in place, any other is cleaned into the scratch folder.

    DuckDB can skip bad rows too, but which ones depends on the columns that a query wants, and
    then the numbers of all rows after them would depend on it.
    """
    tekst = als_utf8(gang, invoer)
    vorm = bepaal_vorm(gang, invoer, tekst)
    kop = lees_kop(invoer, tekst, vorm)
    ruw = f"read_csv({sql.tekst(tekst.pad)}, {vorm.sql(kop.kolommen)})"
    aantal = _tel(gang, ruw) if kop.gewoon and not tekst.vuil else None
    nummer, op_volgorde = "row_number() OVER () AS _rij", True
    if aantal is None:
        schoon = schoon_op(gang, invoer, tekst, vorm, kop)
        ruw, aantal, nummer, op_volgorde = schoon.sql(kop.kolommen), schoon.aantal, "_rij", False
    if not aantal:
        raise Bestandsfout(
            "geen-rijen",
            invoer.naam,
            "er staat een kopregel maar geen enkele rij; maak de export opnieuw",
        )
    selectie = f"SELECT {sql.namen(kop.kolommen)}, {nummer} FROM {ruw}"
    return Bestandsdeel(invoer.naam, kop.kolommen, selectie, op_volgorde=op_volgorde)


def _tel(gang: Leesgang, ruw: str) -> int | None:
    """How many rows there are, or nothing when one cannot be read; one row unless all count."""
    bron = ruw if gang.opties.keur else f"(FROM {ruw} LIMIT 1)"
    try:
        geteld = gang.db.execute(f"SELECT count(*), count(COLUMNS(*)) FROM {bron}").fetchone()
    except duckdb.InvalidInputException:
        return None
    return int(geteld[0]) if geteld else None
