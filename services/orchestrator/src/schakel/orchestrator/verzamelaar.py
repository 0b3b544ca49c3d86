"""Keeps every message that it sees and derives the trees that they touch (D8).

The order of arrival means nothing here, so nothing is held back: only what cannot be read is
parked. A batch costs the trees that it touches, whatever the length of the history.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from schakel.afleiding import Afleiding, lees, leid_ruwe_boom_af
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import OnleesbaarBericht
from schakel.kern.bezorging.lezer import Gelezen, Lezer, Reden, of_reden, ruimte_voor
from schakel.kern.bezorging.parkeerplaats import Wachtend
from schakel.kern.bus.bericht import Bericht, Record, lees_bericht, onleesbare_inhoud
from schakel.kern.opslag import Rij
from schakel.kern.vastlegging.transactie import Transactie

from .tabellen import INSERT_GEZIEN, ZET_BOOM

TYPEN = frozenset(CATALOGUS)
_SCHRIJF = msgspec.json.Encoder().encode
_VARIANTEN = "SELECT bron, bericht, digest, waarde FROM gezien WHERE bron = ? AND bericht = ?"
_VAN_BOMEN = (
    # With the variants of its messages that name another tree: they contradict each other.
    "SELECT g.wortel, v.bron, v.bericht, v.digest, v.waarde FROM gezien g"
    " JOIN gezien v ON v.bron = g.bron AND v.bericht = g.bericht WHERE g.wortel IN ({})"
)
_STAAND = "SELECT wortel, afleiding, wijziging, ronde FROM bomen WHERE wortel IN ({})"
MEESTE_BOMEN = 512
"""Trees in one question."""

Variant = tuple[str, str, bytes]
"""Source, id and digest: what was said under one id may differ."""


class Gezien(NamedTuple):
    """A row of ``gezien``, in the order of its columns."""

    bron: str
    bericht: str
    digest: bytes
    wortel: str
    melding: str
    tijdstip: str
    waarde: bytes


class _Nieuws(NamedTuple):
    """A message, and the row that it becomes."""

    bericht: Bericht
    rij: Gezien


class Verzamelaar(Lezer[Transactie, _Nieuws | Reden]):
    """The orchestrator's reader."""

    def duid(self, record: Record, schrijver: str) -> _Nieuws | Reden:
        """See ``Lezer``."""
        return of_reden(_lees, record, schrijver)

    def verwerk(self, werk: Transactie, gelezen: Sequence[Gelezen[_Nieuws | Reden]]) -> int:
        """See ``Lezer``."""
        leesbaar = []
        for levering, record, wat in gelezen:
            if isinstance(wat, _Nieuws):
                leesbaar.append(wat)
            else:
                self.parkeer(werk, levering, record, wat, None, None)
        nieuw = self._neem(werk, leesbaar)
        self.tel(werk, len(gelezen), nieuw, geparkeerd=len(gelezen) - len(leesbaar))
        return len(nieuw)

    def verwerk_alsnog(self, werk: Transactie, wachtend: Wachtend) -> Reden | None:
        """See ``Lezer``."""
        try:
            self._neem(werk, [_lees(wachtend.record, wachtend.schrijver)])
        except OnleesbaarBericht as fout:
            return (fout.code, fout.uitleg)
        return None

    def _neem(self, werk: Transactie, gelezen: list[_Nieuws]) -> list[Bericht]:
        bekend = self._bekend([g.rij for g in gelezen])
        nieuw = [g for g in gelezen if g.rij[:3] not in bekend]
        geraakt = {g.rij.wortel for g in nieuw}
        betwist: set[tuple[str, str]] = set()
        for bericht, een in nieuw:
            self.volg(werk, bericht)
            werk.rij(INSERT_GEZIEN, een)
            if andere := bekend.get((een.bron, een.bericht)):
                # A variant of what was seen in another tree concerns that tree too.
                geraakt |= andere
                betwist.add((een.bron, een.bericht))
        leid_opnieuw_af(werk, sorted(geraakt), betwist=betwist)
        return [g.bericht for g in nieuw]

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


def _lees(record: Record, schrijver: str) -> _Nieuws:
    """Read a record as far as it is stored; raises OnleesbaarBericht."""
    bericht = lees_bericht(record, schrijver, TYPEN)
    ruw = _structured(record, bericht)
    try:
        plaats = lees(ruw).data
    except msgspec.DecodeError as fout:
        raise onleesbare_inhoud(bericht.type, fout) from fout
    rij = Gezien(
        bericht.source,
        bericht.id,
        bericht.digest,
        plaats.wortel_id,
        plaats.melding_id,
        bericht.time.isoformat(),
        ruw,
    )
    return _Nieuws(bericht, rij)


def _structured(record: Record, bericht: Bericht) -> bytes:
    """The bytes as they came; a message in binary mode is put in the same form."""
    try:
        lees(record.waarde)
    except msgspec.DecodeError:
        return msgspec.json.encode(bericht)
    return record.waarde


def leid_opnieuw_af(
    werk: Transactie,
    wortels: Sequence[str],
    ronde: int | None = None,
    betwist: Iterable[tuple[str, str]] = (),
) -> int:
    """Derive trees from what is stored and what this batch adds; return how many changed.

    A tree of which nothing changed is not written, unless a rebuild (``ronde``) marks its row.
    ``betwist`` are the (source, id) of which this batch adds another variant.
    """
    varianten = [rij for kenmerk in betwist for rij in werk.vraag(_VARIANTEN, kenmerk)]
    berichten = _berichten(werk, wortels, varianten)
    staand = {rij[0]: rij[1:] for rij in _van(werk, _STAAND, wortels)}
    veranderd = 0
    for wortel in wortels:
        afleiding = leid_ruwe_boom_af(wortel, list(berichten[wortel].values()))
        veranderd += _zet(werk, wortel, afleiding, ronde, staand.get(wortel, (None, 0, 0)))
    return veranderd


def _berichten(
    werk: Transactie, wortels: Sequence[str], varianten: Sequence[Rij]
) -> Mapping[str, dict[Variant, bytes]]:
    """Per tree what was said in it, with the variants of that which name another tree."""
    per_boom: dict[str, dict[Variant, bytes]] = {wortel: {} for wortel in wortels}
    bomen_van: dict[tuple[str, str], set[str]] = defaultdict(set)
    for wortel, bron, id_, digest, waarde in _van(werk, _VAN_BOMEN, wortels):
        per_boom[wortel][bron, id_, bytes(digest)] = bytes(waarde)
        bomen_van[bron, id_].add(wortel)
    bijgekomen = [Gezien(*rij) for rij in werk.rijen(INSERT_GEZIEN)]
    for een in bijgekomen:
        bomen_van[een.bron, een.bericht].add(een.wortel)
    nieuw = [(g.bron, g.bericht, g.digest, g.waarde) for g in bijgekomen]
    for bron, id_, digest, waarde in (*nieuw, *varianten):
        for wortel in bomen_van[bron, id_] & per_boom.keys():
            per_boom[wortel][bron, id_, bytes(digest)] = bytes(waarde)
    return per_boom


def _van(werk: Transactie, sql: str, wortels: Sequence[str]) -> Iterator[Rij]:
    """The rows of these trees: one question for many."""
    for begin in range(0, len(wortels), MEESTE_BOMEN):
        deel = wortels[begin : begin + MEESTE_BOMEN]
        ruimte = ruimte_voor(len(deel))
        vragen = ",".join("?" * ruimte)
        aanvulling = [deel[-1]] * (ruimte - len(deel))
        yield from werk.vraag(sql.format(vragen), [*deel, *aanvulling])


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
