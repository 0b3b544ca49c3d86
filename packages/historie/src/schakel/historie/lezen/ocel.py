"""OCEL 2.0: events that belong to objects of several types, of which one is the case.

Both its forms are written out as events, objects and relations between them; here they become
one row for every event and object of the chosen type.
"""

from collections.abc import Callable

from schakel.historie import sql
from schakel.historie.stroom import stroom

from .bron import Bestandsdeel, Invoerbestand
from .fout import Bestandsfout
from .kolommen import kolomnamen
from .leesgang import Leesgang
from .logboek import ID, KWALIFICATIE, NUMMER, OBJECT, OBJECTSOORT, SOORT, TIJD, Logboek
from .regels import Regels

_BEZWAAR = "\1bezwaar"


def lees_ocel(
    schrijf_uit: Callable[[Leesgang, Invoerbestand, Logboek], None],
    gang: Leesgang,
    invoer: Invoerbestand,
) -> Bestandsdeel:
    """``schrijf_uit`` knows the form."""
    logboek = Logboek(gang, invoer)
    try:
        schrijf_uit(gang, invoer, logboek)
    finally:
        logboek.sluit()
    return _voeg_samen(gang, invoer, logboek)


def _voeg_samen(gang: Leesgang, invoer: Invoerbestand, logboek: Logboek) -> Bestandsdeel:
    """Join in DuckDB, which needs no room for it in memory."""
    _eis_uniek(gang, invoer, logboek.gebeurtenissen, ID)
    _eis_uniek(gang, invoer, logboek.objecten, OBJECT)
    van_stap, van_object = logboek.gebeurtenissen.erbij, logboek.kenmerken.erbij
    kolommen = kolomnamen(
        invoer.naam, [ID, SOORT, TIJD, OBJECT, KWALIFICATIE, *van_stap, *van_object]
    )
    pad = gang.bewaar(invoer.naam, _samenvoeging(logboek, van_stap, van_object))
    for deel in logboek.delen:
        deel.pad.unlink()
    bezwaar = sql.naam(_BEZWAAR)
    uit = f"FROM read_parquet({sql.tekst(pad)})"
    if not _weiger(gang, invoer, f"{uit} WHERE {bezwaar} IS NOT NULL", uit):
        raise Bestandsfout(
            "geen-rijen",
            invoer.naam,
            f"geen enkele gebeurtenis hoort bij een object van het type {logboek.objectsoort!r};"
            " kies een ander type met --objecttype",
        )
    selectie = f"SELECT {sql.namen(kolommen)}, _rij {uit} WHERE {bezwaar} IS NULL"
    return Bestandsdeel(invoer.naam, kolommen, selectie, vast=False)


def _eis_uniek(gang: Leesgang, invoer: Invoerbestand, regels: Regels, sleutel: str) -> None:
    """Two events or objects with one id would double the rows without anyone seeing it."""
    naam = sql.naam(sleutel)
    dubbel = gang.db.execute(
        f"SELECT {naam} FROM {regels.sql()} GROUP BY {naam} HAVING count(*) > 1 LIMIT 1"
    ).fetchone()
    if dubbel:
        raise Bestandsfout(
            "dubbele-id",
            invoer.naam,
            f"{dubbel[0]!r} komt meer dan een keer voor als {sleutel}; maak de export opnieuw",
        )


def _samenvoeging(logboek: Logboek, van_stap: list[str], van_object: list[str]) -> str:
    """Every relation with its event and its object, numbered in the order of the file."""
    waarden = ", ".join(
        f"{alias}.{sql.naam(kolom)}"
        for alias, namen in (
            ("relatie", [ID, OBJECT, KWALIFICATIE]),
            ("stap", [SOORT, TIJD, *van_stap]),
            ("kenmerk", van_object),
        )
        for kolom in namen
    )
    nummer, soort = sql.naam(NUMMER), sql.naam(OBJECTSOORT)
    id_, object_ = sql.naam(ID), sql.naam(OBJECT)
    return (
        f"SELECT row_number() OVER (ORDER BY relatie.{nummer}) AS _rij, {waarden},"
        f" CASE WHEN stap.{id_} IS NULL THEN 'deze gebeurtenis staat niet in het bestand'"
        f" WHEN ding.{object_} IS NULL THEN 'dit object staat niet in het bestand' END"
        f" AS {sql.naam(_BEZWAAR)}"
        f" FROM {logboek.relaties.sql()} AS relatie"
        f" LEFT JOIN {logboek.gebeurtenissen.sql()} AS stap ON stap.{id_} = relatie.{id_}"
        f" LEFT JOIN {logboek.objecten.sql()} AS ding ON ding.{object_} = relatie.{object_}"
        f" LEFT JOIN {logboek.kenmerken.sql()} AS kenmerk ON kenmerk.{object_} = relatie.{object_}"
        f" WHERE ding.{object_} IS NULL OR ding.{soort} = {sql.tekst(logboek.objectsoort)}"
    )


def _weiger(gang: Leesgang, invoer: Invoerbestand, slecht: str, alle: str) -> int:
    """Refuse the relations that lead nowhere; how many rows remain."""
    velden = sql.namen(["_rij", _BEZWAAR, ID, OBJECT])
    geweigerd = 0
    for nummer, reden, stap, object_ in stroom(gang.db, f"SELECT {velden} {slecht} ORDER BY _rij"):
        geweigerd += 1
        gang.weiger(invoer.naam, nummer, reden, f"{stap} - {object_}")
    aantal = gang.db.execute(f"SELECT count(*) {alle}").fetchone()
    return int(aantal[0]) - geweigerd if aantal else 0
