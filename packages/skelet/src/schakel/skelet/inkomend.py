"""What comes in, as far as a process acts on it: of every message the fields that it needs.

What comes in goes out again in messages of our own, so it has to satisfy the contract.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from schakel.contracts.melding import Kanaal, Meldersoort, Uitkomst
from schakel.contracts.organisatie import OIN, Schakelsoort, Verwijzing
from schakel.contracts.werkstromen import Meldingsoort, Proces

from .stappen.voortgekomen import NieuweMelding

_Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}\Z")]
_Ordinaal = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
_Tijdstip = Annotated[datetime, msgspec.Meta(tz=True)]
_Dataref = Annotated[
    str, msgspec.Meta(max_length=400, pattern=r"^https?://[A-Za-z0-9._~:/%\[\]-]+\Z")
]


class DeelVanInkomend(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """Whose work a melding does a part of."""

    schakel_id: UUID
    organisatie: Annotated[str, msgspec.Meta(pattern=rf"^{OIN}\Z")]
    proces: Proces
    n: _Ordinaal
    ronde: _Ordinaal


class StamInkomend(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """The fields of every message that decide whether it concerns us."""

    melding_id: UUID
    wortel_id: UUID
    proces: Proces
    ouder_id: UUID | None = None
    ouder_proces: Proces | None = None
    deel_van: DeelVanInkomend | None = None

    @property
    def waar(self) -> Verwijzing:
        """The melding that it is about."""
        return Verwijzing(self.proces, self.melding_id)


class OverdrachtInkomend(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """What a process is asked to do for another one."""

    kind_id: UUID
    naar: Proces
    n: _Ordinaal
    ronde: _Ordinaal
    dienst: _Code = "onbekend"
    kanaal: Kanaal = Kanaal.KETEN
    melder: Meldersoort = Meldersoort.KETENPARTNER
    uiterlijk: _Tijdstip | None = None
    dataref: _Dataref | None = None


class OvergedragenInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """Handed over to a process of this house."""

    overdracht: OverdrachtInkomend


class NieuwInkomend(NieuweMelding, frozen=True, rename="camel", gc=False, kw_only=True):
    """A melding that a process is asked to open."""

    id: UUID = msgspec.field(name="meldingId")
    dienst: _Code
    soort_volgens_melder: Meldingsoort | None = None
    dataref: _Dataref | None = None


class TeruggenomenInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """The giver no longer waits for a child."""

    kind_id: UUID


class IngekomenInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """Another organisation hands over to a process of this house."""

    soort: Schakelsoort
    dienst: _Code
    kanaal: Kanaal
    melder: Meldersoort
    dataref: _Dataref | None = None


class IngetrokkenInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """That organisation takes it back."""

    aanleiding: _Code


class OmgezetInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """Other meldingen take the place of this one."""

    nieuwe_meldingen: tuple[NieuwInkomend, ...]


class VoortgekomenInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """It gave rise to a melding of its own."""

    aanleiding: _Code
    nieuwe_melding: NieuwInkomend


class VoltooidInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """It is done."""

    gekoppeld: tuple[UUID, ...] = ()


class GeslotenInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """It is closed."""

    uitkomst: Uitkomst


class AfgewezenInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """It is refused."""

    reden: _Code


class GekoppeldInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """It is tied to another one."""

    andere_id: UUID
    andere_proces: Proces
    soort: _Code


class GewistInkomend(StamInkomend, frozen=True, rename="camel", gc=False, kw_only=True):
    """What was written about it is destroyed."""

    grond: _Code
    herkomst_id: UUID | None = None
    herkomst_proces: Proces | None = None
