"""What every answer carries, whom the door lets in, and what is written down about it."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from fastapi import Depends
from tests.kern.http.conftest import Log, klant_van
from tests.kern.http.proefdienst import ZAAK, proefapp

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http import Router, Staat, openbaar

OVERAL = {
    "cache-control": "no-store",
    "content-security-policy": "frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "api-version": "1.2.3",
}


@pytest.mark.parametrize(
    ("methode", "adres", "status"),
    [
        ("GET", "/dozen", 200),
        ("GET", "/dozen?x=1", 400),
        ("GET", "/niets", 404),
        ("PUT", "/dozen", 405),
        ("GET", "/fouten/weigering", 409),
        ("GET", "/fouten/onverwacht", 500),
        ("GET", "/openapi.json", 200),
        ("GET", "http://localhost/gezond", 200),
        ("GET", "http://localhost/klaar", 200),
        ("GET", "http://elders/gezond", 200),
        ("GET", "http://elders/klaar", 200),
        ("GET", "http://elders/v1/dozen", 400),
    ],
)
async def test_elk_antwoord_draagt_de_veilige_koppen(
    klant: httpx.AsyncClient, methode: str, adres: str, status: int
) -> None:
    antwoord = await klant.request(methode, adres)
    assert antwoord.status_code == status
    assert antwoord.headers.items() >= OVERAL.items()
    assert "server" not in antwoord.headers
    assert "content-type" in antwoord.headers


async def test_alleen_de_beschrijving_mag_door_andere_sites_gelezen_worden(
    klant: httpx.AsyncClient,
) -> None:
    van_elders = {"origin": "https://elders.example"}
    open_ = await klant.get("/openapi.json", headers=van_elders)
    assert open_.headers["access-control-allow-origin"] == "*"
    for adres in ("/dozen", "http://localhost/klaar"):
        dicht = await klant.get(adres, headers=van_elders)
        assert "access-control-allow-origin" not in dicht.headers
    vooraf = van_elders | {"access-control-request-method": "POST"}
    assert (await klant.options("/dozen", headers=vooraf)).status_code == 405


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8100", 200),
        ("127.0.0.1:1", 200),
        ("[::1]:8100", 200),
        ("elders.example", 400),
        ("localhost.elders.example", 400),
        ("elders.example#localhost", 400),
        ("localhost@elders.example", 400),
        ("", 400),
    ],
)
async def test_alleen_een_eigen_hostnaam_wordt_gehoord(
    klant: httpx.AsyncClient, host: str, status: int
) -> None:
    antwoord = await klant.get("/dozen", headers={"host": host})
    assert antwoord.status_code == status


async def test_een_ingestelde_hostnaam_mag_ook(tmp_path: Any) -> None:
    instellingen = Instellingen(gegevensmap=tmp_path, toegestane_hosts={"Dienst.Intern"})
    async with klant_van(proefapp(instellingen)) as klant:
        assert (await klant.get("/dozen", headers={"host": "dienst.intern"})).status_code == 200


@pytest.mark.parametrize(
    ("aanvaard", "status"),
    [
        ("*/*", 200),
        ("application/json", 200),
        ("application/*;q=0.1", 200),
        ("text/html, application/xhtml+xml, */*;q=0.8", 200),
        ("text/html", 406),
        ("application/json;q=0", 406),
        ("application/json;q=0, */*", 406),
        ("application/json;q=onzin", 406),
        ("text/*", 406),
        ("", 200),
    ],
)
async def test_wie_geen_json_wil_krijgt_dat_te_horen(
    klant: httpx.AsyncClient, aanvaard: str, status: int
) -> None:
    antwoord = await klant.get("/dozen", headers={"accept": aanvaard})
    assert antwoord.status_code == status
    if status == 406:
        assert antwoord.json()["code"] == "niet-leverbaar"


async def test_boven_de_grens_wordt_gezegd_dat_het_te_druk_is(tmp_path: Any) -> None:
    router, door, binnen = Router(), asyncio.Event(), asyncio.Event()

    @router.get("/langzaam", dependencies=[Depends(openbaar)])
    async def langzaam() -> dict[str, str]:
        """Wacht."""
        binnen.set()
        await door.wait()
        return {}

    instellingen = Instellingen(gegevensmap=tmp_path, max_verzoeken=1)
    async with klant_van(proefapp(instellingen, routers=[router])) as klant:
        eerste = asyncio.create_task(klant.get("/langzaam"))
        await binnen.wait()
        tweede = await asyncio.wait_for(klant.get("/langzaam"), 5)
        assert (tweede.status_code, tweede.json()["code"]) == (503, "te-druk")
        assert tweede.headers["retry-after"] == "1"
        door.set()
        assert (await eerste).status_code == 200
        assert (await klant.get("/langzaam")).status_code == 200


async def test_van_elk_verzoek_staat_er_een_regel_zonder_wat_er_werd_ingevuld(
    klant: httpx.AsyncClient, log: Log
) -> None:
    await klant.get(f"/dozen/{ZAAK.upper()}?kleur=rood")
    await klant.get("/dozen/Willemijn?naam=Willemijn")
    await klant.get("/Willemijn/van-buren")
    await klant.post(
        "/dozen", json={"tekst": "Willemijn"}, headers={"Idempotency-Key": "Willemijn"}
    )
    await klant.request("WILLEMIJN", "/dozen", headers={"traceparent": "Willemijn"})
    gelezen, fout, nergens, gemaakt, vreemd = log.regels("verzoek_afgehandeld")
    assert (
        gelezen.items()
        >= {
            "actie": "GET /dozen/{doosId}",
            "object": ZAAK,
            "resultaat": 200,
            "oorsprong": "loopback",
            "actor": "lokaal",
            "rol": "lezer",
            "dienst": "proef",
            "niveau": "info",
        }.items()
    )
    assert gelezen["duur_ms"] > 0
    assert gelezen["tijdstip"].endswith("Z")
    assert "object" not in fout
    assert (fout["resultaat"], fout["code"]) == (400, "query-onbekend")
    assert (nergens["actie"], nergens["resultaat"]) == ("GET -", 404)
    assert (gemaakt["rol"], gemaakt["resultaat"]) == ("intaker", 201)
    assert (vreemd["actie"], vreemd["resultaat"]) == ("_OTHER /dozen", 405)
    assert "willemijn" not in log.tekst.getvalue().lower()


@pytest.mark.parametrize(
    ("adres", "oorsprong"),
    [
        ("127.0.0.9", "loopback"),
        ("::1", "loopback"),
        ("192.0.2.77", "192.0.2.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("/var/contact", "onbekend"),
    ],
)
async def test_van_een_klant_wordt_alleen_het_netwerk_opgeschreven(
    instellingen: Instellingen, log: Log, adres: str, oorsprong: str
) -> None:
    vervoer = httpx.ASGITransport(proefapp(instellingen), client=(adres, 1))
    async with httpx.AsyncClient(transport=vervoer, base_url="http://localhost/v1") as klant:
        await klant.get("/dozen")
    assert log.regels("verzoek_afgehandeld")[0]["oorsprong"] == oorsprong


async def test_gezond_vraagt_niemand_iets_en_staat_niet_in_het_log(
    instellingen: Instellingen, log: Log
) -> None:
    def kapot() -> dict[str, Staat]:
        raise AssertionError("niemand hoort dit te vragen")

    async with klant_van(proefapp(instellingen, gezondheid=kapot)) as klant:
        antwoord = await klant.get("http://localhost/gezond")
    assert (antwoord.status_code, antwoord.json()) == (200, {"status": "gezond"})
    assert log.tekst.getvalue() == ""


@pytest.mark.parametrize(
    ("opslag", "bus", "status"),
    [
        (Staat.GOED, Staat.GOED, 200),
        (Staat.GOED, Staat.GESTOORD, 200),
        (Staat.WEG, Staat.GOED, 503),
    ],
)
async def test_klaar_noemt_de_staat_van_elk_onderdeel(
    instellingen: Instellingen, log: Log, opslag: Staat, bus: Staat, status: int
) -> None:
    app = proefapp(instellingen, gezondheid=lambda: {"opslag": opslag, "bus": bus})
    async with klant_van(app) as klant:
        antwoord = await klant.get("http://localhost/klaar")
        await klant.get("http://localhost/klaar")
    assert antwoord.status_code == status
    assert antwoord.json()["onderdelen"] == {"opslag": opslag, "bus": bus}
    if status == 503:
        assert antwoord.headers["content-type"] == "application/problem+json"
        assert "retry-after" in antwoord.headers
    (regel,) = log.regels("gereedheid_veranderd")
    assert regel["klaar"] is (status == 200)


@pytest.mark.parametrize("opslag", [Staat.GOED, Staat.WEG])
@pytest.mark.parametrize("toelichting", [{}, {"bus": "zo"}])
async def test_klaar_zegt_erbij_wat_er_van_een_onderdeel_te_weten_is(
    instellingen: Instellingen, opslag: Staat, toelichting: dict[str, str]
) -> None:
    staat = {"opslag": opslag}
    app = proefapp(instellingen, gezondheid=lambda: staat, toelichting=lambda: toelichting)
    async with klant_van(app) as klant:
        gezegd = (await klant.get("http://localhost/klaar")).json()
    assert gezegd["onderdelen"] == staat
    assert gezegd.get("toelichting") == (toelichting or None)


async def test_een_onderdeel_dat_niet_antwoordt_is_weg(
    instellingen: Instellingen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schakel.kern.http.gezondheid.GEDULD", 0.05)

    async def nooit() -> dict[str, Staat]:
        await asyncio.Event().wait()
        return {}

    async with klant_van(proefapp(instellingen, gezondheid=nooit)) as klant:
        antwoord = await klant.get("http://localhost/klaar")
    assert (antwoord.status_code, antwoord.json()["onderdelen"]) == (503, {"onderdelen": "weg"})


async def test_een_onderdeel_dat_een_fout_geeft_laat_niets_zien(
    instellingen: Instellingen, log: Log
) -> None:
    def kapot() -> dict[str, Staat]:
        raise LookupError("Willemijn")

    async with klant_van(proefapp(instellingen, gezondheid=kapot)) as klant:
        antwoord = await klant.get("http://localhost/klaar")
    assert (antwoord.status_code, antwoord.json()["code"]) == (500, "interne-fout")
    assert "Willemijn" not in antwoord.text + log.tekst.getvalue()


async def test_een_nul_teken_in_het_adres_wordt_geweigerd(klant: httpx.AsyncClient) -> None:
    antwoord = await klant.get("/fouten/%00")
    assert (antwoord.status_code, antwoord.json()["code"]) == (400, "adres-nul")


async def test_het_log_is_een_json_regel_per_gebeurtenis(
    klant: httpx.AsyncClient, log: Log
) -> None:
    await klant.get("/dozen", headers={"user-agent": 'a"\nniveau=error'})
    (regel,) = log.tekst.getvalue().splitlines()
    assert json.loads(regel)["gebeurtenis"] == "verzoek_afgehandeld"
