"""Every error is problem+json, with what helps the asker and nothing of the inside."""

import re
from typing import Any

import httpx
import pytest
from tests.kern.http.conftest import Log
from tests.kern.http.proefdienst import GEHEIM

NODIG = {"type", "title", "status", "detail", "code", "instance"}


def controleer(antwoord: httpx.Response, status: int, code: str) -> dict[str, Any]:
    probleem: dict[str, Any] = antwoord.json()
    assert antwoord.status_code == probleem["status"] == status
    assert antwoord.headers["content-type"] == "application/problem+json"
    assert antwoord.headers["api-version"] == "1.2.3"
    assert probleem["code"] == code
    assert probleem["type"] == f"urn:problem-type:schakel:{code}"
    assert probleem.keys() >= NODIG
    return probleem


async def test_een_geweigerde_stap_zegt_wat_wel_kan(klant: httpx.AsyncClient) -> None:
    probleem = controleer(await klant.get("/fouten/weigering"), 409, "al-dicht")
    assert probleem["toegestaan"] == ["openingen", "sluitingen"]
    assert probleem["detail"] == "deze doos is al dicht"


@pytest.mark.parametrize(
    ("soort", "status", "code"),
    [("verouderd", 412, "versie-verouderd"), ("weg", 404, "doos-onbekend")],
)
async def test_een_fout_van_ons_domein_houdt_zijn_code(
    klant: httpx.AsyncClient, soort: str, status: int, code: str
) -> None:
    assert "toegestaan" not in controleer(await klant.get(f"/fouten/{soort}"), status, code)


async def test_wie_moet_wachten_hoort_hoe_lang(klant: httpx.AsyncClient) -> None:
    antwoord = await klant.get("/fouten/opslag")
    controleer(antwoord, 503, "opslag-vol")
    assert antwoord.headers["retry-after"] == "5"


@pytest.mark.parametrize("soort", ["onverwacht", "antwoord"])
async def test_een_fout_van_ons_laat_niets_van_binnen_zien(
    klant: httpx.AsyncClient, log: Log, soort: str
) -> None:
    antwoord = await klant.get(f"/fouten/{soort}", headers={"traceparent": TRACEPARENT})
    controleer(antwoord, 500, "interne-fout")
    for verraad in ("KeyError", "Traceback", "Willemijn", ".py", "float", "object at"):
        assert verraad not in antwoord.text
    (regel,) = log.regels("onverwachte_fout")
    assert regel["actie"] == "GET /fouten/{soort}"
    assert regel["correlatie"] == TRACE
    assert regel["soort"]
    assert all(re.fullmatch(r"[\w.-]+:\d+:\S+", plaats) for plaats in regel["plaats"])
    assert GEHEIM not in log.tekst.getvalue()


TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


async def test_het_voorval_in_het_antwoord_is_de_correlatie_in_het_log(
    klant: httpx.AsyncClient, log: Log
) -> None:
    antwoord = await klant.get("/fouten/weg", headers={"traceparent": TRACEPARENT})
    assert antwoord.json()["instance"].replace("-", "").endswith(TRACE)
    assert log.regels("verzoek_afgehandeld")[0]["correlatie"] == TRACE


@pytest.mark.parametrize(
    "traceparent",
    [
        "onzin",
        f"ff-{TRACE}-00f067aa0ba902b7-01",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
    ],
)
async def test_een_ongeldige_traceparent_wordt_niet_overgenomen(
    klant: httpx.AsyncClient, log: Log, traceparent: str
) -> None:
    await klant.get("/fouten/weg", headers={"traceparent": traceparent})
    correlatie = log.regels("verzoek_afgehandeld")[0]["correlatie"]
    assert re.fullmatch(r"[0-9a-f]{32}", correlatie)
    assert correlatie not in {TRACE, "0" * 32}


@pytest.mark.parametrize(
    "adres",
    [
        "/niets",
        "/dozen/",
        "http://localhost/",
        "http://localhost/v1",
        "http://localhost/v1/",
        "http://localhost/v2/dozen",
        "http://localhost/dozen",
        "http://localhost/v1x/dozen",
        "http://localhost/docs",
        "http://localhost/v1/v1/dozen",
    ],
)
async def test_een_onbekend_adres_is_er_niet(klant: httpx.AsyncClient, adres: str) -> None:
    controleer(await klant.get(adres), 404, "niet-gevonden")


@pytest.mark.parametrize(
    ("methode", "adres", "wel"),
    [
        ("PUT", "/dozen", "GET, HEAD, POST"),
        ("DELETE", "/dozen", "GET, HEAD, POST"),
        ("OPTIONS", "/dozen", "GET, HEAD, POST"),
        ("TRACE", "/dozen", "GET, HEAD, POST"),
        ("POST", "/dozen/0198c1de-7b1a-7c3e-9a52-3f0f6a1f5d10", "DELETE, GET, HEAD"),
        ("POST", "http://localhost/gezond", "GET, HEAD"),
        ("PUT", "/openapi.json", "GET, HEAD"),
    ],
)
async def test_een_verkeerde_methode_hoort_welke_wel_mag(
    klant: httpx.AsyncClient, methode: str, adres: str, wel: str
) -> None:
    antwoord = await klant.request(methode, adres)
    controleer(antwoord, 405, "methode-onbekend")
    assert antwoord.headers["allow"] == wel
