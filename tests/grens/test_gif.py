"""A partner that says what cannot be read, or what is over: it is answered once, or not at all."""

import json
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from schakel.contracts.schakels.rij import VASTGEHOUDEN_MAX
from schakel.grens import vasthouden
from schakel.grens.kanaal import SYSTEEM
from schakel.kern.vastlegging.schrijver import Taak

from .huizen import TweeHuizen
from .zijden import A, B


def blad(schakel: UUID, nummer: int, feit: str, bij: int = 0, **data: Any) -> bytes:
    """A leaf of A, as the vrager."""
    return json.dumps(
        {
            "specversion": "1.0",
            "id": f"{schakel}.v.{nummer}",
            "source": f"urn:nld:oin:{A}:systeem:zaaksysteem",
            "type": f"nl.schakels.{feit}.v1",
            "subject": str(schakel),
            "time": "2026-11-30T12:00:00.000000Z",
            "datacontenttype": "application/json",
            "data": {
                "schakelId": str(schakel),
                "nummer": nummer,
                "bij": bij,
                "door": {"organisatie": A, "rol": "medewerker"},
                **data,
            },
        }
    ).encode()


def aangeboden(schakel: UUID, **anders: Any) -> bytes:
    vast: dict[str, Any] = {
        "soort": "deelproces",
        "ketenId": str(uuid7()),
        "diepte": 1,
        "model": "hoofdaannemer",
        "naar": "wijzigen",
        "dienst": "verlichting",
        "kanaal": "web",
        "melder": "burger",
        "ronde": 1,
        "n": 1,
        "uiterlijk": "2026-12-02T12:00:00Z",
        "wacht": True,
        "heeftInhoud": False,
    }
    return blad(schakel, 1, "aangeboden", **(vast | anders))


def antwoorden(huizen: TweeHuizen) -> list[tuple[str, Any]]:
    """What B said: the type, and the code in it."""
    gelezen = [json.loads(b) for b in huizen.b.kanaal.verkeer.uit.bladen(0, 100)]
    return [
        (
            een["type"].split(".")[2],
            een["data"].get("reden") or een["data"].get("code") or een["data"].get("uitkomst"),
        )
        for een in gelezen
    ]


async def zeg(huizen: TweeHuizen, *bladen: bytes) -> None:
    await huizen.a.kanaal.zeg(list(bladen))
    await huizen.volg()


async def test_een_vraag_van_een_ander_systeem_wordt_gewoon_aangenomen(huizen: TweeHuizen) -> None:
    await zeg(huizen, aangeboden(uuid7()))
    assert [feit for feit, _ in antwoorden(huizen)] == ["aangenomen"]
    (ingekomen,) = huizen.b.van_grens()
    assert ingekomen.deel_van is not None
    assert ingekomen.deel_van.organisatie == A


@pytest.mark.parametrize(
    ("anders", "reden"),
    [
        ({"diepte": 16}, "te-diep"),
        ({"dienst": "wegen"}, "niet-afgesproken"),
        ({"naar": "uitvoeren"}, "niet-afgesproken"),
        ({"naar": "herstellen"}, "niet-afgesproken"),
        ({"kanaal": "rooksignaal"}, "ongeldige-inhoud"),
    ],
)
async def test_wat_niet_kan_wordt_geweigerd_met_een_code(
    huizen: TweeHuizen, anders: dict[str, Any], reden: str
) -> None:
    await zeg(huizen, aangeboden(uuid7(), **anders))
    assert antwoorden(huizen) == [("geweigerd", reden)]
    assert huizen.b.van_grens() == []


async def test_onbegrepen_een_keer_en_laatste_woorden_gaan_door(huizen: TweeHuizen) -> None:
    schakel = uuid7()
    await zeg(huizen, aangeboden(schakel))
    await zeg(huizen, blad(schakel, 2, "gebaard"), blad(schakel, 3, "gebaard"))
    await zeg(huizen, blad(schakel, 5, "wissing-gevraagd", 1, grond="avg"))
    assert antwoorden(huizen)[1:] == [("onbegrepen", "onbekend-type")]
    await zeg(huizen, blad(schakel, 6, "ingetrokken", 1, aanleiding="vrager"))
    assert antwoorden(huizen)[2:] == [("afgesloten", "ingetrokken")]


async def test_onbegrepen_wordt_nooit_beantwoord(huizen: TweeHuizen) -> None:
    schakel = uuid7()
    await zeg(huizen, aangeboden(schakel))
    await zeg(huizen, blad(schakel, 2, "onbegrepen", 1, over="een", code="gat"))
    await zeg(huizen, blad(schakel, 3, "onbegrepen", 1, over=1, code="gat"))
    assert [feit for feit, _ in antwoorden(huizen)] == ["aangenomen"]


async def test_een_onbegrepen_na_een_gat_wordt_ook_niet_beantwoord(huizen: TweeHuizen) -> None:
    schakel = uuid7()
    await zeg(huizen, aangeboden(schakel))
    await zeg(huizen, blad(schakel, 3, "onbegrepen", 1, over=1, code="gat"))
    await zeg(huizen, blad(schakel, 5, "onbegrepen", 1, over="een", code="gat"))
    assert [feit for feit, _ in antwoorden(huizen)] == ["aangenomen"]


async def test_een_gat_wordt_gezegd(huizen: TweeHuizen) -> None:
    schakel = uuid7()
    await zeg(huizen, aangeboden(schakel), blad(schakel, 3, "wissing-gevraagd", 0, grond="avg"))
    assert ("onbegrepen", "gat") in antwoorden(huizen)


async def test_aangeboden_en_ingetrokken_in_een_pagina_opent_niets(huizen: TweeHuizen) -> None:
    schakel = uuid7()
    await zeg(huizen, aangeboden(schakel), blad(schakel, 2, "ingetrokken", aanleiding="vrager"))
    assert antwoorden(huizen) == [("geweigerd", "ingetrokken")]
    assert huizen.b.van_grens() == []


async def test_een_gifblad_houdt_een_andere_schakel_niet_op(huizen: TweeHuizen) -> None:
    gif, goed = uuid7(), uuid7()
    await zeg(huizen, aangeboden(gif, naar="toveren"), aangeboden(goed))
    assert sorted(feit for feit, _ in antwoorden(huizen)) == ["aangenomen", "geweigerd"]


async def test_na_eindigt_wordt_niets_nieuws_meer_aangenomen(huizen: TweeHuizen) -> None:
    einde = {
        "specversion": "1.0",
        "id": f"{A}.1",
        "source": f"urn:nld:oin:{A}:systeem:grens",
        "type": "nl.schakels.verbinding.eindigt.v1",
        "subject": A,
        "time": "2026-11-30T12:00:00.000000Z",
        "datacontenttype": "application/json",
        "data": {
            "nummer": 1,
            "door": {"organisatie": A, "rol": "beheer"},
            "per": "2026-12-30T12:00:00Z",
        },
    }
    eerder, later, vervanging = uuid7(), uuid7(), uuid7()
    await zeg(huizen, aangeboden(eerder), json.dumps(einde).encode(), aangeboden(later))
    await zeg(huizen, aangeboden(vervanging, ronde=2))
    gezegd = [json.loads(b) for b in huizen.b.kanaal.verkeer.uit.bladen(0, 100)]
    eigen = [een for een in gezegd if een["type"] == "nl.schakels.verbinding.eindigt.v1"]
    assert [een["id"] for een in eigen] == [f"{B}.1"]
    per_schakel = {een["subject"]: een["data"].get("reden") for een in gezegd if een not in eigen}
    assert per_schakel == {str(eerder): None, str(later): "uitloop", str(vervanging): None}


async def test_wat_een_vreemde_uitvoerder_zegt_heeft_hier_geen_gevolg(huizen: TweeHuizen) -> None:
    """A schakel that nobody here asked: kept as a row, and the house hears nothing."""
    vreemd = blad(uuid7(), 1, "geweigerd", reden="te-laat").replace(b".v.1", b".u.1")
    await zeg(huizen, vreemd)
    assert huizen.b.van_grens() == []
    assert len(huizen.b.schakels()) == 1


@pytest.mark.parametrize("per_lijn", [10_000, 7], ids=["per schakel", "per verbinding"])
async def test_wat_achter_een_breuk_komt_wordt_begrensd_vastgehouden(
    huizen: TweeHuizen, monkeypatch: pytest.MonkeyPatch, per_lijn: int
) -> None:
    """One that floods a broken schakel is told once more, and then its leaves stand in the log."""
    monkeypatch.setattr("schakel.grens.vasthouden.PER_LIJN", per_lijn)
    schakel, ander = uuid7(), uuid7()
    past = min(per_lijn, 100)
    await zeg(huizen, aangeboden(schakel))
    vloed = [blad(schakel, n, "wissing-gevraagd", 1, grond="avg") for n in range(3, 304)]
    for begin in range(0, 301, 100):
        await zeg(huizen, *vloed[begin : begin + 100])
    gezegd = [json.loads(b)["data"] for b in huizen.b.kanaal.verkeer.uit.bladen(1, 100)]
    assert [(een["over"], een["code"]) for een in gezegd] == [(3, "gat"), (3 + past + 1, "gat")]
    assert huizen.b.kanaal.verkeer.stand_in().omvang == 302
    (getoond,) = huizen.b.schakels()
    assert getoond["gehoord"] == 1 + 1 + past + 1
    await huizen.herstart(huizen.b)
    await zeg(huizen, blad(schakel, 400, "wissing-gevraagd", 1, grond="avg"))
    await zeg(huizen, blad(schakel, 401, "ingetrokken", 1, aanleiding="vrager"))
    assert antwoorden(huizen)[3:] == [("afgesloten", "ingetrokken")]
    rijen = huizen.b.grens.opslag.vraag("SELECT aantal FROM vastgehouden")
    assert [aantal for (aantal,) in rijen] == [past]
    await zeg(huizen, aangeboden(ander), blad(ander, 3, "gebaard"), blad(ander, 4, "gebaard"))
    gezegd = [json.loads(b)["data"] for b in huizen.b.kanaal.verkeer.uit.bladen(4, 100)]
    vol = [4] if past == per_lijn else []
    assert [een["over"] for een in gezegd if "over" in een] == [3, *vol]
    assert huizen.b.geparkeerd() == 0


async def test_van_een_verbinding_worden_er_tienduizend_vastgehouden(huizen: TweeHuizen) -> None:
    """The real bounds: one more is told once, stands in the log, and stops nobody."""
    assert (vasthouden.PER_LIJN, VASTGEHOUDEN_MAX) == (10_000, 100)
    logboek = huizen.b.kanaal.verkeer.in_.oorsprong

    def vul(werk: Any) -> None:
        vasthouden._zet_aantal(werk, logboek, 9_999)

    await huizen.b.grens.schrijver.voer_uit(Taak(vul, object, SYSTEEM))
    schakel, ander, goed = uuid7(), uuid7(), uuid7()
    await zeg(huizen, aangeboden(schakel), blad(schakel, 3, "gebaard"), blad(schakel, 4, "gebaard"))
    assert aantal_vast(huizen) == 10_000
    vol = [aangeboden(ander), blad(ander, 3, "gebaard"), blad(ander, 4, "gebaard")]
    await zeg(huizen, *vol, aangeboden(goed), blad(schakel, 5, "gebaard"))
    assert aantal_vast(huizen) == 10_000
    assert huizen.b.kanaal.verkeer.stand_in().omvang == 8  # all of it is in the log
    gezegd = [json.loads(b) for b in huizen.b.kanaal.verkeer.uit.bladen(0, 100)]
    onbegrepen = [(een["subject"], een["data"]["over"]) for een in gezegd if "over" in een["data"]]
    assert sorted(onbegrepen) == sorted(
        [(str(een), over) for een, over in ((schakel, 3), (schakel, 5), (ander, 3), (ander, 4))]
    )
    aangenomen = {een["subject"] for een in gezegd if ".aangenomen." in een["type"]}
    assert aangenomen == {str(schakel), str(ander), str(goed)}
    await zeg(huizen, blad(ander, 5, "ingetrokken", 1, aanleiding="vrager"))
    assert antwoorden(huizen)[-1] == ("afgesloten", "ingetrokken")


def aantal_vast(huizen: TweeHuizen) -> int:
    ((aantal,),) = huizen.b.grens.opslag.vraag("SELECT aantal FROM vastgehouden")
    return int(aantal)
