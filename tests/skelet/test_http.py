"""A process over HTTP: what holds for every command and every read, in all five."""

import itertools
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import httpx
import pytest
from tests.skelet.conftest import Diensten
from tests.skelet.geval import FEITEN, als_body

from schakel.contracts.catalogus import berichten_van
from schakel.contracts.werkstromen import SOORT_VAN, Proces

_sleutels = itertools.count(1)
GEHEIM = "Testpersoon van Proef"


class Loket(NamedTuple):
    """A service as its users reach it."""

    proces: Proces
    klant: httpx.AsyncClient

    def melding(self, **anders: Any) -> dict[str, Any]:
        """The body of an intake that this process takes."""
        soort = "ambtenaar" if self.proces is Proces.VERBETEREN else "burger"
        vast: dict[str, Any] = {
            "dienst": "verlichting",
            "kanaal": "web",
            "melder": {"soort": soort, "naam": GEHEIM},
            "tekst": "de lantaarn is uit",
        }
        return vast | anders

    async def post(
        self, pad: str, body: Any = None, koppen: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """A command with a fresh key, unless the headers say otherwise."""
        vast = {"Idempotency-Key": f"http-{next(_sleutels)}"}
        return await self.klant.post(pad, json=body or {}, headers=vast | dict(koppen or {}))

    async def neem_aan(self, **anders: Any) -> str:
        """The id of a new melding."""
        antwoord = await self.post("/meldingen", self.melding(**anders))
        assert antwoord.status_code == 201, antwoord.text
        return str(antwoord.json()["meldingId"])

    async def aantal_gebeurtenissen(self, melding_id: str) -> int:
        """How much has happened to a melding."""
        antwoord = await self.klant.get(f"/meldingen/{melding_id}/geschiedenis")
        return len(antwoord.json()["gebeurtenissen"])

    async def bladeren(self, **vraag: Any) -> list[dict[str, Any]]:
        """All pages of the werkvoorraad."""
        rijen: list[dict[str, Any]] = []
        na: dict[str, str] = {}
        while True:
            antwoord = await self.klant.get("/meldingen", params=vraag | na)
            assert antwoord.status_code == 200, antwoord.text
            pagina = antwoord.json()
            assert len(pagina["meldingen"]) <= int(vraag.get("limiet", 50))
            rijen += pagina["meldingen"]
            if pagina["volgende"] is None:
                return rijen
            assert na != {"na": pagina["volgende"]}, "dezelfde pagina nog eens"
            na = {"na": pagina["volgende"]}


@pytest.fixture(params=Proces)
async def loket(request: pytest.FixtureRequest, diensten: Diensten) -> AsyncIterator[Loket]:
    async with _klant(diensten, request.param) as klant:
        yield Loket(request.param, klant)


async def test_een_aangenomen_melding_heeft_een_volgnummer_en_een_versie(loket: Loket) -> None:
    antwoord = await loket.post("/meldingen", loket.melding())
    assert (antwoord.status_code, antwoord.headers["etag"]) == (201, '"1"')
    body = antwoord.json()
    jaar = datetime.now(UTC).year
    assert body["volgnummer"].startswith(f"{loket.proces.letter}-{jaar}-")
    assert (body["versie"], body["status"]) == (1, "aangenomen")
    getoond = (await loket.klant.get(f"/meldingen/{body['meldingId']}")).json()
    assert getoond["mogelijkeStappen"] == body["mogelijkeStappen"]
    assert getoond["meldingsoort"] == SOORT_VAN[loket.proces]
    assert getoond["wortelId"] == body["meldingId"]


async def test_dezelfde_sleutel_met_hetzelfde_verzoek_geeft_hetzelfde_antwoord(
    loket: Loket,
) -> None:
    kop, body = {"Idempotency-Key": f"vast-{uuid4()}"}, loket.melding()
    een = await loket.post("/meldingen", body, kop)
    ander = await loket.post("/meldingen", body, kop)
    assert (ander.status_code, ander.json(), ander.headers["etag"]) == (
        een.status_code,
        een.json(),
        een.headers["etag"],
    )
    id_ = een.json()["meldingId"]
    stap = {"Idempotency-Key": f"vast-{uuid4()}"}
    antwoorden = [await loket.post(f"/meldingen/{id_}/verhelderingen", {}, stap) for _ in "12"]
    assert [a.status_code for a in antwoorden] == [201, 201]
    assert antwoorden[0].json() == antwoorden[1].json()
    assert await loket.aantal_gebeurtenissen(id_) == 2


async def test_dezelfde_sleutel_met_een_ander_verzoek_wordt_geweigerd(loket: Loket) -> None:
    kop = {"Idempotency-Key": f"vast-{uuid4()}"}
    een = await loket.post("/meldingen", loket.melding(), kop)
    ander = await loket.post("/meldingen", loket.melding(tekst="iets anders"), kop)
    id_ = een.json()["meldingId"]
    elders = await loket.post(f"/meldingen/{id_}/verhelderingen", {}, kop)
    for antwoord in (ander, elders):
        assert antwoord.status_code == 409
        assert antwoord.json()["code"] == "sleutel-hergebruikt"
    assert await loket.aantal_gebeurtenissen(id_) == 1


async def test_een_opdracht_zonder_sleutel_wordt_niet_uitgevoerd(loket: Loket) -> None:
    antwoord = await loket.klant.post("/meldingen", json=loket.melding())
    assert antwoord.status_code == 400
    assert antwoord.json()["code"] == "idempotency-key-ontbreekt"


async def test_een_verouderde_versie_wordt_geweigerd_en_de_juiste_niet(loket: Loket) -> None:
    id_ = await loket.neem_aan()
    pad = f"/meldingen/{id_}/verhelderingen"
    oud = await loket.post(pad, {}, {"If-Match": '"7"'})
    assert (oud.status_code, oud.json()["code"]) == (412, "versie-verouderd")
    assert (await loket.post(pad, {}, {"If-Match": '"1"'})).status_code == 201
    assert await loket.aantal_gebeurtenissen(id_) == 2


async def test_een_onbekende_melding_is_niet_gevonden(loket: Loket) -> None:
    for pad in ("", "/geschiedenis", "/inhoud"):
        antwoord = await loket.klant.get(f"/meldingen/{uuid4()}{pad}")
        assert antwoord.status_code == 404
    antwoord = await loket.post(f"/meldingen/{uuid4()}/sluitingen")
    assert (antwoord.status_code, antwoord.json()["code"]) == (404, "niet-gevonden")


async def test_een_geweigerde_stap_zegt_wat_wel_kan_en_schrijft_niets(loket: Loket) -> None:
    id_ = await loket.neem_aan()
    getoond = (await loket.klant.get(f"/meldingen/{id_}")).json()
    for stap, code in (("sluitingen", "niet-beeindigd"), ("hervattingen", "niet-opgeschort")):
        antwoord = await loket.post(f"/meldingen/{id_}/{stap}")
        assert antwoord.status_code == 409
        assert antwoord.headers["content-type"] == "application/problem+json"
        probleem = antwoord.json()
        assert (probleem["code"], probleem["toegestaan"]) == (code, getoond["mogelijkeStappen"])
        assert probleem["detail"]
    assert await loket.aantal_gebeurtenissen(id_) == 1


async def test_elke_mogelijke_stap_is_een_adres(loket: Loket, diensten: Diensten) -> None:
    openapi = (await loket.klant.get("/openapi.json")).json()
    voorvoegsel = "/meldingen/{meldingId}/"
    adressen = {
        pad.removeprefix(voorvoegsel)
        for pad, soort in openapi["paths"].items()
        if pad.startswith(voorvoegsel) and "post" in soort
    }
    assert {*diensten[loket.proces].voorraad.soort.STAPPEN} <= adressen


async def test_een_beoordeling_van_een_andere_soort_verwijst_naar_omzetten(loket: Loket) -> None:
    id_ = await loket.neem_aan()
    await loket.post(f"/meldingen/{id_}/verhelderingen")
    ander = Proces.HERSTELLEN if loket.proces is not Proces.HERSTELLEN else Proces.UITVOEREN
    body = {"feiten": als_body(FEITEN[ander][0]), "impact": 2, "urgentie": 2}
    probleem = (await loket.post(f"/meldingen/{id_}/beoordelingen", body)).json()
    assert probleem["code"] == "ander-soort"
    assert "omzettingen" in probleem["toegestaan"]


# The werkvoorraad


async def test_de_werkvoorraad_bladert_door_alles_wat_open_is(loket: Loket) -> None:
    dienst = f"bladeren-{uuid4().hex[:5]}"
    ids = [await loket.neem_aan(dienst=dienst) for _ in range(5)]
    dicht = await loket.neem_aan(dienst=dienst)
    await loket.post(f"/meldingen/{dicht}/afwijzingen", {"reden": "niet-ons"})
    for limiet in (1, 2, 5, 200):
        rijen = await loket.bladeren(dienst=dienst, limiet=limiet)
        assert [rij["meldingId"] for rij in rijen] == sorted(ids)
    alle = await loket.bladeren(dienst=dienst, open="false")
    assert [rij["meldingId"] for rij in alle] == [dicht]


async def test_de_werkvoorraad_filtert_op_status_stap_boom_en_termijn(loket: Loket) -> None:
    dienst = f"filteren-{uuid4().hex[:5]}"
    een, ander = [await loket.neem_aan(dienst=dienst) for _ in "12"]
    await loket.post(f"/meldingen/{ander}/verhelderingen")
    straks = (datetime.now(UTC) + timedelta(weeks=9)).isoformat().replace("+00:00", "Z")
    nu = datetime.now(UTC).isoformat()
    for vraag, verwacht in (
        ({"status": "aangenomen"}, {een}),
        ({"status": "verhelderd"}, {ander}),
        ({"stap": "verhelderingen"}, {een}),
        ({"stap": "beoordelingen"}, {ander}),
        ({"stap": "sluitingen"}, set()),
        ({"wortelId": een}, {een}),
        ({"uiterlijkVoor": straks}, {een, ander}),
        ({"uiterlijkVoor": nu}, set()),
        ({"status": "aangenomen", "stap": "beoordelingen"}, set()),
    ):
        rijen = await loket.bladeren(dienst=dienst, **vraag)
        assert {rij["meldingId"] for rij in rijen} == verwacht, vraag


@pytest.mark.parametrize(
    "vraag",
    [
        {"limiet": "0"},
        {"limiet": "201"},
        {"limiet": "veel"},
        {"onbekend": "1"},
        {"na": "geen-uuid"},
        {"status": "DROP TABLE"},
        {"dienst": "Met Hoofdletters"},
        {"uiterlijkVoor": "2026-01-01T00:00:00"},
        {"uiterlijkVoor": "0001-01-01T00:00:00+14:00"},
        *({"uiterlijkVoor": getal} for getal in ("5", "+5", "-1", "1764547200", "1764547200.5")),
        {"open": "misschien"},
    ],
    ids=str,
)
async def test_een_onbruikbaar_filter_is_een_fout_van_de_vrager(
    diensten: Diensten, vraag: dict[str, str]
) -> None:
    async with _klant(diensten, Proces.HERSTELLEN) as klant:
        antwoord = await klant.get("/meldingen", params=vraag)
    assert antwoord.status_code == 400
    assert antwoord.json()["fouten"] or antwoord.json()["code"]


# What people write


async def test_wat_de_melder_schreef_staat_alleen_in_de_inhoud(loket: Loket, log: StringIO) -> None:
    namens = {"naam": "Buurvrouw van Proef", "machtiging": "mantelzorg"}
    id_ = await loket.neem_aan(namens=namens)
    inhoud = (await loket.klant.get(f"/meldingen/{id_}/inhoud")).json()["inhoud"]
    assert inhoud["intake"]["tekst"] == "de lantaarn is uit"
    assert inhoud["intake"]["melder"]["naam"] == GEHEIM
    assert inhoud["intake"]["namens"] == {"naam": "Buurvrouw van Proef"}
    for pad in ("", "/geschiedenis"):
        tekst = (await loket.klant.get(f"/meldingen/{id_}{pad}")).text
        assert "Proef" not in tekst
        assert "lantaarn" not in tekst
    assert "Proef" not in log.getvalue()


async def test_na_wissing_is_de_inhoud_weg_en_de_geschiedenis_niet(loket: Loket) -> None:
    id_ = await loket.neem_aan()
    await loket.post(f"/meldingen/{id_}/afwijzingen", {"reden": "niet-ons"})
    antwoord = await loket.post(f"/meldingen/{id_}/wissingen", {"grond": "verzoek"})
    assert antwoord.status_code == 201
    weg = await loket.klant.get(f"/meldingen/{id_}/inhoud")
    assert (weg.status_code, weg.json()["code"]) == (404, "inhoud-niet-gevonden")
    assert await loket.aantal_gebeurtenissen(id_) == 4


async def test_een_wissing_staat_in_het_boek_van_de_beheerders_en_een_stap_van_een_ander_niet(
    loket: Loket, diensten: Diensten
) -> None:
    id_ = await loket.neem_aan()
    await loket.post(f"/meldingen/{id_}/wissingen", {"grond": "verzoek"})
    await loket.post(f"/meldingen/{id_}/afwijzingen", {"reden": "niet-ons"})
    await loket.post(f"/meldingen/{id_}/wissingen", {"grond": "verzoek"})
    rijen = diensten[loket.proces].opslag.vraag("SELECT inhoud FROM audit ORDER BY nummer")
    feiten = [json.loads(bytes(inhoud)) for (inhoud,) in rijen]
    van_deze = [(f["wat"], f["resultaat"]) for f in feiten if f["waarop"] == id_]
    wat = "POST /meldingen/{meldingId}/wissingen"
    assert van_deze == [(wat, "niet-gesloten"), (wat, "gedaan")]


async def test_wie_handelde_staat_bij_elke_gebeurtenis(loket: Loket) -> None:
    id_ = await loket.neem_aan()
    await loket.post(f"/meldingen/{id_}/verhelderingen")
    antwoord = await loket.klant.get(f"/meldingen/{id_}/geschiedenis")
    gebeurtenissen = antwoord.json()["gebeurtenissen"]
    assert [(g["versie"], g["gebeurtenis"], g["door"]["rol"]) for g in gebeurtenissen] == [
        (1, "melding/aangenomen", "intaker"),
        (2, "melding/verhelderd", "behandelaar"),
    ]
    assert all(g["tijdstipGeregistreerd"].endswith("Z") for g in gebeurtenissen)


# The door


@pytest.mark.parametrize(
    ("ruw", "code"),
    [
        (b'{"dienst": NaN}', "json-geen-getal"),
        (b'{"dienst": "a", "dienst": "b"}', "json-dubbele-sleutel"),
        (b'{"dienst": "a\\u0000"}', "json-nul"),
        (b'{"dienst": "\\ud800"}', "json-half-teken"),
        (b"{", "json-ongeldig"),
        (b"\xff", "json-geen-utf-8"),
    ],
)
async def test_kromme_json_wordt_met_de_regel_geweigerd(
    diensten: Diensten, ruw: bytes, code: str
) -> None:
    async with _klant(diensten, Proces.UITVOEREN) as klant:
        antwoord = await klant.post("/meldingen", content=ruw, headers=_koppen())
        problemen = antwoord.json()
    assert antwoord.status_code == 400
    assert code in json.dumps(problemen)


@pytest.mark.parametrize(
    ("body", "veld"),
    [
        ({"onbekend": 1}, "onbekend"),
        ({"dienst": "Hoofdletters"}, "dienst"),
        ({"kanaal": "duif"}, "kanaal"),
        ({"tekst": 7}, "tekst"),
        ({"tekst": ""}, "tekst"),
        ({"melder": {"soort": "koning"}}, "melder.soort"),
        ({"namens": {"machtiging": "code"}}, "namens.naam"),
    ],
    ids=str,
)
async def test_een_fout_in_de_inhoud_noemt_het_veld(
    diensten: Diensten, body: dict[str, Any], veld: str
) -> None:
    async with _klant(diensten, Proces.UITVOEREN) as klant:
        loket = Loket(Proces.UITVOEREN, klant)
        antwoord = await loket.post("/meldingen", loket.melding(**body))
    assert antwoord.status_code == 400
    assert [fout["veld"] for fout in antwoord.json()["fouten"]] == [veld]


async def test_te_groot_en_verkeerd_van_vorm_komen_niet_binnen(diensten: Diensten) -> None:
    async with _klant(diensten, Proces.UITVOEREN) as klant:
        groot = b'{"tekst": "' + b"a" * 70_000 + b'"}'
        te_groot = await klant.post("/meldingen", content=groot, headers=_koppen())
        platte = _koppen() | {"content-type": "text/plain"}
        tekst = await klant.post("/meldingen", content=b"{}", headers=platte)
    assert (te_groot.status_code, tekst.status_code) == (413, 415)


async def test_iedereen_mag_zien_wat_een_dienst_publiceert(loket: Loket) -> None:
    typen = (await loket.klant.get("/gebeurtenistypen")).json()["gebeurtenistypen"]
    assert [t["type"] for t in typen] == [b.type for b in berichten_van(loket.proces)]
    assert all(t["betekenis"] and t["schema"]["properties"] for t in typen)


async def test_ids_zijn_te_vergelijken_in_de_tijd(loket: Loket) -> None:
    """UUIDv7: a page of the werkvoorraad is in order of arrival."""
    ids = [UUID(await loket.neem_aan()) for _ in range(3)]
    assert ids == sorted(ids)
    assert {id_.version for id_ in ids} == {7}


def _klant(diensten: Diensten, proces: Proces) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(diensten[proces].app)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost/v1")


def _koppen() -> dict[str, str]:
    sleutel = f"http-{next(_sleutels)}"
    return {"Idempotency-Key": sleutel, "content-type": "application/json"}
