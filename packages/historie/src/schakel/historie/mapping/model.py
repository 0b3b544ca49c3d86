"""The mapping as a whole: which rows belong together, in which order, and what they say."""

from collections.abc import Iterator
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from schakel.contracts.melding import Kanaal

from .deel import Deel, Kolom, VanKolomOfKenmerk, Waarde
from .gebeurtenissen import Gebeurtenis
from .voorwaarden import Rijplaats, Vergelijking, Voorwaarde, bladeren

MEESTE_REGELS = 500


def _als_lijst(waarde: Any) -> Any:
    return waarde if isinstance(waarde, list) else [waarde]


def _bestaande_zone(naam: str) -> str:
    if naam not in available_timezones():
        raise ValueError(f"{naam!r} is geen tijdzone; bijvoorbeeld Europe/Amsterdam")
    return str(ZoneInfo(naam))


Kolommen = Annotated[
    list[Kolom],
    BeforeValidator(_als_lijst, json_schema_input_type=Kolom | list[Kolom]),
    Field(min_length=1),
]
Gevolgen = Annotated[
    list[Gebeurtenis],
    BeforeValidator(_als_lijst, json_schema_input_type=Gebeurtenis | list[Gebeurtenis]),
    Field(min_length=1),
]
Formaat = Annotated[str, Field(min_length=1, max_length=100)]
Zone = Annotated[str, AfterValidator(_bestaande_zone)]


class Zaak(Deel):
    """Wat rijen tot een zaak maakt."""

    sleutel: Kolommen


class Tijd(Deel):
    """Wanneer iets gebeurde. Zonder `formaat`: ISO 8601; `formaat` is dat van strptime."""

    kolom: Kolom
    formaat: Formaat | None = None
    zone: Zone = "Europe/Amsterdam"
    """Van tijden waar zelf geen zone bij staat."""


class Zaaktijd(VanKolomOfKenmerk):
    """Wanneer iets gebeurde dat voor de hele zaak geldt."""

    formaat: Formaat | None = None
    zone: Zone = "Europe/Amsterdam"


class Volgorde(Deel):
    """De volgorde binnen een zaak, oplopend, na de tijd."""

    kolommen: Kolommen


class Kenmerken(Deel):
    """Een tweede bestand, met kenmerken per zaak."""

    bestand: Annotated[str, Field(min_length=1, max_length=500)]
    """Waar het staat, gezien vanaf het eerste logbestand."""
    sleutel: Kolommen


class Kanaalregel(VanKolomOfKenmerk):
    """Langs welk kanaal de melding kwam; wat niet onder `waarden` staat, blijft zoals het is."""

    waarden: dict[str, Annotated[Kanaal, Field(strict=False)]] = Field({})


class Regel(Deel):
    """Een voorwaarde op een rij, en wat er dan gebeurde. De eerste die geldt, telt."""

    naam: Annotated[str, Field(max_length=200)] = ""
    als: Voorwaarde
    dan: Gevolgen
    eerste: bool = False
    """Alleen de eerste rij van een zaak waarop dit past; wat volgt is een notitie."""


class Zaakregel(Deel):
    """Wat voor de hele zaak geldt, op welke rij het ook staat. Alle die gelden, tellen."""

    naam: Annotated[str, Field(max_length=200)] = ""
    als: Voorwaarde
    dan: Gevolgen
    tijd: Zaaktijd | None = None
    """Wanneer het gebeurde, als dat ergens staat; anders heeft het geen tijd."""

    @model_validator(mode="after")
    def _geen_rijen(self) -> Self:
        for blad in bladeren(self.als):
            if isinstance(blad, Rijplaats) or blad.wordt is not None:
                raise ValueError("een zaakregel kent geen eerste, laatste of vorige rij")
        return self


class Mapping(Deel):
    """Hoe een logboek wordt gelezen als gebeurtenissen van meldingen."""

    zaak: Zaak
    tijd: Tijd
    volgorde: Volgorde | None = None
    leeg: list[Waarde] = Field([""])
    """Wat in het bestand voor niets staat, naast een lege cel."""
    kenmerken: Kenmerken | None = None
    kanaal: Kanaalregel | None = None
    zaakregels: list[Zaakregel] = Field([], max_length=MEESTE_REGELS)
    regels: list[Regel] = Field([], max_length=MEESTE_REGELS)

    @model_validator(mode="after")
    def _heeft_wat_het_noemt(self) -> Self:
        if not self.regels and not self.zaakregels:
            raise ValueError("er is geen enkele regel: schrijf [[regels]] of [[zaakregels]]")
        if self.kenmerken is None and any(self.kenmerkkolommen()):
            raise ValueError("er wordt een kenmerk genoemd, maar [kenmerken] ontbreekt")
        return self

    def rijkolommen(self) -> list[str]:
        """The columns of the log that are needed, each once."""
        genoemd = [*self.zaak.sleutel, self.tijd.kolom]
        genoemd += self.volgorde.kolommen if self.volgorde else []
        genoemd += [self.kanaal.kolom] if self.kanaal and self.kanaal.kolom else []
        genoemd += [v.kolom for v in self._vergelijkingen() if v.kolom is not None]
        genoemd += [tijd.kolom for tijd in self._tijden() if tijd.kolom is not None]
        return list(dict.fromkeys(genoemd))

    def kenmerkkolommen(self) -> list[str]:
        """The columns of the second file that are needed besides its key, each once."""
        genoemd = [v.kenmerk for v in self._vergelijkingen() if v.kenmerk is not None]
        genoemd += [self.kanaal.kenmerk] if self.kanaal and self.kanaal.kenmerk else []
        genoemd += [tijd.kenmerk for tijd in self._tijden() if tijd.kenmerk is not None]
        return list(dict.fromkeys(genoemd))

    def alle_regels(self) -> list[Zaakregel | Regel]:
        """Those of the whole case first."""
        return [*self.zaakregels, *self.regels]

    def _tijden(self) -> list[Zaaktijd]:
        return [regel.tijd for regel in self.zaakregels if regel.tijd is not None]

    def _vergelijkingen(self) -> Iterator[Vergelijking]:
        for regel in self.alle_regels():
            for blad in bladeren(regel.als):
                if isinstance(blad, Vergelijking):
                    yield blad
