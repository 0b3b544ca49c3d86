"""The product calls: its own caller asks the scripted partner, who answers, and may lie in that."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random

import httpx
from tests.grens.leugens.partner import Antwoord, als_json
from tests.grens.leugens.toneel import Toneel, toneel

from schakel.grens.beller import Beller

Vervang = Callable[[Toneel, Antwoord], Antwoord | httpx.Response]
"""What is answered in the place of what is true."""


@dataclass
class Gesprek:
    """The product calls the partner, for as long as it lasts."""

    spel: Toneel
    op: tuple[str, str] = ("", "")
    """The call that is answered with a lie, once."""
    vervang: Vervang | None = None
    gezegd: bytes = b""
    """The lie, as it went."""
    oproepen: list[tuple[str, str]] = field(default_factory=list)
    gebracht: list[bytes] = field(default_factory=list)
    """The pages, as they came."""

    async def antwoord(self, vraag: httpx.Request) -> httpx.Response:
        """As the partner answers a call."""
        methode, pad = vraag.method, vraag.url.path
        wat = (methode, pad.rpartition("/")[2])
        self.oproepen.append(wat)
        ruw = await vraag.aread()
        if wat == ("POST", "paginas"):
            self.gebracht.append(ruw)
        waar = self.spel.partner.behandel(methode, pad, ruw, vraag.url.params)
        antwoord: Antwoord | httpx.Response = waar
        if self.vervang is not None and wat == self.op:
            vervang, self.vervang = self.vervang, None
            antwoord = vervang(self.spel, waar)
            if not isinstance(antwoord, httpx.Response):
                self.gezegd = als_json(antwoord[1])
        if isinstance(antwoord, httpx.Response):
            return antwoord
        status, inhoud = antwoord
        if inhoud is None:
            await asyncio.sleep(0.01)
        return stroom(status, b"" if inhoud is None else als_json(inhoud))

    async def tot(self, klaar: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(10):
            while not klaar():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    @property
    def is_bij(self) -> bool:
        """Whether each has all that the other said, and knows that it has."""
        partner, verkeer = self.spel.partner, self.spel.kanaal.verkeer
        uit = verkeer.stand_uit().omvang
        gehoord = len(partner.ontvanger.bladen) == uit == verkeer.verbinding().vanaf
        return gehoord and partner.bewezen == len(partner.zender.bladen)

    async def wissel_uit(self) -> None:
        """Something is said by both, and both have it."""
        spel = self.spel
        await self.tot(lambda: spel.kanaal.verkeer.verbinding().is_hervat)
        spel.partner.zender.zeg(spel.blad(), spel.blad())
        await spel.zeg(spel.ons_blad())
        await self.tot(lambda: self.is_bij)
        await spel.product.leef()
        await self.tot(lambda: self.is_bij)
        await spel.is_gelijk()


@asynccontextmanager
async def gesprek(zaad: int) -> AsyncIterator[Gesprek]:
    """A stage on which the product makes all calls, some traffic behind it."""
    async with toneel(zaad, wij_bellen=True) as spel:
        een = Gesprek(spel)
        klant = httpx.AsyncClient(transport=httpx.MockTransport(een.antwoord))
        partij = spel.kanaal.verkeer.partij
        beller = Beller(partij, spel.kanaal, klant, toeval=Random(1), slaap=_kort)  # type: ignore[arg-type]
        taak = asyncio.create_task(beller.draai())
        try:
            await een.wissel_uit()
            yield een
        finally:
            taak.cancel()
            await asyncio.wait([taak])
            await klant.aclose()
            if not taak.cancelled():
                taak.result()


def stroom(status: int, inhoud: bytes, **koppen: str) -> httpx.Response:
    """An answer that is still to be read, as from a socket."""

    async def delen() -> AsyncIterator[bytes]:
        yield inhoud

    return httpx.Response(status, content=delen(), headers=koppen)


async def _kort(_: float) -> None:
    await asyncio.sleep(0.01)
