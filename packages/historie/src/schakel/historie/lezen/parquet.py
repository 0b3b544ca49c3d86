"""Parquet where it lies, every column as text."""

from collections.abc import Mapping

import duckdb

from schakel.historie import sql

from .bron import Bestandsdeel, Invoerbestand
from .fout import Bestandsfout
from .kolommen import kolomnamen
from .leesgang import Leesgang, kort

_ISO = "%Y-%m-%dT%H:%M:%S"
_TIJDEN: Mapping[str, str] = {
    "TIMESTAMP": f"strftime({{}}, '{_ISO}.%f')",
    "TIMESTAMP_NS": f"strftime({{}}, '{_ISO}.%n')",
    # In UTC, whatever the time zone of the connection is.
    "TIMESTAMP WITH TIME ZONE": f"strftime(make_timestamp(epoch_us({{}})), '{_ISO}.%f+00:00')",
}


def lees_parquet(gang: Leesgang, invoer: Invoerbestand) -> Bestandsdeel:
    """Read through once where that is asked: a damaged page shows here, not in a later query."""
    pad = gang.veilig(invoer.pad)
    bron = f"read_parquet({sql.tekst(pad)}, file_row_number = true, hive_partitioning = false)"
    try:
        kop = [
            (str(rij[0]), str(rij[1]))
            for rij in gang.db.execute(
                f"DESCRIBE SELECT * EXCLUDE file_row_number FROM {bron}"
            ).fetchall()
        ]
        kolommen = kolomnamen(invoer.naam, (naam for naam, _ in kop))
        # Counting alone would be answered from the statistics, without reading a page.
        gelezen = f", bit_xor(hash({sql.namen(kolommen)}))" if gang.opties.keur else ""
        geteld = gang.db.execute(f"SELECT count(*){gelezen} FROM {bron}").fetchone()
    except duckdb.OutOfMemoryException:
        raise  # that says nothing about the file
    except duckdb.Error as fout:
        raise Bestandsfout(
            "parquet-onleesbaar",
            invoer.naam,
            f"dit is geen gaaf Parquet-bestand ({kort(fout)}); maak de export opnieuw",
        ) from fout
    if not geteld or not geteld[0]:
        raise Bestandsfout(
            "geen-rijen", invoer.naam, "er staat geen rij in; maak de export opnieuw"
        )
    waarden = ", ".join(_als_tekst(naam, soort) for naam, soort in kop)
    selectie = f"SELECT {waarden}, file_row_number + 1 AS _rij FROM {bron}"
    return Bestandsdeel(invoer.naam, kolommen, selectie, op_volgorde=True)


def _als_tekst(kolom: str, soort: str) -> str:
    """A column as text under its own name; an empty text is no value."""
    naam = sql.naam(kolom)
    waarde = _TIJDEN.get(soort, "CAST({} AS VARCHAR)").format(naam)
    return f"nullif({waarde}, '') AS {naam}"
