"""The inbox: a delivery, its effects, its inbox rows and its position in one transaction (D3).

A message is known by (source, id), so a repeat has no second effect. What cannot be read or
handled is parked, and with it what follows of the same tree; all others go on (D4).
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import structlog
from eventsourcing.persistence import PersistenceError

from .aggregaat import Aggregaat
from .bericht import Bericht, Levering, Onleesbaar, Record, lees_bericht
from .bus import Ingang
from .gebeurtenis import Door
from .opslag import Opslag
from .parkeerplaats import ACHTER, Parkeerplaats, Wachtend
from .schrijver import Schrijver, Taak
from .weigering import Fout
from .werk import Werk

A = TypeVar("A", bound=Aggregaat)
Effect = Callable[[Werk[Any]], None]

SYSTEEM = Door("schakel", "systeem", "ontvangst")
_ONTVANGEN = "INSERT INTO inbox VALUES (?, ?, ?)"
_NIEMANDS = frozenset({"verkeerde-bron", "verkeerde-sleutel"})
"""Reasons for which a tree is not held: whoever wrote this has no say over it."""

log = structlog.get_logger()


class Verwerker(Protocol):
    """What a service does with messages of others."""

    typen: frozenset[str]
    """The types that it can read; any other is parked."""

    def duid(self, bericht: Bericht) -> Effect | None:
        """What to do with it, None when it is none of ours; raises Onleesbaar."""


class Ontvanger(Generic[A]):
    """Takes deliveries from the bus and hands their effects to the writer."""

    def __init__(self, schrijver: Schrijver[A], opslag: Opslag, verwerker: Verwerker) -> None:
        """Positions are read from and kept in ``opslag``."""
        self.parkeerplaats = Parkeerplaats(opslag)
        self._schrijver = schrijver
        self._opslag = opslag
        self._verwerker = verwerker

    async def draai(self, ingang: Ingang) -> None:
        """Receive until cancelled; raises what the store raises, to be begun again."""
        posities = await asyncio.to_thread(self._lees_posities)
        while True:
            leveringen = await ingang.haal(posities)
            await asyncio.gather(*map(self.ontvang, leveringen))
            for levering in leveringen:
                posities[levering.bron] = levering.records[-1].nummer

    def _lees_posities(self) -> dict[str, int]:
        rijen = self._opslag.vraag("SELECT application_name, notification_id FROM tracking")
        return {naam: int(nummer) for naam, nummer in rijen}

    async def ontvang(self, levering: Levering) -> int:
        """Handle one delivery durably; return how many messages had an effect."""
        return await self._schrijver.voer_uit(Taak(partial(self._verwerk, levering), int, SYSTEEM))

    async def geef_vrij(self, nummer: int, door: Door) -> int:
        """Handle a parked message and all behind it, in order, up to the first that fails again."""
        return await self._schrijver.voer_uit(Taak(partial(self._hervat, nummer), int, door))

    async def verwerp(self, nummer: int, reden: str, door: Door) -> None:
        """Give up on a parked message; what waited behind it stays until it is released."""

        def doe(werk: Werk[A]) -> None:
            self.parkeerplaats.rij_achter(nummer)  # refuses what is not parked (any more)
            self.parkeerplaats.af(werk, nummer, f"verworpen door {door.wie}: {reden}", werk.nu)

        await self._schrijver.voer_uit(Taak(doe, type(None), door))

    def _verwerk(self, levering: Levering, werk: Werk[A]) -> int:
        """Runs in the writer's thread."""
        vast = self.parkeerplaats.vastgehouden()
        te_doen = [self._duid(werk, levering, record, vast) for record in levering.records]
        effecten = [gevonden for gevonden in te_doen if gevonden is not None]
        gezien = self._gezien([bericht for _, bericht, _ in effecten])
        gedaan = 0
        for record, bericht, effect in effecten:
            plek = (levering.bron, levering.eigenaar, record)
            if bericht.partitionkey in vast:
                reden = (ACHTER, "een eerder bericht van deze boom is geparkeerd")
                self._parkeer(werk, plek, reden, bericht.partitionkey, bericht.id)
            elif (mis := self._probeer(werk, bericht, effect, gezien)) is not None:
                houdt_vast = mis[0] != "tegenstrijdig"
                boom = bericht.partitionkey if houdt_vast else None
                self._parkeer(werk, plek, mis, boom, bericht.id)
                if houdt_vast:
                    vast.add(bericht.partitionkey)
            else:
                gedaan += 1
        werk.positie(levering.bron, levering.records[-1].nummer)
        return gedaan

    def _duid(
        self, werk: Werk[A], levering: Levering, record: Record, vast: set[str]
    ) -> tuple[Record, Bericht, Effect] | None:
        try:
            bericht = lees_bericht(record, levering.eigenaar, self._verwerker.typen)
            effect = self._verwerker.duid(bericht)
        except Onleesbaar as fout:
            eigen = fout.code not in _NIEMANDS and record.sleutel is not None
            boom = (record.sleutel or b"").decode("ascii", "backslashreplace") if eigen else None
            plek = (levering.bron, levering.eigenaar, record)
            self._parkeer(werk, plek, (fout.code, fout.uitleg), boom, None)
            if boom is not None:
                vast.add(boom)
            return None
        return None if effect is None else (record, bericht, effect)

    def _gezien(self, berichten: Sequence[Bericht]) -> dict[tuple[str, str], bytes]:
        if not berichten:
            return {}
        ruimte = 1 << (len(berichten) - 1).bit_length()
        ids = [b.id for b in berichten] + [berichten[-1].id] * (ruimte - len(berichten))
        rijen = self._opslag.vraag(
            "SELECT bron, bericht, digest FROM inbox"  # noqa: S608 - only question marks go in
            f" WHERE bericht IN ({','.join('?' * ruimte)})",
            ids,
        )
        return {(bron, id_): bytes(digest) for bron, id_, digest in rijen}

    def _probeer(
        self,
        werk: Werk[A],
        bericht: Bericht,
        effect: Effect,
        gezien: dict[tuple[str, str], bytes],
    ) -> tuple[str, str] | None:
        """Let the effect happen once; return why it could not."""
        kenmerk, digest = (bericht.source, bericht.id), bericht.digest
        if (eerder := gezien.get(kenmerk)) is not None:
            if eerder == digest:
                return None
            return ("tegenstrijdig", "zelfde bron en id als een eerder bericht, andere inhoud")
        punt = werk.punt()
        try:
            effect(werk)
            werk.leg_vast(SYSTEEM, bericht.traceparent)
        except PersistenceError:
            raise
        except (Fout, Onleesbaar) as fout:
            werk.terug(punt)
            return (fout.code, fout.uitleg)
        except Exception as fout:  # noqa: BLE001 - poison never blocks: it is parked with its reason
            werk.terug(punt)
            return ("verwerking-mislukt", f"onverwacht: {type(fout).__name__}")
        gezien[kenmerk] = digest
        werk.rij(_ONTVANGEN, (*kenmerk, digest))
        return None

    def _parkeer(
        self,
        werk: Werk[A],
        plek: tuple[str, str, Record],
        reden: tuple[str, str],
        boom: str | None,
        bericht: str | None,
    ) -> None:
        self.parkeerplaats.parkeer(werk, *plek, reden, boom, bericht)
        log.warning(
            "bericht_geparkeerd", bron=plek[0], positie=plek[2].nummer, reden=reden[0], boom=boom
        )

    def _hervat(self, nummer: int, werk: Werk[A]) -> int:
        """Runs in the writer's thread."""
        gedaan = 0
        for wachtend in self.parkeerplaats.rij_achter(nummer):
            if (mis := self._nog_eens(werk, wachtend)) is not None:
                self.parkeerplaats.opnieuw(werk, wachtend.rij, mis)
                break
            self.parkeerplaats.af(werk, wachtend.rij, "verwerkt", werk.nu)
            gedaan += 1
        return gedaan

    def _nog_eens(self, werk: Werk[A], wachtend: Wachtend) -> tuple[str, str] | None:
        try:
            bericht = lees_bericht(wachtend.record, wachtend.eigenaar, self._verwerker.typen)
            effect = self._verwerker.duid(bericht)
        except Onleesbaar as fout:
            return (fout.code, fout.uitleg)
        if effect is None:
            return None
        return self._probeer(werk, bericht, effect, self._gezien([bericht]))
