"""Long trials, by name. Each takes numbers, and every number is a case that can be tried again.

A trial is a module of this package with a ``PROEF``; who adds one adds it to ``__main__``. Small
fixed samples of them run with all other tests.
"""

from collections.abc import Callable
from dataclasses import dataclass


class Tegenvoorbeeld(Exception):
    """A case that went otherwise than it should."""

    def __init__(self, getal: int, uitleg: str) -> None:
        super().__init__(f"{getal}: {uitleg}")
        self.getal, self.uitleg = getal, uitleg


@dataclass(frozen=True)
class Proef:
    """``beproef`` tries the cases from the first number up to the second.

    ``ruimte`` is how many there are, where that can be counted.
    """

    aantal: int
    per_portie: int
    beproef: Callable[[int, int], None]
    ruimte: Callable[[], int] | None = None
