"""Roots and proofs of any size, out of the leaf hashes and the stored subtrees.

At most 128 hashes are read at once, and for a proof some five hundred of each level.
"""

from collections.abc import Callable, Sequence

from .boom import HOOGTE, Rand, keur_omvang, knoophash, volle_delen
from .fout import BewijsFout

Lezer = Callable[[int, int, int], Sequence[bytes]]
"""``(laag, van, tot)``: the hashes [van, tot) of that level; level 0 has the leaf hashes."""


class Hashboom:
    """A tree that stands in a store."""

    def __init__(self, lees: Lezer) -> None:
        """``lees`` gives what ``Rand.met`` took in (level 0) and gave out (the others)."""
        self._lees = lees

    def rand(self, omvang: int) -> Rand:
        """The right edge at an earlier size: from here one can go on, or tell the root."""
        keur_omvang(omvang)
        return Rand(omvang, tuple(self._top(*deel) for deel in volle_delen(0, omvang)))

    def wortel(self, omvang: int) -> bytes:
        """The root at an earlier size."""
        return self.rand(omvang).wortel

    def inclusiebewijs(self, nummer: int, omvang: int) -> tuple[bytes, ...]:
        """That leaf ``nummer`` stands in the tree of this size (RFC 6962, 2.1.1)."""
        keur_omvang(omvang)
        if not 0 <= nummer < omvang:
            raise BewijsFout("omvang", "dit blad staat niet in een boom van deze omvang")
        van, tot, pad = 0, omvang, list[bytes]()
        while tot - van > 1:
            midden = van + _helft(tot - van)
            if nummer < midden:
                pad.append(self._over(midden, tot))
                tot = midden
            else:
                pad.append(self._over(van, midden))
                van = midden
        return tuple(reversed(pad))

    def consistentiebewijs(self, eerst: int, later: int) -> tuple[bytes, ...]:
        """That the tree of size ``later`` begins with that of size ``eerst`` (2.1.2)."""
        keur_omvang(later)
        if not 0 < eerst <= later:
            raise BewijsFout("omvang", "de eerste omvang is minstens 1 en hoogstens de latere")
        van, tot, pad = 0, later, list[bytes]()
        while eerst < tot:
            midden = van + _helft(tot - van)
            if eerst <= midden:
                pad.append(self._over(midden, tot))
                tot = midden
            else:
                pad.append(self._over(van, midden))
                van = midden
        if van:  # else the first tree is itself a full subtree, whose root the reader has
            pad.append(self._over(van, tot))
        return tuple(reversed(pad))

    def _over(self, van: int, tot: int) -> bytes:
        """The hash over the leaves [van, tot)."""
        *rest, hash_ = [self._top(*deel) for deel in volle_delen(van, tot)]
        for top in reversed(rest):
            hash_ = knoophash(top, hash_)
        return hash_

    def _top(self, hoogte: int, nummer: int) -> bytes:
        """The root of a full subtree, from the nearest stored level below."""
        laag, rest = divmod(hoogte, HOOGTE)
        hashes = self._lees(laag, nummer << rest, (nummer + 1) << rest)
        if len(hashes) != 1 << rest:
            raise BewijsFout("deelboom", f"in laag {laag} ontbreken hashes")
        while len(hashes) > 1:
            paren = zip(hashes[::2], hashes[1::2], strict=True)
            hashes = [knoophash(links, rechts) for links, rechts in paren]
        return hashes[0]


def _helft(aantal: int) -> int:
    """The largest power of two below ``aantal``."""
    return 1 << (aantal - 1).bit_length() - 1
