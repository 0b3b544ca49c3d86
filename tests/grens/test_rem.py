"""A blokkade and its end, and an uitloop: what waits meanwhile, and that nothing is lost."""

import json
from pathlib import Path

import pytest
from tests.keten.proefketen import Ref
from tests.keten.werkstroom import uitkomst, voer_uit
from uuid_utils.compat import uuid7

from .huizen import Huis, TweeHuizen
from .test_beheer import audit, bereikbaar, schakel
from .test_beheer import vraag as doe
from .test_gif import aangeboden, blad
from .test_schakel import H, U, W, controleer, rond, vraag
from .zijden import A, B


async def beheer(huis: Huis, partner: str, wat: str) -> bool:
    """An operator's command; whether it changed something."""
    antwoord = await doe(huis, "POST", f"/partners/{partner}/{wat}")
    assert antwoord.status_code == 201, antwoord.text
    is_anders: bool = antwoord.json()["isAnders"]
    return is_anders


def status(huizen: TweeHuizen, wortel: Ref) -> str:
    return str(huizen.a.keten.toon(wortel)["kinderen"][0]["status"])


async def test_in_een_blokkade_van_de_uitvoerder_wacht_alles_en_daarna_loopt_het(
    huizen: TweeHuizen,
) -> None:
    assert await beheer(huizen.b, A, "blokkades") is True
    assert await beheer(huizen.b, A, "blokkades") is False
    wortel = await vraag(huizen, H)
    assert huizen.b.kanaal.verkeer.stand_in().omvang == 1
    assert (await huizen.a.kanaal.verbinding()).vanaf == 1
    assert (huizen.b.van_grens(), huizen.b.gezegd()) == ([], [])
    assert await beheer(huizen.b, A, "blokkade-opheffingen") is True
    assert await beheer(huizen.b, A, "blokkade-opheffingen") is False
    await huizen.volg()
    daar = huizen.daar(wortel)
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    await rond(huizen, wortel)
    controleer(huizen, wortel, daar)
    assert [resultaat for _, _, resultaat in audit(huizen.b)] == ["gedaan"] * 4


async def test_in_een_blokkade_van_de_vrager_blijft_elk_antwoord_staan(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    await beheer(huizen.a, B, "blokkades")
    voor = len(huizen.a.van_grens())
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    assert huizen.b.gezegd() == ["aangenomen", "gereedgemeld", "afgesloten"]
    assert len(huizen.a.van_grens()) == voor
    await huizen.herstart(huizen.a)
    await huizen.volg()
    assert len(huizen.a.van_grens()) == voor
    await beheer(huizen.a, B, "blokkade-opheffingen")
    await huizen.volg()
    nummers = [feit.nummer for feit in huizen.a.van_grens()]
    assert nummers == [1, 2, 3]
    await rond(huizen, wortel)
    controleer(huizen, wortel, daar)


async def test_wat_het_huis_zegt_wacht_als_voornemen(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    await beheer(huizen.b, A, "blokkades")
    await huizen.b.keten.stappen(daar, "afwijzingen")
    await huizen.volg()
    await huizen.hervat()
    assert huizen.b.gezegd() == ["aangenomen"]
    assert [een["teZeggen"] for een in huizen.b.schakels()] == [1]
    await beheer(huizen.b, A, "blokkade-opheffingen")
    await huizen.volg()
    assert huizen.b.gezegd() == ["aangenomen", "afgesloten"]
    assert status(huizen, wortel) == "geweigerd"
    controleer(huizen, wortel, daar)


async def test_de_gever_neemt_terug_in_een_blokkade(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    await beheer(huizen.a, B, "blokkades")
    (kind,) = huizen.a.keten.kinderen(wortel)
    await huizen.a.keten.doe(
        wortel, "overdracht-terugnames", kindId=str(kind.id), reden="duurt-te-lang"
    )
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden"]
    assert uitkomst(huizen.b.keten, daar) is None
    await beheer(huizen.a, B, "blokkade-opheffingen")
    await huizen.volg()
    assert uitkomst(huizen.b.keten, daar) == "ingetrokken"
    controleer(huizen, wortel, daar)


async def test_een_blokkade_raakt_onbegrepen_en_einde_op_hun_plaats(huizen: TweeHuizen) -> None:
    """What came before the end of the other is judged by that place, also when that is later."""
    await beheer(huizen.b, A, "blokkades")
    eerder, later, gif = uuid7(), uuid7(), uuid7()
    await huizen.a.kanaal.zeg([aangeboden(eerder), aangeboden(gif), blad(gif, 2, "gebaard")])
    await beheer(huizen.a, B, "beeindigingen")
    await huizen.a.kanaal.zeg([aangeboden(later)])
    await huizen.volg()
    assert huizen.b.gezegd() == ["verbinding.eindigt"]
    await beheer(huizen.b, A, "blokkade-opheffingen")
    await huizen.volg()
    gezegd = [json.loads(b) for b in huizen.b.kanaal.verkeer.uit.bladen(1, 100)]
    reden = {
        (een["subject"], een["data"].get("reden") or een["data"].get("code")) for een in gezegd
    }
    assert reden == {
        (str(eerder), None),
        (str(gif), None),
        (str(gif), "onbekend-type"),
        (str(later), "uitloop"),
    }


async def test_in_uitloop_vraagt_het_huis_niets_nieuws_en_wel_wat_vervangt(
    huizen: TweeHuizen,
) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    assert await beheer(huizen.a, B, "beeindigingen") is True
    assert await beheer(huizen.a, B, "beeindigingen") is False
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden", "verbinding.eindigt"]
    assert huizen.b.gezegd() == ["aangenomen", "verbinding.eindigt"]
    ander = await vraag(huizen, H)
    assert status(huizen, ander) == "geweigerd"
    assert huizen.a.gezegd() == ["aangeboden", "verbinding.eindigt"]
    naar = [{"meldingsoort": "wijzigingsverzoek"}, {"meldingsoort": "aanvraag"}]
    await huizen.b.keten.stappen(daar, ("omzettingen", {"reden": "anders", "naar": naar}))
    await huizen.volg()
    (kind,) = huizen.a.keten.kinderen(wortel)
    await huizen.a.keten.doe(wortel, "overdrachten", naar=W, vervangt=str(kind.id))
    await huizen.volg()
    assert huizen.b.gezegd()[2:] == ["afgesloten", "aangenomen"]
    (getoond,) = (await doe(huizen.a, "GET", "/partners")).json()["partners"]
    assert (getoond["eindigtWij"], getoond["eindigtZij"]) == (True, True)


async def test_een_einde_wacht_op_de_hervatting(tmp_path: Path) -> None:
    huizen = await TweeHuizen(tmp_path).open()
    await beheer(huizen.a, B, "beeindigingen")
    assert huizen.a.gezegd() == []
    await huizen.hervat()
    assert huizen.a.gezegd() == ["verbinding.eindigt"]
    await huizen.sluit()


async def test_de_opdrachten_zeggen_wat_er_veranderde(
    huizen: TweeHuizen, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with bereikbaar(huizen.a, monkeypatch):
        for opdracht, zin in (
            ("blokkeer", "is geblokkeerd"),
            ("blokkeer", "was al geblokkeerd"),
            ("deblokkeer", "is niet meer geblokkeerd"),
            ("deblokkeer", "was niet geblokkeerd"),
            ("beeindig", "niets nieuws meer gevraagd"),
            ("beeindig", "was al in uitloop"),
        ):
            assert await schakel(opdracht, B) == 0
            assert zin in capsys.readouterr().err
