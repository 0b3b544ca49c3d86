"""The description that everyone may read says what the service does."""

from collections.abc import Iterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import Depends, Query
from tests.kern.http.conftest import klant_van
from tests.kern.http.organisatie import Organisatie
from tests.kern.http.proefdienst import proefapp

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.verzoek import Verzoek
from schakel.kern.http import Rol, Router, vereist


@pytest.fixture
async def document(klant: httpx.AsyncClient) -> Any:
    antwoord = await klant.get("/openapi.json")
    assert antwoord.headers["content-type"] == "application/json"
    return antwoord.json()


def bewerkingen(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for pad, methoden in document["paths"].items():
        for methode, bewerking in methoden.items():
            yield pad, methode, bewerking


def los_op(document: dict[str, Any], deel: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in deel:
        return deel
    for naam in deel["$ref"].removeprefix("#/").split("/"):
        document = document[naam]
    return document


def test_het_begin_noemt_versie_adres_contact_en_licentie(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == "1.2.3"
    assert document["info"]["contact"].keys() == {"name", "url", "email"}
    assert document["info"]["license"]["identifier"] == "EUPL-1.2"
    assert document["servers"] == [{"url": "http://127.0.0.1:8100/v1"}]
    assert not [pad for pad in document["paths"] if pad.startswith("/v1")]


def test_elke_bewerking_heeft_een_eigen_naam_en_een_groep(document: dict[str, Any]) -> None:
    namen = [bewerking["operationId"] for _, _, bewerking in bewerkingen(document)]
    assert namen == ["maakDoos", "toonDozen", "toonDoos", "verwijderDoos", "maakFout"]
    assert all(bewerking["tags"] == ["Proef"] for _, _, bewerking in bewerkingen(document))
    assert document["tags"] == [{"name": "Proef"}]


def test_elk_antwoord_belooft_de_versie_en_elke_fout_een_probleem(
    document: dict[str, Any],
) -> None:
    for _, _, bewerking in bewerkingen(document):
        assert {"400", "406", "500"} <= bewerking["responses"].keys()
        assert "422" not in bewerking["responses"]
        for status, verwijzing in bewerking["responses"].items():
            antwoord = los_op(document, verwijzing)
            assert "API-Version" in antwoord["headers"]
            if status >= "4":
                (soort,) = antwoord["content"]
                assert soort == "application/problem+json"
                schema = los_op(document, antwoord["content"][soort]["schema"])
                assert {"status", "title", "detail"} <= set(schema["required"])


def test_alleen_wat_beschermd_is_vraagt_een_token(organisatie: Organisatie) -> None:
    document = proefapp(organisatie.instellingen()).openapi()
    for pad, _, bewerking in bewerkingen(document):
        beschermd = pad != "/fouten/{soort}"
        assert bewerking.get("security", []) == ([{"token": []}] if beschermd else [])
        assert ("401" in bewerking["responses"]) is beschermd
        assert ("403" in bewerking["responses"]) is beschermd


def test_waar_iedereen_lokaal_is_belooft_de_beschrijving_geen_slot(
    document: dict[str, Any],
) -> None:
    assert not [b for _, _, b in bewerkingen(document) if "security" in b]


def test_een_opdracht_noemt_zijn_koppen(document: dict[str, Any]) -> None:
    opdracht = document["paths"]["/dozen"]["post"]
    koppen = {los_op(document, p)["name"]: los_op(document, p) for p in opdracht["parameters"]}
    assert koppen["Idempotency-Key"]["required"] is True
    assert koppen["If-Match"]["required"] is False
    assert "ETag" in opdracht["responses"]["201"]["headers"]
    assert {"408", "409", "412", "413", "415"} <= opdracht["responses"].keys()


def test_de_schemas_zijn_camel_case_en_laten_niets_onbekends_toe(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert {"HTTPValidationError", "ValidationError"}.isdisjoint(schemas)
    doos = schemas["Doos"]
    assert doos["additionalProperties"] is False
    assert "makerVan" in doos["properties"]
    for naam, schema in schemas.items():
        assert naam[0].isupper()
        for veld in schema.get("properties", {}):
            assert "_" not in veld, (naam, veld)
    namen = [p["name"] for p in document["paths"]["/dozen"]["get"]["parameters"]]
    assert namen == ["limiet", "isOpen"]


def test_elke_verwijzing_komt_uit(document: dict[str, Any]) -> None:
    def verwijzingen(deel: Any) -> Iterator[str]:
        if isinstance(deel, dict):
            if isinstance(doel := deel.get("$ref"), str):
                yield doel
            for waarde in deel.values():
                yield from verwijzingen(waarde)
        elif isinstance(deel, list):
            for waarde in deel:
                yield from verwijzingen(waarde)

    doelen = set(verwijzingen(document))
    assert doelen
    for doel in doelen:
        assert los_op(document, {"$ref": doel})


def test_twee_routes_met_dezelfde_naam_houden_de_bouw_tegen(instellingen: Instellingen) -> None:
    router = Router()
    for pad in ("/een", "/twee"):
        router.add_api_route(pad, _antwoord, dependencies=[Depends(vereist(Rol.LEZER))])
    with pytest.raises(ValueError, match=r"/twee en /een heten allebei Antwoord|heten allebei"):
        proefapp(instellingen, routers=[router])


async def _antwoord() -> dict[str, str]:
    return {}


def test_een_verzoekmodel_in_de_query_houdt_de_bouw_tegen() -> None:
    class Filter(Verzoek):
        limiet: int = 1

    router = Router()

    async def toon(filters: Annotated[Filter, Query()]) -> dict[str, str]:
        return {}

    with pytest.raises(TypeError, match="maak er een Zoekvraag van"):
        router.add_api_route("/toon", toon)


async def test_de_beschrijving_volgt_het_publieke_adres(tmp_path: Any) -> None:
    instellingen = Instellingen(
        gegevensmap=tmp_path, publieke_url="http://localhost:9/proef/", contact_email="a@b.nl"
    )
    async with klant_van(proefapp(instellingen)) as klant:
        document = (await klant.get("/openapi.json")).json()
    assert document["servers"] == [{"url": "http://localhost:9/proef/v1"}]
    assert document["info"]["contact"]["email"] == "a@b.nl"


def test_een_extra_laag_wordt_geweigerd(instellingen: Instellingen) -> None:
    app = proefapp(instellingen)
    app.add_middleware(lambda app: app)
    with pytest.raises(RuntimeError, match="lagen van een dienst liggen vast"):
        app.build_middleware_stack()
