"""The line of the trial passes on what comes, and breaks halfway when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest
from tests.proef.lijn import KEREN, TOT, Lijn

PAGINA = b"x" * 2 * TOT


@pytest.fixture
async def lijn() -> AsyncIterator[tuple[Lijn, int, list[bytes]]]:
    """A line to one that answers with what it got, and what it got."""
    gekregen: list[bytes] = []

    async def antwoord(lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        stuk = b""
        while len(stuk) < len(PAGINA) and (meer := await lezer.read(TOT)):
            stuk += meer
        gekregen.append(stuk)
        schrijver.write(stuk)
        schrijver.close()

    async with await asyncio.start_server(antwoord, "localhost", 0) as achter:
        async with await asyncio.start_server(lambda *_: None, "localhost", 0) as los:
            poort = los.sockets[0].getsockname()[1]
        een = Lijn(poort, achter.sockets[0].getsockname()[1], Random(1))
        async with een.open():
            yield een, poort, gekregen


async def vraag(poort: int) -> bytes:
    lezer, schrijver = await asyncio.open_connection("localhost", poort)
    schrijver.write(PAGINA)
    antwoord = b""
    try:
        while stuk := await lezer.read(TOT):
            antwoord += stuk
    except ConnectionError:
        return antwoord
    finally:
        schrijver.close()
    return antwoord


async def test_een_lijn_breekt_zo_vaak_als_gezegd_midden_in_wat_er_gaat(
    lijn: tuple[Lijn, int, list[bytes]],
) -> None:
    een, poort, gekregen = lijn
    assert await vraag(poort) == PAGINA
    een.knip()
    for _ in range(KEREN):
        assert len(await vraag(poort)) < len(PAGINA)
    assert een.geknipt == KEREN
    assert await vraag(poort) == PAGINA
    assert gekregen[0] == gekregen[-1] == PAGINA
    assert any(0 < len(stuk) < len(PAGINA) for stuk in gekregen), "none of them halfway"
