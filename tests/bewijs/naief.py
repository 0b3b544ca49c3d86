"""The tree once more, as the text of RFC 6962 defines it: by recursion, over all leaves."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from schakel.bewijs import Deelboom, Hashboom, Rand


class Naief:
    """Every hash straight from the definition, remembered per stretch of leaves."""

    def __init__(self, bladen: Sequence[bytes]) -> None:
        self.bladen = bladen
        self.over = lru_cache(maxsize=None)(self._over)

    def _over(self, van: int, tot: int) -> bytes:
        """MTH(D[van:tot])."""
        if tot == van:
            return sha256(b"").digest()
        if tot - van == 1:
            return sha256(b"\x00" + self.bladen[van]).digest()
        k = grootste_macht_onder(tot - van)
        return sha256(b"\x01" + self.over(van, van + k) + self.over(van + k, tot)).digest()

    def pad(self, m: int, van: int, tot: int) -> list[bytes]:
        """PATH(m, D[van:tot])."""
        if tot - van == 1:
            return []
        k = grootste_macht_onder(tot - van)
        if m < k:
            return [*self.pad(m, van, van + k), self.over(van + k, tot)]
        return [*self.pad(m - k, van + k, tot), self.over(van, van + k)]

    def deel(self, m: int, van: int, tot: int, *, heel: bool) -> list[bytes]:
        """SUBPROOF(m, D[van:tot], heel)."""
        if m == tot - van:
            return [] if heel else [self.over(van, tot)]
        k = grootste_macht_onder(tot - van)
        if m <= k:
            return [*self.deel(m, van, van + k, heel=heel), self.over(van + k, tot)]
        return [*self.deel(m - k, van + k, tot, heel=False), self.over(van, van + k)]


def grootste_macht_onder(n: int) -> int:
    k = 1
    while 2 * k < n:
        k *= 2
    return k


class Opslag:
    """What a service keeps: leaf hashes, subtrees as they fill, the right edge."""

    def __init__(self) -> None:
        self.rand = Rand()
        self.lagen: dict[int, list[bytes]] = {0: []}
        self.meest = 0
        self.gelezen = 0

    def met(self, hashes: Sequence[bytes]) -> "Opslag":
        self.lagen[0] += hashes
        self.rand, vol = self.rand.met(hashes)
        for een in vol:
            self.bewaar(een)
        return self

    def bewaar(self, een: Deelboom) -> None:
        laag = self.lagen.setdefault(een.laag, [])
        assert een.nummer == len(laag)
        laag.append(een.hash)

    def lees(self, laag: int, van: int, tot: int) -> Sequence[bytes]:
        gegeven = self.lagen.get(laag, [])[van:tot]
        self.meest = max(self.meest, len(gegeven))
        self.gelezen += len(gegeven)
        return gegeven

    @property
    def boom(self) -> Hashboom:
        return Hashboom(self.lees)
