"""Domain, sections 4 and 5: meldingen for which nobody waits, over five services."""

from uuid import UUID

import pytest
from tests.keten.proefketen import Proefketen, Ref
from tests.keten.werkstroom import (
    controleer_logs,
    klaar_om_over_te_dragen,
    lever,
    nummer,
    rond_af,
    uitkomst,
    voer_uit,
)

from schakel.contracts import melding as m
from schakel.contracts.melding import Uitkomst
from schakel.contracts.werkstromen import Proces

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)


async def test_een_verkeerde_soort_wordt_een_nieuwe_melding_die_alles_overneemt(
    keten: Proefketen,
) -> None:
    melding = await keten.meld(W, kanaal="telefoon", soortVolgensMelder="wijzigingsverzoek")
    await keten.stappen(
        melding, ("omzettingen", {"reden": "buiten-scope", "naar": [{"meldingsoort": "wens"}]})
    )
    (wens,) = keten.meldingen(A)
    assert (wens["kanaal"], wens["melder"]) == ("telefoon", "burger")
    assert (wens["soortVolgensMelder"], wens["ouderId"]) == ("wijzigingsverzoek", None)
    nieuw = Ref(A, UUID(wens["meldingId"]))
    assert keten.toon(nieuw)["dataref"] == keten.toon(melding)["dataref"]
    (begin,) = [b for b in keten.berichten() if isinstance(b, m.Aangenomen) and b.proces is A]
    assert begin.voortgekomen_uit == m.Herkomst(
        melding_id=melding.id, proces=W, aanleiding="omgezet"
    )
    await voer_uit(keten, nieuw, (A, W, U))
    await rond_af(keten, nieuw)
    assert nummer(keten, nieuw) == 1
    controleer_logs(keten)


async def test_een_vraag_die_er_drie_zijn_wordt_gesplitst_ook_in_de_eigen_soort(
    keten: Proefketen,
) -> None:
    """T-19: two aanvragen and a foutmelding came in as one."""
    melding = await keten.meld(U)
    delen = [
        {"meldingsoort": "aanvraag", "dienst": "paspoort", "tekst": "een paspoort"},
        {"meldingsoort": "aanvraag", "dienst": "parkeren", "tekst": "een vergunning"},
        {"meldingsoort": "foutmelding", "tekst": "en de lantaarn is uit"},
    ]
    await keten.stappen(melding, ("omzettingen", {"reden": "meer-vragen", "naar": delen}))
    aanvragen = [m for m in keten.meldingen(U) if m["meldingId"] != str(melding.id)]
    assert {m["dienst"] for m in aanvragen} == {"paspoort", "parkeren"}
    assert len(keten.meldingen(H)) == 1
    for rij in aanvragen:
        nieuw = Ref(U, UUID(rij["meldingId"]))
        assert "tekst" in keten.diensten[U].dienst.inhoud(nieuw.id)
        await voer_uit(keten, nieuw, (U,))
        await rond_af(keten, nieuw)
        assert nummer(keten, nieuw) == 5
    controleer_logs(keten)


async def test_meer_gewenst_is_voltooid_plus_een_nieuwe_melding(keten: Proefketen) -> None:
    melding = await keten.meld(U)
    await voer_uit(keten, melding, (U,))
    meer = {"meldingsoort": "aanvraag", "tekst": "nog een"}
    body = {"oordeel": "meer_gewenst", "wens": meer}
    await keten.stappen(melding, ("tevredenheidscontroles", body))
    assert uitkomst(keten, melding) == Uitkomst.VOLTOOID
    assert len(keten.meldingen(U)) == 2
    controleer_logs(keten)


async def test_uit_bewaking_en_evaluatie_komen_meldingen_van_de_organisatie_zelf(
    keten: Proefketen,
) -> None:
    melding = await keten.meld(U)
    await keten.beoordeel(melding)
    signaal = {"tekst": "de pomp trilt", "dienst": "riolering"}
    for soort in ("foutmelding", "verbetervoorstel"):
        await keten.stappen(melding, ("signaleringen", signaal | {"meldingsoort": soort}))
    await keten.stappen(
        melding, "planningen", "uitvoeringen", "gereedmeldingen", "tevredenheidscontroles"
    )
    les = {"verbetervoorstel": {"tekst": "beter smeren"}}
    await keten.stappen(melding, ("evaluaties", les), "sluitingen")
    (storing,) = keten.meldingen(H)
    voorstellen = keten.meldingen(V)
    assert {een["melder"] for een in (storing, *voorstellen)} == {"ambtenaar"}
    aanleidingen = {
        b.voortgekomen_uit.aanleiding
        for b in keten.berichten()
        if isinstance(b, m.Aangenomen) and b.voortgekomen_uit
    }
    assert (len(voorstellen), aanleidingen) == (2, {"monitoring", "evaluatie"})
    controleer_logs(keten)


async def test_verbeteren_stelt_uit_zijn_eigen_evaluatie_een_nieuw_voorstel_op(
    keten: Proefketen,
) -> None:
    melding = await keten.meld(V)
    await voer_uit(keten, melding, (V, U))
    les = {"verbetervoorstel": {"tekst": "nog beter"}}
    await keten.stappen(melding, "tevredenheidscontroles", ("evaluaties", les))
    assert len(keten.meldingen(V)) == 2
    controleer_logs(keten)


async def test_een_workaround_is_aan_beide_kanten_een_koppeling(keten: Proefketen) -> None:
    storing = await klaar_om_over_te_dragen(keten)
    structureel = {"verbetervoorstel": {"tekst": "vervang de kabel"}}
    await keten.stappen(storing, ("workarounds", structureel))
    (rij,) = keten.meldingen(V)
    voorstel = Ref(V, UUID(rij["meldingId"]))
    assert [k["meldingId"] for k in keten.toon(voorstel)["koppelingen"]] == [str(storing.id)]
    await lever(keten, await keten.draag_over(storing, U))
    await keten.stappen(storing, "controles", "gereedmeldingen")
    await rond_af(keten, storing)
    assert [k["voltooid"] for k in keten.toon(voorstel)["koppelingen"]] == [True]
    await voer_uit(keten, voorstel, (V, W, U))
    await rond_af(keten, voorstel)
    assert [k["voltooid"] for k in keten.toon(storing)["koppelingen"]] == [True]
    controleer_logs(keten)


@pytest.mark.parametrize("ander", [U, H])
async def test_een_dubbele_melding_hoort_van_de_voltooiing_ook_in_hetzelfde_proces(
    keten: Proefketen, ander: Proces
) -> None:
    melding, dubbel = await keten.meld(U), await keten.meld(ander)
    body = {"andereId": str(dubbel.id), "andereProces": ander, "soort": "dubbel"}
    await keten.stappen(melding, ("koppelingen", body))
    assert [k["voltooid"] for k in keten.toon(dubbel)["koppelingen"]] == [False]
    await voer_uit(keten, melding, (U,))
    await rond_af(keten, melding)
    assert [k["voltooid"] for k in keten.toon(dubbel)["koppelingen"]] == [True]
    controleer_logs(keten)


async def test_een_koppeling_met_wat_er_niet_is_houdt_niemand_op(keten: Proefketen) -> None:
    melding = await keten.meld(U)
    for proces in (U, H):
        body = {"andereId": str(UUID(int=7)), "andereProces": proces, "soort": "dubbel"}
        await keten.stappen(melding, ("koppelingen", body))
    await voer_uit(keten, melding, (U,))
    await rond_af(keten, melding)
    controleer_logs(keten)
