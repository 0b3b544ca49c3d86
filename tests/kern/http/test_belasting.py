"""A real process with few descriptors, and clients that mean harm: whoever asks well is served."""

import asyncio
import json
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.kern.http.test_server import tot

DESCRIPTORS = 1024
BINNEN = 2.0
"""Seconds within which others are served, whatever goes on."""

PROGRAMMA = """
import asyncio, sys
from collections.abc import AsyncIterator
from fastapi import Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response
sys.path.insert(0, {wortel!r})
from tests.kern.http.proefdienst import proefapp, proefrouter
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http import openbaar, serveer
from schakel.kern.zicht.logboek import stel_in

router = proefrouter()
ballast = b"x" * 300_000

@router.get("/groot", dependencies=[Depends(openbaar)])
async def groot() -> Response:
    \"\"\"Een groot antwoord.\"\"\"
    return Response(ballast, media_type="application/json")

@router.get("/stroom", dependencies=[Depends(openbaar)], response_class=EventSourceResponse)
async def stroom() -> AsyncIterator[ServerSentEvent]:
    \"\"\"Een stroom zonder einde.\"\"\"
    while True:
        yield ServerSentEvent(raw_data="x" * 10_000)
        await asyncio.sleep(0.2)

stel_in()
instellingen = Instellingen()
serveer(proefapp(instellingen, routers=[router]), instellingen)
"""


@pytest.fixture(autouse=True)
def _genoeg_descriptors() -> Iterator[None]:
    """For the attacker, who has more of them."""
    zacht, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 4096:
        pytest.skip("deze machine geeft een proces te weinig descriptors voor de aanval")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(zacht, 4096), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (zacht, hard))


class Aangevallen:
    """The process: where it answers and what it logged."""

    def __init__(self, proces: subprocess.Popen[bytes], log: Path) -> None:
        self.proces = proces
        self._log = log

    def regels(self) -> list[str]:
        *heel, _ = self._log.read_text().split("\n")
        return heel

    @property
    def poort(self) -> int:
        return int(json.loads(self.regels()[0])["poort"])

    def descriptors(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.proces.pid}/fd").iterdir())


def start(map_: Path, **instellingen: str) -> Aangevallen:
    wortel, log = str(Path(__file__).parents[3]), map_ / "log"
    eigen = {"SCHAKEL_POORT": "0", "SCHAKEL_GEGEVENSMAP": str(map_)}
    eigen |= {f"SCHAKEL_{naam.upper()}": waarde for naam, waarde in instellingen.items()}
    programma = [sys.executable, "-W", "error", "-c", PROGRAMMA.format(wortel=wortel)]
    with log.open("wb") as uit:
        proces = subprocess.Popen(
            ["/bin/sh", "-c", f'ulimit -n {DESCRIPTORS} && exec "$0" "$@"', *programma],
            env=os.environ | eigen,
            stderr=uit,
        )
    return Aangevallen(proces, log)


@asynccontextmanager
async def dienst(map_: Path, **instellingen: str) -> AsyncIterator[Aangevallen]:
    aangevallen = start(map_, **instellingen)
    try:
        await tot(aangevallen.regels, 30)
        yield aangevallen
    finally:
        aangevallen.proces.terminate()
        aangevallen.proces.wait(20)
    assert aangevallen.proces.returncode == 0


class Aanval:
    """Many connections from one address; what the server does to them is its business."""

    def __init__(self, poort: int, druppel: bytes) -> None:
        self._poort = poort
        self._druppel = druppel
        self._open: list[socket.socket] = []

    async def open(self, aantal: int, begin: bytes = b"") -> None:
        for _ in range(aantal):
            een = socket.socket()
            een.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            een.setblocking(False)
            with suppress(OSError):
                await asyncio.get_running_loop().sock_connect(een, ("127.0.0.1", self._poort))
                een.send(begin)
            self._open.append(een)

    async def drup(self) -> None:
        while self._druppel:
            for een in self._open:
                with suppress(OSError):
                    een.send(self._druppel)
            await asyncio.sleep(0.5)

    def sluit(self) -> None:
        for een in self._open:
            een.close()


@asynccontextmanager
async def aanval(poort: int, druppel: bytes) -> AsyncIterator[Aanval]:
    een = Aanval(poort, druppel)
    druppels = asyncio.create_task(een.drup())
    try:
        yield een
    finally:
        druppels.cancel()
        een.sluit()


async def op_tijd(vraag: Callable[[], Coroutine[Any, Any, httpx.Response]]) -> httpx.Response:
    """Who asks well is answered in time.

    A connection at rest may be closed just as it is asked on: then one asks again, as every client
    does (RFC 9112, 9.3.1; a command has its key).
    """
    begin = time.monotonic()
    while True:
        try:
            antwoord = await vraag()
            break
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            assert time.monotonic() - begin < BINNEN
    assert time.monotonic() - begin < BINNEN
    return antwoord


async def keer_op_keer(poort: int, seconden: float) -> None:
    """Ask as somebody who means well, each time on a connection of its own and of one for long."""
    adres = f"http://127.0.0.1:{poort}"
    eind = time.monotonic() + seconden
    async with httpx.AsyncClient(base_url=adres, timeout=BINNEN) as blijver:
        while time.monotonic() < eind:
            async with httpx.AsyncClient(base_url=adres, timeout=BINNEN) as nieuw:
                for klant in (nieuw, blijver):
                    for pad in ("/gezond", "/klaar", "/v1/dozen"):
                        assert (await op_tijd(partial(klant.get, pad))).status_code == 200
                    maak = partial(
                        klant.post,
                        "/v1/dozen",
                        json={"tekst": "a"},
                        headers={"Idempotency-Key": "a"},
                    )
                    assert (await op_tijd(maak)).status_code == 201
            await asyncio.sleep(0.1)


KOP = b"host: localhost\r\ncontent-type: application/json\r\nidempotency-key: a\r\n"
LANG = KOP + b"content-length: 60000\r\n\r\n{"
AANVALLEN = {
    "520 die grote antwoorden vragen en niet lezen": (
        520,
        b"GET /v1/groot HTTP/1.1\r\nhost: localhost\r\n\r\n" * 20,
        b"",
    ),
    "520 die een stroom vragen en niet lezen": (
        520,
        b"GET /v1/stroom HTTP/1.1\r\nhost: localhost\r\n\r\n",
        b"",
    ),
    "1026 met een druppelende inhoud": (1026, b"POST /v1/dozen HTTP/1.1\r\n" + LANG, b" "),
    "1026 die druppelen na 404": (1026, b"POST /v1/niets HTTP/1.1\r\n" + LANG, b" "),
    "1026 die druppelen na 405": (1026, b"PUT /v1/dozen HTTP/1.1\r\n" + LANG, b" "),
    "1026 met een druppelende kop": (1026, b"GET / HTTP/1.1\r\nhost: localhost\r\nx:", b"x"),
    "1040 die niets vragen": (1040, b"", b""),
}
ALLEEN = {"max_per_adres": "2000"}
"""All from one address, as behind a proxy that nobody told us of: then the whole is the limit."""


@pytest.mark.parametrize(
    ("soort", "budget"),
    [
        *((soort, {}) for soort in AANVALLEN),
        ("520 die grote antwoorden vragen en niet lezen", ALLEEN),
        ("1026 met een druppelende inhoud", ALLEEN),
        ("1040 die niets vragen", ALLEEN),
    ],
)
async def test_wie_kwaad_wil_houdt_anderen_niet_op(
    tmp_path: Path, soort: str, budget: dict[str, str]
) -> None:
    aantal, begin, druppel = AANVALLEN[soort]
    async with dienst(tmp_path, **budget) as proces, aanval(proces.poort, druppel) as aanvaller:
        rustig = proces.descriptors()
        anderen = asyncio.create_task(keer_op_keer(proces.poort, 2.5))
        await aanvaller.open(aantal, begin)
        await anderen
        assert proces.descriptors() <= DESCRIPTORS
        await keer_op_keer(proces.poort, 0.5)
        aanvaller.sluit()
        await tot(lambda: proces.descriptors() <= rustig + 20, 10)
        regels = [json.loads(regel)["gebeurtenis"] for regel in proces.regels()]
    verwacht = {"dienst_luistert", "gereedheid_veranderd", "verzoek_afgehandeld"}
    assert set(regels) <= verwacht | {"te_veel_verbindingen"}
    assert regels.count("te_veel_verbindingen") <= 1
