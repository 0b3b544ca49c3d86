"""Unpacks gzip and zip into the scratch folder, with a bound on what may come out."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from .bron import Invoerbestand
from .fout import Bestandsfout
from .leesgang import Leesgang
from .soort import GZIP, LEGE_ZIP, TEKSTNAMEN, ZIP, excel
from .taal import leesbaar

MEESTE_VERHOUDING = 250
"""How much larger than the packed file; text that people and systems write stays far below it."""

ALTIJD_GOED = 16 * 2**20
"""Bytes that may come out of any file, however small it is."""

MEESTE_LEDEN = 1_000
_BROK = 2**16


def pak_uit(gang: Leesgang, bestand: Path) -> Iterator[Invoerbestand]:
    """The files in a file; a file that is not packed is itself."""
    with bestand.open("rb") as bron:
        begin = bron.read(4)
    if begin.startswith(GZIP):
        yield _uit_gzip(gang, bestand)
    elif begin in {ZIP, LEGE_ZIP}:
        yield from _uit_zip(gang, bestand)
    else:
        yield Invoerbestand(leesbaar(bestand), bestand, bestand.name)


def _uit_gzip(gang: Leesgang, bestand: Path) -> Invoerbestand:
    """One file, whose name says its kind without the last suffix."""
    with gzip.open(bestand) as bron:
        pad = _schrijf(gang, bron, bestand, leesbaar(bestand), _grens(gang, bestand))
    return Invoerbestand(leesbaar(bestand), pad, bestand.name.lower().removesuffix(".gz"))


def _uit_zip(gang: Leesgang, bestand: Path) -> Iterator[Invoerbestand]:
    """Each member is a file; what they are bounded by is bounded for all together."""
    try:
        archief = zipfile.ZipFile(bestand)
    except (zipfile.BadZipFile, ValueError, RuntimeError) as fout:
        raise _beschadigd(str(bestand)) from fout
    with archief:
        grens = _grens(gang, bestand)
        for lid in _leden(archief, bestand):
            naam = f"{leesbaar(bestand)}/{lid.filename}"
            try:
                bron = archief.open(lid)
            except RuntimeError as fout:
                raise Bestandsfout(
                    "versleuteld",
                    naam,
                    "dit is versleuteld of op een onbekende manier ingepakt; pak het zelf uit",
                ) from fout
            except zipfile.BadZipFile as fout:
                raise _beschadigd(naam) from fout
            with bron:
                pad = _schrijf(gang, bron, bestand, naam, grens)
            grens -= pad.stat().st_size
            yield Invoerbestand(naam, pad, Path(lid.filename).name)


def _leden(archief: zipfile.ZipFile, bestand: Path) -> list[zipfile.ZipInfo]:
    """The members that are a file of the asker."""
    if "[Content_Types].xml" in archief.namelist():
        raise excel(str(bestand))
    leden = [
        lid
        for lid in archief.infolist()
        if not lid.is_dir()
        and not lid.filename.startswith("__MACOSX/")
        and not Path(lid.filename).name.startswith(".")
    ]
    if not leden:
        raise Bestandsfout("leeg-bestand", bestand, "er zit geen bestand in; maak het opnieuw")
    if len(leden) > MEESTE_LEDEN:
        raise Bestandsfout(
            "te-veel-bestanden",
            bestand,
            f"er zitten {len(leden)} bestanden in, meer dan {MEESTE_LEDEN}; voeg ze samen",
        )
    vreemd = [lid.filename for lid in leden if not lid.filename.lower().endswith(TEKSTNAMEN)]
    if len(leden) > 1 and vreemd:
        raise Bestandsfout(
            "gemengde-inhoud",
            bestand,
            f"er zit meer in dan CSV-bestanden ({', '.join(map(repr, vreemd[:5]))});"
            " pak uit wat u nodig hebt en geef dat",
        )
    return leden


def _grens(gang: Leesgang, bestand: Path) -> int:
    """The bytes that may come out of this file."""
    return min(gang.over, max(ALTIJD_GOED, MEESTE_VERHOUDING * bestand.stat().st_size))


def _schrijf(
    gang: Leesgang, bron: gzip.GzipFile | IO[bytes], bestand: Path, naam: str, grens: int
) -> Path:
    """Copy to the scratch folder and stop at the bound, whatever the packed file promises."""
    pad = gang.nieuw("uitgepakt")
    totaal = 0
    try:
        with pad.open("wb") as doel:
            while brok := bron.read(_BROK):
                totaal += len(brok)
                if totaal > grens:
                    raise _bom(gang, bestand, naam)
                doel.write(brok)
    except EOFError as fout:
        raise Bestandsfout(
            "afgebroken",
            naam,
            f"het ingepakte bestand is afgebroken na {totaal} uitgepakte bytes;"
            " haal de export opnieuw op",
        ) from fout
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error) as fout:
        raise _beschadigd(naam) from fout
    gang.over -= totaal
    if not totaal:
        raise Bestandsfout("leeg-bestand", naam, "dit bestand is leeg; maak de export opnieuw")
    return pad


def _bom(gang: Leesgang, bestand: Path, naam: str) -> Bestandsfout:
    """Which bound it was decides what to do about it."""
    if MEESTE_VERHOUDING * bestand.stat().st_size < gang.over:
        uitleg = f"dit wordt uitgepakt meer dan {MEESTE_VERHOUDING} keer zo groot"
    else:
        uitleg = f"er komt meer uit dan de {gang.opties.meeste_bytes} bytes die zijn toegestaan"
    return Bestandsfout("te-groot", naam, f"{uitleg}; is het te vertrouwen, pak het dan zelf uit")


def _beschadigd(naam: str) -> Bestandsfout:
    """The packing itself is wrong."""
    return Bestandsfout(
        "beschadigd", naam, "het ingepakte bestand is beschadigd; haal het opnieuw op"
    )
