"""Where the public keys come from, and what happens when they do not come."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from tests.kern.http.conftest import Log, klant_van
from tests.kern.http.organisatie import WEG, Organisatie, drager
from tests.kern.http.proefdienst import proefapp

from schakel.kern.geheim.token import schrijf_jwks
from schakel.kern.grond.weigering import StartFout
from schakel.kern.http import Rol, ophalen, sleutels


class Klok:
    def __init__(self) -> None:
        self.nu = 1000.0

    def monotonic(self) -> float:
        return self.nu


@pytest.fixture
def klok(monkeypatch: pytest.MonkeyPatch) -> Klok:
    klok = Klok()
    monkeypatch.setattr(sleutels, "time", klok)
    return klok


async def test_een_nieuwe_sleutel_wordt_hoogstens_eens_per_minuut_opgehaald(
    organisatie: Organisatie, klok: Klok, tmp_path: Path
) -> None:
    async with klant_van(proefapp(organisatie.instellingen())) as klant:
        nieuw = Organisatie(tmp_path / "nieuw") if (tmp_path / "nieuw").mkdir() is None else None
        assert nieuw is not None
        schrijf_jwks(nieuw.sleutel, tmp_path / "jwks.json")
        assert (
            await klant.get("/dozen", headers=drager(nieuw.token(Rol.LEZER)))
        ).status_code == 401
        klok.nu += 61
        assert (
            await klant.get("/dozen", headers=drager(nieuw.token(Rol.LEZER)))
        ).status_code == 200


@asynccontextmanager
async def idp(antwoord: Callable[[], bytes]) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers every connection with the same bytes."""
    gevraagd: list[bytes] = []

    async def beantwoord(lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        gevraagd.append(await lezer.readuntil(b"\r\n\r\n"))
        schrijver.write(antwoord())
        await schrijver.drain()
        schrijver.close()

    server = await asyncio.start_server(beantwoord, "127.0.0.1", 0)
    poort = server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{poort}/jwks", gevraagd
    finally:
        server.close()
        await server.wait_closed()


def ok(inhoud: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + inhoud


async def test_sleutels_van_een_adres_worden_eenmaal_opgehaald_en_nooit_uit_het_token(
    organisatie: Organisatie, klok: Klok, log: Log
) -> None:
    jwks = (organisatie.map / "jwks.json").read_bytes()
    async with idp(lambda: ok(jwks)) as (adres, gevraagd), idp(lambda: ok(jwks)) as (vals, nooit):
        async with klant_van(proefapp(organisatie.instellingen(jwks=adres))) as klant:
            assert gevraagd == []
            for _ in range(3):
                token = organisatie.token(Rol.LEZER, sub=str(_))
                assert (await klant.get("/dozen", headers=drager(token))).status_code == 200
            for kid in ("x", "y", "z"):
                kop = {"kid": kid, "jku": vals, "x5u": vals, "jwk": json.loads(jwks)["keys"][0]}
                token = organisatie.vrij_token(kop)
                assert (await klant.get("/dozen", headers=drager(token))).status_code == 401
            assert len(gevraagd) == 1
            klok.nu += 61
            token = organisatie.vrij_token({"kid": "x"})
            assert (await klant.get("/dozen", headers=drager(token))).status_code == 401
            assert len(gevraagd) == 2
        assert nooit == []
    assert [regel["aantal"] for regel in log.regels("sleutels_opgehaald")] == [1, 1]


@pytest.mark.parametrize(
    "antwoord",
    [
        b"HTTP/1.1 302 Found\r\nlocation: file:///etc/hostname\r\nconnection: close\r\n\r\n",
        b"HTTP/1.1 500 Nee\r\nconnection: close\r\n\r\n",
        ok(b"geen json"),
        ok(b"[]"),
        ok(b'{"keys": []}'),
        b"onzin",
        b"",
    ],
)
async def test_zonder_sleutels_kan_niemand_gecontroleerd_worden_en_dat_herstelt_zich(
    organisatie: Organisatie, klok: Klok, antwoord: bytes
) -> None:
    nu = [antwoord]
    async with (
        idp(lambda: nu[0]) as (adres, _),
        klant_van(proefapp(organisatie.instellingen(jwks=adres))) as klant,
    ):
        token = drager(organisatie.token(Rol.LEZER))
        fout = await klant.get("/dozen", headers=token)
        assert (fout.status_code, fout.json()["code"]) == (503, "sleutels-onbereikbaar")
        assert fout.headers["retry-after"] == "5"
        nu[0] = ok((organisatie.map / "jwks.json").read_bytes())
        klok.nu += 61
        assert (await klant.get("/dozen", headers=token)).status_code == 200


async def test_een_omleiding_naar_goede_sleutels_wordt_niet_gevolgd(
    organisatie: Organisatie,
) -> None:
    goed = ok((organisatie.map / "jwks.json").read_bytes())
    async with idp(lambda: goed) as (elders, gevraagd):
        kop = f"HTTP/1.1 302 Found\r\nlocation: {elders}\r\nconnection: close\r\n\r\n"
        async with (
            idp(kop.encode) as (adres, _),
            klant_van(proefapp(organisatie.instellingen(jwks=adres))) as klant,
        ):
            fout = await klant.get("/dozen", headers=drager(organisatie.token(Rol.LEZER)))
    assert (fout.status_code, gevraagd) == (503, [])


async def test_een_te_grote_verzameling_sleutels_wordt_niet_gelezen(
    organisatie: Organisatie,
) -> None:
    groot = (organisatie.map / "jwks.json").read_bytes() + b" " * 300_000
    async with (
        idp(lambda: ok(groot)) as (adres, _),
        klant_van(proefapp(organisatie.instellingen(jwks=adres))) as klant,
    ):
        fout = await klant.get("/dozen", headers=drager(organisatie.token(Rol.LEZER)))
    assert fout.status_code == 503


async def test_een_haperende_uitgever_neemt_bekende_sleutels_niet_weg(
    organisatie: Organisatie, klok: Klok, log: Log
) -> None:
    nu = [ok((organisatie.map / "jwks.json").read_bytes())]
    async with (
        idp(lambda: nu[0]) as (adres, _),
        klant_van(proefapp(organisatie.instellingen(jwks=adres))) as klant,
    ):
        assert (await klant.get("/dozen", headers=drager(organisatie.token(Rol.LEZER)))).is_success
        nu[0] = b""
        klok.nu += 61
        onbekend = organisatie.vrij_token({"kid": "onbekend"})
        assert (await klant.get("/dozen", headers=drager(onbekend))).status_code == 401
        assert log.regels("sleutels_onbereikbaar")
        ander = organisatie.token(Rol.LEZER, sub="ander")
        assert (await klant.get("/dozen", headers=drager(ander))).status_code == 200


@pytest.mark.parametrize("inhoud", [None, b"onzin", b"[]"])
def test_een_sleutelbestand_dat_niet_deugt_houdt_de_start_tegen(
    organisatie: Organisatie, inhoud: bytes | None
) -> None:
    bestand = organisatie.map / "jwks.json"
    bestand.unlink() if inhoud is None else bestand.write_bytes(inhoud)
    with pytest.raises(StartFout, match="kan de sleutels in"):
        proefapp(organisatie.instellingen())


async def druppel(schrijver: asyncio.StreamWriter, begin: bytes) -> None:
    """Never quite silent, and never done."""
    schrijver.write(begin)
    try:
        while True:
            schrijver.write(b" ")
            await schrijver.drain()
            await asyncio.sleep(0.02)
    except OSError:
        schrijver.close()


@pytest.mark.parametrize(
    "begin", [ok(b'{"keys": ['), b"HTTP/1.1 200 OK\r\nx: ", b"HTTP/1.1 100 Continue\r\n\r\n", b""]
)
async def test_een_druppelende_uitgever_wordt_op_tijd_opgegeven_en_houdt_niemand_op(
    organisatie: Organisatie, monkeypatch: pytest.MonkeyPatch, begin: bytes
) -> None:
    monkeypatch.setattr(ophalen, "TERMIJN", 0.3)
    monkeypatch.setattr(sleutels, "PAUZE_NA_FOUT", 0.0)
    verbroken = asyncio.Semaphore(0)

    async def beantwoord(lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        await lezer.readuntil(b"\r\n\r\n")
        await druppel(schrijver, begin)
        verbroken.release()

    async with await asyncio.start_server(beantwoord, "127.0.0.1", 0) as server:
        adres = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"
        async with klant_van(proefapp(organisatie.instellingen(jwks=adres))) as klant:
            for _ in range(3):
                vraag = klant.get("/dozen", headers=drager(organisatie.token(Rol.LEZER)))
                fout = await asyncio.wait_for(vraag, 2)
                assert (fout.status_code, fout.json()["code"]) == (503, "sleutels-onbereikbaar")
                await asyncio.wait_for(verbroken.acquire(), 2)
        draden = [draad for draad in threading.enumerate() if draad.name.startswith("ophalen")]
        assert len(draden) <= 1


async def test_wie_op_de_uitgever_wacht_houdt_niet_iedereen_op(
    organisatie: Organisatie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ophalen, "TERMIJN", 1.0)
    jwks = (organisatie.map / "jwks.json").read_bytes()
    bij = asyncio.Event()

    async def traag(_: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        await bij.wait()
        schrijver.write(ok(jwks))
        schrijver.close()

    async with await asyncio.start_server(traag, "127.0.0.1", 0) as server:
        adres = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks"
        async with klant_van(proefapp(organisatie.instellingen(jwks=adres))) as klant:
            vragen = [
                asyncio.create_task(
                    klant.get("/dozen", headers=drager(organisatie.token(Rol.LEZER)))
                )
                for _ in range(60)
            ]
            klaar, nog = await asyncio.wait(vragen, timeout=0.5)
            assert {een.result().status_code for een in klaar} == {503}
            assert len(nog) == sleutels.MEESTE_WACHTENDEN
            bij.set()
            assert {een.status_code for een in await asyncio.gather(*nog)} == {200}


RSA = RSAKey.generate_key(2048).as_dict(private=False)
EC = ECKey.generate_key("P-256").as_dict(private=False)
OKP = OKPKey.generate_key("Ed25519").as_dict(private=False)
VREEMD: list[Any] = [
    None,
    1,
    "sleutel",
    [],
    {},
    {"kty": ["RSA"]},
    {"kty": "AKP", "alg": "ML-DSA-65", "pub": "AA"},
    {"kty": "oct", "k": "AAAA"},
    {"kty": "RSA"},
    RSA | {"n": 1},
    RSA | {"n": "!!!!"},
    RSA | {"n": "é"},
    RSA | {"n": "A" * 342},
    RSA | {"e": ""},
    RSA | {"kid": 1},
    RSA | {"kid": ["a"]},
    RSA | {"use": ["sig"]},
    RSA | {"use": "enc"},
    RSA | {"n": RSA["n"][:171]},
    RSA | {"n": "A" * 171 + RSA["n"][:171]},
    EC | {"crv": "P-999"},
    EC | {"crv": 1},
    EC | {"x": EC["y"]},
    EC | {"y": None},
    OKP | {"crv": "X25519"},
    OKP | {"x": ""},
]


@pytest.mark.parametrize("vreemd", VREEMD)
async def test_een_onbekende_sleutel_in_de_verzameling_wordt_overgeslagen(
    organisatie: Organisatie, vreemd: Any
) -> None:
    bestand = organisatie.map / "jwks.json"
    goed = json.loads(bestand.read_bytes())["keys"]
    bestand.write_text(json.dumps({"keys": [vreemd, *goed, vreemd]}))
    async with klant_van(proefapp(organisatie.instellingen())) as klant:
        token = drager(organisatie.token(Rol.LEZER))
        assert (await klant.get("/dozen", headers=token)).status_code == 200
        for kid in ("onbekend", "", WEG):
            vrij = drager(organisatie.vrij_token({"kid": kid}))
            assert (await klant.get("/dozen", headers=vrij)).status_code in {200, 401}


@pytest.mark.parametrize(
    "inhoud",
    [
        b'{"keys": {}}',
        b'{"keys": "a"}',
        b'{"keys": []',
        b'{"keys": [], "keys": []}',
        b"[" * 100_000,
        b'{"keys": [' + b"9" * 5_000 + b"]}",
        b'{"keys": [NaN]}',
        b"\xff\xfe{\x00}\x00",
    ],
)
async def test_wat_geen_verzameling_sleutels_is_wordt_geweigerd(
    organisatie: Organisatie, inhoud: bytes
) -> None:
    async with (
        idp(lambda: ok(inhoud)) as (adres, _),
        klant_van(proefapp(organisatie.instellingen(jwks=adres))) as klant,
    ):
        fout = await klant.get("/dozen", headers=drager(organisatie.token(Rol.LEZER)))
        assert (fout.status_code, fout.json()["code"]) == (503, "sleutels-onbereikbaar")
    (organisatie.map / "jwks.json").write_bytes(inhoud)
    with pytest.raises(StartFout, match="kan de sleutels in"):
        proefapp(organisatie.instellingen())
