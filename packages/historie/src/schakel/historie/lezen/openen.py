"""From the files that someone names to one view in DuckDB."""

import stat
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import duckdb

from schakel.historie import sql

from . import ocel_json, ocel_sqlite, taal
from .bron import Bestandsdeel, Bron, Invoerbestand, Leesopties
from .csvbestand import lees_csv
from .fout import Bestandsfout
from .kolommen import gezamenlijk
from .leesgang import Leesgang, kort
from .ocel import lees_ocel
from .parquet import lees_parquet
from .soort import Soort, soort_van
from .uitpakken import pak_uit
from .xes import lees_xes

_LEZERS: Mapping[Soort, Callable[[Leesgang, Invoerbestand], Bestandsdeel]] = {
    Soort.CSV: lees_csv,
    Soort.PARQUET: lees_parquet,
    Soort.XES: lees_xes,
    Soort.OCEL_JSON: partial(lees_ocel, ocel_json.lees),
    Soort.OCEL_SQLITE: partial(lees_ocel, ocel_sqlite.lees),
}


def open_bron(
    db: duckdb.DuckDBPyConnection, bestanden: Sequence[Path], tabel: str, opties: Leesopties
) -> Bron:
    """Make the view ``tabel`` on the files, and the table of the rows that are not in it.

    No scan of the view skips a row: its numbers are the same whatever is asked of it. With
    ``opties.keur`` every row is found to be readable here; without it a query of the view raises
    an error of DuckDB where one is not, and the files are to be opened again with it.
    """
    if not bestanden:
        raise Bestandsfout(
            "geen-bestand", tabel, "er is geen bestand genoemd; geef er ten minste een"
        )
    for bestand in bestanden:
        _controleer(bestand)
    gang = Leesgang(db, opties)
    with ExitStack() as bij_fout:
        bij_fout.callback(gang.ruim_op)
        delen = [deel for bestand in bestanden for deel in _lees(gang, bestand)]
        bron = Bron(
            tabel=tabel,
            kolommen=gezamenlijk(delen),
            bestanden=tuple(deel.naam for deel in delen),
            geweigerd=f"{tabel}_geweigerd",
            op_volgorde=all(deel.op_volgorde for deel in delen),
        )
        gang.bewaar_geweigerde(bron.geweigerd)
        _maak_view(db, bron, delen)
        bij_fout.pop_all()
    return bron


def _lees(gang: Leesgang, bestand: Path) -> list[Bestandsdeel]:
    """A packed file may be several."""
    delen = []
    naam = taal.leesbaar(bestand)
    try:
        for invoer in pak_uit(gang, bestand):
            naam = invoer.naam
            delen.append(_LEZERS[soort_van(invoer)](gang, invoer))
    except OSError as fout:
        raise Bestandsfout(
            "schijf", naam, f"lezen of uitpakken lukt niet: {fout.strerror or fout}"
        ) from fout
    except duckdb.OutOfMemoryException:
        raise  # that says nothing about the file
    except duckdb.Error as fout:
        raise Bestandsfout("onleesbaar", naam, f"DuckDB kan het niet lezen: {kort(fout)}") from fout
    return delen


def _controleer(bestand: Path) -> None:
    """Say what is wrong before any reader stumbles over it."""
    try:
        gegevens = bestand.stat()
        if stat.S_ISDIR(gegevens.st_mode):
            raise Bestandsfout(
                "is-een-map", bestand, "dit is een map; noem de bestanden die erin staan"
            )
        if not stat.S_ISREG(gegevens.st_mode):
            raise Bestandsfout(
                "geen-bestand", bestand, "dit is geen gewoon bestand; sla de export eerst op"
            )
        with bestand.open("rb"):
            pass
    except FileNotFoundError as fout:
        raise Bestandsfout("bestaat-niet", bestand, "dit bestand bestaat niet") from fout
    except PermissionError as fout:
        raise Bestandsfout(
            "geen-rechten", bestand, "u mag dit bestand niet lezen; vraag leesrechten"
        ) from fout
    except OSError as fout:
        raise Bestandsfout(
            "niet-te-openen", bestand, f"openen lukt niet: {fout.strerror or fout}"
        ) from fout
    if gegevens.st_size == 0:
        raise Bestandsfout("leeg-bestand", bestand, "dit bestand is leeg; maak de export opnieuw")


def _maak_view(db: duckdb.DuckDBPyConnection, bron: Bron, delen: Sequence[Bestandsdeel]) -> None:
    """The files below each other, each with its own numbers."""
    selecties = []
    for nummer, deel in enumerate(delen):
        kolommen = ", ".join(
            sql.naam(k) if k in deel.kolommen else f"CAST(NULL AS VARCHAR) AS {sql.naam(k)}"
            for k in bron.kolommen
        )
        selecties.append(
            f"SELECT {kolommen}, {nummer}::INTEGER AS _bestand, _rij FROM ({deel.sql})"
        )
    db.execute(f"CREATE OR REPLACE VIEW {sql.naam(bron.tabel)} AS {' UNION ALL '.join(selecties)}")
