"""Two organisations over real connections: whoever calls, what is said arrives, once, in order."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from .contract import overeenkomst
from .organisaties import Organisatie, Uitgever, organisatie
from .zijden import A, B


def vrije_poorten(aantal: int = 2) -> list[int]:
    """So many that nobody has."""
    contacten = [socket.socket() for _ in range(aantal)]
    try:
        for een in contacten:
            een.bind(("127.0.0.1", 0))
        return [een.getsockname()[1] for een in contacten]
    finally:
        for een in contacten:
            een.close()


class Paar:
    """What both need; each can be started, stopped and started again."""

    def __init__(self, map_: Path, beller: str) -> None:
        self.map = map_
        self.poorten = dict(zip("AB", vrije_poorten(), strict=True))
        adressen = {
            oin: f"https://localhost:{self.poorten[wie]}" for wie, oin in (("A", A), ("B", B))
        }
        per_partij: dict[str, Any] = {oin: {"adres": adres} for oin, adres in adressen.items()}
        if beller == A:
            per_partij[A]["adres"] = None
        self.getekend = overeenkomst(per_partij, beller=beller)
        self.uitgever = Uitgever(map_)
        self.opruimen = AsyncExitStack()

    async def start(self, wie: str) -> Organisatie:
        return await self.opruimen.enter_async_context(
            organisatie(self.map, wie, self.getekend, self.uitgever, self.poorten[wie])
        )


async def tot(klaar: Callable[[], bool], seconden: float = 30) -> None:
    async with asyncio.timeout(seconden):
        while not klaar():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture(params=["zender", A], ids=["elk het zijne", "een belt voor beide"])
async def paar(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Paar]:
    een = Paar(tmp_path, request.param)
    async with een.opruimen:
        yield een


async def test_wat_de_een_zegt_heeft_de_ander(paar: Paar) -> None:
    a, b = await paar.start("A"), await paar.start("B")
    await a.zeg(*(b"a%d" % n for n in range(700)))
    await b.zeg(*(b"b%d" % n for n in range(30)))
    await tot(lambda: a.bladen("uit") == b.bladen("in") and b.bladen("uit") == a.bladen("in"))
    assert len(b.bladen("in")) == 700
    assert len(a.bladen("in")) == 30
    await tot(lambda: a.kanaal.verkeer.verbinding().vanaf == 700)
    await tot(lambda: b.kanaal.verkeer.verbinding().vanaf == 30)


async def test_wie_er_een_tijd_niet_is_loopt_daarna_in(paar: Paar) -> None:
    a = await paar.start("A")
    async with AsyncExitStack() as tijdelijk:
        b = await tijdelijk.enter_async_context(
            organisatie(paar.map, "B", paar.getekend, paar.uitgever, paar.poorten["B"])
        )
        await a.zeg(b"een")
        await tot(lambda: len(b.bladen("in")) == 1)
    await a.kanaal.zeg([b"twee", b"drie"])
    b = await paar.start("B")
    await tot(lambda: b.bladen("in") == (b"een", b"twee", b"drie"))
    await b.zeg(b"terug")
    await tot(lambda: a.bladen("in") == (b"terug",))
