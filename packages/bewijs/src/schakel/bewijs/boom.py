"""The Merkle tree of RFC 6962, from left to right: its right edge is all that is kept.

What is full is never looked at again but through its hash. Of each 256 hashes the one above them is
given out, to be stored: from those come roots and proofs of any size (``deelbomen.py``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

from .fout import BewijsFout

HASH: Final = 32
"""Bytes of a hash."""

OMVANG_MAX: Final = 2**53 - 1
"""The largest integer that travels as JSON."""

HOOGTE: Final = 8
"""Levels between what is stored: a hash over 256."""

LEGE_WORTEL: Final = sha256(b"").digest()


def bladhash(blad: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + blad).digest()


def knoophash(links: bytes, rechts: bytes) -> bytes:
    """The hash of the two below it."""
    return sha256(b"\1" + links + rechts).digest()


@dataclass(frozen=True, slots=True)
class Deelboom:
    """A full subtree: the hash over 256**laag leaves, from ``nummer * 256**laag`` on."""

    laag: int
    nummer: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Rand:
    """The right edge of a tree: the roots of its full subtrees, the largest first.

    One of at most 53 hashes, so that it is read and written as one row.
    """

    omvang: int = 0
    toppen: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        keur_omvang(self.omvang)
        if len(self.toppen) != self.omvang.bit_count():
            raise BewijsFout("omvang", "bij deze omvang hoort een ander aantal hashes")
        for top in self.toppen:
            keur_hash(top)

    @classmethod
    def uit_rij(cls, omvang: int, rij: bytes) -> Self:
        """Back from the row."""
        return cls(omvang, tuple(rij[n : n + HASH] for n in range(0, len(rij), HASH)))

    @property
    def rij(self) -> bytes:
        """The hashes behind each other, to be stored beside ``omvang``."""
        return b"".join(self.toppen)

    @property
    def wortel(self) -> bytes:
        """The root of the tree."""
        return _vouw(self.toppen)

    def met(self, hashes: Iterable[bytes]) -> tuple[Self, list[Deelboom]]:
        """The edge after these leaf hashes, and the subtrees that they filled."""
        omvang, toppen, vol = self.omvang, list(self.toppen), list[Deelboom]()
        for hash_ in hashes:
            keur_hash(hash_)
            top, hoogte, nummer = hash_, 0, omvang
            while nummer & 1:  # a left neighbour as high as this one waits for it
                top, hoogte, nummer = knoophash(toppen.pop(), top), hoogte + 1, nummer >> 1
                if hoogte % HOOGTE == 0:
                    vol.append(Deelboom(hoogte // HOOGTE, nummer, top))
            toppen.append(top)
            omvang += 1
        return type(self)(omvang, tuple(toppen)), vol


def _vouw(toppen: tuple[bytes, ...]) -> bytes:
    """One hash over neighbours of falling height."""
    if not toppen:
        return LEGE_WORTEL
    *rest, wortel = toppen
    for top in reversed(rest):
        wortel = knoophash(top, wortel)
    return wortel


def volle_delen(van: int, tot: int) -> Iterator[tuple[int, int]]:
    """The full subtrees, as (height, number), that together are [van, tot), the largest first.

    ``van`` lies where a subtree begins that has room for all of it, as in every split of RFC 6962.
    """
    while van < tot:
        hoogte = (tot - van).bit_length() - 1
        yield hoogte, van >> hoogte
        van += 1 << hoogte


def keur_omvang(omvang: int) -> None:
    """A tree has a size, of none to as many as can be told."""
    if not 0 <= omvang <= OMVANG_MAX:
        raise BewijsFout("omvang", f"een omvang ligt tussen 0 en {OMVANG_MAX}")


def keur_hash(hash_: bytes) -> None:
    """As long as a hash is."""
    if len(hash_) != HASH:
        raise BewijsFout("vorm", f"een hash heeft {HASH} bytes")
