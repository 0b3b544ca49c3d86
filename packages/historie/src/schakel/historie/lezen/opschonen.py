"""The slow way through a CSV file with bad rows: each record is kept or refused, once."""

import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from schakel.historie import sql

from . import taal
from .bron import Invoerbestand
from .codering import UTF8, Tekst
from .fout import Bestandsfout
from .leesgang import Leesgang
from .vorm import MEESTE_TEKENS, Kolomkop, Vorm, open_tekst

MEESTE_BYTES_PER_RIJ = 500_000
"""Even with every quote in it doubled, DuckDB reads such a row."""


@dataclass(frozen=True)
class Schoon:
    """The good rows of a file, each with its number in that file."""

    pad: Path
    aantal: int

    def sql(self, kolommen: Iterable[str]) -> str:
        """What stands behind FROM to read them."""
        soorten = {"_rij": "BIGINT", **taal.teksten(kolommen)}
        return (
            f"read_csv({sql.tekst(self.pad)}, {taal.EIGEN_CSV}, columns = {taal.soorten(soorten)})"
        )


class _Regels:
    """The lines of a file; those of a record that went wrong can be read again."""

    def __init__(self, bestand: TextIO) -> None:
        """Nothing is read yet."""
        self._bestand = bestand
        self._terug: deque[str] = deque()
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        regel = self._terug.popleft() if self._terug else self._lees()
        if not regel:
            raise StopIteration
        self.record.append(regel)
        return regel

    def _lees(self) -> str:
        """A line, or the begin of one that is too long."""
        regel = self._bestand.readline(MEESTE_TEKENS)
        rest = regel
        while len(rest) == MEESTE_TEKENS and not rest.endswith(("\n", "\r")):
            rest = self._bestand.readline(MEESTE_TEKENS)
        return regel

    def herlees(self) -> None:
        """A quote that is never closed costs its own line, not those after it."""
        self._terug.extendleft(reversed(self.record[1:]))
        del self.record[1:]


def schoon_op(
    gang: Leesgang, invoer: Invoerbestand, tekst: Tekst, vorm: Vorm, kop: Kolomkop
) -> Schoon:
    """Write the good rows to a file of their own and refuse the others."""
    pad = gang.nieuw("schoon.csv")
    goed = nummer = 0
    eerste = ""
    with open_tekst(tekst.pad) as bestand, pad.open("w", encoding=UTF8, newline="") as doel:
        schrijver = csv.writer(doel, quoting=csv.QUOTE_ALL, lineterminator="\n")
        records = _records(bestand, vorm)
        next(records)
        for nummer, (velden, rauw, fout) in enumerate(records, 1):
            waarden = _zonder_lege_staart(velden, len(kop.kolommen))
            reden = _bezwaar(rauw, tekst) or fout or _telfout(waarden, kop)
            if reden is None:
                schrijver.writerow([nummer, *waarden])
                goed += 1
            else:
                gang.weiger(invoer.naam, nummer, reden, _zichtbaar(rauw))
                eerste = eerste or reden
    if nummer and not goed:
        raise Bestandsfout(
            "geen-leesbare-rijen",
            invoer.naam,
            f"geen enkele rij is te lezen: {eerste}; controleer het scheidingsteken, de codering"
            " en of de kopregel bovenaan staat",
            rij=1,
        )
    return Schoon(pad, goed)


def _records(bestand: TextIO, vorm: Vorm) -> Iterator[tuple[list[str], str, str | None]]:
    """Every record: its values, how it stands in the file, and what is wrong with its writing."""
    regels = _Regels(bestand)
    lezer = csv.reader(regels, vorm.dialect())
    while True:
        regels.record.clear()
        fout = None
        try:
            velden = next(lezer)
        except StopIteration:
            return
        except csv.Error as gemeld:
            velden, fout = [], _uitleg(gemeld)
            regels.herlees()
        if velden or fout:
            yield velden, "".join(regels.record), fout


def _uitleg(fout: csv.Error) -> str:
    """The same in Dutch."""
    if "field limit" in str(fout):
        return (
            f"een waarde is langer dan {csv.field_size_limit()} tekens,"
            " of een aanhalingsteken wordt niet gesloten"
        )
    return "een aanhalingsteken staat verkeerd of wordt niet gesloten"


def _zonder_lege_staart(velden: list[str], aantal: int) -> list[str]:
    """Many an export ends its lines with a separator; DuckDB forgives that too."""
    return velden if any(velden[aantal:]) else velden[:aantal]


def _bezwaar(rauw: str, tekst: Tekst) -> str | None:
    """What is wrong with the bytes of a row."""
    try:
        lengte = len(rauw.encode(UTF8))
    except UnicodeEncodeError:
        return f"er staan bytes in die geen {tekst.codering} zijn"
    if "\0" in rauw:
        return "er staat een nulbyte in"
    if lengte > MEESTE_BYTES_PER_RIJ:
        return f"de rij is langer dan {MEESTE_BYTES_PER_RIJ} bytes"
    return None


def _telfout(waarden: Sequence[str], kop: Kolomkop) -> str | None:
    """A row has as many values as there are columns."""
    if len(waarden) == len(kop.kolommen):
        return None
    return f"{len(waarden)} waarden in plaats van {len(kop.kolommen)}"


def _zichtbaar(rauw: str) -> str:
    """The row as it stands in the file, with its bad bytes written out."""
    return rauw.rstrip("\r\n").encode(UTF8, "surrogateescape").decode(UTF8, "backslashreplace")
