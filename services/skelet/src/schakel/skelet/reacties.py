"""What a process does with messages of the others: react per type, and why the rest is ignored.

Idempotence shows in the first line of every effect ("already there? done"), besides the inbox.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from schakel.contracts import schakel as s
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.schakel import Kanaal, Meldersoort, Resultaat, Uitkomst
from schakel.contracts.werkstromen import Meldingsoort, Proces
from schakel.kern.bericht import Bericht
from schakel.kern.gebeurtenis import Ouder, Plaats
from schakel.kern.ontvanger import Effect
from schakel.kern.werk import Werk

from . import gebeurtenissen as g
from .melding import Melding
from .overzicht import lopende_kinderen
from .volgnummer import volgend_volgnummer

M = TypeVar("M", bound=Melding)

ZONDER_RESULTAAT = frozenset({Uitkomst.OMGEZET, Uitkomst.AFGEBROKEN, Uitkomst.GEEN_OVEREENSTEMMING})
"""Outcomes with which a child comes back empty-handed (section 5)."""


class _Stam(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """The fields of every message that decide whether it concerns us."""

    melding_id: UUID
    wortel_id: UUID
    proces: Proces
    ouder_id: UUID | None = None
    ouder_proces: Proces | None = None


class _Overdracht(msgspec.Struct, frozen=True, rename="camel", gc=False):
    kind_id: UUID
    naar: Proces
    n: int
    ronde: int
    dienst: str = "onbekend"
    kanaal: Kanaal = Kanaal.KETEN
    melder: Meldersoort = Meldersoort.KETENPARTNER
    uiterlijk: datetime | None = None
    dataref: str | None = None


class _Overgedragen(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    overdracht: _Overdracht


class _Nieuw(msgspec.Struct, frozen=True, rename="camel", gc=False):
    melding_id: UUID
    naar: Proces
    dienst: str
    kanaal: Kanaal
    melder: Meldersoort
    soort_volgens_melder: Meldingsoort | None = None
    dataref: str | None = None


class _Omgezet(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    reden: str
    nieuwe_meldingen: tuple[_Nieuw, ...]


class _Voortgekomen(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    aanleiding: str
    nieuwe_melding: _Nieuw


class _Voltooid(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    gekoppeld: tuple[UUID, ...] = ()


class _Gesloten(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    uitkomst: Uitkomst


class _Afgewezen(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    reden: str


class _Gekoppeld(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    andere_id: UUID
    andere_proces: Proces
    soort: str


class Reacties:
    """The reactions of one process."""

    typen = frozenset(CATALOGUS)

    def __init__(
        self, soort: type[Melding], beslis_uiterlijk: Callable[[str, datetime], datetime]
    ) -> None:
        """``beslis_uiterlijk`` gives the beslistermijn of a dienst from a moment on."""
        self._soort = soort
        self._proces = soort.PROCES
        self._beslis_uiterlijk = beslis_uiterlijk
        # Every other type is a step of the sender alone: nothing for us to do.
        self._per_type: Mapping[str, tuple[type[Any], Callable[[Any], Effect | None]]] = {
            s.Overgedragen.type: (_Overgedragen, self._op_overgedragen),
            s.Omgezet.type: (_Omgezet, self._op_omgezet),
            s.Voortgekomen.type: (_Voortgekomen, self._op_voortgekomen),
            s.Voltooid.type: (_Voltooid, self._op_voltooid),
            s.Gesloten.type: (_Gesloten, self._op_gesloten),
            s.Afgewezen.type: (_Afgewezen, self._op_afgewezen),
            s.Gekoppeld.type: (_Gekoppeld, self._op_gekoppeld),
        }

    def duid(self, bericht: Bericht) -> Effect | None:
        """See ``Verwerker``."""
        soort_en_reactie = self._per_type.get(bericht.type)
        if soort_en_reactie is None:
            return None
        soort, reactie = soort_en_reactie
        return reactie(bericht.lees(soort))

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
                g.Aangenomen(
                    volgend_volgnummer(werk, self._proces),
                    kind.kanaal,
                    kind.dienst,
                    kind.melder,
                    kind.uiterlijk,
                    dataref=kind.dataref,
                )
            )

        return effect

    def _op_omgezet(self, feit: _Omgezet) -> Effect | None:
        """The right melding is opened, voortgekomen uit the wrong one."""
        nieuwe = [een for een in feit.nieuwe_meldingen if een.naar is self._proces]
        if not nieuwe:
            return None

        def effect(werk: Werk[Melding]) -> None:
            for een in nieuwe:
                self._open(werk, een, feit, "omgezet")

        return effect

    def _op_voortgekomen(self, feit: _Voortgekomen) -> Effect | None:
        """Monitoring, evaluation or a further wish asks for a melding of its own."""
        nieuw = feit.nieuwe_melding
        if nieuw.naar is not self._proces:
            return None
        return lambda werk: self._open(werk, nieuw, feit, feit.aanleiding)

    def _open(self, werk: Werk[Melding], nieuw: _Nieuw, uit: _Stam, aanleiding: str) -> None:
        if werk.zoek(nieuw.melding_id) is not None:
            return
        melding = self._soort(nieuw.melding_id, Plaats(nieuw.melding_id))
        werk.voeg_toe(melding)
        melding.neem_aan(
            g.Aangenomen(
                volgend_volgnummer(werk, self._proces),
                nieuw.kanaal,
                nieuw.dienst,
                nieuw.melder,
                self._beslis_uiterlijk(nieuw.dienst, werk.nu),
                soort_volgens_melder=nieuw.soort_volgens_melder,
                voortgekomen_uit=g.Herkomst(uit.melding_id, uit.proces, aanleiding),
                dataref=nieuw.dataref,
            )
        )

    def _op_voltooid(self, feit: _Voltooid) -> Effect | None:
        """Our child comes back; meldingen that are koppeld hear of it."""
        is_van_ons = feit.ouder_proces is self._proces
        if not is_van_ons and not feit.gekoppeld:
            return None

        def effect(werk: Werk[Melding]) -> None:
            if is_van_ons and feit.ouder_id is not None:
                werk.haal(feit.ouder_id).neem_terug(feit.melding_id, Resultaat.VOLTOOID)
            for id_ in feit.gekoppeld:
                if (andere := werk.zoek(id_)) is not None:
                    andere.hoor_voltooiing(feit.melding_id)

        return effect

    def _op_gesloten(self, feit: _Gesloten) -> Effect | None:
        """A child that ended without result comes back so; children of what ended are cancelled."""
        if feit.uitkomst is Uitkomst.VOLTOOID:
            return None

        def effect(werk: Werk[Melding]) -> None:
            if (
                feit.uitkomst in ZONDER_RESULTAAT
                and feit.ouder_proces is self._proces
                and feit.ouder_id is not None
            ):
                ouder = werk.haal(feit.ouder_id)
                ouder.neem_terug(feit.melding_id, Resultaat.ZONDER_RESULTAAT)
            for kind in lopende_kinderen(werk, feit.melding_id):
                kind.verval()

        return effect

    def _op_afgewezen(self, feit: _Afgewezen) -> Effect | None:
        """Our hand-over was refused."""
        ouder_id = feit.ouder_id
        if feit.ouder_proces is not self._proces or ouder_id is None:
            return None
        return lambda werk: werk.haal(ouder_id).hoor_weigering(feit.melding_id, feit.reden)

    def _op_gekoppeld(self, feit: _Gekoppeld) -> Effect | None:
        """A koppeling holds both ways."""
        if feit.andere_proces is not self._proces:
            return None

        def effect(werk: Werk[Melding]) -> None:
            andere = werk.zoek(feit.andere_id)
            if andere is not None and not andere.is_gesloten:
                andere.koppel(feit.melding_id, feit.proces, feit.soort)

        return effect
