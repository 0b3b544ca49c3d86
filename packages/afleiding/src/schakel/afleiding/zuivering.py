"""Two things that cannot both be true: none of the variants counts, all of them are shown."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import Struct

from schakel.contracts.topics import is_ingevoerd

from .waarneming import Waarneming


class Tegenspraak(Struct, frozen=True, gc=False):
    """Messages that exclude each other, as far as they are about one melding."""

    melding_id: str
    uitleg: str
    gebeurtenissen: tuple[str, ...]


def laatste_uitgaven(berichten: list[Waarneming]) -> list[Waarneming]:
    """Without what a later import of the same melding took the place of.

    Only an import can do so: whoever publishes for itself cannot take back what it said.
    """
    if {w.data.uitgave for w in berichten} <= {None}:
        return berichten
    laatste: dict[tuple[str, str], int] = {}
    for w in berichten:
        sleutel = (w.source, w.data.melding_id)
        laatste[sleutel] = max(laatste.get(sleutel, 0), w.data.uitgave or 0)
    return [
        w
        for w in berichten
        if not is_ingevoerd(w.source)
        or (w.data.uitgave or 0) == laatste[w.source, w.data.melding_id]
    ]


def zuiver(
    wortel_id: str, berichten: Iterable[Waarneming]
) -> tuple[list[Waarneming], frozenset[Tegenspraak]]:
    """Drop what is only double, and set apart what is contradictory.

    Contradictory are two contents for one (source, id), and two ids for one (melding, versie).
    Both are looked for in all that was seen, so that one cannot hide the other. What is found is
    told of the meldingen of the tree ``wortel_id``.
    """
    per_id: dict[tuple[str, str], set[Waarneming]] = defaultdict(set)
    per_plaats: dict[tuple[str, int], set[tuple[str, str]]] = defaultdict(set)
    for w in berichten:
        sleutel = (w.source, w.id)
        per_id[sleutel].add(w)
        if w.data.versie is not None:
            per_plaats[w.data.melding_id, w.data.versie].add(sleutel)

    twistend: set[tuple[str, str]] = set()
    gevonden: set[Tegenspraak] = set()
    for sleutel, varianten in per_id.items():
        if len(varianten) > 1:
            twistend.add(sleutel)
            uitleg = f"{len(varianten)} verschillende berichten dragen hetzelfde id {sleutel[1]}"
            meldingen = {w.data.melding_id for w in varianten if w.data.wortel_id == wortel_id}
            gevonden |= {Tegenspraak(m, uitleg, (sleutel[1],)) for m in meldingen}
    for (melding_id, versie), sleutels in per_plaats.items():
        if len(sleutels) > 1:
            twistend |= sleutels
            uitleg = f"{len(sleutels)} berichten willen versie {versie} van deze melding zijn"
            ids = tuple(sorted(gebeurtenis for _, gebeurtenis in sleutels))
            gevonden.add(Tegenspraak(melding_id, uitleg, ids))
    schoon = [w for sleutel, (w, *_) in per_id.items() if sleutel not in twistend]
    return schoon, frozenset(gevonden)
