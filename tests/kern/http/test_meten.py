"""/metrics: who may see it, what it counts, and that it tells of nobody."""

from collections.abc import AsyncIterator

import httpx
import pytest
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as lees_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as lees_tekst
from tests.kern.http.conftest import Log, klant_van
from tests.kern.http.organisatie import Organisatie, drager
from tests.kern.http.proefdienst import ZAAK, proefapp
from tests.kern.proef import gemeten

from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import OpslagFout
from schakel.kern.http import Rol, Staat, Webdienst
from schakel.kern.zicht.meten import Meten

KANARIE = "Kanarie-Zangvogelplein-7"
ADRES = "http://localhost/metrics"


async def meting(klant: httpx.AsyncClient, naam: str, **labels: str) -> float | None:
    """One number out of what a scraper would see; None when it is not there."""
    return gemeten((await klant.get(ADRES)).text, naam, **labels)


async def test_een_verzoek_wordt_geteld_bij_zijn_route_en_niet_bij_zijn_adres(
    klant: httpx.AsyncClient,
) -> None:
    async def aantal(status: str) -> float:
        labels = {"methode": "GET", "route": "/dozen/{doosId}", "status": status}
        return await meting(klant, "schakel_http_verzoek_seconds_count", **labels) or 0

    assert await aantal("200") == 0
    for _ in range(3):
        await klant.get(f"/dozen/{ZAAK}")
    await klant.get(f"/dozen/{KANARIE}")
    assert (await aantal("200"), await aantal("400")) == (3, 1)


async def test_wat_een_vrager_verzint_wordt_geen_label(klant: httpx.AsyncClient) -> None:
    """Neither personal data nor a series per whim of who asks."""
    for pad in (f"/{KANARIE}", f"/dozen/{KANARIE}", f"/dozen?{KANARIE}=1", f"/fouten/{KANARIE}"):
        await klant.get(pad, headers={"x-naam": KANARIE, "traceparent": KANARIE})
    for methode in (KANARIE, "VERZIN", "BREW"):
        await klant.request(methode, "/dozen")
    tekst = (await klant.get(ADRES)).text
    assert "Zangvogelplein" not in tekst
    assert {"VERZIN", "BREW"}.isdisjoint(tekst.replace('"', " ").split())
    assert await meting(klant, "schakel_http_verzoek_seconds_count", methode="_OTHER") == 3


async def test_gezond_zijn_en_meten_is_geen_verkeer(klant: httpx.AsyncClient, log: Log) -> None:
    for adres in ("http://localhost/gezond", "http://localhost/klaar", ADRES):
        assert (await klant.get(adres)).status_code == 200
    assert await meting(klant, "schakel_http_verzoek_seconds_count") is None
    assert log.regels("verzoek_afgehandeld") == []


async def test_twee_diensten_in_een_proces_tellen_elk_voor_zich(instellingen: Instellingen) -> None:
    async with (
        klant_van(proefapp(instellingen)) as een,
        klant_van(proefapp(instellingen, dienst="ander")) as ander,
    ):
        await een.get("/dozen")
        assert await meting(een, "schakel_http_verzoek_seconds_count") == 1
        assert await meting(ander, "schakel_http_verzoek_seconds_count") is None
        assert await meting(ander, "schakel_build_info", dienst="ander", versie="1.2.3") == 1


async def test_het_proces_vertelt_wat_het_verbruikt(klant: httpx.AsyncClient) -> None:
    geheugen = await meting(klant, "process_resident_memory_bytes")
    assert geheugen is not None
    assert geheugen > 1_000_000
    assert await meting(klant, "process_start_time_seconds")


@pytest.mark.parametrize(
    ("aanvaardt", "mediatype", "lees"),
    [
        ("*/*", "text/plain", lees_tekst),
        ("text/plain;version=0.0.4", "text/plain", lees_tekst),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text", None),
    ],
)
async def test_er_wordt_geantwoord_in_de_vorm_die_een_verzamelaar_leest(
    klant: httpx.AsyncClient, aanvaardt: str, mediatype: str, lees: object
) -> None:
    await klant.get("/dozen")
    antwoord = await klant.get(ADRES, headers={"accept": aanvaardt})
    assert antwoord.status_code == 200
    assert antwoord.headers["content-type"].partition(";")[0] == mediatype
    gelezen = (lees_tekst if lees is lees_tekst else lees_openmetrics)(antwoord.text)
    namen = {familie.name for familie in gelezen}
    assert {"schakel_http_verzoek_seconds", "process_open_fds"} <= namen


async def test_alleen_systeem_en_beheerder_zien_de_metingen(
    organisatie: Organisatie, log: Log
) -> None:
    async with klant_van(proefapp(organisatie.instellingen())) as klant:
        assert (await klant.get(ADRES)).status_code == 401
        for rol in Rol:
            antwoord = await klant.get(ADRES, headers=drager(organisatie.token(rol)))
            assert antwoord.status_code == (200 if rol in {Rol.SYSTEEM, Rol.BEHEERDER} else 403)
    # A refusal is news, an ordinary scrape is not.
    statussen = [regel["resultaat"] for regel in log.regels("verzoek_afgehandeld")]
    assert statussen == [401, *[403] * (len(Rol) - 2)]


async def test_de_metingen_staan_naast_de_api_en_niet_erin(
    klant: httpx.AsyncClient, app: Webdienst
) -> None:
    assert (await klant.get("/metrics")).status_code == 404
    assert (await klant.post(ADRES)).status_code == 405
    assert (await klant.get(ADRES + "?x=1")).status_code == 400
    assert "/metrics" not in app.openapi()["paths"]


class Peiling:
    """A store that may be away."""

    def __init__(self) -> None:
        self.is_weg = False
        self.gevraagd = 0

    def aantal(self) -> float:
        """A stand."""
        self.gevraagd += 1
        if self.is_weg:
            raise OpslagFout("opslag-weg", "weg")
        return 7

    async def staat(self) -> dict[str, Staat]:
        """The state of the parts."""
        return {"opslag": Staat.WEG if self.is_weg else Staat.GOED}


@pytest.fixture
async def gepeild(
    instellingen: Instellingen,
) -> AsyncIterator[tuple[httpx.AsyncClient, Peiling, Meten]]:
    peiling, meten = Peiling(), Meten("proef", "1.2.3")
    meten.peil("schakel_geparkeerd_berichten", peiling.aantal)
    app = proefapp(instellingen, meten=meten, gezondheid=peiling.staat)
    async with klant_van(app) as klant:
        yield klant, peiling, meten


async def test_een_stand_wordt_opgezocht_als_iemand_ernaar_vraagt(
    gepeild: tuple[httpx.AsyncClient, Peiling, Meten],
) -> None:
    klant, peiling, meten = gepeild
    assert peiling.gevraagd == 0
    assert await meting(klant, "schakel_geparkeerd_berichten") == 7
    meten.peil("schakel_achterstand_berichten", lambda: {"a/0": 3.0, "a/1": 0.0})
    assert await meting(klant, "schakel_achterstand_berichten", bron="a/0") == 3
    assert await meting(klant, "schakel_achterstand_berichten", bron="a/1") == 0


async def test_is_de_opslag_weg_dan_zegt_dat_de_staat_en_wordt_er_niets_opgezocht(
    gepeild: tuple[httpx.AsyncClient, Peiling, Meten],
) -> None:
    klant, peiling, _ = gepeild

    async def staat(welke: Staat) -> float | None:
        labels = {"onderdeel": "opslag", "schakel_onderdeel": welke.value}
        return await meting(klant, "schakel_onderdeel", **labels)

    assert (await staat(Staat.GOED), await staat(Staat.WEG)) == (1, 0)
    peiling.is_weg, peiling.gevraagd = True, 0
    assert (await staat(Staat.GOED), await staat(Staat.WEG)) == (0, 1)
    assert await meting(klant, "schakel_geparkeerd_berichten") is None
    assert peiling.gevraagd == 0


async def test_een_stand_die_niet_te_lezen_is_ontbreekt_en_de_rest_staat_er(
    instellingen: Instellingen,
) -> None:
    peiling, meten = Peiling(), Meten()
    peiling.is_weg = True
    meten.peil("schakel_geparkeerd_berichten", peiling.aantal)
    meten.peil("schakel_wachtrij_taken", lambda: 2)
    async with klant_van(proefapp(instellingen, meten=meten)) as klant:
        assert await meting(klant, "schakel_geparkeerd_berichten") is None
        assert await meting(klant, "schakel_wachtrij_taken") == 2


def test_een_stand_die_nergens_beschreven_is_bestaat_niet() -> None:
    with pytest.raises(ValueError, match="schakel_verzonnen"):
        Meten().peil("schakel_verzonnen", lambda: 1)
