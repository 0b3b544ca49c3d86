"""Staff for thousands of meldingen at once, over the public API, whatever happens meanwhile.

Each written melding is seen through by itself, with all that comes of it: what to do next is what
the staff of the demo decide (`beslissing`). What fails is asked again with the same key until it
succeeds, and every answer is written down: what was promised must be kept.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import cycle
from pathlib import Path
from typing import Any

import httpx

from schakel.klant import Geweigerd, Klant, Onbereikbaar
from schakel.proefspel.beslissing import Spelmelding, Zet, blijft_zo, volgende_stap
from schakel.proefspel.medewerkers import _moet_lezen
from schakel.proefspel.plan import Plan

GEDULD = 120.0
"""Seconds in which a request must succeed, and in which some melding must go on."""
LOKETTEN = 16
"""Requests to one service at a time; the others wait here."""
KORT, LANG = 0.05, 1.0
"""Seconds between two looks at what does not change."""
_OVER = {"gesloten"}
_STRAKS = {429, 503}
_NOG_NIET = 404
_KIJK_OPNIEUW = {409, 412}


class Vastgelopen(Exception):
    """Something did not go on, or was answered as it never should be."""


class Volhouder(Klant):
    """Asks until it is answered."""

    herhaald = 0
    bevestigd: TextIOWrapper
    loketten: asyncio.Semaphore
    beurt: Iterator[str]
    """Every request goes to the next replica."""

    async def stuur(
        self, pad: str, inhoud: Mapping[str, Any], sleutel: str, als_versie: int | None = None
    ) -> Any:
        """Command; the answer is written down."""
        antwoord = await super().stuur(pad, inhoud, sleutel, als_versie)
        self.bevestigd.write(json.dumps({"sleutel": sleutel, "antwoord": antwoord}) + "\n")
        return antwoord

    async def _verstuur(self, methode: str, pad: str, **opties: Any) -> httpx.Response:
        self.adres = next(self.beurt)
        return await super()._verstuur(methode, pad, **opties)

    async def _vraag(self, methode: str, pad: str, **opties: Any) -> Any:
        begin, pauze = time.monotonic(), KORT
        while True:
            try:
                async with self.loketten:  # at every request httpx looks at all that wait
                    return await super()._vraag(methode, pad, **opties)
            except Geweigerd as fout:
                if fout.status not in _STRAKS:
                    raise
                mis = fout
            except Onbereikbaar as fout:
                mis = fout
            if time.monotonic() - begin > GEDULD:
                raise Vastgelopen(f"{GEDULD:.0f} s lang geen antwoord op {pad}: {mis}") from mis
            self.herhaald += 1
            await asyncio.sleep(pauze)
            pauze = min(LANG, 2 * pauze)


@asynccontextmanager
async def volhouders(
    adressen: Mapping[str, Sequence[str]], antwoorden: Path
) -> AsyncIterator[Mapping[str, Volhouder]]:
    """A customer of each service; all answers go to ``antwoorden``."""
    async with AsyncExitStack() as opruimen:
        bestand = opruimen.enter_context(antwoorden.open("a"))
        bij = {}
        for naam, replicas in adressen.items():
            http = await opruimen.enter_async_context(
                httpx.AsyncClient(timeout=httpx.Timeout(10.0, connect=3.0), trust_env=False)
            )
            bij[naam] = Volhouder(naam, replicas[0], http)
            bij[naam].beurt = cycle(replicas)
            bij[naam].bevestigd = bestand
            bij[naam].loketten = asyncio.Semaphore(LOKETTEN)
        yield bij


@dataclass
class Stand:
    """How far the whole load is."""

    totaal: int
    klaar: int = 0
    stappen: int = 0
    wacht: dict[str, str] = field(default_factory=dict)
    """Who waits now, and for what."""
    ids: list[tuple[str, str]] = field(default_factory=list)
    """The id of each first melding, and which of the written ones it is."""


class Opvoering:
    """One copy of the written set; ``run`` makes its keys its own."""

    def __init__(self, bij: Mapping[str, Klant], run: str, stand: Stand) -> None:
        self._bij = bij
        self._run = run
        self._stand = stand
        self._wortels: dict[str, asyncio.Future[Spelmelding]] = {}

    async def speel(self, plan: Plan) -> None:
        """Report one melding and see it through, with all that comes of it."""
        sleutel = f"{self._run}.{plan.id}.intake"
        antwoord = await self._bij[plan.proces].stuur("/meldingen", plan.intake(), sleutel)
        await self._begeleid(plan, antwoord["meldingId"])

    async def _begeleid(self, plan: Plan, melding_id: str) -> None:
        wortel = Spelmelding(melding_id, melding_id, plan, plan.proces, plan.proces.letter)
        self._plek(plan.id).set_result(wortel)
        self._stand.ids.append((melding_id, plan.id))
        await self._zie_door(wortel)
        self._stand.klaar += 1

    def _plek(self, plan_id: str) -> asyncio.Future[Spelmelding]:
        return self._wortels.setdefault(plan_id, asyncio.get_running_loop().create_future())

    async def _zie_door(self, knoop: Spelmelding) -> None:
        """One melding to its end; each child and whatever comes of it is a task of its own."""
        bekend: set[str] = set()
        gedaan: set[int] = set()
        async with asyncio.TaskGroup() as groep:
            weergave = await self._lees(knoop)
            pauze, versie = KORT, 0
            while True:
                for kind in weergave["kinderen"]:
                    if kind["meldingId"] not in bekend:
                        bekend.add(kind["meldingId"])
                        groep.create_task(self._zie_door(knoop.kind(kind)))
                stap = volgende_stap(knoop, weergave, gedaan)
                if stap is None:
                    if weergave["status"] in _OVER or blijft_zo(knoop, weergave):
                        return
                    weergave = await self._wacht(knoop, weergave, pauze)
                    pauze = KORT if weergave["versie"] != versie else min(LANG, 2 * pauze)
                else:
                    weergave = await self._zet(knoop, stap, weergave, gedaan, groep)
                versie = weergave["versie"]

    async def _wacht(self, knoop: Spelmelding, weergave: Mapping[str, Any], pauze: float) -> Any:
        """For what others do; return the melding after a while."""
        kinderen = [f"{kind['naar']} {kind['status']}" for kind in weergave["kinderen"]]
        self._stand.wacht[knoop.id] = (
            f"{self._run} {knoop.plan.id} ({knoop.letters}) {knoop.id}: {weergave['status']},"
            f" versie {weergave['versie']}, {kinderen}"
        )
        await asyncio.sleep(pauze)
        gelezen = await self._lees(knoop)
        del self._stand.wacht[knoop.id]
        return gelezen

    async def _lees(self, knoop: Spelmelding) -> Any:
        """A melding as it is now; that of a child comes into being when its message arrives."""
        pauze = KORT
        while True:
            try:
                return await self._bij[knoop.proces].haal(f"/meldingen/{knoop.id}")
            except Geweigerd as fout:
                if fout.status != _NOG_NIET:
                    raise Vastgelopen(f"{knoop.plan.id} ({knoop.letters}): {fout}") from fout
            self._stand.wacht[knoop.id] = (
                f"{self._run} {knoop.plan.id} ({knoop.letters}): is er niet"
            )
            await asyncio.sleep(pauze)
            self._stand.wacht.pop(knoop.id)
            pauze = min(LANG, 2 * pauze)

    async def _zet(
        self,
        knoop: Spelmelding,
        stap: Zet,
        weergave: Mapping[str, Any],
        gedaan: set[int],
        groep: asyncio.TaskGroup,
    ) -> Mapping[str, Any]:
        """Take a step; return the melding after it."""
        pad = f"/meldingen/{knoop.id}/{stap.naam}"
        keer = weergave["versie"] if stap.extra is None else f"x{stap.extra}"
        sleutel = f"{self._run}.{knoop.plan.id}.{stap.naam}.{knoop.id}.{keer}"
        als_versie = weergave["versie"] if stap.extra is None else None
        inhoud = await self._vul_in(stap)
        try:
            antwoord = await self._bij[knoop.proces].stuur(pad, inhoud, sleutel, als_versie)
        except Geweigerd as fout:
            if fout.status not in _KIJK_OPNIEUW:
                waar = f"{knoop.plan.id} ({knoop.letters}) {stap.naam}"
                raise Vastgelopen(f"{waar}: {fout}") from fout
            await asyncio.sleep(KORT)
            return dict(await self._lees(knoop))
        self._stand.stappen += 1
        beoordeeld = {"prioriteit": 1} if stap.naam == "beoordelingen" else {}
        na = {**weergave, **antwoord, **beoordeeld}
        if stap.extra is not None:
            gedaan.add(stap.extra)
        geeft_nieuwe = any(een.stap == stap.naam and een.opent for _, een in knoop.ingrepen())
        if stap.extra is None and not geeft_nieuwe and not _moet_lezen(knoop, na):
            return na
        gelezen = dict(await self._lees(knoop))
        self._volg_wat_eruit_komt(knoop, gelezen, groep)
        return gelezen

    async def _vul_in(self, stap: Zet) -> Mapping[str, Any]:
        if stap.andere is None:
            return stap.inhoud
        andere = await asyncio.shield(self._plek(stap.andere))
        return {**stap.inhoud, "andereId": andere.id, "andereProces": andere.proces.value}

    def _volg_wat_eruit_komt(
        self, knoop: Spelmelding, weergave: Mapping[str, Any], groep: asyncio.TaskGroup
    ) -> None:
        """New first meldingen that are voortgekomen uit this one, in the order of the plan."""
        sleutels = [sleutel for _, een in knoop.ingrepen() for sleutel in een.opent]
        for id_, sleutel in zip(weergave["voortgekomen"], sleutels, strict=False):
            if not self._plek(sleutel).done():
                groep.create_task(self._begeleid(knoop.plan.uit(sleutel), id_))


async def speel_alles(
    bij: Mapping[str, Klant], plannen: Sequence[Plan], kopieen: int, tegelijk: int, stand: Stand
) -> None:
    """Every copy of the set to its end, so many meldingen at a time."""
    plek = asyncio.Semaphore(tegelijk)

    async def een(opvoering: Opvoering, plan: Plan) -> None:
        async with plek:
            await opvoering.speel(plan)

    try:
        async with asyncio.TaskGroup() as groep:
            bewaker = groep.create_task(_bewaak(stand))
            async with asyncio.TaskGroup() as werk:
                for nummer in range(kopieen):
                    opvoering = Opvoering(bij, f"chaos-{nummer}", stand)
                    for plan in plannen:
                        werk.create_task(een(opvoering, plan))
            bewaker.cancel()
    except ExceptionGroup as fouten:
        raise _eerste(fouten) from None


async def _bewaak(stand: Stand) -> None:
    """Whoever waits for what was lost, waits until all others are done: then nothing goes on."""
    stappen, sinds = -1, time.monotonic()
    while True:
        await asyncio.sleep(LANG)
        if stand.stappen != stappen:
            stappen, sinds = stand.stappen, time.monotonic()
        elif time.monotonic() - sinds > GEDULD:
            raise Vastgelopen(
                "\n".join(("er gebeurt niets meer:", *list(stand.wacht.values())[:20]))
            )


def _eerste(fout: BaseException) -> BaseException:
    while isinstance(fout, BaseExceptionGroup):
        fout = fout.exceptions[0]
    return fout
