"""Erasure over the border: asked by either side, answered, also in a blokkade."""

import json
from typing import Any

from tests.keten.proefketen import Ref
from tests.keten.werkstroom import voer_uit
from uuid_utils.compat import uuid7

from .huizen import TweeHuizen
from .test_beheer import audit
from .test_beheer import vraag as doe
from .test_gif import aangeboden, blad
from .test_rem import beheer
from .test_schakel import H, U, W, controleer, rond, vraag
from .zijden import A, B

GROND = {"grond": "avg"}


async def klaar(huizen: TweeHuizen) -> tuple[Ref, Ref]:
    """A melding at A that is closed, with the work that B did for it, closed too."""
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    await rond(huizen, wortel)
    await huizen.b.keten.stappen(daar, "sluitingen")
    await huizen.volg()
    return wortel, daar


def data(huis: Any) -> list[dict[str, Any]]:
    """What it said of erasures."""
    gelezen = [json.loads(b) for b in huis.kanaal.verkeer.uit.bladen(0, 100)]
    namen = ("antwoord", "grond")
    return [
        {naam: een["data"][naam] for naam in namen if naam in een["data"]}
        for een in gelezen
        if ".wissing-" in een["type"]
    ]


async def test_wie_wist_vraagt_het_ook_aan_wie_het_werk_deed(huizen: TweeHuizen) -> None:
    wortel, daar = await klaar(huizen)
    await huizen.a.keten.doe(wortel, "wissingen", **GROND)
    await huizen.volg()
    assert data(huizen.a) == [GROND]
    assert data(huizen.b) == []
    (bij_b,) = huizen.b.schakels()
    assert bij_b["wissingOpen"] is True
    await huizen.b.keten.doe(daar, "wissingen", **GROND)
    await huizen.volg()
    assert data(huizen.b) == [{"antwoord": "gewist"}]
    for huis in (huizen.a, huizen.b):
        (getoond,) = huis.schakels()
        assert getoond["wissingOpen"] is False
        assert [(een["kant"], een["antwoord"]) for een in getoond["wissingen"]] == [
            ("v", None),
            ("u", "gewist"),
        ]
    controleer(huizen, wortel, daar)


async def test_wie_al_gewist_had_antwoordt_meteen(huizen: TweeHuizen) -> None:
    wortel, daar = await klaar(huizen)
    await huizen.b.keten.doe(daar, "wissingen", **GROND)
    await huizen.volg()
    assert data(huizen.b) == []
    await huizen.a.keten.doe(wortel, "wissingen", **GROND)
    await huizen.volg()
    assert data(huizen.b) == [{"antwoord": "gewist"}]
    controleer(huizen, wortel, daar)


async def test_behouden_zegt_een_mens_met_een_grond(huizen: TweeHuizen) -> None:
    wortel, daar = await klaar(huizen)
    (getoond,) = huizen.b.schakels()
    pad = f"/schakels/{getoond['schakelId']}"
    te_vroeg = await doe(huizen.b, "POST", f"{pad}/behoudingen", grond="archiefplicht")
    assert te_vroeg.json()["code"] == "wissing-niet-gevraagd"
    await huizen.a.keten.doe(wortel, "wissingen", **GROND)
    await huizen.volg()
    gezegd = await doe(huizen.b, "POST", f"{pad}/behoudingen", grond="archiefplicht")
    assert gezegd.json()["partner"] == A
    nog_eens = await doe(huizen.b, "POST", f"{pad}/behoudingen", grond="archiefplicht")
    assert nog_eens.status_code == 409
    await huizen.volg()
    assert data(huizen.b) == [{"antwoord": "behouden", "grond": "archiefplicht"}]
    wat = [resultaat for _, _, resultaat in audit(huizen.b)]
    assert wat == ["wissing-niet-gevraagd", "gedaan", "wissing-niet-gevraagd"]
    controleer(huizen, wortel, daar)


async def test_de_uitvoerder_vraagt_het_de_vrager_ook_in_een_blokkade(huizen: TweeHuizen) -> None:
    wortel, _ = await klaar(huizen)
    (getoond,) = huizen.b.schakels()
    await beheer(huizen.a, B, "blokkades")
    await beheer(huizen.b, A, "blokkades")
    pad = f"/schakels/{getoond['schakelId']}/wissingsverzoeken"
    assert (await doe(huizen.b, "POST", pad, **GROND)).status_code == 201
    await huizen.volg()
    (bij_a,) = huizen.a.schakels()
    assert bij_a["wissingOpen"] is True
    await huizen.a.keten.doe(wortel, "wissingen", **GROND)
    await huizen.volg()
    assert {"antwoord": "gewist"} in data(huizen.a)
    assert data(huizen.b) == [GROND]
    assert {een["wissingOpen"] for een in (*huizen.a.schakels(), *huizen.b.schakels())} == {
        False,
        True,
    }  # A was answered, and asks B for its part
    onbekend = await doe(huizen.b, "POST", f"/schakels/{uuid7()}/wissingsverzoeken", **GROND)
    assert onbekend.status_code == 404


async def test_waar_niets_geopend_werd_is_niets_te_wissen(huizen: TweeHuizen) -> None:
    schakel = uuid7()
    await huizen.a.kanaal.zeg(
        [aangeboden(schakel, dienst="wegen"), blad(schakel, 2, "wissing-gevraagd", grond="avg")]
    )
    await huizen.volg()
    await huizen.a.kanaal.zeg([blad(uuid7(), 1, "wissing-gevraagd", grond="avg")])
    await huizen.volg()
    assert huizen.b.gezegd() == ["geweigerd", "wissing-beantwoord"]
