"""Work that crosses, from a step in one house to a melding in the other and back."""

import json
from pathlib import Path

import pytest
from tests.keten.proefketen import Ref
from tests.keten.werkstroom import rond_af, uitkomst, voer_uit
from tests.skelet.geval import EIGEN_NA, EIGEN_VOOR

from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.weigering import Weigering

from .huizen import TweeHuizen, afspraak
from .zijden import A as OIN_A
from .zijden import B as OIN_B

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)


async def vraag(huizen: TweeHuizen, eerste: Proces = A, *, over: bool = True) -> Ref:
    """A first melding at A that handed wijzigen to B."""
    keten = huizen.a.keten
    wortel = await keten.meld(eerste)
    await keten.beoordeel(wortel)
    await keten.stappen(wortel, *EIGEN_VOOR[eerste])
    await keten.doe(wortel, "overdrachten", naar=W)
    await huizen.volg(over=over)
    return wortel


async def rond(huizen: TweeHuizen, wortel: Ref) -> None:
    """Everything at A after the return."""
    keten = huizen.a.keten
    await keten.stappen(wortel, "controles", *EIGEN_NA.get(wortel.proces, ()), "gereedmeldingen")
    await rond_af(keten, wortel)
    await huizen.volg()


def pad(huizen: TweeHuizen, wortel: Ref) -> str:
    return "".join(p.letter for p in huizen.a.afleiding(wortel.id).pad)


def controleer(huizen: TweeHuizen, wortel: Ref, *daar: Ref) -> None:
    """Nothing parked, nothing strange in either house, and both come to the same pairs."""
    for huis in (huizen.a, huizen.b):
        assert huis.geparkeerd() == 0
        versies: dict[str, list[int]] = {}
        for feit in huis.van_grens():
            versies.setdefault(str(feit.melding_id), []).append(feit.versie)
        assert all(gezien == [*range(1, len(gezien) + 1)] for gezien in versies.values())
    for huis, boom in ((huizen.a, wortel), *((huizen.b, een) for een in daar)):
        af = huis.afleiding(boom.id)
        assert (af.afwijkingen, af.gaten) == ((), ())
    van_a, van_b = huizen.a.schakels(), huizen.b.schakels()
    for hier, ginds in zip(van_a, van_b, strict=True):
        zelfde = ("schakelId", "vrager", "uitvoerder", "isDicht", "noten", "ketenId", "diepte")
        assert [hier[veld] for veld in zelfde] == [ginds[veld] for veld in zelfde]
        assert hier["teZeggen"] == ginds["teZeggen"] == 0


async def test_werkstroom_1_met_wijzigen_bij_een_ander(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen)
    daar = huizen.daar(wortel)
    getoond = huizen.b.keten.toon(daar)
    assert getoond["deelVan"] is not None
    assert (getoond["deelVan"]["organisatie"], getoond["deelVan"]["proces"]) == (OIN_A, A)
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    await rond(huizen, wortel)
    af, ander = huizen.a.afleiding(wortel.id), huizen.b.afleiding(daar.id)
    assert (af.werkstroom, af.woord, pad(huizen, wortel)) == (1, "AWUWA", "AWA")
    assert (af.status, af.uitkomst) == ("gesloten", "voltooid")
    assert (ander.werkstroom, ander.woord) == (2, "WUW")
    assert ander.deel_van is not None
    assert huizen.pad(wortel, daar) == "AWUWA"
    assert huizen.a.gezegd() == ["aangeboden"]
    assert huizen.b.gezegd() == ["aangenomen", "gereedgemeld", "afgesloten"]
    nummers = [feit.nummer for feit in huizen.a.van_grens()]
    assert nummers == [1, 2, 3]
    controleer(huizen, wortel, daar)


async def test_de_vraag_noemt_niemand_en_een_keten_die_blijft(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen)
    (ruw,) = huizen.a.kanaal.verkeer.uit.bladen(0, 10)
    assert b"mw-" not in ruw
    assert b"Testpersoon" not in ruw
    assert b"lantaarn" not in ruw
    data = json.loads(ruw)["data"]
    assert data["diepte"] == 1
    assert "vanuit" not in data
    assert data["ketenId"] != str(wortel.id)
    (ingekomen,) = huizen.b.van_grens()
    assert str(ingekomen.keten_id) == data["ketenId"]  # type: ignore[attr-defined]


async def test_een_weigering_laat_het_werk_bij_de_gever(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    await huizen.b.keten.stappen(daar, "afwijzingen")
    await huizen.volg()
    assert huizen.a.keten.toon(wortel)["kinderen"][0]["status"] == "geweigerd"
    assert huizen.b.gezegd() == ["aangenomen", "afgesloten"]
    controleer(huizen, wortel, daar)


@pytest.mark.parametrize("al_hervat", [True, False])
async def test_wat_niet_is_afgesproken_gaat_de_deur_niet_uit(
    tmp_path: Path, al_hervat: bool
) -> None:
    """Nobody over there has to see what was typed: it is in no log, and the giver hears it."""
    huizen = await TweeHuizen(tmp_path, [_andere_dienst()]).open()
    if al_hervat:
        await huizen.hervat()
    wortel = await vraag(huizen, H)
    if not al_hervat:
        await huizen.hervat()
        await huizen.volg()
    assert huizen.a.gezegd() == []
    assert huizen.b.van_grens() == []
    assert huizen.a.keten.toon(wortel)["kinderen"][0]["status"] == "geweigerd"
    assert (huizen.a.geparkeerd(), huizen.b.geparkeerd()) == (0, 0)
    await huizen.sluit()


async def test_een_dienst_die_niemand_afsprak_staat_ook_niet_in_wat_ervoor_in_de_plaats_komt(
    huizen: TweeHuizen,
) -> None:
    wortel = await vraag(huizen, H)
    naar = [{"meldingsoort": "aanvraag", "dienst": "jan-jansen"}]
    stap = ("omzettingen", {"reden": "iets-anders", "naar": naar})
    await huizen.b.keten.stappen(huizen.daar(wortel), stap)
    await huizen.volg()
    (*_, laatste) = (json.loads(een) for een in huizen.b.kanaal.verkeer.uit.bladen(0, 10))
    assert laatste["data"]["vervangen"] == [{"meldingsoort": "aanvraag", "dienst": "verlichting"}]


def _andere_dienst() -> dict[str, object]:
    return afspraak(OIN_A, OIN_B, "wijzigen", diensten=["wegen"])


async def test_een_intrekking_gaat_over_de_grens(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    await huizen.b.keten.beoordeel(daar)
    await huizen.a.keten.stappen(wortel, "intrekkingen")
    await huizen.volg()
    assert uitkomst(huizen.b.keten, daar) == "ingetrokken"
    assert huizen.a.gezegd() == ["aangeboden", "ingetrokken"]
    assert huizen.b.gezegd() == ["aangenomen", "afgesloten"]
    controleer(huizen, wortel, daar)


async def vraag_en_doe_opnieuw(huizen: TweeHuizen, wortel: Ref) -> Ref:
    """Asked of B once more, and finished at both; gives what it is there."""
    await huizen.a.keten.doe(wortel, "overdrachten", naar=W)
    await huizen.volg()
    ander = huizen.daar(wortel)
    await voer_uit(huizen.b.keten, ander, (W, U))
    await huizen.volg()
    await rond(huizen, wortel)
    return ander


async def test_teruggenomen_en_opnieuw_gevraagd(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    (kind,) = huizen.a.keten.kinderen(wortel)
    await huizen.a.keten.doe(
        wortel, "overdracht-terugnames", kindId=str(kind.id), reden="duurt-te-lang"
    )
    await huizen.volg()
    assert uitkomst(huizen.b.keten, daar) == "ingetrokken"
    ander = await vraag_en_doe_opnieuw(huizen, wortel)
    assert huizen.pad(wortel, daar, ander) == "HWHWUWH"
    controleer(huizen, wortel, daar, ander)


async def test_omgezet_wordt_opnieuw_gevraagd(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    naar = [{"meldingsoort": "wijzigingsverzoek"}, {"meldingsoort": "aanvraag"}]
    await huizen.b.keten.stappen(daar, ("omzettingen", {"reden": "twee-dingen", "naar": naar}))
    await huizen.volg()
    laatste = json.loads(huizen.b.kanaal.verkeer.uit.bladen(1, 2)[0])["data"]
    assert laatste["uitkomst"] == "omgezet"
    assert [een["meldingsoort"] for een in laatste["vervangen"]] == [
        "wijzigingsverzoek",
        "aanvraag",
    ]
    (kind,) = huizen.a.keten.kinderen(wortel)
    assert huizen.a.keten.toon(wortel)["kinderen"][0]["status"] == "zonder_resultaat"
    await huizen.a.keten.doe(wortel, "overdrachten", naar=W, vervangt=str(kind.id))
    await huizen.volg()
    tweede = json.loads(huizen.a.kanaal.verkeer.uit.bladen(1, 2)[0])["data"]
    assert tweede["vervangt"] == str(kind.id)
    controleer(huizen, wortel, daar, huizen.daar(wortel))


async def test_voor_de_hervatting_is_er_alleen_een_voornemen(tmp_path: Path) -> None:
    huizen = await TweeHuizen(tmp_path).open()
    wortel = await vraag(huizen, H, over=False)
    assert huizen.a.gezegd() == []
    (schakel,) = huizen.a.schakels()
    assert (schakel["gezegd"], schakel["teZeggen"]) == (0, 1)
    ander = await vraag(huizen, H, over=False)
    await huizen.hervat()
    await huizen.volg()
    assert huizen.a.gezegd() == ["aangeboden", "aangeboden"]
    gezegd = [json.loads(b)["subject"] for b in huizen.a.kanaal.verkeer.uit.bladen(0, 2)]
    kinderen = [huizen.a.keten.kinderen(een)[0].id for een in (wortel, ander)]
    assert gezegd == list(map(str, kinderen))
    controleer(huizen, wortel, *(huizen.daar(een) for een in (wortel, ander)))
    await huizen.sluit()


async def test_wat_nooit_gezegd_is_hoeft_niet_te_worden_ingetrokken(tmp_path: Path) -> None:
    huizen = await TweeHuizen(tmp_path).open()
    wortel = await vraag(huizen, H, over=False)
    await huizen.a.keten.stappen(wortel, "intrekkingen")
    await huizen.volg(over=False)
    await huizen.hervat()
    await huizen.volg()
    assert huizen.a.gezegd() == []
    await huizen.sluit()


async def test_kruisend_klaar_en_teruggenomen(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen, H)
    daar = huizen.daar(wortel)
    await voer_uit(huizen.b.keten, daar, (W, U))
    (kind,) = huizen.a.keten.kinderen(wortel)
    await huizen.a.keten.doe(
        wortel, "overdracht-terugnames", kindId=str(kind.id), reden="duurt-te-lang"
    )
    await huizen.volg()
    assert uitkomst(huizen.b.keten, daar) == "voltooid"
    assert huizen.a.keten.toon(wortel)["kinderen"][0]["status"] == "teruggenomen"
    controleer(huizen, wortel, daar)


async def test_een_herstart_van_beide_tussendoor(huizen: TweeHuizen) -> None:
    wortel = await vraag(huizen)
    daar = huizen.daar(wortel)
    await huizen.herstart(huizen.a)
    await huizen.b.keten.beoordeel(daar)
    await huizen.herstart(huizen.b)
    await huizen.b.keten.stappen(daar, *EIGEN_VOOR[W])
    await huizen.volg()
    onder = await huizen.b.keten.draag_over(daar, U)
    await voer_uit(huizen.b.keten, onder, (U,))
    await huizen.b.keten.stappen(daar, "controles", *EIGEN_NA[W], "gereedmeldingen")
    await huizen.herstart(huizen.a)
    await huizen.volg()
    await rond(huizen, wortel)
    assert huizen.pad(wortel, daar) == "AWUWA"
    controleer(huizen, wortel, daar)


@pytest.mark.parametrize("wie", ["A", "B"])
async def test_een_kant_uit_een_kopie_herhaalt_niets(huizen: TweeHuizen, wie: str) -> None:
    """What the lost days said comes back as leaves, and is not said again."""
    huis = huizen.a if wie == "A" else huizen.b
    kopie = await huizen.kopieer(huis)
    wortel = await vraag(huizen)
    daar = huizen.daar(wortel)
    voor = {een: (een.gezegd(), een.schakels()) for een in (huizen.a, huizen.b)}
    await huizen.zet_terug(huis, kopie)
    await huizen.volg()
    ander = huizen.b if huis is huizen.a else huizen.a
    assert ander.gezegd() == voor[ander][0]
    assert huis.gezegd() == [*voor[huis][0], "verbinding.herstel"]
    paren = [[s["vrager"], s["uitvoerder"]] for s in ander.schakels()]
    assert [[s["vrager"], s["uitvoerder"]] for s in huis.schakels()] == paren
    if wie == "B":
        assert huizen.b.keten.toon(daar)["deelVan"] is not None
        await voer_uit(huizen.b.keten, daar, (W, U))
        await huizen.volg()
        await rond(huizen, wortel)
        assert huizen.pad(wortel, daar) == "AWUWA"
        controleer(huizen, wortel, daar)


async def test_een_gebonden_melding_wordt_niet_met_de_hand_ingetrokken(
    huizen: TweeHuizen,
) -> None:
    daar = huizen.daar(await vraag(huizen))
    with pytest.raises(Weigering):
        await huizen.b.keten.doe(daar, "intrekkingen")


async def test_een_gever_uit_een_kopie_van_voor_zijn_terugname_wacht_niet_op_wat_al_klaar_is(
    huizen: TweeHuizen,
) -> None:
    wortel = await vraag(huizen)
    daar = huizen.daar(wortel)
    kopie = await huizen.kopieer(huizen.a)
    kind = huizen.a.keten.kinderen(wortel)[-1]
    terug = {"kindId": str(kind.id), "reden": "duurt-te-lang"}
    await huizen.a.keten.doe(wortel, "overdracht-terugnames", **terug)
    await huizen.volg()
    assert uitkomst(huizen.b.keten, daar) == "ingetrokken"
    await huizen.zet_terug(huizen.a, kopie)
    await huizen.volg()
    (gezien,) = huizen.a.keten.toon(wortel)["kinderen"]
    assert gezien["status"] == "zonder_resultaat"
    ander = await vraag_en_doe_opnieuw(huizen, wortel)
    controleer(huizen, wortel, daar, ander)
