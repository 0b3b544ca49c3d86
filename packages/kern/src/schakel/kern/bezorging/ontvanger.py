"""The inbox: a delivery, its effects, its inbox rows and its position in one transaction (D3).

A message is known by (source, id), so a repeat has no second effect. What cannot be read or
handled is parked, and with it what follows of the same tree; all others go on (D4).
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.kern.bus.bericht import TYPE_KOP, Bericht, Record, lees_bericht
from schakel.kern.grond.weigering import Fout
from schakel.kern.opslag import Opslag, PersistenceError
from schakel.kern.vastlegging.aggregaat import Aggregaat
from schakel.kern.vastlegging.schrijver import Schrijver
from schakel.kern.vastlegging.werk import Werk
from schakel.kern.zicht.meten import Meten
from schakel.kern.zicht.sporen import Sporen

from .lezer import SYSTEEM, Gelezen, Lezer, Reden, of_reden, onverwacht, ruimte_voor
from .parkeerplaats import ACHTER, Wachtend

A = TypeVar("A", bound=Aggregaat)


class Effect(NamedTuple):
    """What a message does here, and which aggregates it asks for: those are read together."""

    doe: Callable[[Werk[Any]], None]
    raakt: tuple[UUID, ...] = ()


Gezien = dict[tuple[str, str], bytes]

_ONTVANGEN = "INSERT INTO inbox VALUES (?, ?, ?)"
TEGENSTRIJDIG = "tegenstrijdig"
_HOUDT_NIETS_VAST = {TEGENSTRIJDIG, Leesfout.VERKEERDE_BRON, Leesfout.VERKEERDE_SLEUTEL}
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
    ) -> None:
        """``verwerker`` says what a message means to this service."""
        super().__init__(schrijver, opslag, meten=meten, sporen=sporen)
        self._verwerker = verwerker
        self._stil = frozenset(t.encode() for t in verwerker.typen - verwerker.raakt_ons)

    def is_stil(self, record: Record) -> bool:
        """See ``Lezer``."""
        for naam, waarde in record.koppen:  # noqa: SIM110 - all that comes in is asked this
            if naam == TYPE_KOP and waarde in self._stil:
                return True
        return False

    def is_van_ons(self, duiding: Duiding) -> bool:
        """See ``Lezer``."""
        return duiding is not _NIETS

    def verwerk(self, werk: Werk[A], gelezen: Sequence[Gelezen[Duiding]]) -> int:
        """See ``Lezer``."""
        vast = self.parkeerplaats.vastgehouden()
        gezien = self._gezien(werk, [d.bericht for *_, d in gelezen if d.bericht is not None])
        werk.laad({id_ for *_, d in gelezen if d.effect is not None for id_ in d.effect.raakt})
        eerder = len(gezien)
        gedaan: list[Bericht] = []
        geparkeerd = 0
        for levering, record, duiding in gelezen:
            mis = self._probeer(werk, duiding, gezien, vast)
            if duiding.bericht is not None and len(gezien) > eerder + len(gedaan):
                gedaan.append(duiding.bericht)
            if mis is None or self.parkeerplaats.is_afgehandeld(levering.bron, record):
                continue
            boom = duiding.boom if self.houdt_vast(mis) else None
            bericht_id = None if duiding.bericht is None else duiding.bericht.id
            self.parkeer(werk, levering, record, mis, boom, bericht_id)
            vast |= {boom} if boom is not None else set()
            geparkeerd += 1
        niet_voor_ons = sum(duiding is _NIETS for *_, duiding in gelezen)
        self.tel(werk, len(gelezen), gedaan, geparkeerd, niet_voor_ons)
        return len(gedaan)

    def verwerk_alsnog(self, werk: Werk[A], wachtend: Wachtend) -> Reden | None:
        """See ``Lezer``."""
        duiding = self.duid(wachtend.record, wachtend.schrijver)
        berichten = [] if duiding.bericht is None else [duiding.bericht]
        return self._probeer(werk, duiding, self._gezien(werk, berichten), set())

    def houdt_vast(self, reden: Reden) -> bool:
        """See ``Lezer``."""
        return reden[0] not in _HOUDT_NIETS_VAST

    def boom_van(self, record: Record) -> str | None:
        """See ``Lezer``."""
        if record.sleutel is None:
            return None
        return record.sleutel[:200].decode("ascii", "backslashreplace").replace("\0", "\\x00")

    def geef_op(self, werk: Werk[A], wachtend: Wachtend) -> None:
        """Count it as received: sent again, it has no effect after all."""
        bericht = self.duid(wachtend.record, wachtend.schrijver).bericht
        if bericht is not None and not self._gezien(werk, [bericht]):
            werk.rij(_ONTVANGEN, (bericht.source, bericht.id, bericht.digest))

    def duid(self, record: Record, schrijver: str) -> Duiding:
        """See ``Lezer``."""
        if self.is_stil(record):
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
        return {(bron, id_): bytes(digest) for bron, id_, digest in rijen}

    def _probeer(
        self, werk: Werk[A], duiding: Duiding, gezien: Gezien, vast: set[str]
    ) -> Reden | None:
        """Let the effect happen, once; return why it could not."""
        bericht, effect, mis, _ = duiding
        if bericht is None:
            return mis
        kenmerk = (bericht.source, bericht.id)
        if (eerder := gezien.get(kenmerk)) is not None:
            if bericht.is_zelfde(eerder):
                return None
            return (TEGENSTRIJDIG, "zelfde bron en id als een eerder bericht, andere inhoud")
        if effect is None:
            return mis
        if bericht.partitionkey in vast:
            return (ACHTER, "een eerder bericht van deze boom is geparkeerd")
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
            gezien[kenmerk] = digest = bericht.digest
            werk.rij(_ONTVANGEN, (*kenmerk, digest))
            return None
        werk.terug(punt)
        return mis


_NIETS = Duiding()
