"""What describes a tree melding by melding: branches, rounds, gaps, open hand-overs, terms."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from schakel.contracts.schakel import Oordeel
from schakel.contracts.werkstromen import OVERDRACHT_NAAR

from .knoop import Knoop
from .overdracht import Overdracht
from .termijnen import termijnen_van
from .toestand import status_van
from .uitkomst import Gat, OpenOverdracht, Rondes, Tak, Termijn
from .waarneming import GECONTROLEERD, GESLOTEN, TEVREDENHEID_GECONTROLEERD

_GEEN_N = 2**31


def takken(wortel: Knoop, knopen: Mapping[str, Knoop]) -> tuple[Tak, ...]:
    """The tree, flat: the first melding first, the others by id, each with the ids below it."""
    plaatsen = {knoop.id: _plaats(knoop) for knoop in knopen.values()}
    for gever in sorted(knopen):
        for o in knopen[gever].overdrachten.values():
            if o.kind is not None and plaatsen[o.kind_id][0] is None:
                plaatsen[o.kind_id] = (gever, o.n, o.ronde)
    kinderen: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for id_, (ouder_id, n, _) in plaatsen.items():
        if ouder_id is not None:
            kinderen[ouder_id].append((_GEEN_N if n is None else n, id_))
    volgorde = [wortel.id, *sorted(id_ for id_ in knopen if id_ != wortel.id)]
    return tuple(_tak(knopen[id_], plaatsen[id_], kinderen.get(id_, ())) for id_ in volgorde)


def _plaats(knoop: Knoop) -> tuple[str | None, int | None, int | None]:
    if knoop.ouder_id is None or knoop.eerste is None:
        return None, None, None
    return knoop.ouder_id, knoop.eerste.data.n, knoop.eerste.data.ronde


def _tak(
    knoop: Knoop,
    plaats: tuple[str | None, int | None, int | None],
    kinderen: Iterable[tuple[int, str]],
) -> Tak:
    return Tak(
        knoop.id,
        knoop.proces,
        *plaats,
        knoop.hoogste or None,
        status_van(knoop),
        uitkomst_van(knoop),
        tuple([id_ for _, id_ in sorted(kinderen)]),
    )


def uitkomst_van(knoop: Knoop) -> str | None:
    """How the melding ended, by its own ``gesloten``."""
    gesloten = knoop.op_volgorde(GESLOTEN)
    return gesloten[0].data.uitkomst if gesloten else None


def rondes(wortel: Knoop, tellend: Iterable[Knoop]) -> tuple[Rondes, ...]:
    """How many rounds each giver needed; in the leaf as first process a new ronde stays there."""
    gevonden = []
    for knoop in tellend:
        aantal = max(
            (o.ronde for o in knoop.overdrachten.values() if o.telt or o.is_geweigerd), default=0
        )
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
            if knoop.overdrachten and not knoop.is_geeindigd
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
            o.kind_id
            for knoop in tellend
            if not (GESLOTEN in knoop.feiten and knoop.is_dicht)
            for o in knoop.overdrachten.values()
            if o.telt and not o.woorden
        )
    )


def termijnen(knopen: Iterable[Knoop]) -> tuple[Termijn, ...]:
    """The terms of all meldingen."""
    gevonden = [t for knoop in knopen for t in termijnen_van(knoop)]
    gevonden.sort(key=lambda t: (t.melding_id, t.soort, t.kind_id or ""))
    return tuple(gevonden)
