"""What a process does with messages of the others: react per type, and why the rest is ignored.

Idempotence shows in the first line of every effect ("already there? done"), besides the inbox.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from schakel.contracts import melding as m
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.melding import Kanaal, Meldersoort, Resultaat, Uitkomst
from schakel.contracts.organisatie import Verwijzing
from schakel.contracts.werkstromen import Meldingsoort, Proces
from schakel.kern.bezorging.ontvanger import Effect
from schakel.kern.bus.bericht import Bericht
from schakel.kern.vastlegging.gebeurtenis import Ouder, Plaats
from schakel.kern.vastlegging.werk import Werk

from .melding import Melding
from .opening import Opening, koppel_terug, vertel_voltooiing
from .overzicht import leden_van, lopende_kinderen
from .stappen.begin import Aangenomen
from .stappen.voortgekomen import NieuweMelding
from .volgnummer import volgend_volgnummer

ZONDER_RESULTAAT = frozenset({Uitkomst.OMGEZET, Uitkomst.AFGEBROKEN, Uitkomst.GEEN_OVEREENSTEMMING})
"""Outcomes with which a child comes back empty-handed (section 5)."""

# What comes in goes out again in messages of our own, so it has to satisfy the contract.
_Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}\Z")]
_Ordinaal = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
_Tijdstip = Annotated[datetime, msgspec.Meta(tz=True)]
_Dataref = Annotated[
    str, msgspec.Meta(max_length=400, pattern=r"^https?://[A-Za-z0-9._~:/%\[\]-]+\Z")
]


class _Stam(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """The fields of every message that decide whether it concerns us."""

    melding_id: UUID
    wortel_id: UUID
    proces: Proces
    ouder_id: UUID | None = None
    ouder_proces: Proces | None = None

    @property
    def waar(self) -> Verwijzing:
        """The melding that it is about."""
        return Verwijzing(self.proces, self.melding_id)


class _Overdracht(msgspec.Struct, frozen=True, rename="camel", gc=False):
    kind_id: UUID
    naar: Proces
    n: _Ordinaal
    ronde: _Ordinaal
    dienst: _Code = "onbekend"
    kanaal: Kanaal = Kanaal.KETEN
    melder: Meldersoort = Meldersoort.KETENPARTNER
    uiterlijk: _Tijdstip | None = None
    dataref: _Dataref | None = None


class _Overgedragen(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    overdracht: _Overdracht


class _Nieuw(NieuweMelding, frozen=True, rename="camel", gc=False, kw_only=True):
    id: UUID = msgspec.field(name="meldingId")
    dienst: _Code
    soort_volgens_melder: Meldingsoort | None = None
    dataref: _Dataref | None = None


class _Omgezet(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    nieuwe_meldingen: tuple[_Nieuw, ...]


class _Voortgekomen(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    aanleiding: _Code
    nieuwe_melding: _Nieuw


class _Voltooid(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    gekoppeld: tuple[UUID, ...] = ()


class _Gesloten(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    uitkomst: Uitkomst


class _Afgewezen(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    reden: _Code


class _Gekoppeld(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    andere_id: UUID
    andere_proces: Proces
    soort: _Code


class Reacties:
    """The reactions of one process."""

    typen = frozenset(CATALOGUS)

    def __init__(
        self, soort: type[Melding], opening: Opening, wis: Callable[[Werk[Any], UUID], None]
    ) -> None:
        """``wis`` destroys what was written about a melding."""
        self._soort = soort
        self._proces = soort.PROCES
        self._opening = opening
        self._wis = wis
        # Every other type is a step of the sender alone: nothing for us to do.
        self._per_type: Mapping[str, tuple[type[Any], Callable[[Any], Effect | None]]] = {
            m.Overgedragen.type: (_Overgedragen, self._op_overgedragen),
            m.Omgezet.type: (_Omgezet, self._op_omgezet),
            m.Voortgekomen.type: (_Voortgekomen, self._op_voortgekomen),
            m.Voltooid.type: (_Voltooid, self._op_voltooid),
            m.Gesloten.type: (_Gesloten, self._op_gesloten),
            m.Afgewezen.type: (_Afgewezen, self._op_afgewezen),
            m.Gekoppeld.type: (_Gekoppeld, self._op_gekoppeld),
            m.PersoonsgegevensGewist.type: (_Stam, self._op_gewist),
        }
        self.raakt_ons = frozenset(self._per_type)

    def duid(self, bericht: Bericht) -> Effect | None:
        """See ``Verwerker``."""
        soort_en_reactie = self._per_type.get(bericht.type)
        if soort_en_reactie is None:
            return None
        soort, reactie = soort_en_reactie
        feit = bericht.lees(soort)
        if bericht.subject != str(feit.melding_id) or bericht.partitionkey != str(feit.wortel_id):
            raise OnleesbaarBericht(
                Leesfout.ONGELDIGE_INHOUD, "subject of partitionkey is niet die van de data"
            )
        return reactie(feit)

    def _op_overgedragen(self, feit: _Overgedragen) -> Effect | None:
        """A hand-over meant for us is accepted by itself."""
        kind = feit.overdracht
        if kind.naar is not self._proces:
            return None

        def effect(werk: Werk[Melding]) -> None:
            if werk.zoek(kind.kind_id) is not None:
                return
            ouder = Ouder(feit.melding_id, feit.proces.value, kind.n, kind.ronde)
            melding = self._soort(kind.kind_id, Plaats(feit.wortel_id, ouder))
            werk.voeg_toe(melding)
            melding.neem_aan(
                Aangenomen(
                    volgend_volgnummer(werk, self._proces),
                    kind.kanaal,
                    kind.dienst,
                    kind.melder,
                    kind.uiterlijk and kind.uiterlijk.astimezone(UTC),
                    dataref=kind.dataref,
                )
            )

        return Effect(effect, (kind.kind_id,))

    def _op_omgezet(self, feit: _Omgezet) -> Effect | None:
        """The right melding is opened, voortgekomen uit the wrong one."""
        nieuwe = [een for een in feit.nieuwe_meldingen if een.naar is self._proces]
        if not nieuwe:
            return None

        def effect(werk: Werk[Melding]) -> None:
            for een in nieuwe:
                self._opening.open(werk, een, feit.waar, "omgezet")

        return Effect(effect, tuple(een.id for een in nieuwe))

    def _op_voortgekomen(self, feit: _Voortgekomen) -> Effect | None:
        """Monitoring, evaluation or a further wish asks for a melding of its own."""
        nieuw = feit.nieuwe_melding
        if nieuw.naar is not self._proces:
            return None
        return Effect(
            lambda werk: self._opening.open(werk, nieuw, feit.waar, feit.aanleiding), (nieuw.id,)
        )

    def _op_voltooid(self, feit: _Voltooid) -> Effect | None:
        """Our child comes back; meldingen that are koppeld hear of it."""
        ouder = self._onze_ouder(feit)
        if not ouder and not feit.gekoppeld:
            return None

        def effect(werk: Werk[Melding]) -> None:
            for id_ in ouder:
                werk.haal(id_).neem_terug(feit.melding_id, Resultaat.VOLTOOID)
            vertel_voltooiing(werk, feit.gekoppeld, feit.melding_id)

        return Effect(effect, (*ouder, *feit.gekoppeld))

    def _op_gesloten(self, feit: _Gesloten) -> Effect | None:
        """A child that ended without result comes back so; children of what ended are cancelled."""
        if feit.uitkomst is Uitkomst.VOLTOOID:
            return None
        ouder = self._onze_ouder(feit)

        def effect(werk: Werk[Melding]) -> None:
            if feit.uitkomst in ZONDER_RESULTAAT:
                for id_ in ouder:
                    werk.haal(id_).neem_terug(
                        feit.melding_id, Resultaat.ZONDER_RESULTAAT, feit.uitkomst
                    )
            for kind in lopende_kinderen(werk, feit.melding_id):
                kind.verval()

        return Effect(effect, ouder)

    def _op_afgewezen(self, feit: _Afgewezen) -> Effect | None:
        """Our hand-over was refused."""
        ouder = self._onze_ouder(feit)
        if not ouder:
            return None
        return Effect(
            lambda werk: werk.haal(ouder[0]).hoor_weigering(feit.melding_id, feit.reden), ouder
        )

    def _onze_ouder(self, feit: _Stam) -> tuple[UUID, ...]:
        """The one that waits for this melding, when it is of this process."""
        is_van_ons = feit.ouder_proces is self._proces
        return (feit.ouder_id,) if is_van_ons and feit.ouder_id is not None else ()

    def _op_gekoppeld(self, feit: _Gekoppeld) -> Effect | None:
        """A koppeling holds both ways."""
        if feit.andere_proces is not self._proces:
            return None
        return Effect(
            lambda werk: koppel_terug(werk, feit.andere_id, feit.waar, feit.soort),
            (feit.andere_id,),
        )

    def _op_gewist(self, feit: _Stam) -> Effect | None:
        """What stands here about that melding, or about the tree below it, goes too."""

        def effect(werk: Werk[Melding]) -> None:
            boom = leden_van(werk, feit.melding_id)
            for id_ in (feit.melding_id, *boom):
                self._wis(werk, id_)

        return Effect(effect)
