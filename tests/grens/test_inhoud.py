"""What somebody wrote with a hand-over: it crosses apart, to who may have it, as long as it may."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from deploy.lokaal.postgres import Databases
from fastapi.routing import APIRoute
from tests.keten.werkstroom import voer_uit
from uuid_utils.compat import uuid7

from schakel.grens.fouten import Golffout
from schakel.grens.tabellen import TABELLEN
from schakel.kern.http import Rol
from schakel.kern.http.beveiliging import toegangen
from schakel.kern.opslag.postgres import migreer

from .huizen import TweeHuizen
from .tekstverkeer import TEKST, boeken, doe, draag_over, klant, lees, standen, vraag
from .test_beheer import vraag as beheervraag
from .test_gif import aangeboden, blad
from .test_rem import beheer
from .test_schakel import U, W, controleer, rond
from .zijden import A, B

DERDE = "00000099000000003000"
WISSEN = {"grond": "avg"}


@pytest.fixture(params=["sqlite", "postgres"])
async def huizen(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[TweeHuizen]:
    """Two organisations, resumed; the grens of each on this store."""
    opslag: dict[str, str] = {}
    if request.param == "postgres":
        server: Databases = request.getfixturevalue("postgres")
        opslag = {wie: server.maak_database() for wie in "AB"}
        for url in opslag.values():
            migreer(url, TABELLEN)
    huizen = await TweeHuizen(tmp_path, opslag=opslag).open()
    await huizen.hervat()
    yield huizen
    await huizen.sluit()


async def met(map_: Path, **contract: Any) -> TweeHuizen:
    """Two under another contract."""
    huizen = await TweeHuizen(map_, **contract).open()
    await huizen.hervat()
    return huizen


def alles_wat_er_staat(huizen: TweeHuizen) -> bytes:
    """Every byte of the stores of both grenzen, but for what the bus and the vault have."""
    return b"".join(
        pad.read_bytes()
        for huis in (huizen.a, huizen.b)
        for pad in huis.map.rglob("grens*")
        if pad.is_file()
    )


async def test_de_tekst_gaat_apart_en_staat_daarna_bij_wie_het_werk_doet(
    huizen: TweeHuizen,
) -> None:
    wortel, schakel = await draag_over(huizen)
    (ruw,) = huizen.a.kanaal.verkeer.uit.bladen(0, 10)
    assert json.loads(ruw)["data"]["heeftInhoud"] is True
    daar = huizen.daar(wortel)
    dataref = huizen.b.keten.toon(daar)["dataref"]
    assert dataref == f"http://127.0.0.1:8100/v1/partners/{A}/schakels/{schakel}/inhoud/v/1"
    assert await lees(huizen.b, dataref) == (404, "inhoud-onderweg")
    await doe(huizen.b, huizen.a)
    assert await lees(huizen.b, dataref) == (200, {"tekst": TEKST})
    bericht = f"{schakel}/inhoud/v/1"
    assert boeken(huizen.a) == [(B, "inhoud geven", bericht)]
    assert boeken(huizen.b) == [
        ("schakel-grens", "inhoud halen", bericht),
        ("lokaal", "inhoud lezen", bericht),
    ]
    assert standen(huizen.a) == standen(huizen.b) == [("v/1", "er")]
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    await rond(huizen, wortel)
    controleer(huizen, wortel, daar)
    # It went in no message, here nor there; in the stores of both it is only under its key.
    alles = alles_wat_er_staat(huizen)
    assert b"Testpersoon" not in alles
    assert b"Proefweg" not in alles
    for huis in (huizen.a, huizen.b):
        assert all(b"Proefweg" not in een.waarde for een in huis._records())


async def test_zonder_opdracht_is_er_geen_tekst(huizen: TweeHuizen) -> None:
    wortel, schakel = await draag_over(huizen, None)
    assert huizen.b.keten.toon(huizen.daar(wortel))["dataref"] is None
    assert standen(huizen.a) == standen(huizen.b) == []
    assert await vraag(huizen.a, "GET", f"{schakel}/inhoud/v/1") == (404, "onbekend")
    assert huizen.a.teksten.gevraagd == []


async def test_wie_schreef_geeft_haar_aan_de_partner_van_die_schakel_en_niemand_anders(
    huizen: TweeHuizen,
) -> None:
    _, schakel = await draag_over(huizen)
    pad = f"{schakel}/inhoud/v/1"
    assert await vraag(huizen.a, "GET", pad) == (200, {"tekst": TEKST})
    assert await vraag(huizen.a, "GET", pad, als=DERDE) == (403, "geen-overeenkomst")
    # Who calls under our own OIN is no partner of ours either.
    assert await vraag(huizen.a, "GET", pad, als=A) == (403, "geen-overeenkomst")
    for ander in (
        f"{schakel}/inhoud/u/1",
        f"{schakel}/inhoud/v/2",
        f"{schakel}/inhoud/v/0",
        f"{schakel}/inhoud/v/01",
        f"{schakel}/inhoud/v/1000001",
        f"{schakel}/inhoud/x/1",
        f"{str(schakel).upper()}/inhoud/v/1",
        f"{schakel}/inhoud/v/1/",
        f"{uuid7()}/inhoud/v/1",
    ):
        assert await vraag(huizen.a, "GET", ander) == (404, "onbekend")
    # B did not write it, so it has nothing to give; and A has nothing to take.
    assert await vraag(huizen.b, "GET", pad) == (404, "onbekend")
    assert await vraag(huizen.a, "PUT", pad, json={"tekst": "x"}) == (404, "onbekend")
    assert await vraag(huizen.a, "POST", pad, json={"tekst": "x"}) == (405, "methode")
    assert [wat for _, wat, _ in boeken(huizen.a)] == ["inhoud geven"]


async def test_wat_gebracht_wordt_staat_er_een_keer(huizen: TweeHuizen) -> None:
    wortel, schakel = await draag_over(huizen)
    pad = f"{schakel}/inhoud/v/1"
    inhoud = {"tekst": TEKST, "onbekendLid": 1}
    assert await vraag(huizen.b, "PUT", pad, json=inhoud) == (204, "")
    assert await vraag(huizen.b, "PUT", pad, json={"tekst": TEKST}) == (204, "")
    assert await vraag(huizen.b, "PUT", pad, json={"tekst": TEKST + "."}) == (409, "andere-inhoud")
    assert boeken(huizen.b) == [(A, "inhoud ontvangen", pad)]
    dataref = huizen.b.keten.toon(huizen.daar(wortel))["dataref"]
    assert dataref is not None
    assert await lees(huizen.b, dataref) == (200, {"tekst": TEKST})
    # What is there is not fetched any more.
    assert huizen.b.grens.inhouden.volgende(huizen.b.grens.opslag, huizen.klok(), A) is None


@pytest.mark.parametrize(
    ("inhoud", "verwacht"),
    [
        (b"{}", (400, "ongeldig")),
        (b'{"tekst":""}', (400, "ongeldig")),
        (b'{"tekst":null}', (400, "ongeldig")),
        (b'{"tekst":5}', (400, "ongeldig")),
        (b'["tekst"]', (400, "ongeldig")),
        (b'{"tekst":"a","tekst":"b"}', (400, "ongeldig")),
        (b'{"tekst":"\\ud800"}', (400, "ongeldig")),
        (b'{"tekst":"a"', (400, "ongeldig")),
        (b'{"tekst":"a","melder":null}', (400, "ongeldig")),
        (b'{"tekst":"a","melder":{"naam":"x"}}', (400, "ongeldig")),
        (b'{"tekst":"a","melder":{"naam":"x","contact":[]}}', (400, "ongeldig")),
        (
            b'{"tekst":"a","melder":{"naam":"x","contact":[{"soort":"fax","waarde":"1"}]}}',
            (400, "ongeldig"),
        ),
        (json.dumps({"tekst": "x" * 20_001}).encode(), (400, "ongeldig")),
        (json.dumps({"tekst": "x", "y": "z" * 65_536}).encode(), (413, "te-groot")),
        (
            json.dumps({"tekst": "\N{GRINNING FACE}" * 20_000}, ensure_ascii=False).encode(),
            (413, "te-groot"),
        ),
        (json.dumps({"tekst": "é" * 20_000}, ensure_ascii=False).encode(), (204, "")),
    ],
)
async def test_alleen_een_tekst_van_deze_vorm_en_maat_wordt_aangenomen(
    tmp_path: Path, inhoud: bytes, verwacht: tuple[int, str]
) -> None:
    huizen = await met(tmp_path)
    _, schakel = await draag_over(huizen)
    pad, kop = f"{schakel}/inhoud/v/1", {"content-type": "application/json"}
    assert await vraag(huizen.b, "PUT", pad, content=inhoud, headers=kop) == verwacht
    assert standen(huizen.b) == [("v/1", "er" if verwacht[0] == 204 else "wacht")]
    await huizen.sluit()


async def test_een_inhoud_noemt_haar_soort_en_lengte(tmp_path: Path) -> None:
    huizen = await met(tmp_path)
    _, schakel = await draag_over(huizen)
    pad = f"{schakel}/inhoud/v/1"

    async def stuk() -> AsyncIterator[bytes]:
        yield b'{"tekst":"a"}'

    kop = {"content-type": "application/json"}
    assert await vraag(huizen.b, "PUT", pad, content=stuk(), headers=kop) == (411, "zonder-lengte")
    assert await vraag(huizen.b, "PUT", pad, content=b"x") == (415, "mediatype")
    # Refused by what it says of itself, before it is read.
    groot = kop | {"content-length": "65537"}
    inhoud = b'{"tekst":"a"}'
    assert await vraag(huizen.b, "PUT", pad, content=inhoud, headers=groot) == (413, "te-groot")
    await huizen.sluit()


async def test_als_de_overeenkomst_geen_teksten_kent_gaat_er_geen(tmp_path: Path) -> None:
    huizen = await met(tmp_path, inhoud=False)
    wortel, schakel = await draag_over(huizen)
    pad = f"{schakel}/inhoud/v/1"
    assert await vraag(huizen.a, "GET", pad) == (403, "geen-overeenkomst")
    inhoud = {"tekst": TEKST}
    assert await vraag(huizen.b, "PUT", pad, json=inhoud) == (403, "geen-overeenkomst")
    assert huizen.b.grens.inhouden.volgende(huizen.b.grens.opslag, huizen.klok(), A) is None
    assert huizen.a.teksten.gevraagd == []
    dataref = huizen.b.keten.toon(huizen.daar(wortel))["dataref"]
    assert dataref is not None
    assert await lees(huizen.b, dataref) == (404, "inhoud-niet-afgesproken")
    controleer(huizen, wortel, huizen.daar(wortel))
    await huizen.sluit()


async def test_na_het_laatste_woord_gaat_er_geen_tekst_meer_over(huizen: TweeHuizen) -> None:
    wortel, schakel = await draag_over(huizen)
    pad = f"{schakel}/inhoud/v/1"
    await huizen.b.keten.stappen(huizen.daar(wortel), "afwijzingen")
    await huizen.volg()
    assert await vraag(huizen.a, "GET", pad) == (410, "dicht")
    assert await vraag(huizen.b, "PUT", pad, json={"tekst": TEKST}) == (410, "dicht")
    assert standen(huizen.a) == standen(huizen.b) == [("v/1", "dicht")]
    assert boeken(huizen.a) == boeken(huizen.b) == []


async def test_wat_is_opgehaald_blijft_na_het_laatste_woord_te_lezen(huizen: TweeHuizen) -> None:
    wortel, _ = await draag_over(huizen)
    await doe(huizen.b, huizen.a)
    daar = huizen.daar(wortel)
    await huizen.b.keten.stappen(daar, "afwijzingen")
    await huizen.volg()
    dataref = huizen.b.keten.toon(daar)["dataref"]
    assert dataref is not None
    assert await lees(huizen.b, dataref) == (200, {"tekst": TEKST})


async def test_wat_niet_wordt_aangenomen_wordt_niet_opgehaald(huizen: TweeHuizen) -> None:
    schakel = uuid7()
    await huizen.a.kanaal.zeg([aangeboden(schakel, dienst="wegen", heeftInhoud=True)])
    await huizen.volg()
    assert huizen.b.gezegd() == ["geweigerd"]
    assert standen(huizen.b) == [("v/1", "dicht")]
    pad = f"{schakel}/inhoud/v/1"
    assert await vraag(huizen.b, "PUT", pad, json={"tekst": TEKST}) == (410, "dicht")


async def test_gewist_is_weg_aan_beide_kanten(huizen: TweeHuizen) -> None:
    wortel, schakel = await draag_over(huizen)
    await doe(huizen.b, huizen.a)
    daar = huizen.daar(wortel)
    dataref = huizen.b.keten.toon(daar)["dataref"]
    assert dataref is not None
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    await rond(huizen, wortel)
    await huizen.b.keten.stappen(daar, "sluitingen")
    await huizen.volg()
    await huizen.a.keten.doe(wortel, "wissingen", **WISSEN)
    await huizen.volg()
    # A asks for it; B has it until somebody there erases.
    assert standen(huizen.a) == [("v/1", "gewist")]
    assert await lees(huizen.b, dataref) == (200, {"tekst": TEKST})
    await huizen.b.keten.doe(daar, "wissingen", **WISSEN)
    await huizen.volg()
    assert standen(huizen.b) == [("v/1", "gewist")]
    assert await lees(huizen.b, dataref) == (404, "inhoud-niet-gevonden")
    assert huizen.b.grens.opslag.vraag("SELECT reeks FROM teksten") == []
    assert huizen.b.grens.opslag.vraag("SELECT reeks FROM sleutels") == []
    pad = f"{schakel}/inhoud/v/1"
    assert await vraag(huizen.a, "GET", pad) == (410, "gewist")
    assert await vraag(huizen.b, "PUT", pad, json={"tekst": TEKST}) == (410, "gewist")
    assert "wissing-beantwoord" in huizen.b.gezegd()
    controleer(huizen, wortel, daar)


async def test_wat_gewist_wordt_terwijl_het_onderweg_is_blijft_niet_staan(
    huizen: TweeHuizen,
) -> None:
    """The service gave it; before it leaves is looked again, in the turn of the writer."""
    wortel, schakel = await draag_over(huizen)
    haal = huizen.a.teksten.haal

    async def en_dan_wissen(proces: str, dataref: str, id_: UUID) -> str | None:
        tekst = await haal(proces, dataref, id_)
        await huizen.a.keten.stappen(wortel, "intrekkingen")
        await huizen.a.keten.doe(wortel, "wissingen", **WISSEN)
        await huizen.volg(over=False)
        return tekst

    huizen.a.teksten.haal = en_dan_wissen  # type: ignore[method-assign]
    assert await vraag(huizen.a, "GET", f"{schakel}/inhoud/v/1") == (410, "gewist")
    assert boeken(huizen.a) == []


async def test_wat_de_eigen_dienst_niet_meer_heeft_is_gewist(huizen: TweeHuizen) -> None:
    wortel, schakel = await draag_over(huizen)
    # The erasure stands in the service; the grens did not hear of it yet.
    await huizen.a.keten.stappen(wortel, "intrekkingen")
    await huizen.a.keten.doe(wortel, "wissingen", **WISSEN)
    assert await vraag(huizen.a, "GET", f"{schakel}/inhoud/v/1") == (410, "gewist")
    await doe(huizen.b, huizen.a)
    assert standen(huizen.b) == [("v/1", "gewist")]


async def test_in_een_blokkade_staat_nog_niets_op_de_lijst(huizen: TweeHuizen) -> None:
    """Whether it is taken on is not known yet: then it is not fetched either."""
    await beheer(huizen.b, A, "blokkades")
    await draag_over(huizen)
    assert standen(huizen.b) == []
    await beheer(huizen.b, A, "blokkade-opheffingen")
    await huizen.volg()
    assert standen(huizen.b) == [("v/1", "wacht")]


async def test_alleen_wie_een_melding_behandelt_leest_wat_er_geschreven_is(tmp_path: Path) -> None:
    huizen = await met(tmp_path)
    rollen = {
        route.path: {rol for toegang in toegangen(route.dependant) for rol in toegang.rollen}
        for route in huizen.b.grens.app.routes
        if isinstance(route, APIRoute) and "/inhoud" in route.path
    }
    assert rollen == {
        "/partners/{oin}/schakels/{schakelId}/inhoud/{kant}/{nummer}": {
            Rol.BEHANDELAAR,
            Rol.SYSTEEM,
        },
        "/schakels/{schakelId}/inhoud": {
            Rol.LEZER,
            Rol.BEHANDELAAR,
            Rol.INTAKER,
            Rol.BEHEERDER,
        },
    }
    await huizen.sluit()


async def test_als_de_eigen_dienst_niet_antwoordt_hoort_de_partner_dat_het_later_kan(
    huizen: TweeHuizen,
) -> None:
    _, schakel = await draag_over(huizen)
    huizen.a.teksten.is_weg = True
    assert await vraag(huizen.a, "GET", f"{schakel}/inhoud/v/1") == (503, "te-druk")
    assert boeken(huizen.a) == []


async def test_in_een_blokkade_gaat_er_geen_tekst_over(huizen: TweeHuizen) -> None:
    _, schakel = await draag_over(huizen)
    pad = f"{schakel}/inhoud/v/1"
    await beheer(huizen.a, B, "blokkades")
    assert await vraag(huizen.a, "GET", pad) == (429, "te-druk")
    await beheer(huizen.b, A, "blokkades")
    assert await vraag(huizen.b, "PUT", pad, json={"tekst": TEKST}) == (429, "te-druk")
    assert huizen.b.grens.inhouden.volgende(huizen.b.grens.opslag, huizen.klok(), A) is None
    await beheer(huizen.a, B, "blokkade-opheffingen")
    await beheer(huizen.b, A, "blokkade-opheffingen")
    await doe(huizen.b, huizen.a)
    assert standen(huizen.b) == [("v/1", "er")]


async def test_een_stilstaande_verbinding_geeft_en_neemt_niets(huizen: TweeHuizen) -> None:
    _, schakel = await draag_over(huizen)
    pad = f"{schakel}/inhoud/v/1"
    for huis in (huizen.a, huizen.b):
        await huis.kanaal.sta_stil(Golffout("gestopt", "proef"), b"")
    assert await vraag(huizen.a, "GET", pad) == (403, "gestopt")
    assert await vraag(huizen.b, "PUT", pad, json={"tekst": TEKST}) == (403, "gestopt")


async def test_een_tekst_telt_als_een_van_de_vier_vragen_van_een_partner(tmp_path: Path) -> None:
    huizen = await met(tmp_path)
    _, schakel = await draag_over(huizen)
    haal, mag = huizen.a.teksten.haal, asyncio.Event()

    async def traag(proces: str, dataref: str, id_: UUID) -> str | None:
        await mag.wait()
        return await haal(proces, dataref, id_)

    huizen.a.teksten.haal = traag  # type: ignore[method-assign]
    async with klant(huizen.a, B) as http:
        vragen = [http.get(f"/v1/schakels/{schakel}/inhoud/v/1") for _ in range(6)]
        taken = [asyncio.ensure_future(een) for een in vragen]
        while sum(taak.done() for taak in taken) < 2:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        mag.set()
        statussen = [een.status_code for een in await asyncio.gather(*taken)]
    assert sorted(statussen) == [200] * 4 + [429] * 2
    await huizen.sluit()


async def test_ook_wat_de_uitvoerder_schrijft_komt_bij_de_vrager(huizen: TweeHuizen) -> None:
    """Our own house writes nothing with what it reports ready; a partner may."""
    wortel, schakel = await draag_over(huizen)
    gereed = json.loads(
        blad(
            schakel,
            2,
            "gereedgemeld",
            resultaat="geleverd",
            ronde=1,
            uiterlijk="2026-12-02T12:00:00Z",
            heeftInhoud=True,
        )
    )
    gereed["id"], gereed["source"] = f"{schakel}.u.2", f"urn:nld:oin:{B}:systeem:x"
    gereed["data"]["door"]["organisatie"] = B
    await huizen.b.kanaal.zeg([json.dumps(gereed).encode()])
    await huizen.volg()
    assert standen(huizen.a) == [("u/2", "wacht"), ("v/1", "wacht")]
    pad = f"{schakel}/inhoud/u/2"
    assert await vraag(huizen.a, "PUT", pad, json={"tekst": "het hangt weer"}) == (204, "")
    assert await vraag(huizen.a, "PUT", pad, json={"tekst": "iets anders"}) == (
        409,
        "andere-inhoud",
    )
    adres = f"http://127.0.0.1/v1/partners/{B}/schakels/{schakel}/inhoud/u/2"
    assert await lees(huizen.a, adres) == (200, {"tekst": "het hangt weer"})
    assert await lees(huizen.a, adres.replace("u/2", "v/1")) == (404, "inhoud-niet-gevonden")
    await huizen.a.keten.stappen(wortel, "intrekkingen")
    await huizen.a.keten.doe(wortel, "wissingen", **WISSEN)
    await huizen.volg()
    assert await lees(huizen.a, adres) == (404, "inhoud-niet-gevonden")
    assert huizen.a.grens.opslag.vraag("SELECT reeks FROM teksten") == []


async def test_de_lijst_van_een_schakel_toont_geen_tekst(huizen: TweeHuizen) -> None:
    _, schakel = await draag_over(huizen)
    await doe(huizen.b, huizen.a)
    for huis, ander, van_ons in ((huizen.a, B, True), (huizen.b, A, False)):
        getoond = await beheervraag(huis, "GET", f"/schakels/{schakel}/inhoud")
        assert getoond.json() == {
            "teksten": [
                {"partner": ander, "kant": "v", "nummer": 1, "vanOns": van_ons, "stand": "er"}
            ]
        }
