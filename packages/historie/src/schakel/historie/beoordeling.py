"""Every signature judged once, and those that tell the same story together.

A story is what the rules say, in order, without the rows on which they said it. An outcome knows a
fact of it by its place in the story; ``plekken`` of a signature says on which row that was.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .mapping import Gebeurtenis, Mapping
from .uitslag import Uitslag, beoordeel
from .verhaal import Uitspraak, blijvende
from .zaken import ZAAKREGEL, Handtekening

MEESTE_ONTHOUDEN = 1_000_000
"""Events in the stories that are remembered; one that comes back after that is judged again."""


class Zaakoordeel(NamedTuple):
    """The outcome of a signature: its number, and itself when it was not given before."""

    handtekening: int
    nummer: int
    plekken: Sequence[int | None]
    """Of each place in the story: an index into the rows of a case, None for all of the case."""
    gebruikt: int
    """Rows of a case that the outcome rests on."""
    uitslag: Uitslag | None


def beoordelen(mapping: Mapping, handtekeningen: Iterable[Handtekening]) -> Iterator[Zaakoordeel]:
    """What every signature is."""
    gegeven: dict[tuple[int, ...], tuple[int, set[int]]] = {}
    nummer = onthouden = 0
    for handtekening, regels, feiten in handtekeningen:
        gezegd, plekken = _gezegd(mapping, regels, feiten)
        blijft = blijvende(gezegd)
        gezegd, plekken = [gezegd[i] for i in blijft], [plekken[i] for i in blijft]
        # The events of a mapping stay where they are in memory, so this is what they are.
        verhaal = (plekken.count(None), *map(id, gezegd))
        uitslag = None
        if verhaal not in gegeven:
            onthouden += len(verhaal)
            if onthouden > MEESTE_ONTHOUDEN:
                gegeven.clear()
                onthouden = len(verhaal)
            nummer += 1
            uitslag = _oordeel(gezegd, plekken)
            gegeven[verhaal] = nummer, _genoemd(uitslag)
        deze, genoemd = gegeven[verhaal]
        gebruikt = {plekken[i] for i in genoemd}
        op_rijen = sum(plek is not None and regels[plek] < ZAAKREGEL for plek in gebruikt)
        yield Zaakoordeel(handtekening, deze, plekken, op_rijen, uitslag)


def feiten_van(mapping: Mapping, regels: Sequence[int], feiten: Sequence[int]) -> list[Uitspraak]:
    """What the rules of a signature say, first what holds for the whole case."""
    return list(map(Uitspraak, *_gezegd(mapping, regels, feiten)))


def _gezegd(
    mapping: Mapping, regels: Sequence[int], feiten: Sequence[int]
) -> tuple[list[Gebeurtenis], list[int | None]]:
    gezegd: list[Gebeurtenis] = []
    plekken: list[int | None] = []
    for nummer in feiten:
        gezegd += mapping.zaakregels[nummer].dan
    plekken += [None] * len(gezegd)
    for plek, nummer in enumerate(regels):
        is_van_zaak = nummer >= ZAAKREGEL
        regel = mapping.zaakregels[nummer - ZAAKREGEL] if is_van_zaak else mapping.regels[nummer]
        gezegd += regel.dan
        plekken += [plek] * len(regel.dan)
    return gezegd, plekken


def _oordeel(gezegd: Sequence[Gebeurtenis], plekken: Sequence[int | None]) -> Uitslag:
    return beoordeel(
        [
            Uitspraak(gebeurtenis, None if plek is None else i)
            for i, (gebeurtenis, plek) in enumerate(zip(gezegd, plekken, strict=True))
        ]
    )


def _genoemd(uitslag: Uitslag) -> set[int]:
    """The places that show up in the outcome."""
    return {een.plek for een in uitslag.gebeurtenissen if een.plek is not None}
