"""The orchestrator as a service: keeps what it saw, answers, streams and rebuilds."""

import asyncio
import json
import random
import threading
from types import SimpleNamespace
from uuid import UUID

import httpx
import pytest
from eventsourcing.persistence import OperationalError
from tests.afleiding.boombouw import Boom, H, U, V, W
from tests.kern.test_parkeren import Log
from tests.orchestrator.conftest import BRON, KOPPEN, Proef

from schakel.kern import deelnemer
from schakel.kern.bus import IngebedeIngang
from schakel.kern.bus.bericht import Record
from schakel.kern.grond.instellingen import Instellingen
from schakel.kern.grond.weigering import OpslagFout
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Taak
from schakel.orchestrator.dienst import Orchestrator

BEHEERDER = Door("mw-1", "beheerder")


def _werkstroom_4(nummer: int = 1) -> Boom:
    boom = Boom(H, nummer)
    kind = boom.wortel.loop().draag_over(U)
    kind.loop().rond_af()
    boom.wortel.keer_terug(kind).controleer().rond_af()
    return boom


def _voluit(boom: Boom) -> dict[str, object]:
    import msgspec  # noqa: PLC0415

    return json.loads(msgspec.json.encode(boom.af()))


async def test_elke_melding_van_de_boom_geeft_dezelfde_afleiding(proef: Proef) -> None:
    boom = _werkstroom_4()
    await proef.voer(boom.berichten)

    meldingen = {json.loads(b)["data"]["meldingId"] for b in boom.berichten}
    antwoorden = [(await proef.haal(f"/meldingen/{m}")).json() for m in sorted(meldingen)]

    assert len(meldingen) == 2
    assert antwoorden[0] == antwoorden[1] == _voluit(boom)
    assert antwoorden[0]["werkstroom"] == 4


async def test_geschud_en_verdubbeld_bewaart_en_betekent_hetzelfde(proef: Proef) -> None:
    boom = _werkstroom_4()
    berichten = boom.berichten * 2
    random.Random(4).shuffle(berichten)

    gezien = await proef.voer(berichten)

    assert gezien == len(boom.berichten)
    assert (await proef.haal(f"/meldingen/{boom.wortel_id}")).json() == _voluit(boom)
    rijen = proef.orchestrator.opslag.vraag("SELECT count(*) FROM gezien")
    assert rijen[0][0] == len(boom.berichten)


async def test_een_hele_levering_tegelijk_telt_net_zo(proef: Proef) -> None:
    boom = _werkstroom_4()
    await asyncio.gather(*(proef.lever(b, i + 1) for i, b in enumerate(boom.berichten)))

    assert (await proef.haal(f"/meldingen/{boom.wortel_id}")).json() == _voluit(boom)


async def test_van_twee_tegenstrijdige_berichten_blijven_beide_bewaard(proef: Proef) -> None:
    boom = _werkstroom_4()
    vals = json.loads(boom.berichten[1])
    vals["data"]["prioriteit"] = 1
    await proef.voer([*boom.berichten, json.dumps(vals).encode()])

    afleiding = (await proef.haal(f"/meldingen/{boom.wortel_id}")).json()

    assert [a["code"] for a in afleiding["afwijkingen"]] == ["tegenstrijdig"]
    rijen = proef.orchestrator.opslag.vraag("SELECT count(*) FROM gezien")
    assert rijen[0][0] == len(boom.berichten) + 1


async def test_een_variant_met_een_andere_wortel_raakt_beide_bomen(proef: Proef) -> None:
    een, ander = _werkstroom_4(1), _werkstroom_4(2)
    vals = json.loads(een.berichten[1])
    vals["data"]["wortelId"] = vals["partitionkey"] = str(ander.wortel_id)
    await proef.voer([*een.berichten, *ander.berichten, json.dumps(vals).encode()])

    codes = []
    for boom in (een, ander):
        afleiding = (await proef.haal(f"/meldingen/{boom.wortel_id}")).json()
        codes.append([a["code"] for a in afleiding["afwijkingen"]])

    assert codes == [["tegenstrijdig"], ["tegenstrijdig"]]


async def test_binaire_berichten_worden_net_zo_gelezen(proef: Proef) -> None:
    boom = _werkstroom_4()
    for nummer, bericht in enumerate(boom.berichten, start=1):
        omslag = json.loads(bericht)
        data = json.dumps(omslag.pop("data")).encode()
        omslag.pop("datacontenttype")
        koppen = [("content-type", b"application/json")]
        koppen += [(f"ce_{naam}", waarde.encode()) for naam, waarde in omslag.items()]
        await proef.lever(data, nummer, koppen, schrijver=omslag["source"])

    assert (await proef.haal(f"/meldingen/{boom.wortel_id}")).json()["werkstroom"] == 4


async def test_wat_onleesbaar_is_wordt_geparkeerd_en_houdt_niets_tegen(proef: Proef) -> None:
    boom = _werkstroom_4()
    vreemd = boom.berichten[0].replace(b"nl.meldingen.aangenomen.v1", b"nl.meldingen.iets.v1")
    nieuwer = boom.berichten[0].replace(b"aangenomen.v1", b"aangenomen.v2")
    await proef.voer([b"geen json", vreemd, nieuwer, *boom.berichten])

    geparkeerd = (await proef.haal("/geparkeerd")).json()["geparkeerd"]

    assert [g["reden"] for g in geparkeerd] == ["geen-json", "onbekend-type", "nieuwere-versie"]
    assert (await proef.haal(f"/meldingen/{boom.wortel_id}")).json() == _voluit(boom)


async def test_een_bericht_van_een_ander_dan_de_eigenaar_telt_niet_mee(proef: Proef) -> None:
    boom = _werkstroom_4()
    await proef.lever(boom.berichten[0], 1, schrijver=BRON.replace("herstellen", "uitvoeren"))

    assert (await proef.haal(f"/meldingen/{boom.wortel_id}")).status_code == 404
    geparkeerd = (await proef.haal("/geparkeerd")).json()["geparkeerd"]
    assert [g["reden"] for g in geparkeerd] == ["verkeerde-bron"]


async def test_klaar_noemt_wat_niet_verder_wordt_gelezen(instellingen: Instellingen) -> None:
    orchestrator = Orchestrator(instellingen.model_copy(update={"parkeer_rijen_per_bron": 1}))
    vol = [Record(n, None, KOPPEN, b"<%d" % n) for n in range(1, 4)]
    orchestrator.verbind(IngebedeIngang([Log("vol", vol), Log("leeg", [])]))
    vervoer = httpx.ASGITransport(orchestrator.app)
    async with (
        orchestrator.app.router.lifespan_context(orchestrator.app),
        httpx.AsyncClient(transport=vervoer, base_url="http://127.0.0.1:8100") as klant,
    ):
        for _ in range(100):  # it is asked for now and then
            klaar = (await klant.get("/klaar")).json()
            if "toelichting" in klaar and klaar["onderdelen"]["ontvangst"] != "goed":
                break  # a part tells its state before it tells why
            await asyncio.sleep(0.1)
        assert klaar["onderdelen"]["ontvangst"] == "gestoord"
        assert klaar["toelichting"] == {"ontvangst": "parkeerplaats vol, niet verder gelezen: vol"}


async def test_klaar_ziet_een_schrijver_die_niet_meer_werkt(proef: Proef) -> None:
    schrijver = proef.orchestrator.schrijver
    await asyncio.to_thread(schrijver._draad.shutdown)
    with pytest.raises(OpslagFout):
        await proef.voer(_werkstroom_4().berichten)
    klaar = await proef.klant.get("/klaar")
    assert klaar.status_code == 503
    assert klaar.json()["onderdelen"]["schrijver"] == "weg"


async def test_klaar_ziet_een_schrijver_die_niet_verder_komt(
    proef: Proef, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may still come: so it is told, and the service goes on to be asked."""
    monkeypatch.setattr(deelnemer, "GEDULD", 0.05)
    los = threading.Event()
    vast = Taak(lambda _: los.wait(20), bool, Door("schakel", "systeem"))
    bezig = asyncio.create_task(proef.orchestrator.schrijver.voer_uit(vast))
    try:
        async with asyncio.timeout(10):
            while True:
                klaar = await proef.klant.get("/klaar")
                if klaar.json()["onderdelen"]["schrijver"] == "gestoord":
                    break
                await asyncio.sleep(0.02)
        assert klaar.status_code == 200
    finally:
        los.set()
        await bezig


async def test_de_tijdlijn_toont_alle_berichten_van_de_boom(proef: Proef) -> None:
    boom = _werkstroom_4()
    await proef.voer(reversed(boom.berichten))

    regels = (await proef.haal(f"/meldingen/{boom.wortel_id}/tijdlijn")).json()["berichten"]

    assert [r["id"] for r in regels] == [json.loads(b)["id"] for b in boom.berichten]


async def test_lijsten_zijn_te_filteren_en_te_bladeren(proef: Proef) -> None:
    bomen = [_werkstroom_4(n) for n in range(1, 6)]
    open_boom = Boom(V, 9)
    open_boom.wortel.loop()
    for boom in (*bomen, open_boom):
        await proef.voer(boom.berichten)

    async def wortels(**vragen: object) -> list[str]:
        return [
            m["wortelId"] for m in (await proef.haal("/meldingen", **vragen)).json()["meldingen"]
        ]

    alle = sorted(str(b.wortel_id) for b in (*bomen, open_boom))
    assert await wortels() == alle
    assert await wortels(werkstroom=4) == sorted(str(b.wortel_id) for b in bomen)
    assert await wortels(onbeslist=True) == [str(open_boom.wortel_id)]
    assert await wortels(proces="verbeteren") == [str(open_boom.wortel_id)]
    assert await wortels(afwijking=True) == []
    eerste = (await proef.haal("/meldingen", limiet=4)).json()
    rest = await wortels(na=eerste["volgende"], limiet=4)
    assert [m["wortelId"] for m in eerste["meldingen"]] + rest == alle


async def test_de_acht_worden_geteld(proef: Proef) -> None:
    for nummer in (1, 2):
        await proef.voer(_werkstroom_4(nummer).berichten)

    antwoord = (await proef.haal("/werkstromen")).json()

    assert {w["nummer"]: w["aantal"] for w in antwoord["werkstromen"]} == {
        n: 2 if n == 4 else 0 for n in range(1, 9)
    }
    assert antwoord["onbeslist"] == 0


async def test_een_herhaling_is_geen_wijziging(proef: Proef) -> None:
    boom = _werkstroom_4()
    await proef.voer(boom.berichten)
    stand = proef.orchestrator.vragen.laatste_wijziging()
    await proef.voer(boom.berichten)

    assert proef.orchestrator.vragen.laatste_wijziging() == stand > 0


async def _volg(proef: Proef, na: int | None, aantal: int, wortel: UUID | None = None) -> list[int]:
    stopt = asyncio.Event()
    nummers: list[int] = []
    stroom = proef.orchestrator.wijzigingen.stroom(na, wortel and str(wortel), stopt)
    async with asyncio.timeout(5):
        async for wijziging in stroom:
            nummers.append(int(wijziging.id or 0))
            if len(nummers) == aantal:
                stopt.set()
    return nummers


async def test_wie_volgt_ziet_wijzigingen_en_gaat_verder_waar_hij_was(proef: Proef) -> None:
    een, twee = _werkstroom_4(1), _werkstroom_4(2)
    volger = asyncio.create_task(_volg(proef, None, 1))
    await asyncio.sleep(0)  # he asks for the last number first
    while not volger.done():
        await proef.voer(een.berichten[:1])
        een.berichten = een.berichten[1:]
    gezien = await volger
    for boom in (een, twee):
        await proef.voer(boom.berichten)

    daarna = await _volg(proef, gezien[-1], 2)

    assert min(daarna) > gezien[-1]
    assert daarna == sorted(daarna)
    assert len(await _volg(proef, 0, 1, twee.wortel_id)) == 1


async def test_herbouw_geeft_byte_voor_byte_hetzelfde_en_antwoordt_door(proef: Proef) -> None:
    bomen = [_werkstroom_4(n) for n in range(1, 30)]
    for boom in bomen:
        await proef.voer(boom.berichten)
    vraag = proef.orchestrator.opslag.vraag
    voor = vraag("SELECT wortel, afleiding FROM bomen ORDER BY wortel")
    await _bederf(proef)

    antwoord = await proef.klant.post("/v1/herbouw", json={}, headers={"Idempotency-Key": "h1"})
    assert antwoord.status_code == 202
    statussen = set()
    while (await proef.haal("/herbouw")).json()["bezig"]:
        statussen.add((await proef.haal(f"/meldingen/{bomen[0].wortel_id}")).status_code)

    stand = (await proef.haal("/herbouw")).json()
    assert statussen <= {200}
    assert stand == {"bezig": False, "bomen": 29, "gedaan": 29, "veranderd": 1, "fout": None}
    assert vraag("SELECT wortel, afleiding FROM bomen ORDER BY wortel") == voor


async def _bederf(proef: Proef) -> None:
    """One row that does not follow from the messages, and one of a tree that nobody spoke of."""
    from schakel.kern.vastlegging.schrijver import Taak  # noqa: PLC0415

    def doe(werk: object) -> None:
        werk.rij("UPDATE bomen SET afleiding = ? WHERE wortel = ?", (b"{}", str(UUID(int=1001))))  # type: ignore[attr-defined]
        werk.rij(  # type: ignore[attr-defined]
            "INSERT INTO bomen VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            ("verzonnen", None, 3, "open", 0, 10**9, 0, b"{}"),
        )

    await proef.orchestrator.schrijver.voer_uit(Taak(doe, type(None), BEHEERDER))


async def test_een_herbouw_en_een_geweigerde_staan_in_het_boek_van_de_beheerders(
    proef: Proef,
) -> None:
    proef.orchestrator.herbouw.begin(BEHEERDER)
    await proef.klant.post("/v1/herbouw", json={}, headers={"Idempotency-Key": "h1"})
    await proef.orchestrator.herbouw.stop()
    await proef.klant.post("/v1/herbouw", json={}, headers={"Idempotency-Key": "h2"})
    rijen = proef.orchestrator.opslag.vraag("SELECT inhoud FROM audit ORDER BY nummer")
    feiten = [json.loads(bytes(inhoud)) for (inhoud,) in rijen]
    assert [(f["wat"], f["resultaat"], f["vanwaar"]) for f in feiten] == [
        ("POST /herbouw", "herbouw-loopt", "loopback"),
        ("POST /herbouw", "gedaan", "loopback"),
    ]


async def test_een_tweede_herbouw_tegelijk_wordt_geweigerd(proef: Proef) -> None:
    await proef.voer(_werkstroom_4().berichten)
    proef.orchestrator.herbouw.begin(BEHEERDER)

    antwoord = await proef.klant.post("/v1/herbouw", json={}, headers={"Idempotency-Key": "h2"})

    assert (antwoord.status_code, antwoord.json()["code"]) == (409, "herbouw-loopt")


async def test_een_afwijking_blijft_zichtbaar_en_noemt_wat_mocht(proef: Proef) -> None:
    boom = Boom(W)
    boom.wortel.loop().draag_over(V)
    await proef.voer(boom.berichten)

    afleiding = (await proef.haal("/meldingen", afwijking=True)).json()["meldingen"][0]

    assert afleiding["afwijkingen"][0]["code"] == "overdracht-niet-toegestaan"
    assert afleiding["afwijkingen"][0]["toegestaan"] == ["uitvoeren"]


async def test_een_onbekende_melding_is_404(proef: Proef) -> None:
    for pad in ("", "/tijdlijn"):
        antwoord = await proef.haal(f"/meldingen/{UUID(int=7)}{pad}")
        assert (antwoord.status_code, antwoord.json()["code"]) == (404, "niet-gevonden")


async def test_een_opslag_die_niet_antwoordt_is_503_en_geen_eigen_fout(proef: Proef) -> None:
    def weg(*_: object) -> list[tuple[object, ...]]:
        raise OperationalError("weg")

    proef.orchestrator.vragen._opslag = SimpleNamespace(vraag=weg)  # type: ignore[assignment]

    antwoord = await proef.haal("/werkstromen")

    assert (antwoord.status_code, antwoord.json()["code"]) == (503, "opslag-fout")
    assert "retry-after" in antwoord.headers
