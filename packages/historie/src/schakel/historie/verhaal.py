"""What the rules say of one case, as messages: the same that the orchestrator would get.

A log has no versie: its messages stand in no order but that of hand-overs (domain, section 6.5).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from schakel.afleiding import Waarneming
from schakel.afleiding import waarneming as w
from schakel.contracts.melding import Oordeel
from schakel.contracts.werkstromen import Proces

from .mapping import Gebeurtenis
from .mapping import gebeurtenissen as g

_STAP = "nl.meldingen.stap-gezet.v1"
_VOORVAL = {
    "beoordeeld": w.BEOORDEELD,
    "gereedgemeld": w.GEREEDGEMELD,
    "ingetrokken": w.INGETROKKEN,
    "afgewezen": w.AFGEWEZEN,
}


@dataclass(frozen=True)
class Uitspraak:
    """Something that a rule said.

    ``plek`` tells where: an index into the rows of the case, None for what holds for all of it.
    """

    gebeurtenis: Gebeurtenis
    plek: int | None = None


@dataclass
class Verhaal:
    """The messages of one case, and which fact each of them is."""

    melding_id: str
    bron: str
    processen: list[Proces] = field(default_factory=list)
    """Where it came in, by the rules: one, or it cannot be told."""
    berichten: list[Waarneming] = field(default_factory=list)
    feiten: list[Uitspraak] = field(default_factory=list)
    """What each message says; of as many as there are messages."""


def vertel(melding_id: str, bron: str, feiten: Sequence[Uitspraak]) -> Verhaal:
    """The story of a case; ``feiten`` in order, first those of the whole case."""
    feiten = [feiten[i] for i in blijvende([feit.gebeurtenis for feit in feiten])]
    verhaal = Verhaal(melding_id, bron)
    aannames = [(f, f.gebeurtenis) for f in feiten if isinstance(f.gebeurtenis, g.Aangenomen)]
    verhaal.processen = sorted({een.bij for _, een in aannames if een.bij is not None})
    verteller = _Verteller(verhaal)
    for proces in verhaal.processen:
        verteller.neem_aan(proces, _datering(aannames, proces))
    if len(verhaal.processen) == 1:
        verteller.vertel(_gedateerd(feiten))
    return verhaal


def blijvende(gebeurtenissen: Sequence[Gebeurtenis]) -> list[int]:
    """Which of them still count: a case that is opened again is not finished any more."""
    woorden = [een.gebeurtenis for een in gebeurtenissen]
    if "heropend" not in woorden:
        return list(range(len(woorden)))
    heropend = len(woorden) - 1 - woorden[::-1].index("heropend")
    return [i for i, een in enumerate(gebeurtenissen) if i > heropend or not _is_einde(een)]


def _is_einde(gebeurtenis: Gebeurtenis) -> bool:
    if isinstance(gebeurtenis, g.Tevredenheid):
        return gebeurtenis.tevreden
    return gebeurtenis.gebeurtenis in {"gereedgemeld", "gesloten"}


def _datering(aannames: Iterable[tuple[Uitspraak, g.Aangenomen]], proces: Proces) -> Uitspraak:
    """The row that shows when it came in, or else whatever says that it did."""
    passend = [feit for feit, een in aannames if een.bij in {None, proces}]
    return min(passend, key=lambda feit: (feit.plek is None, feit.plek or 0))


def _gedateerd(feiten: Sequence[Uitspraak]) -> Iterator[Uitspraak]:
    """What holds for the whole case is said once, and by the row that shows it if there is one."""
    gezegd = {feit.gebeurtenis for feit in feiten if feit.plek is not None}
    for feit in feiten:
        if feit.plek is None:
            if feit.gebeurtenis in gezegd:
                continue
            gezegd.add(feit.gebeurtenis)
        yield feit


class _Verteller:
    def __init__(self, verhaal: Verhaal) -> None:
        self._verhaal = verhaal
        self._nummer = 0
        self._n = 0
        self._ronde = 1
        self._opnieuw = False
        self._open: list[str] = []

    def neem_aan(self, proces: Proces, feit: Uitspraak) -> None:
        """Two processes cannot both have taken it: one id, two contents, so none counts."""
        self._zeg(w.AANGENOMEN, feit, proces=proces, id_=f"{self._verhaal.melding_id}.aangenomen")

    def vertel(self, feiten: Iterable[Uitspraak]) -> None:
        for feit in feiten:
            self._neem(feit)

    def _neem(self, feit: Uitspraak) -> None:
        match feit.gebeurtenis:
            case g.Overdracht(naar=naar):
                self._draag_over(feit, Proces(naar))
            case g.Terugkeer(resultaat=resultaat):
                kind = self._open.pop() if self._open else f"{self._verhaal.melding_id}.onbekend"
                self._opnieuw |= resultaat != "voltooid"
                self._zeg(w.TERUGGEKEERD, feit, kind_id=kind, resultaat=resultaat)
            case g.Controle(goed=goed):
                self._opnieuw |= not goed
                self._zeg(w.GECONTROLEERD, feit, goed=goed, gecontroleerde_ronde=self._ronde)
            case g.Tevredenheid(tevreden=tevreden):
                self._opnieuw |= not tevreden
                oordeel = Oordeel.TEVREDEN if tevreden else Oordeel.NIET_TEVREDEN
                self._zeg(w.TEVREDENHEID_GECONTROLEERD, feit, oordeel=oordeel.value)
            case g.Gesloten(uitkomst=uitkomst):
                self._zeg(w.GESLOTEN, feit, uitkomst=uitkomst)
            case g.Stap():
                self._zeg(_STAP, feit)
            case g.Voorval(gebeurtenis=soort):
                self._neem_voorval(soort, feit)
            case g.Aangenomen():
                pass  # it was told at the beginning

    def _neem_voorval(self, soort: str, feit: Uitspraak) -> None:
        if soort == "notitie":
            return
        # The next hand-over of what was opened again begins a new round.
        self._opnieuw |= soort == "heropend"
        self._zeg(_VOORVAL.get(soort, _STAP), feit)

    def _draag_over(self, feit: Uitspraak, naar: Proces) -> None:
        self._n += 1
        self._ronde += self._opnieuw
        self._opnieuw = False
        kind = f"{self._verhaal.melding_id}.kind-{self._n:06d}"
        self._open.append(kind)
        deel = w.Overdrachtsdeel(kind, naar, self._n, self._ronde)
        self._zeg(w.OVERGEDRAGEN, feit, overdracht=deel)

    def _zeg(
        self,
        soort: str,
        feit: Uitspraak,
        *,
        proces: Proces | None = None,
        id_: str | None = None,
        **inhoud: object,
    ) -> None:
        verhaal = self._verhaal
        self._nummer += 1
        data = w.Berichtinhoud(
            melding_id=verhaal.melding_id,
            wortel_id=verhaal.melding_id,
            proces=proces or verhaal.processen[0],
            **inhoud,  # type: ignore[arg-type]
        )
        id_ = id_ or f"{verhaal.melding_id}.{self._nummer:06d}"
        verhaal.berichten.append(Waarneming(id_, verhaal.bron, soort, data))
        verhaal.feiten.append(feit)
