"""Every sequence on each werkstroom of which a part crosses: 1, 3, 6 and 7, between two houses."""

import json

import pytest
from tests.keten.proefketen import Ref
from tests.keten.werkstroom import maak_af_in, uitkomst, voer_uit
from tests.skelet.geval import EIGEN_VOOR

from schakel.contracts.werkstromen import Proces

from .huizen import Huis, TweeHuizen
from .punten import op_punten
from .test_beheer import vraag as vraag_grens
from .test_elk_punt import WEG, loop
from .test_rem import beheer
from .test_schakel import A, H, U, V, W, controleer
from .zijden import A as OIN_A
from .zijden import B as OIN_B

Weg = tuple[Proces, ...]
PADEN: dict[Weg, tuple[str, str, int]] = {
    (A,): ("AWA", "AWUWA", 1),
    (H,): ("HWH", "HWUWH", 3),
    (V, A): ("VAWAV", "VAWUWAV", 6),
    (V,): ("VWV", "VWUWV", 7),
}
"""Who gives in the house, the last of them over the border; the paths and the werkstroom."""
op_de_punten = op_punten(len(WEG), 0, len(WEG) // 2, len(WEG) - 1)
"""How far it is there; at every point: ``test_elk_punt``, on werkstroom 3."""


@pytest.fixture(params=PADEN, ids=lambda weg: "".join(een.letter for een in weg))
def weg(request: pytest.FixtureRequest) -> Weg:
    gekozen: Weg = request.param
    return gekozen


async def begin(huizen: TweeHuizen, weg: Weg, *, over: bool = True) -> list[Ref]:
    """Reported, and handed on from one to the next; gives the givers."""
    keten = huizen.a.keten
    gevers = [await keten.meld(weg[0])]
    for naar in (*weg[1:], W):
        gever = gevers[-1]
        await keten.beoordeel(gever)
        await keten.stappen(gever, *EIGEN_VOOR[gever.proces])
        await keten.doe(gever, "overdrachten", naar=naar)
        await huizen.volg(over=over)
        if naar is not W:
            gevers.append(keten.kinderen(gever)[-1])
    return gevers


async def doe_daar(huizen: TweeHuizen, daar: Ref) -> None:
    """All that is asked there."""
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()


async def maak_af(huizen: TweeHuizen, gevers: list[Ref]) -> None:
    """What is left to do here."""
    await maak_af_in(huizen.a.keten, gevers)
    await huizen.volg()


async def vraag_weer(huizen: TweeHuizen, gevers: list[Ref], **velden: str) -> Ref:
    """The last giver asks once more."""
    await huizen.a.keten.doe(gevers[-1], "overdrachten", naar=W, **velden)
    await huizen.volg()
    return huizen.daar(gevers[-1])


def stand(huizen: TweeHuizen, gever: Ref) -> str:
    """How the giver sees what it asked last."""
    gezien: str = huizen.a.keten.toon(gever)["kinderen"][-1]["status"]
    return gezien


def klopt(huizen: TweeHuizen, weg: Weg, gevers: list[Ref], *daar: Ref) -> None:
    assert huizen.a.afleiding(gevers[0].id).werkstroom == PADEN[weg][2]
    controleer(huizen, gevers[0], *daar)


async def test_gewoon(huizen: TweeHuizen, weg: Weg) -> None:
    gevers = await begin(huizen, weg)
    (voor,) = huizen.a.schakels()
    assert not voor["isDicht"]
    assert "open schakel" in huizen.a.afleiding(gevers[0].id).toelichting
    daar = huizen.daar(gevers[-1])
    await doe_daar(huizen, daar)
    await maak_af(huizen, gevers)
    kort, samen, _ = PADEN[weg]
    af = huizen.a.afleiding(gevers[0].id)
    assert "".join(een.letter for een in af.pad) == kort
    assert huizen.pad(gevers[0], daar) == samen
    assert "open schakel" not in af.toelichting
    klopt(huizen, weg, gevers, daar)


@op_de_punten
@pytest.mark.parametrize("kruist", [False, True])
async def test_ingetrokken(huizen: TweeHuizen, weg: Weg, punt: int, kruist: bool) -> None:
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    await loop(huizen, daar, iter(WEG[:punt]))
    if not kruist:
        await huizen.volg()
    await huizen.a.keten.stappen(gevers[0], "intrekkingen")
    if kruist:
        await loop(huizen, daar, iter(WEG[punt : punt + 1]))
    await huizen.volg()
    gedaan = punt + kruist >= len(WEG)
    assert uitkomst(huizen.b.keten, daar) == ("voltooid" if gedaan else "ingetrokken")
    assert {uitkomst(huizen.a.keten, een) for een in gevers} == {"ingetrokken"}
    assert all(een["isDicht"] for een in huizen.a.schakels())
    controleer(huizen, gevers[0], daar)


@op_de_punten
@pytest.mark.parametrize("kruist", [False, True])
async def test_teruggenomen(huizen: TweeHuizen, weg: Weg, punt: int, kruist: bool) -> None:
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    await loop(huizen, daar, iter(WEG[:punt]))
    if not kruist:
        await huizen.volg()
    kind = huizen.a.keten.kinderen(gevers[-1])[-1]
    terug = {"kindId": str(kind.id), "reden": "duurt-te-lang"}
    await huizen.a.keten.doe(gevers[-1], "overdracht-terugnames", **terug)
    if kruist:
        await loop(huizen, daar, iter(WEG[punt : punt + 1]))
    await huizen.volg()
    gedaan = punt + kruist >= len(WEG)
    assert uitkomst(huizen.b.keten, daar) == ("voltooid" if gedaan else "ingetrokken")
    ander = await vraag_weer(huizen, gevers)
    await doe_daar(huizen, ander)
    await maak_af(huizen, gevers)
    klopt(huizen, weg, gevers, daar, ander)


async def test_wie_boven_de_gever_terugneemt_neemt_ook_daar_terug(huizen: TweeHuizen) -> None:
    """V takes back what A has, and with it what A asked over the border."""
    gevers = await begin(huizen, (V, A))
    daar = huizen.daar(gevers[-1])
    terug = {"kindId": str(gevers[-1].id), "reden": "duurt-te-lang"}
    await huizen.a.keten.doe(gevers[0], "overdracht-terugnames", **terug)
    await huizen.volg()
    assert uitkomst(huizen.b.keten, daar) == "ingetrokken"
    assert all(een["isDicht"] for een in huizen.a.schakels())


@op_de_punten
async def test_geweigerd_of_afgebroken(huizen: TweeHuizen, weg: Weg, punt: int) -> None:
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    await loop(huizen, daar, iter(WEG[:punt]))
    await huizen.volg()
    await huizen.b.keten.stappen(daar, "afbrekingen" if punt else "afwijzingen")
    await huizen.volg()
    assert stand(huizen, gevers[-1]) == ("zonder_resultaat" if punt else "geweigerd")
    ander = await vraag_weer(huizen, gevers)
    await doe_daar(huizen, ander)
    await maak_af(huizen, gevers)
    klopt(huizen, weg, gevers, daar, ander)


async def test_niet_goed_en_opnieuw(huizen: TweeHuizen, weg: Weg) -> None:
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    await doe_daar(huizen, daar)
    await huizen.a.keten.stappen(gevers[-1], ("controles", {"goed": False}))
    ander = await vraag_weer(huizen, gevers)
    laatste = json.loads(huizen.a.kanaal.verkeer.uit.bladen(1, 2)[0])["data"]
    assert laatste["ronde"] == 2
    await doe_daar(huizen, ander)
    await maak_af(huizen, gevers)
    klopt(huizen, weg, gevers, daar, ander)


@pytest.mark.parametrize("aantal", [1, 2])
async def test_omgezet_in_een_en_in_meer(huizen: TweeHuizen, weg: Weg, aantal: int) -> None:
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    naar = [{"meldingsoort": "aanvraag"}, {"meldingsoort": "wijzigingsverzoek"}][:aantal]
    await huizen.b.keten.stappen(daar, ("omzettingen", {"reden": "iets-anders", "naar": naar}))
    await huizen.volg()
    kind = huizen.a.keten.kinderen(gevers[-1])[-1]
    anderen = [await vraag_weer(huizen, gevers, vervangt=str(kind.id)) for _ in naar]
    for een in anderen:
        await doe_daar(huizen, een)
    await maak_af(huizen, gevers)
    klopt(huizen, weg, gevers, daar, *anderen[-1:])


async def test_uitloop(huizen: TweeHuizen, weg: Weg) -> None:
    """What runs is finished, reworked too; nothing new is taken on."""
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    await beheer(huizen.b, OIN_A, "beeindigingen")
    await huizen.volg()
    await doe_daar(huizen, daar)
    await huizen.a.keten.stappen(gevers[-1], ("controles", {"goed": False}))
    ander = await vraag_weer(huizen, gevers)
    await doe_daar(huizen, ander)
    await maak_af(huizen, gevers)
    klopt(huizen, weg, gevers, daar, ander)
    nieuw = await begin(huizen, weg)
    assert stand(huizen, nieuw[-1]) == "geweigerd"


@pytest.mark.parametrize("wie", "ab")
async def test_wat_in_een_blokkade_wordt_afgebroken_telt_daarna(
    huizen: TweeHuizen, weg: Weg, wie: str
) -> None:
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    hier: tuple[Huis, str] = (huizen.a, OIN_B) if wie == "a" else (huizen.b, OIN_A)
    await beheer(*hier, "blokkades")
    await huizen.b.keten.beoordeel(daar)
    await huizen.b.keten.stappen(daar, "afbrekingen")
    await huizen.volg()
    assert stand(huizen, gevers[-1]) == "open"
    await beheer(*hier, "blokkade-opheffingen")
    await huizen.volg()
    assert stand(huizen, gevers[-1]) == "zonder_resultaat"
    controleer(huizen, gevers[0], daar)


async def test_gewist_op_verzoek_van_wie_het_vroeg(huizen: TweeHuizen, weg: Weg) -> None:
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    await doe_daar(huizen, daar)
    await maak_af(huizen, gevers)
    await huizen.b.keten.stappen(daar, "sluitingen")
    await huizen.volg()
    for gever in reversed(gevers[1:]):
        await huizen.a.keten.stappen(gever, "sluitingen")
    await huizen.volg()
    await huizen.a.keten.doe(gevers[0], "wissingen", grond="avg")  # and all below it
    await huizen.volg()
    assert huizen.a.gezegd()[-1] == "wissing-gevraagd"
    await huizen.b.keten.doe(daar, "wissingen", grond="avg")
    await huizen.volg()
    assert huizen.b.gezegd()[-1] == "wissing-beantwoord"
    controleer(huizen, gevers[0], daar)


async def test_gewist_op_verzoek_van_wie_het_deed(huizen: TweeHuizen, weg: Weg) -> None:
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    await doe_daar(huizen, daar)
    await maak_af(huizen, gevers)
    (getoond,) = huizen.b.schakels()
    pad = f"/schakels/{getoond['schakelId']}/wissingsverzoeken"
    assert (await vraag_grens(huizen.b, "POST", pad, grond="avg")).status_code == 201
    await huizen.volg()
    assert huizen.b.gezegd()[-1] == "wissing-gevraagd"
    for gever in reversed(gevers[1:]):
        await huizen.a.keten.stappen(gever, "sluitingen")
    await huizen.a.keten.doe(gevers[0], "wissingen", grond="avg")
    await huizen.volg()
    assert "wissing-beantwoord" in huizen.a.gezegd()


async def test_elke_termijn_verstrijkt(huizen: TweeHuizen, weg: Weg) -> None:
    """Before it crossed, and while it is there: nothing ends by itself, and all goes on."""
    gevers = await begin(huizen, weg, over=False)
    huizen.klok.verder(weeks=30)
    await huizen.a.keten.verstrijk()
    await huizen.volg()
    daar = huizen.daar(gevers[-1])
    huizen.klok.verder(weeks=30)
    await huizen.b.keten.verstrijk()
    await huizen.a.keten.verstrijk()
    await huizen.volg()
    await doe_daar(huizen, daar)
    await maak_af(huizen, gevers)
    klopt(huizen, weg, gevers, daar)


@op_de_punten
async def test_opgeschort_en_hervat(huizen: TweeHuizen, weg: Weg, punt: int) -> None:
    gevers = await begin(huizen, weg)
    daar = huizen.daar(gevers[-1])
    await loop(huizen, daar, iter(WEG[:punt]))
    await huizen.volg()
    for stap in ("opschortingen", "hervattingen"):
        await huizen.b.keten.stappen(daar, stap)
        await huizen.volg()
    await loop(huizen, daar, iter(WEG[punt:]))
    await huizen.volg()
    await maak_af(huizen, gevers)
    assert huizen.b.gezegd().count("voortgang") == 2
    klopt(huizen, weg, gevers, daar)
