"""``/gezond``: this process answers. ``/klaar``: it can work, with the state of each part."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import structlog

from schakel.kern.grond.staat import Staat
from schakel.kern.grond.weigering import Fout

log = structlog.get_logger()
GEDULD: Final = 2.0
"""Seconds within which the parts must have told their state."""


Gezondheid = Callable[[], Mapping[str, Staat] | Awaitable[Mapping[str, Staat]]]
"""Tells the state of each part. A plain function runs in a thread, so it may block."""
Toelichting = Callable[[], Mapping[str, str]]
"""Tells what else there is to know of a part, as a code; does not block."""


class Gereedheid:
    """Asks the parts, and logs when the answer changes."""

    def __init__(self, onderdelen: Gezondheid, toelichting: Toelichting = dict) -> None:
        """Asked at a call of /klaar; who comes while they are being asked hears the same."""
        self._onderdelen = onderdelen
        self.toelichting = toelichting
        self._vorige: tuple[bool, Mapping[str, Staat]] | None = None
        self._lopend: asyncio.Task[Mapping[str, Staat]] | None = None

    async def vraag(self) -> tuple[bool, Mapping[str, Staat]]:
        """Whether this service is ready, and the state of each part."""
        if self._lopend is None:
            self._lopend = asyncio.create_task(self._vraag_onderdelen(), name="gereedheid")
            self._lopend.add_done_callback(self._is_klaar)
        lopend = self._lopend
        # Not whether the time is up: a process that had no processor may find both at once.
        await asyncio.wait({lopend}, timeout=GEDULD)
        delen = {"onderdelen": Staat.WEG}
        if lopend.done():
            with suppress(Fout, OSError):
                delen = dict(lopend.result())
        nu = (Staat.WEG not in delen.values(), delen)
        if nu != self._vorige:
            self._vorige = nu
            log.info("gereedheid_veranderd", klaar=nu[0], onderdelen=delen)
        return nu

    def _is_klaar(self, taak: "asyncio.Task[Mapping[str, Staat]]") -> None:
        self._lopend = None
        if not taak.cancelled():
            taak.exception()  # whoever waited long enough has it

    async def _vraag_onderdelen(self) -> Mapping[str, Staat]:
        if inspect.iscoroutinefunction(self._onderdelen):
            gevraagd: Any = await self._onderdelen()
        else:
            gevraagd = await asyncio.to_thread(self._onderdelen)
            if inspect.isawaitable(gevraagd):
                gevraagd = await gevraagd
        staat: Mapping[str, Staat] = gevraagd
        return staat


def altijd_gereed() -> Mapping[str, Staat]:
    """For a service without parts that can fail."""
    return {}
