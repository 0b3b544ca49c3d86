"""What either side can do to work that crossed, at every point of the way that it goes there."""

from collections.abc import Iterator
from itertools import product

import pytest
from tests.keten.proefketen import Ref
from tests.keten.werkstroom import uitkomst
from tests.skelet.geval import EIGEN_NA, EIGEN_VOOR

from schakel.contracts.werkstromen import Proces

from .huizen import TweeHuizen
from .test_schakel import controleer, pad, rond, vraag

W, U = Proces.WIJZIGEN, Proces.UITVOEREN
WEG: tuple[tuple[Proces, str], ...] = (
    (W, "beoordelingen"),
    *((W, stap) for stap in EIGEN_VOOR[W]),
    (W, "overdrachten"),
    (U, "beoordelingen"),
    *((U, stap) for stap in EIGEN_VOOR[U]),
    (U, "gereedmeldingen"),
    (W, "controles"),
    *((W, stap) for stap in EIGEN_NA[W]),
    (W, "gereedmeldingen"),
)
"""All that is done there, by whom."""
PUNTEN = range(len(WEG) + 1)


@pytest.fixture(params=[Proces.AFSPREKEN, Proces.HERSTELLEN, Proces.VERBETEREN])
def eerste(request: pytest.FixtureRequest) -> Proces:
    """Where it was reported."""
    proces: Proces = request.param
    return proces


async def loop(huizen: TweeHuizen, daar: Ref, stappen: Iterator[tuple[Proces, str]]) -> None:
    """Take these steps there; in the house they are heard, across not yet."""
    keten = huizen.b.keten
    for proces, stap in stappen:
        wie = daar if proces is W else keten.kinderen(daar)[-1]
        if stap == "beoordelingen":
            await keten.beoordeel(wie)
        elif stap == "overdrachten":
            await keten.draag_over(wie, U)
        else:
            await keten.stappen(wie, stap)
        await huizen.b.bezorg()


async def tot_punt(huizen: TweeHuizen, eerste: Proces, punt: int) -> tuple[Ref, Ref]:
    """Asked, and done there so far."""
    wortel = await vraag(huizen, eerste)
    daar = huizen.daar(wortel)
    await loop(huizen, daar, iter(WEG[:punt]))
    return wortel, daar


@pytest.mark.parametrize(
    ("punt", "nog_een"),
    # When the end was heard there is nothing left to withdraw.
    [*product(PUNTEN[:-1], (False, True)), (PUNTEN[-1], True)],
)
async def test_ingetrokken(huizen: TweeHuizen, eerste: Proces, punt: int, nog_een: bool) -> None:
    wortel, daar = await tot_punt(huizen, eerste, punt)
    if not nog_een:
        await huizen.volg()
    await huizen.a.keten.stappen(wortel, "intrekkingen")
    if nog_een:
        await loop(huizen, daar, iter(WEG[punt : punt + 1]))
    await huizen.volg()
    gedaan = punt + nog_een >= len(WEG)
    assert uitkomst(huizen.b.keten, daar) == ("voltooid" if gedaan else "ingetrokken")
    assert uitkomst(huizen.a.keten, wortel) == "ingetrokken"
    assert pad(huizen, wortel) == f"{eerste.letter}W"
    assert all(schakel["isDicht"] for schakel in huizen.a.schakels())
    controleer(huizen, wortel, daar)


@pytest.mark.parametrize("punt", PUNTEN[:-1])
@pytest.mark.parametrize("nog_een", [False, True], ids=["gehoord", "kruisend"])
async def test_teruggenomen(huizen: TweeHuizen, punt: int, nog_een: bool) -> None:
    wortel, daar = await tot_punt(huizen, Proces.HERSTELLEN, punt)
    if not nog_een:
        await huizen.volg()
    (kind,) = huizen.a.keten.kinderen(wortel)
    await huizen.a.keten.doe(
        wortel, "overdracht-terugnames", kindId=str(kind.id), reden="duurt-te-lang"
    )
    if nog_een:
        await loop(huizen, daar, iter(WEG[punt : punt + 1]))
    await huizen.volg()
    gedaan = punt + nog_een >= len(WEG)
    assert uitkomst(huizen.b.keten, daar) == ("voltooid" if gedaan else "ingetrokken")
    assert huizen.a.keten.toon(wortel)["kinderen"][0]["status"] == "teruggenomen"
    await huizen.a.keten.doe(wortel, "overdrachten", naar=W)
    await huizen.volg()
    ander = huizen.daar(wortel)
    await loop(huizen, ander, iter(WEG))
    await huizen.volg()
    await rond(huizen, wortel)
    assert pad(huizen, wortel) == "HWHWH"
    controleer(huizen, wortel, daar, ander)


@pytest.mark.parametrize("punt", PUNTEN[:-1])
async def test_opgeschort_en_hervat(huizen: TweeHuizen, punt: int) -> None:
    wortel, daar = await tot_punt(huizen, Proces.HERSTELLEN, punt)
    await huizen.volg()
    await huizen.b.keten.stappen(daar, "opschortingen")
    await huizen.volg()
    await huizen.b.keten.stappen(daar, "hervattingen")
    await loop(huizen, daar, iter(WEG[punt:]))
    await huizen.volg()
    await rond(huizen, wortel)
    assert pad(huizen, wortel) == "HWH"
    assert huizen.b.gezegd().count("voortgang") == 2
    controleer(huizen, wortel, daar)


@pytest.mark.parametrize("punt", PUNTEN[:-1])
async def test_afgebroken(huizen: TweeHuizen, punt: int) -> None:
    wortel, daar = await tot_punt(huizen, Proces.HERSTELLEN, punt)
    await huizen.volg()
    stap = "afbrekingen" if punt else "afwijzingen"
    await huizen.b.keten.stappen(daar, stap)
    await huizen.volg()
    gezien = huizen.a.keten.toon(wortel)["kinderen"][0]["status"]
    assert gezien == ("zonder_resultaat" if punt else "geweigerd")
    assert huizen.b.gezegd()[-1] == "afgesloten"
    controleer(huizen, wortel, daar)
