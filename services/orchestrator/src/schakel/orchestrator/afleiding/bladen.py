"""What describes a tree melding by melding: branches, rounds, gaps, open hand-overs, terms."""

from collections.abc import Iterable

from schakel.contracts.schakel import Oordeel
from schakel.contracts.werkstromen import OVERDRACHT_NAAR

from .knoop import Knoop
from .overdracht import Overdracht
from .termijnen import termijnen_van
from .toestand import status_van
from .uitkomst import Gat, OpenOverdracht, Rondes, Tak, Termijn
from .waarneming import GECONTROLEERD, GESLOTEN, TERMIJN_VERSTREKEN, TEVREDENHEID_GECONTROLEERD


def takken(alle: Iterable[Knoop], wortel: Knoop) -> tuple[Tak, ...]:
    """The tree, flat: the first melding first, the others by id, each with the ids below it."""
    kinderen: dict[str, list[tuple[int, str]]] = {}
    gegeven: dict[str, Overdracht] = {}
    for knoop in alle:
        for o in knoop.overdrachten.values():
            if o.kind is not None and o.kind.ouder_id is None:
                gegeven.setdefault(o.kind_id, o)
                kinderen.setdefault(knoop.id, []).append((_of_laatst(o.n), o.kind_id))
        if knoop.ouder_id is not None and knoop.eerste is not None:
            plaats = (_of_laatst(knoop.eerste.data.n), knoop.id)
            kinderen.setdefault(knoop.ouder_id, []).append(plaats)
    takken_ = [_tak(k, gegeven.get(k.id), kinderen.get(k.id)) for k in alle if k is not wortel]
    return (_tak(wortel, None, kinderen.get(wortel.id)), *takken_)


def _of_laatst(n: int | None) -> int:
    return 2**31 if n is None else n


def _tak(knoop: Knoop, gegeven: Overdracht | None, kinderen: list[tuple[int, str]] | None) -> Tak:
    """``gegeven`` places a melding that does not say itself where it hangs."""
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
        uitkomst_van(knoop),
        () if kinderen is None else tuple([id_ for _, id_ in sorted(kinderen)]),
    )


def uitkomst_van(knoop: Knoop) -> str | None:
    """How the melding ended, by its own ``gesloten``."""
    if knoop.einde != GESLOTEN:
        return None
    return knoop.op_volgorde(GESLOTEN)[0].data.uitkomst


def rondes(wortel: Knoop, tellend: Iterable[Knoop]) -> tuple[Rondes, ...]:
    """How many rounds each giver needed; in the leaf as first process a new ronde stays there."""
    gevonden = []
    for knoop in tellend:
        aantal = 0
        for o in knoop.overdrachten.values():
            if o.ronde > aantal and (o.telt or o.weigeringen):
                aantal = o.ronde
        for w in knoop.feiten.get(GECONTROLEERD, ()):
            aantal = max(aantal, w.data.gecontroleerde_ronde or 0)
        if knoop is wortel and knoop.proces is not None and not OVERDRACHT_NAAR[knoop.proces]:
            aantal = 1 + sum(
                w.data.oordeel == Oordeel.NIET_TEVREDEN.value
                for w in knoop.feiten.get(TEVREDENHEID_GECONTROLEERD, ())
            )
        if aantal:
            gevonden.append(Rondes(knoop.id, knoop.proces, aantal))
    return tuple(gevonden)


def gaten(knopen: Iterable[Knoop]) -> tuple[Gat, ...]:
    """The numbers that are missing, by melding."""
    return tuple(
        [
            Gat(knoop.id, van, tot)
            for knoop in knopen
            if not knoop.is_dicht
            for van, tot in knoop.gaten()
        ]
    )


def open_overdrachten(tellend: Iterable[Knoop]) -> tuple[OpenOverdracht, ...]:
    """The hand-overs that somebody still waits for."""
    return tuple(
        [
            _open_overdracht(o)
            for knoop in tellend
            if knoop.overdrachten and knoop.einde is None
            for o in sorted(knoop.overdrachten.values(), key=_op_volgorde)
            if o.is_open
        ]
    )


def _op_volgorde(overdracht: Overdracht) -> tuple[int, int, str]:
    return overdracht.volgorde


def _open_overdracht(o: Overdracht) -> OpenOverdracht:
    deel = o.woorden[0].data.overdracht if o.woorden else None
    uiterlijk = deel.uiterlijk if deel is not None else None
    return OpenOverdracht(o.gever_id, o.kind_id, o.naar, o.n, o.ronde, uiterlijk, bool(o.woorden))


def wacht_op_eigen_woord(tellend: Iterable[Knoop]) -> tuple[str, ...]:
    """The children that prove a hand-over of which the giver's own word is still to come."""
    return tuple(
        sorted(
            [
                o.kind_id
                for knoop in tellend
                if knoop.overdrachten
                for o in knoop.overdrachten.values()
                if not o.woorden and o.telt and not (knoop.is_dicht and knoop.einde == GESLOTEN)
            ]
        )
    )


def termijnen(alle: Iterable[Knoop]) -> tuple[Termijn, ...]:
    """The terms of all meldingen."""
    gevonden = [
        termijn
        for knoop in alle
        if knoop.einde is None or TERMIJN_VERSTREKEN in knoop.feiten
        for termijn in termijnen_van(knoop)
    ]
    gevonden.sort(key=lambda t: (t.melding_id, t.soort, t.kind_id or ""))
    return tuple(gevonden)
