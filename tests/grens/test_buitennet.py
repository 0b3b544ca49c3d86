"""Our calls to a partner, over the client of the product: where it goes, and what it takes."""

import asyncio
import gzip
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from schakel.cli.proefcertificaat import Uitgever
from schakel.grens.buitennet import is_open_net, maak_klant
from schakel.grens.oproep import Weer, roep
from schakel.grens.vormen import INHOUD_MAX

from .luistert import luistert
from .organisaties import klant_tls, server_tls
from .zijden import A, B

Antwoord = Callable[[asyncio.StreamWriter], Awaitable[None]]
EIGEN = frozenset({"localhost"})


@asynccontextmanager
async def partner(
    map_: Path, antwoord: Antwoord, eigen: frozenset[str] = EIGEN
) -> AsyncIterator[tuple[httpx.AsyncClient, str, list[bytes]]]:
    """Somebody with the right certificate, who answers as it likes."""
    uitgever, gezien = Uitgever(map_), []

    async def doe(lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        gezien.append((await lezer.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        await antwoord(schrijver)

    async with (
        luistert(doe, server_tls(uitgever, B)) as poort,
        maak_klant(klant_tls(uitgever, A), B, {"localhost"}, eigen) as klant,
    ):
        yield klant, f"https://localhost:{poort}/x", gezien


def geeft(kop: bytes, inhoud: bytes = b"") -> Antwoord:
    async def antwoord(schrijver: asyncio.StreamWriter) -> None:
        lengte = b"content-length: %d\r\n\r\n" % len(inhoud)
        schrijver.write(b"HTTP/1.1 " + kop + b"\r\n" + lengte + inhoud)
        await schrijver.drain()

    return antwoord


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_een_omleiding_wordt_niet_gevolgd(tmp_path: Path, status: int) -> None:
    antwoord = geeft(b"%d x\r\nlocation: /elders" % status)
    async with partner(tmp_path, antwoord) as (klant, adres, gezien):
        with pytest.raises(Weer):
            await roep(klant, "POST", adres, b"{}")
        assert len(gezien) == 1


async def test_een_antwoord_wordt_niet_uitgepakt(tmp_path: Path) -> None:
    """What is packed is not asked for; so it is not read, however large it would become."""
    bom = gzip.compress(b" " * 500_000_000, 9)
    assert len(bom) < INHOUD_MAX
    voor = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    antwoord = geeft(b"200 OK\r\ncontent-encoding: gzip", bom)
    async with partner(tmp_path, antwoord) as (klant, adres, _):
        assert await roep(klant, "GET", adres, None) == bom
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - voor < 100_000


@pytest.mark.parametrize("te_veel", [0, 1])
async def test_van_een_te_groot_antwoord_wordt_niet_meer_gelezen(
    tmp_path: Path, te_veel: int
) -> None:
    inhoud = b"[" + b" " * (INHOUD_MAX - 2 + te_veel) + b"]"
    async with partner(tmp_path, geeft(b"200 OK", inhoud)) as (klant, adres, _):
        if not te_veel:
            assert await roep(klant, "GET", adres, None) == inhoud
            return
        with pytest.raises(Weer, match="te groot"):
            await roep(klant, "GET", adres, None)


async def test_op_een_antwoord_dat_druppelt_wordt_niet_gewacht(tmp_path: Path) -> None:
    """Something comes all the time; it is the whole that has to be there."""

    async def druppel(schrijver: asyncio.StreamWriter) -> None:
        schrijver.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while True:
            schrijver.write(b" ")
            await schrijver.drain()
            await asyncio.sleep(0.02)

    async with partner(tmp_path, druppel) as (klant, adres, _), asyncio.timeout(20):
        with pytest.raises(TimeoutError):
            await roep(klant, "GET", adres, None, geduld=0.3)


PRIVE = (
    *("127.0.0.1", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "::1", "::", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"),
    *("64:ff9b:1::a00:1", "2002:7f00:1::", "224.0.0.1", "ff02::1", "240.0.0.1"),
)


@pytest.mark.parametrize("adres", PRIVE)
def test_een_adres_van_binnen_is_ook_verpakt_niet_van_het_open_net(adres: str) -> None:
    assert not is_open_net(adres)


@pytest.mark.parametrize("adres", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_een_adres_van_buiten_is_van_het_open_net(adres: str) -> None:
    assert is_open_net(adres)


async def test_een_naam_die_ineens_naar_binnen_wijst_wordt_niet_gebeld(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that was looked at is the one that is called: it is asked for once a call."""
    gegeven = iter(["127.0.0.1"])
    gevraagd = []
    lus = asyncio.get_running_loop()

    async def getaddrinfo(host: str, poort: int, **_: Any) -> list[Any]:
        gevraagd.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(gegeven), poort))]

    async with partner(tmp_path, geeft(b"200 OK"), frozenset()) as (klant, adres, gezien):
        monkeypatch.setattr(lus, "getaddrinfo", getaddrinfo)
        with pytest.raises(httpx.ConnectError, match="open net"):
            await roep(klant, "GET", adres, None)
        assert (gevraagd, gezien) == (["localhost"], [])
