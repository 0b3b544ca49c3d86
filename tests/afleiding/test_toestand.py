"""What the derivation shows of a tree: status, position, expectation, terms, organisation."""

import msgspec
import pytest
from tests.afleiding.boombouw import (
    BEGIN,
    OIN,
    A,
    Boom,
    H,
    U,
    W,
    als_json,
    hernoem,
    verander,
)

from schakel.contracts import melding as m

ISO = "2026-01-01T00:00:00Z"


def stand(boom: Boom) -> tuple[str, str | None]:
    af = boom.af()
    return af.status, af.posities[0].verwacht if af.posities else None


def test_de_status_en_wat_verwacht_wordt_volgen_de_eerste_melding_stap_voor_stap() -> None:
    boom = Boom(H)
    wortel = boom.wortel
    wortel.neem_aan()
    assert stand(boom) == ("aangenomen", "verheldering en beoordeling")
    wortel.zeg(m.Verhelderd)
    assert stand(boom) == ("verhelderd", "beoordeling")
    wortel.beoordeel()
    assert stand(boom) == ("beoordeeld", "overdracht naar wijzigen of uitvoeren")
    wortel.stap()
    assert stand(boom) == ("in_behandeling", "overdracht naar wijzigen of uitvoeren")
    kind = wortel.draag_over(U)
    assert stand(boom) == ("overgedragen", "aanname")
    kind.neem_aan()
    assert stand(boom) == ("overgedragen", "beoordeling")
    kind.beoordeel()
    assert stand(boom) == ("overgedragen", "uitvoering en gereedmelding")
    kind.meld_gereed()
    assert stand(boom) == ("overgedragen", "voltooiing")
    kind.voltooi().sluit()
    assert stand(boom) == ("overgedragen", "terugkeer van uitvoeren")
    wortel.keer_terug(kind)
    assert stand(boom) == ("in_behandeling", "interne controle")
    wortel.controleer(goed=False)
    assert stand(boom) == (
        "in_behandeling",
        "nieuwe overdracht naar wijzigen of uitvoeren of afbreking",
    )
    wortel.heen_en_weer(U, ronde=2)
    wortel.controleer(ronde=2)
    assert stand(boom) == ("in_behandeling", "gereedmelding")
    wortel.meld_gereed()
    assert stand(boom) == ("gereedgemeld", "tevredenheidscontrole")
    wortel.vraag()
    assert stand(boom) == ("gereedgemeld", "antwoord van de melder")
    wortel.hoor(m.Oordeel.ZONDER_REACTIE)
    assert stand(boom) == ("gereedgemeld", "voltooiing")
    wortel.voltooi()
    assert stand(boom) == ("voltooid", "evaluatie of sluiting")
    wortel.sluit()
    assert stand(boom) == ("gesloten", None)


def test_een_ontevreden_melder_vraagt_een_nieuwe_ronde() -> None:
    boom = Boom(H)
    boom.wortel.loop().heen_en_weer(U)
    boom.wortel.controleer().meld_gereed().vraag().hoor(m.Oordeel.NIET_TEVREDEN)
    assert stand(boom) == ("in_behandeling", "nieuwe overdracht naar wijzigen of uitvoeren")


@pytest.mark.parametrize(
    ("einde", "status"),
    [("trek_in", "ingetrokken"), ("zet_om", "omgezet"), ("breek_af", "afgebroken")],
)
def test_na_een_einde_wordt_alleen_sluiting_verwacht(einde: str, status: str) -> None:
    boom = Boom(H)
    boom.wortel.loop().draag_over(U)
    getattr(boom.wortel, einde)()
    assert stand(boom) == (status, "sluiting")
    assert boom.af().open_overdrachten == ()


def test_een_notitie_verandert_de_status_niet() -> None:
    boom = Boom(H)
    boom.wortel.loop().zeg(m.PersoonsgegevensGewist, grond="verzoek")
    assert stand(boom) == ("in_behandeling", "overdracht naar wijzigen of uitvoeren")


def test_een_boom_met_een_onbekend_type_wordt_niet_beoordeeld() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan().beoordeel().stap()
    onbekend = hernoem(
        verander(boom.berichten[1], termijn={"iets": "anders"}, kindId=7),
        type="nl.meldingen.later-bedacht.v9",
    )
    af = boom.af(boom.berichten[0], onbekend, boom.berichten[2])
    assert (af.gaten, af.status, af.afwijkingen) == ((), "onbekend", ())
    assert (af.regels_nieuwer, af.werkstroom) == (("nl.meldingen.later-bedacht.v9",), None)


def test_er_zijn_zoveel_posities_als_er_kinderen_aan_het_werk_zijn() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    aggregaat = boom.wortel.draag_over(U).neem_aan()
    kabel = boom.wortel.draag_over(W).loop()
    dieper = kabel.draag_over(U)
    af = boom.af()
    assert [(p.melding_id, p.proces) for p in af.posities] == [
        (aggregaat.naam, U),
        (dieper.naam, U),
    ]
    assert [(o.gever_id, o.kind_id, o.naar) for o in af.open_overdrachten] == [
        (boom.wortel.naam, aggregaat.naam, U),
        (boom.wortel.naam, kabel.naam, W),
        (kabel.naam, dieper.naam, U),
    ]


def test_de_boom_toont_van_elke_melding_haar_plaats_en_stand() -> None:
    boom = Boom(A)
    boom.wortel.loop()
    kind = boom.wortel.heen_en_weer(W)
    takken = boom.af().meldingen
    assert (takken[0].melding_id, takken[0].kinderen) == (boom.wortel.naam, (kind.naam,))
    tak = takken[1]
    assert (tak.proces, tak.ouder_id, tak.n, tak.ronde, tak.versie, tak.status, tak.uitkomst) == (
        W,
        boom.wortel.naam,
        1,
        1,
        9,
        "gesloten",
        "voltooid",
    )


def test_de_verantwoordelijke_is_de_organisatie_van_de_eerste_melding() -> None:
    boom = Boom(H)
    boom.wortel.loop()
    kind = boom.wortel.draag_over(U).neem_aan()
    assert boom.af().organisatie == OIN
    assert boom.af(kind.laatst).organisatie is None
    vreemd = [hernoem(b, source="urn:een:logboek") for b in boom.berichten]
    assert boom.af(*vreemd).organisatie is None


def termijnen(boom: Boom) -> list[tuple[str, str | None, str]]:
    return [(t.soort, t.kind_id, t.status) for t in boom.af().termijnen]


def test_termijnen_lopen_worden_opgeschort_en_verstrijken() -> None:
    boom = Boom(H)
    boom.wortel.neem_aan(uiterlijk=BEGIN).beoordeel()
    kind = boom.wortel.kind(U)
    boom.wortel.geef(kind, uiterlijk=BEGIN)
    open_ = [("beslistermijn", None, "open"), ("overdracht", kind.naam, "open")]
    assert termijnen(boom) == open_
    assert boom.af().termijnen[0].uiterlijk == ISO
    boom.wortel.zeg(m.Opgeschort, reden="wacht-op-melder")
    assert termijnen(boom) == [(soort, kind_id, "opgeschort") for soort, kind_id, _ in open_]
    assert boom.af().status == "opgeschort"
    boom.wortel.zeg(m.Hervat, uiterlijk=BEGIN.replace(year=2027))
    assert termijnen(boom) == open_
    assert boom.af().termijnen[0].uiterlijk == "2027-01-01T00:00:00Z"
    boom.wortel.zeg(m.TermijnVerstreken, termijn="overdracht", kind_id=kind.id)
    assert termijnen(boom) == [open_[0], ("overdracht", kind.naam, "verstreken")]
    boom.wortel.keer_terug(kind).voltooi()
    assert termijnen(boom) == [("overdracht", kind.naam, "verstreken")]


def test_de_termijn_voor_het_antwoord_loopt_tot_het_antwoord() -> None:
    boom = Boom(U)
    boom.wortel.loop().meld_gereed().vraag()
    assert termijnen(boom) == [("antwoord", None, "open")]
    boom.wortel.hoor(m.Oordeel.TEVREDEN)
    assert termijnen(boom) == []


def test_de_uitkomst_is_camel_case_json() -> None:
    boom = Boom(H)
    boom.wortel.loop().draag_over(W)
    uitkomst = msgspec.json.decode(als_json(boom.af()))
    assert uitkomst["bepaaldDoor"]["gebeurtenisId"] == f"{boom.wortel.naam}.4"
    assert uitkomst["openOverdrachten"][0]["naar"] == "wijzigen"
    assert uitkomst["pad"] == ["herstellen", "wijzigen"]
