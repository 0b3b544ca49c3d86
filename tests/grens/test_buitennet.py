"""Our calls to a partner, over the client of the product: where it goes, and what it takes."""

import asyncio
import gzip
import resource
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import httpcore
import httpx
import pytest
from httpcore import AnyIOBackend
from tests.bus.meelezen import Log

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
async def test_een_omleiding_wordt_niet_gevolgd(tmp_path: Path, log: Log, status: int) -> None:
    antwoord = geeft(b"%d x\r\nconnection: close\r\nlocation: /elders" % status)
    async with partner(tmp_path, antwoord) as (klant, adres, gezien):
        for _ in range(2):
            with pytest.raises(Weer, match=f"status {status}"):
                await roep(klant, "POST", adres, b"{}")
        assert len(gezien) == 2
    assert redenen(log) == ["omleiding"]  # told once


def redenen(log: Log) -> list[str]:
    """Why B is not to be called, as the log has it."""
    regels = list(log.regels("partner_onbereikbaar"))
    assert {een["partner"] for een in regels} <= {B}
    return [een["reden"] for een in regels]


async def test_wie_weer_antwoordt_en_dan_weer_niet_wordt_weer_genoemd(
    tmp_path: Path, log: Log
) -> None:
    antwoorden = iter(
        [
            b"302 x\r\nconnection: close\r\nlocation: /elders",
            b"200 OK\r\nconnection: close",
            b"302 x\r\nlocation: /elders",
        ]
    )

    async def om_de_beurt(schrijver: asyncio.StreamWriter) -> None:
        await geeft(next(antwoorden))(schrijver)

    async with partner(tmp_path, om_de_beurt) as (klant, adres, _):
        for _ in range(3):
            with suppress(Weer):
                await roep(klant, "GET", adres, None)
    assert redenen(log) == ["omleiding", "omleiding"]


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


OPEN = "1.1.1.1"


class Naamgever:
    """A resolver that answers something else each time; and who is really dialled."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *antwoorden: list[str]) -> None:
        self._antwoorden = iter(antwoorden)
        self.gevraagd: list[str] = []
        self.gebeld: list[str] = []
        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", self._zoek)
        monkeypatch.setattr(AnyIOBackend, "connect_tcp", self._bel)

    async def _zoek(self, host: str, poort: int, **_: Any) -> list[Any]:
        self.gevraagd.append(host)
        soort = (socket.AF_INET, socket.SOCK_STREAM, 6, "")
        return [(*soort, (adres, poort)) for adres in next(self._antwoorden)]

    async def _bel(self, adres: str, *_: Any) -> Any:
        self.gebeld.append(adres)
        raise httpcore.ConnectError("proef")


@pytest.mark.parametrize(
    ("antwoorden", "gebeld"),
    [
        ([["127.0.0.1"]], []),
        ([[OPEN], ["127.0.0.1"]], [OPEN]),
        ([["10.0.0.1", OPEN], ["169.254.169.254"]], [OPEN]),
    ],
    ids=["meteen", "de tweede keer", "tussen andere"],
)
async def test_een_naam_die_naar_binnen_wijst_wordt_daar_niet_gebeld(
    tmp_path: Path,
    log: Log,
    monkeypatch: pytest.MonkeyPatch,
    antwoorden: list[list[str]],
    gebeld: list[str],
) -> None:
    """The address that was looked at is the one that is dialled: a name is asked once a call."""
    naamgever = Naamgever(monkeypatch, *antwoorden)
    async with maak_klant(klant_tls(Uitgever(tmp_path), A), B, {"localhost"}) as klant:
        for _ in antwoorden:
            with pytest.raises(httpx.ConnectError):
                await roep(klant, "GET", "https://localhost:8443/x", None)
    assert naamgever.gevraagd == ["localhost"] * len(antwoorden)
    assert naamgever.gebeld == gebeld
    assert redenen(log) == ["host-niet-van-het-open-net"]


async def test_een_host_die_er_niet_is_wordt_genoemd(
    tmp_path: Path, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def zoek(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "onbekend")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", zoek)
    async with maak_klant(klant_tls(Uitgever(tmp_path), A), B, {"localhost"}) as klant:
        with pytest.raises(httpx.ConnectError, match="niet te vinden"):
            await roep(klant, "GET", "https://localhost:8443/x", None)
    assert redenen(log) == ["host-onbekend"]


async def test_wie_aanneemt_en_nooit_antwoordt_houdt_niemand_vast(tmp_path: Path) -> None:
    """Neither before TLS nor after it; and the connection is not kept."""
    los = asyncio.Event()

    async def stil(schrijver: asyncio.StreamWriter) -> None:
        await schrijver.drain()
        await los.wait()

    async with partner(tmp_path, stil) as (klant, adres, gezien), asyncio.timeout(20):
        with pytest.raises((TimeoutError, httpx.TimeoutException)):
            await roep(klant, "GET", adres, None, geduld=0.3)
        assert len(gezien) == 1
        los.set()
    (tmp_path / "kaal").mkdir()
    weg: list[bytes] = []

    async def kaal(lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        weg.append(await lezer.read())  # the greeting, and then the end: they hung up
        schrijver.close()

    server = await asyncio.start_server(kaal, "127.0.0.1", 0)
    poort = server.sockets[0].getsockname()[1]
    tls = klant_tls(Uitgever(tmp_path / "kaal"), A)
    async with maak_klant(tls, B, {"localhost"}, EIGEN) as klant, asyncio.timeout(20):
        with pytest.raises((TimeoutError, httpx.TimeoutException)):
            await roep(klant, "GET", f"https://localhost:{poort}/x", None, geduld=0.3)
        while not weg:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    server.close()
