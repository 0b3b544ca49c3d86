"""The headers of a command: what makes it safe to repeat."""

import hashlib
from typing import Any

import httpx
import pytest

INHOUD = b'{"tekst": "a"}'


async def stuur(klant: httpx.AsyncClient, **koppen: str) -> httpx.Response:
    vast = {"content-type": "application/json"}
    gegeven = {naam.replace("_", "-"): waarde for naam, waarde in koppen.items()}
    return await klant.post("/dozen", content=INHOUD, headers=vast | gegeven)


async def test_de_kop_van_een_opdracht_komt_aan(klant: httpx.AsyncClient) -> None:
    antwoord = await stuur(klant, idempotency_key="A.b_c:d-1", if_match='"12"')
    assert antwoord.status_code == 201
    assert antwoord.headers["etag"] == '"1"'
    digest = hashlib.sha256(b"POST 9 /v1/dozen\n" + INHOUD).hexdigest()
    assert antwoord.json() == {
        "sleutel": "A.b_c:d-1",
        "digest": digest,
        "versie": 12,
        "wie": "lokaal",
        "rol": "intaker",
    }


async def test_zonder_sleutel_gaat_het_niet_door(klant: httpx.AsyncClient) -> None:
    antwoord = await stuur(klant)
    assert (antwoord.status_code, antwoord.json()["code"]) == (400, "idempotency-key-ontbreekt")


@pytest.mark.parametrize("sleutel", ["", " ", "a b", "a" * 129, "é", '"a"', "a,b", "a\tb"])
async def test_een_vreemde_sleutel_wordt_geweigerd(klant: httpx.AsyncClient, sleutel: str) -> None:
    antwoord = await klant.post(
        "/dozen",
        content=INHOUD,
        headers=[(b"content-type", b"application/json"), (b"idempotency-key", sleutel.encode())],
    )
    assert (antwoord.status_code, antwoord.json()["code"]) == (400, "idempotency-key-ongeldig")


async def test_de_langste_sleutel_mag(klant: httpx.AsyncClient) -> None:
    assert (await stuur(klant, idempotency_key="a" * 128)).status_code == 201


@pytest.mark.parametrize("versie", ['12"', '""', '"x"', 'W/"1"', "*", '"1", "2"', '"-1"', '"1'])
async def test_een_vreemde_versie_wordt_geweigerd(klant: httpx.AsyncClient, versie: str) -> None:
    antwoord = await stuur(klant, idempotency_key="a", if_match=versie)
    assert (antwoord.status_code, antwoord.json()["code"]) == (400, "if-match-ongeldig")


async def test_een_versie_zonder_aanhalingstekens_is_dezelfde(klant: httpx.AsyncClient) -> None:
    for versie in ('"7"', "7"):
        antwoord = await stuur(klant, idempotency_key="a", if_match=versie)
        assert antwoord.json()["versie"] == 7


async def test_elk_verschil_in_het_verzoek_geeft_een_andere_digest(
    klant: httpx.AsyncClient,
) -> None:
    async def digest(inhoud: bytes) -> Any:
        koppen = {"content-type": "application/json", "idempotency-key": "a"}
        antwoord = await klant.post("/dozen", content=inhoud, headers=koppen)
        return antwoord.json()["digest"]

    zelfde, weer, anders = [await digest(b) for b in (INHOUD, INHOUD, b'{"tekst":"a"}')]
    assert zelfde == weer != anders


@pytest.mark.parametrize(
    "naam", ["idempotency-key", "if-match", "authorization", "content-type", "content-length"]
)
async def test_een_kop_die_er_dubbel_staat_wordt_geweigerd(
    klant: httpx.AsyncClient, naam: str
) -> None:
    koppen = [("content-type", "application/json"), ("idempotency-key", "a"), (naam, "1")]
    antwoord = await klant.post("/dozen", content=INHOUD, headers=[*koppen, (naam, "1")])
    assert antwoord.status_code == 400
    assert antwoord.json()["code"] == "koptekst-dubbel"
    assert naam in antwoord.json()["detail"]


@pytest.mark.parametrize(
    "soort",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/jsonx",
        "application/problem+json",
        "application/json; charset=latin-1",
        "json",
        "",
    ],
)
async def test_alleen_json_wordt_gelezen(klant: httpx.AsyncClient, soort: str) -> None:
    antwoord = await stuur(klant, content_type=soort, idempotency_key="a")
    assert (antwoord.status_code, antwoord.json()["code"]) == (415, "mediatype-onbekend")
    assert antwoord.headers["accept"] == "application/json"


@pytest.mark.parametrize(
    "soort", ["application/json;charset=UTF-8", 'Application/JSON; charset="utf-8"']
)
async def test_json_mag_zeggen_dat_het_utf_8_is(klant: httpx.AsyncClient, soort: str) -> None:
    assert (await stuur(klant, content_type=soort, idempotency_key="a")).status_code == 201


async def test_gecomprimeerde_inhoud_wordt_niet_uitgepakt(klant: httpx.AsyncClient) -> None:
    antwoord = await stuur(klant, content_encoding="gzip", idempotency_key="a")
    assert (antwoord.status_code, antwoord.json()["code"]) == (415, "inhoud-gecomprimeerd")


async def test_te_veel_inhoud_wordt_geweigerd_ook_zonder_lengte(klant: httpx.AsyncClient) -> None:
    koppen = {"content-type": "application/json", "idempotency-key": "a"}
    groot = b'{"tekst": "' + b"a" * 70_000 + b'"}'
    gelezen = 0

    async def stroom() -> Any:
        nonlocal gelezen
        for _ in range(200):
            gelezen += 1
            yield b" " * 1000

    met = await klant.post("/dozen", content=groot, headers=koppen)
    zonder = await klant.post("/dozen", content=stroom(), headers=koppen)
    for antwoord in (met, zonder):
        assert (antwoord.status_code, antwoord.json()["code"]) == (413, "inhoud-te-groot")
        assert antwoord.headers["connection"] == "close"
    assert gelezen < 70


async def test_de_grens_zelf_mag(klant: httpx.AsyncClient) -> None:
    koppen = {"content-type": "application/json", "idempotency-key": "a"}
    precies = INHOUD + b" " * (65_536 - len(INHOUD))
    assert (await klant.post("/dozen", content=precies, headers=koppen)).status_code == 201
    meer = precies + b" "
    assert (await klant.post("/dozen", content=meer, headers=koppen)).status_code == 413
