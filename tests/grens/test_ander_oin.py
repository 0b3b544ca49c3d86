"""An OIN that changes: two organisations merge, one goes on under another OIN beside the old one.

An OIN stands in every id, topic and log, so a house keeps the one that it has. What goes on under
another OIN is another house and another partner, for as long as the old one finishes its work.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.keten.proefketen import Klok, Ref
from tests.keten.werkstroom import rond_af, uitkomst, voer_uit
from tests.skelet.geval import EIGEN_NA, EIGEN_VOOR

from schakel.contracts.deelproces import melding_voor
from schakel.kern.http import Staat

from .derden import NIEUW, Derde, hervat, spreek_af, volg
from .huizen import NIEMAND, OINS
from .test_beheer import vraag as doe
from .test_schakel import H, U, W


async def vraag(van: Derde, *paren: tuple[Derde, Derde]) -> Ref:
    """Its people hand wijzigen to whoever runs it now."""
    wortel = await van.keten.meld(H)
    await van.keten.beoordeel(wortel)
    await van.keten.stappen(wortel, *EIGEN_VOOR[H])
    await van.keten.doe(wortel, "overdrachten", naar=W)
    await volg(*paren)
    return wortel


async def maak_af(van: Derde, bij: Derde, wortel: Ref, *paren: tuple[Derde, Derde]) -> None:
    (kind,) = van.keten.kinderen(wortel)
    daar = Ref(W, melding_voor(kind.id, bij.oin, van.oin))
    await voer_uit(bij.keten, daar, (W, U))
    await volg(*paren)
    await van.keten.stappen(wortel, "controles", *EIGEN_NA.get(H, ()), "gereedmeldingen")
    await rond_af(van.keten, wortel)
    await volg(*paren)
    assert uitkomst(van.keten, wortel) == uitkomst(bij.keten, daar) == "voltooid"


@pytest.fixture
async def huizen(tmp_path: Path) -> AsyncIterator[dict[str, Derde]]:
    klok = Klok()
    alle = {}
    async with AsyncExitStack() as opruimen:
        for wie, oin in {**OINS, "C": NIEUW}.items():
            anderen = dict.fromkeys(("afspreken", "verbeteren"), NIEMAND)
            alle[wie] = Derde(tmp_path / wie, oin, klok, anderen)
            await alle[wie].open()
            opruimen.push_async_callback(alle[wie].sluit)
        yield alle


def loopt_bij(vrager: Derde, uitvoerder: Derde) -> None:
    """From now on its routering names this one for wijzigen."""
    vrager.leid({"wijzigen": {"standaard": uitvoerder.oin}})


@pytest.mark.parametrize("wie", ["de uitvoerder", "de vrager"])
async def test_een_oin_verandert_terwijl_er_werk_loopt(huizen: dict[str, Derde], wie: str) -> None:
    """What was asked under the old OIN ends there; what is new goes to the new one, or from it."""
    a, b, c = huizen["A"], huizen["B"], huizen["C"]
    nieuw = (a, c) if wie == "de uitvoerder" else (c, b)
    spreek_af(a, b, "wijzigen")
    await hervat(a, b)
    loopt_bij(a, b)
    oud_werk = await vraag(a, (a, b))

    spreek_af(*nieuw, "wijzigen")  # beside the old contract
    await hervat(*nieuw)
    loopt_bij(*nieuw)
    assert (await doe(a, "POST", f"/partners/{b.oin}/beeindigingen")).json()["isAnders"]
    paren = ((a, b), nieuw)
    nieuw_werk = await vraag(nieuw[0], *paren)

    await maak_af(*nieuw, nieuw_werk, *paren)
    await maak_af(a, b, oud_werk, *paren)
    for huis in huizen.values():
        assert huis.geparkeerd() == 0
        assert all(een["isDicht"] and not een["teZeggen"] for een in huis.schakels())
    (van_a,) = (await doe(b, "GET", "/partners")).json()["partners"][:1]
    assert (van_a["eindigtWij"], van_a["eindigtZij"]) == (True, True)

    for huis in (a, b):  # all of it is closed: the old contract is withdrawn
        (huis.map / "partners" / f"{a.oin}-{b.oin}.overeenkomst.json").unlink()
        await huis.grens.partners.ververs(bel=False)
        assert huis.grens.staat().get("overeenkomsten", Staat.GOED) is Staat.GOED
    nog_een = await vraag(nieuw[0], nieuw)
    await maak_af(*nieuw, nog_een, nieuw)
