"""Section 11: one byte at a time, or none. Whoever does so is let go, and others notice nothing."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from time import monotonic

import pytest

from schakel.grens import luisteraar
from schakel.kern.http import protocol, verbindingen
from schakel.kern.http.verbindingen import Fase

from .conftest import Proef
from .vreemde import JSON, SESSIE, A, Lijn, compact

LOGBOEK = f"/v1/logboeken/{A}"
KORT = 0.5
"""Instead of 30 seconds."""
RONDE = 1.0
"""The server looks once a second who keeps it waiting."""


@pytest.fixture
def kort(monkeypatch: pytest.MonkeyPatch) -> None:
    """The listener as it is made, with less patience."""
    assert (luisteraar.GEDULD, luisteraar.PARTNERGEDULD[Fase.KOP]) == (30, 30)
    snel = {Fase.KOP: KORT, Fase.INHOUD: KORT + 1, Fase.LEZEN: KORT}
    monkeypatch.setattr(luisteraar, "GEDULD", KORT)
    monkeypatch.setattr(luisteraar, "PARTNERGEDULD", luisteraar.PARTNERGEDULD | snel)


@asynccontextmanager
async def druppelt(lijn: Lijn, ruw: bytes) -> AsyncIterator[None]:
    """Far more bytes than fit in the time, one at a time."""

    async def doe() -> None:
        with suppress(ConnectionError):
            for een in ruw:
                lijn.schrijf(bytes([een]))
                await lijn.schrijver.drain()
                await asyncio.sleep(0.1)

    taak = asyncio.create_task(doe())
    try:
        yield
    finally:
        taak.cancel()
        lijn.sluit()


async def einde(lijn: Lijn) -> bytes:
    """All that is still said, until the other hangs up."""
    with suppress(ConnectionError):
        return await lijn.lezer.read()
    return b""


async def test_wie_druppelt_is_na_zijn_tijd_weg(kort: None, proef: Proef) -> None:
    """Each byte is a sign of life, and gives no more time."""
    await proef.a.hervat()
    ruw = compact(proef.a.log.pagina(proef.a.sessie, 0) | {"vul": "x" * 500})
    kop = f"POST {LOGBOEK}/paginas HTTP/1.1\r\nHost: x\r\n{JSON}\r\nContent-Length: {len(ruw)}\r\n"

    async def probeer(ineens: bytes, druppels: bytes) -> bytes:
        lijn, begin = await proef.a.lijn(), monotonic()
        lijn.schrijf(ineens)
        async with druppelt(lijn, druppels), asyncio.timeout(20):
            gezegd = await einde(lijn)
        assert KORT - 0.1 < monotonic() - begin < KORT + RONDE + 5  # a busy machine
        return gezegd

    aan_kop, aan_inhoud, aan_niets = await asyncio.gather(
        probeer(b"", kop.encode()), probeer(f"{kop}\r\n".encode(), ruw), probeer(b"", b"")
    )
    assert (aan_kop, aan_niets) == (b"", b"")
    assert b'"code":"ongeldig"' in aan_inhoud
    assert proef.ingenomen == 0
    assert (await proef.a.zeg(b"een")).status == 200


async def test_wie_niet_leest_wat_hij_vroeg_is_na_zijn_tijd_weg(
    kort: None, proef: Proef, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "TRAAGST", 10_000_000)  # bytes a second; else it takes minutes
    await proef.a.hervat()
    await proef.b.zeg(*(bytes([n]) * 65_536 for n in range(8)))
    with socket.socket() as contact:
        contact.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        contact.setblocking(False)
        await asyncio.get_running_loop().sock_connect(contact, ("127.0.0.1", proef.a.poort))
        lezer, schrijver = await asyncio.open_connection(
            sock=contact, ssl=proef.a.tls, server_hostname="localhost", limit=2_048
        )
        for _ in range(3):  # more than stands in all buffers between
            doel = f"{LOGBOEK}/paginas?vanaf=0&sessie={SESSIE}"
            schrijver.write(f"GET {doel} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        toeloop = proef.b.server.verbindingen
        assert toeloop is not None
        async with asyncio.timeout(20):
            while not any(een.fase is Fase.LEZEN for een in toeloop._alle()):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            while toeloop.aantal:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        del lezer
        schrijver.transport.abort()


@pytest.fixture
def zwijgers(proef: Proef) -> Iterator[list[socket.socket]]:
    """More that connect, and never greet, than may greet at once."""
    contacten = []
    for _ in range(verbindingen._GROETEND + 20):
        contact = socket.create_connection(("127.0.0.1", proef.a.poort))
        contact.send(b"\x16")  # the first byte of a greeting
        contacten.append(contact)
    yield contacten
    for een in contacten:
        een.close()


async def test_wie_nooit_groet_houdt_een_ander_niet_op(
    proef: Proef, zwijgers: list[socket.socket]
) -> None:
    begin = monotonic()
    await proef.a.hervat()
    for n in range(5):
        assert (await proef.a.zeg(b"%d" % n)).status == 200
    assert monotonic() - begin < 5  # a greeting that never comes is given ten
    assert proef.ingenomen == 5
    del zwijgers
