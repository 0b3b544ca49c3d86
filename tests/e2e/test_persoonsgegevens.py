"""What people wrote and who they are stands nowhere in the clear (D7), byte by byte."""

import json
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

KANARIE = "Kanarie, Zangvogelplein 7"


def _persoonlijk() -> set[str]:
    """Every name, contact and text that the demo enters as personal."""
    gevonden: set[str] = set()
    for regel in (files("schakel.proefspel") / "meldingen.jsonl").read_text().splitlines():
        gevonden |= set(_teksten(json.loads(regel)))
    return gevonden


def _teksten(waarde: Any, sleutel: str = "") -> Iterator[str]:
    if isinstance(waarde, dict):
        for naam, deel in waarde.items():
            yield from _teksten(deel, naam)
    elif isinstance(waarde, list):
        for deel in waarde:
            yield from _teksten(deel, sleutel)
    elif sleutel in {"tekst", "naam", "contact", "opdracht", "motivering"} and waarde:
        yield waarde


def _schrijfwijzen(tekst: str) -> Iterator[bytes]:
    """As text, as JSON with and without escapes, and in UTF-16."""
    yield tekst.encode()
    yield json.dumps(tekst)[1:-1].encode()
    yield json.dumps(tekst, ensure_ascii=False)[1:-1].encode()
    yield tekst.encode("utf-16-le")


@pytest.mark.traag
def test_na_de_demo_staat_niets_persoonlijks_in_opslag_log_of_uitvoer(tmp_path: Path) -> None:
    persoonlijk = _persoonlijk()
    assert len(persoonlijk) > 100
    demo = subprocess.run(
        [
            Path(sys.executable).with_name("schakel"),
            "demo",
            "-o",
            "json",
            "--gegevensmap",
            tmp_path,
        ],
        capture_output=True,
        timeout=180,
        check=False,
    )
    assert demo.returncode == 0, demo.stderr.decode()

    bronnen = {p.name: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert {f"{p}.db" for p in (*Proces, "orchestrator")} | {"schakel.log"} <= bronnen.keys()
    assert b"verzoek_afgehandeld" in bronnen["schakel.log"]
    bronnen |= {"stdout": demo.stdout, "stderr": demo.stderr}
    gelekt = [
        (bron, tekst)
        for bron, inhoud in bronnen.items()
        for tekst in persoonlijk
        if any(vorm in inhoud for vorm in _schrijfwijzen(tekst))
    ]
    assert not gelekt


VERKEERD: tuple[Any, ...] = (
    {"tekst": KANARIE},
    {"dienst": KANARIE, "kanaal": KANARIE, "melder": {"soort": KANARIE}, "tekst": KANARIE},
    {"melder": {"soort": "burger", "naam": [KANARIE]}},
    [KANARIE],
    KANARIE,
)


async def test_een_foutantwoord_herhaalt_niet_wat_iemand_stuurde(tmp_path: Path) -> None:
    omschrijving = OMSCHRIJVING[Proces.HERSTELLEN]
    dienst = Procesdienst(omschrijving, instellingen_voor(omschrijving, gegevensmap=tmp_path))
    async with (
        dienst.app.router.lifespan_context(dienst.app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(dienst.app), base_url="http://127.0.0.1:8103"
        ) as klant,
    ):
        for nummer, inhoud in enumerate(VERKEERD):
            antwoord = await klant.post(
                "/v1/meldingen", json=inhoud, headers={"Idempotency-Key": f"k-{nummer}"}
            )
            assert antwoord.status_code == 400
            assert "Zangvogelplein" not in antwoord.text
        for pad in (f"/v1/meldingen/{KANARIE}", f"/v1/{KANARIE}"):
            antwoord = await klant.get(pad)
            assert antwoord.status_code in {400, 404}
            assert "Zangvogelplein" not in antwoord.text
