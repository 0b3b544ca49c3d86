"""The inbox: a delivery, its effects, its inbox rows and its position in one transaction (D3).

A message is known by (source, id), so a repeat has no second effect. What cannot be read or
handled is parked, and with it what follows of the same tree; all others go on (D4).
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from eventsourcing.persistence import PersistenceError

from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht

from .aggregaat import Aggregaat
from .bericht import Bericht, Levering, Record, lees_bericht
from .lezer import SYSTEEM, Lezer, Reden, ruimte_voor
from .opslag import Opslag
from .parkeerplaats import ACHTER, Wachtend
from .schrijver import Schrijver
from .weigering import Fout
from .werk import Werk

A = TypeVar("A", bound=Aggregaat)
Effect = Callable[[Werk[Any]], None]

Gezien = dict[tuple[str, str], bytes]

_ONTVANGEN = "INSERT INTO inbox VALUES (?, ?, ?)"
TEGENSTRIJDIG = "tegenstrijdig"
_NIEMANDS = frozenset({Leesfout.VERKEERDE_BRON, Leesfout.VERKEERDE_SLEUTEL})
"""Reasons for which a tree is not held: whoever wrote this has no say over it."""


class Verwerker(Protocol):
    """What a service does with messages of others."""

    typen: frozenset[str]
    """The types that it can read; any other is parked."""

    def duid(self, bericht: Bericht) -> Effect | None:
        """What to do with it, None when it is none of ours; raises OnleesbaarBericht."""


class _Duiding(NamedTuple):
    """What a record means: an effect, nothing, or why it cannot be read; and its tree."""

    bericht: Bericht | None = None
    effect: Effect | None = None
    mis: Reden | None = None
    boom: str | None = None


class Ontvanger(Lezer[A]):
    """The inbox of a service: effects once, in the order of the source, poison parked."""

    def __init__(self, schrijver: Schrijver[A], opslag: Opslag, verwerker: Verwerker) -> None:
        """``verwerker`` says what a message means to this service."""
        super().__init__(schrijver, opslag)
        self._verwerker = verwerker

    def verwerk(self, werk: Werk[A], levering: Levering) -> int:
        """See ``Lezer``."""
        vast = self.parkeerplaats.vastgehouden()
        geduid = [self._duid(record, levering.eigenaar) for record in levering.records]
        gezien = self._gezien([d.bericht for d in geduid if d.bericht is not None])
        gedaan = 0
        for record, duiding in zip(levering.records, geduid, strict=True):
            mis, boom, bericht_id = duiding.mis, duiding.boom, None
            if duiding.bericht is not None and duiding.effect is not None:
                bericht_id = duiding.bericht.id
                mis = self._probeer(werk, duiding.bericht, duiding.effect, gezien, vast)
                gedaan += mis is None
            if mis is not None:
                if mis[0] == TEGENSTRIJDIG:
                    boom = None  # the effect of the first stands: nothing has to wait
                self.parkeer(werk, levering, record, mis, boom, bericht_id)
                vast |= {boom} if boom is not None else set()
        return gedaan

    def verwerk_alsnog(self, werk: Werk[A], wachtend: Wachtend) -> Reden | None:
        """See ``Lezer``."""
        duiding = self._duid(wachtend.record, wachtend.eigenaar)
        if duiding.bericht is None or duiding.effect is None:
            return duiding.mis
        gezien = self._gezien([duiding.bericht])
        return self._probeer(werk, duiding.bericht, duiding.effect, gezien, set())

    def _duid(self, record: Record, eigenaar: str) -> _Duiding:
        """Read a record and ask what it means here."""
        try:
            bericht = lees_bericht(record, eigenaar, self._verwerker.typen)
            effect = self._verwerker.duid(bericht)
        except OnleesbaarBericht as fout:
            boom = None
            if fout.code not in _NIEMANDS and record.sleutel is not None:
                boom = record.sleutel.decode("ascii", "backslashreplace")
            return _Duiding(mis=(fout.code, fout.uitleg), boom=boom)
        if effect is None:
            return _Duiding()
        return _Duiding(bericht, effect, boom=bericht.partitionkey)

    def _gezien(self, berichten: Sequence[Bericht]) -> Gezien:
        if not berichten:
            return {}
        ruimte = ruimte_voor(len(berichten))
        ids = [b.id for b in berichten] + [berichten[-1].id] * (ruimte - len(berichten))
        rijen = self._opslag.vraag(
            "SELECT bron, bericht, digest FROM inbox"  # noqa: S608 - only question marks go in
            f" WHERE bericht IN ({','.join('?' * ruimte)})",
            ids,
        )
        return {(bron, id_): bytes(digest) for bron, id_, digest in rijen}

    def _probeer(
        self, werk: Werk[A], bericht: Bericht, effect: Effect, gezien: Gezien, vast: set[str]
    ) -> Reden | None:
        """Let the effect happen once; return why it could not."""
        kenmerk, digest = (bericht.source, bericht.id), bericht.digest
        if (eerder := gezien.get(kenmerk)) is not None:
            if eerder == digest:
                return None
            return (TEGENSTRIJDIG, "zelfde bron en id als een eerder bericht, andere inhoud")
        if bericht.partitionkey in vast:
            return (ACHTER, "een eerder bericht van deze boom is geparkeerd")
        punt = werk.punt()
        try:
            effect(werk)
            werk.leg_vast(SYSTEEM, bericht.traceparent)
        except PersistenceError:
            raise
        except (Fout, OnleesbaarBericht) as fout:
            werk.terug(punt)
            return (fout.code, fout.uitleg)
        except Exception as fout:  # noqa: BLE001 - poison never blocks: it is parked with its reason
            werk.terug(punt)
            return ("verwerking-mislukt", f"onverwacht: {type(fout).__name__}")
        gezien[kenmerk] = digest
        werk.rij(_ONTVANGEN, (*kenmerk, digest))
        return None
