"""What describes a tree melding by melding: branches, rounds, gaps, open hand-overs, terms."""

from collections import defaultdict
from collections.abc import Iterable

from schakel.contracts.melding import Oordeel
from schakel.contracts.werkstromen import OVERDRACHT_NAAR

from .knoop import Knoop
from .overdracht import Overdracht
from .toestand import status_van
from .uitkomst import Gat, OpenOverdracht, Rondes, Tak
from .waarneming import GESLOTEN, TEVREDENHEID_GECONTROLEERD

_GEEN_N = 2**31


def takken(alle: Iterable[Knoop], wortel: Knoop) -> tuple[Tak, ...]:
    """The tree, flat: the first melding first, the others by id, each with the ids below it."""
    kinderen: dict[str, list[tuple[int, str]]] = defaultdict(list)
    gegeven: dict[str, Overdracht] = {}
    for knoop in alle:
        if knoop.eerste is not None and knoop.ouder_id is not None:
            n = knoop.eerste.data.n
            kinderen[knoop.ouder_id].append((_GEEN_N if n is None else n, knoop.id))
        elif knoop is not wortel:
            gegeven = _gegeven(alle)
    for o in gegeven.values():
        kinderen[o.gever_id].append((_GEEN_N if o.n is None else o.n, o.kind_id))
    rest = [_tak(k, gegeven.get(k.id), kinderen.get(k.id)) for k in alle if k is not wortel]
    return (_tak(wortel, None, kinderen.get(wortel.id)), *rest)


def _gegeven(alle: Iterable[Knoop]) -> dict[str, Overdracht]:
    """For a melding that does not say itself where it hangs: the hand-over that says so."""
    gegeven: dict[str, Overdracht] = {}
    for knoop in alle:
        for o in knoop.overdrachten.values():
            if o.kind is not None and o.kind.ouder_id is None:
                gegeven.setdefault(o.kind_id, o)
    return gegeven


def _tak(knoop: Knoop, gegeven: Overdracht | None, kinderen: list[tuple[int, str]] | None) -> Tak:
    ouder_id, n, ronde = knoop.ouder_id, None, None
    if ouder_id is not None and knoop.eerste is not None:
        n, ronde = knoop.eerste.data.n, knoop.eerste.data.ronde
    elif gegeven is not None:
        ouder_id, n, ronde = gegeven.gever_id, gegeven.n, gegeven.ronde
    return Tak(
        knoop.id,
        knoop.proces,
        ouder_id,
        n,
        ronde,
        knoop.hoogste or None,
        status_van(knoop),
        knoop.op_volgorde(GESLOTEN)[0].data.uitkomst if knoop.einde == GESLOTEN else None,
        () if kinderen is None else _op_n(kinderen),
    )


def _op_n(kinderen: list[tuple[int, str]]) -> tuple[str, ...]:
    if len(kinderen) > 1:
        kinderen.sort()
    return tuple([id_ for _, id_ in kinderen])


def rondes(wortel: Knoop, tellend: Iterable[Knoop]) -> tuple[Rondes, ...]:
    """How many rounds each giver needed; in the leaf as first process a new ronde stays there."""
    gevonden = []
    for knoop in tellend:
        aantal = 0
        telt = knoop.overdrachten and not knoop.is_plaatsvervanger
        for o in knoop.tellende_woorden() if telt else ():
            aantal = max(aantal, o.ronde)
        if knoop is wortel and knoop.proces is not None and not OVERDRACHT_NAAR[knoop.proces]:
            oordelen = [w.data.oordeel for w in knoop.feiten.get(TEVREDENHEID_GECONTROLEERD, ())]
            aantal = 1 + oordelen.count(Oordeel.NIET_TEVREDEN.value)
        if aantal:
            gevonden.append(Rondes(knoop.id, knoop.proces, aantal))
    return tuple(gevonden)


def gaten(knopen: Iterable[Knoop]) -> tuple[Gat, ...]:
    """The numbers that are missing, by melding."""
    hiaten: list[Gat] = []
    for knoop in knopen:
        if not knoop.is_dicht:
            hiaten += [Gat(knoop.id, van, tot) for van, tot in knoop.gaten()]
    return tuple(hiaten)


def open_overdrachten(tellend: Iterable[Knoop]) -> tuple[OpenOverdracht, ...]:
    """The hand-overs that somebody still waits for."""
    gevonden: list[OpenOverdracht] = []
    for knoop in tellend:
        if knoop.overdrachten and knoop.einde is None and not knoop.is_plaatsvervanger:
            open_ = [o for o in knoop.overdrachten.values() if o.is_open]
            if len(open_) > 1:
                open_.sort(key=_op_volgorde)
            gevonden += [_open_overdracht(o) for o in open_]
    return tuple(gevonden)


def _op_volgorde(overdracht: Overdracht) -> tuple[int, int, str]:
    return overdracht.volgorde


def _open_overdracht(o: Overdracht) -> OpenOverdracht:
    deel = o.woorden[0].data.overdracht if o.woorden else None
    uiterlijk = deel.uiterlijk if deel is not None else None
    return OpenOverdracht(
        o.gever_id,
        o.kind_id,
        o.naar,
        o.n,
        o.ronde,
        uiterlijk,
        bool(o.woorden),
        o.organisatie,
    )


def wacht_op_eigen_woord(tellend: Iterable[Knoop]) -> tuple[str, ...]:
    """The children that prove a hand-over of which the giver's own word is still to come."""
    wachtend: list[str] = []
    for knoop in tellend:
        if knoop.is_plaatsvervanger:
            continue
        if knoop.overdrachten and not (knoop.is_dicht and knoop.einde == GESLOTEN):
            wachtend += [o.kind_id for o in knoop.overdrachten.values() if o.telt and not o.woorden]
    return tuple(sorted(wachtend))
