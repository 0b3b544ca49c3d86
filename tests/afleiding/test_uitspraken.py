"""Domain, section 6: the rulings that came when others had built the same, one by one."""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.afleiding.boombouw import (
    BEGIN,
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
    hernoem,
    leid,
    letters,
    verander,
)

from schakel.contracts import melding as m

NIET = "overdracht-niet-toegestaan"
NA_EINDE = "overdracht-na-einde"
DUBBEL = "overdracht-dubbel"
TERUG = "terugkeer-zonder-overdracht"
KIND = "kind-zonder-overdracht"


def overdracht(kind: Melding, naar: str, n: int = 1, ronde: int = 1) -> dict[str, Any]:
    return {"kindId": kind.naam, "naar": naar, "n": n, "ronde": ronde}


# One kindId said twice


def test_een_overdracht_die_anders_herhaald_wordt_telt_twee_keer_en_is_een_afwijking() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U)
    boom.wortel.zeg(m.Overgedragen, overdracht=m.Overdracht(kind_id=kind.id, naar=W, n=2, ronde=3))
    af = boom.af()
    assert codes(af) == [(DUBBEL, boom.wortel.naam, True)]
    assert [(b.werkstroom, b.versie, b.n) for b in af.geschiedenis] == [(4, 4, 1), (3, 5, 2)]
    assert (letters(af), [r.aantal for r in af.rondes]) == ("HU", [3])
    assert [(o.naar, o.n) for o in af.open_overdrachten] == [(U, 1)]
    afwijking = enige_afwijking(af)
    assert (afwijking.kind_id, len(afwijking.gebeurtenissen)) == (kind.naam, 2)


@pytest.mark.parametrize("anders", [{"n": 2}, {"ronde": 2}, {"naar": "wijzigen"}])
def test_een_ander_doel_n_of_ronde_is_anders(anders: dict[str, Any]) -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U)
    boom.wortel.geef(kind)
    assert boom.af().afwijkingen == ()
    tweede = verander(boom.berichten[-1], overdracht=overdracht(kind, "uitvoeren") | anders)
    assert codes(boom.af(*boom.berichten[:-1], tweede)) == [(DUBBEL, boom.wortel.naam, True)]


def test_een_dubbele_overdracht_blijft_dubbel_als_een_ervan_te_laat_blijkt() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U)
    boom.wortel.trek_in()
    boom.wortel.zeg(m.Overgedragen, overdracht=m.Overdracht(kind_id=kind.id, naar=W, n=2, ronde=1))
    naam = boom.wortel.naam
    assert codes(boom.af(*boom.berichten[:4], boom.berichten[5])) == [(DUBBEL, naam, True)]
    assert codes(boom.af()) == [(DUBBEL, naam, True), (NA_EINDE, naam, True)]
    assert (boom.af().werkstroom, letters(boom.af())) == (4, "HU")


def test_het_kind_is_van_de_laagste_versie() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U)
    boom.wortel.zeg(m.Overgedragen, overdracht=m.Overdracht(kind_id=kind.id, naar=W, n=1, ronde=1))
    boom.wortel.sluit()
    Melding(boom, W, kind.id, boom.wortel, 1, 1).neem_aan()
    assert (KIND, kind.naam, True) in codes(boom.af())


# Proof by a child


def test_een_verboden_bewijs_wordt_ook_naast_een_toegestaan_woord_gemeld() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.kind(A)
    boom.wortel.geef(kind, naar=W)
    assert boom.af().afwijkingen == ()
    kind.neem_aan()
    af = boom.af()
    assert codes(af) == [(NIET, boom.wortel.naam, True)]
    assert (af.werkstroom, letters(af), [r.aantal for r in af.rondes]) == (3, "HW", [1])


@pytest.mark.parametrize(("echt", "beweerd"), [(V, H), (H, V)])
def test_buiten_het_model_is_wat_het_volgens_gever_of_kind_is(echt: Any, beweerd: Any) -> None:
    """V may hand over to A and H may not: neither may take the afwijking away."""
    boom = Boom(echt)
    boom.wortel.loop()
    kind = boom.wortel.kind(A).neem_aan()
    gelogen = verander(kind.laatst, ouderProces=beweerd.value)
    assert codes(boom.af(*boom.berichten[:3], gelogen)) == [(NIET, boom.wortel.naam, True)]


def test_een_bewijs_dat_loog_laat_het_nummer_dalen() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.kind(A).neem_aan()
    gelogen = verander(kind.laatst, ouderProces="verbeteren")
    assert boom.af(gelogen).werkstroom == 6
    assert boom.af(*boom.berichten[:3], gelogen).werkstroom is None


def test_het_eigen_woord_gaat_voor_het_bewijs_van_het_kind() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.kind(W)
    boom.wortel.geef(kind, naar=U)
    kind.neem_aan().draag_over(U)
    assert boom.af(*boom.zonder(boom.berichten[3])).werkstroom == 3
    af = boom.af()
    assert (af.werkstroom, letters(af), af.kandidaten) == (4, "HU", (3, 4))


# After the end


def test_te_laat_en_verboden_zijn_twee_afwijkingen() -> None:
    boom = Boom(H)
    boom.wortel.loop().sluit().draag_over(A)
    naam = boom.wortel.naam
    assert codes(boom.af()) == [(NA_EINDE, naam, True), (NIET, naam, True)]


def test_een_te_late_overdracht_geeft_haar_kind_er_geen() -> None:
    boom = Boom(H)
    boom.wortel.loop().sla_over().sluit()
    gat = boom.wortel.versie - 1
    kind = boom.wortel.draag_over(W).neem_aan()
    naam = boom.wortel.naam
    assert codes(boom.af()) == [(NA_EINDE, naam, True), (KIND, kind.naam, False)]
    gevuld = verander(boom.berichten[2], versie=gat)
    dicht = boom.af(*boom.berichten, hernoem(gevuld, id=f"{naam}.{gat}"))
    assert codes(dicht) == [(NA_EINDE, naam, True), (KIND, kind.naam, True)]


def test_een_gat_boven_het_einde_van_de_ouder_maakt_het_kind_niet_vermoedelijk() -> None:
    boom = Boom(H)
    boom.wortel.loop().trek_in().sla_over().sluit().sla_over().stap()
    kind = boom.wortel.kind(W).neem_aan()
    assert codes(boom.af()) == [(KIND, kind.naam, True)]


def test_wat_te_laat_is_telt_niet_en_het_bewijs_van_het_kind_blijft() -> None:
    boom = Boom(H)
    boom.wortel.loop().sluit()
    kind = boom.wortel.draag_over(W)
    assert (boom.af().werkstroom, letters(boom.af())) == (None, "H")
    kind.neem_aan()
    af = boom.af()
    assert (af.werkstroom, letters(af)) == (3, "HW")
    assert af.bepaald_door is not None
    assert af.bepaald_door.eigen_woord is False


def test_de_terugkeer_van_een_te_late_overdracht_past_niet() -> None:
    boom = Boom(H)
    boom.wortel.loop().sluit()
    boom.wortel.keer_terug(boom.wortel.draag_over(U))
    naam = boom.wortel.naam
    assert codes(boom.af()) == [(NA_EINDE, naam, True), (TERUG, naam, True)]


def test_onder_een_kind_dat_alleen_te_laat_of_geweigerd_genoemd_is_telt_niets() -> None:
    for einde in ("sluit", "weiger"):
        boom = Boom(V)
        boom.wortel.loop()
        if einde == "sluit":
            kind = boom.wortel.sluit().draag_over(A)
        else:
            kind = boom.wortel.draag_over(A)
            boom.wortel.weiger(kind)
        kleinkind = kind.kind(W).sla_over().beoordeel()
        kleinkind.draag_over(U)
        af = boom.af()
        assert (af.kandidaten, letters(af)) == ((6, 7, 8), "V")
        assert (af.rondes, af.open_overdrachten) == ((), ())


# Returns


def test_een_terugkeer_die_een_afwijking_is_sluit_niets_en_geeft_geen_letter() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.kind(U)
    boom.wortel.keer_terug(kind).geef(kind)
    af = boom.af()
    assert (letters(af), [o.kind_id for o in af.open_overdrachten]) == ("HU", [kind.naam])


# Kandidaten and rondes


def test_rondes_tellen_alleen_overdrachten_die_tellen() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    boom.wortel.draag_over(U, ronde=1)
    boom.wortel.weiger(boom.wortel.draag_over(U, ronde=2))
    boom.wortel.draag_over(V, ronde=3)
    assert [r.aantal for r in boom.af().rondes] == [1]
    boom.wortel.trek_in().draag_over(U, ronde=4)
    assert [r.aantal for r in boom.af().rondes] == [1]


def test_afgewezen_maakt_de_rondes_niet_leeg() -> None:
    boom = Boom(U)
    boom.wortel.neem_aan().hoor(m.Oordeel.NIET_TEVREDEN).wijs_af()
    af = boom.af()
    assert (af.werkstroom, [r.aantal for r in af.rondes]) == (None, [2])
    gever = Boom(H)
    gever.wortel.neem_aan().draag_over(U, ronde=2)
    gever.wortel.wijs_af()
    assert (gever.af().werkstroom, [r.aantal for r in gever.af().rondes]) == (None, [2])


def test_elk_bericht_van_een_genest_kind_toont_zijn_proces() -> None:
    boom = Boom(V)
    boom.wortel.neem_aan()
    boom.wortel.kind(A).sla_over(3).sluit()
    assert (boom.af().kandidaten, boom.af().werkstroom) == ((6,), None)


def test_een_ouder_waarvan_alleen_kinderen_spreken_is_niet_wie_het_eerst_kwam() -> None:
    """Two children of a giver that was never seen, each with another idea of what it is."""
    boom = Boom(V)
    gever = Melding(boom, A, boom.nieuw_id(), boom.wortel)
    een = gever.kind(W, n=1).neem_aan()
    gever.proces = H
    twee = gever.kind(W, n=2).sla_over(2)
    twee.draag_over(U)
    rij = [een.laatst, boom.berichten[-1]]
    afleidingen = {als_json(leid(str(boom.wortel_id), v)) for v in (rij, rij[::-1])}
    assert len(afleidingen) == 1
    assert boom.af(*rij).kandidaten == (6,)


def test_een_kind_dat_twee_gevers_noemen_telt_als_een_van_beide_telt() -> None:
    boom = Boom(V)
    boom.wortel.loop()
    telt, telt_niet = boom.wortel.draag_over(W), boom.wortel.draag_over(H)
    kind = boom.nieuw_id()
    for gever in (telt, telt_niet):
        gever.loop().geef(Melding(boom, U, kind, gever, 1, 1))
    stil = Melding(boom, U, kind).sla_over().stap()
    stil.draag_over(U)
    assert boom.af(*boom.berichten[:-1]).kandidaten == (6, 7)
    assert codes(boom.af())[-1] == (NIET, stil.naam, True)


# Sorted to the last


def test_twee_tegenspraken_die_alleen_in_hun_uitleg_verschillen_hebben_een_volgorde() -> None:
    boom = Boom(H)
    boom.wortel.beoordeel().neem_aan()  # the lowest bytes stand at the highest versie
    kruis = [hernoem(b, id=id_) for b in boom.berichten for id_ in ("a", "b")]
    per_versie = [a.uitleg for a in boom.af(*kruis).afwijkingen if len(a.gebeurtenissen) == 2]
    assert len(per_versie) == 2
    assert per_versie == sorted(per_versie)
    verwacht = als_json(boom.af(*kruis))
    assert all(als_json(boom.af(*random.Random(i).sample(kruis, 4))) == verwacht for i in range(9))


# What is vast stays


def test_een_melding_die_zichzelf_tegenspreekt_neemt_geen_vaste_afwijking_weg() -> None:
    """Each message says whose it is; the one with the lowest versie may come last."""
    boom = Boom(V)
    boom.wortel.loop().sluit()
    kind = boom.wortel.kind(A).neem_aan().beoordeel()
    elders = verander(boom.berichten[-2], ouderId=str(UUID(int=7)))
    later = boom.berichten[-1]
    assert codes(boom.af(*boom.berichten[:4], later)) == [(KIND, kind.naam, True)]
    assert (KIND, kind.naam, True) in codes(boom.af(*boom.berichten[:4], elders, later))


# Terms


def termijnen(boom: Boom) -> dict[tuple[str, str | None], tuple[str | None, str]]:
    return {(t.soort, t.kind_id): (t.uiterlijk, t.status) for t in boom.af().termijnen}


def test_hervat_noemt_alle_termijnen() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan(uiterlijk=BEGIN).beoordeel()
    kind, later = boom.wortel.kind(U), boom.wortel.kind(W)
    boom.wortel.geef(kind, uiterlijk=BEGIN).vraag()
    boom.wortel.zeg(m.Opgeschort, reden="wacht-op-melder")
    verder = BEGIN + timedelta(days=30)
    lopend = [
        m.Lopend(termijn="beslistermijn", uiterlijk=verder),
        m.Lopend(termijn="antwoord", uiterlijk=verder),
        m.Lopend(termijn="overdracht", kind_id=kind.id, uiterlijk=verder),
        m.Lopend(termijn="overdracht", kind_id=later.id, uiterlijk=verder),
    ]
    boom.wortel.zeg(m.Hervat, uiterlijk=verder, termijnen=lopend)
    boom.wortel.geef(later, uiterlijk=BEGIN)
    nieuw, oud = ("2026-01-31T00:00:00Z", "open"), ("2026-01-01T00:00:00Z", "open")
    assert termijnen(boom) == {
        ("beslistermijn", None): nieuw,
        ("antwoord", None): nieuw,
        ("overdracht", kind.naam): nieuw,
        ("overdracht", later.naam): oud,
    }


def test_hervat_van_een_vorige_versie_noemt_alleen_de_beslistermijn() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan(uiterlijk=BEGIN)
    boom.wortel.geef(boom.wortel.kind(U), uiterlijk=BEGIN)
    boom.wortel.zeg(m.Opgeschort, reden="x").zeg(m.Hervat, uiterlijk=BEGIN + timedelta(days=1))
    assert [t.uiterlijk for t in boom.af().termijnen] == [
        "2026-01-02T00:00:00Z",
        "2026-01-01T00:00:00Z",
    ]


def test_de_pauze_van_een_melding_is_alleen_van_haar() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan(uiterlijk=BEGIN)
    boom.wortel.draag_over(U).neem_aan(uiterlijk=BEGIN).zeg(m.Opgeschort, reden="x")
    assert [t.status for t in boom.af().termijnen] == ["open", "opgeschort"]
