"""Two whole organisations in one process, embedded, over real connections: each its own files."""

import asyncio
import json
import os
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from tests.skelet.geval import EIGEN_NA, EIGEN_VOOR, FEITEN, als_body

from schakel.cli import opstelling
from schakel.cli.alles import Draaiend, bouw_geheel, draai
from schakel.contracts.deelproces import melding_voor
from schakel.contracts.werkstromen import Proces
from schakel.grens.overeenkomsten import lees_getekend

from .contract import overeenkomst
from .huizen import AFSPRAKEN, NIEMAND, zet_klaar
from .luistert import luistert
from .organisaties import Uitgever
from .test_over_https import vrije_poorten
from .zijden import A, B

W = Proces.WIJZIGEN
BODY: dict[str, dict[str, Any]] = {
    "overeenstemmingen": {"bereikt": True},
    "vaststellingen": {"afspraak": "afspraak-1"},
    "testen": {"geslaagd": True},
    "registraties": {"onderdeel": "brug-7"},
    "controles": {"goed": True},
    "afwijzingen": {"reden": "niet-voor-ons"},
    "tevredenheidscontroles": {"oordeel": "tevreden"},
}


PERSOONLIJK = (b"Testpersoon", b"Proefweg", b"mist een lantaarn")


OPDRACHT = "bel eerst Testpersoon van Proef op de Proefweg"


class Organisatie:
    """One of the two: started and stopped as ``schakel start alles`` does it."""

    def __init__(self, map_: Path, oin: str, poort: int, basis: int, uitgever: Uitgever) -> None:
        self.map, self.oin, self.poort = map_, oin, poort
        self._omgeving = {
            "SCHAKEL_OIN": oin,
            "SCHAKEL_BASISPOORT": str(basis),
            "SCHAKEL_ROUTERING": str(map_ / "routering.json"),
            "SCHAKEL_LOGSLEUTELS": json.dumps([str(map_ / "log.pem")]),
            "SCHAKEL_PARTNERPOORT": str(poort),
            "SCHAKEL_PARTNERCERTIFICAAT": str(uitgever.certificaat(oin)),
            "SCHAKEL_PARTNER_CA": str(uitgever.ca),
            "SCHAKEL_EIGEN_HOSTS": '["localhost"]',
            "SCHAKEL_WEKKER": "PT0.2S",
        }
        self._loopt = AsyncExitStack()
        self.alles: Draaiend

    async def start(self) -> None:
        eerder = dict(os.environ)
        os.environ.update(self._omgeving)
        try:
            geheel = bouw_geheel(self.map)
        finally:
            os.environ.clear()
            os.environ.update(eerder)
        self.alles = await self._loopt.enter_async_context(draai(geheel))
        self._http = await self._loopt.enter_async_context(httpx.AsyncClient())

    async def stop(self) -> None:
        await self._loopt.aclose()
        self._loopt = AsyncExitStack()

    async def doe(self, proces: str, pad: str, body: dict[str, Any] | None = None) -> Any:
        """A command; what is refused fails the test."""
        kop = {"Idempotency-Key": os.urandom(8).hex()}
        adres = f"{self.alles.adressen[proces]}/v1/meldingen{pad}"
        antwoord = await self._http.post(adres, json=body or {}, headers=kop)
        assert antwoord.is_success, antwoord.text
        return antwoord.json()

    async def stappen(self, proces: Proces, id_: Any, *stappen: str) -> None:
        for stap in stappen:
            await self.doe(proces, f"/{id_}/{stap}", BODY.get(stap))

    async def beoordeel(self, proces: Proces, id_: Any) -> None:
        melding = await self.lees(proces, f"/meldingen/{id_}")
        if "verhelderingen" in melding["mogelijkeStappen"]:
            await self.stappen(proces, id_, "verhelderingen")
        feiten = als_body(FEITEN[proces][0])
        body = {"feiten": feiten, "impact": 2, "urgentie": 2}
        await self.doe(proces, f"/{id_}/beoordelingen", body)

    async def lees(self, dienst: str, pad: str) -> Any:
        antwoord = await self._http.get(f"{self.alles.adressen[dienst]}/v1{pad}")
        return antwoord.json() if antwoord.is_success else {}

    async def tot(self, dienst: str, pad: str, klaar: Callable[[Any], Any]) -> Any:
        """Wait for what a service shows."""
        async with asyncio.timeout(60):
            while True:
                if (gelezen := await self.lees(dienst, pad)) and klaar(gelezen):
                    return gelezen
                await asyncio.sleep(0.1)


@pytest.fixture
async def paar(tmp_path: Path) -> AsyncIterator[tuple[Organisatie, Organisatie]]:
    poorten = dict(zip((A, B), vrije_poorten(), strict=True))
    adressen = {oin: {"adres": f"https://localhost:{poort}"} for oin, poort in poorten.items()}
    getekend = overeenkomst(adressen, afspraken=AFSPRAKEN)
    zet_klaar(tmp_path / "A", "A", getekend, {"wijzigen": {"standaard": B}})
    anderen = dict.fromkeys(("afspreken", "herstellen", "verbeteren"), NIEMAND)
    zet_klaar(tmp_path / "B", "B", getekend, anderen)
    uitgever = Uitgever(tmp_path)
    # Where a text can be read stands in messages: the services answer there.
    hier, daar = opstelling.vrije_poorten()
    a = Organisatie(tmp_path / "A", A, poorten[A], hier, uitgever)
    b = Organisatie(tmp_path / "B", B, poorten[B], daar, uitgever)
    await a.start()
    await b.start()
    yield a, b
    await a.stop()
    await b.stop()


async def vraag(a: Organisatie) -> tuple[str, UUID]:
    """A first melding at A that handed wijzigen to B, and the schakel of that."""
    afspreken = Proces.AFSPREKEN
    melding = {
        "dienst": "verlichting",
        "kanaal": "web",
        "melder": {"soort": "burger", "naam": "Testpersoon van Proef"},
        "tekst": "er mist een lantaarn",
    }
    wortel = (await a.doe(afspreken, "", melding))["meldingId"]
    await a.beoordeel(afspreken, wortel)
    await a.stappen(afspreken, wortel, *EIGEN_VOOR[afspreken])
    await a.doe(afspreken, f"/{wortel}/overdrachten", {"naar": "wijzigen", "opdracht": OPDRACHT})
    getoond = await a.lees(afspreken, f"/meldingen/{wortel}")
    return wortel, UUID(getoond["kinderen"][0]["meldingId"])


async def test_werkstroom_1_over_twee_organisaties(paar: tuple[Organisatie, Organisatie]) -> None:
    a, b = paar
    afspreken, uitvoeren = Proces.AFSPREKEN, Proces.UITVOEREN
    wortel, schakel = await vraag(a)
    daar = melding_voor(schakel, B, A)
    await b.tot(W, f"/meldingen/{daar}", lambda m: m["deelVan"]["organisatie"] == A)
    gelezen = urlsplit((await b.lees(W, f"/meldingen/{daar}"))["dataref"]).path
    tekst = await b.tot("grens", gelezen.removeprefix("/v1"), lambda m: m.get("inhoud"))
    assert tekst == {"inhoud": {"tekst": OPDRACHT}}
    await b.beoordeel(W, daar)
    await b.stappen(W, daar, *EIGEN_VOOR[W])
    await b.stop()
    await a.stop()
    await b.start()
    await a.start()
    await b.doe(W, f"/{daar}/overdrachten", {"naar": "uitvoeren"})
    onder = (await b.lees(W, f"/meldingen/{daar}"))["kinderen"][0]["meldingId"]
    await b.tot(uitvoeren, f"/meldingen/{onder}", lambda m: m["meldingId"] == onder)
    await b.beoordeel(uitvoeren, onder)
    await b.stappen(uitvoeren, onder, *EIGEN_VOOR[uitvoeren], "gereedmeldingen")
    await b.tot(W, f"/meldingen/{daar}", lambda m: "controles" in m["mogelijkeStappen"])
    await b.stappen(W, daar, "controles", *EIGEN_NA[W], "gereedmeldingen")
    await a.tot(afspreken, f"/meldingen/{wortel}", lambda m: "controles" in m["mogelijkeStappen"])
    await a.stappen(afspreken, wortel, "controles", "gereedmeldingen", "tevredenheidscontroles")
    await a.stappen(afspreken, wortel, "evaluaties", "sluitingen")

    af = await a.tot("orchestrator", f"/meldingen/{wortel}", lambda m: m["status"] == "gesloten")
    assert (af["werkstroom"], af["woord"], af["uitkomst"]) == (1, "AWUWA", "voltooid")
    assert [proces[0] for proces in af["pad"]] == ["a", "w", "a"]
    assert (af["afwijkingen"], af["gaten"]) == ([], [])
    ander = await b.tot("orchestrator", f"/meldingen/{daar}", lambda m: m["werkstroom"] == 2)
    assert ander["deelVan"]["schakelId"] == str(schakel)
    assert ander["afwijkingen"] == []

    hier = (await a.lees("grens", f"/schakels/{schakel}"))["schakels"][0]
    ginds = (await b.lees("grens", f"/schakels/{schakel}"))["schakels"][0]
    assert (hier["vrager"], hier["uitvoerder"]) == (ginds["vrager"], ginds["uitvoerder"])
    assert hier["isDicht"] is True
    (partner,) = (await a.lees("grens", "/partners"))["partners"]
    assert (partner["oin"], partner["gestopt"]) == (B, None)
    assert partner["gehoord"] >= 3  # heads may be told besides
    await a.stop()
    await b.stop()
    for een, wat in ((a, ["inhoud geven"]), (b, ["inhoud halen", "inhoud lezen"])):
        assert boeken(een.map) == wat
        bestanden = [pad for pad in een.map.rglob("*") if pad.is_file()]
        assert [p for p in bestanden if any(b in p.read_bytes() for b in PERSOONLIJK)] == []


def boeken(map_: Path) -> list[str]:
    """What the grens there wrote down, in order."""
    with closing(sqlite3.connect(map_ / "grens.db")) as opslag:
        rijen = opslag.execute("SELECT inhoud FROM audit ORDER BY nummer").fetchall()
    return [json.loads(inhoud)["wat"] for (inhoud,) in rijen]


async def test_een_nieuw_contract_telt_zonder_herstart(
    paar: tuple[Organisatie, Organisatie],
) -> None:
    a, b = paar
    for een in (a, b):
        (bestand,) = (een.map / "partners").iterdir()
        await een.tot(
            "grens", "/partners", lambda p: p["partners"] and p["partners"][0]["isHervat"]
        )
        weg = bestand.with_suffix(".weg")
        bestand.rename(weg)
        await een.tot("grens", "/partners", lambda p: p["partners"] == [])
        weg.rename(bestand)
    for een in (a, b):
        await een.tot(
            "grens", "/partners", lambda p: p["partners"] and p["partners"][0]["isHervat"]
        )


class Doorgever:
    """Another address of the same listener: what comes is passed on, and counted."""

    def __init__(self, naar: int) -> None:
        self._naar = naar
        self.geteld = 0

    async def __call__(self, lezer: asyncio.StreamReader, schrijver: asyncio.StreamWriter) -> None:
        self.geteld += 1
        daar_lezer, daar = await asyncio.open_connection("localhost", self._naar)
        try:
            await asyncio.gather(_pomp(lezer, daar), _pomp(daar_lezer, schrijver))
        finally:
            daar.transport.abort()


async def _pomp(van: asyncio.StreamReader, naar: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while stuk := await van.read(65_536):
            naar.write(stuk)
            await naar.drain()
    naar.close()


async def test_een_opvolger_met_een_andere_beller_en_een_ander_adres_verliest_niets(
    paar: tuple[Organisatie, Organisatie],
) -> None:
    """A has it first, and starts anew before B has it: it names the contract that B still has."""
    a, b = paar
    doorgever = Doorgever(b.poort)
    async with luistert(doorgever) as poort:
        adressen = {A: {"adres": None}, B: {"adres": f"https://localhost:{poort}"}}
        opvolger = overeenkomst(adressen, afspraken=AFSPRAKEN, volgnummer=2, beller=A)
        kenmerk = lees_getekend(opvolger).kenmerk

        async def is_bij(een: Organisatie, gehoord: int) -> Any:
            def klaar(p: Any) -> bool:
                return p["partners"][0]["isHervat"] and p["partners"][0]["gehoord"] >= gehoord

            return (await een.tot("grens", "/partners", klaar))["partners"][0]

        async def neem_op(een: Organisatie) -> None:
            (een.map / "partners" / "nieuw.overeenkomst.json").write_bytes(opvolger)
            await een.tot("grens", "/partners", lambda p: p["partners"][0]["kenmerk"] == kenmerk)

        schakels = [(await vraag(a))[1]]
        assert (await is_bij(b, 1))["kenmerk"] != kenmerk
        await is_bij(a, 1)
        await neem_op(a)
        await a.stop()
        await a.start()
        schakels.append((await vraag(a))[1])
        assert (await is_bij(b, 2))["kenmerk"] != kenmerk
        await is_bij(a, 2)
        await neem_op(b)
        await b.stop()
        await b.start()
        schakels.append((await vraag(a))[1])
        for schakel in schakels:
            daar = melding_voor(schakel, B, A)
            await b.tot(W, f"/meldingen/{daar}", lambda m: m["deelVan"]["organisatie"] == A)
            await b.stappen(W, daar, "afwijzingen")
            pad = f"/schakels/{schakel}"
            hier = await a.tot("grens", pad, lambda s: s["schakels"][0]["isDicht"])
            assert (hier["schakels"][0]["gezegd"], hier["schakels"][0]["gehoord"]) == (1, 2)
        assert doorgever.geteld
