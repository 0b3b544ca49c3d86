"""Trees: derived again from what is kept, whenever something in them changes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from schakel.afleiding import Afleiding, leid_ruwe_boom_af
from schakel.kern.bezorging.ruimte import vraag_per
from schakel.kern.opslag import Rij
from schakel.kern.vastlegging.transactie import Transactie

from .eigendom import geoordeeld_in
from .tabellen import INSERT_GEZIEN, WIS_BOOM, ZET_BOOM, Gezien, Variant

_SCHRIJF = msgspec.json.Encoder().encode
_VARIANTEN = (
    "SELECT bron, bericht, digest, waarde, vreemd FROM gezien WHERE bron = ? AND bericht = ?"
)
_VAN_BOMEN = (
    # With the variants of its messages that name another tree: they contradict each other.
    "SELECT g.wortel, g.digest, g.vreemd, v.bron, v.bericht, v.digest, v.waarde, v.vreemd"
    " FROM gezien g"
    " JOIN gezien v ON v.bron = g.bron AND v.bericht = g.bericht WHERE g.wortel IN ({})"
)
_STAAND = "SELECT wortel, afleiding, wijziging, ronde FROM bomen WHERE wortel IN ({})"

Kenmerk = tuple[str, str]
"""Source and id."""


def leid_opnieuw_af(
    werk: Transactie,
    wortels: Sequence[str],
    ronde: int | None = None,
    betwist: AbstractSet[Kenmerk] = frozenset(),
    zonder: AbstractSet[Kenmerk] = frozenset(),
) -> int:
    """Derive trees from what is stored and what this batch adds; return how many changed.

    A tree of which nothing changed is not written, unless a rebuild (``ronde``) marks its row.
    Of what this batch adds, ``betwist`` are those of which another variant was seen and ``zonder``
    those of which none was; of all others that is looked up.
    """
    van_hier = set(wortels)
    nieuw = {(rij[0], rij[1]) for rij in werk.rijen(INSERT_GEZIEN) if rij[3] in van_hier}
    zoek = betwist | (nieuw - zonder)
    varianten = [rij for kenmerk in zoek for rij in werk.vraag(_VARIANTEN, kenmerk)]
    berichten = _berichten(werk, wortels, varianten)
    staand = {rij[0]: rij[1:] for rij in vraag_per(werk.vraag, _STAAND, wortels)}
    # What this batch has derived already is what stands.
    staand |= {rij[0]: (rij[7], *rij[5:7]) for rij in werk.rijen(ZET_BOOM)}
    veranderd = 0
    for wortel in wortels:
        if not berichten[wortel]:  # all that was said in it counts for nothing
            if wortel in staand:
                werk.rij(WIS_BOOM, (wortel, wortel))
                veranderd += 1
            continue
        afleiding = leid_ruwe_boom_af(wortel, list(berichten[wortel].values()))
        veranderd += _zet(werk, wortel, afleiding, ronde, staand.get(wortel, (None, 0, 0)))
    return veranderd


def _berichten(
    werk: Transactie, wortels: Sequence[str], varianten: Sequence[Rij]
) -> Mapping[str, dict[Variant, bytes]]:
    """Per tree what was said in it, with the variants of that which name another tree.

    Without what counts for nothing: another spoke of its melding first.
    """
    per_boom: dict[str, dict[Variant, bytes]] = {wortel: {} for wortel in wortels}
    bomen_van: dict[tuple[str, str], set[str]] = defaultdict(set)
    geoordeeld = geoordeeld_in(werk)
    rijen = vraag_per(werk.vraag, _VAN_BOMEN, wortels)
    for wortel, hier, hier_vreemd, bron, id_, digest, waarde, vreemd in rijen:
        if geoordeeld.get((bron, id_, bytes(hier)), hier_vreemd):
            continue  # what counts for nothing here, brings no variant of itself along
        variant = (bron, id_, bytes(digest))
        if not geoordeeld.get(variant, vreemd):
            per_boom[wortel][variant] = bytes(waarde)
            bomen_van[bron, id_].add(wortel)
    bijgekomen = [Gezien(*rij) for rij in werk.rijen(INSERT_GEZIEN)]
    for een in bijgekomen:
        if not geoordeeld.get(een.variant, 0):
            bomen_van[een.bron, een.bericht].add(een.wortel)
    nieuw = [(g.bron, g.bericht, g.digest, g.waarde, 0) for g in bijgekomen]
    for bron, id_, digest, waarde, vreemd in (*nieuw, *varianten):
        variant = (bron, id_, bytes(digest))
        if not geoordeeld.get(variant, vreemd):
            for wortel in bomen_van[bron, id_] & per_boom.keys():
                per_boom[wortel][variant] = bytes(waarde)
    return per_boom


def _zet(
    werk: Transactie, wortel: str, afleiding: Afleiding, ronde: int | None, staand: Rij
) -> bool:
    tekst = _SCHRIJF(afleiding)
    oud, wijziging, stand = staand
    is_anders = oud is None or bytes(oud) != tekst
    if is_anders or ronde is not None:
        werk.rij(
            ZET_BOOM,
            (
                wortel,
                afleiding.proces,
                afleiding.werkstroom,
                afleiding.status,
                len(afleiding.afwijkingen),
                werk.tel("wijziging") if is_anders else wijziging,
                stand if ronde is None else ronde,
                tekst,
            ),
        )
    return is_anders
