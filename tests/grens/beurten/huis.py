"""The house behind a grens, played: a giver that hands over and takes back, and a worker.

It says the real messages on a bus of its own and hears those of the grens, each when the schedule
lets it. What it is told it counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from schakel.contracts import deelproces as d
from schakel.contracts import melding as m
from schakel.contracts.envelop import bron_van, feit_uit, verpak
from schakel.contracts.envelop import lees as lees_envelop
from schakel.contracts.feit import Door, Feit
from schakel.contracts.organisatie import Schakelsoort
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import SOORT_VAN, Meldingsoort, Proces
from schakel.kern.bus.bericht import KOPPEN, Levering, Record, koppen_van

DOOR: Final = Door(wie="mw-1", rol="behandelaar")

EINDIGT: Final = frozenset(
    {"voltooid", "afgewezen", "omgezet", "afgebroken", "geen_overeenstemming", "ingetrokken"}
)
"""The steps of a worker after which nothing follows."""

UITWEG: Final = "afgebroken"
"""What a worker does with work for which nobody waits any more."""


@dataclass
class Werk:
    """A melding that does work of the partner."""

    id: UUID
    ingekomen: Feit
    plan: list[str]
    versie: int = 0
    uitkomst: str | None = None


@dataclass
class Gever:
    """A first melding that hands over; of each child what it knows."""

    id: UUID
    versie: int = 0
    is_gesloten: bool = False
    kinderen: dict[UUID, str] = field(default_factory=dict)
    """open, teruggenomen, or what came back."""


@dataclass
class Huis:
    """All of one organisation but its grens. A deep copy of it is a backup."""

    oin: str
    partner: str
    geeft: Proces
    naar: Proces
    gever: Gever
    plannen: Mapping[int, Sequence[str]]
    """What its workers do, by ``n`` of the hand-over."""
    opdrachten: list[tuple[str, int]]
    """What its giver is still to do."""
    bus: dict[Proces, list[Record]] = field(default_factory=dict)
    gelezen: int = 0
    """How far it read the log of its grens."""
    inbox: dict[str, bytes] = field(default_factory=dict)
    werk: dict[UUID, Werk] = field(default_factory=dict)
    verteld: dict[UUID, list[Feit]] = field(default_factory=dict)
    """What the grens said, per melding, each message once."""
    tegenstrijdig: int = 0

    # What is said

    def leveringen(self, posities: Mapping[str, int]) -> list[Levering]:
        """What stands on its bus after these positions."""
        gevonden = []
        for proces, records in self.bus.items():
            topic = topic_van(self.oin, proces)
            na = posities.get(topic, 0)
            if len(records) > na:
                bron = bron_van(self.oin, f"schakel-{proces}")
                gevonden.append(Levering(topic, bron, tuple(records[na:])))
        return gevonden

    def _zeg(self, feit: Feit, nu: datetime) -> None:
        rij = self.bus.setdefault(feit.proces, [])
        nummer = len(rij) + 1
        bron = bron_van(self.oin, f"schakel-{feit.proces}")
        waarde = verpak(feit, bron=bron, volgnummer=nummer, tijdstip=nu)
        sleutel = str(feit.wortel_id).encode()
        rij.append(Record(nummer, sleutel, koppen_van(feit.type), waarde))

    # The giver

    def geef(self, id_van: Callable[[int], UUID], nu: datetime) -> bool:
        """The next thing that the giver does; whether there was any."""
        if not self.opdrachten:
            return False
        wat, n = self.opdrachten.pop(0)
        if self.gever.is_gesloten:
            return True
        match wat:
            case "bied":
                self._bied(id_van(n), n, nu)
            case "terug":
                for kind in [*self.gever.kinderen][n - 1 : n]:
                    self.neem_terug(kind, nu)
            case "sluit":
                self.gever.is_gesloten = True
                open_ = [k for k, status in self.gever.kinderen.items() if status == "open"]
                self.gever.kinderen |= dict.fromkeys(open_, "teruggenomen")
                self._van_gever(m.Gesloten, nu, uitkomst=m.Uitkomst.INGETROKKEN)
        return True

    def neem_terug(self, kind: UUID, nu: datetime) -> bool:
        """The giver can always: nothing of the link is asked for it. False: it is not open."""
        if self.gever.kinderen[kind] != "open":
            return False
        self.gever.kinderen[kind] = "teruggenomen"
        self._van_gever(d.OverdrachtTeruggenomen, nu, kind_id=kind, aanleiding="teruggenomen")
        return True

    def _bied(self, kind: UUID, n: int, nu: datetime) -> None:
        self.gever.kinderen[kind] = "open"
        overdracht = m.Overdracht(
            kind_id=kind,
            naar=self.naar,
            n=n,
            ronde=1,
            dienst="verlichting",
            kanaal=m.Kanaal.WEB,
            melder=m.Meldersoort.BURGER,
        )
        soort = Schakelsoort.DEELPROCES
        self._van_gever(
            d.OverdrachtAangeboden,
            nu,
            soort=soort,
            organisatie=self.partner,
            overdracht=overdracht,
        )

    def _van_gever(self, bericht: type[Feit], nu: datetime, **velden: Any) -> None:
        gever = self.gever
        gever.versie += 1
        stam = {"melding_id": gever.id, "wortel_id": gever.id, "proces": self.geeft}
        self._zeg(bericht(**stam, versie=gever.versie, door=DOOR, **velden), nu)

    # The worker

    def werk_verder(self, nu: datetime) -> bool:
        """The next step of the first melding that has one; whether there was any."""
        for een in self.werk.values():
            if een.uitkomst is None and een.plan:
                self.zet(een, een.plan.pop(0), nu)
                return True
        return False

    def zet(self, een: Werk, stap: str, nu: datetime) -> None:
        """One step, with the messages that the real process says for it."""
        van = een.ingekomen
        letter = van.proces.letter
        registratie = {
            "meldingsoort": SOORT_VAN[van.proces],
            "volgnummer": f"{letter}-2026-000001",
        }
        for soort, velden in STAPPEN[stap]:
            een.versie += 1
            stam = {"melding_id": een.id, "wortel_id": een.id, "proces": van.proces}
            erbij = registratie if soort is m.Aangenomen else {}
            feit = soort(
                **stam, versie=een.versie, door=DOOR, deel_van=van.deel_van, **velden, **erbij
            )
            self._zeg(feit, nu)
        if stap in EINDIGT:
            een.uitkomst = stap

    # What is heard

    def hoor(self, records: Sequence[Record], nu: datetime) -> bool:
        """What the grens says; whether there was anything."""
        for record in records:
            self.gelezen = record.nummer
            bericht = lees_envelop(KOPPEN, record.waarde)
            feit = feit_uit(bericht)
            inhoud = feit.type.encode() + feit.in_json()
            if (eerder := self.inbox.setdefault(bericht.id, inhoud)) is not inhoud:
                self.tegenstrijdig += eerder != inhoud
                continue
            self.verteld.setdefault(feit.melding_id, []).append(feit)
            self._doe(feit, nu)
        return bool(records)

    def _doe(self, feit: Feit, nu: datetime) -> None:
        kinderen, open_ = self.gever.kinderen, feit.melding_id in self.gever.kinderen
        open_ = open_ and kinderen[feit.melding_id] == "open"
        match feit:
            case d.SchakelIngekomen() if feit.melding_id not in self.werk:
                n = feit.deel_van.n if feit.deel_van else 0
                self.werk[feit.melding_id] = een = Werk(
                    feit.melding_id, feit, list(self.plannen.get(n, ()))
                )
                self.zet(een, "aangenomen", nu)
            case d.SchakelIngetrokken():
                een = self.werk[feit.melding_id]
                if een.uitkomst is None:
                    self.zet(een, "ingetrokken", nu)
            case m.Voltooid() if open_:
                kinderen[feit.melding_id] = "voltooid"
            case m.Afgewezen() if open_:
                kinderen[feit.melding_id] = "afgewezen"
            case m.Gesloten() if open_:
                kinderen[feit.melding_id] = feit.uitkomst.value


def _einde(soort: type[Feit], uitkomst: m.Uitkomst, **velden: Any) -> list[tuple[Any, Any]]:
    return [(soort, velden), (m.Gesloten, {"uitkomst": uitkomst})]


_NIEUW: Final = m.NieuweMelding(
    melding_id=UUID("019a0000-0000-7000-8000-000000000001"),
    naar=Proces.HERSTELLEN,
    meldingsoort=Meldingsoort.FOUTMELDING,
    dienst="verlichting",
    kanaal=m.Kanaal.KETEN,
    melder=m.Meldersoort.KETENPARTNER,
)
STAPPEN: Final[Mapping[str, Sequence[tuple[type[Feit], Mapping[str, Any]]]]] = {
    "aangenomen": [
        (
            m.Aangenomen,
            {
                "kanaal": m.Kanaal.KETEN,
                "dienst": "verlichting",
                "melder": m.Meldersoort.KETENPARTNER,
            },
        )
    ],
    "opgeschort": [(m.Opgeschort, {"reden": "wacht-op-materiaal"})],
    "hervat": [(m.Hervat, {})],
    "gereed": [(m.Gereedgemeld, {"resultaat": "gewijzigd"})],
    "voltooid": _einde(m.Voltooid, m.Uitkomst.VOLTOOID),
    "afgewezen": _einde(m.Afgewezen, m.Uitkomst.AFGEWEZEN, reden="dubbel"),
    "omgezet": _einde(m.Omgezet, m.Uitkomst.OMGEZET, reden="twee", nieuwe_meldingen=(_NIEUW,)),
    "afgebroken": _einde(m.Afgebroken, m.Uitkomst.AFGEBROKEN, reden="kan-niet"),
    "geen_overeenstemming": [(m.Gesloten, {"uitkomst": m.Uitkomst.GEEN_OVEREENSTEMMING})],
    "ingetrokken": _einde(m.Ingetrokken, m.Uitkomst.INGETROKKEN, aanleiding="ingetrokken"),
}
