"""Keeps every message that it sees and derives the trees that they touch (D8).

The order of arrival means nothing here, so nothing is held back: only what cannot be read is
parked. A batch costs the trees that it touches, whatever the length of the history.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import OnleesbaarBericht
from schakel.kern.aggregaat import Aggregaat
from schakel.kern.bericht import Bericht, Levering, Record, lees_bericht, onleesbare_inhoud
from schakel.kern.lezer import Lezer, Reden, ruimte_voor
from schakel.kern.opslag import Rij
from schakel.kern.parkeerplaats import Wachtend
from schakel.kern.werk import Werk

from .afleiding import Afleiding, lees, leid_ruwe_boom_af
from .tabellen import INSERT_GEZIEN, ZET_BOOM

TYPEN = frozenset(CATALOGUS)
_SCHRIJF = msgspec.json.Encoder().encode
_VARIANTEN = "SELECT bron, bericht, digest, waarde FROM gezien WHERE bron = ? AND bericht = ?"
_VAN_BOOM = (
    # With the variants of its messages that name another tree: they contradict each other.
    "SELECT DISTINCT v.bron, v.bericht, v.digest, v.waarde FROM gezien g"
    " JOIN gezien v ON v.bron = g.bron AND v.bericht = g.bericht WHERE g.wortel = ?"
)


class Gezien(NamedTuple):
    """A row of ``gezien``, in the order of its columns."""

    bron: str
    bericht: str
    digest: bytes
    wortel: str
    melding: str
    tijdstip: str
    waarde: bytes


class Verzamelaar(Lezer[Aggregaat]):
    """The orchestrator's reader."""

    def verwerk(self, werk: Werk[Aggregaat], levering: Levering) -> int:
        """See ``Lezer``."""
        nieuw = []
        for record in levering.records:
            try:
                nieuw.append(_lees(record, levering.eigenaar))
            except OnleesbaarBericht as fout:
                self.parkeer(werk, levering, record, (fout.code, fout.uitleg), None, None)
        return self._neem(werk, nieuw)

    def verwerk_alsnog(self, werk: Werk[Aggregaat], wachtend: Wachtend) -> Reden | None:
        """See ``Lezer``."""
        try:
            self._neem(werk, [_lees(wachtend.record, wachtend.eigenaar)])
        except OnleesbaarBericht as fout:
            return (fout.code, fout.uitleg)
        return None

    def _neem(self, werk: Werk[Aggregaat], gezien: list[Gezien]) -> int:
        bekend = self._bekend(gezien)
        nieuw = [g for g in gezien if (g.bron, g.bericht, g.digest) not in bekend]
        geraakt = {g.wortel for g in nieuw}
        betwist: set[tuple[str, str]] = set()
        for een in nieuw:
            werk.rij(INSERT_GEZIEN, een)
            if andere := bekend.get((een.bron, een.bericht)):
                # A variant of what was seen in another tree concerns that tree too.
                geraakt |= andere
                betwist.add((een.bron, een.bericht))
        leid_opnieuw_af(werk, sorted(geraakt), betwist=betwist)
        return len(nieuw)

    def _bekend(self, gezien: list[Gezien]) -> dict[tuple[Any, ...], set[str]]:
        """What is stored under the same ids: by exact variant, and the trees by (source, id)."""
        if not gezien:
            return {}
        ruimte = ruimte_voor(len(gezien))
        ids = [g.bericht for g in gezien] + [gezien[-1].bericht] * (ruimte - len(gezien))
        rijen = self._opslag.vraag(
            "SELECT bron, bericht, digest, wortel FROM gezien"  # noqa: S608 - only question marks
            f" WHERE bericht IN ({','.join('?' * ruimte)})",
            ids,
        )
        bekend: dict[tuple[Any, ...], set[str]] = defaultdict(set)
        for bron, bericht, digest, wortel in rijen:
            bekend[bron, bericht, bytes(digest)].add(wortel)
            bekend[bron, bericht].add(wortel)
        return dict(bekend)


def _lees(record: Record, eigenaar: str) -> Gezien:
    """Read a record as far as it is stored; raises OnleesbaarBericht."""
    bericht = lees_bericht(record, eigenaar, TYPEN)
    ruw = _structured(record, bericht)
    try:
        plaats = lees(ruw).data
    except msgspec.DecodeError as fout:
        raise onleesbare_inhoud(bericht.type, fout) from fout
    return Gezien(
        bericht.source,
        bericht.id,
        bericht.digest,
        plaats.wortel_id,
        plaats.melding_id,
        bericht.time.isoformat(),
        ruw,
    )


def _structured(record: Record, bericht: Bericht) -> bytes:
    """The bytes as they came; a message in binary mode is put in the same form."""
    try:
        lees(record.waarde)
    except msgspec.DecodeError:
        return msgspec.json.encode(bericht)
    return record.waarde


def leid_opnieuw_af(
    werk: Werk[Aggregaat],
    wortels: Iterable[str],
    ronde: int | None = None,
    betwist: Iterable[tuple[str, str]] = (),
) -> int:
    """Derive trees from what is stored and what this batch adds; return how many changed.

    A tree of which nothing changed is not written, unless a rebuild (``ronde``) marks its row.
    ``betwist`` are the (source, id) of which this batch adds another variant.
    """
    varianten = [rij for kenmerk in betwist for rij in werk.vraag(_VARIANTEN, kenmerk)]
    bijgekomen = [Gezien(*rij) for rij in werk.rijen(INSERT_GEZIEN)]
    veranderd = 0
    for wortel in wortels:
        afleiding = leid_ruwe_boom_af(wortel, _berichten(werk, wortel, bijgekomen, varianten))
        veranderd += _zet(werk, wortel, afleiding, ronde)
    return veranderd


def _berichten(
    werk: Werk[Aggregaat], wortel: str, bijgekomen: list[Gezien], varianten: list[Rij]
) -> list[bytes]:
    per_variant = _per_variant(werk.vraag(_VAN_BOOM, (wortel,)))
    eigen = {g[:2] for g in bijgekomen if g.wortel == wortel} | {v[:2] for v in per_variant}
    per_variant |= {g[:3]: g.waarde for g in bijgekomen if g[:2] in eigen}
    per_variant |= {v: w for v, w in _per_variant(varianten).items() if v[:2] in eigen}
    return list(per_variant.values())


def _per_variant(rijen: Iterable[Rij]) -> dict[tuple[str, str, bytes], bytes]:
    return {(bron, id_, bytes(digest)): bytes(waarde) for bron, id_, digest, waarde in rijen}


def _zet(werk: Werk[Aggregaat], wortel: str, afleiding: Afleiding, ronde: int | None) -> bool:
    tekst = _SCHRIJF(afleiding)
    rijen = werk.vraag("SELECT afleiding, wijziging, ronde FROM bomen WHERE wortel = ?", (wortel,))
    oud, wijziging, stand = rijen[0] if rijen else (None, 0, 0)
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
