"""The keys of a log as its leaves have it: signed by the contract key of who writes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from schakel.bewijs import (
    VERKLARING,
    BewijsFout,
    Contractsleutel,
    Logsleutels,
    Sleutel,
    controleer_jws,
)
from schakel.contracts.schakels.jws import Contractfout
from schakel.contracts.schakels.sleutels import lees_sleutelverklaring, verklaring_in


@dataclass(frozen=True)
class Logboeksleutels:
    """See ``Sleutelrij``. ``zender`` writes the log, under one of his ``contractsleutels``."""

    zender: str
    contractsleutels: tuple[Contractsleutel, ...]
    lijst: Logsleutels

    def geldig(self, omvang: int) -> Sequence[Sleutel]:
        """See ``Sleutelrij``."""
        return self.lijst.geldig(omvang)

    def met(self, nummer: int, blad: bytes) -> Self:
        """See ``Sleutelrij``."""
        try:
            verklaring = verklaring_in(blad, self.zender)
            if verklaring is None:
                return self
            payload = _getekend(verklaring.payload, verklaring.paren, self.contractsleutels)
            gezegd = lees_sleutelverklaring(payload)
        except Contractfout as fout:
            raise BewijsFout("sleutel", str(fout)) from None
        lijst = self.lijst.met(
            nummer,
            logboek=gezegd.logboek,
            volgnummer=gezegd.volgnummer,
            erbij=gezegd.erbij,
            eraf=gezegd.eraf,
        )
        return type(self)(self.zender, self.contractsleutels, lijst)

    def rij(self) -> bytes:
        """See ``Sleutelrij``."""
        return self.lijst.rij


def _getekend(
    payload: str,
    paren: Sequence[tuple[str, str]],
    sleutels: Sequence[Contractsleutel],
) -> bytes:
    """By the present contract key, or by that of a contract before it."""
    *andere, laatste = sleutels
    for sleutel in andere:
        try:
            return controleer_jws(payload, paren, VERKLARING, [sleutel])
        except BewijsFout:
            continue
    return controleer_jws(payload, paren, VERKLARING, [laatste])
