"""On a real socket: bounds that only show there, and starting and stopping in order."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import Depends, FastAPI
from tests.kern.http.conftest import Log
from tests.kern.http.proefdienst import proefapp, proefrouter

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import OpslagFout, StartFout
from schakel.kern.http import Router, Server, draai, openbaar, server, verbindingen
from schakel.kern.http import inhoud as inhoud_module

KOP = b"host: localhost\r\ncontent-type: application/json\r\nidempotency-key: a\r\n"


@asynccontextmanager
async def draaiend(
    map_: Path, anders: dict[str, Any] | None = None, **app: Any
) -> AsyncIterator[Server]:
    instellingen = Instellingen(gegevensmap=map_, poort=0, **(anders or {}))
    server = Server(proefapp(instellingen, **app), instellingen)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def zeg(server: Server, *delen: bytes, eind: bool = False) -> bytes:
    """Send these bytes and read until the other side closes."""
    lezer, schrijver = await asyncio.open_connection("127.0.0.1", server.poort)
    try:
        for deel in delen:
            schrijver.write(deel)
            await schrijver.drain()
        if eind:
            schrijver.write_eof()
        return await asyncio.wait_for(lezer.read(), 5)
    finally:
        schrijver.close()


async def tot(gebeurd: Callable[[], Any], geduld: float = 5) -> None:
    """Returns as soon as it is so; fails when that takes too long."""
    async with asyncio.timeout(geduld):
        while not gebeurd():  # noqa: ASYNC110 - the other side is a process of its own
            await asyncio.sleep(0.01)


async def test_een_dienst_antwoordt_op_een_eigen_poort(
    tmp_path: Path, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with draaiend(tmp_path) as server, httpx.AsyncClient(base_url=server.adres) as klant:
        antwoord = await klant.get("/v1/dozen")
        assert antwoord.status_code == 200
        assert "server" not in antwoord.headers
        assert "date" in antwoord.headers
        goed = await klant.post("/v1/dozen", json={"tekst": "a"}, headers={"Idempotency-Key": "a"})
        assert goed.status_code == 201
        poort = server.poort
    assert log.regels("dienst_luistert")[0]["poort"] == poort
    assert log.regels("dienst_gestopt")[0]["dienst"] == "proef"
    assert log.regels("bibliotheek_bericht") == []
    assert "uvicorn.access" not in {regel.name for regel in caplog.records}


async def test_een_bezette_poort_is_een_regel_en_opent_niets(tmp_path: Path) -> None:
    geopend = False

    @asynccontextmanager
    async def levensloop(_app: FastAPI) -> AsyncIterator[None]:
        nonlocal geopend
        geopend = True
        yield

    async with draaiend(tmp_path) as eerste:
        instellingen = Instellingen(gegevensmap=tmp_path, poort=eerste.poort)
        tweede = Server(proefapp(instellingen, levensloop=levensloop), instellingen)
        with pytest.raises(StartFout, match="poort-bezet"):
            await tweede.start()
    assert not geopend


async def test_wat_de_levensloop_weigert_komt_bij_de_starter_en_laat_de_poort_vrij(
    tmp_path: Path,
) -> None:
    @asynccontextmanager
    async def levensloop(_app: FastAPI) -> AsyncIterator[None]:
        raise StartFout("opslag-in-gebruik", "een ander proces gebruikt deze opslag")
        yield

    with socket.socket() as vrij:
        vrij.bind(("127.0.0.1", 0))
        poort = vrij.getsockname()[1]
    instellingen = Instellingen(gegevensmap=tmp_path, poort=poort)
    with pytest.raises(StartFout, match="opslag-in-gebruik"):
        await Server(proefapp(instellingen, levensloop=levensloop), instellingen).start()
    goed = Server(proefapp(instellingen), instellingen)
    await goed.start()
    await goed.stop()


async def test_een_onbekend_adres_is_een_regel(tmp_path: Path) -> None:
    instellingen = Instellingen(gegevensmap=tmp_path, poort=0)
    server = Server(proefapp(instellingen), instellingen.model_copy(update={"host": "192.0.2.1"}))
    with pytest.raises(StartFout, match="poort-bezet"):
        await server.start()


async def test_zes_diensten_in_een_lus_storen_elkaar_niet(tmp_path: Path, log: Log) -> None:
    volgorde: list[str] = []

    def levensloop(naam: str) -> Any:
        @asynccontextmanager
        async def leef(_app: FastAPI) -> AsyncIterator[None]:
            async with asyncio.TaskGroup():
                volgorde.append(f"+{naam}")
                yield
                volgorde.append(f"-{naam}")

        return leef

    servers = []
    for naam in "abcdef":
        instellingen = Instellingen(gegevensmap=tmp_path, poort=0)
        app = proefapp(instellingen, dienst=naam, levensloop=levensloop(naam))
        servers.append(Server(app, instellingen))
    taak = asyncio.create_task(draai(servers))
    await tot(lambda: log.regels("dienst_luistert")[5:])
    poorten = [server.poort for server in servers]
    async with httpx.AsyncClient() as klant:
        for poort in poorten:
            assert (await klant.get(f"http://localhost:{poort}/gezond")).status_code == 200
    assert len(set(poorten)) == 6
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(taak, 10)
    assert volgorde == ["+a", "+b", "+c", "+d", "+e", "+f", "-f", "-e", "-d", "-c", "-b", "-a"]


async def test_als_een_van_de_diensten_niet_start_stoppen_de_andere(tmp_path: Path) -> None:
    eerste = Instellingen(gegevensmap=tmp_path, poort=0)
    server = Server(proefapp(eerste), eerste)
    async with draaiend(tmp_path) as bezet:
        tweede = Instellingen(gegevensmap=tmp_path, poort=bezet.poort)
        with pytest.raises(StartFout):
            await draai([server, Server(proefapp(tweede), tweede)])
    with pytest.raises(OSError, match="Connect"):
        await asyncio.open_connection("127.0.0.1", server.poort)


async def test_stoppen_laat_een_lopend_verzoek_afmaken_en_wekt_lange_antwoorden(
    tmp_path: Path,
) -> None:
    router, binnen = proefrouter(), asyncio.Event()

    @router.get("/lang", dependencies=[Depends(openbaar)])
    async def lang() -> dict[str, str]:
        """Duurt tot de dienst stopt."""
        binnen.set()
        await app.state.stopt.wait()
        return {"klaar": "ja"}

    instellingen = Instellingen(gegevensmap=tmp_path, poort=0)
    app = proefapp(instellingen, routers=[router])
    server = Server(app, instellingen)
    await server.start()
    async with httpx.AsyncClient(base_url=server.adres) as klant:
        lopend = asyncio.create_task(klant.get("/v1/lang"))
        await binnen.wait()
        await asyncio.wait_for(server.stop(), 3)
        assert (await lopend).json() == {"klaar": "ja"}
        with pytest.raises(httpx.ConnectError):
            await klant.get("/gezond")


async def test_stoppen_wacht_niet_eindeloos(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    monkeypatch.setattr(server, "GEDULD_STOPPEN", 0.3)
    binnen = asyncio.Event()

    @asynccontextmanager
    async def levensloop(_app: FastAPI) -> AsyncIterator[None]:
        yield
        binnen.set()
        await asyncio.Event().wait()

    instellingen = Instellingen(gegevensmap=tmp_path, poort=0)
    een = Server(proefapp(instellingen, levensloop=levensloop), instellingen)
    await een.start()
    await asyncio.wait_for(een.stop(), 3)
    assert binnen.is_set()
    assert log.regels("stoppen_afgebroken")


async def test_een_traag_verzoek_wordt_na_de_termijn_afgebroken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inhoud_module, "TERMIJN", 0.2)
    begin = b"POST /v1/dozen HTTP/1.1\r\n" + KOP + b"content-length: 100\r\n\r\n"
    async with draaiend(tmp_path) as server:
        for deel in (begin, begin + b'{"tekst"'):
            antwoord = await zeg(server, deel)
            assert antwoord.startswith(b"HTTP/1.1 408 ")
            assert b"inhoud-te-traag" in antwoord
            assert b"connection: close" in antwoord


async def test_trage_kopteksten_worden_na_de_termijn_afgebroken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "schakel.kern.http.server.GEDULD", verbindingen.GEDULD | {verbindingen.Fase.KOP: 0.2}
    )
    async with draaiend(tmp_path) as server:
        assert await zeg(server) == b""
        assert await zeg(server, b"GET /gezond HTTP/1.1\r\nhost: local") == b""
        # A request that did arrive is not cut off, nor is the next one on its connection.
        lezer, schrijver = await asyncio.open_connection("127.0.0.1", server.poort)
        for _ in range(2):
            schrijver.write(b"GET /gezond HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert (await lezer.readuntil(b"}")).startswith(b"HTTP/1.1 200")
        await asyncio.sleep(0.5)
        schrijver.write(b"GET /gezond HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert (await lezer.readuntil(b"}")).startswith(b"HTTP/1.1 200")
        schrijver.write(b"GET /gezond HT")
        assert await asyncio.wait_for(lezer.read(), 5) == b""
        schrijver.close()


async def test_te_veel_inhoud_sluit_de_verbinding_en_houdt_niets_vast(tmp_path: Path) -> None:
    begin = b"POST /v1/dozen HTTP/1.1\r\n" + KOP
    async with draaiend(tmp_path) as server:
        lengte = await zeg(server, begin + b"content-length: 300000000\r\n\r\n", b" " * 1000)
        assert lengte.startswith(b"HTTP/1.1 413 ")
        brok = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
        zonder = await zeg(server, begin + b"transfer-encoding: chunked\r\n\r\n", brok * 3)
        assert zonder.startswith(b"HTTP/1.1 413 ")
        assert b"connection: close" in zonder


async def test_een_doel_mag_een_heel_adres_zijn_en_dan_telt_de_host_daarvan(
    tmp_path: Path,
) -> None:
    """RFC 9112, 3.2.2."""
    for doel, host, status in (
        (b"http://localhost/gezond", b"iets.anders", b"200"),
        (b"HTTPS://localhost:8100/gezond?x=1", b"localhost", b"200"),
        (b"http://iets.anders/v1/dozen", b"localhost", b"400"),
        (b"http://localhost@iets.anders/gezond", b"localhost", b"404"),
    ):
        kop = b" HTTP/1.1\r\nconnection: close\r\nhost: "
        async with draaiend(tmp_path) as server:
            antwoord = await zeg(server, b"GET " + doel + kop + host + b"\r\n\r\n")
        assert antwoord.startswith(b"HTTP/1.1 " + status), (doel, antwoord)


@pytest.mark.parametrize(
    ("verzoek", "status", "code"),
    [
        (b"onzin\r\n\r\n", b"400", b"http-ongeldig"),
        (b"GET /gezond HTTP/1.1\r\n\r\n", b"400", b"http-ongeldig"),
        (b"GET /gezond HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", b"400", b"http-ongeldig"),
        (b"GET /v1/dozen HTTP/1.0\r\n\r\n", b"400", b"host-onbekend"),
        (b"GET /gezond HTTP/1.1\r\nhost: a@b\r\n\r\n", b"400", b"host-ongeldig"),
        (b"GET /v1/dozen HTTP/1.1\r\nhost: localhost:8100@b\r\n\r\n", b"400", b"host-ongeldig"),
        (b"GET /gezond HTTP/9.9\r\nhost: localhost\r\n\r\n", b"400", b"http-ongeldig"),
        (b"GET /gezond HTTP/1.1\r\nhost: localhost\r\nx: " + b"a" * 20_000, b"400", b"koptekst"),
        (
            b"GET /gezond HTTP/1.1\r\nhost: localhost\r\n" + b"x: y\r\n" * 3_000 + b"\r\n",
            b"400",
            b"koptekst-te-groot",
        ),
        (
            b"GET /gezond?"
            + b"a" * 16_300
            + b" HTTP/1.1\r\nhost: localhost\r\nx: "
            + b"a" * 100
            + b"\r\n\r\n",
            b"400",
            b"koptekst-te-groot",
        ),
        (
            b"POST /v1/dozen HTTP/1.1\r\n" + KOP + b"content-length: x\r\n\r\n",
            b"400",
            b"http-ongeldig",
        ),
        (
            b"POST /v1/dozen HTTP/1.1\r\n"
            + KOP
            + b"content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n",
            b"400",
            b"http-ongeldig",
        ),
        (
            b"POST /v1/dozen HTTP/1.0\r\n" + KOP + b"transfer-encoding: chunked\r\n\r\n",
            b"400",
            b"http-ongeldig",
        ),
        *(
            (
                b"POST /v1/dozen HTTP/1.1\r\n" + KOP + b"transfer-encoding: " + soort + b"\r\n\r\n",
                b"400",
                b"http-ongeldig",
            )
            for soort in (
                b"gzip",
                b"gzip, chunked",
                b"chunked, chunked",
                b"chunked\r\ntransfer-encoding: chunked",
                b"identity",
                b"onzin",
                b"",
            )
        ),
    ],
)
async def test_wat_geen_http_is_krijgt_ook_een_probleem(
    tmp_path: Path, verzoek: bytes, status: bytes, code: bytes
) -> None:
    async with draaiend(tmp_path) as server:
        antwoord = await zeg(
            server, verzoek, b"0\r\n\r\n" if b"chunked" in verzoek else b"", eind=True
        )
    assert antwoord.startswith(b"HTTP/1.1 " + status), antwoord
    assert antwoord.count(b"HTTP/1.1 ") == 1
    assert b"application/problem+json" in antwoord
    assert code in antwoord


async def test_als_elke_verbinding_werk_heeft_wordt_gezegd_dat_het_te_druk_is(
    tmp_path: Path, log: Log
) -> None:
    router, door = Router(), asyncio.Event()

    @router.get("/langzaam", dependencies=[Depends(openbaar)])
    async def langzaam() -> dict[str, str]:
        """Wacht."""
        await door.wait()
        return {}

    async with draaiend(tmp_path, {"max_verbindingen": 2}, routers=[router]) as server:
        vraag = b"GET %s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        bezig = [asyncio.create_task(zeg(server, vraag % b"/v1/langzaam")) for _ in range(2)]
        await asyncio.sleep(0.2)
        antwoord = await zeg(server, vraag % b"/v1/langzaam")
        assert antwoord.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: 1" in antwoord
        assert b"te-druk" in antwoord
        for pad in (b"/gezond", b"/klaar"):
            assert (await zeg(server, vraag % pad)).startswith(b"HTTP/1.1 200 ")
        door.set()
        assert all(een.startswith(b"HTTP/1.1 200 ") for een in await asyncio.gather(*bezig))
        assert (await zeg(server, vraag % b"/v1/langzaam")).startswith(b"HTTP/1.1 200 ")
    (regel,) = log.regels("te_veel_verbindingen")
    assert regel["grens"] == 2


async def test_wie_niets_vraagt_maakt_plaats_voor_wie_iets_vraagt(tmp_path: Path) -> None:
    async with draaiend(tmp_path, {"max_verbindingen": 2}) as server:
        open_ = [await asyncio.open_connection("127.0.0.1", server.poort) for _ in range(2)]
        vraag = b"GET /v1/dozen HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        assert (await zeg(server, vraag)).startswith(b"HTTP/1.1 200 ")
        assert await asyncio.wait_for(open_[0][0].read(), 5) == b""
        open_[1][1].write(vraag)
        assert (await open_[1][0].read()).startswith(b"HTTP/1.1 200 ")
        for _, schrijver in open_:
            schrijver.close()


async def test_wie_halverwege_weggaat_is_geen_fout(tmp_path: Path, log: Log) -> None:
    async with draaiend(tmp_path) as server:
        kop = b"POST /v1/dozen HTTP/1.1\r\n" + KOP + b"content-length: 100\r\n\r\n{"
        _, schrijver = await asyncio.open_connection("127.0.0.1", server.poort)
        schrijver.write(kop)
        await schrijver.drain()
        schrijver.close()
        await tot(lambda: log.regels("verzoek_afgehandeld"))
    (regel,) = log.regels("verzoek_afgehandeld")
    assert regel["resultaat"] == 499
    assert log.regels("onverwachte_fout") == log.regels("bibliotheek_bericht") == []


async def test_een_antwoord_dat_halverwege_stukgaat_wordt_afgebroken_zonder_te_verraden(
    tmp_path: Path, log: Log
) -> None:
    router = Router()

    @router.get("/stroom", dependencies=[Depends(openbaar)])
    async def stroom() -> AsyncIterator[dict[str, str]]:
        """Gaat stuk."""
        yield {"een": "1"}
        raise LookupError("Willemijn")

    async with draaiend(tmp_path, routers=[router]) as server:
        antwoord = await zeg(server, b"GET /v1/stroom HTTP/1.1\r\nhost: localhost\r\n\r\n")
    assert antwoord.startswith(b"HTTP/1.1 200")
    assert not antwoord.endswith(b"0\r\n\r\n")
    assert b"Willemijn" not in antwoord
    assert "Willemijn" not in log.tekst.getvalue()
    assert log.regels("bibliotheek_bericht")


PROGRAMMA = """
import sys
from schakel.kern.http import serveer
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.zicht.logboek import stel_in
sys.path.insert(0, {wortel!r})
from tests.kern.http.proefdienst import proefapp
stel_in()
instellingen = Instellingen()
serveer(proefapp(instellingen), instellingen)
"""


def start_proces(map_: Path, poort: int) -> subprocess.Popen[str]:
    wortel = str(Path(__file__).parents[3])
    omgeving = os.environ | {"SCHAKEL_POORT": str(poort), "SCHAKEL_GEGEVENSMAP": str(map_)}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAMMA.format(wortel=wortel)],
        env=omgeving,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("sein", [signal.SIGTERM, signal.SIGINT])
def test_een_sein_stopt_de_dienst_netjes_en_een_bezette_poort_is_uitgang_2(
    tmp_path: Path, sein: signal.Signals
) -> None:
    with socket.socket() as vrij:
        vrij.bind(("127.0.0.1", 0))
        poort = vrij.getsockname()[1]
    with start_proces(tmp_path, poort) as eerste:
        assert eerste.stderr is not None
        assert "dienst_luistert" in eerste.stderr.readline()
        with start_proces(tmp_path, poort) as tweede:
            _, fout = tweede.communicate(timeout=20)
        assert tweede.returncode == 2
        (regel,) = fout.splitlines()
        assert regel.startswith(f"kan niet luisteren op 127.0.0.1:{poort}")
        eerste.send_signal(sein)
        _, rest = eerste.communicate(timeout=15)
    assert eerste.returncode == 0
    assert "dienst_gestopt" in rest


async def test_een_fout_in_de_gereedheid_is_ook_op_een_contact_een_probleem(tmp_path: Path) -> None:
    def kapot() -> Any:
        raise OpslagFout("opslag-vol", "de schijf is vol")

    async with draaiend(tmp_path, gezondheid=kapot) as server:
        antwoord = await zeg(
            server, b"GET /klaar HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )
    assert antwoord.startswith(b"HTTP/1.1 503 ")
    assert b'"onderdelen":{"onderdelen":"weg"}' in antwoord
