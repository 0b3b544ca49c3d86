"""Messages that could not be handled, and those of the same tree behind them (D4).

Nothing is dropped: a parked message keeps its bytes, headers, place and reason until somebody
releases it (it is handled then, in order with what waits behind it) or rejects it with a reason.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

import msgspec

from schakel.kern.bus.bericht import Record
from schakel.kern.grond.decoders import decoder_van
from schakel.kern.grond.weigering import NietGevonden
from schakel.kern.opslag import Opslag, Rij
from schakel.kern.vastlegging.transactie import Transactie

_PARKEER = (
    "INSERT INTO geparkeerd (bron, positie, digest, boom, bericht, reden, uitleg, kop, waarde, op)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bron, digest) DO NOTHING"
)
_AF = "UPDATE geparkeerd SET klaar = ?, afloop = ? WHERE nummer = ?"
_OPNIEUW = "UPDATE geparkeerd SET reden = ?, uitleg = ? WHERE nummer = ?"
_LAAT_LOS = "UPDATE geparkeerd SET boom = NULL WHERE nummer = ?"
_VELDEN = "nummer, bron, positie, boom, bericht, reden, uitleg, op, klaar, afloop"

ACHTER = "achter-geparkeerd"
"""The reason of a message that is itself fine and waits its turn."""


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


class _Kop(msgspec.Struct, frozen=True):
    schrijver: str = msgspec.field(name="eigenaar")
    sleutel: bytes | None
    koppen: tuple[tuple[str, bytes], ...]


class Wachtend(msgspec.Struct, frozen=True):
    """A parked message with all it takes to handle it again."""

    rij: int
    bron: str
    schrijver: str
    record: Record


class Parkeerplaats:
    """The table ``geparkeerd`` of one service."""

    def __init__(self, opslag: Opslag) -> None:
        """Reads go straight to the store, writes go through the unit of work."""
        self._opslag = opslag

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
        """Keep ``record`` with its reason; ``boom`` None means that nothing has to wait for it."""
        kop = msgspec.json.encode(_Kop(schrijver, record.sleutel, record.koppen))
        werk.rij(
            _PARKEER,
            (
                bron,
                record.nummer,
                digest_van(record),
                boom,
                bericht,
                reden[0],
                reden[1][:500],
                kop,
                record.waarde,
                werk.nu.isoformat(),
            ),
        )

    def is_afgehandeld(self, bron: str, record: Record) -> bool:
        """Whether this very record was parked before, and somebody has dealt with it."""
        sql = "SELECT 1 FROM geparkeerd WHERE bron = ? AND digest = ? AND klaar IS NOT NULL"
        return bool(self._opslag.vraag(sql, (bron, digest_van(record))))

    def vastgehouden(self) -> set[str]:
        """The trees of which something is parked."""
        rijen = self._opslag.vraag(
            "SELECT DISTINCT boom FROM geparkeerd WHERE klaar IS NULL AND boom IS NOT NULL"
        )
        return {boom for (boom,) in rijen}

    def aantal(self) -> int:
        """How many messages are parked now."""
        return int(self._opslag.vraag("SELECT count(*) FROM geparkeerd WHERE klaar IS NULL")[0][0])

    def lijst(self, *, alles: bool = False, na: int = 0, limiet: int = 50) -> list[Geparkeerd]:
        """Parked messages after number ``na``; with ``alles`` also those that are done with."""
        sql = f"SELECT {_VELDEN} FROM geparkeerd WHERE nummer > ?"  # noqa: S608 - our own words
        sql += "" if alles else " AND klaar IS NULL"
        rijen = self._opslag.vraag(sql + " ORDER BY nummer LIMIT ?", (na, limiet))
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

    def rij_achter(self, nummer: int) -> Sequence[Wachtend]:
        """``nummer`` and, when it holds a tree, all that is parked of that tree, in order."""
        bericht, _ = self.toon(nummer)
        if bericht.klaar is not None:
            raise NietGevonden("al-afgehandeld", f"bericht {nummer} is al {bericht.afloop}")
        waar, waarde = ("boom = ?", bericht.boom) if bericht.boom else ("nummer = ?", nummer)
        rijen = self._opslag.vraag(
            "SELECT nummer, bron, positie, kop, waarde FROM geparkeerd"  # noqa: S608
            f" WHERE klaar IS NULL AND {waar} ORDER BY nummer",
            (waarde,),
        )
        return [_wachtend(rij) for rij in rijen]

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


def digest_van(record: Record) -> bytes:
    """What a parked record is known by: its place changes when a bus is filled anew."""
    delen = (record.sleutel or b"", *(deel for k, w in record.koppen for deel in (k.encode(), w)))
    kop = b"".join(len(deel).to_bytes(4) + deel for deel in delen)
    return hashlib.sha256(kop + record.waarde).digest()


def _wachtend(rij: Rij) -> Wachtend:
    nummer, bron, positie, kop, waarde = rij
    gelezen = decoder_van(_Kop).decode(bytes(kop))
    record = Record(positie, gelezen.sleutel, gelezen.koppen, bytes(waarde))
    return Wachtend(nummer, bron, gelezen.schrijver, record)
