"""The partner listener by itself: who may ask what, and one clear refusal for all else."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from schakel.grens.buitennet import maak_klant
from schakel.grens.vormen import Pagina, bladen_van

from .contract import overeenkomst
from .organisaties import Organisatie, Uitgever, klant_tls, organisatie
from .zijden import A, B

SESSIE = "0198c1de-0000-7000-8000-000000000001"
PAD = f"/v1/logboeken/{A}"


class Vrager:
    """Asks B, under a certificate of the authority."""

    def __init__(self, b: Organisatie, uitgever: Uitgever) -> None:
        self.b = b
        self.uitgever = uitgever
        self.adres = f"https://localhost:{b.server.poort}"

    async def vraag(self, methode: str, pad: str, oin: str = A, **opties: Any) -> httpx.Response:
        tls = klant_tls(self.uitgever, oin)
        async with httpx.AsyncClient(verify=tls, base_url=self.adres) as klant:
            return await klant.request(methode, pad, **opties)

    async def hervat(self) -> str:
        """A resumption by hand; gives the session that B drew for our log."""
        inhoud = {
            "overeenkomst": self.b.partner.kenmerken[0],
            "ontvangen": {"sessie": SESSIE, "omvang": 0, "ontvangstbewijs": None},
            "gezegd": {"omvang": 0, "controlepunt": None},
        }
        antwoord = await self.vraag("POST", f"{PAD}/hervattingen", json=inhoud)
        assert antwoord.status_code == 200, antwoord.text
        sessie: str = antwoord.json()["ontvangen"]["sessie"]
        return sessie


@pytest.fixture
async def vrager(tmp_path: Path) -> AsyncIterator[Vrager]:
    uitgever = Uitgever(tmp_path)
    adres = {"adres": "https://localhost:9"}
    getekend = overeenkomst({A: adres, B: adres}, beller="zender")
    async with AsyncExitStack() as opruimen:
        b = await opruimen.enter_async_context(
            organisatie(tmp_path, "B", getekend, uitgever, 0, belt=False)
        )
        yield Vrager(b, uitgever)


async def weigering(vrager: Vrager, methode: str, pad: str, **opties: Any) -> tuple[int, str]:
    antwoord = await vrager.vraag(methode, pad, **opties)
    assert antwoord.headers["api-version"]
    assert antwoord.headers["cache-control"] == "no-store"
    assert antwoord.headers["content-type"] == "application/problem+json"
    probleem = antwoord.json()
    assert probleem["type"] == "about:blank"
    assert probleem["status"] == antwoord.status_code
    return antwoord.status_code, probleem["code"]


@pytest.mark.parametrize(
    ("methode", "pad", "opties", "verwacht"),
    [
        ("GET", "/", {}, (404, "onbekend")),
        ("GET", "/v1/meldingen", {}, (404, "onbekend")),
        ("GET", f"{PAD}/iets", {}, (404, "onbekend")),
        ("DELETE", f"{PAD}/paginas", {}, (405, "methode")),
        ("GET", f"{PAD}/hervattingen", {}, (405, "methode")),
        ("GET", f"/v1/logboeken/{B}/bladen?vanaf=0", {}, (403, "andere-organisatie")),
        (
            "GET",
            f"/v1/logboeken/{'9' * 20}/bladen?vanaf=0",
            {"oin": "9" * 20},
            (403, "geen-overeenkomst"),
        ),
        ("GET", f"{PAD}/paginas", {}, (400, "ongeldig")),
        ("GET", f"{PAD}/paginas?vanaf=01&sessie={SESSIE}", {}, (400, "ongeldig")),
        ("GET", f"{PAD}/paginas?vanaf=0&vanaf=0&sessie={SESSIE}", {}, (400, "ongeldig")),
        ("GET", f"{PAD}/paginas?vanaf=0&sessie={SESSIE}&wacht=21", {}, (400, "ongeldig")),
        ("GET", f"{PAD}/paginas?vanaf=0&sessie={SESSIE}", {}, (409, "sessie-onbekend")),
        ("GET", f"{PAD}/bladen?vanaf=0", {}, (409, "niet-achterop")),
        ("POST", f"{PAD}/paginas", {"content": b"{}"}, (415, "mediatype")),
        ("POST", f"{PAD}/paginas", {"json": {}}, (400, "ongeldig")),
        ("POST", f"{PAD}/hervattingen", {"json": {}}, (400, "ongeldig")),
        (
            "POST",
            f"{PAD}/paginas",
            {"json": {"sessie": SESSIE, "vanaf": 0}},
            (409, "sessie-onbekend"),
        ),
    ],
)
async def test_wat_niet_kan_wordt_met_een_code_geweigerd(
    vrager: Vrager, methode: str, pad: str, opties: dict[str, Any], verwacht: tuple[int, str]
) -> None:
    assert await weigering(vrager, methode, pad, **opties) == verwacht


@pytest.mark.parametrize(
    ("pad", "mag"),
    [("paginas", "GET, POST"), ("hervattingen", "POST"), ("bladen", "GET, POST")],
)
async def test_bij_een_andere_methode_staat_wat_wel_mag(vrager: Vrager, pad: str, mag: str) -> None:
    antwoord = await vrager.vraag("DELETE", f"{PAD}/{pad}")
    assert (antwoord.status_code, antwoord.headers["allow"]) == (405, mag)


async def test_een_inhoud_noemt_zijn_lengte_en_is_niet_ingepakt(vrager: Vrager) -> None:
    json_ = {"content-type": "application/json"}

    async def stuk() -> AsyncIterator[bytes]:
        yield b"{}"

    pad = f"{PAD}/paginas"
    assert await weigering(vrager, "POST", pad, content=stuk(), headers=json_) == (
        411,
        "zonder-lengte",
    )
    ingepakt = json_ | {"content-encoding": "gzip"}
    assert await weigering(vrager, "POST", pad, content=b"x", headers=ingepakt) == (
        415,
        "mediatype",
    )
    assert await weigering(vrager, "POST", pad, content=b"x" * 786_433, headers=json_) == (
        413,
        "te-groot",
    )


@pytest.mark.parametrize("oin", ["", "1234", "0000009900000000100x"])
async def test_zonder_oin_in_het_certificaat_wordt_niemand_herkend(
    vrager: Vrager, oin: str
) -> None:
    assert await weigering(vrager, "GET", f"{PAD}/bladen?vanaf=0", oin=oin or "-") == (
        401,
        "niet-herkend",
    )


async def test_zonder_certificaat_komt_niemand_binnen(vrager: Vrager) -> None:
    tls = ssl.create_default_context(cafile=str(vrager.uitgever.ca))
    async with httpx.AsyncClient(verify=tls, base_url=vrager.adres) as klant:
        with pytest.raises(httpx.TransportError):
            await klant.get(f"{PAD}/bladen?vanaf=0")


async def test_een_slechte_pagina_zet_de_verbinding_stil_met_het_bewijs_erbij(
    vrager: Vrager,
) -> None:
    sessie = await vrager.hervat()
    pagina = Pagina(sessie=sessie, vanaf=0, bladen=bladen_van((b"x",)), controlepunt="geen note")
    antwoord = await vrager.vraag("POST", f"{PAD}/paginas", json=json.loads(pagina.schrijf()))
    assert (antwoord.status_code, antwoord.json()["code"]) == (400, "slechte-pagina")
    assert antwoord.json()["reden"] == "vorm"
    for methode, pad, opties in (
        ("GET", f"{PAD}/paginas?vanaf=0&sessie={SESSIE}", {}),
        ("GET", f"{PAD}/ontvangstbewijzen", {}),
        ("POST", f"{PAD}/paginas", {"json": json.loads(pagina.schrijf())}),
        ("POST", f"{PAD}/hervattingen", {"json": {}}),
    ):
        assert await weigering(vrager, methode, pad, **opties) == (403, "gestopt")
    rijen = vrager.b.opslag.vraag("SELECT partner, reden, inhoud FROM bewijsstukken")
    assert [(partner, reden) for partner, reden, _ in rijen] == [(A, "vorm")]
    assert json.loads(rijen[0][2]) == json.loads(pagina.schrijf())


async def test_wie_wacht_hoort_het_zodra_er_iets_is(vrager: Vrager) -> None:
    await vrager.hervat()
    pad = f"{PAD}/paginas?vanaf=0&sessie={SESSIE}"
    assert (await vrager.vraag("GET", pad)).status_code == 204
    wacht = asyncio.create_task(vrager.vraag("GET", f"{pad}&wacht=20", timeout=30))
    await asyncio.sleep(0.3)
    assert not wacht.done()
    await vrager.b.kanaal.zeg([b"nieuws"])
    antwoord = await asyncio.wait_for(wacht, 3)
    assert antwoord.json()["bladen"] == list(bladen_van((b"nieuws",)))


async def test_een_partner_houdt_niet_meer_dan_vier_vragen_open(vrager: Vrager) -> None:
    await vrager.hervat()
    pad = f"{PAD}/paginas?vanaf=0&sessie={SESSIE}&wacht=3"
    antwoorden = await asyncio.gather(*(vrager.vraag("GET", pad, timeout=30) for _ in range(6)))
    assert sorted(een.status_code for een in antwoorden) == [204] * 4 + [429] * 2
    druk = next(een for een in antwoorden if een.status_code == 429)
    assert druk.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("oin", "hosts", "eigen", "past"),
    [
        (B, {"localhost"}, {"localhost"}, True),
        (B, {"localhost"}, set(), False),
        (B, set(), {"localhost"}, False),
        (A, {"localhost"}, {"localhost"}, False),
    ],
    ids=["genoemd", "niet op het open net", "in geen overeenkomst", "een ander certificaat"],
)
async def test_er_wordt_alleen_gebeld_naar_wie_in_een_overeenkomst_staat(
    vrager: Vrager, oin: str, hosts: set[str], eigen: set[str], past: bool
) -> None:
    async with maak_klant(klant_tls(vrager.uitgever, A), oin, hosts, eigen) as klant:
        vraag = klant.get(f"{vrager.adres}{PAD}/ontvangstbewijzen")
        if past:
            assert (await vraag).json() == {"omvang": 0, "ontvangstbewijs": None}
        else:
            with pytest.raises(httpx.ConnectError):
                await vraag
