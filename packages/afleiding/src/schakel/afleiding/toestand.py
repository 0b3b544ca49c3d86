"""Where a melding is now, and what is expected next, in Dutch."""

from collections.abc import Callable, Iterator, Mapping

from schakel.contracts.melding import Oordeel, Resultaat, Status
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces

from .knoop import Knoop
from .overdracht import Overdracht
from .uitkomst import Positie
from .waarneming import (
    AANGEBODEN,
    AANGENOMEN,
    AFGEBROKEN,
    AFGEWEZEN,
    BEOORDEELD,
    GECONTROLEERD,
    GEGEVEN,
    GEREEDGEMELD,
    GESLOTEN,
    GEWEIGERD,
    HERVAT,
    INGETROKKEN,
    OMGEZET,
    OPGESCHORT,
    OVERGEDRAGEN,
    STAPPEN,
    TERUGGEKEERD,
    TERUGGENOMEN,
    TEVREDENHEID_GECONTROLEERD,
    TEVREDENHEID_GEVRAAGD,
    VERHELDERD,
    VOLTOOID,
    Waarneming,
    volgorde,
)

EINDSTATUS = {
    GESLOTEN: Status.GESLOTEN,
    VOLTOOID: Status.VOLTOOID,
    INGETROKKEN: Status.INGETROKKEN,
    OMGEZET: Status.OMGEZET,
    AFGEWEZEN: Status.AFGEWEZEN,
    AFGEBROKEN: Status.AFGEBROKEN,
}
"""Of whoever said one of these last words first."""

_IN_BEHANDELING = {*GEGEVEN, GEWEIGERD, TERUGGEKEERD, TERUGGENOMEN, GECONTROLEERD}


def is_opgeschort(knoop: Knoop) -> bool:
    """Whether the last word about its terms is that they are paused."""
    if OPGESCHORT not in knoop.feiten or knoop.einde is not None:
        return False
    stil = knoop.op_volgorde(OPGESCHORT)[-1]
    verder = knoop.op_volgorde(HERVAT)[-1:]
    return not verder or volgorde(stil) > volgorde(verder[0])


def status_van(knoop: Knoop) -> Status:
    """Where a melding is, in the words of the service that has it; ``onbekend`` if not seen."""
    if knoop.einde is not None:
        return EINDSTATUS[knoop.einde]
    laatste = knoop.laatste
    if laatste is None:
        return Status.ONBEKEND
    if is_opgeschort(knoop):
        return Status.OPGESCHORT
    return Status.GEREEDGEMELD if _is_gereed(laatste) else _onderweg(knoop)


def _is_gereed(laatste: Waarneming) -> bool:
    if laatste.type == TEVREDENHEID_GECONTROLEERD:
        return not _is_ontevreden(laatste)
    return laatste.type in {GEREEDGEMELD, TEVREDENHEID_GEVRAAGD}


def _is_ontevreden(w: Waarneming) -> bool:
    return w.data.oordeel == Oordeel.NIET_TEVREDEN.value


def _onderweg(knoop: Knoop) -> Status:
    for overdracht in knoop.overdrachten.values():
        if overdracht.is_open:
            return Status.OVERGEDRAGEN
    if not knoop.feiten.keys().isdisjoint(_IN_BEHANDELING):
        return Status.IN_BEHANDELING
    gezegd = {w.type for w in (*knoop.gezien.values(), *knoop.los)}
    if not gezegd.isdisjoint(STAPPEN):
        return Status.IN_BEHANDELING
    if BEOORDEELD in gezegd:
        return Status.BEOORDEELD
    return Status.VERHELDERD if VERHELDERD in gezegd else Status.AANGENOMEN


def posities(wortel: Knoop, gever: Proces | None) -> tuple[Positie, ...]:
    """Where the work is: the meldingen that wait for nobody below them.

    ``gever`` is the process that waits for the first one, when it is a part of work elsewhere.
    """
    if wortel.einde == GESLOTEN:
        return ()
    return tuple(sorted(_posities(wortel, wortel.proces, gever), key=_op_naam))


def _op_naam(positie: Positie) -> tuple[str, str, str]:
    return positie.melding_id, positie.verwacht, positie.proces or ""


def _posities(knoop: Knoop, hier: Proces | None, ouder: Proces | None) -> Iterator[Positie]:
    if knoop.einde == GESLOTEN:
        return
    wachtend = False
    if knoop.einde is None and hier is not None:
        for o in knoop.overdrachten.values():
            if not o.is_open or o.naar not in OVERDRACHT_NAAR[hier]:
                continue
            if (elders := o.organisatie) is not None:
                yield _elders(o, knoop.id, hier, elders)
            elif o.kind is None:
                yield Positie(o.kind_id, o.naar, "aanname")
            elif o.kind.einde is not None:
                yield Positie(knoop.id, hier, f"terugkeer van {o.naar.value}")
            else:
                yield from _posities(o.kind, o.naar, hier)
            wachtend = True
    if not wachtend:
        yield Positie(knoop.id, hier, _verwacht(knoop, hier, is_eerste=ouder is None))


def _elders(o: Overdracht, gever_id: str, hier: Proces, organisatie: str) -> Positie:
    """What is expected of another organisation; its inside is not looked into."""
    if o.kind is None or (AANGENOMEN not in o.kind.feiten and o.kind.einde is None):
        return Positie(o.kind_id, o.naar, f"eerste woord van {organisatie}")
    if o.kind.einde is not None:
        return Positie(gever_id, hier, f"terugkeer van {organisatie}")
    return Positie(o.kind_id, o.naar, f"terugkeer van {organisatie}")


def _verwacht(knoop: Knoop, hier: Proces | None, *, is_eerste: bool) -> str:
    if knoop.einde is not None:
        return "evaluatie of sluiting" if knoop.einde == VOLTOOID else "sluiting"
    w = knoop.laatste
    if w is None:
        return "aanname"
    if is_eerste and w.type in _VERWACHT_VAN_EERSTE:
        return _VERWACHT_VAN_EERSTE[w.type]
    verwacht = _VERWACHT.get(w.type)
    return _volgend_werk(hier) if verwacht is None else verwacht(w, hier)


def _doelen(hier: Proces | None) -> str:
    return " of ".join(p.value for p in OVERDRACHT_NAAR[hier]) if hier is not None else ""


def _nieuwe_ronde(hier: Proces | None) -> str:
    doelen = _doelen(hier)
    return f"nieuwe overdracht naar {doelen}" if doelen else "nieuwe uitvoering"


def _volgend_werk(hier: Proces | None) -> str:
    doelen = _doelen(hier)
    return f"overdracht naar {doelen}" if doelen else "uitvoering en gereedmelding"


def _na_terugkeer(w: Waarneming, hier: Proces | None) -> str:
    if w.data.resultaat == Resultaat.ZONDER_RESULTAAT.value:
        return f"{_nieuwe_ronde(hier)} of sluiting zonder resultaat"
    return "interne controle"


def _na_controle(w: Waarneming, hier: Proces | None) -> str:
    return "gereedmelding" if w.data.goed else f"{_nieuwe_ronde(hier)} of afbreking"


def _na_oordeel(w: Waarneming, hier: Proces | None) -> str:
    return _nieuwe_ronde(hier) if _is_ontevreden(w) else "voltooiing"


_VERWACHT_VAN_EERSTE = {
    AANGENOMEN: "verheldering en beoordeling",
    GEREEDGEMELD: "tevredenheidscontrole",
}
_VERWACHT: Mapping[str, Callable[[Waarneming, Proces | None], str]] = {
    AANGENOMEN: lambda *_: "beoordeling",
    VERHELDERD: lambda *_: "beoordeling",
    OVERGEDRAGEN: lambda _, hier: f"{_nieuwe_ronde(hier)} of afbreking",
    AANGEBODEN: lambda _, hier: f"{_nieuwe_ronde(hier)} of afbreking",
    TERUGGENOMEN: lambda _, hier: f"{_nieuwe_ronde(hier)} of afbreking",
    GEWEIGERD: lambda _, hier: f"{_nieuwe_ronde(hier)} of afbreking",
    TERUGGEKEERD: _na_terugkeer,
    GECONTROLEERD: _na_controle,
    GEREEDGEMELD: lambda *_: "voltooiing",
    TEVREDENHEID_GEVRAAGD: lambda *_: "antwoord van de melder",
    TEVREDENHEID_GECONTROLEERD: _na_oordeel,
}
"""What follows on the last word of a melding of which nothing below is open."""
