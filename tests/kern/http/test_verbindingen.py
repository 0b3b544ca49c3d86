"""What one connection may cost, whatever was answered on it, and who makes room for whom."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.responses import Response
from tests.kern.http.conftest import Log, klant_van
from tests.kern.http.organisatie import Organisatie
from tests.kern.http.proefdienst import proefapp
from tests.kern.http.test_server import KOP, draaiend, tot, zeg

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http import Router, Server, openbaar, protocol, server, verbindingen
from schakel.kern.http.klantadres import Klantadressen, netwerk_van
from schakel.kern.http.verbindingen import GEDULD, Fase, plaatsen

VRAAG = b"GET %s HTTP/1.1\r\nhost: localhost\r\n\r\n"


@pytest.fixture
def ongeduld(monkeypatch: pytest.MonkeyPatch) -> None:
    kort = {fase: 0.3 for fase in GEDULD if fase is not Fase.WERK}
    monkeypatch.setattr(server, "GEDULD", GEDULD | kort)
    monkeypatch.setattr(protocol, "TRAAGST", 1e9)


def stroomrouter() -> Router:
    router = Router()

    @router.get("/groot", dependencies=[Depends(openbaar)])
    async def groot() -> Response:
        """Een groot antwoord."""
        return Response(b"x" * 5_000_000, media_type="application/json")

    @router.get("/traag", dependencies=[Depends(openbaar)])
    async def traag() -> dict[str, str]:
        """Een antwoord dat even duurt."""
        await asyncio.sleep(0.3)
        return {"klaar": "ja"}

    @router.get("/stroom", dependencies=[Depends(openbaar)], response_class=EventSourceResponse)
    async def stroom() -> AsyncIterator[ServerSentEvent]:
        """Een stroom zonder einde."""
        while True:
            yield ServerSentEvent(raw_data="x")
            await asyncio.sleep(10)

    return router


ZONDER_LEZEN = {
    401: b"POST /v1/dozen HTTP/1.1\r\n",
    404: b"POST /v1/niets HTTP/1.1\r\n",
    405: b"PUT /v1/dozen HTTP/1.1\r\n",
}


@pytest.mark.usefixtures("ongeduld")
@pytest.mark.parametrize("status", ZONDER_LEZEN)
@pytest.mark.parametrize(
    "lengte", [b"content-length: 60000", b"transfer-encoding: chunked"], ids=["lengte", "brokken"]
)
async def test_wie_na_het_antwoord_blijft_druppelen_wordt_afgebroken(
    organisatie: Organisatie, tmp_path: Path, status: int, lengte: bytes
) -> None:
    anders = organisatie.instellingen().model_dump(include={"uitgever", "publiek", "jwks"})
    async with draaiend(tmp_path, anders) as server:
        lezer, schrijver = await asyncio.open_connection("127.0.0.1", server.poort)
        schrijver.write(ZONDER_LEZEN[status] + KOP + lengte + b"\r\n\r\n")
        assert (await lezer.readuntil(b"\r\n\r\n")).startswith(f"HTTP/1.1 {status} ".encode())

        async def drup() -> None:
            while True:
                schrijver.write(b"1\r\nx\r\n")
                await asyncio.sleep(0.05)

        druppels = asyncio.create_task(drup())
        try:
            await asyncio.wait_for(lezer.read(), 3)
        except ConnectionError:
            pass
        finally:
            druppels.cancel()
            schrijver.transport.abort()


@pytest.mark.parametrize("status", ZONDER_LEZEN)
async def test_ook_na_het_antwoord_wordt_niet_eindeloos_gelezen(
    organisatie: Organisatie, tmp_path: Path, status: int
) -> None:
    anders = organisatie.instellingen().model_dump(include={"uitgever", "publiek", "jwks"})
    async with draaiend(tmp_path, anders) as server:
        kop = ZONDER_LEZEN[status] + KOP + b"content-length: 100000000\r\n\r\n"
        lezer, schrijver = await asyncio.open_connection("127.0.0.1", server.poort)
        schrijver.write(kop)
        assert (await lezer.readuntil(b"\r\n\r\n")).startswith(f"HTTP/1.1 {status} ".encode())
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(stuur_veel(schrijver), 5)
        schrijver.transport.abort()


async def stuur_veel(schrijver: asyncio.StreamWriter) -> None:
    """Less than was announced; what is under way in the system counts too."""
    for _ in range(200):
        schrijver.write(b"x" * 100_000)
        await schrijver.drain()


async def test_na_een_geweigerde_inhoud_die_wel_kwam_blijft_de_verbinding_bruikbaar(
    tmp_path: Path,
) -> None:
    async with draaiend(tmp_path) as server:
        lezer, schrijver = await asyncio.open_connection("127.0.0.1", server.poort)
        for _ in range(2):
            schrijver.write(ZONDER_LEZEN[404] + KOP + b"content-length: 60000\r\n\r\n")
            schrijver.write(b"x" * 60_000)
            assert (await lezer.readuntil(b"}")).startswith(b"HTTP/1.1 404 ")
        schrijver.write(VRAAG % b"/gezond")
        assert (await lezer.readuntil(b"}")).startswith(b"HTTP/1.1 200 ")
        schrijver.close()


@pytest.mark.usefixtures("ongeduld")
@pytest.mark.parametrize("sluit", [b"", b"connection: close\r\n"])
@pytest.mark.parametrize("pad", [b"/v1/groot", b"/v1/stroom"])
async def test_wie_niet_leest_wordt_afgebroken(tmp_path: Path, pad: bytes, sluit: bytes) -> None:
    router = stroomrouter()

    @router.get("/vol", dependencies=[Depends(openbaar)], response_class=EventSourceResponse)
    async def vol() -> AsyncIterator[ServerSentEvent]:
        """Een stroom die snel vol is."""
        while True:
            yield ServerSentEvent(raw_data="x" * 100_000)

    pad = pad.replace(b"stroom", b"vol")
    async with draaiend(tmp_path, routers=[router]) as server:
        contact = socket.create_connection(("127.0.0.1", server.poort))
        contact.send(b"GET " + pad + b" HTTP/1.1\r\nhost: localhost\r\n" + sluit + b"\r\n")
        await tot(lambda: verbonden(server) == 1)
        await tot(lambda: verbonden(server) == 0)
        contact.close()


def verbonden(server: Server) -> int:
    return 0 if server.verbindingen is None else server.verbindingen.aantal


async def test_een_half_gesloten_klant_krijgt_zijn_antwoord(tmp_path: Path) -> None:
    async with draaiend(tmp_path, routers=[stroomrouter()]) as server:
        for vraag, aantal in (
            (VRAAG % b"/v1/traag", 1),
            (VRAAG % b"/v1/traag" * 3, 3),
            (VRAAG % b"/v1/traag" + b"GET /v1", 1),
            (VRAAG % b"/gezond", 1),
        ):
            antwoord = await zeg(server, vraag, eind=True)
            assert antwoord.count(b"HTTP/1.1 200 ") == aantal
        assert len(await zeg(server, VRAAG % b"/v1/groot", eind=True)) > 5_000_000
        assert verbonden(server) == 0


async def test_een_half_gesloten_klant_die_niet_uitgesproken_is_krijgt_niets(
    tmp_path: Path, log: Log
) -> None:
    async with draaiend(tmp_path) as server:
        assert await zeg(server, b"GET /v1/dozen HTTP/1.1\r\nhost", eind=True) == b""
        kop = b"POST /v1/dozen HTTP/1.1\r\n" + KOP + b"content-length: 100\r\n\r\n{"
        assert await zeg(server, kop, eind=True) == b""
        await tot(lambda: log.regels("verzoek_afgehandeld"))
    assert log.regels("verzoek_afgehandeld")[0]["resultaat"] == 499
    assert not log.regels("bibliotheek_bericht")


async def test_een_stroom_houdt_op_zodra_de_klant_weg_is(tmp_path: Path) -> None:
    async with draaiend(tmp_path, routers=[stroomrouter()]) as server:
        lezer, schrijver = await asyncio.open_connection("127.0.0.1", server.poort)
        schrijver.write(VRAAG % b"/v1/stroom")
        await lezer.readuntil(b"data: x")
        schrijver.close()
        await tot(lambda: verbonden(server) == 0)


async def test_een_fout_midden_in_de_inhoud_geeft_een_antwoord_en_geen_twee(
    tmp_path: Path, log: Log
) -> None:
    async with draaiend(tmp_path) as server:
        kop = b"POST /v1/dozen HTTP/1.1\r\n" + KOP + b"transfer-encoding: chunked\r\n\r\n"
        for delen in (
            [kop, b"zz\r\n"],
            [kop + b"zz\r\n"],
            [kop.replace(b"dozen", b"x") + b"zz\r\n"],
        ):
            antwoord = await zeg(server, *delen)
            assert antwoord.startswith(b"HTTP/1.1 400 ")
            assert antwoord.count(b"HTTP/1.1 4") == 1
        for pad in (b"/v1/niets", b"/v1/dozen"):  # an answer was given already
            kop = b"PUT " + pad + b" HTTP/1.1\r\n" + KOP + b"transfer-encoding: chunked\r\n\r\n"
            lezer, schrijver = await asyncio.open_connection("127.0.0.1", server.poort)
            schrijver.write(kop)
            await lezer.readuntil(b"}")
            schrijver.write(b"zz\r\n")
            assert await asyncio.wait_for(lezer.read(), 5) == b""
            schrijver.close()
    assert {regel["ernst"] for regel in log.regels("bibliotheek_bericht")} == {"warning"}


@pytest.mark.parametrize("pad", [b"/v1/dozen", b"/gezond", b"/klaar", b"/v1/openapi.json"])
async def test_head_is_get_zonder_inhoud(tmp_path: Path, pad: bytes) -> None:
    async with draaiend(tmp_path) as server:
        vraag = b"%s " + pad + b" HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        get, head = [await zeg(server, vraag % methode) for methode in (b"GET", b"HEAD")]
    koppen, _, inhoud = get.partition(b"\r\n\r\n")
    assert inhoud
    assert head.lower().replace(b"date", b"") != b""
    assert kopnamen(head) == kopnamen(koppen + b"\r\n\r\n")
    assert head.endswith(b"\r\n\r\n")
    assert f"content-length: {len(inhoud)}".encode() in head


def kopnamen(antwoord: bytes) -> list[bytes]:
    return [regel.partition(b":")[0] for regel in antwoord.splitlines()]


async def test_head_van_een_stroom_houdt_op(tmp_path: Path) -> None:
    async with draaiend(tmp_path, routers=[stroomrouter()]) as server:
        vraag = b"HEAD /v1/stroom HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        antwoord = await zeg(server, vraag)
    assert antwoord.startswith(b"HTTP/1.1 200 ")
    assert b"text/event-stream" in antwoord
    assert antwoord.endswith(b"\r\n\r\n")


async def test_wie_meekijkt_heeft_een_eigen_grens_en_een_klant_niet_meer_dan_de_helft(
    tmp_path: Path,
) -> None:
    grenzen: dict[str, Any] = {"max_volgers": 4, "max_verzoeken": 1}
    async with (
        draaiend(tmp_path, grenzen, routers=[stroomrouter()]) as server,
        httpx.AsyncClient(base_url=server.adres) as klant,
    ):
        open_ = []
        for _ in range(2):
            lezer, schrijver = await asyncio.open_connection("127.0.0.1", server.poort)
            schrijver.write(VRAAG % b"/v1/stroom")
            await lezer.readuntil(b"data: x")
            open_.append(schrijver)
        vol = await klant.get("/v1/stroom")
        assert (vol.status_code, vol.json()["code"]) == (503, "te-veel-volgers")
        assert vol.headers["retry-after"] == "1"
        assert (await klant.get("/v1/traag")).status_code == 200
        open_[0].close()
        await tot(lambda: verbonden(server) == 2)
        async with klant.stream("GET", "/v1/stroom") as weer:
            assert weer.status_code == 200
        open_[1].close()


async def vraag_van(app: Any, adres: str, doorgestuurd: str | None = None) -> httpx.Response:
    vervoer = httpx.ASGITransport(app, client=(adres, 1))
    koppen = {} if doorgestuurd is None else {"x-forwarded-for": doorgestuurd}
    async with httpx.AsyncClient(transport=vervoer, base_url="http://localhost/v1") as klant:
        return await klant.get("/traag", headers=koppen)


async def statussen(app: Any, *vragen: tuple[str, str | None]) -> list[int]:
    return [a.status_code for a in await asyncio.gather(*(vraag_van(app, *v) for v in vragen))]


async def test_een_adres_heeft_een_budget_en_neemt_een_ander_niets_af(tmp_path: Path) -> None:
    instellingen = Instellingen(gegevensmap=tmp_path, max_per_adres=2, max_verzoeken=5)
    app = proefapp(instellingen, routers=[stroomrouter()])
    vragen: list[tuple[str, str | None]] = [("192.0.2.1", None)] * 4 + [("192.0.2.2", None)]
    assert await statussen(app, *vragen) == [200, 200, 503, 503, 200]
    zes = [("2001:db8::1", None), ("2001:db8::2", None), ("2001:db8::3", None)]
    assert sorted(await statussen(app, *zes)) == [200, 200, 503]
    anderen = [(f"192.0.2.{n}", None) for n in range(6)]
    assert sorted(await statussen(app, *anderen)) == [200] * 5 + [503]


async def test_alleen_een_vertrouwde_proxy_spreekt_voor_anderen(tmp_path: Path, log: Log) -> None:
    instellingen = Instellingen(
        gegevensmap=tmp_path, max_per_adres=1, vertrouwde_proxies={"192.0.2.0/28"}
    )
    app = proefapp(instellingen, routers=[stroomrouter()])
    proxy, vreemd = "192.0.2.1", "203.0.113.9"
    via = [(proxy, "198.51.100.1"), (proxy, "198.51.100.2"), (proxy, "onzin, 198.51.100.3")]
    assert await statussen(app, *via) == [200, 200, 200]
    zelf = [(vreemd, "198.51.100.1"), (vreemd, "198.51.100.2")]
    assert sorted(await statussen(app, *zelf)) == [200, 503]
    vervalst = [(proxy, "1.1.1.1, 198.51.100.1"), (proxy, "2.2.2.2, 198.51.100.1")]
    assert sorted(await statussen(app, *vervalst)) == [200, 503]
    herkomsten = {regel["oorsprong"] for regel in log.regels("verzoek_afgehandeld")}
    assert herkomsten == {"198.51.100.0/24", "203.0.113.0/24"}


@pytest.mark.parametrize(
    ("adres", "doorgestuurd", "klant"),
    [
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", [b"1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", [b"1.2.3.4, 10.0.0.2"], "1.2.3.4"),
        ("10.0.0.1", [b"9.9.9.9, 1.2.3.4,10.0.0.2 "], "1.2.3.4"),
        ("10.0.0.1", [b"9.9.9.9", b"1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", [b"1.2.3.4:5678"], "1.2.3.4"),
        ("10.0.0.1", [b"[2001:db8::1]:80"], "2001:db8::1"),
        ("10.0.0.1", [b"2001:db8::1"], "2001:db8::1"),
        ("::ffff:10.0.0.1", [b"1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", [b"onzin"], "10.0.0.1"),
        ("10.0.0.1", [b"1.2.3.4, onzin"], "10.0.0.1"),
        ("10.0.0.1", [b"1.2.3.4, onzin, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", [b""], "10.0.0.1"),
        ("10.0.0.1", [b"\xff"], "10.0.0.1"),
        ("11.0.0.1", [b"1.2.3.4"], "11.0.0.1"),
        ("", [b"1.2.3.4"], ""),
    ],
)
def test_de_klant_is_het_naaste_adres_dat_geen_proxy_is(
    adres: str, doorgestuurd: list[bytes], klant: str
) -> None:
    proxies = Instellingen(vertrouwde_proxies={"10.0.0.0/8"}).vertrouwde_proxies
    koppen = [(b"x-forwarded-for", waarde) for waarde in doorgestuurd]
    assert Klantadressen(proxies).van(adres, koppen) == klant
    assert Klantadressen(()).van(adres, koppen) == adres


def test_wie_een_netwerk_deelt_deelt_een_budget() -> None:
    assert netwerk_van("192.0.2.1") != netwerk_van("192.0.2.2")
    assert netwerk_van("2001:db8::1") == netwerk_van("2001:db8::ffff") != netwerk_van("2001:db9::1")
    assert netwerk_van("::ffff:192.0.2.1") == netwerk_van("192.0.2.1")
    assert netwerk_van("fe80::1%eth0") == netwerk_van("fe80::2%eth0")
    assert netwerk_van("") == netwerk_van("/var/contact") == "onbekend"


@pytest.mark.parametrize(
    ("mag", "hoogstens", "gevraagd", "servers", "krijgt", "gezet"),
    [
        (1024, 1024, 1024, 1, 864, None),
        (1024, 4096, 1024, 1, 1024, 1184),
        (8192, 8192, 1024, 1, 1024, None),
        (1024, 1024, 1024, 6, 37, None),
        (1024, -1, 1024, 6, 1024, 6944),
        (-1, -1, 1024, 6, 1024, None),
        (64, 64, 1024, 1, 1, None),
    ],
)
def test_er_zijn_zoveel_verbindingen_als_descriptors(
    monkeypatch: pytest.MonkeyPatch,
    mag: int,
    hoogstens: int,
    gevraagd: int,
    servers: int,
    krijgt: int,
    gezet: int | None,
) -> None:
    gevraagd_van_het_systeem: list[int] = []

    def zet(_soort: int, grenzen: tuple[int, int]) -> None:
        assert grenzen[1] == hoogstens
        gevraagd_van_het_systeem.append(grenzen[0])

    monkeypatch.setattr(verbindingen.resource, "getrlimit", lambda _: (mag, hoogstens))
    monkeypatch.setattr(verbindingen.resource, "setrlimit", zet)
    assert plaatsen(gevraagd, servers) == krijgt
    assert [een for een in gevraagd_van_het_systeem if een != mag] == ([gezet] if gezet else [])


async def test_wie_tegelijk_vraagt_of_we_klaar_zijn_hoort_hetzelfde(
    instellingen: Instellingen,
) -> None:
    gevraagd, door = 0, asyncio.Event()

    async def onderdelen() -> dict[str, Any]:
        nonlocal gevraagd
        gevraagd += 1
        await door.wait()
        return {}

    async with klant_van(proefapp(instellingen, gezondheid=onderdelen)) as klant:
        vragen = [asyncio.create_task(klant.get("http://elders/klaar")) for _ in range(50)]
        await asyncio.sleep(0.1)
        door.set()
        assert {een.status_code for een in await asyncio.gather(*vragen)} == {200}
        assert gevraagd == 1
        await klant.get("http://localhost/klaar")
        assert gevraagd == 2
