"""The shapes of answers, in the camelCase of the API: typed for the code and for the OpenAPI."""

from typing import Any

from typing_extensions import TypedDict


class Antwoord(TypedDict):
    """What every command answers: the melding as it is now, and what can follow."""

    meldingId: str
    volgnummer: str
    versie: int
    status: str
    mogelijkeStappen: list[str]


class Overzicht(TypedDict):
    """A melding in the werkvoorraad: nothing personal."""

    meldingId: str
    wortelId: str
    ouderId: str | None
    volgnummer: str
    meldingsoort: str
    soortVolgensMelder: str | None
    dienst: str
    kanaal: str
    melder: str
    status: str
    uitkomst: str | None
    versie: int
    prioriteit: int | None
    ronde: int
    tijdstipUiterlijk: str | None
    verstreken: list[str]
    mogelijkeStappen: list[str]


class Kindweergave(TypedDict):
    """A hand-over as its giver shows it; ``organisatie`` when another one has it."""

    meldingId: str
    naar: str
    organisatie: str | None
    n: int
    ronde: int
    status: str


class Koppelingweergave(TypedDict):
    """A koppeling."""

    meldingId: str
    proces: str
    voltooid: bool


class Deelweergave(TypedDict):
    """The schakel that a melding carries out, and who waits for it there."""

    schakelId: str
    organisatie: str
    proces: str
    n: int
    ronde: int


class Weergave(Overzicht):
    """A melding with what hangs below it."""

    deelVan: Deelweergave | None
    kinderen: list[Kindweergave]
    koppelingen: list[Koppelingweergave]
    voortgekomen: list[str]
    gezet: list[str]
    termijnen: dict[str, str]
    dataref: str | None


class Werkvoorraad(TypedDict):
    """A page of meldingen; ``volgende`` is the cursor of the next one."""

    meldingen: list[Overzicht]
    volgende: str | None


class Gebeurtenisweergave(TypedDict):
    """One stored event."""

    versie: int
    gebeurtenis: str
    tijdstipGeregistreerd: str
    door: dict[str, Any]
    feit: dict[str, Any]


class Geschiedenis(TypedDict):
    """All events of a melding, in order."""

    gebeurtenissen: list[Gebeurtenisweergave]


class Inhoud(TypedDict):
    """What was written, by kind; empty when it stands elsewhere (``dataref`` of the melding)."""

    inhoud: dict[str, Any]


class Gebeurtenistype(TypedDict):
    """A public message type: its name, meaning and JSON Schema."""

    type: str
    betekenis: str
    schema: dict[str, Any]


class Gebeurtenistypen(TypedDict):
    """What this service publishes."""

    gebeurtenistypen: list[Gebeurtenistype]
