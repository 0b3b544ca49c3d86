"""What a service needs of a bus, whichever it is (D5)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NamedTuple, Protocol

from .bericht import Levering


class Verzending(NamedTuple):
    """One message on its way out. ``nummer`` is its place in the log of the sender.

    ``type`` says again what stands in ``waarde``.
    """

    nummer: int
    sleutel: bytes
    waarde: bytes
    type: str
    traceparent: str | None = None


class Topic(NamedTuple):
    """A topic to read, and the only CloudEvents source that may write there (D12)."""

    naam: str
    schrijver: str


class Busverbinding(Protocol):
    """A way out that is open."""

    @property
    def merk(self) -> str:
        """What is written to: another one when the bus was made anew, which is empty then."""

    async def zend(self, verzendingen: Sequence[Verzending]) -> Mapping[str, int]:
        """Send in order; return when all are acknowledged, raise when that is not sure.

        The result says, for each part of the bus that was written to, how far it goes now. Raises
        BusIngekort when that is less far than it was.
        """

    async def keur(self, einden: Mapping[str, int]) -> bool:
        """Whether the bus still holds as much as it once acknowledged; raises when it is anew."""


class Uitgang(Protocol):
    """The way out."""

    @property
    def wijze(self) -> str:
        """How it sends, where that can differ; empty where it cannot, or is not known yet."""

    def open(self) -> AbstractAsyncContextManager[Busverbinding]:
        """Connect; raises BusFout when that cannot be done now."""


Posities = Callable[[], Mapping[str, int]]
"""Reads how far each source was handled; may block."""
Vergeet = Callable[[Sequence[str]], Awaitable[None]]
"""Durably forgets how far these sources were handled: a position by itself only moves on."""


async def vergeet_niets(_bronnen: Sequence[str]) -> None:
    """For who keeps no positions."""


OPHOUD = 5.0
"""Seconds for which a source is held up."""


class Aanvoer(Protocol):
    """A way in that is open."""

    async def haal(self) -> Sequence[Levering]:
        """What comes next, in order per source; empty after at most a second.

        What was returned counts as handled at the next call. Raises BusFout.
        """

    def achterstand(self) -> Mapping[str, int]:
        """How much is still to come, per source; asked from another thread, which may wait."""

    def houd_op(self, bron: str, nummer: int) -> None:
        """Nothing of ``bron`` for a while: ``nummer`` and what follows come again after that."""


class Ingang(Protocol):
    """The way in. The receiver keeps its own positions (0 or absent: from the beginning)."""

    def open(
        self,
        posities: Posities,
        vergeet: Vergeet = vergeet_niets,
        stil: frozenset[bytes] = frozenset(),
    ) -> AbstractAsyncContextManager[Aanvoer]:
        """Begin after ``posities``, which is read again when more sources fall to this reader.

        ``vergeet`` hears of sources that are read from the beginning: they lost their end. Records
        of the types in ``stil`` may be left out, but for one now and then, whose number is how far
        was read.
        """
