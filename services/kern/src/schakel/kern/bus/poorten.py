"""What a service needs of a bus, whichever it is (D5)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from schakel.kern.bericht import Levering


class Verzending(NamedTuple):
    """One message on its way out. ``nummer`` is its place in the log of the sender."""

    nummer: int
    sleutel: bytes
    waarde: bytes


class Uitgang(Protocol):
    """The way out."""

    async def zend(self, verzendingen: Sequence[Verzending]) -> None:
        """Send in order; return when all are acknowledged, raise when that is not sure."""


class Ingang(Protocol):
    """The way in. The receiver keeps its own positions and says where to go on."""

    async def haal(self, posities: Mapping[str, int]) -> Sequence[Levering]:
        """Records after ``posities`` (0 = from the beginning); empty after at most a second."""
