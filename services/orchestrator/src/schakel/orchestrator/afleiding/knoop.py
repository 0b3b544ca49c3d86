"""The meldingen of a tree, each with its messages laid in the order of its own versies."""

from collections.abc import Iterable

from msgspec import Struct

from schakel.contracts.werkstromen import Proces

from .overdracht import Overdracht
from .waarneming import (
    AANGENOMEN,
    AFGEWEZEN,
    EERSTE_EINDE,
    FEITEN,
    GESLOTEN,
    INGETROKKEN,
    MAAL_VERSIE,
    OMGEZET,
    Waarneming,
    volgorde,
)

_EINDEN = (GESLOTEN, INGETROKKEN, OMGEZET, AFGEWEZEN)
_STOPT_TERUGKEER = (INGETROKKEN, OMGEZET)


class Knoop(Struct):
    """One melding. ``proces`` is None while only others speak of it and do not agree.

    ``einde`` is the lowest versie after which it may hand over nothing.
    """

    id: str
    gezien: dict[int, Waarneming] = {}
    los: list[Waarneming] = []
    feiten: dict[str, list[Waarneming]] = {}
    stand: int = -1
    laatste: Waarneming | None = None
    eerste: Waarneming | None = None
    proces: Proces | None = None
    ouder_id: str | None = None
    hoogste: int = 0
    is_dicht: bool = False
    einde: int | None = None
    overdrachten: dict[str, Overdracht] = {}
    ongepast: list[Waarneming] = []

    def op_volgorde(self, soort: str) -> list[Waarneming]:
        """The messages of one type, by versie."""
        gevonden = self.feiten.get(soort)
        if gevonden is None:
            return []
        return gevonden if len(gevonden) == 1 else sorted(gevonden, key=volgorde)

    @property
    def aangenomen(self) -> Waarneming | None:
        """The first message of the melding itself, if it was seen."""
        gevonden = self.op_volgorde(AANGENOMEN)
        return gevonden[0] if gevonden else None

    @property
    def is_geeindigd(self) -> bool:
        """Whether nothing is awaited here any more."""
        return self.stand >= EERSTE_EINDE

    def stopt_terugkeer(self) -> int | None:
        """The versie after which a return is a note; 0 when it has no place in the order."""
        if not self.is_geeindigd:
            return None
        if any(w.data.versie is None for s in _STOPT_TERUGKEER for w in self.feiten.get(s, ())):
            return 0
        return self.laagste(_STOPT_TERUGKEER)

    def mist_onder(self, versie: int) -> bool:
        """Whether a number below ``versie`` is missing."""
        return not self.is_dicht and any(v not in self.gezien for v in range(1, versie))

    def gaten(self) -> Iterable[tuple[int, int]]:
        """The missing numbers below the highest versie seen, or 1 if none was seen."""
        vorige = 0
        for versie in sorted(self.gezien):
            if versie > vorige + 1:
                yield vorige + 1, versie - 1
            vorige = versie
        if not self.gezien:
            yield 1, 1

    def laagste(self, soorten: tuple[str, ...]) -> int | None:
        """The lowest versie of a message of one of these types."""
        versies = [
            w.data.versie
            for soort in soorten
            if soort in self.feiten
            for w in self.feiten[soort]
            if w.data.versie is not None
        ]
        return min(versies) if versies else None


def groepeer(wortel_id: str, berichten: Iterable[Waarneming]) -> tuple[dict[str, Knoop], bool]:
    """Lay the messages of one tree by melding and versie, and say whether two want one place."""
    knopen: dict[str, Knoop] = {}
    botst = False
    for w in berichten:
        data = w.data
        if data.wortel_id != wortel_id:
            continue
        knoop = knopen.get(data.melding_id)
        if knoop is None:
            knopen[data.melding_id] = knoop = Knoop(data.melding_id)
        versie = data.versie
        if versie is None:
            knoop.los.append(w)
            versie = 0
        else:
            botst = botst or versie in knoop.gezien
            knoop.gezien[versie] = w
        gewicht = FEITEN.get(w.type)
        if gewicht is not None:
            lijst = knoop.feiten.get(w.type)
            if lijst is None:
                knoop.feiten[w.type] = [w]
            else:
                lijst.append(w)
            stand = gewicht + versie * MAAL_VERSIE
            if gewicht >= 0 and stand >= knoop.stand:
                _neem_stand(knoop, stand, w)
    for knoop in knopen.values():
        _rond_af(knoop)
    if wortel_id not in knopen:
        knopen[wortel_id] = Knoop(wortel_id)
    return knopen, botst


def _neem_stand(knoop: Knoop, stand: int, w: Waarneming) -> None:
    # Equal only without versie: then the name decides, so that arrival does not.
    vorige = knoop.laatste
    if vorige is None or stand > knoop.stand or (w.source, w.id) < (vorige.source, vorige.id):
        knoop.stand, knoop.laatste = stand, w


def _rond_af(knoop: Knoop) -> None:
    if knoop.gezien:
        knoop.hoogste = max(knoop.gezien)
        knoop.is_dicht = knoop.hoogste == len(knoop.gezien)
        eerste = knoop.gezien[min(knoop.gezien)]
    else:
        eerste = min(knoop.los, key=volgorde)
    if knoop.stand >= EERSTE_EINDE:
        knoop.einde = knoop.laagste(_EINDEN)
    knoop.eerste, knoop.proces = eerste, eerste.data.proces
    if knoop.id != eerste.data.wortel_id:
        knoop.ouder_id = eerste.data.ouder_id
