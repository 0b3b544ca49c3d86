"""What hangs below the first melding over hand-overs that count, and what does not."""

from collections import defaultdict
from collections.abc import Mapping

from schakel.contracts.werkstromen import (
    OVERDRACHT_NAAR,
    Proces,
    beginnend_met,
    mag_overdragen,
)

from .knoop import Knoop
from .overdracht import Overdracht

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
                _daal(o.kind, o.naar, tellend, gezien)


def _voeg_losse_toe(
    wortel: Knoop, knopen: Mapping[str, Knoop], tellend: set[str], gezien: set[Proces]
) -> None:
    naar_kind: dict[str, list[Overdracht]] = defaultdict(list)
    for knoop in knopen.values():
        for o in knoop.overdrachten.values():
            naar_kind[o.kind_id].append(o)
    bekend = dict.fromkeys(tellend, True)
    mogelijk = _ONDER[wortel.proces]
    for los in knopen.values():
        _hangt(los, knopen, naar_kind, mogelijk, bekend)
    for los_id in bekend.keys() - tellend:
        if bekend[los_id]:
            tellend.add(los_id)
            gezien |= _processen(knopen[los_id], wortel.id) & mogelijk


def _hangt(
    knoop: Knoop,
    knopen: Mapping[str, Knoop],
    naar_kind: Mapping[str, list[Overdracht]],
    mogelijk: frozenset[Proces],
    bekend: dict[str, bool],
) -> None:
    """Climb from a melding until the answer is known, and write it on all that was passed."""
    weg: list[str] = []
    uitslag: bool | None = None
    while uitslag is None:
        if knoop.id in bekend:
            uitslag = bekend[knoop.id]
            break
        bekend[knoop.id] = False  # going round in a circle leads nowhere
        weg.append(knoop.id)
        gevers = [o.gever_id for o in naar_kind.get(knoop.id, ()) if o.telt and o.kind is knoop]
        if knoop.proces is not None and knoop.proces not in mogelijk:
            uitslag = False
        elif gevers:
            knoop = knopen[min(gevers)]
        elif naar_kind.get(knoop.id):
            uitslag = False  # handed over, but in a way that does not count
        elif knoop.ouder_id is None:
            uitslag = True
        elif _mag_hangen(knoop, knopen[knoop.ouder_id], mogelijk, bekend):
            knoop = knopen[knoop.ouder_id]
        else:
            uitslag = False
    for id_ in weg:
        bekend[id_] = bool(uitslag)


def _mag_hangen(
    kind: Knoop, ouder: Knoop, mogelijk: frozenset[Proces], bekend: Mapping[str, bool]
) -> bool:
    """Whether section 2 allows the place that the child claims, as far as that can be told."""
    beweerd = kind.eerste.data.ouder_proces if kind.eerste is not None else None
    if ouder.id not in bekend and beweerd is not None and beweerd not in mogelijk:
        return False
    return kind.proces is None or all(
        van is None or mag_overdragen(van, kind.proces) for van in (beweerd, ouder.proces)
    )


def _processen(knoop: Knoop, wortel_id: str) -> set[Proces]:
    """What one melding that counts tells of the processes below the first."""
    gezien = {o.naar for o in knoop.overdrachten.values() if o.telt}
    if knoop.proces is not None:
        gezien.add(knoop.proces)
    if knoop.eerste is not None and knoop.ouder_id not in (None, wortel_id):
        beweerd = knoop.eerste.data.ouder_proces
        if beweerd is not None:
            gezien.add(beweerd)
    return gezien
