"""Domain, section 5, over five services: children, rondes, withdrawal, terms, erasure."""

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
from tests.skelet.geval import EIGEN_VOOR, FEITEN, STRUCTURELE_STORING, als_body

from schakel.contracts import melding as m
from schakel.contracts.melding import Resultaat, Uitkomst
from schakel.contracts.werkstromen import Proces
from schakel.kern.grond.weigering import NietGevonden, Weigering

A, W, H, U, V = (
    Proces.AFSPREKEN,
    Proces.WIJZIGEN,
    Proces.HERSTELLEN,
    Proces.UITVOEREN,
    Proces.VERBETEREN,
)


async def test_storingen_krijgen_ronden_tot_de_controle_goed_is(keten: Proefketen) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    for goed in (False, False, True):
        await lever(keten, await keten.draag_over(melding, U))
        await keten.stappen(melding, ("controles", {"goed": goed}))
    await keten.stappen(melding, "gereedmeldingen")
    await rond_af(keten, melding)
    assert [k["ronde"] for k in keten.toon(melding)["kinderen"]] == [1, 2, 3]
    assert nummer(keten, melding) == 4
    controleer_logs(keten)


async def test_een_aggregaat_van_uitvoeren_naast_een_kabel_van_wijzigen(keten: Proefketen) -> None:
    """Several children at once: the highest target gives the number, one verdict for both."""
    melding = await klaar_om_over_te_dragen(keten)
    aggregaat = await keten.draag_over(melding, U)
    kabel = await keten.draag_over(melding, W)
    await lever(keten, aggregaat)
    with pytest.raises(Weigering, match="wacht-op-terugkeer"):
        await keten.doe(melding, "controles", goed=True)
    await lever(keten, kabel, U)
    await keten.stappen(melding, "controles", "gereedmeldingen")
    await rond_af(keten, melding)
    assert nummer(keten, melding) == 3
    assert [(k["n"], k["ronde"]) for k in keten.toon(melding)["kinderen"]] == [(1, 1), (2, 1)]
    controleer_logs(keten)


async def test_werkstroom_4_wordt_3_als_ze_structureel_blijkt(keten: Proefketen) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    await lever(keten, await keten.draag_over(melding, U))
    assert nummer(keten, melding) == 4
    await keten.beoordeel(melding, STRUCTURELE_STORING)
    await lever(keten, await keten.draag_over(melding, W), U)
    await keten.stappen(melding, "controles", "gereedmeldingen")
    await rond_af(keten, melding)
    assert nummer(keten, melding) == 3
    assert [k["ronde"] for k in keten.toon(melding)["kinderen"]] == [1, 2]
    controleer_logs(keten)


async def test_een_verbetervoorstel_gaat_van_8_via_7_naar_6(keten: Proefketen) -> None:
    melding = await klaar_om_over_te_dragen(keten, V)
    gezien = []
    for heenweg in ((U,), (W, U), (A, W, U)):
        kind = await keten.draag_over(melding, heenweg[0])
        await lever(keten, kind, *heenweg[1:])
        gezien.append(nummer(keten, melding))
        await keten.stappen(melding, ("controles", {"goed": heenweg[0] is A}))
    await keten.stappen(melding, "restrisicos", "gereedmeldingen")
    await rond_af(keten, melding)
    assert gezien == [8, 7, 6]
    controleer_logs(keten)


@pytest.mark.parametrize(
    ("hoe", "body"),
    [
        ("omzettingen", {"reden": "buiten-scope", "naar": [{"meldingsoort": "wens"}]}),
        ("afbrekingen", {"reden": "geen-middelen"}),
    ],
)
async def test_een_kind_dat_zo_eindigt_komt_zonder_resultaat_terug(
    keten: Proefketen, hoe: str, body: dict[str, object]
) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    kind = await keten.draag_over(melding, W)
    await keten.beoordeel(kind)
    await keten.stappen(kind, (hoe, body))
    assert keten.toon(melding)["kinderen"][0]["status"] == Resultaat.ZONDER_RESULTAAT
    await keten.stappen(melding, ("controles", {"goed": False}))
    await lever(keten, await keten.draag_over(melding, W), U)
    await keten.stappen(melding, "controles", "gereedmeldingen")
    assert nummer(keten, melding) == 3
    controleer_logs(keten)


async def test_een_afspraak_die_er_niet_komt_eindigt_ook_het_verbetervoorstel(
    keten: Proefketen,
) -> None:
    melding = await klaar_om_over_te_dragen(keten, V)
    wens = await keten.draag_over(melding, A)
    await keten.beoordeel(wens)
    nee = ("overeenstemmingen", {"bereikt": False, "reden": "te-duur"})
    await keten.stappen(wens, "specificaties", "aanbiedingen", nee)
    assert uitkomst(keten, wens) == Uitkomst.GEEN_OVEREENSTEMMING
    einde = {"reden": "geen-overeenstemming", "uitkomst": "geen_overeenstemming"}
    await keten.stappen(melding, ("afbrekingen", einde))
    assert uitkomst(keten, melding) == Uitkomst.GEEN_OVEREENSTEMMING
    assert nummer(keten, melding) == 6
    controleer_logs(keten)


async def test_een_geweigerde_overdracht_komt_terug_als_eigen_werk(keten: Proefketen) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    kind = await keten.draag_over(melding, W)
    await keten.stappen(kind, ("afwijzingen", {"reden": "te-druk"}))
    (geweigerd,) = keten.toon(melding)["kinderen"]
    assert geweigerd["status"] == "geweigerd"
    await lever(keten, await keten.draag_over(melding, U))
    await keten.stappen(melding, "controles", "gereedmeldingen")
    assert nummer(keten, melding) == 4
    assert [b.reden for b in keten.berichten() if isinstance(b, m.OverdrachtGeweigerd)] == [
        "te-druk"
    ]
    controleer_logs(keten)


async def test_intrekken_werkt_door_naar_alles_wat_eronder_hangt(keten: Proefketen) -> None:
    melding = await klaar_om_over_te_dragen(keten, V)
    af = await keten.draag_over(melding, U)
    await lever(keten, af)
    await keten.beoordeel(melding)
    wens = await keten.draag_over(melding, A)
    await keten.beoordeel(wens)
    await keten.stappen(wens, *EIGEN_VOOR[A])
    wijziging = await keten.draag_over(wens, W)
    await keten.stappen(melding, "intrekkingen")
    for ref in (melding, wens, wijziging):
        assert uitkomst(keten, ref) == Uitkomst.INGETROKKEN
    assert uitkomst(keten, af) == Uitkomst.VOLTOOID
    assert not [b for b in keten.berichten() if isinstance(b, m.TevredenheidGevraagd)]
    controleer_logs(keten)


async def test_overdragen_en_intrekken_in_een_bezorging_laat_niets_openstaan(
    keten: Proefketen,
) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    await keten.doe(melding, "overdrachten", naar=W)
    await keten.doe(melding, "overdrachten", naar=U)
    await keten.doe(melding, "intrekkingen")
    await keten.bezorg()
    assert [uitkomst(keten, kind) for kind in keten.kinderen(melding)] == ["ingetrokken"] * 2
    controleer_logs(keten)


async def test_wat_na_intrekking_nog_terugkomt_is_een_notitie(keten: Proefketen) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    kind = await keten.draag_over(melding, U)
    keten.doof = {U}
    await keten.doe(melding, "intrekkingen")
    await lever(keten, kind)
    keten.doof = set()
    await keten.bezorg()
    assert uitkomst(keten, kind) == Uitkomst.VOLTOOID
    assert not [b for b in keten.berichten() if isinstance(b, m.Teruggekeerd)]
    controleer_logs(keten)


async def test_omzetten_van_de_ouder_werkt_door_als_intrekken(keten: Proefketen) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    kind = await keten.draag_over(melding, W)
    wens = {"meldingsoort": "wens", "tekst": "eigenlijk wil ik iets anders"}
    await keten.stappen(melding, ("omzettingen", {"reden": "wens", "naar": [wens]}))
    assert uitkomst(keten, kind) == Uitkomst.INGETROKKEN
    assert uitkomst(keten, melding) == Uitkomst.OMGEZET
    assert len(keten.meldingen(A)) == 1
    controleer_logs(keten)


async def test_termijnen_lopen_af_als_gebeurtenis_en_pauzeren_tijdens_opschorting(
    keten: Proefketen,
) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    kind = await keten.draag_over(melding, U)
    await keten.stappen(kind, "opschortingen")
    keten.klok.verder(weeks=4)
    await keten.verstrijk()
    assert keten.toon(melding)["verstreken"] == [f"overdracht:{kind.id}"]
    assert keten.toon(kind)["verstreken"] == []
    await keten.stappen(kind, "hervattingen")
    keten.klok.verder(weeks=4)
    await keten.verstrijk()
    assert keten.toon(kind)["verstreken"] == ["beslistermijn"]
    verstreken = [b for b in keten.berichten() if isinstance(b, m.TermijnVerstreken)]
    assert {(b.termijn, b.kind_id) for b in verstreken} == {
        ("overdracht", kind.id),
        ("beslistermijn", None),
    }
    assert {(b.door.wie, b.door.rol, b.door.regel) for b in verstreken} == {
        ("schakel", "systeem", "termijn")
    }
    controleer_logs(keten)


async def test_wie_niet_antwoordt_heeft_een_voltooide_melding_zonder_reactie(
    keten: Proefketen,
) -> None:
    melding, dubbel = await keten.meld(U), await keten.meld(U)
    body = {"andereId": str(dubbel.id), "andereProces": U, "soort": "dubbel"}
    await keten.stappen(melding, ("koppelingen", body))
    await voer_uit(keten, melding, (U,))
    with pytest.raises(Weigering, match="termijn-loopt-nog"):
        await keten.doe(melding, "tevredenheidscontroles", oordeel="zonder_reactie")
    keten.klok.verder(weeks=2)
    await keten.verstrijk()
    (voltooid,) = [b for b in keten.berichten() if isinstance(b, m.Voltooid)]
    assert voltooid.zonder_reactie
    assert [k["voltooid"] for k in keten.toon(dubbel)["koppelingen"]] == [True]
    controleer_logs(keten)


async def test_wissen_vernietigt_wat_er_stond_en_laat_de_geschiedenis(keten: Proefketen) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    kind = await keten.draag_over(melding, U, opdracht="draai de lamp van Testpersoon weer vast")
    await keten.beoordeel(kind)
    waarom = {"maatwerk": True, "motivering": "Testpersoon is slecht ter been", "impact": 2}
    feiten = als_body(FEITEN[U][0])
    await keten.stappen(kind, ("beoordelingen", waarom | {"urgentie": 2, "feiten": feiten}))
    herstellen, uitvoeren = keten.diensten[H].dienst, keten.diensten[U].dienst
    assert {*herstellen.inhoud(melding.id)} == {"intake"}
    assert {*herstellen.inhoud(kind.id)} == {"opdracht"}
    assert [*uitvoeren.inhoud(kind.id)] != []
    await keten.stappen(melding, "intrekkingen")
    voor = len(herstellen.geschiedenis(melding.id))
    await keten.stappen(melding, "wissingen")
    for dienst, ref in ((herstellen, melding), (herstellen, kind), (uitvoeren, kind)):
        with pytest.raises(NietGevonden, match="inhoud-niet-gevonden"):
            dienst.inhoud(ref.id)
    assert len(herstellen.geschiedenis(melding.id)) == voor + 1
    controleer_logs(keten)


async def test_wat_uit_een_gewiste_melding_voortkwam_houdt_zijn_eigen_tekst(
    keten: Proefketen,
) -> None:
    melding = await keten.meld(U)
    fout = {"meldingsoort": "foutmelding", "tekst": "de lamp brandt niet"}
    await keten.stappen(melding, ("omzettingen", {"reden": "storing", "naar": [fout]}))
    (rij,) = keten.meldingen(H)
    nieuw = Ref(H, UUID(rij["meldingId"]))
    uitvoeren = keten.diensten[U].dienst
    await keten.stappen(melding, "wissingen")
    assert uitvoeren.inhoud(nieuw.id) == {"tekst": "de lamp brandt niet"}
    await keten.stappen(nieuw, "intrekkingen", "wissingen")
    with pytest.raises(NietGevonden):
        uitvoeren.inhoud(nieuw.id)
    controleer_logs(keten)


async def test_maatwerk_vraagt_een_motivering(keten: Proefketen) -> None:
    melding = await keten.meld(U)
    await keten.doe(melding, "verhelderingen")
    feiten = als_body(FEITEN[U][0])
    body = {"feiten": feiten, "impact": 2, "urgentie": 2, "maatwerk": True}
    with pytest.raises(Weigering, match="maatwerk-zonder-motivering"):
        await keten.doe(melding, "beoordelingen", **body)
    await keten.doe(melding, "beoordelingen", **body, motivering="kan niet traplopen")
    (oordeel,) = [b for b in keten.berichten() if isinstance(b, m.Beoordeeld)]
    assert oordeel.maatwerk
    inhoud = keten.diensten[U].dienst.inhoud(melding.id)
    assert "kan niet traplopen" in inhoud.values()


async def test_wie_niet_bevoegd_is_wordt_afgewezen_zonder_werkstroom(keten: Proefketen) -> None:
    melding = await keten.meld(U, namens={"naam": "Buurman van Proef"})
    with pytest.raises(Weigering, match="niet-bevoegd") as fout:
        await keten.doe(melding, "verhelderingen")
    assert "afwijzingen" in fout.value.toegestaan
    await keten.stappen(melding, ("afwijzingen", {"reden": "geen-machtiging"}))
    soorten = [type(b) for b in keten.berichten()]
    assert soorten == [m.Aangenomen, m.Afgewezen, m.Gesloten]


async def test_namen_en_teksten_staan_in_geen_bericht(keten: Proefketen) -> None:
    melding = await klaar_om_over_te_dragen(keten)
    await lever(keten, await keten.draag_over(melding, U, opdracht="bel Testpersoon eerst"))
    alles = b"".join(record.waarde for proces in Proces for record in keten.records(proces))
    assert b"Testpersoon" not in alles
    assert b"lantaarn" not in alles
