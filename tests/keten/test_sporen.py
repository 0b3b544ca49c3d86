"""One trace, from a request to one service, over a real Kafka, to the effect in another."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from deploy.lokaal.toegang import Toegang
from fastapi import FastAPI
from tests.kern.proef import tot
from tests.kern.verzamelpunt import Verzamelpunt, verzamelpunt

from schakel.herstellen.app import DIENST
from schakel.kern.grond.instellingen import Instellingen
from schakel.orchestrator.dienst import Orchestrator
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

TRACE, OUDER = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
KANARIE = "Kanarie, Zangvogelplein 7"
INTAKE = {
    "dienst": "straatverlichting",
    "kanaal": "web",
    "melder": {"soort": "burger", "naam": KANARIE, "contact": KANARIE},
    "tekst": KANARIE,
}


async def draai(app: FastAPI, opruimen: AsyncExitStack) -> httpx.AsyncClient:
    """Run this service; its client."""
    await opruimen.enter_async_context(app.router.lifespan_context(app))
    transport = httpx.ASGITransport(app)
    return await opruimen.enter_async_context(
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1/v1")
    )


@pytest.fixture
async def punt(
    kafka: Toegang,
    oin: str,
    topics: Mapping[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Verzamelpunt]:
    """A melding in herstellen with a trace and one without; what both services told of them."""
    with verzamelpunt() as punt:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", punt.adres)
        waarden = {"gegevensmap": tmp_path, "oin": oin, "kafka": kafka.bootstrap}
        herstellen = Procesdienst(DIENST, instellingen_voor(DIENST, **waarden))
        orchestrator = Orchestrator(Instellingen(**waarden))
        async with AsyncExitStack() as opruimen:
            melder = await draai(herstellen.app, opruimen)
            await draai(orchestrator.app, opruimen)
            for nummer, spoor in enumerate(({"traceparent": f"00-{TRACE}-{OUDER}-01"}, {})):
                koppen = {"Idempotency-Key": f"spoor-{nummer}"} | spoor
                antwoord = await melder.post("/meldingen", json=INTAKE, headers=koppen)
                assert antwoord.status_code == 201
            gezien = "SELECT count(*) FROM gezien"
            await tot(lambda: orchestrator.opslag.vraag(gezien)[0][0] == 2, seconden=60)
        yield punt


@pytest.mark.traag
async def test_een_spoor_loopt_van_verzoek_over_de_bus_tot_effect(punt: Verzamelpunt) -> None:
    stappen = list(punt.stappen())
    verzoeken = [s for s in stappen if s.naam == "POST /meldingen"]
    effecten = {s.trace: s for s in stappen if s.naam == "process nl.meldingen.aangenomen.v1"}
    assert {s.dienst for s in verzoeken} == {"schakel-herstellen"}
    assert {s.dienst for s in effecten.values()} == {"schakel-orchestrator"}
    # Of the two requests one had a trace, and for the other one began.
    assert [v.ouder for v in verzoeken if v.trace == TRACE] == [OUDER]
    assert [v.ouder for v in verzoeken if v.trace != TRACE] == [""]
    assert len(verzoeken) == len(effecten) == 2
    for verzoek in verzoeken:
        assert effecten[verzoek.trace].ouder == verzoek.id

    verzendingen = [s for s in stappen if s.naam == "send"]
    assert {s.dienst for s in verzendingen} == {"schakel-herstellen"}
    assert {band for s in verzendingen for band in s.banden} == set(effecten)
    # Where it went and what it was, but not who or what it was about.
    assert not any(b"Zangvogelplein" in inhoud for _, inhoud in punt.ontvangen)
