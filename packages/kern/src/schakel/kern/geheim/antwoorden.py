"""Answers to commands (D9), kept so that nothing of what was asked can be guessed from them.

An Idempotency-Key is kept as a hash under a key of the service. The digest of a command is keyed
too: with a key of the service and the keys of all texts that the command put away. When one of
those is erased, nobody can tell any more what was asked; the key still gets its answer.

A former version kept both as they came, in ``antwoorden``: read until it is gone for good, and what
is there is then put over.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from hashlib import blake2b
from typing import Any
from uuid import UUID

import structlog

from schakel.kern.opslag import Opslag, Rij
from schakel.kern.vastlegging.schrijver import Gegeven, Schrijver, Taak
from schakel.kern.vastlegging.transactie import Transactie

from .hoofdsleutel import Hoofdsleutels
from .kluis import PARTIJ, SYSTEEM, Kluis

log = structlog.get_logger()

_BEWAAR = "INSERT INTO gegeven_antwoorden VALUES (?, ?, ?, ?)"
_ZET_OVER = f"{_BEWAAR} ON CONFLICT (sleutel) DO NOTHING"
_ZOEK = "SELECT sleutel, plekken, digest, antwoord FROM gegeven_antwoorden WHERE sleutel IN ({})"
_BEWAAR_ALS_VROEGER = "INSERT INTO antwoorden VALUES (?, ?, ?)"
_ZOEK_VAN_VROEGER = "SELECT sleutel, digest, antwoord FROM antwoorden WHERE sleutel IN ({})"
_VAN_REEKS = "SELECT sleutel, digest, antwoord FROM antwoorden WHERE substr(antwoord, 15, 36) = ?"
_EERSTE_VAN_VROEGER = "SELECT sleutel, digest, antwoord FROM antwoorden ORDER BY sleutel LIMIT ?"
_WIS_VAN_VROEGER = "DELETE FROM antwoorden WHERE sleutel IN ({})"
_ONTDOE_VAN_VROEGER = "UPDATE antwoorden SET digest = ? WHERE sleutel = ?"
_REEKS = slice(14, 50)
"""Where the id of the aggregate stands in every answer of a former version."""
_LENGTE = 16
"""Bytes of a keyed hash: an index has them in no order, so short is quick."""

Verwanten = Callable[[Collection[UUID]], Mapping[UUID, Collection[UUID]]]
"""Whose texts the commands to each of these aggregates put away, besides its own."""


class Antwoorden:
    """See ``schrijver.Antwoordenboek``."""

    def __init__(self, opslag: Opslag, kluis: Kluis, hoofdsleutels: Hoofdsleutels) -> None:
        """The keys are made of the oldest master key, which is never taken away."""
        self._opslag = opslag
        self._kluis = kluis
        self._voor_sleutels = hoofdsleutels.leid_af(b"schakel/idempotentie/v1")
        self._voor_digests = hoofdsleutels.leid_af(b"schakel/opdracht/v1")
        self._vroeger = True
        """Whether there may be answers as a former version kept them."""
        self._kan_terug = opslag.kan_terug()
        """Whether a former version may be asked what we answered: then it has to find it."""
        self._gehasht: dict[str, bytes] = {}
        """Of the keys of this batch, which are looked up first and then kept."""

    def zoek(self, sleutels: Collection[str]) -> dict[str, Gegeven]:
        """See ``schrijver.Antwoordenboek``."""
        self._gehasht = {sleutel: self._hash(sleutel) for sleutel in sleutels}
        bij_hash = {hash_: sleutel for sleutel, hash_ in self._gehasht.items()}
        gevonden = {
            bij_hash[bytes(hash_)]: Gegeven(
                bytes(antwoord), partial(self._klopt, plekken, bytes(digest))
            )
            for hash_, plekken, digest, antwoord in self._vraag_alle(_ZOEK, list(bij_hash))
        }
        if self._vroeger:
            for sleutel, digest, antwoord in self._vraag_alle(_ZOEK_VAN_VROEGER, list(sleutels)):
                gegeven = Gegeven(bytes(antwoord), bytes(digest).__eq__)
                gevonden.setdefault(sleutel, gegeven)
        return gevonden

    def _vraag_alle(self, vraag: str, sleutels: Sequence[Any]) -> list[Rij]:
        # Round up to a power of two: few different statements, each prepared once.
        ruimte = 1 << (len(sleutels) - 1).bit_length()
        waarden = [*sleutels, *[sleutels[-1]] * (ruimte - len(sleutels))]
        return self._opslag.vraag(vraag.format(",".join("?" * ruimte)), waarden)

    def bewaar(self, werk: Transactie, sleutel: str, digest: bytes, antwoord: bytes) -> None:
        """See ``schrijver.Antwoordenboek``."""
        onder = self._digest(werk.geheim.values(), digest)
        werk.rij(_BEWAAR, (self._gehasht[sleutel], ",".join(werk.geheim), onder, antwoord))
        if self._kan_terug:
            werk.rij(_BEWAAR_ALS_VROEGER, (sleutel, digest, antwoord))

    def _hash(self, sleutel: str) -> bytes:
        return blake2b(sleutel.encode(), key=self._voor_sleutels, digest_size=_LENGTE).digest()

    def _digest(self, sleutels: Collection[bytes], digest: bytes) -> bytes:
        """Each of ``sleutels`` is needed to make it again."""
        gevraagd = b"".join((*sleutels, digest))
        return blake2b(gevraagd, key=self._voor_digests, digest_size=_LENGTE).digest()

    def _klopt(self, plekken: str, bewaard: bytes, digest: bytes) -> bool:
        """Whether ``digest`` is that of the command; when nobody can tell any more, it is."""
        if not bewaard:
            return True
        sleutels = self._kluis.sleutels_van(plekken.split(",") if plekken else [])
        return sleutels is None or self._digest(sleutels, digest) == bewaard

    def vergeet(self, werk: Transactie, reeks: UUID) -> None:
        """Of what was asked of ``reeks`` nothing can be found again, in old answers either."""
        if self._vroeger:
            rijen = self._opslag.vraag(_VAN_REEKS, (str(reeks).encode(),))
            net = [rij for rij in werk.rijen(_BEWAAR_ALS_VROEGER) if _reeks_van(rij[2]) == reeks]
            self._zet_over(werk, rijen + net, {})

    async def zet_over(self, schrijver: Schrijver[Any], verwanten: Verwanten) -> int:
        """Put over all that a former version kept; return how many answers that were."""
        self._kan_terug = False
        totaal = 0
        taak = Taak(partial(self._zet_partij_over, verwanten), int, SYSTEEM)
        while aantal := await schrijver.voer_uit(taak):
            totaal += aantal
        self._vroeger = False
        if totaal:
            log.info("antwoorden_overgezet", aantal=totaal)
        return totaal

    def _zet_partij_over(self, verwanten: Verwanten, werk: Transactie) -> int:
        rijen = self._opslag.vraag(_EERSTE_VAN_VROEGER, (PARTIJ,))
        reeksen = {reeks for *_, antwoord in rijen if (reeks := _reeks_van(antwoord)) is not None}
        plekken = {
            reeks: [reeks.hex, *(een.hex for een in erbij)]
            for reeks, erbij in verwanten(reeksen).items()
        }
        self._zet_over(werk, rijen, plekken)
        return len(rijen)

    def _zet_over(
        self, werk: Transactie, rijen: Sequence[Rij], plekken: Mapping[UUID, Sequence[str]]
    ) -> None:
        """Digests under the keys of ``plekken``; where one of these is gone, the digest goes."""
        sleutels = {reeks: self._kluis.sleutels_van(namen) for reeks, namen in plekken.items()}
        for sleutel, digest, antwoord in rijen:
            rij: Rij = ("", b"")
            if (reeks := _reeks_van(antwoord)) is not None and (onder := sleutels.get(reeks)):
                rij = (",".join(plekken[reeks]), self._digest(onder, bytes(digest)))
            werk.rij(_ZET_OVER, (self._hash(sleutel), *rij, bytes(antwoord)))
            if self._kan_terug:
                # Without a row a former version would do it again; without a digest it refuses.
                werk.wis(_ONTDOE_VAN_VROEGER, (b"", sleutel))
        if rijen and not self._kan_terug:
            vraagtekens = ",".join("?" * len(rijen))
            werk.wis(_WIS_VAN_VROEGER.format(vraagtekens), tuple(sleutel for sleutel, *_ in rijen))


def _reeks_van(antwoord: Any) -> UUID | None:
    try:
        return UUID(bytes(antwoord)[_REEKS].decode())
    except ValueError:
        return None
