"""Rows on disk whose columns only become known while the rows come in."""

import csv
from collections.abc import Mapping
from pathlib import Path

from schakel.historie import sql

from . import taal
from .fout import Bestandsfout

MEESTE_TEKENS_PER_RIJ = 250_000
"""In bytes, and with every quote doubled, it still fits a line that DuckDB reads."""

Waarde = str | int | None


class Regels:
    """A CSV file that grows to the right: memory holds the names of the columns, not the rows."""

    def __init__(self, pad: Path, bestand: str, soorten: Mapping[str, str]) -> None:
        """``soorten`` are the columns that are there from the start; any other is text."""
        self.pad = pad
        self.aantal = 0
        self._bestand = bestand
        self._soorten = dict(soorten)
        self._plaats = {kolom: nummer for nummer, kolom in enumerate(soorten)}
        self._uit = pad.open("w", encoding="utf-8", newline="")
        self._schrijver = csv.writer(self._uit, quoting=csv.QUOTE_ALL, lineterminator="\n")

    @property
    def erbij(self) -> list[str]:
        """The columns that were not there from the start."""
        return [kolom for kolom in self._plaats if kolom not in self._soorten]

    def schrijf(self, rij: Mapping[str, Waarde]) -> None:
        """Add a row; what is not in it has no value."""
        if sum(len(str(waarde)) for waarde in rij.values()) > MEESTE_TEKENS_PER_RIJ:
            raise Bestandsfout(
                "te-lange-rij",
                self._bestand,
                f"er staan meer dan {MEESTE_TEKENS_PER_RIJ} tekens bij elkaar;"
                " laat lange teksten weg uit de export",
                rij=self.aantal + 1,
            )
        waarden: list[Waarde] = [None] * len(self._plaats)
        for kolom, waarde in rij.items():
            plaats = self._plaats.setdefault(kolom, len(self._plaats))
            if plaats == len(waarden):
                waarden.append(waarde)
            else:
                waarden[plaats] = waarde
        self._schrijver.writerow(waarden)
        self.aantal += 1

    def sluit(self) -> None:
        """All rows are on disk after this."""
        self._uit.close()

    def sql(self) -> str:
        """What stands behind FROM to read them; a row that is shorter than others is filled up."""
        soorten = taal.soorten(taal.teksten(self._plaats) | self._soorten)
        return (
            f"read_csv({sql.tekst(self.pad)}, {taal.EIGEN_CSV}, null_padding = true,"
            f" parallel = false, columns = {soorten})"
        )
