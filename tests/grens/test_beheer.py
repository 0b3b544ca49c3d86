"""What an operator does to a link, over the API of the own organisation."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from schakel.cli.app import voer_uit
from schakel.grens.fouten import Golffout, Vork
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.http.server import Server

from .huizen import Huis, TweeHuizen
from .test_over_https import vrije_poorten
from .zijden import A, B

ONBEKEND = "00000099000000009000"


async def vraag(huis: Huis, methode: str, pad: str, **inhoud: Any) -> httpx.Response:
    """One call, as the operator of that house."""
    vervoer = httpx.ASGITransport(huis.grens.app)
    kop = {"Idempotency-Key": "proef.1", "Content-Type": "application/json"}
    async with httpx.AsyncClient(transport=vervoer, base_url="http://127.0.0.1") as http:
        lading = {"json": inhoud, "headers": kop} if methode == "POST" else {}
        return await http.request(methode, f"/v1{pad}", **lading)  # type: ignore[arg-type]


@asynccontextmanager
async def bereikbaar(huis: Huis, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Its grens at an address that the command knows."""
    poort, _ = vrije_poorten()
    schil = Starlette()
    schil.router.default = huis.grens.app
    server = Server(schil, Instellingen(poort=poort))
    monkeypatch.setenv("SCHAKEL_ADRESSEN", json.dumps({"grens": f"http://127.0.0.1:{poort}"}))
    await server.start()
    yield
    await server.stop()


async def schakel(*woorden: str) -> int:
    """The command ``schakel partner``; gives its exit code."""
    return await asyncio.to_thread(voer_uit, ["partner", *woorden])


def audit(huis: Huis) -> list[tuple[str, str, str]]:
    """What of operators was written down."""
    rijen = huis.grens.opslag.vraag("SELECT inhoud FROM audit ORDER BY nummer")
    gelezen = [json.loads(bytes(inhoud)) for (inhoud,) in rijen]
    return [(een["wat"], een["waarop"], een["resultaat"]) for een in gelezen]


async def test_een_mens_laat_een_gestopte_verbinding_weer_lopen(huizen: TweeHuizen) -> None:
    await huizen.b.kanaal.sta_stil(Vork("proef"), b"wat er kwam")
    with pytest.raises(Golffout, match="gestopt"):
        await huizen.hervat()
    gedaan = await vraag(huizen.b, "POST", f"/partners/{A}/hervattingen")
    assert (gedaan.status_code, gedaan.json()) == (201, {"oin": A, "wasGestopt": "vork"})
    assert not (await huizen.b.kanaal.verbinding()).is_hervat
    await huizen.hervat()
    assert (await huizen.b.kanaal.verbinding()).is_hervat
    nog_eens = await vraag(huizen.b, "POST", f"/partners/{A}/hervattingen")
    assert (nog_eens.status_code, nog_eens.json()["wasGestopt"]) == (201, None)
    assert (await huizen.b.kanaal.verbinding()).is_hervat
    geboekt = ("POST /partners/{oin}/hervattingen", A, "gedaan")
    assert audit(huizen.b) == [geboekt, geboekt]


async def test_een_onbekende_partner_wordt_niet_hervat(huizen: TweeHuizen) -> None:
    gedaan = await vraag(huizen.a, "POST", f"/partners/{ONBEKEND}/hervattingen")
    assert (gedaan.status_code, gedaan.json()["code"]) == (404, "onbekende-partner")
    krom = await vraag(huizen.a, "POST", "/partners/dorp/hervattingen")
    assert krom.status_code == 400
    assert [resultaat for _, _, resultaat in audit(huizen.a)] == [
        "onbekende-partner",
        "invoer-ongeldig",
    ]
    assert audit(huizen.a)[1][1] is None


async def test_een_bewijsstuk_komt_terug_zoals_het_kwam(huizen: TweeHuizen) -> None:
    stuk = b"\x00<script>\xff"
    await huizen.a.kanaal.sta_stil(Vork("proef"), stuk)
    lijst = await vraag(huizen.a, "GET", "/bewijsstukken")
    (een,) = lijst.json()["bewijsstukken"]
    assert (een["partner"], een["reden"], een["bytes"]) == (B, "vork", len(stuk))
    gehaald = await vraag(huizen.a, "GET", f"/bewijsstukken/{een['nummer']}")
    assert gehaald.content == stuk
    assert gehaald.headers["content-type"] == "application/octet-stream"
    assert gehaald.headers["content-disposition"] == 'attachment; filename="bewijsstuk-1.bin"'
    ander = await vraag(huizen.a, "GET", "/bewijsstukken/99")
    assert ander.status_code == 404


async def test_partner_hervat_zegt_wat_er_was(
    huizen: TweeHuizen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await huizen.a.kanaal.sta_stil(Vork("proef"), b"")
    async with bereikbaar(huizen.a, monkeypatch):
        assert await schakel("hervat", B) == 0
        assert "loopt weer; stond stil om: vork" in capsys.readouterr().err
        assert await schakel("hervat", B, "-o", "json") == 0
        assert json.loads(capsys.readouterr().out) == {"oin": B, "wasGestopt": None}
        assert await schakel("hervat", ONBEKEND) == 1
        assert await schakel("hervat", "dorp") == 2
