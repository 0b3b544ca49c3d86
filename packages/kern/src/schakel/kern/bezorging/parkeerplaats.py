"""Messages that could not be handled, and those of the same tree behind them (D4).

Nothing is dropped: a parked message keeps its bytes, headers, place and reason until somebody
releases it (it is handled then, in order with what waits behind it) or rejects it with a reason. Of
what is too large to be a message its digest is kept, and how it begins.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec

from schakel.contracts.cloudevents import MAX_BYTES
from schakel.contracts.decoders import decoder_van
from schakel.kern.bus.bericht import Record
from schakel.kern.grond.instellingen import Parkeerinstellingen
from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.opslag import Opslag, Rij
from schakel.kern.vastlegging.transactie import Transactie

from .parkeergrenzen import ParkeerplaatsVol, Parkeerruimte, topic_van
from .parkeerzeef import ALLES, Zeef
from .ruimte import ruimte_voor

_PARKEER = (
    "INSERT INTO geparkeerd (bron, positie, digest, boom, bericht, reden, uitleg, kop, waarde, op)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bron, digest) DO NOTHING"
)
_AF = "UPDATE geparkeerd SET klaar = ?, afloop = ? WHERE nummer = ?"
_TELT_TOCH = (
    "UPDATE geparkeerd SET klaar = ?, afloop = 'verwerkt' WHERE klaar IS NULL AND bericht = ?"
    " AND reden = ? AND (bron = ? OR bron LIKE ?)"
)
_OPNIEUW = "UPDATE geparkeerd SET reden = ?, uitleg = ? WHERE nummer = ?"
_LAAT_LOS = "UPDATE geparkeerd SET boom = NULL WHERE nummer = ?"
_WIS = "UPDATE geparkeerd SET kop = ?, waarde = ?, afloop = afloop || ? WHERE nummer = ?"
GEWIST = "; bytes gewist"
_IETS_VAST = "SELECT 1 FROM geparkeerd WHERE klaar IS NULL AND boom IS NOT NULL LIMIT 1"
_VAST = "SELECT DISTINCT bron, boom FROM geparkeerd WHERE klaar IS NULL AND boom IN ({})"
_STAND = {
    False: "klaar IS NULL",
    True: f"klaar IS NOT NULL AND afloop NOT LIKE '%{GEWIST}'",
}
_VELDEN = "nummer, bron, positie, boom, bericht, reden, uitleg, op, klaar, afloop"
_WACHTEND = "nummer, bron, positie, reden, uitleg, kop, waarde"

ACHTER = "achter-geparkeerd"
"""The reason of a message that is itself fine and waits its turn."""

BEGIN = 1024
"""Bytes that are kept of what is too large."""

Boom = tuple[str, str]
"""A tree as one topic tells of it: only there has it an order to keep."""


class Geparkeerd(msgspec.Struct, frozen=True, rename="camel"):
    """A parked message, as an operator sees it."""

    nummer: int
    bron: str
    positie: int
    boom: str | None
    bericht: str | None
    reden: str
    uitleg: str
    op: str
    klaar: str | None = None
    afloop: str | None = None


class _Kop(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a record had beside its value; its keys are stored for ever."""

    schrijver: str = msgspec.field(name="eigenaar")
    sleutel: bytes | None
    koppen: tuple[tuple[str, bytes], ...]
    mis: str | None = None
    omvang: int | None = None
    """How many bytes it was, when not all of them are kept (any more)."""


class Wachtend(msgspec.Struct, frozen=True):
    """A parked message with all it takes to handle it again."""

    rij: int
    bron: str
    schrijver: str
    record: Record
    reden: tuple[str, str]
    omvang: int | None = None

    @property
    def is_heel(self) -> bool:
        """Whether all of it was kept."""
        return self.omvang is None


class Parkeerplaats:
    """The table ``geparkeerd`` of one service."""

    def __init__(self, opslag: Opslag, grenzen: Parkeerinstellingen | None = None) -> None:
        """Reads go straight to the store, writes go through the unit of work."""
        self._opslag = opslag
        self.ruimte = Parkeerruimte(opslag, grenzen or Parkeerinstellingen())

    def parkeer(
        self,
        werk: Transactie,
        bron: str,
        schrijver: str,
        record: Record,
        reden: tuple[str, str],
        boom: str | None,
        bericht: str | None,
    ) -> None:
        """Keep ``record`` with its reason; ``boom`` None means that nothing has to wait for it.

        Raises ParkeerplaatsVol, unless it stands here already.
        """
        digest = digest_van(record)
        kop, waarde = _af_te_leggen(schrijver, record)
        omvang = len(kop) + len(waarde)
        if not self.ruimte.neem(werk, bron, omvang) and not self._staat_er(bron, digest):
            raise ParkeerplaatsVol(bron, record.nummer)
        werk.rij(
            _PARKEER,
            (
                bron,
                record.nummer,
                digest,
                boom,
                bericht,
                reden[0],
                reden[1][:500],
                kop,
                waarde,
                werk.nu.isoformat(),
            ),
        )

    def _staat_er(self, bron: str, digest: bytes) -> bool:
        sql = "SELECT 1 FROM geparkeerd WHERE bron = ? AND digest = ?"
        return bool(self._opslag.vraag(sql, (bron, digest)))

    def telt_toch(self, werk: Transactie, topic: str, bericht: str, reden: str) -> None:
        """A message of this topic, by its id, that is parked for ``reden`` has its effect now."""
        werk.rij(_TELT_TOCH, (werk.nu.isoformat(), bericht, reden, topic, f"{topic}/%"))

    def is_afgehandeld(self, bron: str, record: Record) -> bool:
        """Whether this very record was parked before, and somebody has dealt with it."""
        sql = "SELECT 1 FROM geparkeerd WHERE bron = ? AND digest = ? AND klaar IS NOT NULL"
        return bool(self._opslag.vraag(sql, (bron, digest_van(record))))

    def vastgehouden(self, bomen: Collection[str]) -> set[Boom]:
        """Those of ``bomen`` of which something is parked, each with the topic in which it waits.

        Mostly nothing is, and what others have parked may be much: it is not looked through.
        """
        if not bomen or not self._opslag.vraag(_IETS_VAST):
            return set()
        ids = [*bomen]
        ids += ids[-1:] * (ruimte_voor(len(ids)) - len(ids))
        rijen = self._opslag.vraag(_VAST.format(",".join("?" * len(ids))), ids)
        return {(topic_van(bron), boom) for bron, boom in rijen}

    def aantal(self, zeef: Zeef = ALLES, *, klaar: bool = False) -> int:
        """How many messages are parked now; with ``klaar`` how many were, and have bytes yet."""
        waar, waarden = zeef.waar()
        sql = f"SELECT count(*) FROM geparkeerd WHERE {_STAND[klaar]} AND {waar}"  # noqa: S608
        return int(self._opslag.vraag(sql, waarden)[0][0])

    def kies(self, zeef: Zeef, limiet: int, *, klaar: bool = False) -> list[Geparkeerd]:
        """The first of those, by number."""
        return self._kies(zeef, _STAND[klaar], limiet)

    def lijst(
        self, *, alles: bool = False, na: int = 0, limiet: int = 50, zeef: Zeef = ALLES
    ) -> list[Geparkeerd]:
        """Parked messages after number ``na``; with ``alles`` also those that are done with."""
        return self._kies(
            zeef._replace(na=max(na, zeef.na)), "1 = 1" if alles else _STAND[False], limiet
        )

    def verlopen(self, voor: datetime, limiet: int) -> list[int]:
        """The first that were done with before that moment, and have bytes yet."""
        sql = f"SELECT nummer FROM geparkeerd WHERE {_STAND[True]} AND klaar < ?"  # noqa: S608
        rijen = self._opslag.vraag(f"{sql} ORDER BY nummer LIMIT ?", (voor.isoformat(), limiet))
        return [nummer for (nummer,) in rijen]

    def _kies(self, zeef: Zeef, stand: str, limiet: int) -> list[Geparkeerd]:
        waar, waarden = zeef.waar()
        rijen = self._opslag.vraag(
            f"SELECT {_VELDEN} FROM geparkeerd WHERE {stand} AND {waar}"  # noqa: S608 - our words
            " ORDER BY nummer LIMIT ?",
            (*waarden, limiet),
        )
        return [Geparkeerd(*rij) for rij in rijen]

    def toon(self, nummer: int) -> tuple[Geparkeerd, bytes]:
        """One parked message and its bytes; raises NietGevonden."""
        rijen = self._opslag.vraag(
            f"SELECT {_VELDEN}, waarde FROM geparkeerd WHERE nummer = ?",  # noqa: S608
            (nummer,),
        )
        if not rijen:
            raise NietGevonden("niet-geparkeerd", f"er is geen geparkeerd bericht {nummer}")
        return Geparkeerd(*rijen[0][:-1]), bytes(rijen[0][-1])

    def kenmerken(self, nummer: int) -> tuple[bytes, int]:
        """The digest of a parked message, and how many bytes it was."""
        ((digest, kop, lengte),) = self._opslag.vraag(
            "SELECT digest, kop, length(waarde) FROM geparkeerd WHERE nummer = ?", (nummer,)
        )
        omvang = _lees_kop(kop).omvang
        return bytes(digest), int(lengte) if omvang is None else omvang

    def rij_achter(self, nummer: int) -> Sequence[Wachtend]:
        """``nummer`` and, when it holds a tree, all that waits of that tree, in order."""
        bericht, _ = self.toon(nummer)
        if bericht.klaar is not None:
            raise NietGevonden("al-afgehandeld", f"bericht {nummer} is al {bericht.afloop}")
        waar, waarde = ("boom = ?", bericht.boom) if bericht.boom else ("nummer = ?", nummer)
        rijen = self._opslag.vraag(
            f"SELECT {_WACHTEND} FROM geparkeerd"  # noqa: S608
            f" WHERE klaar IS NULL AND {waar} ORDER BY nummer",
            (waarde,),
        )
        topic = topic_van(bericht.bron)
        return [_wachtend(rij) for rij in rijen if topic_van(rij[1]) == topic]

    def af(self, werk: Transactie, rij: int, afloop: str, op: datetime) -> None:
        """Done with: ``afloop`` says how."""
        werk.rij(_AF, (op.isoformat(), afloop, rij))

    def opnieuw(
        self, werk: Transactie, rij: int, reden: tuple[str, str], *, houdt_vast: bool = True
    ) -> None:
        """Still not handled, now for this reason; without ``houdt_vast`` nothing waits for it."""
        werk.rij(_OPNIEUW, (reden[0], reden[1][:500], rij))
        if not houdt_vast:
            werk.rij(_LAAT_LOS, (rij,))

    def wis(self, werk: Transactie, nummers: Sequence[int]) -> None:
        """Let go of the bytes of messages that are done with; that they were here stays."""
        for nummer in nummers:
            ((kop, lengte),) = self._opslag.vraag(
                "SELECT kop, length(waarde) FROM geparkeerd WHERE nummer = ?", (nummer,)
            )
            oud = _lees_kop(kop)
            omvang = int(lengte) if oud.omvang is None else oud.omvang
            leeg = _Kop(oud.schrijver, None, (), omvang=omvang)
            werk.rij(_WIS, (msgspec.json.encode(leeg), b"", GEWIST, nummer))


def digest_van(record: Record) -> bytes:
    """What a parked record is known by: its place changes when a bus is filled anew."""
    delen = (record.sleutel or b"", *(deel for k, w in record.koppen for deel in (k.encode(), w)))
    kop = b"".join(len(deel).to_bytes(4) + deel for deel in delen)
    return hashlib.sha256(kop + record.waarde).digest()


def _af_te_leggen(schrijver: str, record: Record) -> tuple[bytes, bytes]:
    """What is kept: all of it, or of what is larger than a message may be how it begins."""
    omvang = len(record.waarde)
    koppen = len(record.sleutel or b"") + sum(len(naam) + len(w) for naam, w in record.koppen)
    if omvang <= MAX_BYTES and koppen <= MAX_BYTES:
        heel = _Kop(schrijver, record.sleutel, record.koppen, record.mis)
        return msgspec.json.encode(heel), record.waarde
    sleutel = record.sleutel and record.sleutel[:BEGIN]
    deel = _Kop(schrijver, sleutel, (), record.mis, omvang)
    return msgspec.json.encode(deel), record.waarde[:BEGIN]


def _lees_kop(kop: bytes) -> _Kop:
    gelezen: _Kop = decoder_van(_Kop).decode(bytes(kop))
    return gelezen


def _wachtend(rij: Rij) -> Wachtend:
    nummer, bron, positie, *reden, kop, waarde = rij
    gelezen = _lees_kop(kop)
    record = Record(positie, gelezen.sleutel, gelezen.koppen, bytes(waarde), gelezen.mis)
    return Wachtend(nummer, bron, gelezen.schrijver, record, (reden[0], reden[1]), gelezen.omvang)
