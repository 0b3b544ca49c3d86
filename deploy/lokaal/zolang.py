"""A server for as long as a block lasts."""

from abc import ABC, abstractmethod
from contextlib import ExitStack
from typing import Self


class Zolang(ABC):
    """Runs inside a ``with`` block; a start that fails leaves nothing behind."""

    @abstractmethod
    def start(self) -> None:
        """Return when it can be used."""

    @abstractmethod
    def sluit(self) -> None:
        """End it for good."""

    def __enter__(self) -> Self:
        with ExitStack() as bij_een_fout:
            bij_een_fout.callback(self.sluit)
            self.start()
            bij_een_fout.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self.sluit()
