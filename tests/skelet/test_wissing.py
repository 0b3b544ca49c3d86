"""A melding that is erased, over HTTP: what was asked and written is in no file any more."""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
import pytest
from deploy.lokaal.postgres import Databases
from tests.kern.bestanden import ruw
from tests.kern.conftest import Plek
from tests.kern.proef import gemeten
from tests.skelet.soorten import OMSCHRIJVING

from schakel.contracts.werkstromen import Proces
from schakel.kern.geheim.hoofdsleutel import maak_hoofdsleutel
from schakel.kern.opslag import Lading
from schakel.kern.opslag.postgres import migreer
from schakel.skelet.overzicht import TABELLEN
from schakel.skelet.proces import Procesdienst
from schakel.skelet.start import instellingen_voor

H = OMSCHRIJVING[Proces.HERSTELLEN]
TELEFOON = "0612345678"
INTAKE = {
    "dienst": "verlichting",
    "kanaal": "web",
    "melder": {"soort": "burger", "naam": "Kanarie", "contact": TELEFOON},
    "tekst": "de lantaarn is uit",
    "namens": {"naam": "Zangvogel", "machtiging": "volmacht"},
}
BEOORDELING = {
    "feiten": {
        "proactief": False,
        "afwijking": True,
        "binnenAfspraken": True,
        "raaktBeheerdeInfrastructuur": False,
    },
    "impact": 2,
    "urgentie": 2,
    "motivering": "buurvrouw Merel belde",
}
Start = Callable[[], Any]


@pytest.fixture(params=["sqlite", "postgres"])
def plek(request: pytest.FixtureRequest, tmp_path: Path) -> Plek:
    if request.param == "sqlite":
        return Plek(tmp_path / "herstellen.db")
    postgres: Databases = request.getfixturevalue("postgres")
    url = postgres.maak_database()
    migreer(url, TABELLEN, "herstellen")
    maak_hoofdsleutel(tmp_path / "sleutel")
    return Plek(url)


class Deur:
    """A service at work, and who asks it."""

    def __init__(self, dienst: Procesdienst[Any], klant: httpx.AsyncClient) -> None:
        self.dienst = dienst
        self.klant = klant

    async def stuur(self, pad: str, body: Any, sleutel: str) -> httpx.Response:
        ruwe = json.dumps(body).encode()
        koppen = {"Idempotency-Key": sleutel, "Content-Type": "application/json"}
        return await self.klant.post(f"/v1{pad}", content=ruwe, headers=koppen)

    async def meld(self, sleutel: str, **anders: Any) -> str:
        antwoord = await self.stuur("/meldingen", INTAKE | anders, sleutel)
        assert antwoord.status_code == 201, antwoord.text
        return str(antwoord.json()["meldingId"])

    async def wis(self, melding: str) -> None:
        for stap, body in (("intrekkingen", {}), ("wissingen", {"grond": "avg-17"})):
            antwoord = await self.stuur(f"/meldingen/{melding}/{stap}", body, f"{melding}-{stap}")
            assert antwoord.status_code == 201, antwoord.text

    async def onderdelen(self) -> dict[str, str]:
        antwoord = await self.klant.get("/klaar")
        return dict(antwoord.json()["onderdelen"])

    async def tot_gewist(self) -> None:
        async with asyncio.timeout(20):
            # On a machine without time for it a part may not answer: that is no answer to this.
            while {"wissing", "onderdelen"} & set(await self.onderdelen()):  # noqa: ASYNC110
                await asyncio.sleep(0.05)


@asynccontextmanager
async def deur(plek: Plek, map_: Path) -> AsyncIterator[Deur]:
    opslag = {} if isinstance(plek.waar, Path) else {"opslag": plek.waar}
    dienst = Procesdienst(H, instellingen_voor(H, gegevensmap=map_, **opslag))
    async with (
        dienst.app.router.lifespan_context(dienst.app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(dienst.app), base_url="http://127.0.0.1"
        ) as klant,
    ):
        yield Deur(dienst, klant)


def digests(methode: str, pad: str, body: Any) -> Iterator[bytes]:
    """What a guesser may compute: the digest of a former version, and of parts alone."""
    ruwe = json.dumps(body).encode()
    yield hashlib.sha256(f"{methode} {len(pad)} {pad}\n".encode() + ruwe).digest()
    yield hashlib.sha256(ruwe).digest()
    for deel in (TELEFOON, INTAKE["tekst"], "Kanarie", "Zangvogel", "intake-1", "lokaal:intake-1"):
        yield hashlib.sha256(str(deel).encode()).digest()


def geheimen(dienst: Procesdienst[Any]) -> set[bytes]:
    vragen = ("SELECT sleutel FROM sleutels", "SELECT sleutel FROM teksten")
    vragen += ("SELECT inhoud FROM teksten", "SELECT hmac FROM teksten")
    return {bytes(rij[0])[-20:] for vraag in vragen for rij in dienst.opslag.vraag(vraag)}


@contextmanager
def lezer(plek: Plek) -> Iterator[None]:
    """Somebody who goes on looking at the store as it is now."""
    if isinstance(plek.waar, Path):
        with closing(sqlite3.connect(plek.waar, isolation_level=None)) as db:
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM meldingen").fetchall()
            yield
        return
    with psycopg.connect(plek.waar) as verbinding:
        verbinding.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        verbinding.execute("SELECT count(*) FROM meldingen")
        yield


async def test_wat_is_gewist_staat_nergens_meer_ook_niet_voor_wie_raadt(
    plek: Plek, tmp_path: Path
) -> None:
    async with deur(plek, tmp_path) as h:
        blijft = await h.meld("blijft")
        over = geheimen(h.dienst)
        melding = await h.meld("intake-1")
        await h.stuur(f"/meldingen/{melding}/verhelderingen", {}, "v")
        pad = f"/meldingen/{melding}/beoordelingen"
        assert (await h.stuur(pad, BEOORDELING, "b")).status_code == 201
        inhoud = (await h.klant.get(f"/v1/meldingen/{melding}/inhoud")).json()["inhoud"]
        assert inhoud == {
            "intake": {
                "tekst": INTAKE["tekst"],
                "melder": {"naam": "Kanarie", "contact": TELEFOON},
                "namens": {"naam": "Zangvogel"},
            },
            "motivering-3": BEOORDELING["motivering"],
        }
        gewist = geheimen(h.dienst) - over
        assert len(gewist) == 1 + 3 * 4
        with lezer(plek):
            await h.wis(melding)
            await asyncio.sleep(1.2)
            assert (await h.onderdelen())["wissing"] == "gestoord"
            metingen = (await h.klant.get("/metrics")).text
            stand = {"onderdeel": "wissing", "schakel_onderdeel": "gestoord"}
            assert gemeten(metingen, "schakel_onderdeel", **stand) == 1
            # Nobody waits for it.
            assert (await h.klant.get(f"/v1/meldingen/{blijft}/inhoud")).status_code == 200
            await h.meld("tussendoor")
        await h.tot_gewist()
        bestanden = ruw(plek)
        assert not [geheim for geheim in gewist if geheim in bestanden]
        assert all(geheim in bestanden for geheim in over)
        gevraagd = [("/v1/meldingen", INTAKE), (f"/v1{pad}", BEOORDELING)]
        for adres, body in gevraagd:
            assert not [d for d in digests("POST", adres, body) if d in bestanden]
        for tekst in (TELEFOON, "Kanarie", "Zangvogel", "Merel", "intake-1"):
            assert tekst.encode() not in bestanden
        assert (await h.klant.get(f"/v1/meldingen/{melding}/inhoud")).status_code == 404
        # Asked again with the same key it is still no second melding.
        assert await h.meld("intake-1") == melding
        assert (await h.klant.get(f"/v1/meldingen/{blijft}/inhoud")).status_code == 200


async def test_zonder_melder_en_vertegenwoordigde_blijft_het_antwoord_zoals_het_was(
    plek: Plek, tmp_path: Path
) -> None:
    async with deur(plek, tmp_path) as h:
        kaal = {"melder": {"soort": "burger"}, "namens": None}
        melding = await h.meld("kaal", **kaal)
        inhoud = (await h.klant.get(f"/v1/meldingen/{melding}/inhoud")).json()["inhoud"]
        leeg = {"naam": None, "contact": None}
        assert inhoud == {"intake": {"tekst": INTAKE["tekst"], "melder": leeg, "namens": None}}
        soorten = h.dienst.opslag.vraag("SELECT soort FROM teksten")
        assert soorten == [("tekst",)]


async def test_de_melder_kan_alleen_worden_vergeten(plek: Plek, tmp_path: Path) -> None:
    async with deur(plek, tmp_path) as h:
        melding = await h.meld("een")
        weg = "DELETE FROM teksten WHERE reeks = ? AND soort = ?"
        h.dienst.opslag.schrijf(Lading(rijen={weg: [(UUID(melding).hex, "melder")]}))
        inhoud = (await h.klant.get(f"/v1/meldingen/{melding}/inhoud")).json()["inhoud"]
        assert inhoud["intake"]["tekst"] == INTAKE["tekst"]
        assert inhoud["intake"]["melder"] == {"naam": None, "contact": None}
        assert inhoud["intake"]["namens"] == {"naam": "Zangvogel"}


async def test_een_tekst_die_is_veranderd_is_geen_404(plek: Plek, tmp_path: Path) -> None:
    async with deur(plek, tmp_path) as h:
        melding = await h.meld("een")
        zet = "UPDATE teksten SET inhoud = ? WHERE soort = 'melder'"
        h.dienst.opslag.schrijf(Lading(rijen={zet: [(b"x" * 40,)]}))
        antwoord = await h.klant.get(f"/v1/meldingen/{melding}/inhoud")
        assert (antwoord.status_code, antwoord.json()["code"]) == (500, "inhoud-aangetast")
        metingen = (await h.klant.get("/metrics")).text
        naam = "schakel_inhoud_aangetast_total"
        assert gemeten(metingen, naam, reden="inhoud-aangetast") == 1
