"""What hangs below the first melding over hand-overs that count, and what does not."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from schakel.contracts.werkstromen import (
    OVERDRACHT_NAAR,
    Proces,
    beginnend_met,
    mag_overdragen,
)

from .knoop import Knoop
from .overdracht import Overdracht
from .waarneming import GEWEIGERD

_ONDER: Mapping[Proces | None, frozenset[Proces]] = {
    None: frozenset(naar for doelen in OVERDRACHT_NAAR.values() for naar in doelen),
    **{p: frozenset(q for w in beginnend_met(p) for q in w.heenweg[1:]) for p in Proces},
}
"""The processes that allowed hand-overs can lead to."""


def bereik(wortel: Knoop, knopen: Mapping[str, Knoop]) -> tuple[set[str], set[Proces]]:
    """Which meldingen count, and which processes were seen below the first one.

    A melding whose way up was not seen counts too, unless what was seen of that way is not
    allowed, was refused, or can never lead back to this first melding.
    """
    tellend = {wortel.id}
    gezien: set[Proces] = set()
    _daal(wortel, wortel.proces, tellend, gezien)
    if len(tellend) < len(knopen):
        _voeg_losse_toe(wortel, knopen, tellend, gezien)
    return tellend, gezien


def _daal(knoop: Knoop, hier: Proces | None, tellend: set[str], gezien: set[Proces]) -> None:
    """Go down; every step is allowed by the relations, so this is never deep."""
    for o in knoop.overdrachten.values():
        if o.telt and (hier is None or o.naar in OVERDRACHT_NAAR[hier]):
            gezien.add(o.naar)
            if o.kind is not None and o.kind.id not in tellend:
                tellend.add(o.kind.id)
                if not o.kind.is_plaatsvervanger:
                    _daal(o.kind, o.naar, tellend, gezien)


def _voeg_losse_toe(
    wortel: Knoop, knopen: Mapping[str, Knoop], tellend: set[str], gezien: set[Proces]
) -> None:
    gegeven: dict[str, list[Overdracht]] = defaultdict(list)
    for knoop in knopen.values():
        for o in knoop.overdrachten.values():
            gegeven[o.kind_id].append(o)
    mogelijk = _ONDER[wortel.proces]
    onder: dict[str, list[Knoop]] = defaultdict(list)
    bereikt = [wortel, *(knopen[id_] for id_ in tellend)]
    for knoop in knopen.values():
        if knoop.id in tellend or (knoop.proces is not None and knoop.proces not in mogelijk):
            continue
        if knoop.ouder_id is None and knoop.id not in gegeven:
            bereikt.append(knoop)  # nobody said yet whose it is
        for gever_id in _gevers(knoop, wortel, knopen, gegeven.get(knoop.id, ())):
            onder[gever_id].append(knoop)
    while bereikt:
        knoop = bereikt.pop()
        if knoop.id not in tellend:
            tellend.add(knoop.id)
            gezien |= _processen(knoop, wortel, knopen) & mogelijk
        if not knoop.is_plaatsvervanger:  # what another organisation has below it counts there
            bereikt += onder.pop(knoop.id, ())


def _gevers(
    kind: Knoop, wortel: Knoop, knopen: Mapping[str, Knoop], gegeven: Iterable[Overdracht]
) -> list[str]:
    """Who handed this melding over in a way that counts, or at least may have."""
    if kind.ouder_id is None:
        return [o.gever_id for o in gegeven if o.telt and o.kind is kind]
    for o in gegeven:
        if o.gever_id == kind.ouder_id and o.eerste is not None:
            return [o.gever_id] if o.telt and o.kind is kind else []
    return [kind.ouder_id] if _mag_hangen(kind, knopen[kind.ouder_id], wortel) else []


def _mag_hangen(kind: Knoop, ouder: Knoop, wortel: Knoop) -> bool:
    """Whether the place that only the child claims is allowed, as far as that can be told."""
    beweerd = kind.eerste.data.ouder_proces if kind.eerste is not None else None
    is_alleen_beweerd = ouder.eerste is None and ouder is not wortel
    if is_alleen_beweerd and beweerd not in {None, *_ONDER[wortel.proces]}:
        return False  # can never lead back to this first melding
    if any(w.data.kind_id == kind.id for w in ouder.feiten.get(GEWEIGERD, ())):
        return False
    return kind.proces is None or all(
        van is None or mag_overdragen(van, kind.proces) for van in (beweerd, ouder.proces)
    )


def _processen(knoop: Knoop, wortel: Knoop, knopen: Mapping[str, Knoop]) -> set[Proces]:
    """What one melding that counts tells of the processes below the first."""
    gezien = {o.naar for o in knoop.tellende_woorden()}
    if knoop.proces is not None:
        gezien.add(knoop.proces)
    if knoop.eerste is not None and knoop.ouder_id not in (None, wortel.id):
        beweerd = knoop.eerste.data.ouder_proces
        if beweerd is not None and knopen[knoop.ouder_id].eerste is None:
            gezien.add(beweerd)
    return gezien
