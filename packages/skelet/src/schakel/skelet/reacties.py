"""What a process does with messages of the others: react per type, and why the rest is ignored.

Idempotence shows in the first line of every effect ("already there? done"), besides the inbox.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.melding import Resultaat, Uitkomst
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.snelschrift import als_tekst
from schakel.contracts.topics import is_van_grens, mag_zeggen
from schakel.contracts.werkstromen import Proces, mag_overdragen
from schakel.kern.bezorging.ontvanger import Effect
from schakel.kern.bus.bericht import Bericht
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.gebeurtenis import Deelwerk, Ouder, Plaats
from schakel.kern.vastlegging.werk import Werk

from . import inkomend as i
from .melding import Melding
from .opening import Opening, geen_eigenaar, koppel_terug, vertel_voltooiing
from .overzicht import kinderen_van, lopende_kinderen
from .stappen.begin import Aangenomen
from .volgnummer import volgend_volgnummer

LAATSTE_JAAR = 9_000
"""Of a term: also after a pause it has to be in the calendar."""

ZONDER_RESULTAAT = frozenset({Uitkomst.OMGEZET, Uitkomst.AFGEBROKEN, Uitkomst.GEEN_OVEREENSTEMMING})
"""Outcomes with which a child comes back empty-handed (section 5)."""


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
            m.Overgedragen.type: (i.OvergedragenInkomend, self._op_overgedragen),
            d.OverdrachtTeruggenomen.type: (i.TeruggenomenInkomend, self._op_teruggenomen),
            m.Omgezet.type: (i.OmgezetInkomend, self._op_omgezet),
            m.Voortgekomen.type: (i.VoortgekomenInkomend, self._op_voortgekomen),
            m.Voltooid.type: (i.VoltooidInkomend, self._op_voltooid),
            m.Gesloten.type: (i.GeslotenInkomend, self._op_gesloten),
            m.Afgewezen.type: (i.AfgewezenInkomend, self._op_afgewezen),
            m.Gekoppeld.type: (i.GekoppeldInkomend, self._op_gekoppeld),
            m.PersoonsgegevensGewist.type: (i.GewistInkomend, self._op_gewist),
        }
        # The grens speaks for children that another organisation has, and for who asks work of us.
        self._van_grens: Mapping[str, tuple[type[Any], Callable[[Any], Effect | None]]] = {
            m.Voltooid.type: (i.VoltooidInkomend, partial(self._op_voltooid, elders=True)),
            m.Gesloten.type: (i.GeslotenInkomend, partial(self._op_gesloten, elders=True)),
            m.Afgewezen.type: (i.AfgewezenInkomend, partial(self._op_afgewezen, elders=True)),
            d.SchakelIngekomen.type: (i.IngekomenInkomend, self._op_ingekomen),
            d.SchakelIngetrokken.type: (i.IngetrokkenInkomend, self._op_ingetrokken),
        }
        self.raakt_ons = frozenset(self._per_type).union(self._van_grens)

    def duid(self, bericht: Bericht) -> Effect | None:
        """See ``Verwerker``."""
        reacties = self._van_grens if is_van_grens(bericht.source) else self._per_type
        soort_en_reactie = reacties.get(bericht.type)
        if soort_en_reactie is None:
            if bericht.type in self.raakt_ons:
                raise geen_eigenaar(f"wie dit schrijft zegt nooit {bericht.type}")
            return None
        soort, reactie = soort_en_reactie
        feit = bericht.lees(soort)
        if not mag_zeggen(bericht.source, bericht.type, feit.proces, self._processen):
            raise geen_eigenaar(f"dit is geen woord van {feit.proces} zelf")
        genoemd = (als_tekst(feit.melding_id), als_tekst(feit.wortel_id))
        if (bericht.subject, bericht.partitionkey) != genoemd:
            raise OnleesbaarBericht(
                Leesfout.ONGELDIGE_INHOUD, "subject of partitionkey is niet die van de data"
            )
        return reactie(feit)

    def _op_overgedragen(self, feit: i.OvergedragenInkomend) -> Effect | None:
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

    def _op_teruggenomen(self, feit: i.TeruggenomenInkomend) -> Effect | None:
        """What was handed to us is taken back: cancelled as when its parent ends."""

        def effect(werk: Werk[Melding]) -> None:
            if (kind := werk.zoek(feit.kind_id)) is None:
                return  # another has it
            if kind.ouder != feit.waar:
                raise geen_eigenaar("deze melding is van een ander gekregen")
            kind.verval("teruggenomen")

        return Effect(effect, (feit.kind_id,))

    def _op_ingekomen(self, feit: i.IngekomenInkomend) -> Effect | None:
        """Another organisation hands over to us: the grens gives the id, once for each schakel."""
        if feit.proces is not self._proces:
            return None
        deel = _deel(feit)
        if feit.soort is not Schakelsoort.DEELPROCES or feit.melding_id != feit.wortel_id:
            uitleg = f"zo komt hier geen {feit.soort} in"
            raise OnleesbaarBericht(Leesfout.ONGELDIGE_INHOUD, uitleg)
        return Effect(
            lambda werk: self._opening.open_deel(werk, feit.melding_id, deel, feit),
            (feit.melding_id,),
        )

    def _op_ingetrokken(self, feit: i.IngetrokkenInkomend) -> Effect | None:
        """Who asked this of us takes it back."""
        if feit.proces is not self._proces:
            return None
        deel = _deel(feit)

        def effect(werk: Werk[Melding]) -> None:
            melding = werk.haal(feit.melding_id)
            if melding.plaats.deel != deel:
                raise geen_eigenaar("deze melding is hier niet voor gevraagd")
            melding.verval(feit.aanleiding)

        return Effect(effect, (feit.melding_id,))

    def _op_omgezet(self, feit: i.OmgezetInkomend) -> Effect | None:
        """The right melding is opened, voortgekomen uit the wrong one.

        Not of what another organisation handed over: that one asks again itself.
        """
        nieuwe = [een for een in feit.nieuwe_meldingen if een.naar is self._proces]
        if not nieuwe or feit.deel_van is not None:
            return None

        def effect(werk: Werk[Melding]) -> None:
            for een in nieuwe:
                self._opening.open(werk, een, feit.waar, "omgezet")

        return Effect(effect, tuple(een.id for een in nieuwe))

    def _op_voortgekomen(self, feit: i.VoortgekomenInkomend) -> Effect | None:
        """Monitoring, evaluation or a further wish asks for a melding of its own."""
        nieuw = feit.nieuwe_melding
        if nieuw.naar is not self._proces:
            return None
        return Effect(
            lambda werk: self._opening.open(werk, nieuw, feit.waar, feit.aanleiding), (nieuw.id,)
        )

    def _op_voltooid(self, feit: i.VoltooidInkomend, *, elders: bool = False) -> Effect | None:
        """Our child comes back; meldingen that are koppeld hear of it."""
        ouder = self._onze_ouder(feit)
        gekoppeld = () if elders else feit.gekoppeld
        if not ouder and not gekoppeld:
            return None

        def effect(werk: Werk[Melding]) -> None:
            gevers = self._gevers(werk, feit, elders=elders)
            for gever in gevers:
                gever.neem_terug(feit.melding_id, Resultaat.VOLTOOID)
            if not vertel_voltooiing(werk, gekoppeld, feit.waar) and not gevers:
                raise geen_eigenaar(f"wat hier is gekoppeld is niet van {feit.proces}")

        return Effect(effect, (*ouder, *gekoppeld))

    def _op_gesloten(self, feit: i.GeslotenInkomend, *, elders: bool = False) -> Effect | None:
        """A child that ended without result comes back so; children of what ended are cancelled."""
        if feit.uitkomst is Uitkomst.VOLTOOID:
            return None

        # Only from a giver who took it back, and was put back to before that: it waits again.
        weer = {Uitkomst.INGETROKKEN} if elders else set()

        def effect(werk: Werk[Melding]) -> None:
            gevers = self._gevers(werk, feit, elders=elders)
            for gever in gevers:
                if feit.uitkomst in ZONDER_RESULTAAT | weer:
                    gever.neem_terug(feit.melding_id, Resultaat.ZONDER_RESULTAAT, feit.uitkomst)
            # What hangs below it elsewhere is not ours to cancel.
            kinderen = [] if elders else lopende_kinderen(werk, feit.melding_id)
            for kind in _eigen(werk, feit, kinderen, bekend=gevers):
                kind.verval()

        return Effect(effect, (feit.melding_id, *self._onze_ouder(feit)))

    def _op_afgewezen(self, feit: i.AfgewezenInkomend, *, elders: bool = False) -> Effect | None:
        """Our hand-over was refused."""
        ouder = self._onze_ouder(feit)
        if not ouder:
            return None

        def effect(werk: Werk[Melding]) -> None:
            for gever in self._gevers(werk, feit, elders=elders):
                gever.hoor_weigering(feit.melding_id, feit.reden)

        return Effect(effect, ouder)

    def _onze_ouder(self, feit: i.StamInkomend) -> tuple[UUID, ...]:
        """The one that waits for this melding, when it is of this process."""
        is_van_ons = feit.ouder_proces is self._proces
        return (feit.ouder_id,) if is_van_ons and feit.ouder_id is not None else ()

    def _gevers(
        self, werk: Werk[Melding], feit: i.StamInkomend, *, elders: bool = False
    ) -> list[Melding]:
        """The same, which handed it to whoever says this; raises NietGevonden.

        What was offered to another organisation only the grens speaks for, and for nothing else.
        """
        gevers = [werk.haal(id_) for id_ in self._onze_ouder(feit)]
        for gever in gevers:
            kind = gever.kinderen.get(feit.melding_id)
            if kind is None or kind.naar is not feit.proces or gever.plaats.boom != feit.wortel_id:
                raise geen_eigenaar(f"dit is hier niet aan {feit.proces} overgedragen")
            if (kind.organisatie is not None) is not elders:
                raise geen_eigenaar("wie dit schrijft spreekt niet voor wie het heeft")
        return gevers

    def _op_gekoppeld(self, feit: i.GekoppeldInkomend) -> Effect | None:
        """A koppeling holds both ways."""
        if feit.andere_proces is not self._proces:
            return None
        return Effect(
            lambda werk: koppel_terug(werk, feit.andere_id, feit.waar, feit.soort),
            (feit.andere_id,),
        )

    def _op_gewist(self, feit: i.GewistInkomend) -> Effect | None:
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
    werk: Werk[Melding], feit: i.StamInkomend, kinderen: list[Melding], *, bekend: list[Melding]
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


def _deel(feit: i.StamInkomend) -> Deelwerk:
    """Whose part of which work it is; raises OnleesbaarBericht when that is not said."""
    van = feit.deel_van
    if van is None:
        raise OnleesbaarBericht(Leesfout.ONGELDIGE_INHOUD, "deelVan ontbreekt")
    return Deelwerk(van.schakel_id, van.organisatie, van.proces.value, van.n, van.ronde)


def _in_utc(moment: datetime) -> datetime:
    """Raises OnleesbaarBericht for what no pause could move."""
    try:
        if (utc := moment.astimezone(UTC)).year <= LAATSTE_JAAR:
            return utc
    except OverflowError:
        pass
    raise OnleesbaarBericht(Leesfout.ONGELDIGE_INHOUD, "uiterlijk valt buiten de kalender")
