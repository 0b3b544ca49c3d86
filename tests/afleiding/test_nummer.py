"""Domain, sections 6.2 and 6.4: the number, its history, the kandidaten, what settled it."""

import pytest
from tests.afleiding.boombouw import (
    A,
    Boom,
    H,
    Melding,
    U,
    V,
    W,
    hernoem,
    leid,
    letters,
    verander,
    zonder_versie,
)

from schakel.contracts.melding import Uitkomst
from schakel.contracts.werkstromen import WERKSTROMEN, Proces


@pytest.mark.parametrize(("eerste", "nummer"), [(A, 1), (W, 2), (U, 5)])
def test_de_soort_van_de_eerste_melding_bepaalt_een_twee_en_vijf(
    eerste: Proces, nummer: int
) -> None:
    boom = Boom(eerste)
    boom.wortel.neem_aan()
    af = boom.af()
    assert (af.werkstroom, af.kandidaten) == (nummer, (nummer,))


@pytest.mark.parametrize(
    ("eerste", "naar", "nummer"), [(H, W, 3), (H, U, 4), (V, A, 6), (V, W, 7), (V, U, 8)]
)
def test_de_eigen_overdracht_van_de_eerste_melding_bepaalt_de_andere_vijf(
    eerste: Proces, naar: Proces, nummer: int
) -> None:
    boom = Boom(eerste)
    boom.wortel.loop()
    assert boom.af().werkstroom is None
    boom.wortel.draag_over(naar)
    af = boom.af()
    assert af.werkstroom == nummer
    assert af.bepaald_door is not None
    assert (af.bepaald_door.melding_id, af.bepaald_door.versie) == (boom.wortel.naam, 4)
    assert af.bepaald_door.gebeurtenis_id == f"{boom.wortel.naam}.4"


@pytest.mark.parametrize("werkstroom", WERKSTROMEN, ids=lambda w: w.woord)
def test_elk_van_de_acht_wordt_herkend_met_woord_en_pad(werkstroom) -> None:
    boom = Boom(werkstroom.eerste)
    boom.wortel.loop()
    if werkstroom.heenweg[1:]:
        boom.wortel.heen_en_weer(werkstroom.heenweg[1])
        boom.wortel.controleer()
    boom.wortel.rond_af()
    af = boom.af()
    assert (af.werkstroom, af.woord, af.pad) == (
        werkstroom.nummer,
        werkstroom.woord,
        werkstroom.pad,
    )
    assert (af.meldingsoort, af.status, af.uitkomst) == (
        werkstroom.meldingsoort,
        "gesloten",
        "voltooid",
    )
    assert (af.afwijkingen, af.gaten, af.open_overdrachten, af.posities) == ((), (), (), ())


def test_het_hoogste_doel_van_de_eigen_overdrachten_telt() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    boom.wortel.draag_over(W)
    boom.wortel.draag_over(U)
    af = boom.af()
    assert af.werkstroom == 3
    assert [(b.werkstroom, b.versie) for b in af.geschiedenis] == [(3, 4)]


def test_vier_wordt_drie_en_de_geschiedenis_houdt_beide() -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(U)
    boom.wortel.draag_over(W, ronde=2)
    af = boom.af()
    assert [(b.werkstroom, b.n, b.versie) for b in af.geschiedenis] == [(4, 1, 4), (3, 2, 6)]
    assert af.bepaald_door == af.geschiedenis[-1]


def test_acht_wordt_zeven_wordt_zes() -> None:
    boom = Boom(V)
    boom.wortel.loop()
    for ronde, naar in enumerate((U, W, A), start=1):
        boom.wortel.heen_en_weer(naar, ronde=ronde)
    assert [b.werkstroom for b in boom.af().geschiedenis] == [8, 7, 6]


def test_het_nummer_daalt_nooit_vanzelf() -> None:
    boom = Boom(V)
    boom.wortel.loop()
    for ronde, naar in enumerate((A, U), start=1):
        boom.wortel.heen_en_weer(naar, ronde=ronde)
    af = boom.af()
    assert (af.werkstroom, len(af.geschiedenis)) == (6, 1)


def test_de_geschiedenis_loopt_over_n_niet_over_versie() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    boom.wortel.draag_over(W, n=2)
    boom.wortel.draag_over(U, n=1)
    assert [(b.werkstroom, b.versie) for b in boom.af().geschiedenis] == [(4, 5), (3, 4)]


def test_bij_gelijke_n_gaat_het_laagste_doel_voor_en_dan_het_kind() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    boom.wortel.draag_over(W, n=1)
    boom.wortel.draag_over(U, n=1)
    assert [b.werkstroom for b in boom.af().geschiedenis] == [4, 3]
    gelijk = Boom(H)
    gelijk.wortel.loop()
    laat, vroeg = gelijk.nieuw_id(), gelijk.nieuw_id()
    gelijk.wortel.draag_over(U, n=1, id_=max(laat, vroeg))
    gelijk.wortel.draag_over(U, n=1, id_=min(laat, vroeg))
    assert [b.versie for b in gelijk.af().geschiedenis] == [5]


def test_een_geweigerde_overdracht_telt_niet_voor_het_nummer() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(W)
    boom.wortel.weiger(kind)
    af = boom.af()
    assert (af.werkstroom, af.kandidaten, letters(af)) == (None, (3, 4), "H")
    boom.wortel.draag_over(U)
    assert boom.af().werkstroom == 4


def test_alleen_het_woord_van_de_gever_weigert() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(W)
    kind.neem_aan().wijs_af().sluit(Uitkomst.AFGEWEZEN)
    assert boom.af().werkstroom == 3


def test_wat_dieper_wordt_overgedragen_verandert_het_nummer_niet() -> None:
    boom = Boom(V)
    boom.wortel.loop()
    boom.wortel.heen_en_weer(W)
    af = boom.af()
    assert (af.werkstroom, len(af.geschiedenis)) == (7, 1)


def test_de_vier_feiten_bepalen_niets() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan().beoordeel()
    af = boom.af()
    assert (af.werkstroom, af.kandidaten) == (None, (3, 4))


def test_een_herhaalde_overdracht_met_hetzelfde_kind_is_een_overdracht() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U)
    boom.wortel.geef(kind)
    boom.wortel.keer_terug(kind)
    af = boom.af()
    assert (len(af.geschiedenis), letters(af), af.afwijkingen) == (1, "HUH", ())
    assert af.geschiedenis[0].versie == 4


def test_het_bepalende_bericht_van_een_twee_en_vijf_is_de_laagste_versie_die_gezien_is() -> None:
    boom = Boom(W)
    boom.wortel.neem_aan().beoordeel().stap()
    af = boom.af(*boom.berichten[1:])
    assert af.bepaald_door is not None
    assert af.bepaald_door.versie == 2
    af = boom.af()
    assert af.bepaald_door is not None
    assert af.bepaald_door.versie == 1


def test_een_eerste_melding_heeft_geen_ouder_wat_zij_ook_zegt() -> None:
    boom = Boom(U)
    boom.wortel.neem_aan().sluit()
    anders = verander(boom.berichten[0], ouderId="elders", ouderProces="herstellen", n=1, ronde=1)
    af = boom.af(anders, boom.berichten[1])
    assert (af.werkstroom, af.meldingen[0].ouder_id, len(af.meldingen)) == (5, None, 1)


def test_zonder_versie_is_het_aangenomen_het_bepalende_bericht() -> None:
    boom = Boom(W)
    boom.wortel.neem_aan().beoordeel()
    aangenomen = hernoem(zonder_versie(boom.berichten[0]), id="z")
    af = boom.af(aangenomen, hernoem(zonder_versie(boom.berichten[1]), id="a"))
    assert af.bepaald_door is not None
    assert (af.bepaald_door.gebeurtenis_id, af.bepaald_door.vermoedelijk) == ("z", True)


# Kandidaten


@pytest.mark.parametrize(
    ("eerste", "over"), [(A, (1,)), (W, (2,)), (H, (3, 4)), (U, (5,)), (V, (6, 7, 8))]
)
def test_kandidaten_zijn_de_werkstromen_die_met_dit_proces_beginnen(
    eerste: Proces, over: tuple[int, ...]
) -> None:
    boom = Boom(eerste)
    boom.wortel.neem_aan()
    assert boom.af().kandidaten == over


def test_zonder_bericht_zijn_alle_acht_kandidaat() -> None:
    af = leid("niets", [])
    assert (af.kandidaten, af.werkstroom, af.pad) == ((1, 2, 3, 4, 5, 6, 7, 8), None, ())


@pytest.mark.parametrize(
    ("eerste", "naar", "over"),
    [(H, W, (3,)), (H, U, (3, 4)), (V, A, (6,)), (V, W, (6, 7)), (V, U, (6, 7, 8))],
)
def test_wat_beneden_gezien_is_beperkt_de_kandidaten_maar_bepaalt_niets(
    eerste: Proces, naar: Proces, over: tuple[int, ...]
) -> None:
    """Only a fact other than ``aangenomen`` of the child was seen: it proves no hand-over."""
    boom = Boom(eerste)
    boom.wortel.neem_aan()
    boom.wortel.kind(naar).sla_over().beoordeel()
    af = boom.af()
    assert (af.kandidaten, af.werkstroom) == (over, None)


@pytest.mark.parametrize(
    ("ouder", "kind", "over"),
    [(H, W, (1, 3, 6, 7)), (V, A, (6,)), (W, U, (1, 3, 6, 7)), (H, U, (1, 2, 3, 4, 6, 7, 8))],
)
def test_een_onbekende_eerste_melding_kent_alleen_wat_beneden_is(
    ouder: Proces, kind: Proces, over: tuple[int, ...]
) -> None:
    """``ouder`` W stands itself between: its own process was seen below as well."""
    boom = Boom(V if ouder is W else ouder)
    gever = boom.wortel.kind(W) if ouder is W else boom.wortel
    gever.kind(kind).sla_over().beoordeel()
    af = boom.af()
    assert (af.kandidaten, af.werkstroom, af.proces) == (over, None, None)


def test_een_kandidaat_over_is_nog_niet_bepaald() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan()
    tussen = boom.wortel.kind(W)
    tussen.kind(U).neem_aan()
    af = boom.af()
    assert (af.kandidaten, af.werkstroom, af.woord) == ((3,), None, None)


def test_wat_onder_een_geweigerde_of_verboden_overdracht_hangt_beperkt_geen_kandidaten() -> None:
    geweigerd = Boom(V)
    geweigerd.wortel.loop()
    kind = geweigerd.wortel.draag_over(W)
    kind.loop().draag_over(U)
    geweigerd.wortel.weiger(kind)
    assert geweigerd.af().kandidaten == (6, 7, 8)
    verboden = Boom(H)
    verboden.wortel.loop()
    kind = verboden.wortel.draag_over(A)
    kind.loop().draag_over(W)
    assert verboden.af().kandidaten == (3, 4)


def test_gezien_onder_een_onbekende_ouder_telt_alleen_als_het_model_daarheen_leidt() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan()
    boom.wortel.kind(A).kind(W).sla_over().beoordeel().draag_over(U)
    af = boom.af()
    assert (af.kandidaten, af.open_overdrachten) == ((3, 4), ())
    los = Boom(H)
    los.wortel.neem_aan()
    los.wortel.kind(A).sla_over().beoordeel().draag_over(W)
    assert (los.af().kandidaten, los.af().open_overdrachten) == ((3, 4), ())
    ouderloos = Boom(H)
    ouderloos.wortel.neem_aan()
    Melding(ouderloos, A, ouderloos.nieuw_id()).neem_aan().draag_over(W)
    assert (ouderloos.af().kandidaten, ouderloos.af().open_overdrachten) == ((3, 4), ())
    eigen = Boom(W)
    eigen.wortel.neem_aan()
    eigen.wortel.kind(A).kind(W).sla_over().beoordeel()
    assert eigen.af().kandidaten == (2,)


# Ends


def test_afgewezen_zonder_oordeel_geeft_nummer_noch_kandidaten_noch_pad() -> None:
    boom = Boom(U)
    boom.wortel.neem_aan().wijs_af().sluit(Uitkomst.AFGEWEZEN)
    af = boom.af()
    assert (af.werkstroom, af.kandidaten, af.pad, af.geschiedenis, af.woord) == (
        None,
        (),
        (),
        (),
        None,
    )
    assert (af.uitkomst, af.status) == ("afgewezen", "gesloten")


def test_afgewezen_na_een_oordeel_houdt_het_nummer() -> None:
    boom = Boom(U)
    boom.wortel.neem_aan().beoordeel().wijs_af()
    assert (boom.af().werkstroom, letters(boom.af())) == (5, "U")


@pytest.mark.parametrize("einde", ["trek_in", "zet_om"])
def test_ingetrokken_of_omgezet_houdt_wat_bepaald_was(einde: str) -> None:
    boom = Boom(H)
    boom.wortel.loop().draag_over(U)
    getattr(boom.wortel, einde)()
    af = boom.af()
    assert (af.werkstroom, af.kandidaten) == (4, (3, 4))


@pytest.mark.parametrize("einde", ["trek_in", "zet_om"])
def test_ingetrokken_of_omgezet_zonder_overdracht_blijft_onbepaald_met_kandidaten(
    einde: str,
) -> None:
    boom = Boom(H)
    getattr(boom.wortel.loop(), einde)()
    af = boom.af()
    assert (af.werkstroom, af.kandidaten, af.status) == (
        None,
        (3, 4),
        "ingetrokken" if einde == "trek_in" else "omgezet",
    )


def test_geen_overeenstemming_houdt_werkstroom_een() -> None:
    boom = Boom(A)
    boom.wortel.loop().breek_af().sluit(Uitkomst.GEEN_OVEREENSTEMMING)
    af = boom.af()
    assert (af.werkstroom, letters(af), af.uitkomst) == (1, "A", "geen_overeenstemming")
