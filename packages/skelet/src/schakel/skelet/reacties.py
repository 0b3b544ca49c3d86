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
from schakel.contracts.werkstromen import Meldingsoort, Proces, mag_overdragen
from schakel.kern.bezorging.ontvanger import Effect
from schakel.kern.bus.bericht import Bericht
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Ouder, Plaats
from schakel.kern.vastlegging.werk import Werk

from .melding import Melding
from .opening import Opening, geen_eigenaar, koppel_terug, vertel_voltooiing
from .overzicht import kinderen_van, lopende_kinderen
from .stappen.begin import Aangenomen
from .stappen.voortgekomen import NieuweMelding
from .volgnummer import volgend_volgnummer

LAATSTE_JAAR = 9_000
"""Of a term: also after a pause it has to be in the calendar."""

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


class _Gewist(_Stam, frozen=True, rename="camel", gc=False, kw_only=True):
    grond: _Code
    herkomst_id: UUID | None = None
    herkomst_proces: Proces | None = None


class Reacties:
    """The reactions of one process."""

    typen = frozenset(CATALOGUS)

    def __init__(
        self,
        soort: type[Melding],
        opening: Opening,
        wis: Callable[[Werk[Any], UUID], None],
        processen: Mapping[str, Proces],
    ) -> None:
        """``wis`` destroys what was written about a melding; ``processen`` are the writers."""
        self._soort = soort
        self._proces = soort.PROCES
        self._opening = opening
        self._wis = wis
        self._processen = processen
        # Every other type is a step of the sender alone: nothing for us to do.
        self._per_type: Mapping[str, tuple[type[Any], Callable[[Any], Effect | None]]] = {
            m.Overgedragen.type: (_Overgedragen, self._op_overgedragen),
            m.Omgezet.type: (_Omgezet, self._op_omgezet),
            m.Voortgekomen.type: (_Voortgekomen, self._op_voortgekomen),
            m.Voltooid.type: (_Voltooid, self._op_voltooid),
            m.Gesloten.type: (_Gesloten, self._op_gesloten),
            m.Afgewezen.type: (_Afgewezen, self._op_afgewezen),
            m.Gekoppeld.type: (_Gekoppeld, self._op_gekoppeld),
            m.PersoonsgegevensGewist.type: (_Gewist, self._op_gewist),
        }
        self.raakt_ons = frozenset(self._per_type)

    def duid(self, bericht: Bericht) -> Effect | None:
        """See ``Verwerker``."""
        soort_en_reactie = self._per_type.get(bericht.type)
        if soort_en_reactie is None:
            return None
        soort, reactie = soort_en_reactie
        feit = bericht.lees(soort)
        if self._processen.get(bericht.source) is not feit.proces:
            raise geen_eigenaar(f"dit is geen woord van {feit.proces} zelf")
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
        uiterlijk = kind.uiterlijk and _in_utc(kind.uiterlijk)

        def effect(werk: Werk[Melding]) -> None:
            if (bekend := werk.zoek(kind.kind_id)) is not None:
                if bekend.ouder != feit.waar:
                    raise geen_eigenaar("deze melding is er al, en van een ander gekregen")
                return
            if not mag_overdragen(feit.proces, self._proces):
                uitleg = f"{feit.proces} draagt niet over aan {self._proces}"
                raise Weigering("overdracht-niet-toegestaan", uitleg)
            ouder = Ouder(feit.melding_id, feit.proces.value, kind.n, kind.ronde)
            melding = self._soort(kind.kind_id, Plaats(feit.wortel_id, ouder))
            werk.voeg_toe(melding)
            melding.neem_aan(
                Aangenomen(
                    volgend_volgnummer(werk, self._proces),
                    kind.kanaal,
                    kind.dienst,
                    kind.melder,
                    uiterlijk,
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
            gevers = self._gevers(werk, feit)
            for gever in gevers:
                gever.neem_terug(feit.melding_id, Resultaat.VOLTOOID)
            if not vertel_voltooiing(werk, feit.gekoppeld, feit.waar) and not gevers:
                raise geen_eigenaar(f"wat hier is gekoppeld is niet van {feit.proces}")

        return Effect(effect, (*ouder, *feit.gekoppeld))

    def _op_gesloten(self, feit: _Gesloten) -> Effect | None:
        """A child that ended without result comes back so; children of what ended are cancelled."""
        if feit.uitkomst is Uitkomst.VOLTOOID:
            return None

        def effect(werk: Werk[Melding]) -> None:
            gevers = self._gevers(werk, feit)
            for gever in gevers:
                if feit.uitkomst in ZONDER_RESULTAAT:
                    gever.neem_terug(feit.melding_id, Resultaat.ZONDER_RESULTAAT, feit.uitkomst)
            kinderen = lopende_kinderen(werk, feit.melding_id)
            for kind in _eigen(werk, feit, kinderen, bekend=gevers):
                kind.verval()

        return Effect(effect, (feit.melding_id, *self._onze_ouder(feit)))

    def _op_afgewezen(self, feit: _Afgewezen) -> Effect | None:
        """Our hand-over was refused."""
        ouder = self._onze_ouder(feit)
        if not ouder:
            return None

        def effect(werk: Werk[Melding]) -> None:
            for gever in self._gevers(werk, feit):
                gever.hoor_weigering(feit.melding_id, feit.reden)

        return Effect(effect, ouder)

    def _onze_ouder(self, feit: _Stam) -> tuple[UUID, ...]:
        """The one that waits for this melding, when it is of this process."""
        is_van_ons = feit.ouder_proces is self._proces
        return (feit.ouder_id,) if is_van_ons and feit.ouder_id is not None else ()

    def _gevers(self, werk: Werk[Melding], feit: _Stam) -> list[Melding]:
        """The same, which handed it to whoever says this; raises NietGevonden."""
        gevers = [werk.haal(id_) for id_ in self._onze_ouder(feit)]
        for gever in gevers:
            kind = gever.kinderen.get(feit.melding_id)
            if kind is None or kind.naar is not feit.proces or gever.plaats.boom != feit.wortel_id:
                raise geen_eigenaar(f"dit is hier niet aan {feit.proces} overgedragen")
        return gevers

    def _op_gekoppeld(self, feit: _Gekoppeld) -> Effect | None:
        """A koppeling holds both ways."""
        if feit.andere_proces is not self._proces:
            return None
        return Effect(
            lambda werk: koppel_terug(werk, feit.andere_id, feit.waar, feit.soort),
            (feit.andere_id,),
        )

    def _op_gewist(self, feit: _Gewist) -> Effect | None:
        """What was written here to ask for it goes, and what was asked here for it.

        Only who got a melding from here, or handed one to here, has a say. So it goes down the tree
        from one to the next: each tells of its own, and nobody erases what began elsewhere.
        """
        is_hieruit = feit.herkomst_proces is self._proces and feit.herkomst_id is not None
        herkomst = (feit.herkomst_id,) if is_hieruit and feit.herkomst_id is not None else ()

        def effect(werk: Werk[Melding]) -> None:
            vragers = self._gevers(werk, feit) + [werk.haal(id_) for id_ in herkomst]
            for vrager in vragers:
                if vrager.gevraagd_aan(feit.melding_id) is not feit.proces:
                    raise geen_eigenaar(f"dit is hier niet aan {feit.proces} gevraagd")
                self._wis(werk, feit.melding_id)
            kinderen = kinderen_van(werk, feit.wortel_id, feit.melding_id)
            for kind in _eigen(werk, feit, kinderen, bekend=vragers):
                kind.hoor_wissing(feit.grond)
                for id_ in (kind.id, *kind.kinderen):
                    self._wis(werk, id_)

        return Effect(effect, (feit.melding_id, *self._onze_ouder(feit), *herkomst))


def _eigen(
    werk: Werk[Melding], feit: _Stam, kinderen: list[Melding], *, bekend: list[Melding]
) -> list[Melding]:
    """The children of what ``feit`` is about, when whoever says it handed them over.

    Its id may be here too, or below it what another handed over: then it is not who it says, unless
    something here is ``bekend`` as its own. What others do with an id that is its own, it may not
    suffer from.
    """
    eigen = [kind for kind in kinderen if kind.ouder == feit.waar]
    if not eigen and not bekend and (kinderen or werk.zoek(feit.melding_id) is not None):
        raise geen_eigenaar(f"dit is hier niet van {feit.proces} bekend")
    return eigen


def _in_utc(moment: datetime) -> datetime:
    """Raises OnleesbaarBericht for what no pause could move."""
    try:
        if (utc := moment.astimezone(UTC)).year <= LAATSTE_JAAR:
            return utc
    except OverflowError:
        pass
    raise OnleesbaarBericht(Leesfout.ONGELDIGE_INHOUD, "uiterlijk valt buiten de kalender")
