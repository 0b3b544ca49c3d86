"""The bodies that travel between two organisations.

Read strictly; members that are not known are ignored and never written.
"""

from collections.abc import Callable
from typing import Annotated, Final, Literal, Self, TypeVar

import msgspec

from schakel.bewijs import BewijsFout, als_base64, lees_blad
from schakel.contracts.schakels.jsonregels import bouw, lees_waarde
from schakel.contracts.schakels.woorden import Aantal, heel
from schakel.contracts.strikt import Jsonfout

from .fouten import Golffout, SlechtePagina

BLADEN_MAX: Final = 500
BYTES_MAX: Final = 524_288
"""Of all leaves of a page together, before base64."""
INHOUD_MAX: Final = 786_432
"""Of the body that holds a page."""
TEKST_MAX: Final = 65_536
"""Of the body that holds a text."""

Uuid = Annotated[str, msgspec.Meta(pattern=heel("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"))]
Kenmerk = Annotated[str, msgspec.Meta(pattern=heel("[A-Za-z0-9_-]{43}"))]
S = TypeVar("S", bound="Golfvorm")


class Golfvorm(msgspec.Struct, frozen=True):
    """A body, or a part of one."""

    def schrijf(self) -> bytes:
        """As it travels."""
        return msgspec.json.encode(self)

    @classmethod
    def lees(cls, ruw: bytes) -> Self:
        """As it came; raises Golffout ``ongeldig``."""
        return _als(cls, _object(ruw))


class Bladen(Golfvorm, frozen=True):
    """A stretch of a log: its leaves from ``vanaf`` on, and the note over what it ends at."""

    vanaf: Aantal
    bladen: tuple[str, ...]
    controlepunt: str

    @property
    def tot(self) -> int:
        """The size that it brings the log to."""
        return self.vanaf + len(self.bladen)

    def inhoud(self) -> tuple[bytes, ...]:
        """The leaves; raises SlechtePagina where a stretch may not be like this."""
        if not 0 < len(self.bladen) <= BLADEN_MAX:
            raise SlechtePagina("vorm", f"een pagina heeft 1 tot {BLADEN_MAX} bladen")
        try:
            bladen = tuple(map(lees_blad, self.bladen))
        except BewijsFout:
            raise SlechtePagina("vorm", "een blad is 1 tot 65536 bytes, als base64") from None
        if sum(map(len, bladen)) > BYTES_MAX:
            raise SlechtePagina("vorm", f"de bladen zijn samen meer dan {BYTES_MAX} bytes")
        return bladen


class Pagina(Bladen, frozen=True, kw_only=True):
    """A stretch as its writer sends it: in the session that the reader drew."""

    sessie: Uuid

    @classmethod
    def lees_na(cls, ruw: bytes, keur: Callable[["Paginaplek"], None]) -> Self:
        """As it came; ``keur`` refuses by session and place before the rest is looked at.

        Raises Golffout: ``ongeldig`` where it cannot be placed, SlechtePagina for what it holds.
        """
        leden = _object(ruw)
        keur(_als(Paginaplek, leden))
        try:
            return _als(cls, leden)
        except Golffout as fout:
            raise SlechtePagina("vorm", fout.uitleg) from None


class Paginaplek(Golfvorm, frozen=True):
    """Of a page: its session, and from where it goes."""

    sessie: Uuid
    vanaf: Aantal


class Ontvangst(Golfvorm, frozen=True):
    """How far a log was taken in, and the receipt for that; nothing has none."""

    omvang: Aantal
    ontvangstbewijs: str | None

    def __post_init__(self) -> None:
        if (self.omvang == 0) is not (self.ontvangstbewijs is None):
            raise ValueError("bij een omvang boven 0 hoort een ontvangstbewijs")


class Ingenomen(Ontvangst, frozen=True, kw_only=True):
    """The same in a resumption, with the session that whoever says it drew for that log."""

    sessie: Uuid


class Gezegd(Golfvorm, frozen=True):
    """How long one's own log is, and the last note over it."""

    omvang: Aantal
    controlepunt: str | None


class Logboekhervatting(Golfvorm, frozen=True):
    """What one side says in a resumption, of both logs."""

    overeenkomst: Kenmerk
    ontvangen: Ingenomen
    gezegd: Gezegd


class Bijgehaald(Golfvorm, frozen=True):
    """How long a log is now that leaves of it came back."""

    omvang: Aantal


class Contactwijze(Golfvorm, frozen=True):
    """Where who reported it can be reached."""

    soort: Literal["e-mail", "telefoon"]
    waarde: str


class Inhoudmelder(Golfvorm, frozen=True):
    """Who reported it, in an estafette."""

    naam: str
    contact: tuple[Contactwijze, ...]


class Tekstinhoud(Golfvorm, frozen=True, omit_defaults=True):
    """What somebody wrote with a message: the one body with personal data."""

    tekst: Annotated[str, msgspec.Meta(min_length=1, max_length=20_000)]
    melder: Inhoudmelder | None = None

    @classmethod
    def lees(cls, ruw: bytes) -> Self:
        """As it came; raises Golffout ``te-groot``, ``ongeldig``."""
        if len(ruw) > TEKST_MAX:
            raise Golffout("te-groot", f"de inhoud is meer dan {TEKST_MAX} bytes")
        return super().lees(ruw)


def bladen_van(bladen: tuple[bytes, ...]) -> tuple[str, ...]:
    """Leaves as they travel: any bytes arrive as they are."""
    return tuple(map(als_base64, bladen))


def _als(soort: type[S], leden: dict[str, object]) -> S:
    try:
        return bouw(leden, soort)
    except ValueError as fout:
        raise Golffout("ongeldig", str(fout)) from None


def _object(ruw: bytes) -> dict[str, object]:
    try:
        waarde = lees_waarde(ruw)
    except Jsonfout as fout:
        raise Golffout("ongeldig", fout.uitleg) from None
    if not isinstance(waarde, dict):
        raise Golffout("ongeldig", "de inhoud is geen JSON-object")
    return waarde
