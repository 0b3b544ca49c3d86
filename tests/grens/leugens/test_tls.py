"""A sample over real connections: the partner is a server and a client of the standard library."""

import asyncio
import hashlib
import http.client
import json
import ssl
from base64 import b64decode
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from tests.grens.contract import overeenkomst
from tests.grens.leugens.golf import Sleutel, Sleutelrij, b64, b64url, onb64url
from tests.grens.leugens.partner import WACHT, Ontvanger, Partner, Zender, als_json
from tests.grens.organisaties import (
    Organisatie,
    Uitgever,
    klant_tls,
    organisatie,
    server_tls,
)
from tests.grens.test_over_https import tot, vrije_poorten
from tests.grens.zijden import VECTOREN, A, B


def partner_uit(getekend: bytes) -> Partner:
    """A of the vectors, from the contract alone."""
    payload = onb64url(json.loads(getekend)["payload"])
    partijen = {een["oin"]: een for een in json.loads(payload)["partijen"]}
    kenmerk = b64url(hashlib.sha256(payload).digest())
    van_a, van_b = f"schakel/{A}/{B}", f"schakel/{B}/{A}"
    sleutel = Sleutel(van_a, b64decode(VECTOREN["sleutels"]["A"]["ed25519"]))
    rij = Sleutelrij.begin(van_b, partijen[B]["logsleutel"])
    ontvanger = Ontvanger(van_b, rij, partijen[B]["contractsleutel"], sleutel)
    return Partner(A, B, kenmerk, Zender(van_a, sleutel), ontvanger)


class Server:
    """The partner listens, and knows who calls by the certificate."""

    def __init__(self, partner: Partner, tls: ssl.SSLContext, poort: int) -> None:
        slot = Lock()

        class Antwoordt(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                weg = urlsplit(self.path)
                lichaam = self.rfile.read(int(self.headers.get("content-length", "0")))
                with slot:
                    vragen = dict(parse_qsl(weg.query))
                    status, inhoud = partner.behandel(self.command, weg.path, lichaam, vragen)
                ruw = b"" if inhoud is None else als_json(inhoud)
                self.send_response(status)
                self.send_header("content-length", str(len(ruw)))
                self.end_headers()
                self.wfile.write(ruw)

            do_GET = do_POST  # noqa: N815 - the name that http.server looks for

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", poort), Antwoordt)
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.draad = Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.draad.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.draad.join()


class Tegenover:
    """The partner against the product: calls it, and is called."""

    def __init__(self, partner: Partner, product: Organisatie, tls: ssl.SSLContext) -> None:
        self.partner, self.product, self.tls = partner, product, tls

    async def roep(self, methode: str, wat: str, inhoud: object) -> tuple[int, dict[str, Any]]:
        """One call over a connection of its own.

        A refusal may come, and the connection close, while the body is still being sent (RFC 9112,
        9.6): then its answer may be lost, and who asks well asks again.
        """

        def doe() -> tuple[int, dict[str, Any]]:
            naar = http.client.HTTPSConnection(
                "localhost", self.product.server.poort, context=self.tls, timeout=20
            )
            koppen = {"content-type": "application/json"}
            with closing(naar):  # also of a call that breaks off half way
                naar.request(methode, f"/v1/logboeken/{A}/{wat}", als_json(inhoud), koppen)
                antwoord = naar.getresponse()
                return antwoord.status, json.loads(antwoord.read() or b"{}")

        for _ in range(5):
            with suppress(ConnectionError, ssl.SSLEOFError):
                return await asyncio.to_thread(doe)
        return await asyncio.to_thread(doe)

    async def stuur(self) -> None:
        """All that is said, page by page, each with a receipt that verifies."""
        while self.partner.bewezen < len(self.partner.zender.bladen):
            status, antwoord = await self.roep("POST", "paginas", self.partner.pagina())
            assert status == 200, antwoord
            self.partner.leest_antwoord(antwoord)


@pytest.fixture
async def tegenover(tmp_path: Path) -> AsyncIterator[Tegenover]:
    """Resumed: the product called the partner for that."""
    uitgever, poorten = Uitgever(tmp_path), vrije_poorten()
    adressen = [{"adres": f"https://localhost:{poort}"} for poort in poorten]
    getekend = overeenkomst(dict(zip((A, B), adressen, strict=True)), beller="zender")
    partner = partner_uit(getekend)
    async with AsyncExitStack() as opruimen:
        server = Server(partner, server_tls(uitgever, A), poorten[0])
        opruimen.callback(server.stop)
        product = await opruimen.enter_async_context(
            organisatie(tmp_path, "B", getekend, uitgever, poorten[1])
        )
        await tot(lambda: product.kanaal.verkeer.verbinding().is_hervat)
        yield Tegenover(partner, product, klant_tls(uitgever, A))


async def test_eerlijk_verkeer_gaat_beide_kanten_op(tegenover: Tegenover) -> None:
    partner, product = tegenover.partner, tegenover.product
    partner.zender.zeg(*(b"a%d" % n for n in range(700)), b"\xff geen json")
    await product.zeg(*(b"b%d" % n for n in range(600)))
    await tegenover.stuur()
    await tot(lambda: product.kanaal.verkeer.verbinding().vanaf == 600)
    assert [*product.bladen("in")] == partner.zender.bladen
    assert [*product.bladen("uit")] == partner.ontvanger.bladen


def _vals(partner: Partner) -> dict[str, Any]:
    zender = partner.zender
    return Zender(zender.oorsprong, zender.sleutel, [b"anders"]).pagina(0, partner.sessie_daar)


@pytest.mark.parametrize(
    ("leugen", "verwacht"),
    [
        (_vals, (400, "slechte-pagina", "vork")),
        (lambda p: p.zender.pagina(0, WACHT), (409, "sessie-onbekend", None)),
        (
            lambda p: p.zender.pagina(0, p.sessie_daar) | {"bladen": [b64(b"x")] * 501},
            (400, "slechte-pagina", "vorm"),
        ),
        (lambda _: {"te": "x" * 786_433}, (413, "te-groot", None)),
    ],
    ids=["herschreven", "een andere sessie", "501 bladen", "te groot"],
)
async def test_een_leugen_over_tls_wordt_niet_ingenomen(
    tegenover: Tegenover,
    leugen: Callable[[Partner], object],
    verwacht: tuple[int, str, str | None],
) -> None:
    partner, product = tegenover.partner, tegenover.product
    partner.zender.zeg(b"een", b"twee")
    await tegenover.stuur()
    status, antwoord = await tegenover.roep("POST", "paginas", leugen(partner))
    assert (status, antwoord["code"], antwoord.get("reden")) == verwacht
    assert product.bladen("in") == (b"een", b"twee")
    if verwacht[1] == "slechte-pagina":
        status, antwoord = await tegenover.roep("GET", "ontvangstbewijzen", None)
        assert (status, antwoord["code"]) == (403, "gestopt")
        await product.kanaal.start_weer()
        product.beller.geef_teken()
        await tot(lambda: product.kanaal.verkeer.verbinding().is_hervat)
    partner.zender.zeg(b"drie")
    await tegenover.stuur()
    assert product.bladen("in") == (b"een", b"twee", b"drie")
