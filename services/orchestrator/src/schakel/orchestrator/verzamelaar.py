"""Keeps every message that it sees and derives the trees that they touch (D8).

The order of arrival means nothing here, so nothing is held back: only what cannot be read is
parked, and who speaks of what is another's (``eigendom``). A batch costs the trees that it touches,
whatever the length of the history.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from schakel.afleiding import lees
from schakel.contracts.catalogus import CATALOGUS
from schakel.contracts.cloudevents import OnleesbaarBericht
from schakel.contracts.envelop import oin_van
from schakel.contracts.topics import topic_van
from schakel.contracts.werkstromen import Proces
from schakel.kern.bezorging.lezer import Gelezen, Lezer, Reden, of_reden
from schakel.kern.bezorging.parkeergrenzen import ParkeerplaatsVol
from schakel.kern.bezorging.parkeerplaats import Wachtend
from schakel.kern.bezorging.ruimte import vraag_per
from schakel.kern.bus.bericht import (
    KOPPEN,
    Bericht,
    Levering,
    Record,
    in_structuur,
    is_gestructureerd,
    lees_bericht,
    onleesbare_inhoud,
)
from schakel.kern.grond.instellingen import Parkeerinstellingen
from schakel.kern.opslag import Opslag
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.vastlegging.transactie import Transactie
from schakel.kern.zicht.meten import Meten
from schakel.kern.zicht.sporen import Sporen

from .bomen import Kenmerk, leid_opnieuw_af
from .eigendom import (
    VREEMD,
    Noeming,
    Woord,
    herzie,
    is_eerder,
    is_vreemd,
    noemingen,
    tijden_in,
)
from .keuring import keur
from .tabellen import INSERT_GENOEMD, INSERT_GEZIEN, ZET_TOEGEVOEGD, ZET_VREEMD, Gezien, Variant

TYPEN = frozenset(CATALOGUS)
_SCHRIJF = msgspec.json.Encoder().encode
_INHOUD = "SELECT waarde, kop FROM gezien WHERE bron = ? AND bericht = ? AND digest = ?"
_BEKEND = (
    # What a former version took in has a digest of another kind.
    "SELECT bron, bericht, digest, wortel, CASE ontvangen WHEN '' THEN waarde END, toegevoegd"
    " FROM gezien WHERE bericht IN ({})"
)
_BOMEN_MET = "SELECT DISTINCT wortel FROM gezien WHERE bron = ? AND bericht = ?"
_TEL = timedelta(microseconds=1)


class _Kop(msgspec.Struct, frozen=True):
    """The record of a message in binary mode, as it came."""

    sleutel: bytes | None
    koppen: tuple[tuple[str, bytes], ...]
    waarde: bytes


_LEES_KOP = msgspec.json.Decoder(_Kop).decode


class _Nieuws(NamedTuple):
    """A message, the row that it becomes, and whom it asks to open a melding."""

    bericht: Bericht
    rij: Gezien
    noemt: tuple[Noeming, ...]


class Bekend(NamedTuple):
    """A message that is kept: the tree that it names, and when the bus took it in."""

    wortel: str
    toegevoegd: int | None


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
        leesbaar: list[_Nieuws] = []
        plekken: dict[Variant, tuple[Levering, Record]] = {}
        geparkeerd = 0
        for levering, record, wat in gelezen:
            if isinstance(wat, _Nieuws):
                leesbaar.append(wat)
                plekken.setdefault(wat.rij.variant, (levering, record))
            else:
                self.parkeer(werk, levering, record, wat, None, None)
                geparkeerd += 1
        nieuw, vreemd = self._neem(werk, leesbaar)
        for woord in vreemd:
            if (plek := plekken.get(woord.variant)) is not None:
                self.parkeer(werk, *plek, VREEMD, None, woord.bericht)
                geparkeerd += 1
            else:
                self._parkeer_alsnog(werk, woord)
        self.tel(werk, len(gelezen), nieuw, geparkeerd)
        return len(nieuw)

    def verwerk_alsnog(self, werk: Transactie, wachtend: Wachtend) -> Reden | None:
        """See ``Lezer``."""
        try:
            gelezen = _lees(wachtend.record, wachtend.schrijver, self._processen)
        except OnleesbaarBericht as fout:
            return (fout.code, fout.uitleg)
        if not werk.vraag(_INHOUD, gelezen.rij.variant):  # else only its time could be other
            _, vreemd = self._neem(werk, [gelezen])
            for woord in vreemd:
                if woord.variant != gelezen.rij.variant:
                    self._parkeer_alsnog(werk, woord)
        return VREEMD if is_vreemd(werk, gelezen.rij.variant) else None

    def _neem(self, werk: Transactie, gelezen: list[_Nieuws]) -> tuple[list[Bericht], list[Woord]]:
        """Keep what is new and derive what it touches.

        Gives what is new and counts, and what counts no more: new itself, or kept before.
        """
        bijgekomen = [Gezien(*rij) for rij in werk.rijen(INSERT_GEZIEN)]
        bekend = self._bekend([g.rij for g in gelezen], bijgekomen, werk)
        momenten = self._momenten(werk, bijgekomen)
        nieuw: list[_Nieuws] = []
        opnieuw: list[Gezien] = []
        geraakt: set[str] = set()
        betwist: set[Kenmerk] = set()
        for een in gelezen:
            bericht, rij, noemt = een
            varianten = bekend[rij.bron, rij.bericht]
            if varianten.keys() - {rij.digest}:  # also of what came before: see leid_opnieuw_af
                betwist.add((rij.bron, rij.bericht))
            if rij.digest in varianten:
                eerder = varianten[rij.digest]
                if is_eerder(rij.toegevoegd, eerder.toegevoegd):
                    varianten[rij.digest] = eerder._replace(toegevoegd=rij.toegevoegd)
                    werk.rij(ZET_TOEGEVOEGD, (rij.toegevoegd, *rij.variant))
                    for noeming in noemt:
                        werk.rij(INSERT_GENOEMD, noeming)
                    opnieuw.append(rij)
                continue
            if varianten:
                # A variant of what was seen in another tree concerns that tree too.
                geraakt |= {een.wortel for een in varianten.values()}
            geraakt.add(rij.wortel)
            varianten[rij.digest] = Bekend(rij.wortel, rij.toegevoegd)
            self.volg(werk, bericht)
            werk.rij(INSERT_GEZIEN, rij._replace(ontvangen=next(momenten)))
            for noeming in noemt:
                werk.rij(INSERT_GENOEMD, noeming)
            nieuw.append(een)
        vreemd = self._herzie(werk, [*(een.rij for een in nieuw), *opnieuw], geraakt)
        gezocht = {(g.rij.bron, g.rij.bericht) for g in gelezen}
        leid_opnieuw_af(werk, sorted(geraakt), betwist=betwist, zonder=gezocht - betwist)
        zonder = {woord.variant for woord in vreemd}
        return [een.bericht for een in nieuw if een.rij.variant not in zonder], vreemd

    def _herzie(self, werk: Transactie, nieuw: Sequence[Gezien], geraakt: set[str]) -> list[Woord]:
        """What counts no more now that this came; its trees are added to ``geraakt``."""
        vreemd = []
        for woord in herzie(werk, nieuw):
            werk.rij(ZET_VREEMD, (woord.vreemd, woord.bron, woord.bericht, woord.digest))
            geraakt |= _bomen_met(werk, woord)
            if woord.vreemd:
                vreemd.append(woord)
            else:
                self._laat_vrij(werk, woord)
        return vreemd

    def _laat_vrij(self, werk: Transactie, woord: Woord) -> None:
        """It turned out to be its own after all."""
        self.parkeerplaats.telt_toch(werk, _topic_van(woord.bron), woord.bericht, VREEMD[0])

    def _parkeer_alsnog(self, werk: Transactie, woord: Woord) -> None:
        """What was kept before the first message of its melding was read here.

        Its place on the bus was not kept: of that only the topic is told.
        """
        waarde, kop = self._inhoud(werk, woord.variant)
        record = Record(0, woord.wortel.encode(), KOPPEN, waarde)
        if kop is not None:
            gelezen = _LEES_KOP(kop)
            record = Record(0, gelezen.sleutel, gelezen.koppen, gelezen.waarde)
        levering = Levering(_topic_van(woord.bron), woord.bron, ())
        with suppress(ParkeerplaatsVol):  # then it is only left out
            self.parkeer(werk, levering, record, VREEMD, None, woord.bericht)

    @staticmethod
    def _inhoud(werk: Transactie, variant: Variant) -> tuple[bytes, bytes | None]:
        for een in map(Gezien._make, werk.rijen(INSERT_GEZIEN)):
            if een.variant == variant:
                return een.waarde, een.kop
        ((waarde, kop),) = werk.vraag(_INHOUD, variant)
        return bytes(waarde), None if kop is None else bytes(kop)

    def _bekend(
        self, gevraagd: Sequence[Gezien], bijgekomen: Sequence[Gezien], werk: Transactie
    ) -> dict[Kenmerk, dict[bytes, Bekend]]:
        """What was seen under the same ids, also earlier in this batch: by digest."""
        bekend: dict[Kenmerk, dict[bytes, Bekend]] = defaultdict(dict)
        tijden = tijden_in(werk)
        for een in bijgekomen:
            tijd = tijden.get(een.variant, een.toegevoegd)
            bekend[een.bron, een.bericht][een.digest] = Bekend(een.wortel, tijd)
        ids = [g.bericht for g in gevraagd]
        rijen = vraag_per(self._opslag.vraag, _BEKEND, ids)
        for bron, bericht, digest, wortel, waarde, tijd in rijen:
            eigen = bytes(digest) if waarde is None else _digest(bytes(waarde))
            nu = tijden.get((bron, bericht, eigen), tijd)
            bekend[bron, bericht][eigen] = Bekend(wortel, nu)
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


def _bomen_met(werk: Transactie, woord: Woord) -> set[str]:
    """The trees in which a variant of it was said: whether they contradict each other changed."""
    rijen = werk.vraag(_BOMEN_MET, (woord.bron, woord.bericht))
    nu = [g for g in map(Gezien._make, werk.rijen(INSERT_GEZIEN)) if g.bericht == woord.bericht]
    hier = {een.wortel for een in nu if een.bron == woord.bron}
    return {woord.wortel} | hier | {wortel for (wortel,) in rijen}


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
    feit = keur(bericht, gelezen, processen)
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
        toegevoegd=record.toegevoegd,
    )
    noemt = () if feit is None else tuple(noemingen(feit, bericht.source, record.toegevoegd))
    return _Nieuws(bericht, rij, noemt)


def _topic_van(bron: str) -> str:
    return topic_van(oin_van(bron), bron.rpartition(":schakel-")[2])


def _digest(ruw: bytes) -> bytes:
    return hashlib.sha256(ruw).digest()
