"""Which organisation runs a process that is not run here: as a file says, read again when changed.

A hand-over looks it up once, in the step, and records what it found: later changes move nothing
that was handed over.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schakel.contracts.feit import Code
from schakel.contracts.organisatie import Oin
from schakel.contracts.strikt import Jsonfout, lees_json
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.weigering import StartFout

GEEN_UITVOERDER: Final = "geen-uitvoerder"
MEESTE_BYTES: Final = 1_000_000

Bezwaar = tuple[str, str]
"""A refusal code and a Dutch explanation."""

Keuze = Annotated[list[Oin], Field(min_length=2, max_length=100)]


class Bestemming(NamedTuple):
    """Where a hand-over goes: to ``organisatie``, or to a process of our own when it is None.

    ``bezwaar`` is why it can go nowhere. ``gereed_voor`` and ``vervangt`` are for another one.
    """

    organisatie: str | None = None
    bezwaar: Bezwaar | None = None
    gereed_voor: datetime | None = None
    vervangt: UUID | None = None

    def is_te_veel(self) -> Bezwaar | None:
        """What is said for another organisation means nothing in the house."""
        if self.gereed_voor is None and self.vervangt is None:
            return None
        uitleg = "gereedVoor en vervangt zijn voor een overdracht aan een andere organisatie"
        return ("alleen-buitenshuis", uitleg)


HIER: Final = Bestemming()


class Uitvoerders(BaseModel):
    """Who runs one process, by dienst: an OIN, null for nobody, or some of which one is chosen.

    ``standaard`` holds for every dienst that is not named. Our own OIN is a service of our own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    standaard: Oin | Keuze | None
    diensten: dict[Code, Oin | Keuze | None] = Field(default_factory=dict)


class Routeringsregels(BaseModel):
    """The file: every process that is not run here is named; all others are run here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    processen: dict[Proces, Uitvoerders] = Field(default_factory=dict)


class Routering:
    """Who runs which process, as it holds now."""

    def __init__(self, eigen: str, bestand: Path | None = None) -> None:
        """``eigen`` is our own OIN. Raises StartFout when the file cannot be used."""
        self._eigen = eigen
        self._bestand = bestand
        self._stand: tuple[int, int, int] | None = None
        self._processen: Mapping[Proces, Uitvoerders] = {}
        self.ververs()

    def ververs(self) -> bool:
        """Read the file if it changed; return whether it did.

        Raises StartFout when it cannot be used: then what was read before goes on holding.
        """
        if self._bestand is None:
            return False
        try:
            bekeken = self._bestand.stat()
            stand = (bekeken.st_ino, bekeken.st_mtime_ns, bekeken.st_size)
            if stand == self._stand:
                return False
            if bekeken.st_size > MEESTE_BYTES:
                raise self._ongeldig(f"is groter dan {MEESTE_BYTES} bytes")
            self._processen = self._lees(self._bestand.read_bytes())
        except OSError as fout:
            uitleg = f"kan {self._bestand} niet lezen: {fout.strerror}"
            raise StartFout("routering-onleesbaar", uitleg) from fout
        self._stand = stand
        return True

    def _lees(self, ruw: bytes) -> Mapping[Proces, Uitvoerders]:
        try:
            lees_json(ruw)  # stricter than the models: no key twice
            return Routeringsregels.model_validate_json(ruw).processen
        except Jsonfout as fout:
            raise self._ongeldig(
                f"{fout.veld}: {fout.uitleg}" if fout.veld else fout.uitleg
            ) from fout
        except ValidationError as fout:
            een = fout.errors(include_input=False, include_url=False)[0]
            raise self._ongeldig(f"{'.'.join(map(str, een['loc']))}: {een['msg']}") from fout

    def _ongeldig(self, uitleg: str) -> StartFout:
        return StartFout("routering-ongeldig", f"{self._bestand}: {uitleg}")

    def bestemming(self, naar: Proces, dienst: str, gevraagd: str | None) -> Bestemming:
        """Where a hand-over goes; ``gevraagd`` is the organisation that was named, if any."""
        mogelijk = self._mogelijk(naar, dienst)
        if not mogelijk:
            return Bestemming(bezwaar=_geen_uitvoerder(naar, dienst))
        if gevraagd is None and len(mogelijk) > 1:
            uitleg = f"{naar} kan hier door meer dan een organisatie: noem er een van"
            return Bestemming(bezwaar=("organisatie-kiezen", f"{uitleg} {', '.join(mogelijk)}"))
        if gevraagd is not None and gevraagd not in mogelijk:
            uitleg = f"{naar} gaat hier naar {' of '.join(mogelijk)}, volgens de routering"
            return Bestemming(bezwaar=("organisatie-past-niet", uitleg))
        gekozen = gevraagd or mogelijk[0]
        return HIER if gekozen == self._eigen else Bestemming(gekozen)

    def niet_hier(self, naar: Proces, dienst: str) -> Bezwaar | None:
        """The objection when no service of our own runs this process."""
        hier = self._eigen in self._mogelijk(naar, dienst)
        return None if hier else _geen_uitvoerder(naar, dienst)

    def _mogelijk(self, naar: Proces, dienst: str) -> tuple[str, ...]:
        uitvoerders = self._processen.get(naar)
        if uitvoerders is None:
            return (self._eigen,)
        gevonden = uitvoerders.diensten.get(dienst, uitvoerders.standaard)
        if gevonden is None:
            return ()
        return (gevonden,) if isinstance(gevonden, str) else tuple(gevonden)


def _geen_uitvoerder(naar: Proces, dienst: str) -> Bezwaar:
    return (GEEN_UITVOERDER, f"er is hier niemand voor {naar} van {dienst}, volgens de routering")
