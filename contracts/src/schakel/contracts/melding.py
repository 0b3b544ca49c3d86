"""The uniform messages of every link: what all five processes say in the same words.

The type on the wire is ``nl.meldingen.<feit>.v1``. Names and meaning are frozen (D11): an optional
field may be added; any other change is a new class with a ``v2`` type beside this one.
"""

from enum import StrEnum
from typing import Annotated, ClassVar
from uuid import UUID

from pydantic import Field, StringConstraints

from .feit import Code, Feit, Model, Ordinaal, Tijdstip
from .organisatie import Oin
from .werkstromen import Meldingsoort, Proces, VierFeiten

Volgnummer = Annotated[str, StringConstraints(pattern=r"^[AWHUV]-[0-9]{4}-[0-9]{6,12}$")]
Dataref = Annotated[
    str, StringConstraints(max_length=400, pattern=r"^https?://[A-Za-z0-9._~:/%\[\]-]+$")
]
"""Where who may can fetch what the melder wrote. No query, no user: anyone may log a URI."""


class Kanaal(StrEnum):
    """The channel through which a melding came in; a nested melding keeps its parent's."""

    BALIE = "balie"
    TELEFOON = "telefoon"
    WEB = "web"
    E_MAIL = "e-mail"
    POST = "post"
    KETEN = "keten"


class Meldersoort(StrEnum):
    """In what capacity somebody reports. Capacity decides, not the job (domain, section 2)."""

    BURGER = "burger"
    BEDRIJF = "bedrijf"
    VOLKSVERTEGENWOORDIGING = "volksvertegenwoordiging"
    KETENPARTNER = "ketenpartner"
    AMBTENAAR = "ambtenaar"


class Uitkomst(StrEnum):
    """How a melding ended (domain, section 3)."""

    VOLTOOID = "voltooid"
    OVERGEDRAGEN = "overgedragen"
    OMGEZET = "omgezet"
    GEEN_OVEREENSTEMMING = "geen_overeenstemming"
    AFGEWEZEN = "afgewezen"
    INGETROKKEN = "ingetrokken"
    AFGEBROKEN = "afgebroken"


class Resultaat(StrEnum):
    """How a child came back to its giver."""

    VOLTOOID = "voltooid"
    ZONDER_RESULTAAT = "zonder_resultaat"


class Status(StrEnum):
    """Where a melding is, in one word: on its way, how it ended, and at last ``gesloten``."""

    ONBEKEND = "onbekend"
    """Of others, when nothing of it was seen yet."""
    AANGENOMEN = "aangenomen"
    VERHELDERD = "verhelderd"
    BEOORDEELD = "beoordeeld"
    IN_BEHANDELING = "in_behandeling"
    OVERGEDRAGEN = "overgedragen"
    GEREEDGEMELD = "gereedgemeld"
    OPGESCHORT = "opgeschort"
    VOLTOOID = "voltooid"
    OMGEZET = "omgezet"
    GEEN_OVEREENSTEMMING = "geen_overeenstemming"
    AFGEWEZEN = "afgewezen"
    INGETROKKEN = "ingetrokken"
    AFGEBROKEN = "afgebroken"
    GESLOTEN = "gesloten"


class Kindstatus(StrEnum):
    """Where a hand-over stands, for its giver."""

    OPEN = "open"
    VOLTOOID = "voltooid"
    ZONDER_RESULTAAT = "zonder_resultaat"
    GEWEIGERD = "geweigerd"
    TERUGGENOMEN = "teruggenomen"


class Oordeel(StrEnum):
    """What the melder said at the tevredenheidscontrole."""

    TEVREDEN = "tevreden"
    NIET_TEVREDEN = "niet_tevreden"
    MEER_GEWENST = "meer_gewenst"
    ZONDER_REACTIE = "zonder_reactie"


class Herkomst(Model):
    """The melding that this one is *voortgekomen uit*: its own werkstroom, nobody waits."""

    melding_id: UUID
    proces: Proces
    aanleiding: Code


class Elders(Model):
    """Who really has a melding for which the grens stands in, and its number there."""

    organisatie: Oin
    volgnummer: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9./_-]{1,40}$")]


class Aangenomen(Feit):
    """A melding is registered and has its volgnummer; always the first message of a melding."""

    type: ClassVar[str] = "nl.meldingen.aangenomen.v1"
    meldingsoort: Meldingsoort
    volgnummer: Volgnummer
    kanaal: Kanaal
    dienst: Code
    melder: Meldersoort
    namens_ander: bool = False
    soort_volgens_melder: Meldingsoort | None = None
    voortgekomen_uit: Herkomst | None = None
    uiterlijk: Tijdstip | None = None
    dataref: Dataref | None = None
    elders: Elders | None = None


class Verhelderd(Feit):
    """Both sides agree what is meant."""

    type: ClassVar[str] = "nl.meldingen.verhelderd.v1"


class Beoordeeld(Feit):
    """Question and offer are matched; the facts guide the service and settle no number."""

    type: ClassVar[str] = "nl.meldingen.beoordeeld.v1"
    feiten: VierFeiten
    impact: Annotated[int, Field(ge=1, le=3)]
    urgentie: Annotated[int, Field(ge=1, le=3)]
    prioriteit: Annotated[int, Field(ge=1, le=5)]
    maatwerk: bool = False


class NieuweMelding(Model):
    """A melding to be opened by the process ``naar``, voortgekomen uit this one."""

    melding_id: UUID
    naar: Proces
    meldingsoort: Meldingsoort
    dienst: Code
    kanaal: Kanaal
    melder: Meldersoort
    soort_volgens_melder: Meldingsoort | None = None
    dataref: Dataref | None = None


class Omgezet(Feit):
    """Wrongly typed, out of scope or several questions: closed, and the right ones opened."""

    type: ClassVar[str] = "nl.meldingen.omgezet.v1"
    reden: Code
    nieuwe_meldingen: Annotated[tuple[NieuweMelding, ...], Field(min_length=1, max_length=20)]


class Voortgekomen(Feit):
    """Monitoring, evaluation or a further wish gave rise to a melding of its own."""

    type: ClassVar[str] = "nl.meldingen.voortgekomen.v1"
    aanleiding: Code
    nieuwe_melding: NieuweMelding


class StapGezet(Feit):
    """A step that only the process itself understands."""

    type: ClassVar[str] = "nl.meldingen.stap-gezet.v1"
    stap: Code


class Overdracht(Model):
    """A hand-over: the giver draws ``kind_id``, so that a repeat finds the same child."""

    kind_id: UUID
    naar: Proces
    n: Ordinaal
    ronde: Ordinaal
    meldingsoort: Meldingsoort | None = None
    dienst: Code | None = None
    kanaal: Kanaal | None = None
    melder: Meldersoort | None = None
    uiterlijk: Tijdstip | None = None
    dataref: Dataref | None = None


class Overgedragen(Feit):
    """The giver handed (part of) the work to another process and waits for its return."""

    type: ClassVar[str] = "nl.meldingen.overgedragen.v1"
    overdracht: Overdracht


class OverdrachtGeweigerd(Feit):
    """The giver's word that the receiver refused the hand-over."""

    type: ClassVar[str] = "nl.meldingen.overdracht-geweigerd.v1"
    kind_id: UUID
    reden: Code


class Teruggekeerd(Feit):
    """The giver's word that a child came back."""

    type: ClassVar[str] = "nl.meldingen.teruggekeerd.v1"
    kind_id: UUID
    resultaat: Resultaat


class Gecontroleerd(Feit):
    """Interne controle: one verdict on all children of a ronde."""

    type: ClassVar[str] = "nl.meldingen.gecontroleerd.v1"
    gecontroleerde_ronde: Ordinaal
    goed: bool


class Gereedgemeld(Feit):
    """The work is done as asked; the asker (parent or melder) is told."""

    type: ClassVar[str] = "nl.meldingen.gereedgemeld.v1"
    resultaat: Code


class TevredenheidGevraagd(Feit):
    """The melder is asked whether the result is what was agreed."""

    type: ClassVar[str] = "nl.meldingen.tevredenheid-gevraagd.v1"
    uiterlijk: Tijdstip


class TevredenheidGecontroleerd(Feit):
    """What the melder answered, or that no answer came within the term."""

    type: ClassVar[str] = "nl.meldingen.tevredenheid-gecontroleerd.v1"
    oordeel: Oordeel


class Voltooid(Feit):
    """Nested: the proces is voltooid, the parent goes on. First melding: the werkstroom is."""

    type: ClassVar[str] = "nl.meldingen.voltooid.v1"
    zonder_reactie: bool = False
    gekoppeld: Annotated[tuple[UUID, ...], Field(max_length=100)] = ()


class Geevalueerd(Feit):
    """What was learned is recorded, before closing."""

    type: ClassVar[str] = "nl.meldingen.geevalueerd.v1"


class Gesloten(Feit):
    """Administratively closed; nothing follows."""

    type: ClassVar[str] = "nl.meldingen.gesloten.v1"
    uitkomst: Uitkomst


class Ingetrokken(Feit):
    """Withdrawn by the melder, or cancelled because the parent ended."""

    type: ClassVar[str] = "nl.meldingen.ingetrokken.v1"
    aanleiding: Code


class Afgewezen(Feit):
    """Refused at intake, before judgement: no werkstroom."""

    type: ClassVar[str] = "nl.meldingen.afgewezen.v1"
    reden: Code


class Afgebroken(Feit):
    """Broken off with a reason: no result will come."""

    type: ClassVar[str] = "nl.meldingen.afgebroken.v1"
    reden: Code


class Gekoppeld(Feit):
    """A duplicate or related melding, or a workaround: nobody waits, told at completion."""

    type: ClassVar[str] = "nl.meldingen.gekoppeld.v1"
    andere_id: UUID
    andere_proces: Proces
    soort: Code


class KoppelingVoltooid(Feit):
    """A koppeled melding was completed."""

    type: ClassVar[str] = "nl.meldingen.koppeling-voltooid.v1"
    andere_id: UUID


class Opgeschort(Feit):
    """The terms are paused."""

    type: ClassVar[str] = "nl.meldingen.opgeschort.v1"
    reden: Code


class Lopend(Model):
    """A term that runs: the one that ``termijn-verstreken`` names when it passes."""

    termijn: Code
    uiterlijk: Tijdstip
    kind_id: UUID | None = None


class Hervat(Feit):
    """The terms run again: all of them, as they are now; ``uiterlijk`` is the beslistermijn's."""

    type: ClassVar[str] = "nl.meldingen.hervat.v1"
    uiterlijk: Tijdstip | None = None
    termijnen: Annotated[tuple[Lopend, ...] | None, Field(max_length=100)] = None
    """Absent in what was said before this field was there."""


class TermijnVerstreken(Feit):
    """A term passed: recorded when it happened, never computed at replay."""

    type: ClassVar[str] = "nl.meldingen.termijn-verstreken.v1"
    termijn: Code
    kind_id: UUID | None = None


class PersoonsgegevensGewist(Feit):
    """The key of the personal data of this melding is destroyed; its history stays."""

    type: ClassVar[str] = "nl.meldingen.persoonsgegevens-gewist.v1"
    grond: Code
    herkomst_id: UUID | None = None
    herkomst_proces: Proces | None = None
    """What it came forth from: that process may have kept what was written to ask for it."""


UNIFORM: tuple[type[Feit], ...] = (
    Aangenomen,
    Verhelderd,
    Beoordeeld,
    Omgezet,
    Voortgekomen,
    StapGezet,
    Overgedragen,
    OverdrachtGeweigerd,
    Teruggekeerd,
    Gecontroleerd,
    Gereedgemeld,
    TevredenheidGevraagd,
    TevredenheidGecontroleerd,
    Voltooid,
    Geevalueerd,
    Gesloten,
    Ingetrokken,
    Afgewezen,
    Afgebroken,
    Gekoppeld,
    KoppelingVoltooid,
    Opgeschort,
    Hervat,
    TermijnVerstreken,
    PersoonsgegevensGewist,
)
