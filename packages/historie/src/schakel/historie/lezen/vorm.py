"""How a CSV file is written: what stands between the values, and its header."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import duckdb

from schakel.historie import sql

from . import taal
from .bron import Invoerbestand
from .codering import UTF8, Tekst
from .fout import Bestandsfout
from .kolommen import kolomnamen
from .leesgang import Leesgang

_KANDIDATEN = ";,\t|"
_WOORDEN = {"tab": "\t", "\\t": "\t", "puntkomma": ";", "komma": ","}
MEESTE_TEKENS = 1_000_000
"""Characters of a line: without a bound one missing line end would cost all memory."""


@dataclass(frozen=True)
class Vorm:
    """A way of writing CSV; the quote is always the double one."""

    scheiding: str
    ontsnapping: str
    spatie: bool

    def sql(self, kolommen: Iterable[str]) -> str:
        """The same for DuckDB, which may guess nothing any more."""
        return (
            f"{taal.CSV}, header = true, delim = {sql.tekst(self.scheiding)}, quote = '\"',"
            f" escape = {sql.tekst(self.ontsnapping)},"
            f" columns = {taal.soorten(taal.teksten(kolommen))}"
        )

    def dialect(self) -> csv.Dialect:
        """The same for Python."""
        return _Dialect(self)


class _Dialect(csv.Dialect):
    """What is the same in every file, and what is not."""

    quotechar = '"'
    lineterminator = "\n"
    quoting = csv.QUOTE_MINIMAL
    strict = True

    def __init__(self, vorm: Vorm) -> None:
        """Checked by its parent."""
        self.delimiter = vorm.scheiding
        self.doublequote = vorm.ontsnapping == '"'
        self.escapechar = None if self.doublequote else vorm.ontsnapping
        self.skipinitialspace = vorm.spatie
        super().__init__()


@dataclass(frozen=True)
class Kolomkop:
    """The names of the columns; ``gewoon`` when they stand on the first line and only there."""

    kolommen: tuple[str, ...]
    gewoon: bool


def open_tekst(pad: Path) -> TextIO:
    """Line ends as they stand, bytes that are no UTF-8 as surrogates."""
    return pad.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def bepaal_vorm(gang: Leesgang, invoer: Invoerbestand, tekst: Tekst) -> Vorm:
    """DuckDB finds out what is not said, and the header decides where DuckDB cannot."""
    eerste = _eerste_regel(invoer, tekst)
    gezegd = _gezegde(gang, invoer)
    gevonden, ontsnapping = _snuffel(gang, tekst, gezegd)
    scheiding = gezegd or gevonden
    in_kop = max(_KANDIDATEN, key=eerste.count)
    if not gezegd and gevonden not in eerste and in_kop in eerste:
        scheiding = in_kop
    return Vorm(
        scheiding=scheiding,
        ontsnapping="\\" if ontsnapping == "\\" else '"',
        spatie=0 < eerste.count(scheiding) == eerste.count(f"{scheiding} "),
    )


def _eerste_regel(invoer: Invoerbestand, tekst: Tekst) -> str:
    """The line on which the header begins."""
    with open_tekst(tekst.pad) as bestand:
        while regel := bestand.readline(MEESTE_TEKENS):
            if regel.strip():
                return regel
    raise Bestandsfout("leeg-bestand", invoer.naam, "er staat niets in; maak de export opnieuw")


def _snuffel(gang: Leesgang, tekst: Tekst, gezegd: str | None) -> tuple[str, str]:
    """The separator and the escape that DuckDB sees in the first rows, if it sees them."""
    extra = f", delim = {sql.tekst(gezegd)}" if gezegd else ""
    try:
        gevonden = gang.db.execute(
            f'SELECT Delimiter, "Escape" FROM sniff_csv({sql.tekst(tekst.pad)},'
            f" all_varchar = true, ignore_errors = true, compression = 'none'{extra})"
        ).fetchone()
    except duckdb.InvalidInputException:
        gevonden = None
    return (str(gevonden[0]), str(gevonden[1])) if gevonden else (_KANDIDATEN[0], "")


def _gezegde(gang: Leesgang, invoer: Invoerbestand) -> str | None:
    """The character that the asker names."""
    if gang.opties.scheiding is None:
        return None
    teken = _WOORDEN.get(gang.opties.scheiding, gang.opties.scheiding)
    if len(teken) != 1 or teken in '"\r\n\0':
        raise Bestandsfout(
            "scheiding-onmogelijk",
            invoer.naam,
            f"{gang.opties.scheiding!r} kan geen scheidingsteken zijn; geef een enkel teken,"
            " of het woord tab",
        )
    return teken


def lees_kop(invoer: Invoerbestand, tekst: Tekst, vorm: Vorm) -> Kolomkop:
    """The first record that is not empty."""
    with open_tekst(tekst.pad) as bestand:
        regels = iter(lambda: bestand.readline(MEESTE_TEKENS), "")
        lezer = csv.reader(regels, vorm.dialect())
        try:
            kop = next(rij for rij in lezer if rij)
        except csv.Error as fout:
            raise Bestandsfout(
                "kop-onleesbaar",
                invoer.naam,
                "de eerste regel is geen kopregel van een CSV-bestand; controleer de export",
            ) from fout
    try:
        "".join(kop).encode(UTF8)
    except UnicodeEncodeError as fout:
        raise Bestandsfout(
            "verkeerde-codering",
            invoer.naam,
            f"de kopregel is geen {tekst.codering}; geef de codering op met --codering",
        ) from fout
    if len(kop) == 1:
        raise Bestandsfout(
            "een-kolom",
            invoer.naam,
            f"er is maar een kolom ({kop[0][:80]!r}); klopt het scheidingsteken niet, geef het op"
            " met --scheiding; staat er een titel boven de kopregel, haal die weg",
        )
    return Kolomkop(kolomnamen(invoer.naam, kop), gewoon=lezer.line_num == 1)
