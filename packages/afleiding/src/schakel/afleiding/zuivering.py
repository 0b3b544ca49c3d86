"""Two things that cannot both be true: none of the variants counts, all of them are shown."""

from collections import defaultdict
from collections.abc import Hashable, Iterable

import msgspec
from msgspec import Struct

from schakel.contracts import gelijkheid
from schakel.contracts.topics import is_ingevoerd

from .waarneming import INGEKOMEN, Waarneming

Kenmerk = tuple[str, str]
"""Source and id."""


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
) -> tuple[list[Waarneming], list[Tegenspraak]]:
    """Drop what is only double, and set apart what is contradictory.

    Contradictory are two contents for one (source, id), and two ids for one (melding, versie).
    Both are looked for in all that was seen, so that one cannot hide the other. What is found is
    told of the meldingen of the tree ``wortel_id``.
    """
    per_kenmerk = _per_kenmerk(berichten)
    per_plaats: dict[tuple[str, int], set[Kenmerk]] = defaultdict(set)
    twistend: set[Kenmerk] = set()
    gevonden: list[Tegenspraak] = []
    for kenmerk, varianten in per_kenmerk.items():
        hier = [w for w in varianten if w.data.wortel_id == wortel_id]
        for w in hier:
            if w.data.versie is not None and w.type not in INGEKOMEN:
                per_plaats[w.data.melding_id, w.data.versie].add(kenmerk)
        if len(varianten) > 1:
            twistend.add(kenmerk)
            uitleg = f"{len(varianten)} verschillende berichten dragen hetzelfde id {kenmerk[1]}"
            meldingen = {w.data.melding_id for w in hier}
            gevonden += [Tegenspraak(m, uitleg, (kenmerk[1],)) for m in meldingen]
    for (melding_id, versie), kenmerken in per_plaats.items():
        if len(kenmerken) > 1:
            twistend |= kenmerken
            uitleg = f"{len(kenmerken)} berichten willen versie {versie} van deze melding zijn"
            ids = tuple(sorted(gebeurtenis for _, gebeurtenis in kenmerken))
            gevonden.append(Tegenspraak(melding_id, uitleg, ids))
    return [w for k, (w, *_) in per_kenmerk.items() if k not in twistend], gevonden


def _per_kenmerk(berichten: Iterable[Waarneming]) -> dict[Kenmerk, list[Waarneming]]:
    """What was said under each (source, id).

    Of messages that are one and the same (domain, section 6.7) the lowest bytes stand for all.
    """
    per_kenmerk: dict[Kenmerk, set[Waarneming]] = defaultdict(set)
    for w in berichten:
        per_kenmerk[w.source, w.id].add(w)
    return {k: _verschillend(v) if len(v) > 1 else list(v) for k, v in per_kenmerk.items()}


class _Gezegd(Struct, frozen=True, gc=False):
    type: str
    data: msgspec.Raw


_GEZEGD = msgspec.json.Decoder(_Gezegd)


def _verschillend(varianten: Iterable[Waarneming]) -> list[Waarneming]:
    laagste: dict[Hashable, Waarneming] = {}
    for w in sorted(varianten, key=lambda w: w.ruw):
        laagste.setdefault(_inhoud(w), w)
    return list(laagste.values())


def _inhoud(w: Waarneming) -> Hashable:
    if not w.ruw:  # told by a log of others, and never a message
        return w.type, w.data
    gezegd = _GEZEGD.decode(w.ruw)
    return gelijkheid.inhoud(gezegd.type, bytes(gezegd.data))
