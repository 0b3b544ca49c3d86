"""Reading the bus: positions of our own, a whole delivery in one transaction, parked messages.

What happens with a delivery is the subclass's: a service lets it have effects in order, an
observer only keeps what it saw.
"""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar

import structlog

from schakel.contracts.cloudevents import Leesfout, OnleesbaarBericht
from schakel.kern.bus import Aanvoer, Ingang
from schakel.kern.bus.bericht import Bericht, Levering, Record, is_van_type
from schakel.kern.grond.instellingen import Parkeerinstellingen
from schakel.kern.grond.weigering import Fout
from schakel.kern.opslag import (
    VERGEET_POSITIE,
    DataError,
    Opslag,
    PersistenceError,
    lees_posities,
)
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Schrijver, Taak
from schakel.kern.vastlegging.transactie import Transactie
from schakel.kern.zicht.logboek import meld_onverwacht
from schakel.kern.zicht.meten import Afloop, Meten
from schakel.kern.zicht.sporen import Sporen, traceparent_van
from schakel.kern.zicht.taken import Goed, niemand

from .parkeergrenzen import ParkeerplaatsVol
from .parkeerplaats import Parkeerplaats, Wachtend

D = TypeVar("D")
T = TypeVar("T")
W = TypeVar("W", bound=Transactie)
P = ParamSpec("P")
Reden = tuple[str, str]
"""A code and an explanation."""

SYSTEEM = Door("schakel", "systeem", "ontvangst")
MISLUKT = "verwerking-mislukt"

KLEIN = 32
"""So many records are read in the event loop: to hand them to a thread costs more."""
UITSTEL = 1.0
"""Seconds that a position may wait for a batch that is to be written anyway."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

log = structlog.get_logger()


class Gelezen(NamedTuple, Generic[D]):
    """A record, and what it is as far as it can be told of itself."""

    levering: Levering
    record: Record
    duiding: D


class Lezer(ABC, Generic[W, D]):
    """Takes deliveries from the bus and hands them to the writer."""

    REDENEN: tuple[str, ...] = (*Leesfout, MISLUKT)
    """Why a message may be parked, besides the refusals of a domain."""

    def __init__(
        self,
        schrijver: Schrijver[W],
        opslag: Opslag,
        *,
        meten: Meten | None = None,
        sporen: Sporen | None = None,
        grenzen: Parkeerinstellingen | None = None,
    ) -> None:
        """Positions are read from and kept in ``opslag``; ``grenzen`` say how much is parked."""
        self.parkeerplaats = Parkeerplaats(opslag, grenzen)
        self._schrijver = schrijver
        self._opslag = opslag
        self._meten = meten or Meten()
        self._meten.ken_redenen(self.REDENEN)
        self._sporen = sporen
        self._aanvoer: Aanvoer | None = None
        # In one batch a delivery would not see what is being released, nor the other way round.
        self._beurt = asyncio.Lock()
        self._uitgesteld: dict[str, int] = {}
        self._uitgesteld_op = 0.0
        self._vol: dict[str, int] = {}

    @property
    def gestopt(self) -> Collection[str]:
        """The sources that are not read on: there is no room for what cannot be handled."""
        return self._vol.keys() & self.achterstand().keys() if self._vol else ()

    @property
    def is_verbonden(self) -> bool:
        """Whether there is a bus, and it can be read."""
        return self._aanvoer is not None

    def achterstand(self) -> Mapping[str, int]:
        """How many messages wait on the bus, per source that this process reads."""
        return {} if self._aanvoer is None else self._aanvoer.achterstand()

    @abstractmethod
    def duid(self, record: Record, schrijver: str) -> D:
        """What a record is, whatever is in store; never raises."""

    stil: frozenset[bytes] = frozenset()
    """The types of which nothing need be read to know that there is nothing to do or to keep."""

    def is_van_ons(self, duiding: D) -> bool:  # noqa: ARG002 - for who leaves something to others
        """Whether there is anything to do or to keep."""
        return True

    @abstractmethod
    def verwerk(self, werk: W, gelezen: Sequence[Gelezen[D]]) -> int:
        """Handle deliveries; return how many messages had an effect. In the writer's thread."""

    @abstractmethod
    def verwerk_alsnog(self, werk: W, wachtend: Wachtend) -> Reden | None:
        """Handle a parked message; return why it still cannot be. In the writer's thread."""

    def houdt_vast(self, reden: Reden) -> bool:  # noqa: ARG002 - for who has an order to keep
        """Whether what follows in the same tree waits for a message parked for ``reden``."""
        return False

    def boom_van(self, record: Record) -> str | None:  # noqa: ARG002
        """The tree that waits when nothing but the record is known."""
        return None

    def geef_op(self, werk: W, wachtend: Wachtend) -> None:
        """A parked message is rejected for good. In the writer's thread."""

    async def draai(self, ingang: Ingang, goed: Goed = niemand) -> None:
        """Receive until cancelled; raises what the store raises, to be begun again."""
        try:
            async with ingang.open(self._lees_posities, self._vergeet, self.stil) as aanvoer:
                self._aanvoer = aanvoer
                while True:
                    leveringen = await aanvoer.haal()
                    async with self._beurt:
                        await self.ontvang(*leveringen)
                    for bron in {levering.bron for levering in leveringen} & self._vol.keys():
                        aanvoer.houd_op(bron, self._vol[bron])
                    goed()
        finally:
            self._aanvoer = None
            self._vol.clear()
            self._uitgesteld.clear()  # another may have gone on from what is stored

    def _lees_posities(self) -> Mapping[str, int]:
        """Asked where to go on from: what was still to be written is of a share that is over."""
        self._uitgesteld.clear()
        return lees_posities(self._opslag)

    async def _vergeet(self, bronnen: Sequence[str]) -> None:
        def doe(werk: W) -> None:
            for bron in bronnen:
                self._uitgesteld.pop(bron, None)
                werk.rij(VERGEET_POSITIE, (bron,))

        await self._schrijver.voer_uit(Taak(doe, type(None), SYSTEEM))

    async def ontvang(self, *leveringen: Levering) -> int:
        """Handle deliveries durably, all in one transaction; return how many had an effect.

        When nothing is ours only positions move, and those wait for a transaction that there is
        anyway: lost, they cost a second look at what is not ours. What there is no room for is left
        on the bus, with what follows on it in its source.
        """
        eerder = set(self._vol)
        for levering in leveringen:
            self._vol.pop(levering.bron, None)
        te_lezen = [(levering, self._zonder_stille(levering.records)) for levering in leveringen]
        if sum(len(records) for _, records in te_lezen) > KLEIN:
            gelezen = await asyncio.to_thread(self._duid_alle, te_lezen)
        else:
            gelezen = self._duid_alle(te_lezen)
        is_iets = any(self.is_van_ons(een.duiding) for een in gelezen)
        try:
            gedaan = await (self._ontvang(gelezen) if is_iets else self._stel_uit(gelezen))
        finally:
            for bron in self._vol.keys() - eerder:
                log.error("parkeerplaats_vol", bron=bron, positie=self._vol[bron])
        self._tel_stille(te_lezen)
        return gedaan

    def _zonder_stille(self, records: Sequence[Record]) -> Sequence[Record]:
        """Most of what is on the bus; the last one stays, because its number is the position."""
        if not self.stil:
            return records
        luid = (een for een in records[:-1] if not is_van_type(een.koppen, self.stil))
        return [*luid, *records[-1:]]

    def _tel_stille(self, te_lezen: Sequence[tuple[Levering, Sequence[Record]]]) -> None:
        """They are handled, but for those of a source that is not read on: those come again."""
        stil = sum(
            levering.overgeslagen + len(levering.records) - len(records)
            for levering, records in te_lezen
            if levering.bron not in self._vol
        )
        if stil:
            self._meten.ontvangen({Afloop.NIET_VOOR_ONS: stil}, ())

    async def _ontvang(self, gelezen: Sequence[Gelezen[D]]) -> int:
        """All at once; without those for which there is no room and what follows on them."""
        try:
            return await self._schrijf(gelezen)
        except ParkeerplaatsVol as vol:
            self._vol[vol.bron] = vol.nummer
            return await self._ontvang([een for een in gelezen if not vol.houdt_op(*een[:2])])
        except Exception as fout:  # poison never blocks: which one it is shows next
            if _is_van_de_opslag(fout):
                raise
        gedaan = 0
        for een in gelezen:
            if een.levering.bron not in self._vol:
                try:
                    gedaan += await self._ontvang_een(een)
                except ParkeerplaatsVol as vol:
                    self._vol[vol.bron] = vol.nummer
        return gedaan

    def _duid_alle(self, te_lezen: Sequence[tuple[Levering, Sequence[Record]]]) -> list[Gelezen[D]]:
        return [
            Gelezen(levering, record, self.duid(record, levering.schrijver))
            for levering, records in te_lezen
            for record in records
        ]

    async def _stel_uit(self, gelezen: Sequence[Gelezen[D]]) -> int:
        nu = asyncio.get_running_loop().time()
        if not self._uitgesteld:
            self._uitgesteld_op = nu
        self._uitgesteld |= _posities(gelezen)
        if gelezen:
            self._meten.ontvangen({Afloop.NIET_VOOR_ONS: len(gelezen)}, ())
        if self._uitgesteld and nu - self._uitgesteld_op >= UITSTEL:
            await self._schrijf(())
        return 0

    async def _ontvang_een(self, gelezen: Gelezen[D]) -> int:
        try:
            return await self._schrijf([gelezen])
        except ParkeerplaatsVol:
            raise
        except Exception as fout:  # what no transaction can hold is parked
            if _is_van_de_opslag(fout):
                raise
            reden = onverwacht(fout)
        levering, record, _ = gelezen

        def parkeer(werk: W) -> None:
            self.parkeer(werk, levering, record, reden, self.boom_van(record), None)
            self.tel(werk, 1, (), 1)
            werk.positie(levering.positienaam, record.nummer)

        await self._schrijver.voer_uit(Taak(parkeer, type(None), SYSTEEM))
        return 0

    async def _schrijf(self, gelezen: Sequence[Gelezen[D]]) -> int:
        """With the positions that waited for it."""
        posities = {**self._uitgesteld, **_posities(gelezen)}

        def doe(werk: W) -> int:
            gedaan = self.verwerk(werk, gelezen) if gelezen else 0
            for positie in posities.items():
                werk.positie(*positie)
            return gedaan

        gedaan = await self._schrijver.voer_uit(Taak(doe, int, SYSTEEM))
        self._uitgesteld.clear()
        return gedaan

    async def geef_vrij(self, nummer: int, door: Door) -> int:
        """Handle a parked message and all behind it, in order, up to the first that fails again."""
        return await self.in_beurt(Taak(partial(self._hervat, nummer), int, door))

    async def verwerp(self, nummer: int, reden: str, door: Door) -> None:
        """Give up on a parked message; what waited behind it stays until it is released."""
        await self.in_beurt(Taak(partial(self.geef_af, [nummer], reden, door), int, door))

    def geef_af(self, nummers: Sequence[int], reden: str, door: Door, werk: W) -> int:
        """Give up on parked messages. In the writer's thread; raises NietGevonden."""
        for nummer in nummers:
            rij = self.parkeerplaats.rij_achter(nummer)  # refuses what is not parked (any more)
            self.geef_op(werk, next(w for w in rij if w.rij == nummer))
            self.parkeerplaats.af(werk, nummer, f"verworpen door {door.wie}: {reden}", werk.nu)
        return len(nummers)

    async def in_beurt(self, taak: Taak[W, T]) -> T:
        """Do something with what is parked, while no delivery is being handled."""
        async with self._beurt:
            return await self._schrijver.voer_uit(taak)

    def _hervat(self, nummer: int, werk: W) -> int:
        """Runs in the writer's thread."""
        gedaan = 0
        for wachtend in self.parkeerplaats.rij_achter(nummer):
            mis = self.verwerk_alsnog(werk, wachtend) if wachtend.is_heel else wachtend.reden
            if mis is not None:
                houdt_vast = self.houdt_vast(mis)
                self.parkeerplaats.opnieuw(werk, wachtend.rij, mis, houdt_vast=houdt_vast)
                if houdt_vast:
                    break
                continue
            self.parkeerplaats.af(werk, wachtend.rij, "verwerkt", werk.nu)
            gedaan += 1
        return gedaan

    def volg(self, werk: W, bericht: Bericht) -> str | None:
        """The trace that the effects of this message are part of: a step in it, when it is kept."""
        span = None if self._sporen is None else self._sporen.effect(bericht)
        if span is None:
            return bericht.spoor
        werk.daarna(span.end)
        return traceparent_van(span)

    def tel(
        self,
        werk: W,
        gelezen: int,
        gedaan: Sequence[Bericht],
        geparkeerd: int,
        niet_voor_ons: int = 0,
    ) -> None:
        """Measure a batch once it is durable; the messages in ``gedaan`` had an effect."""
        tijden = [bericht.time for bericht in gedaan]
        uitersten = (min(tijden), max(tijden)) if len(tijden) > 1 else tijden
        aantallen = {
            Afloop.VERWERKT: len(gedaan),
            Afloop.GEPARKEERD: geparkeerd,
            Afloop.NIET_VOOR_ONS: niet_voor_ons,
            Afloop.DUBBEL: gelezen - len(gedaan) - geparkeerd - niet_voor_ons,
        }
        leeftijden = [(werk.nu - tijd).total_seconds() for tijd in uitersten]
        werk.daarna(partial(self._meten.ontvangen, aantallen, leeftijden))

    def parkeer(
        self,
        werk: W,
        levering: Levering,
        record: Record,
        reden: Reden,
        boom: str | None,
        bericht: str | None,
    ) -> None:
        """Keep what cannot be handled; ``boom`` is the tree that waits for it, if any.

        Raises ParkeerplaatsVol.
        """
        self.parkeerplaats.parkeer(
            werk, levering.bron, levering.schrijver, record, reden, boom, bericht
        )

        def meld() -> None:
            self._meten.geparkeerd(reden[0])
            log.warning(
                "bericht_geparkeerd",
                bron=levering.bron,
                positie=record.nummer,
                reden=reden[0],
                boom=boom if boom is not None and _UUID.fullmatch(boom) else None,
            )

        werk.daarna(meld)


def of_reden(lees: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Reden:
    """What ``lees`` makes of a message, or why that cannot be: poison never blocks."""
    try:
        return lees(*args, **kwargs)
    except OnleesbaarBericht as fout:
        return (fout.code.value, fout.uitleg)
    except Exception as fout:  # noqa: BLE001 - a fault of ours: the message is parked with its reason
        return onverwacht(fout)


def onverwacht(fout: Exception) -> Reden:
    """The reason to park a message for, when what went wrong is a fault of ours; it is logged."""
    meld_onverwacht("ontvangst", fout)
    return (MISLUKT, f"onverwacht: {type(fout).__name__}")


def _posities(gelezen: Sequence[Gelezen[Any]]) -> dict[str, int]:
    """How far each source was read: the last of its records counts."""
    return {een.levering.positienaam: een.record.nummer for een in gelezen}


def _is_van_de_opslag(fout: Exception) -> bool:
    """Whether it goes over by itself: then the delivery is simply repeated."""
    return isinstance(fout, Fout | PersistenceError) and not isinstance(fout, DataError)
