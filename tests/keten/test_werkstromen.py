"""The eight werkstromen from intake to closing, over five services that share nothing."""

import pytest
from tests.keten.proefketen import Proefketen, Ref
from tests.keten.werkstroom import controleer_logs, rond_af, van_boom, voer_uit, werkstroom_van
from tests.skelet.geval import FEITEN

from schakel.contracts import melding as m
from schakel.contracts.melding import Uitkomst
from schakel.contracts.werkstromen import WERKSTROMEN, VierFeiten, Werkstroom, werkstroom_bij

GESPREK = (m.Verhelderd, m.TevredenheidGevraagd, m.TevredenheidGecontroleerd)
"""What passes between the organisation and the melder: only the first process does that."""


def feiten_van(werkstroom: Werkstroom) -> VierFeiten:
    """The facts that point to this werkstroom."""
    return next(f for f in FEITEN[werkstroom.eerste] if werkstroom_bij(f) is werkstroom)


@pytest.mark.parametrize("werkstroom", WERKSTROMEN, ids=lambda w: f"{w.nummer}-{w.woord}")
async def test_elke_werkstroom_loopt_heen_en_terug(
    keten: Proefketen, werkstroom: Werkstroom
) -> None:
    wortel = await keten.meld(werkstroom.eerste)
    await voer_uit(keten, wortel, werkstroom.heenweg, feiten_van(werkstroom))
    await rond_af(keten, wortel)
    berichten = [*keten.berichten()]
    boom = van_boom(berichten, wortel.id)
    assert boom == berichten
    assert werkstroom_van(boom, wortel).nummer == werkstroom.nummer
    aangenomen = {b.proces: b for b in boom if isinstance(b, m.Aangenomen)}
    assert set(aangenomen) == {*werkstroom.heenweg}
    for ouder, kind in zip(werkstroom.heenweg, werkstroom.heenweg[1:], strict=False):
        assert aangenomen[kind].ouder_id == aangenomen[ouder].melding_id
        assert (aangenomen[kind].ouder_proces, aangenomen[kind].n) == (ouder, 1)
        assert aangenomen[kind].kanaal is aangenomen[ouder].kanaal
    gesloten = [b for b in boom if isinstance(b, m.Gesloten)]
    assert [b.uitkomst for b in gesloten] == [Uitkomst.VOLTOOID] * len(werkstroom.heenweg)
    assert [b.proces for b in gesloten if b.ouder_id is None] == [werkstroom.eerste]
    gesproken = [b.melding_id for b in boom if isinstance(b, GESPREK)]
    assert gesproken == [wortel.id] * 3
    controleer_logs(keten)


async def test_elk_kind_neemt_over_wat_de_ouder_weet(keten: Proefketen) -> None:
    wortel = await keten.meld(
        WERKSTROMEN[2].eerste, kanaal="balie", melder={"soort": "bedrijf"}, dienst="brugbediening"
    )
    await voer_uit(keten, wortel, WERKSTROMEN[2].heenweg)
    ref: Ref = wortel
    for _ in range(2):
        (ref,) = keten.kinderen(ref)
        weergave = keten.toon(ref)
        assert (weergave["kanaal"], weergave["melder"]) == ("balie", "bedrijf")
        assert weergave["dienst"] == "brugbediening"
        assert weergave["dataref"] == keten.toon(wortel)["dataref"]
