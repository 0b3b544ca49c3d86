"""The sixteen messages between the two sides of a schakel: ``nl.schakels.<feit>.v1``.

Each states its members, in the order in which they are written, and what is one of the codes. A
reader ignores members that it does not know. Values are judged when a message is read
(``lezen``), and whoever writes one reads it first (``schrijven``).
"""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from schakel.contracts.melding import Kanaal, Meldersoort
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.werkstromen import Meldingsoort, Proces

from .codes import Leescode
from .woorden import (
    Aantal,
    Code,
    Coordinatiemodel,
    Kant,
    Ketenoordeel,
    Nummer,
    Oin,
    Positief,
    Schakelid,
    Slotuitkomst,
    Tijdstip,
    Volgnummer,
    Werkstand,
    Wissingsantwoord,
)

VOORVOEGSEL = "nl.schakels."
VERSIE = ".v1"


class Zender(Struct, frozen=True, gc=False):
    """Who acted: an organisation, and somebody there in a role. Never a person."""

    organisatie: Oin
    rol: Code


class Schakelbericht(
    Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True, gc=False
):
    """What every message on a schakel says.

    Each side numbers its own from 1; ``bij`` is the last number of the other's dense row that was
    here when it was said.
    """

    FEIT: ClassVar[str]
    KANTEN: ClassVar[tuple[Kant, ...]]
    CODES: ClassVar[Mapping[str, str]] = {}
    """Members that are codes, each with its list in ``Codelijst``."""

    schakel_id: Schakelid
    nummer: Nummer
    bij: Aantal
    door: Zender


class SchakelAangeboden(Schakelbericht, frozen=True, kw_only=True):
    """The vrager asks; ``naar`` or ``soort_volgens_vrager`` says what, by the soort."""

    FEIT: ClassVar[str] = "aangeboden"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.VRAGER,)

    soort: Schakelsoort
    keten_id: Schakelid
    diepte: Positief
    vanuit: Schakelid | None = None
    """The schakel inside which this one was asked."""
    model: Coordinatiemodel
    naar: Proces | None = None
    soort_volgens_vrager: Meldingsoort | None = None
    dienst: Code
    kanaal: Kanaal
    melder: Meldersoort
    ronde: Nummer
    n: Nummer
    uiterlijk: Tijdstip
    """When the first word is expected."""
    gereed_voor: Tijdstip | None = None
    wacht: bool
    vervangt: Schakelid | None = None
    heeft_inhoud: bool

    def __post_init__(self) -> None:
        deelproces = self.soort is Schakelsoort.DEELPROCES
        if deelproces is (self.naar is None):
            raise ValueError("naar hoort bij een deelproces, en alleen daarbij")
        if deelproces is not (self.soort_volgens_vrager is None):
            raise ValueError("soortVolgensVrager hoort bij alles behalve een deelproces")
        if self.diepte == 1 and self.vanuit is not None:
            raise ValueError("op diepte 1 is er geen schakel vanuit welke wordt gevraagd")


class SchakelAntwoordGegeven(Schakelbericht, frozen=True, kw_only=True):
    """The vrager answers a question; the text is fetched apart."""

    FEIT: ClassVar[str] = "antwoord-gegeven"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.VRAGER,)

    vraag: Nummer
    heeft_inhoud: bool


class SchakelBeoordeeld(Schakelbericht, frozen=True, kw_only=True):
    """The vrager judges what was reported ready, of that ronde."""

    FEIT: ClassVar[str] = "beoordeeld"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.VRAGER,)

    oordeel: Ketenoordeel
    ronde: Nummer


class SchakelIngetrokken(Schakelbericht, frozen=True, kw_only=True):
    """The vrager withdraws; the last word still comes."""

    FEIT: ClassVar[str] = "ingetrokken"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.VRAGER,)
    CODES: ClassVar[Mapping[str, str]] = {"aanleiding": "aanleidingen"}

    aanleiding: Code


class SchakelOvergegaan(Schakelbericht, frozen=True, kw_only=True):
    """The responsibility is now with whoever made the bid."""

    FEIT: ClassVar[str] = "overgegaan"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.VRAGER,)


class SchakelTeLaat(Schakelbericht, frozen=True, kw_only=True):
    """The bid came too late, or not at all."""

    FEIT: ClassVar[str] = "te-laat"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.VRAGER,)


class SchakelAangenomen(Schakelbericht, frozen=True, kw_only=True):
    """Registered there, under this number."""

    FEIT: ClassVar[str] = "aangenomen"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.UITVOERDER,)

    volgnummer: Volgnummer
    meldingsoort: Meldingsoort
    uiterlijk: Tijdstip


class SchakelGeweigerd(Schakelbericht, frozen=True, kw_only=True):
    """The last word, without a melding there or before it was judged."""

    FEIT: ClassVar[str] = "geweigerd"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.UITVOERDER,)
    CODES: ClassVar[Mapping[str, str]] = {"reden": "redenen"}

    reden: Code


class SchakelVraagGesteld(Schakelbericht, frozen=True, kw_only=True):
    """The uitvoerder asks something and waits; it counts its questions."""

    FEIT: ClassVar[str] = "vraag-gesteld"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.UITVOERDER,)

    vraag: Nummer
    uiterlijk: Tijdstip
    heeft_inhoud: bool


class SchakelVoortgang(Schakelbericht, frozen=True, kw_only=True):
    """A sign of life."""

    FEIT: ClassVar[str] = "voortgang"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.UITVOERDER,)

    stand: Werkstand
    uiterlijk: Tijdstip | None = None


class SchakelAanvaard(Schakelbericht, frozen=True, kw_only=True):
    """The bid: we will take this over. It binds."""

    FEIT: ClassVar[str] = "aanvaard"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.UITVOERDER,)


class SchakelGereedgemeld(Schakelbericht, frozen=True, kw_only=True):
    """The work of this ronde is done; until ``uiterlijk`` it can be judged."""

    FEIT: ClassVar[str] = "gereedgemeld"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.UITVOERDER,)
    CODES: ClassVar[Mapping[str, str]] = {"resultaat": "resultaten"}

    resultaat: Code
    ronde: Nummer
    uiterlijk: Tijdstip
    heeft_inhoud: bool


class Vervanging(Struct, frozen=True, gc=False):
    """What a retyped melding should have been asked as."""

    meldingsoort: Meldingsoort
    dienst: Code


class SchakelAfgesloten(Schakelbericht, frozen=True, kw_only=True):
    """The last word of a melding there; one that was retyped says into what."""

    FEIT: ClassVar[str] = "afgesloten"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.UITVOERDER,)

    uitkomst: Slotuitkomst
    vervangen: Annotated[tuple[Vervanging, ...], Meta(min_length=1, max_length=20)] | None = None

    def __post_init__(self) -> None:
        if (self.uitkomst is Slotuitkomst.OMGEZET) is (self.vervangen is None):
            raise ValueError("vervangen hoort bij omgezet, en alleen daarbij")


class SchakelWissingGevraagd(Schakelbericht, frozen=True, kw_only=True):
    """Erase the personal data of this schakel at your side too."""

    FEIT: ClassVar[str] = "wissing-gevraagd"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.VRAGER, Kant.UITVOERDER)
    CODES: ClassVar[Mapping[str, str]] = {"grond": "gronden"}

    grond: Code


class SchakelWissingBeantwoord(Schakelbericht, frozen=True, kw_only=True):
    """Erased, or kept on a ground."""

    FEIT: ClassVar[str] = "wissing-beantwoord"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.VRAGER, Kant.UITVOERDER)
    CODES: ClassVar[Mapping[str, str]] = {"grond": "gronden"}

    antwoord: Wissingsantwoord
    grond: Code | None = None

    def __post_init__(self) -> None:
        if (self.antwoord == "behouden") is (self.grond is None):
            raise ValueError("grond hoort bij behouden, en alleen daarbij")


class SchakelOnbegrepen(Schakelbericht, frozen=True, kw_only=True):
    """Message ``over`` of the other side cannot be read; never answered."""

    FEIT: ClassVar[str] = "onbegrepen"
    KANTEN: ClassVar[tuple[Kant, ...]] = (Kant.VRAGER, Kant.UITVOERDER)

    over: Nummer
    code: Leescode


SCHAKELBERICHTEN: tuple[type[Schakelbericht], ...] = (
    SchakelAangeboden,
    SchakelAntwoordGegeven,
    SchakelBeoordeeld,
    SchakelIngetrokken,
    SchakelOvergegaan,
    SchakelTeLaat,
    SchakelAangenomen,
    SchakelGeweigerd,
    SchakelVraagGesteld,
    SchakelVoortgang,
    SchakelAanvaard,
    SchakelGereedgemeld,
    SchakelAfgesloten,
    SchakelWissingGevraagd,
    SchakelWissingBeantwoord,
    SchakelOnbegrepen,
)
"""The closed list: nothing else crosses about a schakel."""
