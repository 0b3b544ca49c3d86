"""The trace of a request goes out with the message that it caused."""

import json
from pathlib import Path

import httpx

from schakel.herstellen.app import DIENST
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
INTAKE = {
    "dienst": "straatverlichting",
    "kanaal": "web",
    "melder": {"soort": "burger"},
    "tekst": "lamp kapot",
}


async def _spoor_van(map_: Path, koppen: dict[str, str]) -> str | None:
    dienst = Procesdienst(DIENST, instellingen_voor(DIENST, gegevensmap=map_))
    async with (
        dienst.app.router.lifespan_context(dienst.app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(dienst.app), base_url="http://127.0.0.1:8103"
        ) as klant,
    ):
        koppen = {"Idempotency-Key": "spoor-1"} | koppen
        antwoord = await klant.post("/v1/meldingen", json=INTAKE, headers=koppen)
        assert antwoord.status_code == 201
        bericht = json.loads(dienst.log.lees(0).records[0].waarde)
    spoor: str | None = bericht.get("traceparent")
    return spoor


async def test_het_spoor_van_een_verzoek_gaat_mee_met_zijn_bericht(tmp_path: Path) -> None:
    assert await _spoor_van(tmp_path, {"traceparent": TRACEPARENT}) == TRACEPARENT


async def test_een_spoor_dat_er_geen_is_gaat_niet_mee(tmp_path: Path) -> None:
    assert await _spoor_van(tmp_path, {"traceparent": "00-spoor"}) is None
    assert await _spoor_van(tmp_path / "zonder", {}) is None
