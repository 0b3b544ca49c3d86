"""Sections 1 and 11 over a bare connection: what HTTP/1.1 asks of a server, and the limits."""

import asyncio

import pytest

from schakel.kern.http.verbindingen import Fase

from .conftest import Proef
from .vreemde import JSON, SESSIE, A, compact, keur_vorm

LOGBOEK = f"/v1/logboeken/{A}"


@pytest.mark.parametrize(
    "voor",
    ["https://localhost", "https://een.example:8443", "http://een.example", "HTTPS://[::1]:1"],
)
async def test_een_doel_mag_een_heel_adres_zijn(proef: Proef, voor: str) -> None:
    """RFC 9112, 3.2.2: a server MUST accept the absolute-form."""
    await proef.a.hervat()
    antwoord = await proef.a.stuur(f"GET {voor}{LOGBOEK}/paginas?vanaf=0&sessie={SESSIE}")
    assert antwoord.status == 204
    ruw = compact(proef.a.hervatting())
    antwoord = await proef.a.stuur(
        f"POST {voor}{LOGBOEK}/hervattingen", JSON, f"Content-Length: {len(ruw)}", inhoud=ruw
    )
    assert antwoord.status == 200


@pytest.mark.parametrize(
    "doel", ["https://localhost", "https://localhost?x=1", "https:///v1", "ftp://localhost/v1", "*"]
)
async def test_een_ander_doel_is_onbekend(proef: Proef, doel: str) -> None:
    assert (await proef.a.stuur(f"GET {doel}")).wat == (404, "onbekend")


async def test_de_kop_is_samen_begrensd(proef: Proef) -> None:
    """However it comes: in one piece h11 alone would read any size."""
    for koppen in ([f"X: {'a' * 30_000}"], [f"X-{n}: {'a' * 100}" for n in range(200)]):
        antwoord = await proef.a.stuur(f"GET {LOGBOEK}/ontvangstbewijzen", *koppen)
        assert antwoord.wat == (400, "ongeldig")
    antwoord = await proef.a.stuur(f"GET {LOGBOEK}/ontvangstbewijzen?{'x' * 17_000}")
    assert antwoord.wat == (400, "ongeldig")
    goed = [f"X-{n}: {'a' * 100}" for n in range(100)]
    assert (await proef.a.stuur(f"GET {LOGBOEK}/ontvangstbewijzen", *goed)).status == 200


async def test_een_heel_verzoek_mag_dertig_seconden_duren_en_een_verbinding_zestig_rusten(
    proef: Proef,
) -> None:
    """Section 11. Read where it is kept, because a test does not wait for a minute."""
    lijn = await proef.a.lijn()
    kop = f"POST {LOGBOEK}/hervattingen HTTP/1.1\r\nHost: x\r\n{JSON}\r\n"
    ruw = compact(proef.a.hervatting())
    lijn.schrijf(f"{kop}Content-Length: {len(ruw)}\r\n\r\n".encode() + ruw[:-1])
    toeloop = proef.b.server.verbindingen
    assert toeloop is not None

    async def tot(fase: Fase) -> float:
        async with asyncio.timeout(5):
            while True:
                for een in toeloop._alle():
                    een.herzie()
                    if een.fase is fase:
                        return een.tot - een.sinds
                await asyncio.sleep(0.01)

    assert await tot(Fase.INHOUD) == pytest.approx(31, abs=1)  # the application says it first
    lijn.schrijf(ruw[-1:])
    keur_vorm(await lijn.lees())
    assert await tot(Fase.RUST) > 60
    (een,) = toeloop._alle()
    assert een.timeout_keep_alive == 60  # type: ignore[attr-defined]
    lijn.sluit()


async def test_een_verbinding_die_rust_wordt_nog_eens_gebruikt(proef: Proef) -> None:
    lijn = await proef.a.lijn()
    for _ in range(3):
        lijn.schrijf(f"GET {LOGBOEK}/ontvangstbewijzen HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert (await lijn.lees()).status == 200
    lijn.sluit()


async def test_head_is_geen_methode_en_heeft_geen_inhoud(proef: Proef) -> None:
    lijn = await proef.a.lijn()
    lijn.schrijf(f"HEAD {LOGBOEK}/ontvangstbewijzen HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    antwoord = await lijn.lees(is_head=True)
    assert (antwoord.status, antwoord.koppen["allow"]) == (405, "GET, POST")
    # What follows is the answer to the next request: no body stood in between.
    lijn.schrijf(f"GET {LOGBOEK}/ontvangstbewijzen HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert (await lijn.lees()).status == 200
    lijn.sluit()


@pytest.mark.parametrize(
    "pad",
    [
        f"{LOGBOEK}/",
        f"{LOGBOEK}/paginas/",
        f"/{LOGBOEK}/paginas",
        f"/v2/logboeken/{A}/paginas",
        f"/v1/logboeken/{A[:-1]}/paginas",
        f"/v1/Logboeken/{A}/paginas",
    ],
)
async def test_een_ander_adres_is_onbekend(proef: Proef, pad: str) -> None:
    assert (await proef.a.stuur(f"GET {pad}?vanaf=0&sessie={SESSIE}")).wat == (404, "onbekend")


async def test_een_transactie_komt_terug_ook_bij_een_fout(proef: Proef) -> None:
    nummer = "0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d12"
    for pad in ("/", f"{LOGBOEK}/ontvangstbewijzen"):
        antwoord = await proef.a.stuur(f"GET {pad}", f"Fsc-Transaction-Id: {nummer}")
        assert antwoord.koppen["fsc-transaction-id"] == nummer
