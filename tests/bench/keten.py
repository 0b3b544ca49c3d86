"""The chain of werkstroom 3 in one process: real services, a real bus, commands given in code.

Two ways to have the steps taken, both durable before anyone hears of them:

* ``vlot``: each of the five stretches in one transaction, the one of the message that it follows.
  That is what other systems do, which keep the state once per step.
* ``los``: each of the twenty-five commands by itself, as employees give them.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import count
from typing import Any, Literal
from uuid import UUID

from uuid_utils.compat import uuid7

from schakel.contracts.werkstromen import Proces
from schakel.kern.bezorging.ontvanger import Effect, Verwerker
from schakel.kern.bus.bericht import Bericht
from schakel.kern.grond.rollen import Rol
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Taak
from schakel.kern.vastlegging.werk import Werk
from schakel.skelet.antwoorden import Antwoord
from schakel.skelet.melding import Melding
from schakel.skelet.proces import Omschrijving, Procesdienst
from schakel.skelet.stappen.begin import Aangenomen
from schakel.skelet.stappen.overdracht import Teruggekeerd

from .gang import intake, kop, opdrachten_na

Manier = Literal["vlot", "los"]
Klaar = Callable[[Sequence[UUID], float], None]
"""Called when the state of finished ones is stored: which, and when. From any thread."""


def klaar_na(werk: Werk[Any], id_: UUID, klaar: Klaar) -> None:
    """``id_`` is finished once what ``werk`` did is stored; ``klaar`` hears it once per batch."""
    ids: list[UUID] | None = vars(werk).get("klaar")
    if ids is None:
        ids = vars(werk)["klaar"] = []
        eerst = werk.is_geschreven

        def en_dan() -> None:
            eerst()
            klaar(ids, time.perf_counter())

        vars(werk)["is_geschreven"] = en_dan
    ids.append(id_)


class Vervolg:
    """The reactions of a service, with what its employees then do."""

    def __init__(self, verwerker: Verwerker, doe: Callable[[Werk[Any], Melding], None]) -> None:
        self.typen, self.raakt_ons = verwerker.typen, verwerker.raakt_ons
        self._verwerker = verwerker
        self._doe = doe

    def duid(self, bericht: Bericht) -> Effect | None:
        """See ``Verwerker``."""
        effect = self._verwerker.duid(bericht)
        return None if effect is None else effect._replace(doe=partial(self._na, effect))

    def _na(self, effect: Effect, werk: Werk[Any]) -> None:
        effect.doe(werk)
        for melding in [m for m in werk._aangeraakt.values() if m.nieuw]:
            self._doe(werk, melding)


class Medewerkers:
    """Those who work in one service of the chain."""

    def __init__(
        self, proces: Procesdienst[Any], omschrijving: Omschrijving[Any], groep: asyncio.TaskGroup
    ) -> None:
        self.proces = proces
        self._groep = groep
        self._na = opdrachten_na(omschrijving)
        self._laatste = self._na.get(Teruggekeerd, ())[-1:]
        self._is_eerste = omschrijving.proces is Proces.HERSTELLEN
        self._lus = asyncio.get_running_loop()
        self._sleutels = count()

    def doe_vlot(self, klaar: Klaar) -> Callable[[Werk[Any], Melding], None]:
        """What follows is in the same transaction."""

        def doe(werk: Werk[Any], melding: Melding) -> None:
            self.neem_stappen(werk, melding)
            if self._is_eerste and melding.is_gesloten:
                klaar_na(werk, melding.id, klaar)

        return doe

    def neem_stappen(self, werk: Werk[Any], melding: Melding) -> None:
        """All that is done now, at once."""
        for opdracht in self._na.get(type(melding.nieuw[-1]), ()):
            self.proces.dienst._vraag(melding.id, opdracht, None, werk)

    def doe_los(self, klaar: Klaar) -> Callable[[Werk[Any], Melding], None]:
        """What follows are commands of their own: they come in behind this batch."""

        def doe(_: Werk[Any], melding: Melding) -> None:
            opdrachten = self._na.get(type(melding.nieuw[-1]), ())
            if opdrachten:
                taak = self.geef_opdrachten(melding.id, opdrachten, klaar)
                self._lus.call_soon_threadsafe(self._groep.create_task, taak)

        return doe

    async def geef_opdrachten(self, id_: UUID, opdrachten: Sequence[Any], klaar: Klaar) -> None:
        """One after the other, each when the former is stored."""
        for opdracht in opdrachten:
            await self.proces.dienst.doe(id_, opdracht, kop(f"s{next(self._sleutels)}"))
        if self._is_eerste and opdrachten[-1:] == self._laatste:
            klaar([id_], time.perf_counter())

    async def neem_aan(self, manier: Manier, klaar: Klaar) -> UUID:
        """Let a melding begin; returns when the first stretch is stored."""
        sleutel = kop(f"i{next(self._sleutels)}", Rol.INTAKER)
        if manier == "los":
            antwoord = await self.proces.dienst.neem_aan(intake(), sleutel)
            id_ = UUID(antwoord["meldingId"])
            await self.geef_opdrachten(id_, self._na[Aangenomen], klaar)
            return id_
        id_ = uuid7()

        def doe(werk: Werk[Any]) -> Antwoord:
            antwoord = self.proces.dienst._neem_aan(intake(), id_, werk)
            self.neem_stappen(werk, werk.haal(id_))
            return antwoord

        door = Door("lokaal", Rol.INTAKER.value)
        await self.proces.schrijver.voer_uit(
            Taak(doe, Antwoord, door, sleutel=f"lokaal:{sleutel.sleutel}")
        )
        return id_


class Dienstketen:
    """The three services, opened and linked; ``begin`` starts a melding."""

    def __init__(
        self,
        processen: Iterable[tuple[Procesdienst[Any], Omschrijving[Any]]],
        manier: Manier,
        klaar: Klaar,
        groep: asyncio.TaskGroup,
    ) -> None:
        """What employees do runs in ``groep``, so that a refusal ends the measurement."""
        self._manier: Manier = manier
        self._klaar = klaar
        self.medewerkers = [Medewerkers(*beide, groep) for beide in processen]
        for zij in self.medewerkers:
            ontvanger = zij.proces.ontvanger
            doe = zij.doe_vlot if manier == "vlot" else zij.doe_los
            ontvanger._verwerker = Vervolg(ontvanger._verwerker, doe(klaar))

    @property
    def deelnemers(self) -> Sequence[Procesdienst[Any]]:
        """See ``Keten``."""
        return [zij.proces for zij in self.medewerkers]

    async def begin(self) -> UUID:
        """A new melding in the first service."""
        return await self.medewerkers[0].neem_aan(self._manier, self._klaar)

    @asynccontextmanager
    async def draaiend(self) -> AsyncIterator[None]:
        """Run all of them, without HTTP."""
        async with AsyncExitStack() as opruimen:
            for zij in self.medewerkers:
                app = zij.proces.app
                await opruimen.enter_async_context(app.router.lifespan_context(app))
            yield
