"""The skeleton: what every process does with a melding (domain, sections 3 to 5), written once.

A process adds its own steps in its ``domein.py``. Methods judge through the conditions of their
step and then let something happen; the state below follows from the events alone.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import ClassVar
from uuid import UUID

from schakel.contracts.melding import Kanaal, Meldersoort, Oordeel, Resultaat, Uitkomst
from schakel.contracts.werkstromen import (
    OVERDRACHT_NAAR,
    SOORT_VAN,
    Meldingsoort,
    Proces,
    VierFeiten,
    mag_overdragen,
)
from schakel.kern.grond.weigering import Weigering
from schakel.kern.vastlegging.aggregaat import Aggregaat
from schakel.kern.vastlegging.gebeurtenis import Plaats

from .beoordeling import feiten_passen, maatwerk_past
from .kind import Kind, Kindstatus
from .melders import melder_past
from .stappen import begin as g
from .stappen import voorwaarden as v
from .stappen.stap import Bezwaar, Voorwaarde, stap, stappen_van

LOOPT = (v.loopt, v.niet_opgeschort)


class Melding(Aggregaat):
    """A melding in one process. Subclasses name the process and add its own steps."""

    PROCES: ClassVar[Proces]
    VOOR_OVERDRACHT: ClassVar[tuple[str, ...]] = ()
    """Own steps that come before the first hand-over."""
    VOOR_GEREEDMELDING: ClassVar[tuple[str, ...]] = ()
    """Own steps that come after the check, or in the leaf the act itself."""
    STAPPEN_PER_RONDE: ClassVar[frozenset[str]] = frozenset()
    """Own steps that a new ronde asks again."""
    STAPPEN: ClassVar[Mapping[str, tuple[Voorwaarde, ...]]] = {}
    _VOORWAARDEN: ClassVar[frozenset[Voorwaarde]] = frozenset()

    def __init_subclass__(cls) -> None:
        """Collect the steps; a process without hand-overs has none of the steps around them."""
        super().__init_subclass__()
        if not hasattr(cls, "PROCES"):
            return
        stappen = dict(stappen_van(cls))
        if not OVERDRACHT_NAAR[cls.PROCES]:
            del stappen["overdrachten"], stappen["controles"]
        cls.STAPPEN = stappen
        cls._VOORWAARDEN = frozenset(chain.from_iterable(stappen.values()))

    def __init__(self, id: UUID, plaats: Plaats) -> None:  # noqa: A002
        """Nothing happened yet; see ``neem_aan``."""
        super().__init__(id, plaats)
        self.volgnummer = ""
        self.kanaal = Kanaal.KETEN
        self.dienst = ""
        self.melder = Meldersoort.BURGER
        self.is_bevoegd = True
        self.soort_volgens_melder: Meldingsoort | None = None
        self.dataref: str | None = None
        self.is_verhelderd = False
        self.is_beoordeeld = False
        self.prioriteit: int | None = None
        self.kinderen: dict[UUID, Kind] = {}
        self.ronde = 0
        self.wil_nieuwe_ronde = True
        self.gecontroleerde_ronde = 0
        self.is_goedgekeurd = False
        self.is_gereedgemeld = False
        self.gezet: set[str] = set()
        self.termijnen: dict[str, datetime] = {}
        self.verstreken: set[str] = set()
        self.opgeschort_sinds: datetime | None = None
        self.koppelingen: dict[UUID, Proces] = {}
        self.voltooide_koppelingen: set[UUID] = set()
        self.voortgekomen: list[UUID] = []
        self.uitkomst: Uitkomst | None = None
        self.is_geevalueerd = False
        self.is_gesloten = False
        self.is_gewist = False
        self._stappen: tuple[int, list[str]] = (-1, [])

    # What follows from the state

    @property
    def is_genest(self) -> bool:
        """Whether another melding waits for this one."""
        return self.plaats.ouder is not None

    @property
    def draagt_over(self) -> bool:
        """Whether this process hands over at all."""
        return bool(OVERDRACHT_NAAR[self.PROCES])

    @property
    def kinderen_in_ronde(self) -> list[Kind]:
        """The hand-overs of the current ronde."""
        return [kind for kind in self.kinderen.values() if kind.ronde == self.ronde]

    @property
    def status(self) -> str:
        """Where the melding is, in one word."""
        if self.is_gesloten:
            return "gesloten"
        if self.uitkomst is not None:
            return self.uitkomst.value
        if self.opgeschort_sinds is not None:
            return "opgeschort"
        if self.is_gereedgemeld:
            return "gereedgemeld"
        if any(kind.status is Kindstatus.OPEN for kind in self.kinderen.values()):
            return "overgedragen"
        if self.gezet or self.kinderen:
            return "in_behandeling"
        if self.is_beoordeeld:
            return "beoordeeld"
        return "verhelderd" if self.is_verhelderd else "aangenomen"

    @property
    def uiterlijk(self) -> datetime | None:
        """The first term that can expire; None while paused."""
        if self.opgeschort_sinds is not None:
            return None
        return min(self.termijnen.values(), default=None)

    def mogelijke_stappen(self) -> list[str]:
        """The names of the steps that would be accepted now."""
        # The answer and the projection of a command both ask: it changes with the version alone.
        if self._stappen[0] != self.versie:
            # Steps share conditions: each condition judges once.
            bezwaren = {eis for eis in self._VOORWAARDEN if eis(self) is not None}
            stappen = [naam for naam, nodig in self.STAPPEN.items() if bezwaren.isdisjoint(nodig)]
            self._stappen = (self.versie, stappen)
        return list(self._stappen[1])

    def weiger(self, bezwaar: Bezwaar | None) -> None:
        """Raise Weigering for an objection, if there is one, with what is possible instead."""
        if bezwaar is not None:
            raise Weigering(*bezwaar, toegestaan=self.mogelijke_stappen())

    # Used by events when they are applied: assign only

    def eindig(self, uitkomst: Uitkomst) -> None:
        """Nothing is awaited any more."""
        self.uitkomst = uitkomst
        self.termijnen.clear()
        self.opgeschort_sinds = None

    def begin_ronde(self, ronde: int) -> None:
        """Work starts (again): what a ronde asks has to be done for this one."""
        if ronde != self.ronde:
            self.ronde = ronde
            self.is_goedgekeurd = False
            self.gezet -= self.STAPPEN_PER_RONDE
        self.wil_nieuwe_ronde = False

    # Steps

    def neem_aan(self, aangenomen: g.Aangenomen) -> None:
        """Register: the first event of every melding."""
        if self.versie:
            raise Weigering("al-aangenomen", f"{self.volgnummer} is al aangenomen")
        if not self.is_genest and (bezwaar := melder_past(self.PROCES, aangenomen.melder)):
            raise Weigering(*bezwaar)
        self.gebeurt(aangenomen)

    @stap("afwijzingen", *LOOPT, v.niet_beoordeeld)
    def wijs_af(self, reden: str) -> None:
        """Refuse at intake: no authority, or not ours. A nested one refuses the hand-over."""
        self.gebeurt(g.Afgewezen(reden))
        self.gebeurt(g.Gesloten(Uitkomst.AFGEWEZEN))

    @stap("verhelderingen", *LOOPT, v.eerste, v.bevoegd, v.niet_verhelderd, v.niet_beoordeeld)
    def verhelder(self) -> None:
        """Both sides agree what is meant."""
        self.gebeurt(g.Verhelderd())

    @stap("beoordelingen", *LOOPT, v.bevoegd, v.verhelderd, v.niet_gereedgemeld)
    def beoordeel(self, feiten: VierFeiten, impact: int, urgentie: int, *, maatwerk: bool) -> None:
        """Judge, or judge anew. Facts of another soort are refused: omzetten is the way (5)."""
        if not self.is_genest:
            self.weiger(feiten_passen(self.PROCES, feiten))
        if maatwerk:
            self.weiger(maatwerk_past(self.PROCES, feiten))
        self.gebeurt(
            g.Beoordeeld(
                feiten.proactief,
                feiten.afwijking,
                feiten.binnen_afspraken,
                feiten.raakt_beheerde_infrastructuur,
                impact,
                urgentie,
                prioriteit=impact + urgentie - 1,
                maatwerk=maatwerk,
            )
        )

    @stap("overdrachten", *v.IN_BEHANDELING, v.voorbereid, v.ronde_open)
    def draag_over(
        self,
        kind_id: UUID,
        naar: Proces,
        dienst: str,
        uiterlijk: datetime | None,
        dataref: str | None,
    ) -> None:
        """Hand over to a process that the model allows; several may be open at once."""
        if not mag_overdragen(self.PROCES, naar):
            mag = ", ".join(OVERDRACHT_NAAR[self.PROCES]) or "niemand"
            uitleg = f"{self.PROCES} draagt niet over aan {naar}; wel aan: {mag}"
            self.weiger(("overdracht-niet-toegestaan", uitleg))
        self.gebeurt(
            g.Overgedragen(
                kind_id,
                naar,
                len(self.kinderen) + 1,
                self.ronde + 1 if self.wil_nieuwe_ronde else self.ronde,
                dienst,
                self.kanaal,
                self.melder,
                uiterlijk,
                dataref,
            )
        )

    def neem_terug(self, kind_id: UUID, resultaat: Resultaat) -> None:
        """A child came back. After our own end, or for a second time, it is nothing new."""
        if self._wacht_op(kind_id):
            self.gebeurt(g.Teruggekeerd(kind_id, resultaat))

    def hoor_weigering(self, kind_id: UUID, reden: str) -> None:
        """The receiver refused the hand-over."""
        if self._wacht_op(kind_id):
            self.gebeurt(g.OverdrachtGeweigerd(kind_id, reden))

    def _wacht_op(self, kind_id: UUID) -> bool:
        kind = self.kinderen.get(kind_id)
        return not self.is_gesloten and kind is not None and kind.status is Kindstatus.OPEN

    @stap("controles", *v.IN_BEHANDELING, v.kinderen_terug, v.niet_gecontroleerd)
    def controleer(self, *, goed: bool) -> None:
        """Interne controle: was done what was asked? One verdict on the ronde."""
        leeg = any(k.status is Kindstatus.ZONDER_RESULTAAT for k in self.kinderen_in_ronde)
        if goed and leeg:
            self.weiger(
                (
                    "zonder-resultaat",
                    "een overdracht kwam zonder resultaat terug: keur af en draag opnieuw over,"
                    " of breek af",
                )
            )
        self.gebeurt(g.Gecontroleerd(self.ronde, goed))

    @stap("gereedmeldingen", *v.IN_BEHANDELING, v.klaar)
    def meld_gereed(self, resultaat: str, uiterlijk: datetime) -> None:
        """Nested: proces voltooid, the parent goes on. First: the melder is asked."""
        self.gebeurt(g.Gereedgemeld(resultaat))
        if self.is_genest:
            self._voltooi()
        else:
            self.gebeurt(g.TevredenheidGevraagd(uiterlijk))

    @stap("tevredenheidscontroles", *LOOPT, v.eerste, v.gereedgemeld)
    def controleer_tevredenheid(self, oordeel: Oordeel, wens: g.NieuweMelding | None) -> None:
        """What the melder says. More wanted than agreed: voltooid, plus a new melding."""
        if (oordeel is Oordeel.MEER_GEWENST) != (wens is not None):
            uitleg = "geef bij meer_gewenst, en alleen dan, de nieuwe melding mee"
            self.weiger(("wens-hoort-bij-meer-gewenst", uitleg))
        if wens is not None:
            self.weiger(melder_past(wens.naar, wens.melder))
        if oordeel is Oordeel.ZONDER_REACTIE:
            self.weiger(v.antwoord_verstreken(self))
        self.gebeurt(g.TevredenheidGecontroleerd(oordeel))
        if oordeel is Oordeel.NIET_TEVREDEN:
            return
        self._voltooi(zonder_reactie=oordeel is Oordeel.ZONDER_REACTIE)
        if wens is not None:
            self.gebeurt(g.Voortgekomen("meer-gewenst", wens))

    def _voltooi(self, *, zonder_reactie: bool = False) -> None:
        self.gebeurt(g.Voltooid(zonder_reactie, tuple(self.koppelingen)))

    @stap("evaluaties", v.voltooid, v.niet_gesloten, v.niet_geevalueerd)
    def evalueer(self, voorstel: g.NieuweMelding | None) -> None:
        """Record what was learned; a verbetervoorstel may come out of it."""
        self.gebeurt(g.Geevalueerd())
        if voorstel is not None:
            self.gebeurt(g.Voortgekomen("evaluatie", voorstel))

    @stap("sluitingen", v.beeindigd, v.niet_gesloten)
    def sluit(self) -> None:
        """Close administratively, with the uitkomst."""
        self.gebeurt(g.Gesloten(self.uitkomst or Uitkomst.VOLTOOID))

    @stap("omzettingen", *LOOPT, v.bevoegd)
    def zet_om(self, reden: str, nieuwe_meldingen: Iterable[g.NieuweMelding]) -> None:
        """It is something else, or several things: close, and let the right ones be opened."""
        nieuwe = tuple(nieuwe_meldingen)
        if len(nieuwe) == 1 and nieuwe[0].naar is self.PROCES:
            self.weiger(("zelfde-soort", f"dit is al een {SOORT_VAN[self.PROCES]}"))
        for een in nieuwe:
            self.weiger(melder_past(een.naar, een.melder))
        self.gebeurt(g.Omgezet(reden, nieuwe))
        self.gebeurt(g.Gesloten(Uitkomst.OMGEZET))

    @stap("intrekkingen", v.werkstroom_niet_voltooid, v.loopt, v.eerste)
    def trek_in(self, aanleiding: str) -> None:
        """The melder withdraws; no tevredenheidscontrole. Children are cancelled downward."""
        self.gebeurt(g.Ingetrokken(aanleiding))
        self.gebeurt(g.Gesloten(Uitkomst.INGETROKKEN))

    def verval(self) -> None:
        """The parent ended without us: cancelled with it. What was voltooid stays so."""
        if self.uitkomst is None:
            self.gebeurt(g.Ingetrokken("ouder-beeindigd"))
            self.gebeurt(g.Gesloten(Uitkomst.INGETROKKEN))

    @stap("afbrekingen", *LOOPT, v.beoordeeld, v.niet_gereedgemeld)
    def breek_af(self, reden: str, uitkomst: Uitkomst) -> None:
        """No result will come. ``uitkomst`` is what a child came back with, or afgebroken."""
        toegestaan = {Uitkomst.AFGEBROKEN, Uitkomst.GEEN_OVEREENSTEMMING}
        leeg = any(k.status is Kindstatus.ZONDER_RESULTAAT for k in self.kinderen.values())
        if uitkomst not in toegestaan or (uitkomst is not Uitkomst.AFGEBROKEN and not leeg):
            uitleg = "kies afgebroken, of geen_overeenstemming als een overdracht zo terugkwam"
            self.weiger(("uitkomst-past-niet", uitleg))
        self.gebeurt(g.Afgebroken(reden, uitkomst))
        self.gebeurt(g.Gesloten(uitkomst))

    @stap("koppelingen", v.niet_gesloten, v.ruimte_voor_koppeling)
    def koppel(self, andere_id: UUID, andere_proces: Proces, soort: str) -> None:
        """Tie to a duplicate or related melding, or a workaround; nobody waits."""
        if andere_id == self.id:
            self.weiger(("zelfde-melding", "een melding wordt niet aan zichzelf gekoppeld"))
        if andere_id not in self.koppelingen:
            self.gebeurt(g.Gekoppeld(andere_id, andere_proces, soort))

    def hoor_voltooiing(self, andere_id: UUID) -> None:
        """A koppeled melding was completed."""
        if andere_id in self.koppelingen and andere_id not in self.voltooide_koppelingen:
            self.gebeurt(g.KoppelingVoltooid(andere_id))

    @stap("opschortingen", *LOOPT)
    def schort_op(self, reden: str, op: datetime) -> None:
        """Pause the terms, with a reason: for instance more is asked of the melder."""
        self.gebeurt(g.Opgeschort(reden, op))

    @stap("hervattingen", v.loopt, v.opgeschort)
    def hervat(self, op: datetime) -> None:
        """The terms run again, each as much later as the pause lasted."""
        verschil = op - (self.opgeschort_sinds or op)
        beslistermijn = self.termijnen.get("beslistermijn")
        self.gebeurt(g.Hervat(verschil.total_seconds(), beslistermijn and beslistermijn + verschil))

    @stap("wissingen", v.gesloten, v.niet_gewist)
    def wis(self, grond: str) -> None:
        """The personal data are destroyed; the history stays."""
        self.gebeurt(g.PersoonsgegevensGewist(grond))

    def laat_verstrijken(self, op: datetime) -> None:
        """Record every term that passed; no answer of the melder in time completes the melding."""
        if self.opgeschort_sinds is not None:
            return
        for sleutel, uiterlijk in sorted(self.termijnen.items(), key=lambda termijn: termijn[1]):
            if uiterlijk > op or self.uitkomst is not None:
                break
            termijn, _, kind_id = sleutel.partition(":")
            self.gebeurt(g.TermijnVerstreken(termijn, UUID(kind_id) if kind_id else None))
            if termijn == "antwoord":
                self.controleer_tevredenheid(Oordeel.ZONDER_REACTIE, None)
