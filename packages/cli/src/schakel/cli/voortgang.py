"""Live progress of a set: bars in a terminal, plain lines elsewhere; never on stdout."""

from collections.abc import Iterable
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from .uitvoer import zijlijn

_PER_REGEL = 10


class Voortgang:
    """Shows how far the staff are; see ``medewerkers.Toeschouwer``."""

    def __init__(self, eerste_meldingen: int, plekken: Iterable[str]) -> None:
        """``eerste_meldingen`` is how many there are to finish, ``plekken`` who work at them."""
        self._console = zijlijn()
        self._totaal = eerste_meldingen
        self._stappen = dict.fromkeys(map(str, plekken), 0)
        self._gemeld = 0
        self._balken = Progress(
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[bij]}"),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._taken: dict[str, TaskID] = {
            plek: self._balken.add_task(plek, total=None, bij="") for plek in self._stappen
        }
        self._samen = self._balken.add_task("samen", total=eerste_meldingen, bij="klaar")

    def __enter__(self) -> Self:
        """Start showing."""
        self._balken.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last state standing."""
        self._balken.stop()

    def gezet(self, plek: str) -> None:
        """A step was taken."""
        self._stappen[plek] += 1
        self._balken.update(self._taken[plek], bij=f"{self._stappen[plek]} stappen")

    def voorraad(self, plek: str, gezien: int, open_: int) -> None:
        """So many meldingen were seen there, so many of them are open."""
        self._balken.update(self._taken[plek], total=gezien, completed=gezien - open_)

    def eerste_meldingen(self, klaar: int) -> None:
        """So many first meldingen are where they should end."""
        self._balken.update(self._samen, completed=klaar)
        if self._console.is_terminal:
            return
        if klaar > self._gemeld and (klaar - self._gemeld >= _PER_REGEL or klaar == self._totaal):
            self._gemeld = klaar
            self._console.print(
                f"{klaar} van {self._totaal} meldingen klaar, {sum(self._stappen.values())} stappen"
            )
