"""What can be wrong with a file that is handed in."""

from pathlib import Path

from schakel.kern.grond.weigering import Ongeldig

from .taal import leesbaar


class Bestandsfout(Ongeldig):
    """A file, or a row of it, cannot be read; the text says where and what to do."""

    def __init__(self, code: str, bestand: Path | str, uitleg: str, rij: int | None = None) -> None:
        """``rij`` counts the data rows of the file from 1; the header does not count."""
        naam = leesbaar(bestand)
        plaats = naam if rij is None else f"{naam}, rij {rij}"
        super().__init__(code, f"{plaats}: {uitleg}")
        self.bestand = naam
        self.reden = uitleg
        self.rij = rij
