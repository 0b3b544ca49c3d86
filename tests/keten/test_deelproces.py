"""Domain, sections 6.10 and 7: two organisations are one provider, each with its own services."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.keten.proefketen import Ref
from tests.keten.tweehuizen import A_OIN, B_OIN, TweeHuizen
from tests.keten.werkstroom import controleer_logs, maak_af_in, uitkomst, voer_uit
from tests.skelet.geval import EIGEN_NA, EIGEN_VOOR

from schakel.contracts.werkstromen import WERKSTROOM, Proces
from schakel.kern.grond.weigering import Weigering

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)
NIEMAND: dict[str, Any] = {"standaard": None}


@pytest.fixture
async def huizen(tmp_path: Path) -> AsyncIterator[TweeHuizen]:
    """A runs all but wijzigen; B runs wijzigen and uitvoeren."""
    huizen = TweeHuizen(
        tmp_path,
        {"wijzigen": {"standaard": B_OIN}},
        dict.fromkeys(("afspreken", "herstellen", "verbeteren"), NIEMAND),
    )
    yield huizen
    await huizen.sluit()


async def tot_de_schakel(huizen: TweeHuizen, eerste: Proces, *weg: Proces) -> list[Ref]:
    """The meldingen of A down to the one that handed wijzigen to B."""
    keten = huizen.a.keten
    gevers = [await keten.meld(eerste)]
    for naar in (*weg, W):
        await keten.beoordeel(gevers[-1])
        await keten.stappen(gevers[-1], *EIGEN_VOOR[gevers[-1].proces])
        await keten.doe(gevers[-1], "overdrachten", naar=naar)
        await huizen.volg()
        if naar is not W:
            gevers.append(keten.kinderen(gevers[-1])[-1])
    return gevers


async def maak_af(huizen: TweeHuizen, gevers: list[Ref]) -> None:
    """Everything after the last return, up to the melder."""
    await maak_af_in(huizen.a.keten, gevers)
    await huizen.volg()


def controleer(huizen: TweeHuizen, *bomen: tuple[str, Ref]) -> None:
    """No gap, nothing parked, and no afwijking in either house."""
    for huis in (huizen.a, huizen.b):
        controleer_logs(huis.keten)
    for wie, wortel in bomen:
        af = (huizen.a if wie == "a" else huizen.b).afleiding(wortel.id)
        assert (af.afwijkingen, af.gaten) == ((), ())


@pytest.mark.parametrize(
    ("eerste", "weg", "nummer"), [(A, (), 1), (H, (), 3), (V, (A,), 6), (V, (), 7)]
)
async def test_een_werkstroom_loopt_over_de_grens(
    huizen: TweeHuizen, eerste: Proces, weg: tuple[Proces, ...], nummer: int
) -> None:
    gevers = await tot_de_schakel(huizen, eerste, *weg)
    wortel, gever = gevers[0], gevers[-1]
    af = huizen.a.afleiding(wortel.id)
    assert (af.werkstroom, af.woord) == (nummer, WERKSTROOM[nummer].woord)
    assert "open schakel" in af.toelichting
    daar = huizen.daar(gever)
    assert huizen.b.keten.toon(daar)["deelVan"]["organisatie"] == A_OIN  # type: ignore[index]
    await voer_uit(huizen.b.keten, daar, (W, U))
    await huizen.volg()
    await maak_af(huizen, gevers)
    af, ander = huizen.a.afleiding(wortel.id), huizen.b.afleiding(daar.id)
    heen = "".join(een.proces.letter for een in gevers)
    assert "".join(p.letter for p in af.pad) == f"{heen}W{heen[::-1]}"
    assert (af.status, af.uitkomst) == ("gesloten", "voltooid")
    assert "open schakel" not in af.toelichting
    assert (ander.werkstroom, ander.woord) == (2, "WUW")
    assert "".join(p.letter for p in ander.pad) == "WUW"
    assert ander.deel_van is not None
    assert huizen.pad(wortel, daar) == WERKSTROOM[nummer].woord
    controleer(huizen, ("a", wortel), ("b", daar))


@pytest.mark.parametrize("is_beoordeeld", [False, True])
async def test_teruggenomen_en_opnieuw_aangeboden(huizen: TweeHuizen, is_beoordeeld: bool) -> None:
    (wortel,) = await tot_de_schakel(huizen, H)
    daar = huizen.daar(wortel)
    if is_beoordeeld:
        await huizen.b.keten.beoordeel(daar)
    (kind,) = huizen.a.keten.kinderen(wortel)
    await huizen.a.keten.doe(
        wortel, "overdracht-terugnames", kindId=str(kind.id), reden="duurt-te-lang"
    )
    assert huizen.a.keten.toon(wortel)["kinderen"][0]["status"] == "teruggenomen"
    await huizen.volg()
    assert uitkomst(huizen.b.keten, daar) == "ingetrokken"
    af = huizen.a.afleiding(wortel.id)
    assert (af.werkstroom, "".join(p.letter for p in af.pad)) == (3, "HWH")
    await huizen.a.keten.doe(wortel, "overdrachten", naar=W)
    await huizen.volg()
    ander = huizen.daar(wortel)
    assert ander.id != daar.id
    await voer_uit(huizen.b.keten, ander, (W, U))
    await huizen.volg()
    await maak_af(huizen, [wortel])
    assert [k["ronde"] for k in huizen.a.keten.toon(wortel)["kinderen"]] == [1, 2]
    assert huizen.pad(wortel, daar, ander) == "HWHWUWH"
    controleer(huizen, ("a", wortel), ("b", daar), ("b", ander))


async def test_een_weigering_laat_het_werk_bij_de_gever(huizen: TweeHuizen) -> None:
    (wortel,) = await tot_de_schakel(huizen, H)
    daar = huizen.daar(wortel)
    await huizen.b.keten.stappen(daar, "afwijzingen")
    await huizen.volg()
    assert huizen.a.keten.toon(wortel)["kinderen"][0]["status"] == "geweigerd"
    af = huizen.a.afleiding(wortel.id)
    assert (af.werkstroom, af.kandidaten, af.status) == (None, (3, 4), "in_behandeling")
    await huizen.a.keten.doe(wortel, "overdrachten", naar=U)
    await huizen.volg()
    assert huizen.a.afleiding(wortel.id).werkstroom == 4
    controleer(huizen, ("a", wortel), ("b", daar))


async def test_een_intrekking_gaat_over_de_grens_naar_beneden(huizen: TweeHuizen) -> None:
    wortel, afspraak = await tot_de_schakel(huizen, V, A)
    daar = huizen.daar(afspraak)
    await huizen.b.keten.beoordeel(daar)
    await huizen.b.keten.stappen(daar, *EIGEN_VOOR[W])
    onder = await huizen.b.keten.draag_over(daar, U)
    await huizen.a.keten.stappen(wortel, "intrekkingen")
    await huizen.volg()
    for keten, melding in ((huizen.a.keten, afspraak), (huizen.b.keten, daar)):
        assert uitkomst(keten, melding) == "ingetrokken"
    assert uitkomst(huizen.b.keten, onder) == "ingetrokken"
    controleer(huizen, ("a", wortel), ("b", daar))


async def test_omgezet_in_twee_wordt_twee_keer_opnieuw_gevraagd(huizen: TweeHuizen) -> None:
    (wortel,) = await tot_de_schakel(huizen, H)
    daar = huizen.daar(wortel)
    naar = [{"meldingsoort": "wijzigingsverzoek"}, {"meldingsoort": "aanvraag"}]
    await huizen.b.keten.stappen(daar, ("omzettingen", {"reden": "twee-dingen", "naar": naar}))
    await huizen.volg()
    assert uitkomst(huizen.b.keten, daar) == "omgezet"
    assert [len(huizen.b.keten.meldingen(p)) for p in (W, U)] == [1, 0]
    (kind,) = huizen.a.keten.kinderen(wortel)
    assert huizen.a.keten.toon(wortel)["kinderen"][0]["status"] == "zonder_resultaat"
    with pytest.raises(Weigering, match="alleen-buitenshuis"):
        await huizen.a.keten.doe(wortel, "overdrachten", naar=U, vervangt=str(kind.id))
    await huizen.a.keten.doe(wortel, "overdrachten", naar=W, vervangt=str(kind.id))
    await huizen.volg()
    ander = huizen.daar(wortel)
    await huizen.a.keten.doe(wortel, "overdrachten", naar=U)
    await huizen.volg()
    await voer_uit(huizen.b.keten, ander, (W, U))
    await voer_uit(huizen.a.keten, huizen.a.keten.kinderen(wortel)[-1], (U,))
    await huizen.volg()
    await maak_af(huizen, [wortel])
    af = huizen.a.afleiding(wortel.id)
    assert (af.werkstroom, [r.aantal for r in af.rondes if r.melding_id == str(wortel.id)]) == (
        3,
        [2],
    )
    assert huizen.pad(wortel, daar, ander) == "HWHWUWH"
    controleer(huizen, ("a", wortel), ("b", daar), ("b", ander))


@pytest.mark.parametrize("einde", ["afbrekingen", "controle"])
async def test_over_nieuw_na_afbreken_of_een_slechte_controle(
    huizen: TweeHuizen, einde: str
) -> None:
    (wortel,) = await tot_de_schakel(huizen, H)
    daar = huizen.daar(wortel)
    if einde == "controle":
        await voer_uit(huizen.b.keten, daar, (W, U))
    else:
        await huizen.b.keten.beoordeel(daar)
        await huizen.b.keten.stappen(daar, "afbrekingen")
    await huizen.volg()
    await huizen.a.keten.stappen(wortel, ("controles", {"goed": False}))
    await huizen.a.keten.doe(wortel, "overdrachten", naar=W)
    await huizen.volg()
    ander = huizen.daar(wortel)
    assert huizen.b.keten.toon(ander)["deelVan"]["ronde"] == 2  # type: ignore[index]
    await voer_uit(huizen.b.keten, ander, (W, U))
    await huizen.volg()
    await maak_af(huizen, [wortel])
    assert huizen.a.afleiding(wortel.id).werkstroom == 3
    controleer(huizen, ("a", wortel), ("b", daar), ("b", ander))


async def test_een_keten_van_a_naar_b_en_weer_naar_a(tmp_path: Path) -> None:
    """A deelproces that passes the same house twice is nothing special."""
    huizen = TweeHuizen(
        tmp_path, {"wijzigen": {"standaard": B_OIN}}, {"uitvoeren": {"standaard": A_OIN}}
    )
    (wortel,) = await tot_de_schakel(huizen, A)
    daar = huizen.daar(wortel)
    await huizen.b.keten.beoordeel(daar)
    await huizen.b.keten.stappen(daar, *EIGEN_VOOR[W])
    await huizen.b.keten.doe(daar, "overdrachten", naar=U)
    await huizen.volg()
    (uit,) = huizen.b.uitstaand.values()
    hier = Ref(U, uit.melding_id)
    await voer_uit(huizen.a.keten, hier, (U,))
    await huizen.volg()
    await huizen.b.keten.stappen(daar, "controles", *EIGEN_NA[W], "gereedmeldingen")
    await huizen.volg()
    await maak_af(huizen, [wortel])
    nummers = [
        huis.afleiding(een.id).werkstroom
        for huis, een in ((huizen.a, wortel), (huizen.b, daar), (huizen.a, hier))
    ]
    assert nummers == [1, 2, 5]
    controleer(huizen, ("a", wortel), ("b", daar), ("a", hier))
    await huizen.sluit()


async def test_ook_in_huis_wordt_teruggenomen_met_al_wat_eronder_hangt(huizen: TweeHuizen) -> None:
    keten = huizen.a.keten
    wortel = await keten.meld(V)
    await keten.beoordeel(wortel)
    await keten.stappen(wortel, *EIGEN_VOOR[V])
    afspraak = await keten.draag_over(wortel, A)
    await keten.beoordeel(afspraak)
    await keten.stappen(afspraak, *EIGEN_VOOR[A])
    await keten.doe(afspraak, "overdrachten", naar=W)
    await huizen.volg()
    daar = huizen.daar(afspraak)
    await keten.doe(
        wortel, "overdracht-terugnames", kindId=str(afspraak.id), reden="ander-voorstel"
    )
    await huizen.volg()
    assert uitkomst(keten, afspraak) == "ingetrokken"
    assert uitkomst(huizen.b.keten, daar) == "ingetrokken"
    af = huizen.a.afleiding(wortel.id)
    assert (af.werkstroom, "".join(p.letter for p in af.pad)) == (6, "VAWV")
    controleer(huizen, ("a", wortel), ("b", daar))
