"""Domain, section 6.5, what is missing: proof by the child, gaps, events without a versie."""

import pytest
from tests.afleiding.boombouw import (
    A,
    Boom,
    H,
    U,
    V,
    W,
    codes,
    enige_afwijking,
    letters,
    zonder_versie,
)


def test_het_aangenomen_van_een_kind_bewijst_de_overdracht() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan().beoordeel().sla_over()
    kind = boom.wortel.kind(W).neem_aan()
    af = boom.af()
    assert (af.werkstroom, letters(af), af.afwijkingen) == (3, "HW", ())
    assert af.bepaald_door is not None
    assert af.bepaald_door.gebeurtenis_id == f"{kind.naam}.1"
    assert af.bepaald_door.eigen_woord is False
    assert af.wacht_op_eigen_woord == (kind.naam,)
    assert "wacht op het eigen woord" in af.toelichting


def test_het_eigen_woord_neemt_het_bewijs_over() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(W).neem_aan()
    woord = boom.berichten[3]
    assert boom.af(*boom.zonder(woord)).wacht_op_eigen_woord == (kind.naam,)
    af = boom.af()
    assert af.bepaald_door is not None
    assert (af.bepaald_door.melding_id, af.bepaald_door.eigen_woord) == (boom.wortel.naam, True)
    assert (af.wacht_op_eigen_woord, af.toelichting) == ((), "overgedragen")


def test_het_aangenomen_van_een_kind_zegt_welk_proces_de_eerste_melding_is() -> None:
    boom = Boom(H)
    boom.wortel.sla_over(4)
    boom.wortel.kind(U).neem_aan()
    af = boom.af()
    assert (af.proces, af.werkstroom, letters(af), af.status) == (H, 4, "HU", "onbekend")
    assert af.kandidaten == (3, 4)


@pytest.mark.parametrize(("eerste", "naar", "nummer"), [(A, W, 1), (W, U, 2)])
def test_ook_een_en_twee_worden_door_een_kind_bewezen(eerste, naar, nummer) -> None:
    boom = Boom(eerste)
    kind = boom.wortel.kind(naar).neem_aan()
    af = boom.af()
    assert af.bepaald_door is not None
    assert (af.werkstroom, af.bepaald_door.melding_id) == (nummer, kind.naam)


def test_geen_ander_feit_van_het_kind_bewijst_iets() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan()
    boom.wortel.kind(W).sla_over().beoordeel().stap().meld_gereed().voltooi().sluit()
    af = boom.af()
    assert (af.werkstroom, letters(af), af.wacht_op_eigen_woord) == (None, "H", ())


def test_een_kleinkind_bewijst_alleen_de_overdracht_van_zijn_ouder() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    tussen = boom.wortel.draag_over(W)
    tussen.kind(U).neem_aan()
    af = boom.af()
    assert (af.werkstroom, letters(af)) == (3, "HWU")
    assert {tak.melding_id: tak.ouder_id for tak in af.meldingen}[tussen.naam] == boom.wortel.naam


def test_het_bewijs_laat_de_terugkeer_passen() -> None:
    boom = Boom(H)
    boom.wortel.loop().sla_over()
    kind = boom.wortel.kind(W).neem_aan()
    boom.wortel.keer_terug(kind)
    af = boom.af()
    assert (af.afwijkingen, letters(af)) == ((), "HWH")
    zonder = boom.af(*boom.zonder(kind.laatst))
    assert codes(zonder) == [("terugkeer-zonder-overdracht", boom.wortel.naam, False)]


def test_een_bewijs_past_op_een_terugkeer_niet_op_twee() -> None:
    boom = Boom(H)
    boom.wortel.loop().sla_over()
    kind = boom.wortel.kind(W).neem_aan()
    boom.wortel.keer_terug(kind).keer_terug(kind)
    assert enige_afwijking(boom.af()).gebeurtenissen == (f"{boom.wortel.naam}.6",)


def test_kinderen_die_het_niet_eens_zijn_over_de_eerste_melding_beslissen_niets() -> None:
    boom = Boom(H)
    boom.wortel.kind(U).neem_aan()
    anders = Boom(V)
    anders.wortel_id = boom.wortel_id
    anders.wortel.id = boom.wortel.id
    anders._nummer = 9000
    anders.wortel.kind(A).neem_aan()
    af = boom.af(*boom.berichten, *anders.berichten)
    assert (af.proces, af.werkstroom, af.pad, af.kandidaten) == (None, None, (), (6,))


def test_een_verboden_bewijs_zegt_niet_welk_proces_de_eerste_melding_is() -> None:
    boom = Boom(U)
    boom.wortel.kind(W).neem_aan()
    af = boom.af()
    assert (af.proces, af.werkstroom, af.kandidaten) == (None, None, (1, 2, 3, 4, 5, 6, 7, 8))
    assert codes(af) == [("overdracht-niet-toegestaan", boom.wortel.naam, True)]


# Gaps


def gaten(boom: Boom, *berichten: bytes) -> list[tuple[str, int, int]]:
    return [(g.melding_id, g.van, g.tot) for g in boom.af(*berichten).gaten]


def test_een_gat_is_een_nummer_onder_de_hoogste_versie() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan().sla_over(2).stap().sla_over().stap()
    naam = boom.wortel.naam
    assert gaten(boom) == [(naam, 2, 3), (naam, 5, 5)]


def test_wat_na_de_hoogste_versie_nog_kan_komen_is_geen_gat() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    boom.wortel.draag_over(U)
    assert gaten(boom) == []


def test_een_eerste_melding_waarvan_niets_gezien_is_mist_nummer_een() -> None:
    boom = Boom(H)
    boom.wortel.kind(U).neem_aan()
    assert gaten(boom) == [(boom.wortel.naam, 1, 1)]
    boom.wortel.sla_over().beoordeel()
    assert gaten(boom) == [(boom.wortel.naam, 1, 1)]


def test_een_gat_van_een_miljard_kost_niets() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan().sla_over(10**9).keer_terug(boom.wortel.kind(U))
    af = boom.af()
    assert [(g.van, g.tot) for g in af.gaten] == [(2, 10**9 + 1)]
    assert enige_afwijking(af).vast is False


# Without a versie


def test_zonder_versie_bepaalt_een_overdracht_het_nummer_vermoedelijk() -> None:
    boom = Boom(H)
    boom.wortel.loop().draag_over(W)
    af = boom.af(*map(zonder_versie, boom.berichten))
    assert (af.werkstroom, letters(af)) == (3, "HW")
    assert af.bepaald_door is not None
    assert (af.bepaald_door.versie, af.bepaald_door.vermoedelijk) == (None, True)
    zeker = boom.af().bepaald_door
    assert zeker is not None
    assert zeker.vermoedelijk is False


def test_zonder_versie_past_een_terugkeer_waar_hij_past() -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(U)
    gemengd = [*boom.berichten[:-1], zonder_versie(boom.berichten[-1])]
    assert (letters(boom.af(*gemengd)), boom.af(*gemengd).afwijkingen) == ("HUH", ())
    vreemd = boom.af(*map(zonder_versie, boom.berichten))
    assert (letters(vreemd), vreemd.werkstroom, vreemd.afwijkingen) == ("HUH", 4, ())


def test_zonder_versie_valt_een_overdracht_nooit_na_het_einde() -> None:
    boom = Boom(H)
    boom.wortel.loop().trek_in()
    boom.wortel.draag_over(U)
    assert [a.code for a in boom.af().afwijkingen] == ["overdracht-na-einde"]
    los = [*boom.berichten[:-1], zonder_versie(boom.berichten[-1])]
    assert (boom.af(*los).afwijkingen, boom.af(*los).werkstroom) == ((), 4)


def test_een_weigering_zonder_versie_kan_na_de_terugkeer_liggen() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U)
    boom.wortel.weiger(kind)
    weigering = boom.wortel.laatst
    boom.wortel.keer_terug(kind)
    assert [a.code for a in boom.af().afwijkingen] == ["terugkeer-zonder-overdracht"]
    assert boom.af(*boom.zonder(weigering), zonder_versie(weigering)).afwijkingen == ()


def test_wat_alleen_op_berichten_zonder_versie_rust_is_vermoedelijk() -> None:
    boom = Boom(H)
    boom.wortel.loop().draag_over(A)
    boom.wortel.keer_terug(boom.wortel.kind(U))
    zeker, los = boom.af(), boom.af(*map(zonder_versie, boom.berichten))
    assert [a.code for a in zeker.afwijkingen] == [a.code for a in los.afwijkingen]
    assert [a.vast for a in zeker.afwijkingen] == [True, True]
    assert [a.vast for a in los.afwijkingen] == [False, False]


def test_een_boom_zonder_versie_heeft_een_stand() -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(U)
    boom.wortel.controleer()
    af = boom.af(*map(zonder_versie, boom.berichten))
    assert (af.status, af.posities[0].verwacht) == ("in_behandeling", "gereedmelding")
    boom.wortel.rond_af()
    af = boom.af(*map(zonder_versie, boom.berichten))
    assert (af.status, af.uitkomst) == ("gesloten", "voltooid")
