"""What the derivation says of one tree. Equal sets of messages give byte-equal JSON."""

from msgspec import Struct

from schakel.contracts.melding import Status
from schakel.contracts.werkstromen import Meldingsoort, Proces

from .waarneming import Deelplaats


class Bepaling(Struct, frozen=True, gc=False, rename="camel"):
    """A number and the message that settled it.

    ``eigen_woord`` is False while a child's ``aangenomen`` stands in for the giver's own message.
    """

    werkstroom: int
    melding_id: str
    versie: int | None
    gebeurtenis_id: str
    bron: str
    n: int | None
    eigen_woord: bool
    vermoedelijk: bool


class Afwijking(Struct, frozen=True, gc=False, rename="camel"):
    """Where work left the model: reported with what was allowed, never dropped."""

    code: str
    melding_id: str
    kind_id: str | None
    uitleg: str
    toegestaan: tuple[str, ...]
    vast: bool
    gebeurtenissen: tuple[str, ...]

    @property
    def zekerheid(self) -> str:
        """In one word, for people."""
        return "vast" if self.vast else "vermoedelijk"


class Positie(Struct, frozen=True, gc=False, rename="camel"):
    """A place where the work is now, and what is expected of it."""

    melding_id: str
    proces: Proces | None
    verwacht: str


class OpenOverdracht(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """A hand-over that did not come back yet; ``organisatie`` is who has it, if not ourselves."""

    gever_id: str
    kind_id: str
    naar: Proces
    n: int | None
    ronde: int
    uiterlijk: str | None
    eigen_woord: bool
    organisatie: str | None = None


class Rondes(Struct, frozen=True, gc=False, rename="camel"):
    """How many rounds a giver needed so far."""

    melding_id: str
    proces: Proces | None
    aantal: int


class Gat(Struct, frozen=True, gc=False, rename="camel"):
    """Messages ``van`` up to and including ``tot`` that must exist and were not seen."""

    melding_id: str
    van: int
    tot: int


class Termijn(Struct, frozen=True, gc=False, rename="camel"):
    """A term that runs (``open``), is paused (``opgeschort``) or passed (``verstreken``)."""

    melding_id: str
    soort: str
    kind_id: str | None
    uiterlijk: str | None
    status: str


class Tak(Struct, frozen=True, gc=False, rename="camel"):
    """One melding of the tree. ``n`` and ``ronde`` are its place under ``ouder_id``."""

    melding_id: str
    proces: Proces | None
    ouder_id: str | None
    n: int | None
    ronde: int | None
    versie: int | None
    status: Status
    uitkomst: str | None
    kinderen: tuple[str, ...]


class Schakeluitkomst(Struct, frozen=True, gc=False, rename="camel"):
    """A hand-over to another organisation. ``woord`` is what is done there by the model.

    ``is_open`` until the last word of the other side is in. ``plek`` is the place of its letter in
    ``pad``; it has none when that walks elsewhere.
    """

    schakel_id: str
    organisatie: str
    gever_id: str
    proces: Proces | None
    naar: Proces
    n: int | None
    ronde: int
    woord: str | None
    is_open: bool
    plek: int | None


class Keten(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """What the grens said of the chain that this tree is a part of."""

    keten_id: str
    diepte: int
    soort: str
    vanuit: str | None = None


class Afleiding(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """All that follows from the messages of one tree (domain, section 6.9).

    ``regels`` is the version of the rules that it was judged by. What only a tree has that crosses
    a border is left out of the others.
    """

    wortel_id: str
    organisatie: str | None
    proces: Proces | None
    meldingsoort: Meldingsoort | None
    kandidaten: tuple[int, ...]
    werkstroom: int | None
    bepaald_door: Bepaling | None
    geschiedenis: tuple[Bepaling, ...]
    woord: str | None
    pad: tuple[Proces, ...]
    posities: tuple[Positie, ...]
    rondes: tuple[Rondes, ...]
    afwijkingen: tuple[Afwijking, ...]
    open_overdrachten: tuple[OpenOverdracht, ...]
    wacht_op_eigen_woord: tuple[str, ...]
    gaten: tuple[Gat, ...]
    termijnen: tuple[Termijn, ...]
    status: Status
    toelichting: str
    uitkomst: str | None
    meldingen: tuple[Tak, ...]
    regels: int
    deel_van: Deelplaats | None = None
    keten: Keten | None = None
    schakels: tuple[Schakeluitkomst, ...] = ()
    regels_nieuwer: tuple[str, ...] = ()
    """The types that these rules do not know; then nothing was judged."""
