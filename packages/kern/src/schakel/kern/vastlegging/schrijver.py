"""Group commit: all tasks that wait become one transaction, and are answered together.

One writer per store. Callers await; a batch forms by itself while the former one is written, so
nothing ever waits for a batch to fill. A task that is refused leaves nothing behind and hinders no
other. When a transaction fails, its tasks are run again one by one from fresh state: what was
stored after all is found by its idempotency key or in the inbox.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import monotonic, perf_counter
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from schakel.contracts.decoders import decoder_van
from schakel.kern.grond.weigering import OpslagFout, Overbelast, SleutelHergebruikt
from schakel.kern.opslag import DataError, IntegrityError, PersistenceError
from schakel.kern.zicht.logboek import meld_onverwacht
from schakel.kern.zicht.meten import Meten

from .audit import BEZIG, Handeling, resultaat_van
from .gebeurtenis import Door
from .transactie import Transactie, Transacties

T = TypeVar("T")
W = TypeVar("W", bound=Transactie)

MAX_TAKEN = 500
"""Tasks in one transaction."""

POGINGEN = 3
"""How often a task is run alone before a conflict is told to its caller."""

_SCHRIJF = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Taak(Generic[W, T]):
    """What to do with the store, and the answer's type so that it can be given again.

    ``door`` is who acts. ``sleutel`` and ``digest`` identify a command (D9): the same two get the
    same answer.
    """

    doe: Callable[[W], T]
    soort: type[T]
    door: Door
    spoor: str | None = None
    sleutel: str | None = None
    digest: bytes = b""
    handeling: Handeling | None = None
    """What an operator does with it, to be written down with what comes of it."""


class Gegeven(NamedTuple):
    """An answer that was given, and whether a digest is that of the command it was given to."""

    antwoord: bytes
    klopt: Callable[[bytes], bool]


class Antwoordenboek(Protocol):
    """Where answers are kept, to be given again to who repeats a command (D9)."""

    def zoek(self, sleutels: Collection[str]) -> Mapping[str, Gegeven]:
        """What was answered under these keys; at least one is asked for."""

    def bewaar(self, werk: Transactie, sleutel: str, digest: bytes, antwoord: bytes) -> None:
        """Keep the answer of the task at hand, in the transaction of this batch."""


Uitslag = Any | Exception


class Schrijver(Generic[W]):
    """The only one that writes to a store."""

    def __init__(
        self,
        transacties: Transacties[W],
        klok: Callable[[], datetime],
        *,
        wachtrij: int = 10_000,
        na_commit: Callable[[], None] | None = None,
        meten: Meten | None = None,
        antwoorden: Antwoordenboek | None = None,
    ) -> None:
        """``na_commit`` is called in the event loop after each durable batch: a hint to readers.

        Not after one that stored nothing: a reader that asks the writer would wake itself for ever.

        Without ``antwoorden`` no task has a key.
        """
        self._transacties = transacties
        self._klok = klok
        self._grens = wachtrij
        self._na_commit = na_commit
        self._meten = meten or Meten()
        self._antwoorden = antwoorden
        self._wachtend: deque[tuple[Taak[W, Any], asyncio.Future[Any]]] = deque()
        self._draad = ThreadPoolExecutor(1, thread_name_prefix="schrijver")
        self._bezig: asyncio.Task[None] | None = None
        self._sluit_af = False
        self._schreef = False
        """Whether the present batch had anything to store, also when that failed: it may stand."""
        self._sinds: float | None = None
        self.aantal_transacties = 0
        self.aantal_taken = 0
        """How many were answered; known to each of them before its own answer."""
        self.is_dood = False
        """Whether its thread could not work at the last batch."""

    @property
    def aantal_wachtend(self) -> int:
        """How many tasks wait to be written."""
        return len(self._wachtend)

    @property
    def bezig_seconden(self) -> float:
        """How long the present batch takes already."""
        return 0.0 if (sinds := self._sinds) is None else monotonic() - sinds

    async def voer_uit(self, taak: Taak[W, T]) -> T:
        """Do ``taak`` durably; raises what it raises, Overbelast, or OpslagFout."""
        if self._sluit_af:
            raise Overbelast("dienst-stopt", "deze dienst stopt; probeer het zo opnieuw")
        if len(self._wachtend) >= self._grens:
            raise Overbelast("wachtrij-vol", "er wacht te veel; probeer het zo opnieuw")
        if (handeling := BEZIG.get()) is not None and handeling.is_open:
            handeling.is_open, taak.handeling = False, handeling
        toekomst: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._wachtend.append((taak, toekomst))
        if self._bezig is None:
            self._bezig = asyncio.create_task(self._werk_weg(), name="schrijver")
        return await toekomst

    async def boek(self, handeling: Handeling, resultaat: str) -> None:
        """Write down what an operator did, or was refused, in a transaction of its own."""
        door = Door(handeling.wie, handeling.rol)
        await self.voer_uit(Taak(lambda werk: handeling.boek(werk, resultaat), type(None), door))

    async def _werk_weg(self) -> None:
        try:
            while self._wachtend:
                aantal = min(MAX_TAKEN, len(self._wachtend))
                self._schreef = False
                await self._werk_partij_weg([self._wachtend.popleft() for _ in range(aantal)])
        finally:
            self._bezig = None

    async def _werk_partij_weg(
        self, partij: Sequence[tuple[Taak[W, Any], asyncio.Future[Any]]]
    ) -> None:
        """Whatever happens to a batch: each of its callers is answered, and the writer goes on."""
        taken = [taak for taak, _ in partij]
        uitslagen: Sequence[Uitslag] = [_opslagfout()] * len(partij)
        self._sinds = monotonic()
        try:
            uitslagen = await asyncio.get_running_loop().run_in_executor(
                self._draad, self._schrijf_of_herhaal, taken
            )
            self.is_dood = False
        except Exception as fout:  # noqa: BLE001 - a thread that cannot work is told, not awaited
            self.is_dood = True
            meld_onverwacht("schrijver", fout)
        finally:
            self._sinds = None
            self.aantal_taken += len(partij)
            if self._schreef:
                self._geef_hint()
            for (_, toekomst), uitslag in zip(partij, uitslagen, strict=True):
                if not toekomst.done():  # else the caller went away; the work stands
                    _antwoord(toekomst, uitslag)

    def _geef_hint(self) -> None:
        """Before the callers hear of it: who reads on need not wait for what they do then."""
        try:
            if self._na_commit is not None:
                self._na_commit()
        except Exception as fout:  # noqa: BLE001 - if the hint fails, nobody waits for that
            meld_onverwacht("hint", fout)

    def _schrijf_of_herhaal(self, taken: Sequence[Taak[W, Any]]) -> list[Uitslag]:
        """Runs in the writer's thread."""
        try:
            return self._schrijf(taken)
        except Exception:  # noqa: BLE001 - whose fault it is shows when each runs alone
            uitslagen: list[Uitslag] = []
            for taak in taken:
                # A store that is away costs a wait for each: after two the others hear it at once.
                is_weg = [type(uitslag) for uitslag in uitslagen[-2:]] == [OpslagFout] * 2
                uitslagen.append(_opslagfout() if is_weg else self._herhaal(taak))
            return uitslagen

    def _herhaal(self, taak: Taak[W, Any]) -> Uitslag:
        """One task, in a transaction of its own; from fresh state again after a conflict."""
        for _ in range(POGINGEN):
            try:
                return self._schrijf([taak])[0]
            except IntegrityError:
                continue
            except DataError as fout:  # what this task writes can never be stored
                return fout
            except PersistenceError:
                return _opslagfout()
            except Exception as fout:  # noqa: BLE001 - this task's alone, and told to its caller
                return fout
        return Overbelast(
            "gelijktijdig-gewijzigd", "een ander wijzigt dit ook; probeer het opnieuw"
        )

    def _schrijf(self, taken: Sequence[Taak[W, Any]]) -> list[Uitslag]:
        begin = perf_counter()
        with self._transacties.beurt():
            return self._doe_alle(taken, begin)

    def _doe_alle(self, taken: Sequence[Taak[W, Any]], begin: float) -> list[Uitslag]:
        werk = self._transacties.begin(self._klok())
        geschreven = False
        try:
            eerder = self._eerdere_antwoorden(taken)
            uitslagen = [self._doe_en_boek(werk, taak, eerder) for taak in taken]
            lading = werk.sluit_af()
            if lading:
                self._schreef = True
                self._transacties.opslag.schrijf(lading)
                self.aantal_transacties += 1
                duur = perf_counter() - begin
                self._meten.transactie(len(taken), len(lading.gebeurtenissen), duur)
            geschreven = True
        finally:
            if not geschreven:
                werk.is_mislukt()
                self._meten.transactie_mislukt()
        werk.is_geschreven()
        return uitslagen

    def _eerdere_antwoorden(self, taken: Sequence[Taak[W, Any]]) -> dict[str, Gegeven]:
        sleutels = [taak.sleutel for taak in taken if taak.sleutel is not None]
        if not sleutels or self._antwoorden is None:
            return {}
        return dict(self._antwoorden.zoek(sleutels))

    def _doe_en_boek(self, werk: W, taak: Taak[W, Any], eerder: dict[str, Gegeven]) -> Uitslag:
        uitslag = self._doe(werk, taak, eerder)
        if taak.handeling is not None:
            taak.handeling.boek(werk, resultaat_van(uitslag))
        return uitslag

    def _doe(self, werk: W, taak: Taak[W, Any], eerder: dict[str, Gegeven]) -> Uitslag:
        if taak.sleutel is not None and (gegeven := eerder.get(taak.sleutel)) is not None:
            if not gegeven.klopt(taak.digest):
                return SleutelHergebruikt(
                    "sleutel-hergebruikt",
                    "deze Idempotency-Key hoort bij een ander verzoek; neem een nieuwe sleutel",
                )
            return decoder_van(taak.soort).decode(gegeven.antwoord)
        punt = werk.punt()
        try:
            antwoord = taak.doe(werk)
            werk.leg_vast(taak.door, taak.spoor)
        except PersistenceError:
            raise
        except Exception as fout:  # noqa: BLE001 - whatever one task raises is that caller's alone
            werk.terug(punt)
            return fout
        if taak.sleutel is not None and self._antwoorden is not None:
            tekst = _SCHRIJF(antwoord)
            eerder[taak.sleutel] = Gegeven(tekst, taak.digest.__eq__)
            self._antwoorden.bewaar(werk, taak.sleutel, taak.digest, tekst)
        return antwoord

    async def sluit(self) -> None:
        """Finish what was accepted, then stop."""
        self._sluit_af = True
        if self._bezig is not None:
            await self._bezig
        await asyncio.to_thread(self._draad.shutdown)


def _antwoord(toekomst: asyncio.Future[Any], uitslag: Uitslag) -> None:
    if not isinstance(uitslag, Exception):
        toekomst.set_result(uitslag)
    elif isinstance(uitslag, StopIteration):  # no future takes that one
        toekomst.set_exception(RuntimeError("een taak hield zomaar op"))
    else:
        toekomst.set_exception(uitslag)


def _opslagfout() -> OpslagFout:
    # Whether it was stored is not sure: the answer may be what was lost.
    return OpslagFout(
        "opslag-fout", "de opslag kan nu niet schrijven; herhaal het verzoek met dezelfde sleutel"
    )
