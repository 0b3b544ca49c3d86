"""What a rule can say that happened, in the words of the domain (section 3)."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schakel.contracts.werkstromen import SOORT_VAN, Proces

from .deel import Deel

Procesnaam = Literal["afspreken", "wijzigen", "herstellen", "uitvoeren", "verbeteren"]
Soortnaam = Literal["wens", "wijzigingsverzoek", "foutmelding", "aanvraag", "verbetervoorstel"]
Einde = Literal["voltooid", "overgedragen", "omgezet", "geen_overeenstemming", "afgebroken"]
_PROCES_VAN = {soort.value: proces for proces, soort in SOORT_VAN.items()}


class Aangenomen(Deel):
    """De melding kwam binnen. Zonder proces en meldingsoort zegt dit alleen wanneer."""

    gebeurtenis: Literal["aangenomen"]
    proces: Procesnaam | None = None
    meldingsoort: Soortnaam | None = None

    @model_validator(mode="after")
    def _zegt_een_ding(self) -> Self:
        if self.proces and self.meldingsoort and _PROCES_VAN[self.meldingsoort] != self.proces:
            raise ValueError(f"een {self.meldingsoort} komt niet binnen bij {self.proces}")
        return self

    @property
    def bij(self) -> Proces | None:
        """The process that took it, as far as the rule says so."""
        if self.meldingsoort is not None:
            return _PROCES_VAN[self.meldingsoort]
        return None if self.proces is None else Proces(self.proces)


class Overdracht(Deel):
    """Het werk gaat over naar een ander proces."""

    gebeurtenis: Literal["overdracht"]
    naar: Procesnaam


class Terugkeer(Deel):
    """Het overgedragen werk kwam terug bij wie het gaf."""

    gebeurtenis: Literal["terugkeer"]
    resultaat: Literal["voltooid", "zonder_resultaat"] = "voltooid"


class Controle(Deel):
    """De interne controle: is gedaan wat was gevraagd?"""

    gebeurtenis: Literal["controle"]
    goed: bool = True


class Tevredenheid(Deel):
    """De melder zei of die tevreden is."""

    gebeurtenis: Literal["tevredenheid"]
    tevreden: bool = True


class Gesloten(Deel):
    """De melding is gesloten."""

    gebeurtenis: Literal["gesloten"]
    uitkomst: Einde = "voltooid"


class Stap(Deel):
    """Een eigen stap van het proces, zoals `oorzaak-vastgesteld`."""

    gebeurtenis: Literal["stap"]
    stap: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Voorval(Deel):
    """Wat verder niets bij zich heeft; `notitie` betekent niets voor de werkstroom."""

    gebeurtenis: Literal[
        "beoordeeld",
        "gereedgemeld",
        "contact",
        "heropend",
        "ketenpartner",
        "koppeling",
        "verbetervoorstel",
        "ingetrokken",
        "afgewezen",
        "notitie",
    ]


Gebeurtenis = Annotated[
    Aangenomen | Overdracht | Terugkeer | Controle | Tevredenheid | Gesloten | Stap | Voorval,
    Field(discriminator="gebeurtenis"),
]
