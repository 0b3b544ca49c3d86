"""What crosses the border: which hand-overs went out, and how trees of two sides fit together."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from schakel.contracts.werkstromen import Proces, beginnend_met

from .knoop import Knoop
from .nummer import Stapje
from .uitkomst import Afleiding, Keten, Schakeluitkomst
from .waarneming import Waarneming

_WOORD = {p: ws[0].woord for p in Proces if len(ws := beginnend_met(p)) == 1}
"""What a process that is handed to does by the model: each of those starts one werkstroom."""


def schakels(alle: Iterable[Knoop], gelopen: Sequence[Stapje]) -> tuple[Schakeluitkomst, ...]:
    """Every hand-over to another organisation, whatever became of it, by giver and id."""
    plekken = {
        (o.gever_id, o.kind_id): plek for plek, (_, o) in enumerate(gelopen) if o is not None
    }
    return tuple(
        Schakeluitkomst(
            o.kind_id,
            organisatie,
            o.gever_id,
            knoop.proces,
            o.naar,
            o.n,
            o.ronde,
            _WOORD.get(o.naar),
            o.kind is None or o.kind.einde is None,
            plekken.get((o.gever_id, o.kind_id)),
        )
        for knoop in alle
        for _, o in sorted(knoop.overdrachten.items())
        if (organisatie := o.organisatie) is not None
    )


def keten(ingekomen: Iterable[Waarneming]) -> Keten | None:
    """What the grens said first of the chain; None if it said nothing, or not all of it."""
    for w in sorted(ingekomen, key=lambda w: (w.data.versie or 0, w.id, w.source)):
        data = w.data
        if data.keten_id is not None and data.diepte is not None and data.soort is not None:
            return Keten(data.keten_id, data.diepte, data.soort, data.vanuit)
    return None


Boomsleutel = tuple[str | None, str]
"""The organisation and the first melding of a tree."""


def stel_samen(bomen: Iterable[Afleiding]) -> dict[Boomsleutel, tuple[Proces, ...]]:
    """The path of each tree with, in the place of a letter, what the other side walked.

    Only where exactly one tree agrees in schakel, both organisations, process, n and ronde, and is
    of the process that was handed to. A second one, a ring, and a tree that was not judged or
    walked nothing leave the letter. Numbers and afwijkingen stay what they are, per tree (domain,
    section 6.10).
    """
    per_sleutel = {(boom.organisatie, boom.wortel_id): boom for boom in bomen}
    zegt: dict[tuple[object, ...], list[Afleiding]] = defaultdict(list)
    for boom in per_sleutel.values():
        if (deel := boom.deel_van) is not None:
            van = (deel.schakel_id, deel.organisatie, deel.proces, deel.n, deel.ronde)
            zegt[*van, boom.organisatie, boom.proces].append(boom)
    return {
        sleutel: tuple(_samengesteld(boom, zegt, (sleutel,)))
        for sleutel, boom in per_sleutel.items()
    }


def _samengesteld(
    boom: Afleiding,
    zegt: Mapping[tuple[object, ...], Sequence[Afleiding]],
    boven: tuple[Boomsleutel, ...],
) -> list[Proces]:
    op_plek = {s.plek: s for s in boom.schakels if s.plek is not None}
    gelopen: list[Proces] = []
    for plek, letter in enumerate(boom.pad):
        schakel = op_plek.get(plek)
        daar: list[Proces] = []
        if schakel is not None:
            s = schakel
            van = (s.schakel_id, boom.organisatie, s.proces, s.n, s.ronde)
            anderen = zegt.get((*van, s.organisatie, s.naar), ())
            if len(anderen) == 1:
                sleutel = (anderen[0].organisatie, anderen[0].wortel_id)
                if sleutel not in boven:
                    daar = _samengesteld(anderen[0], zegt, (*boven, sleutel))
        gelopen += daar or [letter]
    return gelopen
