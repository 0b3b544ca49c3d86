"""Sections 1, 4, 5 and 9 from the other side: B calls, and the stranger reads what it says."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest
from tests.grens.luistert import luistert
from tests.grens.organisaties import Organisatie, Uitgever, organisatie, server_tls

from schakel.grens.oproep import LANGST, Weer, roep

from .vreemde import (
    SESSIE,
    VAN_A,
    A,
    B,
    Logboek,
    Sleutelbos,
    b64url,
    compact,
    keur_controlepunt,
    keur_ontvangstbewijs,
)


@dataclass(frozen=True)
class Verzoek:
    """As it came."""

    methode: str
    doel: str
    koppen: list[tuple[str, str]]
    inhoud: bytes
    oin: str

    @property
    def wat(self) -> str:
        return f"{self.methode} {urlsplit(self.doel).path.rpartition('/')[2]}"

    @property
    def json(self) -> Any:
        return json.loads(self.inhoud)

    def kop(self, naam: str) -> list[str]:
        return [waarde for een, waarde in self.koppen if een == naam]


@dataclass
class Server:
    """A, with an address: answers as the text says, and keeps what it was asked."""

    sleutels: Sleutelbos
    kenmerk: str = ""
    verzoeken: list[Verzoek] = field(default_factory=list)
    log: Logboek = field(init=False)
    gehoord: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.log = Logboek(self.sleutels.a)

    async def bedien(self, lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        certificaat = schrijver.get_extra_info("peercert")
        onderwerp = dict(een[0] for een in certificaat["subject"])
        while True:
            kop = (await lezer.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            koppen = [(n.lower(), w) for n, w in (een.split(": ", 1) for een in kop[1:])]
            lengte = int(dict(koppen).get("content-length", 0))
            methode, doel, _ = kop[0].split(" ")
            inhoud = await lezer.readexactly(lengte)
            verzoek = Verzoek(methode, doel, koppen, inhoud, onderwerp["serialNumber"])
            self.verzoeken.append(verzoek)
            status, waarde = await self.antwoord(verzoek)
            ruw = b"" if waarde is None else compact(waarde)
            soort = "problem+json" if status >= 400 else "json"
            regels = [f"HTTP/1.1 {status} X", f"Content-Length: {len(ruw)}"]
            regels += [f"Content-Type: application/{soort}"] if ruw else []
            schrijver.write("\r\n".join([*regels, "", ""]).encode() + ruw)

    async def antwoord(self, verzoek: Verzoek) -> tuple[int, Any]:
        match verzoek.wat:
            case "POST hervattingen":
                return 200, self.hervatting()
            case "POST paginas":
                return 200, self.ontvang(verzoek.json)
            case "GET paginas":
                vragen = parse_qs(urlsplit(verzoek.doel).query)
                vanaf = int(vragen["vanaf"][0])
                if vanaf < len(self.log.bladen):
                    return 200, self.log.pagina(vragen["sessie"][0], vanaf)
                await asyncio.sleep(0.05)
                return 204, None
            case "POST ontvangstbewijzen":
                return 204, None
            case _:
                return 200, self.bewijs()

    def hervatting(self) -> Any:
        omvang = len(self.log.bladen)
        return {
            "overeenkomst": self.kenmerk,
            "ontvangen": {"sessie": SESSIE, **self.bewijs()},
            "gezegd": {
                "omvang": omvang,
                "controlepunt": self.log.controlepunt(omvang) if omvang else None,
            },
        }

    def ontvang(self, pagina: Any) -> Any:
        assert pagina["sessie"] == SESSIE
        bladen = [b64decode(een, validate=True) for een in pagina["bladen"]]
        self.gehoord[pagina["vanaf"] :] = bladen
        tekst = Logboek(self.sleutels.b, self.gehoord).tekst(len(self.gehoord))
        sleutel = self.sleutels.b
        keur_controlepunt(pagina["controlepunt"], tekst, sleutel.naam, sleutel.publiek)
        return self.bewijs()

    def bewijs(self) -> Any:
        if not self.gehoord:
            return {"omvang": 0, "ontvangstbewijs": None}
        tekst = Logboek(self.sleutels.b, self.gehoord).tekst(len(self.gehoord))
        note = f"{tekst}\n{self.sleutels.a.medetekening(tekst, 1_796_040_002)}"
        return {"omvang": len(self.gehoord), "ontvangstbewijs": note}

    async def tot(self, wat: str, aantal: int = 1) -> list[Verzoek]:
        """Those of this kind, when there are so many."""
        async with asyncio.timeout(10):
            while len(gevonden := [v for v in self.verzoeken if v.wat == wat]) < aantal:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        return gevonden


@asynccontextmanager
async def belt(
    map_: Path, uitgever: Uitgever, sleutels: Sleutelbos, beller: str
) -> AsyncIterator[tuple[Server, Organisatie]]:
    """B under a contract in which A has an address."""
    server = Server(sleutels)
    async with luistert(server.bedien, server_tls(uitgever, A)) as poort:
        inhoud = sleutels.inhoud() | {"beller": beller}
        inhoud["partijen"][0]["adres"] = f"https://localhost:{poort}/grens/"
        payload = compact(inhoud)
        server.kenmerk = b64url(sha256(payload).digest())
        getekend = sleutels.onderteken(payload)
        async with organisatie(map_, "B", getekend, uitgever, 0, belt=True) as b:
            yield server, b


async def test_wie_alle_oproepen_doet_hervat_brengt_haalt_en_geeft_bewijs(
    tmp_path: Path, uitgever: Uitgever, sleutels: Sleutelbos
) -> None:
    async with belt(tmp_path, uitgever, sleutels, B) as (server, b):
        (hervat, *_) = await server.tot("POST hervattingen")
        await b.zeg(b"een", b"\xff\x00")
        (bracht, *_) = await server.tot("POST paginas")
        await server.tot("GET paginas")
        server.log.bladen += [b"van a", b"gif \xfe"]
        bewijzen = await server.tot("POST ontvangstbewijzen")
        await server.tot("GET paginas", len([v for v in server.verzoeken if "GET" in v.wat]) + 1)

    gezegd = hervat.json
    assert gezegd.keys() == {"overeenkomst", "ontvangen", "gezegd"}
    assert gezegd["overeenkomst"] == server.kenmerk
    sessie = gezegd["ontvangen"].pop("sessie")
    assert UUID(sessie).version == 4
    assert gezegd["ontvangen"] == {"omvang": 0, "ontvangstbewijs": None}
    assert gezegd["gezegd"] == {"omvang": 0, "controlepunt": None}

    assert bracht.json.keys() == {"sessie", "vanaf", "bladen", "controlepunt"}
    assert server.gehoord == [b"een", b"\xff\x00"]

    bewijs = bewijzen[-1].json
    assert bewijs.keys() == {"omvang", "ontvangstbewijs"}
    tekst = server.log.tekst(2)
    keur_ontvangstbewijs(bewijs["ontvangstbewijs"], tekst, sleutels.b.naam, sleutels.b.publiek)

    for verzoek in server.verzoeken:
        # Base path without a slash at the end; the OIN in a path is that of the caller.
        assert verzoek.oin == B
        assert urlsplit(verzoek.doel).path.startswith(f"/grens/v1/logboeken/{B}/")
        assert verzoek.kop("transfer-encoding") == verzoek.kop("content-encoding") == []
        assert verzoek.kop("accept-encoding") == ["identity"]
        if verzoek.methode == "POST":
            assert verzoek.kop("content-length") == [str(len(verzoek.inhoud))]
            assert verzoek.kop("content-type") == ["application/json"]
            assert json.loads(verzoek.inhoud) is not None
        else:
            assert verzoek.inhoud == b""
    for verzoek in server.verzoeken:
        if verzoek.wat == "GET paginas":
            vragen = parse_qs(urlsplit(verzoek.doel).query)
            assert vragen.keys() == {"vanaf", "sessie", "wacht"}
            assert vragen["sessie"] == [sessie]
            assert 0 <= int(vragen["wacht"][0]) <= 20


async def test_elk_zijn_eigen_logboek_haalt_niets(
    tmp_path: Path, uitgever: Uitgever, sleutels: Sleutelbos
) -> None:
    """``beller`` zender: each posts its own log."""
    async with belt(tmp_path, uitgever, sleutels, "zender") as (server, b):
        await server.tot("POST hervattingen")
        await b.zeg(b"een")
        await server.tot("POST paginas")
        await asyncio.sleep(0.2)
    assert "GET paginas" not in {een.wat for een in server.verzoeken}


# How long the client waits, and what it makes of an answer


@pytest.mark.parametrize("wacht", [0, 20])
async def test_wie_haalt_wacht_tien_seconden_langer_dan_hij_vroeg(
    tmp_path: Path, uitgever: Uitgever, sleutels: Sleutelbos, wacht: int
) -> None:
    gezien: dict[int, float] = {}
    async with belt(tmp_path, uitgever, sleutels, B) as (server, b):

        async def kijk(verzoek: httpx.Request) -> None:
            if "wacht" in verzoek.url.params:
                gezien[int(verzoek.url.params["wacht"])] = verzoek.extensions["timeout"]["read"]

        b.klant.event_hooks = {"request": [kijk]}
        await server.tot("GET paginas", 3)
        async with asyncio.timeout(5):
            while wacht not in gezien:
                server.log.bladen.append(b"nog een")
                await asyncio.sleep(0.1)
    assert gezien[wacht] == wacht + 10


@pytest.mark.parametrize(
    ("kop", "na"),
    [(b"7", 7.0), (b"100000", LANGST), (b"9" * 400, LANGST), (b"", 0.0)]
    + [(fout, 0.0) for fout in (b"\xb2", b"-1", b"1.5", b"Wed, 21 Oct 2026 07:28:00 GMT", b"x")],
)
async def test_retry_after_is_een_aantal_seconden_en_al_het_andere_telt_niet(
    kop: bytes, na: float
) -> None:
    def druk(_: httpx.Request) -> httpx.Response:
        async def stroom() -> AsyncIterator[bytes]:
            yield b'{"code":"te-druk"}'

        return httpx.Response(429, headers=[(b"retry-after", kop)], content=stroom())

    async with httpx.AsyncClient(transport=httpx.MockTransport(druk)) as klant:
        with pytest.raises(Weer) as gevangen:
            await roep(klant, "GET", "https://localhost", None)
    assert gevangen.value.na == na


def test_de_naam_van_het_logboek_is_van_de_zender(sleutels: Sleutelbos) -> None:
    assert sleutels.a.vkey.startswith(f"{VAN_A}+")
