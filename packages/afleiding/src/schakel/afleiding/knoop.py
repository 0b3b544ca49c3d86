"""The meldingen of a tree, each with its messages laid in the order of its own versies."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from schakel.contracts.werkstromen import Proces

from .overdracht import Overdracht
from .waarneming import (
    AANGENOMEN,
    AFGEWEZEN,
    EINDE,
    FEITEN,
    GESLOTEN,
    INGETROKKEN,
    LOOP,
    OMGEZET,
    Waarneming,
    volgorde,
)

_DRAAGT_NIET_MEER_OVER = (INGETROKKEN, OMGEZET, AFGEWEZEN, GESLOTEN)
_NEEMT_NIET_TERUG = (INGETROKKEN, OMGEZET)


class Knoop(Struct):
    """One melding. ``proces`` is None while only others speak of it and do not agree.

    ``proces`` and ``ouder_id`` are what its first message says; ``is_eenduidig`` if all say so.
    ``is_plaatsvervanger``: another organisation has it, and the grens speaks for it here.
    ``los`` has no versie and so no place in the order. ``einde`` is the type that ended it;
    ``laatste`` is the last word, notes left out, of one that did not end.
    """

    id: str = ""
    gezien: dict[int, Waarneming] = {}
    los: list[Waarneming] = []
    feiten: dict[str, list[Waarneming]] = {}
    eerste: Waarneming | None = None
    proces: Proces | None = None
    ouder_id: str | None = None
    is_eenduidig: bool = True
    is_plaatsvervanger: bool = False
    hoogste: int = 0
    is_dicht: bool = False
    einde: str | None = None
    laatste: Waarneming | None = None
    overdrachten: dict[str, Overdracht] = {}
    ongepast: list[Waarneming] = []

    def processen(self) -> list[Proces]:
        """What it says to be: nearly always one process."""
        return sorted({w.data.proces for w in self._plaatsen()})

    def ouders(self) -> list[str]:
        """Who handed it over, says it itself."""
        if self.is_eenduidig:
            return [] if self.ouder_id is None else [self.ouder_id]
        return sorted({w.data.ouder_id for w in self._plaatsen() if w.data.ouder_id is not None})

    def _plaatsen(self) -> Collection[Waarneming]:
        if self.is_eenduidig:
            return () if self.eerste is None else (self.eerste,)
        return self.gezien.values() or self.los

    def op_volgorde(self, soort: str) -> Sequence[Waarneming]:
        """The messages of one type, by versie."""
        gevonden = self.feiten.get(soort)
        if gevonden is None:
            return ()
        return gevonden if len(gevonden) == 1 else sorted(gevonden, key=volgorde)

    def laagste_einde(self) -> int | None:
        """The versie after which it may hand over nothing."""
        return self._laagste(_DRAAGT_NIET_MEER_OVER)

    def stopt_terugkeer(self) -> int | None:
        """The versie after which a return is a note; 0 when it has no place in the order."""
        if self.feiten.keys().isdisjoint(_NEEMT_NIET_TERUG):
            return None
        if any(w.data.versie is None for s in _NEEMT_NIET_TERUG for w in self.feiten.get(s, ())):
            return 0
        return self._laagste(_NEEMT_NIET_TERUG)

    def tellende_woorden(self) -> list[Overdracht]:
        """All that it said of hand-overs, and that counts: also what it said otherwise."""
        gezegd = []
        for o in self.overdrachten.values():
            if o.telt:
                gezegd.append(o)
            if o.anders:
                gezegd += [zo for zo in o.anders if zo.telt]
        return gezegd

    def mist_onder(self, versie: int) -> bool:
        """Whether a number below ``versie`` is missing."""
        return not self.is_dicht and any(v not in self.gezien for v in range(1, versie))

    def gaten(self) -> Iterator[tuple[int, int]]:
        """The missing numbers below the highest versie seen, or 1 if none was seen."""
        vorige = 0
        for versie in sorted(self.gezien):
            if versie > vorige + 1:
                yield vorige + 1, versie - 1
            vorige = versie
        if not self.gezien:
            yield 1, 1

    def _laagste(self, soorten: tuple[str, ...]) -> int | None:
        laagste: int | None = None
        for soort in soorten:
            for w in self.feiten.get(soort, ()):
                versie = w.data.versie
                if versie is not None and (laagste is None or versie < laagste):
                    laagste = versie
        return laagste


def groepeer(wortel_id: str, berichten: Sequence[Waarneming]) -> tuple[dict[str, Knoop], bool]:
    """Lay the messages of one tree by melding and versie, and say whether two want one place."""
    knopen: dict[str, Knoop] = defaultdict(Knoop)
    gelegd, gezocht = 0, FEITEN
    for w in berichten:
        data = w.data
        if data.wortel_id != wortel_id:
            gelegd += 1  # a variant of ours in another tree: not to be laid here
            continue
        knoop = knopen[data.melding_id]
        if data.versie is None:
            knoop.los.append(w)
        else:
            knoop.gezien[data.versie] = w
        if data.proces is not knoop.proces or data.ouder_id != knoop.ouder_id:
            knoop.is_eenduidig = knoop.proces is None
            knoop.proces, knoop.ouder_id = data.proces, data.ouder_id
        soort = w.type
        if soort in gezocht:
            feiten = knoop.feiten
            if soort in feiten:
                feiten[soort].append(w)
            else:
                feiten[soort] = [w]
    for melding_id, knoop in knopen.items():
        knoop.id = melding_id
        gelegd += len(knoop.gezien) + len(knoop.los)
        _rond_af(knoop)
    if wortel_id in knopen:
        knopen[wortel_id].ouder_id = None
    else:
        knopen[wortel_id] = Knoop(wortel_id)
    return dict(knopen), gelegd < len(berichten)


def _rond_af(knoop: Knoop) -> None:
    gezien = knoop.gezien
    if gezien:
        knoop.hoogste = max(gezien)
        knoop.is_dicht = knoop.hoogste == len(gezien)
        eerste = gezien[1] if knoop.is_dicht else gezien[min(gezien)]
    else:
        eerste = min(knoop.feiten.get(AANGENOMEN) or knoop.los, key=volgorde)
    knoop.eerste = eerste
    knoop.proces = eerste.data.proces
    knoop.ouder_id = eerste.data.ouder_id
    if knoop.los and gezien:
        _vergeet_herhalingen(knoop.feiten)
    for soort in EINDE:
        if soort in knoop.feiten:
            knoop.einde = soort
            return
    knoop.laatste = _laatste(knoop)


def _vergeet_herhalingen(feiten: dict[str, list[Waarneming]]) -> None:
    """A repeat without a versie of a fact that has one moves nothing."""
    for soort, gezegd in feiten.items():
        op_plaats = [w for w in gezegd if w.data.versie is not None]
        if op_plaats and len(op_plaats) < len(gezegd):
            feiten[soort] = [
                w
                for w in gezegd
                if w.data.versie is not None or not any(herhaalt(w, eerder) for eerder in op_plaats)
            ]


def herhaalt(w: Waarneming, eerder: Waarneming) -> bool:
    """Whether it says nothing that was not said. No ``n`` or ``ronde`` is no other one."""
    nieuw, oud = w.data.overdracht, eerder.data.overdracht
    if nieuw is None or oud is None:
        return (w.data.kind_id, w.data.oordeel) == (eerder.data.kind_id, eerder.data.oordeel)
    return (
        (nieuw.kind_id, nieuw.naar) == (oud.kind_id, oud.naar)
        and nieuw.n in (None, oud.n)
        and nieuw.ronde in (None, oud.ronde)
    )


def _laatste(knoop: Knoop) -> Waarneming | None:
    versies = range(knoop.hoogste, 0, -1) if knoop.is_dicht else sorted(knoop.gezien, reverse=True)
    for versie in versies:
        if knoop.gezien[versie].type in LOOP:
            return knoop.gezien[versie]
    los = [w for w in knoop.los if w.type in LOOP]
    verst = max([LOOP[w.type] for w in los], default=None)
    return max([w for w in los if LOOP[w.type] == verst], key=volgorde, default=None)
