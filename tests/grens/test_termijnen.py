"""Every term around a deelproces: who records that it passed, and that nothing of it crosses.

Each side's terms run on its own clock. What the other said with ``uiterlijk`` is a promise: it is
shown beside one's own, and ends nothing by itself (8-schakel, section 3).
"""

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.keten.werkstroom import voer_uit

from schakel.contracts import melding as m
from schakel.contracts.schakels.tijd import lees_tijdstip

from .huizen import Huis, TweeHuizen
from .test_schakel import H, U, W, controleer, rond, vraag


def gezegd(huis: Huis, feit: str) -> list[dict[str, Any]]:
    """The data of what it said so."""
    bladen = (json.loads(b) for b in huis.kanaal.verkeer.uit.bladen(0, 1_000))
    return [een["data"] for een in bladen if een["type"] == f"nl.schakels.{feit}.v1"]


def verstreken(huis: Huis) -> list[str]:
    """Which terms its meldingen recorded."""
    berichten = huis.keten.berichten()
    return sorted(b.termijn for b in berichten if isinstance(b, m.TermijnVerstreken))


@pytest.mark.parametrize("is_op", [True, False], ids=["verbonden", "onbereikbaar"])
@pytest.mark.parametrize("is_aangenomen", [True, False], ids=["aangenomen", "nog onderweg"])
async def test_elke_kant_legt_haar_eigen_termijn_vast_en_er_gaat_niets_over(
    huizen: TweeHuizen, is_aangenomen: bool, is_op: bool
) -> None:
    wortel = await vraag(huizen, H, over=is_aangenomen)
    (kind,) = huizen.a.keten.kinderen(wortel)
    voor = (huizen.a.gezegd(), huizen.b.gezegd())
    huizen.klok.verder(weeks=30)
    await huizen.a.keten.verstrijk()
    await huizen.b.keten.verstrijk()
    await huizen.volg(over=False)
    eigen = ["beslistermijn", f"overdracht:{kind.id}"]
    assert huizen.a.keten.toon(wortel)["verstreken"] == eigen
    assert verstreken(huizen.a) == ["beslistermijn", "overdracht"]
    assert verstreken(huizen.b) == (["beslistermijn"] if is_aangenomen else [])
    assert (huizen.a.gezegd(), huizen.b.gezegd()) == voor
    if not is_op:
        huizen.klok.verder(weeks=1)
        await huizen.a.keten.verstrijk()
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden"]
    assert huizen.b.gezegd() == ["aangenomen"]
    # Late is not over: it comes back, and the werkstroom goes on.
    daar = huizen.daar(wortel)
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    await rond(huizen, wortel)
    controleer(huizen, wortel, daar)


async def test_een_pauze_daar_is_te_zien_en_houdt_hier_geen_termijn_op(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    await huizen.b.keten.stappen(daar, "opschortingen")
    await huizen.volg()
    (stand,) = gezegd(huizen.b, "voortgang")
    assert stand["stand"] == "opgeschort"
    huizen.klok.verder(weeks=30)
    await huizen.a.keten.verstrijk()
    await huizen.b.keten.verstrijk()
    assert (verstreken(huizen.a), verstreken(huizen.b)) == (["beslistermijn", "overdracht"], [])
    await huizen.b.keten.stappen(daar, "hervattingen")
    await huizen.volg()
    assert [een["stand"] for een in gezegd(huizen.b, "voortgang")] == [
        "opgeschort",
        "in_behandeling",
    ]
    huizen.klok.verder(weeks=30)
    await huizen.b.keten.verstrijk()
    assert verstreken(huizen.b) == ["beslistermijn"]
    await huizen.volg()
    assert huizen.b.gezegd() == ["aangenomen", "voortgang", "voortgang"]
    controleer(huizen, wortel, daar)


async def test_een_pauze_hier_gaat_niet_over(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    await huizen.a.keten.stappen(wortel, "opschortingen")
    huizen.klok.verder(weeks=30)
    await huizen.a.keten.verstrijk()
    await huizen.b.keten.verstrijk()
    await huizen.volg()
    assert (verstreken(huizen.a), verstreken(huizen.b)) == ([], ["beslistermijn"])
    assert huizen.a.gezegd() == ["aangeboden"]


async def test_wat_de_overeenkomst_belooft_staat_in_het_bericht_en_eindigt_niets(
    huizen: TweeHuizen,
) -> None:
    begin = huizen.klok()
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    (aanbod,), (aangenomen,) = gezegd(huizen.a, "aangeboden"), gezegd(huizen.b, "aangenomen")
    assert lees_tijdstip(aanbod["uiterlijk"]) == begin + timedelta(days=2)  # eersteWoord
    assert lees_tijdstip(aangenomen["uiterlijk"]) > begin
    await voer_uit(huizen.b.keten, daar, (W, U))
    klaar = huizen.klok()
    await huizen.volg()
    (gereed,) = gezegd(huizen.b, "gereedgemeld")
    assert lees_tijdstip(gereed["uiterlijk"]) == klaar + timedelta(days=14)  # beoordeling
    huizen.klok.verder(weeks=10)
    await huizen.a.keten.verstrijk()
    await huizen.b.keten.verstrijk()
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden"]
    assert huizen.b.gezegd() == ["aangenomen", "gereedgemeld", "afgesloten"]
    controleer(huizen, wortel, daar)


async def test_wie_terugneemt_na_de_termijn_hoort_nog_een_laatste_woord(
    huizen: TweeHuizen,
) -> None:
    wortel = await vraag(huizen, H)
    (kind,) = huizen.a.keten.kinderen(wortel)
    huizen.klok.verder(weeks=30)
    await huizen.a.keten.verstrijk()
    await huizen.a.keten.doe(
        wortel, "overdracht-terugnames", kindId=str(kind.id), reden="duurt-te-lang"
    )
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden", "ingetrokken"]
    assert huizen.b.gezegd() == ["aangenomen", "afgesloten"]
    controleer(huizen, wortel, huizen.daar(wortel))
