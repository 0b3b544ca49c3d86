"""Domain, section 6.10: what the derivation adds for work that crosses a border.

Written from the text of the rules; each test names its rule.
"""

from collections.abc import Callable
from uuid import UUID

import pytest
from tests.afleiding.boombouw import (
    PARTNER,
    A,
    Boom,
    H,
    Melding,
    U,
    V,
    W,
    als_json,
    codes,
    enige_afwijking,
    letters,
    verander,
    zonder_versie,
)
from tests.afleiding.schakelbomen import C, spreek

from schakel.contracts import melding as m
from schakel.contracts.feit import DeelVan
from schakel.contracts.melding import Resultaat, Uitkomst
from schakel.contracts.werkstromen import OVERDRACHT_NAAR, Proces

# Rule 1: a hand-over in every rule


def test_r1_aangeboden_telt_en_bepaalt_als_overgedragen() -> None:
    boom = Boom(H)
    boom.wortel.loop().bied_aan(U)
    boom.wortel.bied_aan(W)
    af = boom.af()
    assert [b.werkstroom for b in af.geschiedenis] == [4, 3]
    assert af.rondes[0].aantal == 1
    assert af.kandidaten == (3,)


@pytest.mark.parametrize("eerst_terug", [True, False])
def test_r1_alleen_het_woord_van_de_gever_maakt_haar_ongedaan(eerst_terug: bool) -> None:
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(W)
    schakel.wijs_af()
    assert boom.af().werkstroom == 3
    if eerst_terug:
        boom.wortel.neem_terug(schakel)
    boom.wortel.weiger(schakel)
    af = boom.af()
    assert (af.werkstroom, letters(af), af.afwijkingen) == (None, "H", ())
    assert af.open_overdrachten == ()


def test_r1_buiten_het_model_na_het_einde_en_dubbel_zijn_afwijkingen_als_altijd() -> None:
    boom = Boom(W)
    boom.wortel.loop().bied_aan(A)
    assert codes(boom.af()) == [("overdracht-niet-toegestaan", str(boom.wortel_id), True)]
    boom = Boom(H)
    boom.wortel.loop().trek_in()
    boom.wortel.bied_aan(W)
    assert codes(boom.af()) == [("overdracht-na-einde", str(boom.wortel_id), True)]
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(U)
    boom.wortel.geef_elders(schakel, naar=W)
    assert codes(boom.af()) == [("overdracht-dubbel", str(boom.wortel_id), True)]
    assert boom.af().werkstroom == 3


def test_r1_zonder_versie_gaat_aangeboden_gelijk_met_overgedragen() -> None:
    boom = Boom(H)
    boom.wortel.loop().bied_aan(U, n=1)
    een = boom.wortel.laatst
    boom.wortel.draag_over(U, n=1)
    ander = boom.wortel.laatst
    zonder = [zonder_versie(b) for b in boom.berichten if b in (een, ander)]
    af = boom.af(boom.berichten[0], *zonder)
    assert af.bepaald_door is not None
    assert af.bepaald_door.vermoedelijk
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(U)
    aanbod = boom.wortel.laatst
    boom.wortel.geef(schakel, W)  # later, so it says it otherwise
    af = boom.af(boom.berichten[0], *map(zonder_versie, (boom.wortel.laatst, aanbod)))
    assert af.open_overdrachten[0].naar is U


# Rule 2: taking back


@pytest.mark.parametrize("elders", [True, False])
def test_r2_teruggenomen_is_niet_meer_open_en_telt_door(elders: bool) -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.bied_aan(W) if elders else boom.wortel.draag_over(W)
    boom.wortel.neem_terug(kind)
    af = boom.af()
    assert (af.werkstroom, letters(af), af.afwijkingen) == (3, "HWH", ())
    assert af.open_overdrachten == ()
    assert af.status == "in_behandeling"
    assert af.posities[0].verwacht == "nieuwe overdracht naar wijzigen of uitvoeren of afbreking"
    boom.wortel.keer_terug(kind).keer_terug(kind, Resultaat.ZONDER_RESULTAAT)
    af = boom.af()
    assert (letters(af), af.afwijkingen, af.rondes[0].aantal) == ("HWH", (), 1)
    boom.wortel.bied_aan(W, ronde=2)
    assert letters(boom.af()) == "HWHW"


def test_r2_zonder_open_overdracht_is_een_terugname_een_afwijking() -> None:
    for maak in (_nooit_gegeven, _al_terug, _al_teruggenomen, _al_geweigerd):
        boom = Boom(H)
        kind = maak(boom)
        boom.wortel.neem_terug(kind)
        weg = boom.berichten[1]  # beoordeeld: a number below
        a = enige_afwijking(boom.af())
        assert (a.code, a.melding_id, a.kind_id) == (
            "terugname-zonder-overdracht",
            str(boom.wortel_id),
            str(kind.id),
        )
        assert a.vast
        assert not enige_afwijking(boom.af(*boom.zonder(weg))).vast


def _nooit_gegeven(boom: Boom) -> Melding:
    return boom.wortel.loop().kind(W)


def _al_terug(boom: Boom) -> Melding:
    kind = boom.wortel.loop().bied_aan(W)
    boom.wortel.keer_terug(kind)
    return kind


def _al_teruggenomen(boom: Boom) -> Melding:
    kind = boom.wortel.loop().bied_aan(W)
    boom.wortel.neem_terug(kind)
    return kind


def _al_geweigerd(boom: Boom) -> Melding:
    kind = boom.wortel.loop().bied_aan(W)
    boom.wortel.weiger(kind)
    return kind


@pytest.mark.parametrize("einde", [Melding.trek_in, Melding.zet_om])
def test_r2_na_het_eigen_einde_is_een_terugname_een_notitie(
    einde: Callable[[Melding], Melding],
) -> None:
    boom = Boom(H)
    open_ = boom.wortel.loop().bied_aan(W)
    nooit = boom.wortel.kind(U)
    einde(boom.wortel)
    boom.wortel.neem_terug(open_).neem_terug(nooit).keer_terug(open_)
    af = boom.af()
    assert (af.afwijkingen, letters(af), af.werkstroom) == ((), "HWH", 3)


def test_r2_wat_eerder_terugkwam_blijft_terug() -> None:
    boom = Boom(H)
    kind = boom.wortel.loop().bied_aan(W)
    boom.wortel.keer_terug(kind).neem_terug(kind).keer_terug(kind)
    assert [code for code, *_ in codes(boom.af())] == [
        "terugkeer-zonder-overdracht",
        "terugname-zonder-overdracht",
    ]
    assert letters(boom.af()) == "HWH"


def test_r2_het_bewijs_van_een_kind_maakt_dat_een_terugname_kan_passen() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.bied_aan(W)
    aanbod = boom.wortel.laatst
    kind.neem_aan()
    boom.wortel.neem_terug(kind)
    assert boom.af(*boom.zonder(aanbod)).afwijkingen == ()


def test_een_schakel_is_open_tot_het_laatste_woord_van_de_ander_er_is() -> None:
    """Also when its giver waits no longer: that other one still has to say how it ended."""
    for dicht in (Melding.voltooi, Melding.sluit, Melding.wijs_af):
        boom = Boom(H)
        schakel = boom.wortel.loop().bied_aan(W)
        schakel.neem_aan()
        boom.wortel.neem_terug(schakel)
        assert boom.af().toelichting == "in behandeling; open schakel"
        dicht(schakel)
        assert boom.af().toelichting == "in behandeling"
        assert [s.is_open for s in boom.af().schakels] == [False]
    boom = Boom(H)
    boom.wortel.loop().bied_aan(W)
    boom.wortel.bied_aan(U, C)
    af = boom.af()
    assert af.toelichting == "overgedragen; 2 open schakels"
    assert [(s.organisatie, s.woord, s.plek) for s in af.schakels] == [
        (PARTNER, "WUW", 1),
        (C, "U", None),
    ]


# Rule 3: the position


def test_r3_wat_van_de_ander_wordt_verwacht() -> None:
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(W)
    plaats = (str(schakel.id), W)
    (positie,) = boom.af().posities
    assert (positie.melding_id, positie.proces) == plaats
    assert positie.verwacht == f"eerste woord van {PARTNER}"
    schakel.sla_over().zeg(m.Opgeschort, reden="wacht")
    assert boom.af().posities == (positie,)  # not its aangenomen
    schakel.versie = 0
    schakel.neem_aan()
    (positie,) = boom.af().posities
    assert (positie.melding_id, positie.proces) == plaats
    assert positie.verwacht == f"terugkeer van {PARTNER}"
    schakel.versie = 2
    schakel.voltooi()
    (positie,) = boom.af().posities
    assert (positie.melding_id, positie.proces) == (str(boom.wortel_id), H)
    assert positie.verwacht == f"terugkeer van {PARTNER}"
    assert boom.af().status == "overgedragen"


def test_r3_naast_een_kind_in_huis_staan_beide_posities() -> None:
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(W)
    boom.wortel.draag_over(U).loop()
    verwacht = {p.melding_id: p.verwacht for p in boom.af().posities}
    assert verwacht.pop(str(schakel.id)) == f"eerste woord van {PARTNER}"
    assert [*verwacht.values()] == ["uitvoering en gereedmelding"]


# Rules 4 and 5: a letter, and nothing inside it


def test_r5_wat_een_plaatsvervanger_onder_zich_heeft_telt_niet() -> None:
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(W)
    schakel.neem_aan()
    zonder = boom.af()
    onder = schakel.draag_over(U)
    onder.loop()
    schakel.kind(U).loop()
    af = boom.af()
    assert (letters(af), af.werkstroom, af.kandidaten) == ("HW", 3, (3,))
    assert af.rondes == zonder.rondes
    assert af.open_overdrachten == zonder.open_overdrachten
    assert af.wacht_op_eigen_woord == ()
    assert af.posities == zonder.posities
    assert len(af.meldingen) == 4
    schakel.draag_over(A)  # what deviates there is told as anywhere
    assert codes(boom.af()) == [("overdracht-niet-toegestaan", str(schakel.id), True)]
    assert letters(boom.af()) == "HW"


@pytest.mark.parametrize("heeft_woord", [True, False])
def test_r5_hoe_diep_ook(heeft_woord: bool) -> None:
    boom = Boom(V)
    schakel = boom.wortel.loop().bied_aan(A)
    schakel.neem_aan()
    onder = schakel.draag_over(W) if heeft_woord else schakel.kind(W)
    onder.loop().bied_aan(U, ronde=4)
    af = boom.af()
    assert [r.melding_id for r in af.rondes] == [str(boom.wortel_id)]
    assert [o.kind_id for o in af.open_overdrachten] == [str(schakel.id)]
    assert (letters(af), af.kandidaten, af.wacht_op_eigen_woord) == ("VA", (6,), ())


def test_r5_ook_als_van_de_plaatsvervanger_zelf_niets_is_gezien() -> None:
    boom = Boom(V)
    schakel = boom.wortel.loop().bied_aan(A)
    schakel.kind(W).loop().heen_en_weer(U)
    af = boom.af()
    assert (letters(af), [r.melding_id for r in af.rondes]) == ("VA", [str(boom.wortel_id)])
    assert af.posities[0].verwacht == f"eerste woord van {PARTNER}"


def test_r5_ook_voor_een_eerste_melding_die_haar_gever_nog_niet_ziet() -> None:
    """Under an H that was not seen, what is under a stand-in says nothing of the candidates."""
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(U)
    schakel.neem_aan()
    schakel.kind(W).loop()  # not allowed, and not to be counted
    af = boom.af()
    assert af.kandidaten == (3, 4)
    assert af.werkstroom == 4


def test_r4_een_laat_of_geweigerd_aanbod_maakt_ook_een_plaatsvervanger() -> None:
    boom = Boom(V)
    boom.wortel.loop()
    schakel = boom.wortel.bied_aan(A)
    schakel.neem_aan()
    schakel.draag_over(W).loop()
    boom.wortel.weiger(schakel)
    af = boom.af()
    assert (letters(af), af.werkstroom, af.rondes) == ("V", None, ())


# Rule 6: a stand-in is a child


def test_r6_een_plaatsvervanger_heeft_gaten_en_tegenspraak_als_een_kind() -> None:
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(W)
    schakel.neem_aan().sla_over().voltooi()
    (gat,) = boom.af().gaten
    assert (gat.melding_id, gat.van, gat.tot) == (str(schakel.id), 2, 2)
    ander = verander(schakel.laatst, zonderReactie=True)
    assert codes(boom.af(*boom.berichten, ander)) == [("tegenstrijdig", str(schakel.id), True)]


def test_r6_een_plaatsvervanger_die_niet_werd_aangeboden() -> None:
    boom = Boom(H)
    schakel = boom.wortel.loop().kind(W)
    schakel.spreker = "grens"
    spreek(schakel)
    assert boom.af().afwijkingen == ()
    assert boom.af().wacht_op_eigen_woord == (str(schakel.id),)
    boom.wortel.trek_in().sluit(Uitkomst.INGETROKKEN)
    assert codes(boom.af()) == [("kind-zonder-overdracht", str(schakel.id), True)]


# Rules 7 and 8: a first melding that is a part


def deel(proces: Proces, van: Proces, **anders: object) -> DeelVan:
    vast = {"schakel_id": UUID(int=5), "organisatie": PARTNER, "proces": van, "n": 1, "ronde": 1}
    return DeelVan.model_validate(vast | anders)


@pytest.mark.parametrize(("proces", "nummer"), [(A, 1), (W, 2), (U, 5)])
def test_r7_een_deel_heeft_zijn_nummer_meteen_en_spreekt_niet_met_de_melder(
    proces: Proces, nummer: int
) -> None:
    van = {A: V, W: H, U: W}[proces]
    boom = Boom(proces, deel_van=deel(proces, van))
    boom.wortel.neem_aan()
    af = boom.af()
    assert (af.werkstroom, af.kandidaten, letters(af)) == (nummer, (nummer,), proces.letter)
    assert af.posities[0].verwacht == "beoordeling"
    boom.wortel.beoordeel().meld_gereed()
    assert boom.af().posities[0].verwacht == "voltooiing"
    assert boom.af().afwijkingen == ()


@pytest.mark.parametrize("van", Proces)
@pytest.mark.parametrize("proces", Proces)
def test_r7_buiten_het_model_telt_niets(van: Proces, proces: Proces) -> None:
    boom = Boom(proces, deel_van=deel(proces, van))
    boom.wortel.loop()
    for naar in OVERDRACHT_NAAR[proces]:
        boom.wortel.draag_over(naar).loop()
    af = boom.af()
    if proces in OVERDRACHT_NAAR[van]:
        assert af.afwijkingen == ()
        assert af.werkstroom is not None
        return
    assert codes(af) == [("overdracht-niet-toegestaan", str(boom.wortel_id), True)]
    assert enige_afwijking(af).toegestaan == tuple(p.value for p in OVERDRACHT_NAAR[van])
    assert (af.werkstroom, af.kandidaten, af.pad) == (None, (), ())
    zonder = boom.af(*map(zonder_versie, boom.berichten))
    assert not next(a for a in zonder.afwijkingen if a.melding_id == str(boom.wortel_id)).vast


def test_r7_twee_waarden_zijn_tegenstrijdig_en_het_nummer_staat_als_er_een_mag() -> None:
    boom = Boom(W, deel_van=deel(W, H))
    boom.wortel.neem_aan()
    boom.wortel.deel_van = deel(W, H, n=2)
    boom.wortel.beoordeel()
    af = boom.af()
    assert codes(af) == [("tegenstrijdig", str(boom.wortel_id), True)]
    assert (af.werkstroom, letters(af)) == (2, "W")
    assert af.deel_van is not None
    assert af.deel_van.n == 1
    boom.wortel.deel_van = deel(W, U)
    boom.wortel.stap()
    assert [code for code, *_ in codes(boom.af())] == [
        "overdracht-niet-toegestaan",
        "tegenstrijdig",
    ]
    assert boom.af().werkstroom == 2
    alleen = boom.af(boom.wortel.laatst)
    assert (alleen.werkstroom, alleen.kandidaten) == (None, ())
    geschud = als_json(boom.af(*reversed(boom.berichten)))
    assert geschud == als_json(boom.af())
    los = [*map(zonder_versie, boom.berichten)]
    assert als_json(boom.af(*reversed(los))) == als_json(boom.af(*los))


def test_r8_zonder_aangenomen_zegt_elk_bericht_waar_het_deel_van_is() -> None:
    boom = Boom(W, deel_van=deel(W, H))
    boom.wortel.loop()
    for bericht in boom.berichten:
        af = boom.af(bericht)
        assert af.deel_van is not None
        assert (af.deel_van.organisatie, af.werkstroom) == (PARTNER, 2)


def test_wat_de_grens_over_een_melding_zegt_staat_niet_in_haar_orde() -> None:
    boom = Boom(W, deel_van=deel(W, H))
    boom.wortel.kom_in(diepte=3, vanuit=UUID(int=9)).loop()
    af = boom.af()
    assert (af.gaten, af.afwijkingen, len(af.meldingen)) == ((), (), 1)
    assert af.keten is not None
    assert (af.keten.diepte, af.keten.soort, af.keten.vanuit) == (3, "deelproces", str(UUID(int=9)))
    assert als_json(boom.af(*boom.berichten[1:])) != als_json(af)
    elders = Boom(W, 2)
    elders.wortel.kom_in(diepte=1).loop()
    assert als_json(boom.af(*elders.berichten, *boom.berichten)) == als_json(af)
    assert als_json(elders.af(*boom.berichten, *elders.berichten)) == als_json(elders.af())
    ander = verander(boom.berichten[0], diepte=4)
    anders = boom.af(*boom.berichten, ander)
    assert codes(anders) == [("tegenstrijdig", str(boom.wortel_id), True)]
    assert (anders.keten, anders.werkstroom) == (None, 2)
    alleen = boom.af(boom.berichten[0])
    assert (alleen.proces, alleen.status, alleen.deel_van) == (None, "onbekend", None)


# Rule 9: in the house or elsewhere


def test_r9_twee_soorten_voor_een_id_zijn_tegenstrijdig_en_houden_hun_werking() -> None:
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(U)
    boom.wortel.geef(schakel)
    af = boom.af()
    assert codes(af) == [("tegenstrijdig", str(boom.wortel_id), True)]
    assert enige_afwijking(af).kind_id == str(schakel.id)
    assert (af.werkstroom, letters(af)) == (4, "HU")
    boom = Boom(H)
    schakel = boom.wortel.loop().bied_aan(W)
    ander = boom.wortel.draag_over(U)
    ander.loop().geef(schakel, U)
    gezegd = [(c, mel) for c, mel, _ in codes(boom.af()) if c == "tegenstrijdig"]
    assert sorted(gezegd) == sorted(
        [("tegenstrijdig", str(boom.wortel_id)), ("tegenstrijdig", str(ander.id))]
    )
