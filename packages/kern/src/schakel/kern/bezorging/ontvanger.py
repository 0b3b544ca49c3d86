"""The inbox: a delivery, its effects, its inbox rows and its position in one transaction (D3).

A message is known by (source, id), so a repeat has no second effect. What cannot be read or
handled is parked, and with it what follows of the same tree; all others go on (D4).
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.kern.bus.bericht import Bericht, Record, is_van_type, lees_bericht
from schakel.kern.grond.instellingen import Parkeerinstellingen
from schakel.kern.grond.weigering import Fout
from schakel.kern.opslag import Opslag, PersistenceError
from schakel.kern.vastlegging.aggregaat import Aggregaat
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.vastlegging.werk import Werk
from schakel.kern.zicht.meten import Meten
from schakel.kern.zicht.sporen import Sporen

from .lezer import SYSTEEM, Gelezen, Lezer, Reden, of_reden, onverwacht
from .parkeergrenzen import topic_van
from .parkeerplaats import ACHTER, Wachtend
from .ruimte import ruimte_voor

A = TypeVar("A", bound=Aggregaat)


class Effect(NamedTuple):
    """What a message does here, and which aggregates it asks for: those are read together."""

    doe: Callable[[Werk[Any]], None]
    raakt: tuple[UUID, ...] = ()


Gezien = dict[tuple[str, str], bytes]

_ONTVANGEN = "INSERT INTO inbox VALUES (?, ?, ?)"
_TOCH_ONTVANGEN = "UPDATE inbox SET digest = ? WHERE bron = ? AND bericht = ? AND digest = ?"
_VERWORPEN = b"verworpen:"
"""Before the digest of what was rejected: that has no effect, and stands in nobody's way."""
TEGENSTRIJDIG = "tegenstrijdig"
_HOUDT_NIETS_VAST = {
    TEGENSTRIJDIG,
    Leesfout.VERKEERDE_BRON,
    Leesfout.VERKEERDE_SLEUTEL,
    Leesfout.GEEN_EIGENAAR,
}
"""The effect of the first stands, or whoever wrote this has no say over the tree."""


class Verwerker(Protocol):
    """What a service does with messages of others."""

    typen: frozenset[str]
    """The types that it can read; any other is parked."""
    raakt_ons: frozenset[str]
    """Those of them that it may do something with."""

    def duid(self, bericht: Bericht) -> Effect | None:
        """What to do with it, None when it is none of ours; raises OnleesbaarBericht."""


class Duiding(NamedTuple):
    """What a record means: an effect, or why there is none; nothing at all when it is not ours."""

    bericht: Bericht | None = None
    effect: Effect | None = None
    mis: Reden | None = None
    boom: str | None = None


class Ontvanger(Lezer[Werk[A], Duiding], Generic[A]):
    """The inbox of a service: effects once, in the order of the source, poison parked."""

    REDENEN = (*Lezer.REDENEN, ACHTER, TEGENSTRIJDIG)

    def __init__(
        self,
        schrijver: Schrijver[Werk[A]],
        opslag: Opslag,
        verwerker: Verwerker,
        *,
        meten: Meten | None = None,
        sporen: Sporen | None = None,
        grenzen: Parkeerinstellingen | None = None,
    ) -> None:
        """``verwerker`` says what a message means to this service."""
        super().__init__(schrijver, opslag, meten=meten, sporen=sporen, grenzen=grenzen)
        self._verwerker = verwerker
        self.stil = frozenset(t.encode() for t in verwerker.typen - verwerker.raakt_ons)

    def is_van_ons(self, duiding: Duiding) -> bool:
        """See ``Lezer``."""
        return duiding is not _NIETS

    def verwerk(self, werk: Werk[A], gelezen: Sequence[Gelezen[Duiding]]) -> int:
        """See ``Lezer``."""
        bomen = {d.boom for *_, d in gelezen if d.boom is not None}
        vast = self.parkeerplaats.vastgehouden(bomen)
        gezien = self._gezien(werk, [d.bericht for *_, d in gelezen if d.bericht is not None])
        werk.laad({id_ for *_, d in gelezen if d.effect is not None for id_ in d.effect.raakt})
        gedaan: list[Bericht] = []
        geparkeerd = 0
        for levering, record, duiding in gelezen:
            vooraan = not vast or (topic_van(levering.bron), duiding.boom or "") not in vast
            mis = self._probeer(werk, duiding, gezien, gedaan, vooraan=vooraan)
            if mis is None or self.parkeerplaats.is_afgehandeld(levering.bron, record):
                continue
            boom = duiding.boom if self.houdt_vast(mis) else None
            bericht_id = None if duiding.bericht is None else duiding.bericht.id
            self.parkeer(werk, levering, record, mis, boom, bericht_id)
            vast |= {(topic_van(levering.bron), boom)} if boom is not None else set()
            geparkeerd += 1
        niet_voor_ons = sum(duiding is _NIETS for *_, duiding in gelezen)
        self.tel(werk, len(gelezen), gedaan, geparkeerd, niet_voor_ons)
        return len(gedaan)

    def verwerk_alsnog(self, werk: Werk[A], wachtend: Wachtend) -> Reden | None:
        """See ``Lezer``."""
        duiding = self.duid(wachtend.record, wachtend.schrijver)
        berichten = [] if duiding.bericht is None else [duiding.bericht]
        return self._probeer(werk, duiding, self._gezien(werk, berichten), [])

    def houdt_vast(self, reden: Reden) -> bool:
        """See ``Lezer``."""
        return reden[0] not in _HOUDT_NIETS_VAST

    def boom_van(self, record: Record) -> str | None:
        """See ``Lezer``."""
        if record.sleutel is None:
            return None
        return record.sleutel[:200].decode("ascii", "backslashreplace").replace("\0", "\\x00")

    def geef_op(self, werk: Werk[A], wachtend: Wachtend) -> None:
        """Sent again it has no effect; another message under its id may still have one."""
        bericht = self.duid(wachtend.record, wachtend.schrijver).bericht
        if bericht is None:
            return
        kenmerk = (bericht.source, bericht.id)
        eerder = self._gezien(werk, [bericht]).get(kenmerk)
        if eerder is None:
            werk.rij(_ONTVANGEN, (*kenmerk, _VERWORPEN + bericht.digest))
        elif eerder.startswith(_VERWORPEN):
            werk.rij(_TOCH_ONTVANGEN, (eerder + bericht.digest, *kenmerk, eerder))

    def duid(self, record: Record, schrijver: str) -> Duiding:
        """See ``Lezer``."""
        if is_van_type(record.koppen, self.stil):
            return _NIETS
        bericht = of_reden(lees_bericht, record, schrijver, self._verwerker.typen)
        if not isinstance(bericht, Bericht):
            return Duiding(mis=bericht, boom=self.boom_van(record))
        effect = of_reden(self._verwerker.duid, bericht)
        if effect is None:
            return _NIETS
        if isinstance(effect, Effect):
            return Duiding(bericht, effect, boom=bericht.partitionkey)
        return Duiding(bericht, mis=effect, boom=bericht.partitionkey)

    def _gezien(self, werk: Werk[A], berichten: Sequence[Bericht]) -> Gezien:
        """What was received before under these ids, also earlier in this batch."""
        if not berichten:
            return {}
        ruimte = ruimte_voor(len(berichten))
        ids = [b.id for b in berichten] + [berichten[-1].id] * (ruimte - len(berichten))
        rijen = self._opslag.vraag(
            "SELECT bron, bericht, digest FROM inbox"  # noqa: S608 - only question marks go in
            f" WHERE bericht IN ({','.join('?' * ruimte)})",
            ids,
        )
        rijen += werk.rijen(_ONTVANGEN)
        rijen += [(bron, id_, digest) for digest, bron, id_, _ in werk.rijen(_TOCH_ONTVANGEN)]
        return {(bron, id_): bytes(digest) for bron, id_, digest in rijen}

    def _probeer(
        self,
        werk: Werk[A],
        duiding: Duiding,
        gezien: Gezien,
        gedaan: list[Bericht],
        *,
        vooraan: bool = True,
    ) -> Reden | None:
        """Let the effect happen, once; return why it could not. ``vooraan``: nothing waits."""
        bericht, effect, mis, _ = duiding
        if bericht is None:
            return mis
        kenmerk = (bericht.source, bericht.id)
        if (eerder := gezien.get(kenmerk)) is not None:
            if any(map(bericht.is_zelfde, _inhouden(eerder))):
                return None
            if not eerder.startswith(_VERWORPEN):
                return (TEGENSTRIJDIG, "zelfde bron en id als een eerder bericht, andere inhoud")
        if effect is None:
            return mis
        if not vooraan:
            return (ACHTER, "een eerder bericht van deze boom is geparkeerd")
        if (mis := self._doe(werk, bericht, effect)) is not None:
            return mis
        gezien[kenmerk] = digest = bericht.digest
        if eerder is None:
            werk.rij(_ONTVANGEN, (*kenmerk, digest))
        else:
            werk.rij(_TOCH_ONTVANGEN, (digest, *kenmerk, eerder))
        gedaan.append(bericht)
        return None

    def _doe(self, werk: Werk[A], bericht: Bericht, effect: Effect) -> Reden | None:
        """The effect and its events; why it could not be, and then there is nothing of it."""
        punt = werk.punt()
        try:
            spoor = self.volg(werk, bericht)
            effect.doe(werk)
            werk.leg_vast(SYSTEEM, spoor)
        except PersistenceError:
            raise
        except (Fout, OnleesbaarBericht) as fout:
            mis = (str(fout.code), fout.uitleg)
        except Exception as fout:  # noqa: BLE001 - poison never blocks: it is parked with its reason
            mis = onverwacht(fout)
        else:
            return None
        werk.terug(punt)
        return mis


def _inhouden(digest: bytes) -> list[bytes]:
    """What is known of an id: the one content that had an effect, or those that were rejected."""
    if not digest.startswith(_VERWORPEN):
        return [digest]
    return [digest[plek : plek + 32] for plek in range(len(_VERWORPEN), len(digest), 32)]


_NIETS = Duiding()
