"""Which keys may sign a log: a list that stands in the log itself, valid by position.

A key that comes in the leaf at index p is valid for sizes from p + 1 on; one that goes there is
valid for no size above p. No clock has a say, so everybody with the log comes to the same.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .fout import BewijsFout
from .sleutel import COSIGNATURE, ED25519, Sleutel, lees_vkey


@dataclass(frozen=True, slots=True)
class _Regel:
    sleutel: Sleutel
    vanaf: int
    tot: int | None = None

    def geldt(self, omvang: int) -> bool:
        return self.vanaf <= omvang and (self.tot is None or omvang <= self.tot)


@dataclass(frozen=True, slots=True)
class Logsleutels:
    """The keys of one log so far. A change gives another list: a page that is refused leaves none.

    ``omvang`` is the size up to which the list was followed: no statement below it may follow.
    """

    oorsprong: str
    _regels: tuple[_Regel, ...]
    volgnummer: int = 0
    omvang: int = 0

    @classmethod
    def begin(cls, oorsprong: str, vkey: str) -> "Logsleutels":
        """The first key, as the contract names it: valid from size 0."""
        return cls(oorsprong, (_Regel(keur_logsleutel(vkey, oorsprong), 0),))

    @classmethod
    def uit_rij(cls, rij: bytes) -> "Logsleutels":
        """As ``rij`` kept it; what is kept was judged when it came."""
        oorsprong, volgnummer, omvang, regels = json.loads(rij)
        return cls(
            oorsprong,
            tuple(_Regel(lees_vkey(vkey), vanaf, tot) for vkey, vanaf, tot in regels),
            volgnummer,
            omvang,
        )

    @property
    def rij(self) -> bytes:
        """The list, to be kept beside its log."""
        regels = [(regel.sleutel.vkey, regel.vanaf, regel.tot) for regel in self._regels]
        return json.dumps((self.oorsprong, self.volgnummer, self.omvang, regels)).encode()

    def met(
        self,
        index: int,
        *,
        logboek: str,
        volgnummer: int,
        erbij: Sequence[str],
        eraf: Sequence[str],
    ) -> "Logsleutels":
        """The list after the statement in the leaf at ``index``, which the contract key signed.

        Refused (``sleutel``): of another log, a number that does not rise, a key that was ever
        there, the going of one that is not there, and a list without keys.
        """
        if logboek != self.oorsprong:
            raise BewijsFout("sleutel", "deze sleutels zijn van een ander logboek")
        if volgnummer <= self.volgnummer:
            raise BewijsFout("sleutel", "het volgnummer van een sleutellijst stijgt")
        if index < self.omvang:
            raise BewijsFout("sleutel", "een sleutellijst volgt het logboek op volgorde")
        nieuw = [_Regel(keur_logsleutel(vkey, self.oorsprong), index + 1) for vkey in erbij]
        ooit = [regel.sleutel.publiek for regel in (*self._regels, *nieuw)]
        if len({*ooit}) != len(ooit):
            raise BewijsFout("sleutel", "een sleutel die ooit in de lijst stond komt niet terug")
        weg = {keur_logsleutel(vkey, self.oorsprong).publiek for vkey in eraf}
        if len(weg) != len(eraf) or not weg <= {een.publiek for een in self.niet_ingetrokken}:
            raise BewijsFout("sleutel", "alleen een sleutel die er staat gaat eraf, en eenmaal")
        regels = tuple(
            replace(regel, tot=index) if regel.sleutel.publiek in weg else regel
            for regel in self._regels
        )
        na = Logsleutels(self.oorsprong, (*regels, *nieuw), volgnummer, index + 1)
        if not na.niet_ingetrokken:
            raise BewijsFout("sleutel", "er blijft minstens een sleutel over")
        return na

    def geldig(self, omvang: int) -> tuple[Sleutel, ...]:
        """The keys that may sign the log at this size."""
        return tuple(regel.sleutel for regel in self._regels if regel.geldt(omvang))

    @property
    def niet_ingetrokken(self) -> tuple[Sleutel, ...]:
        """The keys that are in the list now."""
        return tuple(regel.sleutel for regel in self._regels if regel.tot is None)

    @property
    def voor_ontvangst(self) -> tuple[Sleutel, ...]:
        """The same, for receipts by the writer of this log on the log of the other."""
        return tuple(sleutel.voor(COSIGNATURE) for sleutel in self.niet_ingetrokken)


def keur_logsleutel(vkey: str, oorsprong: str) -> Sleutel:
    """The key in a vkey; refused unless it signs, under the name of this log."""
    sleutel = lees_vkey(vkey)
    if sleutel.soort != ED25519 or sleutel.naam != oorsprong:
        raise BewijsFout("sleutel", "een logsleutel is van soort 1, onder de naam van zijn logboek")
    return sleutel
