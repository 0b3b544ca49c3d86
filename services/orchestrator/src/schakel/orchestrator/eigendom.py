"""Whose a melding is: of whom it was first spoken of on the bus.

A process tells of its own meldingen (``keuring``). Whose an id is, its messages alone cannot tell:
who reads an id on the bus can claim it as its own. But nobody knows an id before the first message
that has it, and when a message came is what the broker says (``Record.toegevoegd``), which no
sender can choose. So an id is of who is named by the first of the messages that name it: a first
melding itself, a hand-over, or whatever else asks a process to open it. What another says of it
counts for nothing, in whatever order things are read here.

Where the bus does not say when a message came (embedded, or a topic with the time of the sender)
nothing is decided: what is said then stands beside what the owner says, and both are shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import NamedTuple

import msgspec

from schakel.contracts import deelproces, melding
from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.contracts.envelop import feit_van
from schakel.contracts.feit import Feit
from schakel.contracts.organisatie import GRENS
from schakel.contracts.topics import is_ingevoerd, is_van_grens
from schakel.kern.bezorging.ruimte import vraag_per
from schakel.kern.vastlegging.transactie import Transactie

from .tabellen import INSERT_GENOEMD, INSERT_GEZIEN, ZET_TOEGEVOEGD, ZET_VREEMD, Gezien, Variant

VREEMD = (Leesfout.GEEN_EIGENAAR.value, "hiervan sprak een ander het eerst: het is niet van deze")
"""Why such a message is parked."""

VAN_VROEGER = 0
"""``toegevoegd`` of what a former version kept: before all else."""

NOEMT = frozenset(
    soort.type
    for soort in (
        melding.Overgedragen,
        melding.Omgezet,
        melding.Voortgekomen,
        deelproces.OverdrachtAangeboden,
        deelproces.SchakelIngekomen,
    )
)
"""The types that ask somebody to open a melding."""

_SPREKERS = "SELECT DISTINCT melding, bron, vreemd FROM gezien WHERE melding IN ({})"
_GENOEMD = "SELECT melding, gever, voor, toegevoegd FROM genoemd WHERE melding IN ({})"
_WOORDEN = (
    "SELECT bron, bericht, digest, wortel, melding, toegevoegd, vreemd FROM gezien"
    " WHERE melding IN ({})"
)
_IS_VREEMD = "SELECT 1 FROM gezien WHERE bron = ? AND bericht = ? AND digest = ? AND vreemd = 1"
_UIT_VROEGER = "SELECT bron, waarde FROM gezien WHERE toegevoegd = 0 AND wortel IN ({})"


class Woord(NamedTuple):
    """A kept message, and whether it counts: what was said of a melding, by whom and when."""

    bron: str
    bericht: str
    digest: bytes
    wortel: str
    melding: str
    toegevoegd: int | None
    vreemd: int

    @property
    def variant(self) -> Variant:
        """What it is known by."""
        return self.bron, self.bericht, self.digest


class Noeming(NamedTuple):
    """A row of ``genoemd``: ``gever`` asked the writer ``voor`` to open this melding."""

    melding: str
    gever: str
    voor: str
    toegevoegd: int | None


class _Omslag(msgspec.Struct):
    type: str
    data: msgspec.Raw


_LEES = msgspec.json.Decoder(_Omslag).decode


def noemingen(feit: Feit, bron: str, toegevoegd: int | None) -> Iterator[Noeming]:
    """Whom a message asks to open a melding, and which."""
    match feit:
        case melding.Overgedragen(overdracht=kind):
            gevraagd = [(kind.kind_id, kind.naar.value)]
        case deelproces.OverdrachtAangeboden(overdracht=kind):
            gevraagd = [(kind.kind_id, GRENS)]
        case melding.Omgezet(nieuwe_meldingen=nieuwe):
            gevraagd = [(een.melding_id, een.naar.value) for een in nieuwe]
        case melding.Voortgekomen(nieuwe_melding=een):
            gevraagd = [(een.melding_id, een.naar.value)]
        case deelproces.SchakelIngekomen():
            gevraagd = [(feit.melding_id, feit.proces.value)]
        case _:
            gevraagd = []
    huis = bron.rpartition("schakel-")[0]
    for id_, dienst in gevraagd:
        yield Noeming(str(id_), bron, f"{huis}schakel-{dienst}", toegevoegd)


def herzie(werk: Transactie, nieuw: Sequence[Gezien]) -> list[Woord]:
    """The messages that from here on count, or count no more, each as it is from here on.

    ``nieuw`` are those that came in, or turned out to have come earlier; they and what they name
    are rows of this batch already.
    """
    if all(een.toegevoegd is None for een in nieuw) and not werk.rijen(ZET_TOEGEVOEGD):
        return []
    genoemd = [Noeming(*rij) for rij in werk.rijen(INSERT_GENOEMD)]
    ids = {een.melding for een in nieuw} | {een.melding for een in genoemd}
    genoemd += [Noeming(*rij) for rij in vraag_per(werk.vraag, _GENOEMD, sorted(ids))]
    verdacht = _verdacht(werk, ids, genoemd)
    if not verdacht:
        return []
    woorden = _woorden(werk, verdacht)
    wortels = {een.wortel for een in woorden}
    genoemd += _van_vroeger(werk, wortels)
    # A first melding names itself: of the grens there is none.
    genoemd += [
        Noeming(een.melding, een.bron, een.bron, een.toegevoegd)
        for een in woorden
        if een.melding == een.wortel and not is_van_grens(een.bron)
    ]
    eigenaars = {id_: _eerste([n for n in genoemd if n.melding == id_]) for id_ in verdacht}
    geoordeeld = [een._replace(vreemd=_is_vreemd(een, eigenaars[een.melding])) for een in woorden]
    return [na for voor, na in zip(woorden, geoordeeld, strict=True) if na != voor]


def _verdacht(werk: Transactie, ids: AbstractSet[str], genoemd: Iterable[Noeming]) -> set[str]:
    """The ids of which more than one speaks, or another than who was asked to.

    And those of which something counts for nothing so far: that may be over.
    """
    if geoordeeld_in(werk):
        return set(ids)
    sprekers: dict[str, set[str]] = defaultdict(set)
    vreemd: set[str] = set()
    pas = ((e.melding, e.bron, 0) for e in map(Gezien._make, werk.rijen(INSERT_GEZIEN)))
    for id_, bron, is_vreemd_ in (*pas, *vraag_per(werk.vraag, _SPREKERS, sorted(ids))):
        if id_ in ids and not is_van_grens(bron):
            sprekers[id_].add(bron)
            if is_vreemd_:
                vreemd.add(id_)
    gevraagd: dict[str, set[str]] = defaultdict(set)
    gevers: dict[str, set[str]] = defaultdict(set)
    for een in genoemd:
        gevraagd[een.melding].add(een.voor)
        gevers[een.melding].add(een.gever)
    return vreemd | {
        id_
        for id_, wie in sprekers.items()
        if len(wie) > 1 or len(gevers[id_]) > 1 or (gevers[id_] and not wie <= gevraagd[id_])
    }


def _woorden(werk: Transactie, ids: AbstractSet[str]) -> list[Woord]:
    """What was said of these, with what this batch adds and has judged already."""
    alle = [
        Woord(*rij)._replace(digest=bytes(rij[2]))
        for rij in vraag_per(werk.vraag, _WOORDEN, sorted(ids))
    ]
    for een in map(Gezien._make, werk.rijen(INSERT_GEZIEN)):
        if een.melding in ids:
            plek = (een.bron, een.bericht, een.digest, een.wortel, een.melding)
            alle.append(Woord(*plek, een.toegevoegd, 0))
    geoordeeld, tijden = geoordeeld_in(werk), tijden_in(werk)
    return [
        een._replace(
            vreemd=geoordeeld.get(een.variant, een.vreemd),
            toegevoegd=tijden.get(een.variant, een.toegevoegd),
        )
        for een in alle
    ]


def _van_vroeger(werk: Transactie, wortels: AbstractSet[str]) -> Iterator[Noeming]:
    """What was named in these trees before a version that kept it apart."""
    for bron, waarde in vraag_per(werk.vraag, _UIT_VROEGER, sorted(wortels)):
        omslag = _LEES(bytes(waarde))
        if omslag.type in NOEMT and not is_ingevoerd(bron):
            with suppress(OnleesbaarBericht):  # it was not always read as strictly as it is now
                feit = feit_van(omslag.type, bytes(omslag.data))
                yield from noemingen(feit, bron, VAN_VROEGER)


def _eerste(genoemd: Sequence[Noeming]) -> tuple[int, frozenset[str]] | None:
    """When it was named first, and of whom it is then; None when that cannot be told."""
    per_gever: dict[str, list[int]] = defaultdict(list)
    for een in genoemd:
        if een.toegevoegd is None:
            return None
        per_gever[een.gever].append(een.toegevoegd)
    volgorde = sorted((min(momenten), gever) for gever, momenten in per_gever.items())
    if not volgorde or (len(volgorde) > 1 and volgorde[0][0] == volgorde[1][0]):
        return None
    moment, eerste = volgorde[0]
    return moment, frozenset(een.voor for een in genoemd if een.gever == eerste)


def _is_vreemd(woord: Woord, eigenaar: tuple[int, frozenset[str]] | None) -> int:
    if eigenaar is None or woord.toegevoegd is None or is_van_grens(woord.bron):
        return 0
    moment, wie = eigenaar
    return int(woord.toegevoegd > moment and woord.bron not in wie)


def is_vreemd(werk: Transactie, variant: Variant) -> bool:
    """Whether a message that is kept counts for nothing."""
    geoordeeld = geoordeeld_in(werk)
    if variant in geoordeeld:
        return bool(geoordeeld[variant])
    return bool(werk.vraag(_IS_VREEMD, variant))


def tijden_in(werk: Transactie) -> Mapping[Variant, int | None]:
    """When what was kept already turned out to have come, in this batch."""
    rijen = werk.rijen(ZET_TOEGEVOEGD)
    return {(bron, id_, digest): tijd for tijd, bron, id_, digest in rijen}


def is_eerder(tijd: int | None, dan: int | None) -> bool:
    """Whether this is an earlier time; not to know it goes before all."""
    return dan is not None and (tijd is None or tijd < dan)


def geoordeeld_in(werk: Transactie) -> Mapping[Variant, int]:
    """What this batch decided already, by source, id and digest."""
    return {(bron, id_, digest): vreemd for vreemd, bron, id_, digest in werk.rijen(ZET_VREEMD)}
