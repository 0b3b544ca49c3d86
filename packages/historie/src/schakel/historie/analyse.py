"""From the files of an organisation to what its meldingen were, in bounded memory."""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from schakel.kern.grond.weigering import Fout, Ongeldig

from . import eigen, rijen, tellingen, zaken
from .beoordeling import Zaakoordeel, beoordelen
from .ernaast import ernaast
from .lezen import Bestandsfout, Bron, Leesopties, open_bron
from .mapping import Mapping as Mappingmodel
from .mapping.voorstel import stel_voor
from .namen import Namen
from .uitkomsten import bestandsnaam, bewaar, leg_vast, voeg_samen
from .voortgang import Voortgang, gevolgd

GEHEUGEN = "1GB"
"""What DuckDB may hold; the rest goes to disk."""
_AFGEBROKEN = "Query interrupted"
"""What DuckDB makes of Ctrl-C."""
A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True)
class Hoe:
    """What may be said about the files; what is not said is found out from them."""

    scheiding: str | None = None
    codering: str | None = None
    objecttype: str | None = None
    geheugen: str = GEHEUGEN
    meld: Voortgang | None = None


@dataclass(frozen=True)
class Loganalyse:
    """What was found: ``zaken``, ``gebeurtenissen`` and ``geweigerd`` in ``db``, and a summary."""

    db: duckdb.DuckDBPyConnection
    samenvatting: Mapping[str, Any]

    def leg_vast(self) -> None:
        """Make a table of what every case is; without it each question works that out again."""
        leg_vast(self.db)


@contextmanager
def analyseer(
    bestanden: Sequence[Path], mapping: Mappingmodel | None, hoe: Hoe | None = None
) -> Iterator[Loganalyse]:
    """Derive every case; what was made on the way is gone at the end of the block.

    Without a mapping the files hold messages of schakel itself. Raises Leesfout when a file cannot
    be used, or does not fit the mapping.
    """
    hoe = hoe or Hoe()
    with _werkplaats(hoe) as (db, opties):
        with gevolgd(db, hoe.meld) as meld:
            if mapping is None:
                analyse = _berichten(db, bestanden, opties, meld)
            else:
                analyse = _log(db, bestanden, mapping, opties, meld)
        yield analyse


def keur_kolommen(bestanden: Sequence[Path], mapping: Mappingmodel, hoe: Hoe) -> None:
    """Whether the files have what the mapping names; raises Leesfout."""
    with _werkplaats(hoe) as (db, opties):
        _open(db, bestanden, mapping, replace(opties, keur=False))


def stel_mapping_voor(bestand: Path, hoe: Hoe) -> str:
    """A first mapping for a file; raises Leesfout."""
    with _werkplaats(hoe) as (db, opties):
        return _met(
            lambda opties: open_bron(db, [bestand], "log", opties),
            lambda bron: stel_voor(db, bron.tabel, bron.kolommen),
            opties,
        )


@contextmanager
def _werkplaats(hoe: Hoe) -> Iterator[tuple[duckdb.DuckDBPyConnection, Leesopties]]:
    """A database that stays within its memory, and a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="schakel-") as naam:
        map_ = Path(naam)
        instellingen: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": hoe.geheugen,
            "temp_directory": str(map_ / "duckdb"),
            # Nothing is fetched from anywhere.
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        try:
            db = duckdb.connect(config=instellingen)
        except duckdb.ParserException as fout:
            uitleg = f"--geheugen: {hoe.geheugen!r} is geen hoeveelheid; bijvoorbeeld 1GB"
            raise Ongeldig("geheugen-ongeldig", uitleg) from fout
        try:
            yield db, Leesopties(hoe.scheiding, hoe.codering, hoe.objecttype, tijdelijk=map_)
        except duckdb.OutOfMemoryException as fout:
            uitleg = (
                f"{hoe.geheugen} geheugen is te weinig, of wat er niet in past past ook niet in"
                f" {map_.parent}; geef meer met --geheugen, of met TMPDIR een ruimere map"
            )
            raise Fout("te-weinig-geheugen", uitleg) from fout
        except RuntimeError as fout:
            if str(fout) == _AFGEBROKEN:
                raise KeyboardInterrupt from fout
            raise
        finally:
            db.close()


def _log(
    db: duckdb.DuckDBPyConnection,
    bestanden: Sequence[Path],
    mapping: Mappingmodel,
    opties: Leesopties,
    meld: Voortgang,
) -> Loganalyse:
    namen = Namen(mapping)
    meld("rijen lezen en regels toepassen")
    bron = _lees(db, bestanden, namen, opties)
    _weiger(db, bron, rijen.geweigerde(namen))
    meld("zaken samenstellen")
    zaken.maak(db, namen)
    meld("werkstromen afleiden")
    oordelen = beoordelen(mapping, zaken.handtekeningen(db))
    return _afgeleid(db, bron, opties.tijdelijk, oordelen, namen)


def _lees(
    db: duckdb.DuckDBPyConnection, bestanden: Sequence[Path], namen: Namen, opties: Leesopties
) -> Bron:
    """The view ``rijen``, and the attributes of the cases."""

    def gebruik(beide: tuple[Bron, str | None]) -> Bron:
        bron, kenmerken = beide
        db.execute(rijen.kenmerken(namen, kenmerken))
        rijen.lees(db, namen, bron)
        return bron

    return _met(lambda opties: _open(db, bestanden, namen.mapping, opties), gebruik, opties)


def _met(open_: Callable[[Leesopties], A], gebruik: Callable[[A], B], opties: Leesopties) -> B:
    """Use what is opened, in the faith that every row of it can be read; most often that is so."""
    try:
        return gebruik(open_(replace(opties, keur=False)))
    except (duckdb.InvalidInputException, duckdb.IOException):
        return gebruik(open_(opties))


def _berichten(
    db: duckdb.DuckDBPyConnection, bestanden: Sequence[Path], opties: Leesopties, meld: Voortgang
) -> Loganalyse:
    meld("berichten lezen")
    bron = eigen.open_berichten(db, bestanden, opties.tijdelijk)
    _weiger(db, bron, eigen.geweigerde())
    eigen.maak_zaken(db)
    meld("werkstromen afleiden")
    return _afgeleid(db, bron, opties.tijdelijk, eigen.oordelen(db))


def _afgeleid(
    db: duckdb.DuckDBPyConnection,
    bron: Bron,
    map_: Path,
    oordelen: Iterable[Zaakoordeel],
    namen: Namen | None = None,
) -> Loganalyse:
    # DuckDB counts on the cores that Python leaves idle.
    with ernaast(db, tellingen.tel_vuil) as geteld:
        bewaar(db, map_, oordelen)
        vuil = geteld()
    voeg_samen(db, bron)
    return Loganalyse(db, {**tellingen.tel(db, namen, bron), "vuil": vuil})


def _open(
    db: duckdb.DuckDBPyConnection,
    bestanden: Sequence[Path],
    mapping: Mappingmodel,
    opties: Leesopties,
) -> tuple[Bron, str | None]:
    """The log, and the table of attributes if there is one."""
    bron = _open_met(db, bestanden, "log", mapping.rijkolommen(), opties)
    if mapping.kenmerken is None:
        return bron, None
    bestand = bestanden[0].parent / mapping.kenmerken.bestand
    nodig = [*mapping.kenmerken.sleutel, *mapping.kenmerkkolommen()]
    opties = replace(opties, keur=True)
    return bron, _open_met(db, [bestand], "kenmerkbron", nodig, opties).tabel


def _open_met(
    db: duckdb.DuckDBPyConnection,
    bestanden: Sequence[Path],
    tabel: str,
    nodig: Sequence[str],
    opties: Leesopties,
) -> Bron:
    bron = open_bron(db, bestanden, tabel, opties)
    if ontbrekend := [kolom for kolom in nodig if kolom not in bron.kolommen]:
        raise Bestandsfout(
            "kolom-ontbreekt",
            bestanden[0],
            f"de mapping noemt {', '.join(ontbrekend)}, maar het bestand heeft"
            f" {', '.join(bron.kolommen)}; pas de mapping of de export aan",
        )
    return bron


def _weiger(db: duckdb.DuckDBPyConnection, bron: Bron, geweigerde: str) -> None:
    """The table ``geweigerd``: rows that say too little, and those that could not be read."""
    db.execute(f"""
        CREATE TABLE geweigerd AS
        SELECT {bestandsnaam(bron, "_bestand")} AS bestand, _rij AS rij, reden, inhoud
        FROM ({geweigerde}) AS g(_bestand, _rij, reden, inhoud)
        UNION ALL SELECT bestand, rij, reden, inhoud FROM {bron.geweigerd}
        ORDER BY bestand, rij
    """)
