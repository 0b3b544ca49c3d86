"""From the files of an organisation to what its meldingen were, in bounded memory."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from schakel.kern.weigering import Fout, Ongeldig

from . import eigen, rijen, tellingen, zaken
from .lezen import Bron, Leesfout, Leesopties, open_bron
from .mapping import Mapping as Mappingmodel
from .mapping.voorstel import stel_voor
from .namen import Namen
from .uitkomsten import bestandsnaam, bewaar, voeg_samen
from .uitslag import Uitslag, beoordeel
from .verhaal import Feit
from .zaken import ZAAKREGEL, handtekeningen

GEHEUGEN = "1GB"
"""What DuckDB may hold; the rest goes to disk."""
Voortgang = Callable[[str], None]


@dataclass(frozen=True)
class Hoe:
    """What may be said about the files; what is not said is found out from them."""

    scheiding: str | None = None
    codering: str | None = None
    objecttype: str | None = None
    geheugen: str = GEHEUGEN
    meld: Voortgang = lambda _: None


@dataclass(frozen=True)
class Analyse:
    """What was found: the tables ``zaken``, ``gebeurtenissen`` and ``geweigerd``, and a summary."""

    db: duckdb.DuckDBPyConnection
    samenvatting: Mapping[str, Any]


@contextmanager
def analyseer(
    bestanden: Sequence[Path], mapping: Mappingmodel | None, hoe: Hoe | None = None
) -> Iterator[Analyse]:
    """Derive every case; what was made on the way is gone at the end of the block.

    Without a mapping the files hold messages of schakel itself. Raises Leesfout when a file cannot
    be used, or does not fit the mapping.
    """
    hoe = hoe or Hoe()
    with _werkplaats(hoe) as (db, opties):
        if mapping is None:
            yield _berichten(db, bestanden, opties, hoe.meld)
        else:
            yield _log(db, bestanden, mapping, opties, hoe.meld)


def keur_kolommen(bestanden: Sequence[Path], mapping: Mappingmodel, hoe: Hoe) -> None:
    """Whether the files have what the mapping names; raises Leesfout."""
    with _werkplaats(hoe) as (db, opties):
        _open(db, bestanden, mapping, opties)


def stel_mapping_voor(bestand: Path, hoe: Hoe) -> str:
    """A first mapping for a file; raises Leesfout."""
    with _werkplaats(hoe) as (db, opties):
        bron = open_bron(db, [bestand], "log", opties)
        return stel_voor(db, bron.tabel, bron.kolommen)


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
            uitleg = f"{hoe.geheugen} geheugen is te weinig; geef meer met --geheugen"
            raise Fout("te-weinig-geheugen", uitleg) from fout
        finally:
            db.close()


def _log(
    db: duckdb.DuckDBPyConnection,
    bestanden: Sequence[Path],
    mapping: Mappingmodel,
    opties: Leesopties,
    meld: Voortgang,
) -> Analyse:
    meld("bestanden openen")
    bron, kenmerken = _open(db, bestanden, mapping, opties)
    namen = Namen(mapping)
    meld("rijen lezen en regels toepassen")
    db.execute(rijen.kenmerken(namen, kenmerken))
    db.execute(rijen.rijen(namen, bron.tabel, bron.kolommen))
    db.execute(rijen.goede())
    _weiger(db, bron, rijen.geweigerde(namen))
    meld("zaken samenstellen")
    db.execute(zaken.gevallen(namen))
    db.execute(zaken.zaken(namen))
    meld("werkstromen afleiden")
    bewaar(db, opties.tijdelijk, _uitslagen(db, mapping))
    db.execute("""
        CREATE VIEW zaaknummers AS
        SELECT zaakrijen.*, nummer FROM zaakrijen JOIN handtekeningen USING (regels, feiten)
    """)
    voeg_samen(db, bron)
    meld("tellen")
    return Analyse(db, tellingen.tel(db, mapping, bron))


def _berichten(
    db: duckdb.DuckDBPyConnection, bestanden: Sequence[Path], opties: Leesopties, meld: Voortgang
) -> Analyse:
    meld("berichten lezen")
    bron = eigen.open_berichten(db, bestanden, opties.tijdelijk)
    meld("werkstromen afleiden")
    bewaar(db, opties.tijdelijk, eigen.uitslagen(db))
    _weiger(db, bron, eigen.geweigerde())
    voeg_samen(db, bron)
    meld("tellen")
    return Analyse(db, tellingen.tel(db, None, bron))


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
        raise Leesfout(
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


def _uitslagen(
    db: duckdb.DuckDBPyConnection, mapping: Mappingmodel
) -> Iterator[tuple[int, int, Uitslag]]:
    """Once per signature: many cases have the same one."""
    for nummer, regels, feiten in handtekeningen(db):
        uitslag = beoordeel(list(feiten_van(mapping, regels, feiten)))
        plekken = {een.plek for een in uitslag.gebeurtenissen if een.plek is not None}
        yield nummer, sum(regels[plek] < ZAAKREGEL for plek in plekken), uitslag


def feiten_van(
    mapping: Mappingmodel, regels: Sequence[int], feiten: Sequence[int]
) -> Iterator[Feit]:
    """What the rules of a signature say, first what holds for the whole case."""
    for nummer in feiten:
        for gebeurtenis in mapping.zaakregels[nummer].dan:
            yield Feit(gebeurtenis)
    gehad: set[int] = set()
    for plek, nummer in enumerate(regels):
        if nummer >= ZAAKREGEL:
            dan = mapping.zaakregels[nummer - ZAAKREGEL].dan
        elif mapping.regels[nummer].eerste and nummer in gehad:
            continue
        else:
            dan = mapping.regels[nummer].dan
        gehad.add(nummer)
        for gebeurtenis in dan:
            yield Feit(gebeurtenis, plek)
