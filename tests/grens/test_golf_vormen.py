"""Section 1 of the wire format, over a bare connection: what a partner may write, and what not."""

import asyncio
import json

import pytest

from .organisaties import klant_tls
from .test_luisteraar import PAD, SESSIE, Vrager, vrager
from .test_over_https import tot
from .zijden import A

__all__ = ["vrager"]

JSON = "Content-Type: application/json"
NEE = (400, "ongeldig")


async def rauw(
    vrager: Vrager, regel: str, *koppen: str, inhoud: bytes = b"", is_http: bool = True
) -> tuple[int, str]:
    """Status and code of the answer to just these bytes."""
    kop = [f"{regel} HTTP/1.1", "Host: localhost", "Fsc-Transaction-Id: een", *koppen]
    tls = klant_tls(vrager.uitgever, A)
    lezer, schrijver = await asyncio.open_connection("localhost", vrager.b.server.poort, ssl=tls)
    schrijver.write("\r\n".join(kop).encode() + b"\r\n\r\n" + inhoud)
    try:
        async with asyncio.timeout(5):
            status, *regels = (await lezer.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            terug = {naam.lower(): w for naam, w in (een.split(": ", 1) for een in regels)}
            antwoord = json.loads(await lezer.readexactly(int(terug["content-length"])))
    finally:
        schrijver.transport.abort()  # to say goodbye over TLS may outlive the test
    assert terug["api-version"]
    assert terug["cache-control"] == "no-store"
    # Where the headers cannot be read, there is nothing to repeat.
    assert terug.get("fsc-transaction-id") == ("een" if is_http else None)
    if "code" in antwoord:
        assert antwoord["type"] == "about:blank"
        assert antwoord["status"] == int(status.split()[1])
        assert antwoord["title"]
        assert antwoord["detail"]
    return int(status.split()[1]), antwoord.get("code", "")


GOED = json.dumps(
    {
        "overeenkomst": "KENMERK",
        "ontvangen": {"sessie": SESSIE, "omvang": 0, "ontvangstbewijs": None},
        "gezegd": {"omvang": 0, "controlepunt": None},
    }
)


def erbij(lid: str) -> str:
    return f"{GOED[:-1]}, {lid}}}"


@pytest.mark.parametrize(
    ("tekst", "verwacht"),
    [
        (erbij('"x": 9007199254740991'), (200, "")),
        (GOED.replace('"gezegd": {', '"gezegd": {"x": [1], '), (200, "")),
        (erbij('"x": ' + "[" * 31 + "]" * 31), (200, "")),
        (erbij('"x": ' + "[" * 32 + "]" * 32), NEE),
        (erbij('"x": 9007199254740992'), NEE),
        (erbij('"x": NaN'), NEE),
        (erbij('"x": {"y": 1, "\\u0079": 2}'), NEE),
        (GOED.replace('"gezegd": {', '"gezegd": {"omvang": 0, '), NEE),
        ("\ufeff" + GOED, NEE),
        (GOED.replace('"omvang": 0', '"omvang": 0.0'), NEE),
        (GOED.replace('"omvang": 0', '"omvang": false'), NEE),
        (GOED.replace(SESSIE, SESSIE.upper()), NEE),
        ("[]", NEE),
        ("", NEE),
    ],
)
async def test_json_wordt_gelezen_zoals_de_golf_zegt(
    vrager: Vrager, tekst: str, verwacht: tuple[int, str]
) -> None:
    ruw = tekst.replace("KENMERK", vrager.b.partner.kenmerken[0]).encode()
    lengte = f"Content-Length: {len(ruw)}"
    assert await rauw(vrager, f"POST {PAD}/hervattingen", JSON, lengte, inhoud=ruw) == verwacht


@pytest.mark.parametrize(
    ("regel", "koppen"),
    [
        (f"POST {PAD}/hervattingen", ()),
        (f"POST {PAD}/hervattingen", (JSON,)),
        (f"GET {PAD}/bladen?vanaf=0", ("Transfer-Encoding: chunked",)),
    ],
    ids=["zonder iets", "zonder lengte", "in stukken, ook waar niets te lezen is"],
)
async def test_zonder_lengte_wordt_niets_gelezen(
    vrager: Vrager, regel: str, koppen: tuple[str, ...]
) -> None:
    assert await rauw(vrager, regel, *koppen) == (411, "zonder-lengte")


@pytest.mark.parametrize(
    ("regel", "koppen"),
    [
        ("dit is geen HTTP", ()),
        (f"GET {PAD}/ontvangstbewijzen", ("X-\x01: y",)),
        (f"GET {PAD}/ontvangstbewijzen", ("Host: ook-hier",)),
        (f"POST {PAD}/paginas", (JSON, "Content-Length: 1", "Content-Length: 2")),
    ],
    ids=["geen http", "een vreemd teken", "twee hosts", "twee lengten"],
)
async def test_ook_wat_geen_verzoek_is_krijgt_een_antwoord_in_de_taal_van_de_golf(
    vrager: Vrager, regel: str, koppen: tuple[str, ...]
) -> None:
    assert await rauw(vrager, regel, *koppen, is_http=False) == NEE


async def test_een_verbinding_die_al_dichtgaat_is_zonder_fout_af_te_breken(vrager: Vrager) -> None:
    """Early 3.11 cannot abort over TLS what was closed twice; nobody else may notice."""
    server = vrager.b.server
    tls = klant_tls(vrager.uitgever, A)
    _, schrijver = await asyncio.open_connection("localhost", server.poort, ssl=tls)
    try:
        await tot(lambda: server.verbindingen.aantal == 1)
        (een,) = server.verbindingen._alle()
        een.transport.close()
        een.transport.close()
        een.breek_af()
        await tot(lambda: server.verbindingen.aantal == 0)
    finally:
        schrijver.transport.abort()
