"""Keeps every message that it sees and derives the trees that they touch (D8).

The order of arrival means nothing here, so nothing is held back: only what cannot be read is
parked. A batch costs the trees that it touches, whatever the length of the history.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from schakel.afleiding import Afleiding, lees, leid_ruwe_boom_af
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import OnleesbaarBericht
from schakel.contracts.werkstromen import Proces
from schakel.kern.bezorging.lezer import Gelezen, Lezer, Reden, of_reden
from schakel.kern.bezorging.parkeerplaats import Wachtend
from schakel.kern.bezorging.ruimte import ruimte_voor
from schakel.kern.bus.bericht import (
    Bericht,
    Record,
    in_structuur,
    is_gestructureerd,
    lees_bericht,
    onleesbare_inhoud,
)
from schakel.kern.grond.instellingen import Parkeerinstellingen
from schakel.kern.opslag import Opslag, Rij
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.vastlegging.transactie import Transactie
from schakel.kern.zicht.meten import Meten
from schakel.kern.zicht.sporen import Sporen

from .keuring import keur
from .tabellen import INSERT_GEZIEN, ZET_BOOM

TYPEN = frozenset(CATALOGUS)
_SCHRIJF = msgspec.json.Encoder().encode
_VARIANTEN = "SELECT bron, bericht, digest, waarde FROM gezien WHERE bron = ? AND bericht = ?"
_BEKEND = (
    # What a former version took in has a digest of another kind.
    "SELECT bron, bericht, digest, wortel, CASE ontvangen WHEN '' THEN waarde END"
    " FROM gezien WHERE bericht IN ({})"
)
_VAN_BOMEN = (
    # With the variants of its messages that name another tree: they contradict each other.
    "SELECT g.wortel, v.bron, v.bericht, v.digest, v.waarde FROM gezien g"
    " JOIN gezien v ON v.bron = g.bron AND v.bericht = g.bericht WHERE g.wortel IN ({})"
)
_STAAND = "SELECT wortel, afleiding, wijziging, ronde FROM bomen WHERE wortel IN ({})"
_TEL = timedelta(microseconds=1)
MEESTE_BOMEN = 512
"""Trees in one question."""

Kenmerk = tuple[str, str]
"""Source and id."""
Variant = tuple[str, str, bytes]
"""Source, id and digest: what was said under one id may differ."""


class Gezien(NamedTuple):
    """A row of ``gezien``, in the order of its columns.

    ``waarde`` is the message in structured mode, whichever it came in; ``kop`` is how it came when
    that was binary mode. ``digest`` is of what came: every distinct text of it is kept.
    """

    bron: str
    bericht: str
    digest: bytes
    wortel: str
    melding: str
    tijdstip: str
    waarde: bytes
    ontvangen: str = ""
    kop: bytes | None = None


class _Kop(msgspec.Struct, frozen=True):
    """The record of a message in binary mode, as it came."""

    sleutel: bytes | None
    koppen: tuple[tuple[str, bytes], ...]
    waarde: bytes


class _Nieuws(NamedTuple):
    """A message, and the row that it becomes."""

    bericht: Bericht
    rij: Gezien


class Verzamelaar(Lezer[Transactie, _Nieuws | Reden]):
    """The orchestrator's reader."""

    def __init__(
        self,
        schrijver: Schrijver[Transactie],
        opslag: Opslag,
        processen: Mapping[str, Proces],
        *,
        meten: Meten | None = None,
        sporen: Sporen | None = None,
        grenzen: Parkeerinstellingen | None = None,
    ) -> None:
        """``processen`` are the writers, each with the one process that it speaks for."""
        super().__init__(schrijver, opslag, meten=meten, sporen=sporen, grenzen=grenzen)
        self._processen = processen

    def duid(self, record: Record, schrijver: str) -> _Nieuws | Reden:
        """See ``Lezer``."""
        return of_reden(_lees, record, schrijver, self._processen)

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
            gelezen = _lees(wachtend.record, wachtend.schrijver, self._processen)
            self._neem(werk, [gelezen])
        except OnleesbaarBericht as fout:
            return (fout.code, fout.uitleg)
        return None

    def _neem(self, werk: Transactie, gelezen: list[_Nieuws]) -> list[Bericht]:
        bijgekomen = [Gezien(*rij) for rij in werk.rijen(INSERT_GEZIEN)]
        bekend = self._bekend([g.rij for g in gelezen], bijgekomen)
        momenten = self._momenten(werk, bijgekomen)
        nieuw = []
        geraakt: set[str] = set()
        betwist: set[Kenmerk] = set()
        for bericht, rij in gelezen:
            varianten = bekend[rij.bron, rij.bericht]
            if rij.digest in varianten:
                continue
            if varianten:
                # A variant of what was seen in another tree concerns that tree too.
                geraakt |= set(varianten.values())
                betwist.add((rij.bron, rij.bericht))
            geraakt.add(rij.wortel)
            varianten[rij.digest] = rij.wortel
            self.volg(werk, bericht)
            werk.rij(INSERT_GEZIEN, rij._replace(ontvangen=next(momenten)))
            nieuw.append(bericht)
        gezocht = {(g.rij.bron, g.rij.bericht) for g in gelezen}
        leid_opnieuw_af(werk, sorted(geraakt), betwist=betwist, zonder=gezocht - betwist)
        return nieuw

    def _bekend(
        self, gevraagd: Sequence[Gezien], bijgekomen: Sequence[Gezien]
    ) -> dict[tuple[str, str], dict[bytes, str]]:
        """What was seen under the same ids, also earlier in this batch: by digest its tree."""
        bekend: dict[tuple[str, str], dict[bytes, str]] = defaultdict(dict)
        for een in bijgekomen:
            bekend[een.bron, een.bericht][een.digest] = een.wortel
        if not gevraagd:
            return bekend
        ruimte = ruimte_voor(len(gevraagd))
        ids = [g.bericht for g in gevraagd] + [gevraagd[-1].bericht] * (ruimte - len(gevraagd))
        rijen = self._opslag.vraag(
            _BEKEND.format(",".join("?" * ruimte)),
            ids,
        )
        for bron, bericht, digest, wortel, waarde in rijen:
            eigen = bytes(digest) if waarde is None else _digest(bytes(waarde))
            bekend[bron, bericht][eigen] = wortel
        return bekend

    @staticmethod
    def _momenten(werk: Transactie, bijgekomen: Sequence[Gezien]) -> Iterator[str]:
        """When each next message came in: the clock, but always later than the one before."""
        if bijgekomen:
            laatste = bijgekomen[-1].ontvangen
        else:
            rijen = werk.vraag("SELECT ontvangen FROM gezien ORDER BY volgorde DESC LIMIT 1")
            laatste = rijen[0][0] if rijen else ""
        moment = werk.nu.astimezone(UTC)
        if laatste:
            moment = max(moment, datetime.fromisoformat(laatste) + _TEL)
        while True:
            yield f"{moment.isoformat(timespec='microseconds')[:-6]}Z"
            moment += _TEL


def _lees(record: Record, schrijver: str, processen: Mapping[str, Proces]) -> _Nieuws:
    """Read a record as far as it is stored; raises OnleesbaarBericht."""
    bericht = lees_bericht(record, schrijver, TYPEN)
    kop = None
    ruw = record.waarde
    if not is_gestructureerd(record):
        kop = _SCHRIJF(_Kop(record.sleutel, record.koppen, record.waarde))
        ruw = in_structuur(record)
    try:
        gelezen = lees(ruw)
    except msgspec.DecodeError as fout:
        raise onleesbare_inhoud(bericht.type, fout) from fout
    keur(bericht, gelezen, processen)
    plaats = gelezen.data
    rij = Gezien(
        bericht.source,
        bericht.id,
        _digest(ruw if kop is None else kop),
        plaats.wortel_id,
        plaats.melding_id,
        bericht.time.astimezone(UTC).isoformat(),
        ruw,
        kop=kop,
    )
    return _Nieuws(bericht, rij)


def _digest(ruw: bytes) -> bytes:
    return hashlib.sha256(ruw).digest()


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
    staand = {rij[0]: rij[1:] for rij in _van(werk, _STAAND, wortels)}
    # What this batch has derived already is what stands.
    staand |= {rij[0]: (rij[7], *rij[5:7]) for rij in werk.rijen(ZET_BOOM)}
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
