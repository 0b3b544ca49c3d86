"""A chain: A asks wijzigen of B, which asks uitvoeren of C; every sequence over two borders."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.keten.proefketen import Klok, Ref
from tests.keten.werkstroom import rond_af, uitkomst, voer_uit
from tests.skelet.geval import EIGEN_NA, EIGEN_VOOR
from uuid_utils.compat import uuid7

from schakel.afleiding import stel_samen
from schakel.contracts.deelproces import melding_voor
from schakel.contracts.werkstromen import Proces
from schakel.grens.ketens import Ketenplaats, erf
from schakel.kern.vastlegging.gebeurtenis import Door
from schakel.kern.vastlegging.schrijver import Taak

from .derden import NIEUW, Derde, hervat, spreek_af, volg
from .huizen import OINS
from .punten import op_punten
from .tekstverkeer import vraag as vraag_tekst
from .test_beheer import vraag as beheer
from .test_elk_punt import WEG
from .test_schakel import H, U, W

Stap = tuple[Proces, str]
BIJ_C = WEG.index((U, "beoordelingen"))
TERUG = WEG.index((W, "controles"))
op_de_punten = op_punten(len(WEG), 0, BIJ_C, TERUG, len(WEG) - 1)


class Keten(NamedTuple):
    """The three houses, in the order of the chain."""

    a: Derde
    b: Derde
    c: Derde

    async def volg(self) -> None:
        """Until nobody has anything new to say."""
        voor: list[int] = []
        while voor != (voor := [len([*huis.van_grens()]) for huis in self]):
            await volg((self.a, self.b), (self.b, self.c))

    async def begin(self) -> tuple[Ref, Ref]:
        """Reported at A, asked of B; gives both."""
        wortel = await self.a.keten.meld(H)
        await self.a.keten.beoordeel(wortel)
        await self.a.keten.stappen(wortel, *EIGEN_VOOR[H])
        await self.a.keten.doe(wortel, "overdrachten", naar=W)
        await self.volg()
        return wortel, bij(self.a, self.b, wortel)

    async def loop(self, daar: Ref, stappen: Sequence[Stap], *, over: bool = True) -> None:
        """Take these steps at B and C; without ``over`` what they say stays in the house."""
        for proces, stap in stappen:
            huis = self.b if proces is W else self.c
            wie = daar if proces is W else bij(self.b, self.c, daar)
            if stap == "beoordelingen":
                await huis.keten.beoordeel(wie)
            elif stap == "overdrachten":
                await huis.keten.doe(wie, stap, naar=U)
            else:
                await huis.keten.stappen(wie, stap)
            await (self.volg() if over else huis.bezorg())

    async def maak_af(self, wortel: Ref) -> None:
        """What is left to do at A."""
        na = EIGEN_NA.get(H, ())
        await self.a.keten.stappen(wortel, "controles", *na, "gereedmeldingen")
        await rond_af(self.a.keten, wortel)
        await self.volg()


def bij(van: Derde, daar: Derde, gever: Ref) -> Ref:
    """What a giver asked last of another house, as it is there."""
    kind = van.keten.kinderen(gever)[-1]
    return Ref(kind.proces, melding_voor(kind.id, daar.oin, van.oin))


def stand(huis: Derde, gever: Ref) -> str:
    """How a giver sees what it asked last."""
    gezien: str = huis.keten.toon(gever)["kinderen"][-1]["status"]
    return gezien


def controleer(keten: Keten, *bomen: tuple[Derde, Ref]) -> None:
    """Nothing parked or strange anywhere, and both sides of each link have the same."""
    for huis in keten:
        assert huis.geparkeerd() == 0
        assert all(not een["teZeggen"] for een in huis.schakels())
    for huis, wortel in bomen:
        af = huis.afleiding(wortel.id)
        assert (af.afwijkingen, af.gaten) == ((), ())
    velden = ("vrager", "uitvoerder", "isDicht", "noten", "ketenId", "diepte")
    van_a, van_b, van_c = (
        {een["schakelId"]: [een[veld] for veld in velden] for een in huis.schakels()}
        for huis in keten
    )
    assert van_b == van_a | van_c
    assert not van_a.keys() & van_c.keys()


@pytest.fixture
async def keten(tmp_path: Path) -> AsyncIterator[Keten]:
    klok = Klok()
    routes: dict[str, dict[str, Any]] = {
        OINS["A"]: {"wijzigen": {"standaard": OINS["B"]}},
        OINS["B"]: {"uitvoeren": {"standaard": NIEUW}},
        NIEUW: {},
    }
    async with AsyncExitStack() as opruimen:
        huizen = []
        for oin, routering in routes.items():
            huis = Derde(tmp_path / oin, oin, klok, routering)
            await huis.open()
            opruimen.push_async_callback(huis.sluit)
            huizen.append(huis)
        alle = Keten(*huizen)
        spreek_af(alle.a, alle.b, "wijzigen")
        spreek_af(alle.b, alle.c, "uitvoeren")
        await hervat(alle.a, alle.b)
        await hervat(alle.b, alle.c)
        yield alle


async def test_gewoon(keten: Keten) -> None:
    """Three trees with a werkstroom each; composed, the word that one organisation would have."""
    wortel, daar = await keten.begin()
    await keten.loop(daar, WEG)
    await keten.maak_af(wortel)
    verder = bij(keten.b, keten.c, daar)
    bomen = [
        keten.a.afleiding(wortel.id),
        keten.b.afleiding(daar.id),
        keten.c.afleiding(verder.id),
    ]
    samen = stel_samen(bomen)[bomen[0].organisatie, bomen[0].wortel_id]
    assert "".join(een.letter for een in samen) == "HWUWH"
    assert [een.werkstroom for een in bomen] == [3, 2, 5]
    (eerste,), (tweede,) = keten.a.schakels(), keten.c.schakels()
    assert eerste["ketenId"] == tweede["ketenId"]
    assert (eerste["diepte"], tweede["diepte"]) == (1, 2)
    assert keten.c.aangeboden()[0]["vanuit"] == eerste["schakelId"]
    controleer(keten, (keten.a, wortel), (keten.b, daar), (keten.c, verder))


@op_de_punten
@pytest.mark.parametrize("hoe", ["intrekkingen", "terugnames", "kruist"])
async def test_wat_a_eindigt_eindigt_ook_bij_c(keten: Keten, punt: int, hoe: str) -> None:
    wortel, daar = await keten.begin()
    await keten.loop(daar, WEG[:punt])
    if hoe == "kruist":
        await keten.loop(daar, WEG[punt : punt + 1], over=False)
    if hoe == "terugnames":
        kind = keten.a.keten.kinderen(wortel)[-1]
        terug = {"kindId": str(kind.id), "reden": "duurt-te-lang"}
        await keten.a.keten.doe(wortel, "overdracht-terugnames", **terug)
    else:
        await keten.a.keten.stappen(wortel, "intrekkingen")
    await keten.volg()
    gedaan = punt + (hoe == "kruist") >= len(WEG)
    assert uitkomst(keten.b.keten, daar) == ("voltooid" if gedaan else "ingetrokken")
    bomen = [(keten.a, wortel), (keten.b, daar)]
    if keten.b.keten.kinderen(daar):
        verder = bij(keten.b, keten.c, daar)
        if punt > BIJ_C - 1:  # it was asked before
            bomen.append((keten.c, verder))
            klaar = punt >= TERUG
            assert uitkomst(keten.c.keten, verder) == ("voltooid" if klaar else "ingetrokken")
    for huis in keten:
        assert all(een["isDicht"] for een in huis.schakels() if een["gezegd"] or een["gehoord"])
    controleer(keten, *bomen)


@pytest.mark.parametrize("stap", ["afwijzingen", "afbrekingen"])
async def test_wat_c_niet_doet_vraagt_b_opnieuw_en_a_merkt_er_niets_van(
    keten: Keten, stap: str
) -> None:
    """Refused before it was judged there, and broken off behind that."""
    wortel, daar = await keten.begin()
    await keten.loop(daar, WEG[:BIJ_C])
    verder = bij(keten.b, keten.c, daar)
    if stap == "afbrekingen":
        await keten.c.keten.beoordeel(verder)
    await keten.c.keten.stappen(verder, stap)
    await keten.volg()
    assert stand(keten.b, daar) == ("zonder_resultaat" if stap == "afbrekingen" else "geweigerd")
    gehoord = keten.a.schakels()[0]["gehoord"]
    await keten.b.keten.doe(daar, "overdrachten", naar=U)
    await keten.volg()
    weer = bij(keten.b, keten.c, daar)
    await voer_uit(keten.c.keten, weer, (U,))
    await keten.volg()
    assert keten.a.schakels()[0]["gehoord"] == gehoord
    await keten.loop(daar, WEG[TERUG:])
    await keten.maak_af(wortel)
    controleer(keten, (keten.a, wortel), (keten.b, daar), (keten.c, verder), (keten.c, weer))


async def test_wat_a_afkeurt_wordt_door_heel_de_keten_opnieuw_gedaan(keten: Keten) -> None:
    wortel, daar = await keten.begin()
    await keten.loop(daar, WEG)
    await keten.a.keten.stappen(wortel, ("controles", {"goed": False}))
    await keten.a.keten.doe(wortel, "overdrachten", naar=W)
    await keten.volg()
    weer = bij(keten.a, keten.b, wortel)
    await keten.loop(weer, WEG)
    await keten.maak_af(wortel)
    assert len({een["ketenId"] for huis in keten for een in huis.schakels()}) == 1
    assert [een["ronde"] for een in keten.b.aangeboden()] == [1, 2]
    controleer(keten, (keten.a, wortel), (keten.b, daar), (keten.b, weer))


@pytest.mark.parametrize("punt", [BIJ_C, TERUG - 1])
async def test_wat_b_afbreekt_eindigt_bij_c_en_is_bij_a_zonder_resultaat(
    keten: Keten, punt: int
) -> None:
    wortel, daar = await keten.begin()
    await keten.loop(daar, WEG[:punt])
    verder = bij(keten.b, keten.c, daar)
    kind = keten.b.keten.kinderen(daar)[-1]
    terug = {"kindId": str(kind.id), "reden": "duurt-te-lang"}
    await keten.b.keten.doe(daar, "overdracht-terugnames", **terug)
    await keten.b.keten.stappen(daar, "afbrekingen")
    await keten.volg()
    assert uitkomst(keten.c.keten, verder) == "ingetrokken"
    assert stand(keten.a, wortel) == "zonder_resultaat"
    controleer(keten, (keten.a, wortel), (keten.b, daar), (keten.c, verder))


@pytest.mark.parametrize("aantal", [1, 2])
async def test_wat_wordt_omgezet_vraagt_a_waar_zijn_routering_wijst_ook_aan_een_derde(
    keten: Keten, aantal: int
) -> None:
    """A schakel is one melding there: what it became is asked anew, each where it is run now."""
    wortel, daar = await keten.begin()
    naar = [{"meldingsoort": "aanvraag"}, {"meldingsoort": "wijzigingsverzoek"}][:aantal]
    await keten.b.keten.stappen(daar, ("omzettingen", {"reden": "iets-anders", "naar": naar}))
    await keten.volg()
    assert stand(keten.a, wortel) == "zonder_resultaat"
    eerste = keten.a.keten.kinderen(wortel)[-1]
    anderen = []
    for huis in (keten.c, keten.b)[:aantal]:
        keten.a.leid({"wijzigen": {"standaard": huis.oin}})
        if huis is keten.c:
            spreek_af(keten.a, keten.c, "wijzigen")
            await hervat(keten.a, keten.c)
        await keten.a.keten.doe(wortel, "overdrachten", naar=W, vervangt=str(eerste.id))
        await volg((keten.a, keten.b), (keten.b, keten.c), (keten.a, keten.c))
        ander = bij(keten.a, huis, wortel)
        assert huis.aangeboden()[-1]["vervangt"] == str(eerste.id)
        anderen.append((huis, ander))
    for huis, ander in anderen:
        if huis is keten.b:
            huis.leid({})
        await voer_uit(huis.keten, ander, (W, U))
        await volg((keten.a, keten.b), (keten.b, keten.c), (keten.a, keten.c))
    await keten.maak_af(wortel)
    assert uitkomst(keten.a.keten, wortel) == "voltooid"
    for huis, boom in ((keten.a, wortel), (keten.b, daar), *anderen):
        af = huis.afleiding(boom.id)
        assert (af.afwijkingen, af.gaten, huis.geparkeerd()) == ((), (), 0)
    assert all(een["isDicht"] for een in keten.a.schakels())


async def test_gewist_van_voor_naar_achter(keten: Keten) -> None:
    wortel, daar = await keten.begin()
    await keten.loop(daar, WEG)
    await keten.maak_af(wortel)
    verder = bij(keten.b, keten.c, daar)
    for huis, wie in ((keten.b, daar), (keten.c, verder)):
        await huis.keten.stappen(wie, "sluitingen")
    await keten.volg()
    for huis, wie in ((keten.a, wortel), (keten.b, daar), (keten.c, verder)):
        await huis.keten.doe(wie, "wissingen", grond="avg")
        await keten.volg()
    for huis in keten:
        for een in huis.schakels():
            assert not een["wissingOpen"]
            assert "gewist" in [wissing["antwoord"] for wissing in een["wissingen"]]
    controleer(keten)


@pytest.mark.parametrize("grens", ["ab", "bc"])
@pytest.mark.parametrize("wie", [0, 1])
async def test_wat_in_een_blokkade_wordt_ingetrokken_telt_daarna(
    keten: Keten, grens: str, wie: int
) -> None:
    paar = (keten.a, keten.b) if grens == "ab" else (keten.b, keten.c)
    wortel, daar = await keten.begin()
    await keten.loop(daar, WEG[: BIJ_C + 1])
    verder = bij(keten.b, keten.c, daar)
    huis, ander = paar[wie], paar[1 - wie]
    pad = f"/partners/{ander.oin}/blokkade"
    assert (await beheer(huis, "POST", f"{pad}s")).status_code == 201
    await keten.a.keten.stappen(wortel, "intrekkingen")
    await keten.volg()
    assert uitkomst(keten.c.keten, verder) is None
    assert (await beheer(huis, "POST", f"{pad}-opheffingen")).status_code == 201
    await keten.volg()
    assert uitkomst(keten.b.keten, daar) == uitkomst(keten.c.keten, verder) == "ingetrokken"
    controleer(keten, (keten.a, wortel), (keten.b, daar), (keten.c, verder))


@pytest.mark.parametrize("grens", ["ab", "bc"])
async def test_in_uitloop_wordt_wat_loopt_afgemaakt_en_niets_nieuws_gevraagd(
    keten: Keten, grens: str
) -> None:
    wortel, daar = await keten.begin()
    vrager, uitvoerder = (keten.a, keten.b) if grens == "ab" else (keten.b, keten.c)
    await beheer(uitvoerder, "POST", f"/partners/{vrager.oin}/beeindigingen")
    await keten.volg()
    await keten.loop(daar, WEG[:BIJ_C])
    if grens == "bc":
        assert stand(keten.b, daar) == "geweigerd"
        await keten.b.keten.stappen(daar, "afbrekingen")
        await keten.volg()
        assert stand(keten.a, wortel) == "zonder_resultaat"
    else:
        await keten.loop(daar, WEG[BIJ_C:])
        await keten.maak_af(wortel)
        assert uitkomst(keten.a.keten, wortel) == "voltooid"
    for huis in keten:
        assert huis.geparkeerd() == 0


async def test_elke_termijn_verstrijkt_en_niets_eindigt_vanzelf(keten: Keten) -> None:
    wortel, daar = await keten.begin()
    await keten.loop(daar, WEG[:BIJ_C])
    keten.a.klok.verder(weeks=30)
    for huis in keten:
        await huis.keten.verstrijk()
    await keten.volg()
    await keten.loop(daar, WEG[BIJ_C:])
    await keten.maak_af(wortel)
    verder = bij(keten.b, keten.c, daar)
    controleer(keten, (keten.a, wortel), (keten.b, daar), (keten.c, verder))


@op_de_punten
async def test_opgeschort_en_hervat(keten: Keten, punt: int) -> None:
    wortel, daar = await keten.begin()
    await keten.loop(daar, WEG[:punt])
    is_b = WEG[punt][0] is W
    huis, wie = (keten.b, daar) if is_b else (keten.c, bij(keten.b, keten.c, daar))
    for stap in ("opschortingen", "hervattingen"):
        await huis.keten.stappen(wie, stap)
        await keten.volg()
    await keten.loop(daar, WEG[punt:])
    await keten.maak_af(wortel)
    controleer(keten, (keten.a, wortel), (keten.b, daar))


async def test_wat_een_ander_gevraagd_werd_is_voor_een_derde_als_wat_er_niet_is(
    keten: Keten,
) -> None:
    """B wrote to C; A asks B for that, under the id that A cannot have from B."""
    _, daar = await keten.begin()
    await keten.loop(daar, WEG[: BIJ_C - 1])
    tekst = "haal de oude lantaarn eerst weg"
    await keten.b.keten.doe(daar, "overdrachten", naar=U, opdracht=tekst)
    await keten.volg()
    schakel = keten.b.keten.kinderen(daar)[-1].id
    pad = f"{schakel}/inhoud/v/1"
    assert await vraag_tekst(keten.b, "GET", pad, als=keten.c.oin) == (200, {"tekst": tekst})
    niets = await vraag_tekst(keten.b, "GET", f"{uuid7()}/inhoud/v/1", als=keten.a.oin)
    assert niets == (404, "onbekend")
    assert await vraag_tekst(keten.b, "GET", pad, als=keten.a.oin) == niets
    gebracht = {"json": {"tekst": tekst}}
    assert await vraag_tekst(keten.b, "PUT", pad, als=keten.a.oin, **gebracht) == niets


@pytest.mark.parametrize(("boven", "verwacht"), [(14, ["aangeboden"]), (15, [])])
async def test_op_diepte_zestien_vraagt_niemand_iets(
    keten: Keten, boven: int, verwacht: list[str]
) -> None:
    """Refused at home, with nothing said: a ring of organisations ends somewhere."""
    a = keten.a
    wortel = await a.keten.meld(H)
    await a.keten.beoordeel(wortel)
    await a.keten.stappen(wortel, *EIGEN_VOOR[H])
    plaats = Ketenplaats(uuid7(), boven, uuid7())
    erft = Taak(lambda werk: erf(werk, wortel.id, plaats), object, Door("schakel", "systeem"))
    await a.grens.schrijver.voer_uit(erft)
    await a.keten.doe(wortel, "overdrachten", naar=W)
    await keten.volg()
    assert a.gezegd() == verwacht
    assert stand(a, wortel) == ("open" if verwacht else "geweigerd")
    assert [een["diepte"] for een in keten.b.aangeboden()] == [boven + 1] * len(verwacht)
