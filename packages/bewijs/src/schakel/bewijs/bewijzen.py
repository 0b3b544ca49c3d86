"""Whether a proof holds, step by step as RFC 9162 says; who checks has no tree."""

from collections.abc import Sequence

from .boom import keur_hash, keur_omvang, knoophash
from .fout import BewijsFout


def controleer_inclusie(
    hash_: bytes, nummer: int, omvang: int, bewijs: Sequence[bytes], wortel: bytes
) -> None:
    """That ``hash_`` is leaf ``nummer`` of the tree of this size and root (2.1.3.2)."""
    keur_omvang(omvang)
    if not 0 <= nummer < omvang:
        raise BewijsFout("omvang", "dit blad staat niet in een boom van deze omvang")
    _keur_hashes(omvang, bewijs, hash_, wortel)
    hier, eind = nummer, omvang - 1
    for naast in bewijs:
        if eind == 0:
            raise _te_lang()
        if hier & 1 or hier == eind:
            hash_ = knoophash(naast, hash_)
            hier, eind = _tot_oneven(hier, eind)
        else:
            hash_ = knoophash(hash_, naast)
        hier, eind = hier >> 1, eind >> 1
    if eind:
        raise _te_kort()
    if hash_ != wortel:
        raise BewijsFout("wortel", "het bewijs leidt naar een andere wortel")


def controleer_consistentie(
    eerst: int, later: int, eerste_wortel: bytes, latere_wortel: bytes, bewijs: Sequence[bytes]
) -> None:
    """That the tree of size ``later`` begins with all of that of size ``eerst`` (2.1.4.2)."""
    keur_omvang(later)
    if not 0 < eerst <= later:
        raise BewijsFout("omvang", "de eerste omvang is minstens 1 en hoogstens de latere")
    _keur_hashes(later, bewijs, eerste_wortel, latere_wortel)
    pad = list(bewijs)
    # Of a full subtree, and of one and the same tree, the root is not repeated in the proof.
    if eerst == later or eerst & (eerst - 1) == 0:
        pad.insert(0, eerste_wortel)
    if not pad:
        raise _te_kort()
    hier, eind = (0, 0) if eerst == later else (eerst - 1, later - 1)
    while hier & 1:
        hier, eind = hier >> 1, eind >> 1
    oud = nieuw = pad[0]
    for naast in pad[1:]:
        if eind == 0:
            raise _te_lang()
        if hier & 1 or hier == eind:
            oud, nieuw = knoophash(naast, oud), knoophash(naast, nieuw)
            hier, eind = _tot_oneven(hier, eind)
        else:
            nieuw = knoophash(nieuw, naast)
        hier, eind = hier >> 1, eind >> 1
    if eind:
        raise _te_kort()
    if (oud, nieuw) != (eerste_wortel, latere_wortel):
        raise BewijsFout("wortel", "het bewijs leidt naar andere wortels")


def _tot_oneven(hier: int, eind: int) -> tuple[int, int]:
    """Up to where this one is a right child, or the edge is all there is."""
    while hier and not hier & 1:
        hier, eind = hier >> 1, eind >> 1
    return hier, eind


def _keur_hashes(omvang: int, bewijs: Sequence[bytes], *andere: bytes) -> None:
    """No proof has more than two hashes for each level: what is longer is not looked at."""
    if len(bewijs) > 2 * omvang.bit_length():
        raise _te_lang()
    for hash_ in (*andere, *bewijs):
        keur_hash(hash_)


def _te_lang() -> BewijsFout:
    return BewijsFout("bewijs", "het bewijs heeft te veel hashes voor deze omvang")


def _te_kort() -> BewijsFout:
    return BewijsFout("bewijs", "het bewijs heeft te weinig hashes voor deze omvang")
