"""Simulated staff: for each service people who take up what lies in its werkvoorraad.

They know nothing but the public API and the written set. Every command carries a key that follows
from the run, the melding and its version, so that a crash at any moment repeats nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, NamedTuple, Protocol

from schakel.contracts.fout import Fout
from schakel.contracts.melding import Status
from schakel.contracts.werkstromen import Proces
from schakel.klant import Geweigerd

from .beslissing import Spelmelding, Zet, blijft_zo, volgende_stap, ziet_uit_naar
from .dossier import Dossier, Huis
from .plan import Plan

TEGELIJK = 8
"""Meldingen that the staff of one service have in hand at the same time."""
STIL = 0.25
"""Seconds after which the werkvoorraad is looked at again when nothing was heard."""
GEDULD = 20.0
"""Seconds without any progress after which the course is stuck."""
_OM_KINDEREN = {"overdrachten", "controles"}
"""Steps for which it matters what came of earlier hand-overs."""
_LATER = {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.SERVICE_UNAVAILABLE}


class Vastgelopen(Fout):
    """The set does not go on as it was written."""


class Toeschouwer(Protocol):
    """Sees how far the staff are; ``plek`` is a process, behind the name of its house if any."""

    def gezet(self, plek: str) -> None:
        """A step was taken."""

    def voorraad(self, plek: str, gezien: int, open_: int) -> None:
        """So many meldingen were seen there, so many of them are open."""

    def eerste_meldingen(self, klaar: int) -> None:
        """So many first meldingen are where they should end."""


class Werkplek(NamedTuple):
    """Where people work: one process of one organisation."""

    huis: Huis
    proces: Proces

    def __str__(self) -> str:
        """As it is shown."""
        return f"{self.huis.naam} {self.proces}".lstrip()


class Medewerkers:
    """Plays a set to its end."""

    def __init__(
        self, huizen: Sequence[Huis], plannen: Sequence[Plan], run: str, ziet: Toeschouwer
    ) -> None:
        """Everything is reported in the first house.

        ``run`` makes the keys of this set its own: the same one resumes.
        """
        self._huizen = {huis.oin: huis for huis in huizen}
        self._eerste = huizen[0]
        self._plekken = [Werkplek(huis, proces) for huis in huizen for proces in huis.processen]
        self._plannen = plannen
        self._sleutels = {plan.id for eerste in plannen for plan in eerste.alle()}
        self._run = run
        self._ziet = ziet
        self.dossier = Dossier(huizen)
        """What is known of each melding of the set."""
        self._gedaan: set[tuple[str, int]] = set()
        self._gewacht: dict[str, int] = {}
        self._blijvend: set[str] = set()
        self._rustend: dict[str, set[str]] = {}
        """Per key the places where somebody waits."""
        self._gezien: dict[Werkplek, set[str]] = {plek: set() for plek in self._plekken}
        self._open: dict[Werkplek, Mapping[str, str]] = {}
        self._rustig: dict[Werkplek, int] = {}
        self._gezet = 0
        self._geweigerd: set[tuple[str, int]] = set()
        self._bel = asyncio.Event()

    async def speel(self) -> Mapping[str, str]:
        """Report everything and see it through; return the id of each key's first melding."""
        ruimte = asyncio.Semaphore(TEGELIJK)
        await asyncio.gather(*(self._meld(plan, ruimte) for plan in self._plannen))
        await self.dossier.herinner()
        try:
            async with self._luisterend(), asyncio.TaskGroup() as groep:
                werk = [groep.create_task(self._werk(plek)) for plek in self._plekken]
                groep.create_task(self._bewaak(werk))
        except ExceptionGroup as fouten:
            # What one of them ran into is the news; the others were only called off.
            raise fouten.exceptions[0] from None
        return {sleutel: knoop.id for sleutel, knoop in self.dossier.wortels.items()}

    async def _meld(self, plan: Plan, ruimte: asyncio.Semaphore) -> None:
        huis = self._eerste
        async with ruimte:
            sleutel = f"{self._run}.{plan.id}.intake"
            antwoord = await huis.klanten[plan.proces].stuur("/meldingen", plan.intake(), sleutel)
        id_ = antwoord["meldingId"]
        letters = plan.proces.letter
        self.dossier.voeg_toe(Spelmelding(id_, id_, plan, plan.proces, letters, oin=huis.oin))

    @asynccontextmanager
    async def _luisterend(self) -> AsyncIterator[None]:
        """Every change that an orchestrator sees is a reason to look again."""

        async def luister(huis: Huis) -> None:
            async for _ in huis.klanten["orchestrator"].luister("/wijzigingen", na=0):
                self._bel.set()

        taken = [asyncio.create_task(luister(huis)) for huis in self._huizen.values()]
        try:
            yield
        finally:
            for taak in taken:
                taak.cancel()
            for taak in taken:
                with suppress(asyncio.CancelledError, Fout):
                    await taak

    async def _werk(self, plek: Werkplek) -> None:
        """The staff of one service, until the whole set is done."""
        ruimte = asyncio.Semaphore(TEGELIJK)
        while not self._is_klaar():
            stand = self._gezet
            meldingen = await self._werkvoorraad(plek)
            taken = [self._pak_op(plek, m, ruimte) for m in meldingen]
            await asyncio.gather(*taken)
            self._rustig[plek] = stand
            if self._gezet == stand and not self._is_klaar():
                await self._wacht()

    async def _wacht(self) -> None:
        self._bel.clear()
        # Not wait_for: that may swallow being called off (Python 3.11).
        with suppress(TimeoutError):
            async with asyncio.timeout(STIL):
                await self._bel.wait()

    async def _bewaak(self, werk: Iterable[asyncio.Task[None]]) -> None:
        """Progress, or a clear end; when one is done, all look once more and are done too."""
        lus = asyncio.get_running_loop()
        gezet, sinds = -1, lus.time()
        while not all(taak.done() for taak in werk):
            if self._gezet != gezet:
                gezet, sinds = self._gezet, lus.time()
            elif lus.time() - sinds > GEDULD:
                raise Vastgelopen("vastgelopen", self._waar_het_stokt())
            await asyncio.wait(werk, timeout=STIL)
            self._bel.set()

    async def _werkvoorraad(self, plek: Werkplek) -> list[dict[str, Any]]:
        klant = plek.huis.klanten[plek.proces]
        meldingen: list[dict[str, Any]] = []
        na: str | None = ""
        while na is not None:
            bladzij = await klant.haal("/meldingen", limiet=200, na=na or None)
            meldingen += bladzij["meldingen"]
            na = bladzij["volgende"]
        await self._kijk(plek, meldingen)
        return [m for m in meldingen if m["meldingId"] in self._open[plek]]

    async def _kijk(self, plek: Werkplek, meldingen: Sequence[Mapping[str, Any]]) -> None:
        """Keep count of what is ours."""
        eigen: dict[str, str] = {}
        for m in meldingen:
            id_ = m["meldingId"]
            if await self._zoek(plek, m) is not None:
                eigen[id_] = m["wortelId"]
        self._open[plek] = eigen
        self._gezien[plek] |= eigen.keys()
        self._ziet.voorraad(str(plek), len(self._gezien[plek]), len(eigen))
        if len(self._open) == len(self._plekken):
            bezig = {
                wortel
                for open_ in self._open.values()
                for id_, wortel in open_.items()
                if id_ not in self._blijvend
            }
            bekend = {knoop.id for knoop in self.dossier.wortels.values()}
            self._ziet.eerste_meldingen(len(bekend - bezig))

    async def _zoek(self, plek: Werkplek, melding: Mapping[str, Any]) -> Spelmelding | None:
        id_, wortel = melding["meldingId"], melding["wortelId"]
        return await self.dossier.zoek(id_, wortel, plek.proces, plek.huis.oin)

    async def _pak_op(
        self, plek: Werkplek, melding: Mapping[str, Any], ruimte: asyncio.Semaphore
    ) -> None:
        """Go on with one melding as far as possible."""
        id_ = melding["meldingId"]
        if self._gewacht.get(id_) == melding["versie"]:
            return
        knoop = await self._zoek(plek, melding)
        if knoop is None:
            return
        rustend = self._rustend.setdefault(knoop.plan.id, set())
        async with ruimte:
            weergave: Mapping[str, Any] | None = {**melding, "kinderen": ()}
            while weergave is not None:
                if _moet_lezen(knoop, weergave):
                    weergave = await self.dossier.lees(knoop)
                gedaan = {nummer for wie, nummer in self._gedaan if wie == id_}
                stap = volgende_stap(knoop, weergave, gedaan, rustend)
                if stap is None:
                    rustend.add(knoop.plek)
                    if not ziet_uit_naar(knoop, gedaan):
                        self._laat_rusten(knoop, weergave)
                    return
                weergave = await self._zet(knoop, stap, weergave)

    def _laat_rusten(self, knoop: Spelmelding, weergave: Mapping[str, Any]) -> None:
        self._gewacht[knoop.id] = weergave["versie"]
        (self._blijvend.add if blijft_zo(knoop, weergave) else self._blijvend.discard)(knoop.id)

    async def _zet(
        self, knoop: Spelmelding, stap: Zet, weergave: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """Take a step; return the melding after it, or None when the werkvoorraad knows better."""
        huis = self._huizen[knoop.oin]
        klant, pad = huis.klanten[knoop.proces], f"/meldingen/{knoop.id}/{stap.naam}"
        try:
            antwoord = await klant.stuur(
                pad,
                self._vul_in(stap),
                self._sleutel(knoop, stap, weergave),
                weergave["versie"] if stap.extra is None else None,
            )
        except Geweigerd as fout:
            self._neem_weigering(knoop, stap, weergave, fout)
            return None
        self._gezet += 1
        self._ziet.gezet(str(Werkplek(huis, knoop.proces)))
        if stap.extra is not None:
            # The answer may be that of an earlier run.
            self._gedaan.add((knoop.id, stap.extra))
            return dict(await self.dossier.lees(knoop))
        beoordeeld = {"prioriteit": 1} if stap.naam == "beoordelingen" else {}
        return {**weergave, **antwoord, **beoordeeld}

    def _vul_in(self, stap: Zet) -> Mapping[str, Any]:
        if stap.andere is None:
            return stap.inhoud
        andere = self.dossier.wortels[stap.andere]
        return {**stap.inhoud, "andereId": andere.id, "andereProces": andere.proces.value}

    def _sleutel(self, knoop: Spelmelding, stap: Zet, weergave: Mapping[str, Any]) -> str:
        """An extra step is taken once; an ordinary one belongs to the version it was chosen for."""
        keer = weergave["versie"] if stap.extra is None else f"x{stap.extra}"
        return f"{self._run}.{knoop.plan.id}.{stap.naam}.{knoop.id}.{keer}"

    def _neem_weigering(
        self, knoop: Spelmelding, stap: Zet, weergave: Mapping[str, Any], fout: Geweigerd
    ) -> None:
        """Somebody was before us, or it is busy: look again. Refused twice as it is now is real."""
        if fout.status in _LATER:
            return
        toestand = (knoop.id, weergave["versie"])
        if fout.status != HTTPStatus.CONFLICT or toestand in self._geweigerd:
            raise Vastgelopen(
                "stap-geweigerd", f"{knoop.plan.id} ({knoop.letters}) {stap.naam}: {fout.uitleg}"
            ) from fout
        self._geweigerd.add(toestand)

    def _is_klaar(self) -> bool:
        """Everybody looked after the last step, and only what should stay open is open."""
        rustig = all(self._rustig.get(plek) == self._gezet for plek in self._plekken)
        nog_open = {id_ for open_ in self._open.values() for id_ in open_}
        alles_geopend = self._sleutels <= self.dossier.wortels.keys()
        return rustig and alles_geopend and nog_open <= self._blijvend

    def _waar_het_stokt(self) -> str:
        if mist := sorted(self._sleutels - self.dossier.wortels.keys()):
            return f"nooit geopend: {', '.join(mist)}"
        per_wortel = {knoop.id: sleutel for sleutel, knoop in self.dossier.wortels.items()}
        open_ = [
            f"{per_wortel.get(wortel, wortel)} in {plek}"
            for plek, eigen in self._open.items()
            for id_, wortel in eigen.items()
            if id_ not in self._blijvend
        ]
        return f"er gebeurt niets meer bij: {', '.join(sorted(open_)) or 'niemand'}"


def _moet_lezen(knoop: Spelmelding, weergave: Mapping[str, Any]) -> bool:
    """Whether the werkvoorraad and the answers do not say enough of a melding."""
    om_kinderen = not _OM_KINDEREN.isdisjoint(weergave["mogelijkeStappen"])
    if om_kinderen or weergave["status"] == Status.OVERGEDRAGEN:
        return True
    return any(een.ronde is not None or een.kinderen is not None for _, een in knoop.ingrepen())
